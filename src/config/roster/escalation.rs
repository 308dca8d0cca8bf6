//! Reads `[escalation]`.

use std::time::Duration;

use super::super::{named::Names, nearest::nearest, rules::word, section::Section};
use crate::domain::{
    escalation::{EscalationPolicy, Rung},
    word::spelled,
};

pub(in crate::config) fn escalation(
    section: &mut Section,
    positions: &Names<'_>,
) -> EscalationPolicy {
    let mut policy = EscalationPolicy::default();
    if section.has("steps") {
        let rungs = steps(section);
        policy.set_rungs(rungs);
    }
    policy.duty_officer = positions.one(section, "duty_officer");
    // Under half a minute nobody can have read the message before; over an hour it is no reminder.
    let repeat_every =
        section.duration("repeat_every", Duration::from_secs(30)..=Duration::from_secs(3600));
    policy.repeat_every = repeat_every.unwrap_or(policy.repeat_every);
    // A thousand at five minutes are three days.
    let repeats = section.whole("repeats", 0..=1000).and_then(|n| u16::try_from(n.value).ok());
    policy.repeats = repeats.unwrap_or(policy.repeats);
    policy.channels_from =
        word(section, "channels_from", &["high", "medium", "low"]).unwrap_or(policy.channels_from);
    policy
}

fn steps(section: &mut Section) -> Vec<Rung> {
    let mut rungs = Vec::new();
    let Some(texts) = section.texts("steps") else { return rungs };
    let count = texts.value.len();
    if count > STEPS_MAX {
        let remedy = format!("use at most {STEPS_MAX}");
        section.fault("steps", texts.at, format!("has {count} steps"), remedy);
        return rungs;
    }
    for text in texts.value {
        match spelled(&text.value) {
            Some(rung) => rungs.push(rung),
            None => {
                let remedy = match nearest(&text.value, WORDS) {
                    Some(meant) => format!("did you mean {meant:?}?"),
                    None => format!("use {}", WORDS.join(", ")),
                };
                let problem = format!("there is no step {:?}", text.value);
                section.fault("steps", text.at, problem, remedy);
            }
        }
    }
    if let Some(early) = rungs.iter().position(|rung| *rung == Rung::Everyone)
        && early + 1 < rungs.len()
    {
        let remedy = "write \"everyone\" last, or leave it out: it is always the last";
        section.fault("steps", texts.at, "goes on after everyone was told", remedy);
    }
    rungs
}

/// At two minutes each, an alert that matters would take half an hour to reach everyone.
const STEPS_MAX: usize = 16;

const WORDS: [&str; 5] = ["on-duty", "next-channel", "next-person", "duty-officer", "everyone"];
