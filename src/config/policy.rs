//! Rules about health: which cameras they are for and what they change. The rules of the file are
//! folded in its order, so that a later one wins, key by key.

use std::time::Duration;

use super::Config;
use crate::domain::{
    camera::{Camera, Condition, SiteId},
    health::{Conditions, HealthPolicy, Severity, StreamOrder},
    picture::PicturePolicy,
    wall::Selector,
};

/// One `[[health]]`: how conditions are raised and cleared for some cameras. `None` leaves what
/// held before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HealthRule {
    /// For which cameras.
    pub cameras: Vec<Selector>,
    /// For which conditions.
    pub conditions: Vec<Condition>,
    /// The cause must last this long.
    pub raise_after: Option<Duration>,
    /// The cause must be gone this long.
    pub clear_after: Option<Duration>,
    /// How much it matters.
    pub severity: Option<Severity>,
    /// Whether it is looked for at all.
    pub watch: Option<bool>,
}

/// One `[[order]]`: what the small streams of some cameras are ordered to be. `None` leaves what
/// was ordered before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderRule {
    /// For which cameras.
    pub cameras: Vec<Selector>,
    /// What they are ordered to be.
    pub order: StreamOrder,
}

/// One `[[picture]]`: what the picture checks need to know of some cameras. `None` leaves what held
/// before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PictureRule {
    /// For which cameras.
    pub cameras: Vec<Selector>,
    /// Pictures that return after at most this long are a recording.
    pub loop_max: Option<Duration>,
    /// Views that the camera turns to by itself.
    pub presets: Option<u8>,
}

impl Config {
    /// How a camera's health is judged: the defaults, then every rule that names it.
    pub fn health_policy(&self, camera: &Camera) -> HealthPolicy {
        HealthPolicy {
            rtp_gap: self.ingest.rtp_gap,
            conditions: self.conditions(camera),
            order: self.order(camera),
            ..HealthPolicy::default()
        }
    }

    /// How a camera's pictures are judged: the defaults, then every rule that names it.
    pub fn picture_policy(&self, camera: &Camera) -> PicturePolicy {
        let utc_offset_min = self.history.utc_offset_min;
        let mut policy = PicturePolicy { utc_offset_min, ..PicturePolicy::default() };
        let named = |rule: &&PictureRule| rule.cameras.iter().any(|s| s.matches(camera));
        for rule in self.pictures.iter().filter(named) {
            policy.loop_max = rule.loop_max.unwrap_or(policy.loop_max);
            policy.presets = rule.presets.unwrap_or(policy.presets);
        }
        policy
    }

    /// A site and all sites above it, from the bottom.
    pub fn lineage(&self, site: Option<&SiteId>) -> Vec<SiteId> {
        let mut lineage: Vec<SiteId> = Vec::new();
        let mut next = site;
        while let Some(site) = next.filter(|site| !lineage.contains(site)) {
            lineage.push(site.clone());
            next = self.sites.iter().find(|s| s.id == *site).and_then(|s| s.parent.as_ref());
        }
        lineage
    }

    /// How each condition of a camera is raised and cleared.
    pub fn conditions(&self, camera: &Camera) -> Conditions {
        let mut conditions = Conditions::default();
        let named = |rule: &&HealthRule| rule.cameras.iter().any(|s| s.matches(camera));
        for rule in self.health.iter().filter(named) {
            for condition in &rule.conditions {
                let mut policy = conditions.of(*condition);
                policy.raise_after = rule.raise_after.unwrap_or(policy.raise_after);
                policy.clear_after = rule.clear_after.unwrap_or(policy.clear_after);
                policy.severity = rule.severity.unwrap_or(policy.severity);
                policy.watch = rule.watch.unwrap_or(policy.watch);
                conditions.set(*condition, policy);
            }
        }
        conditions
    }

    /// What a camera's small stream is ordered to be.
    pub fn order(&self, camera: &Camera) -> StreamOrder {
        let mut order = StreamOrder::default();
        let named = |rule: &&OrderRule| rule.cameras.iter().any(|s| s.matches(camera));
        for StreamOrder { codec, profile, width, height, frame_rate_min, bitrate_max_kbit } in
            self.orders.iter().filter(named).map(|rule| rule.order.clone())
        {
            order = StreamOrder {
                codec: codec.or(order.codec),
                profile: profile.or(order.profile),
                width: width.or(order.width),
                height: height.or(order.height),
                frame_rate_min: frame_rate_min.or(order.frame_rate_min),
                bitrate_max_kbit: bitrate_max_kbit.or(order.bitrate_max_kbit),
            };
        }
        order
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Environment, Passwords};

    const RULES: &str = r#"
[[site]]
id = "ky-anh"
[[camera]]
id = "a"
number = 1
url = "rtsp://192.0.2.1/sub"
site = "ky-anh"
tags = ["night"]
[[camera]]
id = "b"
number = 2
url = "rtsp://192.0.2.2/sub"
[[health]]
cameras = ["*"]
conditions = ["frozen", "black"]
raise_after = "20s"
[[health]]
cameras = ["site:ky-anh"]
conditions = ["frozen"]
severity = "critical"
[[health]]
cameras = ["tag:night"]
conditions = ["black"]
watch = false
[[order]]
cameras = ["*"]
codec = "h264"
width = 640
[[order]]
cameras = ["a"]
width = 704
[[picture]]
cameras = ["tag:night"]
presets = 4
"#;

    fn rules() -> Config {
        Config::parse("test.toml", RULES, &Environment::default(), &Passwords::Unread)
            .unwrap_or_else(|faults| panic!("{faults}"))
    }

    #[test]
    fn rules_are_folded_in_order_and_a_later_one_wins_key_by_key() {
        let config = rules();
        let [a, b] = [0, 1].map(|n| config.conditions(&config.cameras[n].camera));
        let twenty = Duration::from_secs(20);
        let frozen = (a.of(Condition::Frozen), b.of(Condition::Frozen));
        assert_eq!((frozen.0.raise_after, frozen.1.raise_after), (twenty, twenty));
        assert_eq!(frozen.0.severity, Severity::Critical);
        assert_ne!(frozen.1.severity, Severity::Critical);
        assert!(!a.of(Condition::Black).watch && b.of(Condition::Black).watch);
        assert_eq!(a.of(Condition::Black).raise_after, twenty);
        assert_eq!(a.of(Condition::Moved), Conditions::default().of(Condition::Moved));
    }

    #[test]
    fn orders_are_folded_in_the_same_way() {
        let config = rules();
        let [a, b] = [0, 1].map(|n| config.order(&config.cameras[n].camera));
        assert_eq!((a.codec, a.width), (b.codec, Some(704)));
        assert_eq!((b.width, b.height), (Some(640), None));
    }

    #[test]
    fn the_picture_checks_know_which_cameras_turn_by_themselves() {
        let config = rules();
        let [a, b] = [0, 1].map(|n| config.picture_policy(&config.cameras[n].camera));
        assert_eq!((a.presets, b), (4, PicturePolicy::default()));
    }
}
