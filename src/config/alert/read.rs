//! Reads `[[alert]]`, each key with its bounds and what would break beyond them.

use std::{collections::BTreeMap, ops::RangeInclusive, sync::Arc, time::Duration};

use super::{
    super::{
        document::Entry,
        fault::Fault,
        hours,
        named::{Names, id, names},
        nearest::nearest,
        rules::{every_condition, several, whole, word},
        section::Section,
        selector::{Known, selectors},
    },
    AlertRule, Matter, Outcome, SITE_DOWN,
};
use crate::domain::{
    alert::{Priority, Procedure},
    camera::Slug,
    screen::Fault as ScreenFault,
    word::{self, spelled},
};

/// Reads the `[[alert]]` rules.
pub(in crate::config) fn rules(
    file: &Arc<str>,
    entries: Vec<Entry>,
    known: Known<'_>,
    positions: &Names<'_>,
) -> (Vec<AlertRule>, Vec<Fault>) {
    let mut seen = BTreeMap::new();
    let (rules, faults) =
        several(file, "alert", entries, |section| rule(section, known, positions, &mut seen));
    (rules.into_iter().flatten().collect(), faults)
}

/// `None` without an id; it was told then.
fn rule(
    section: &mut Section,
    known: Known<'_>,
    positions: &Names<'_>,
    seen: &mut BTreeMap<Slug, String>,
) -> Option<AlertRule> {
    let id = id(section, "alert rule", seen);
    let matters = matters(section);
    let cameras = section.has("cameras").then(|| selectors(section, known));
    let sites = section.has("sites").then(|| names(section, "sites", &Names::sites(known.sites)));
    let position = section.has("position").then(|| positions.one(section, "position")).flatten();
    // What lasts for a day is no passing disturbance.
    let delay = Duration::ZERO..=DAY;
    let rule = AlertRule {
        id: id.clone().unwrap_or_else(|| Slug::try_from("unnamed").expect("an id")),
        matters,
        cameras,
        sites,
        outcome: outcome(section),
        on_delay: section.duration("on_delay", delay.clone()),
        off_delay: section.duration("off_delay", delay.clone()),
        // More than a hundred are no event any more, but a rate.
        count: whole(section, "count", 1..=100),
        within: section.duration("within", SECOND..=DAY),
        episode_gap: section.duration("episode_gap", delay),
        acknowledge_within: section.duration("acknowledge_within", ACKNOWLEDGE),
        position,
        comment_required: section.flag("comment_required"),
        suppress: section.has("suppress").then(|| hours::list(section, "suppress")),
        procedure: procedure(section),
    };
    if !section.has_faults() && changes_nothing(&rule) {
        let remedy = "write priority, position, procedure or another of its keys, or remove it";
        section.fault_here("", "changes nothing", remedy);
    }
    id.map(|_| rule)
}

const SECOND: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_secs(24 * 3600);
/// Under ten seconds nobody can have looked; after a day it is another shift's.
const ACKNOWLEDGE: RangeInclusive<Duration> = Duration::from_secs(10)..=DAY;
/// Characters of one language: half a page, which is more than anybody reads with an alarm sounding.
const PROCEDURE_MAX: usize = 2000;

/// All conditions, sites that are down, and faults of screens, if nothing is named.
fn matters(section: &mut Section) -> Vec<Matter> {
    let conditions = section.texts("conditions");
    let kinds = section.texts("kinds");
    if conditions.is_none() && kinds.is_none() {
        let all = every_condition().into_iter().map(Matter::Condition);
        let screens = ScreenFault::ALL.map(Matter::Screen);
        return all.chain([Matter::SiteDown]).chain(screens).collect();
    }
    let mut matters = Vec::new();
    for (key, texts) in [("conditions", conditions), ("kinds", kinds)] {
        let Some(texts) = texts else { continue };
        if texts.value.is_empty() {
            section.fault(key, texts.at, "names nothing", "name some, or leave the key out");
            continue;
        }
        for text in texts.value {
            let matter = match key {
                "conditions" => condition(&text.value),
                _ => kind(&text.value),
            };
            match matter {
                Ok(matter) => matters.push(matter),
                Err((problem, remedy)) => section.fault(key, text.at, problem, remedy),
            }
        }
    }
    matters
}

fn condition(text: &str) -> Result<Matter, (String, String)> {
    if text == SITE_DOWN {
        return Ok(Matter::SiteDown);
    }
    let own = spelled(text).map(Matter::Condition).or_else(|| spelled(text).map(Matter::Screen));
    own.ok_or_else(|| {
        let words = every_condition().into_iter().map(word::word).chain([SITE_DOWN.to_owned()]);
        let words: Vec<String> = words.chain(ScreenFault::ALL.map(word::word)).collect();
        let remedy = match nearest(text, words.iter().map(String::as_str)) {
            Some(meant) => format!("did you mean {meant:?}?"),
            None => {
                format!("use {}; what outside systems report is named in `kinds`", words.join(", "))
            }
        };
        (format!("there is no condition {text:?}"), remedy)
    })
}

fn kind(text: &str) -> Result<Matter, (String, String)> {
    let screen: Option<ScreenFault> = spelled(text);
    let condition = || every_condition().into_iter().any(|c| word::word(c) == text);
    if text == SITE_DOWN || screen.is_some() || condition() {
        let problem = format!("{text:?} is a condition of the service's own");
        return Err((problem, "name it in `conditions`".to_owned()));
    }
    let kind = Slug::try_from(text);
    kind.map(Matter::Kind).map_err(|error| {
        (error.to_string(), "write it as the outside system does, in that form".to_owned())
    })
}

fn outcome(section: &mut Section) -> Option<Outcome> {
    let text: String = word(section, "priority", &["high", "medium", "low", "none"])?;
    Some(spelled::<Priority>(&text).map_or(Outcome::Record, Outcome::Alert))
}

/// Both languages or neither: an operator reads one of them, and must not read another rule's.
fn procedure(section: &mut Section) -> Option<Procedure> {
    let mut inner = section.inner("procedure")?;
    let mut text = |key| {
        let text = inner.lines(key, PROCEDURE_MAX);
        if text.is_none() {
            inner.missing(key, "write the procedure in both languages: { vi = \"…\", en = \"…\" }");
        }
        text
    };
    let (vi, en) = (text("vi"), text("en"));
    section.absorb(inner);
    Some(Procedure { vi: vi?, en: en? })
}

fn changes_nothing(rule: &AlertRule) -> bool {
    rule.outcome.is_none()
        && (rule.on_delay, rule.off_delay, rule.within) == (None, None, None)
        && (rule.count, rule.episode_gap, rule.acknowledge_within) == (None, None, None)
        && (rule.comment_required, &rule.position) == (None, &None)
        && (&rule.suppress, &rule.procedure) == (&None, &None)
}
