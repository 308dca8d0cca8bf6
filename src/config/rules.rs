//! Reads `[[health]]`, `[[order]]` and `[[picture]]`: each names cameras and changes at least one thing.

use std::{sync::Arc, time::Duration};

use serde::Deserialize;

use super::{
    document::Entry,
    fault::Fault,
    nearest::nearest,
    policy::{HealthRule, OrderRule, PictureRule},
    section::Section,
    selector::{Known, selectors},
};
use crate::domain::{
    camera::Condition,
    health::{LADDER, StreamOrder},
    word::{self, spelled},
};

/// Reads the `[[health]]` rules.
pub(super) fn health(
    file: &Arc<str>,
    entries: Vec<Entry>,
    known: Known<'_>,
) -> (Vec<HealthRule>, Vec<Fault>) {
    several(file, "health", entries, |section| {
        // What stands for a day is no passing disturbance, whatever it is.
        let delay = Duration::ZERO..=Duration::from_secs(24 * 3600);
        let rule = HealthRule {
            cameras: selectors(section, known),
            conditions: conditions(section),
            raise_after: section.duration("raise_after", delay.clone()),
            clear_after: section.duration("clear_after", delay),
            severity: word(section, "severity", &["notice", "verify", "warning", "critical"]),
            watch: section.flag("watch"),
        };
        if !section.has_faults() && rule.changes_nothing() {
            let remedy = "write raise_after, clear_after, severity or watch, or remove the rule";
            section.fault_here("", "changes nothing", remedy);
        }
        rule
    })
}

impl HealthRule {
    fn changes_nothing(&self) -> bool {
        let delays = self.raise_after.or(self.clear_after);
        delays.is_none() && self.severity.is_none() && self.watch.is_none()
    }
}

/// Reads the `[[order]]` rules.
pub(super) fn orders(
    file: &Arc<str>,
    entries: Vec<Entry>,
    known: Known<'_>,
) -> (Vec<OrderRule>, Vec<Fault>) {
    several(file, "order", entries, |section| {
        let cameras = selectors(section, known);
        let order = StreamOrder {
            codec: word(section, "codec", &["h264", "h265", "mjpeg"]),
            profile: section.text("profile", 40).map(|profile| profile.value),
            // The bounds of the sizes that are decoded at all.
            width: whole(section, "width", 16..=8192),
            height: whole(section, "height", 16..=8192),
            frame_rate_min: whole(section, "frame_rate_min", 1..=240),
            bitrate_max_kbit: whole(section, "bitrate_max_kbit", 16..=100_000),
        };
        if !section.has_faults() && order == StreamOrder::default() {
            let remedy = "write codec, profile, width, height, frame_rate_min or bitrate_max_kbit";
            section.fault_here("", "orders nothing", remedy);
        }
        OrderRule { cameras, order }
    })
}

/// Reads the `[[picture]]` rules.
pub(super) fn pictures(
    file: &Arc<str>,
    entries: Vec<Entry>,
    known: Known<'_>,
) -> (Vec<PictureRule>, Vec<Fault>) {
    several(file, "picture", entries, |section| {
        // A minute's recording is the shortest that is worth replaying; of more than an hour too
        // much would have to be remembered.
        let loops = Duration::from_secs(60)..=Duration::from_secs(3600);
        let rule = PictureRule {
            cameras: selectors(section, known),
            loop_max: section.duration("loop_max", loops),
            presets: section.whole("presets", 1..=8).and_then(|n| u8::try_from(n.value).ok()),
        };
        if !section.has_faults() && rule.loop_max.is_none() && rule.presets.is_none() {
            let remedy = "write loop_max or presets, or remove the rule";
            section.fault_here("", "changes nothing", remedy);
        }
        rule
    })
}

/// Reads each entry of a list of sections.
pub(super) fn several<T>(
    file: &Arc<str>,
    name: &str,
    entries: Vec<Entry>,
    mut read: impl FnMut(&mut Section) -> T,
) -> (Vec<T>, Vec<Fault>) {
    let (mut rules, mut faults) = (Vec::new(), Vec::new());
    for (index, entry) in entries.into_iter().enumerate() {
        let mut section = Section::new(file, format!("{name}[{index}]"), entry);
        rules.push(read(&mut section));
        faults.extend(section.finish());
    }
    (rules, faults)
}

/// All conditions if none are named.
fn conditions(section: &mut Section) -> Vec<Condition> {
    let Some(texts) = section.texts("conditions") else { return every_condition().to_vec() };
    if texts.value.is_empty() {
        let remedy = "name conditions, or leave the key out for all of them";
        section.fault("conditions", texts.at, "names nothing", remedy);
        return Vec::new();
    }
    let mut conditions = Vec::new();
    for text in texts.value {
        match spelled(&text.value) {
            Some(condition) => conditions.push(condition),
            None => {
                let names: Vec<String> = every_condition().iter().map(word::word).collect();
                let remedy = match nearest(&text.value, names.iter().map(String::as_str)) {
                    Some(meant) => format!("did you mean {meant:?}?"),
                    None => format!("use {}", names.join(", ")),
                };
                let problem = format!("there is no condition {:?}", text.value);
                section.fault("conditions", text.at, problem, remedy);
            }
        }
    }
    conditions
}

/// One of a few words, as serde spells them.
pub(super) fn word<T: for<'de> Deserialize<'de>>(
    section: &mut Section,
    key: &'static str,
    words: &[&str],
) -> Option<T> {
    let text = section.text(key, 40)?;
    let found = words.contains(&text.value.as_str()).then(|| spelled(&text.value)).flatten();
    if found.is_none() {
        let remedy = match nearest(&text.value, words.iter().copied()) {
            Some(meant) => format!("did you mean {meant:?}?"),
            None => format!("use {}", words.join(", ")),
        };
        section.fault(key, text.at, format!("{:?} is none of its words", text.value), remedy);
    }
    found
}

/// A whole number that fits 32 bits, as every bound here does.
pub(super) fn whole(
    section: &mut Section,
    key: &'static str,
    range: std::ops::RangeInclusive<u64>,
) -> Option<u32> {
    section.whole(key, range).and_then(|whole| u32::try_from(whole.value).ok())
}

/// All of them, in the order in which they are listed everywhere.
pub(super) fn every_condition() -> [Condition; LADDER.len()] {
    let mut all = LADDER;
    all.sort_unstable();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_condition_that_there_is_can_be_named_in_a_rule() {
        let error = serde_json::from_str::<Condition>("\"none\"").expect_err("not a condition");
        let told = error.to_string();
        let all = told.split("expected one of ").nth(1).expect("a list");
        let all: Vec<&str> = all.split('`').skip(1).step_by(2).collect();
        let named: Vec<String> = every_condition().iter().map(word::word).collect();
        assert_eq!(named, all);
    }
}
