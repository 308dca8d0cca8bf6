//! What the rules make of records.

use super::{super::rules::every_condition, *};
use crate::{
    config::{Environment, Passwords},
    domain::{screen::ScreenRef, word},
};

const BASE: &str = r#"
[[site]]
id = "ha-tinh"
[[site]]
id = "ky-anh"
parent = "ha-tinh"
[[camera]]
id = "a"
number = 1
url = "rtsp://192.0.2.1/sub"
site = "ky-anh"
tags = ["gate"]
[[camera]]
id = "b"
number = 2
url = "rtsp://192.0.2.2/sub"
"#;

fn config(rules: &str) -> Config {
    let text = format!("{BASE}{rules}");
    Config::parse("test.toml", &text, &Environment::default(), &Passwords::Unread)
        .unwrap_or_else(|faults| panic!("{faults}"))
}

fn slug(text: &str) -> Slug {
    Slug::try_from(text).expect("an id")
}

/// The plan of a camera's condition or outside kind.
fn of_camera(config: &Config, index: usize, kind: &str) -> Option<Arc<Plan>> {
    let camera = &config.cameras[index].camera;
    let source = Source { subject: Subject::Camera(camera.id.clone()), kind: slug(kind) };
    config.plan(&source, Some(camera), None)
}

fn of_site(config: &Config, site: &str) -> Option<Arc<Plan>> {
    let source = Source { subject: Subject::Site(slug(site)), kind: slug("unreachable") };
    config.plan(&source, None, None)
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[test]
fn without_rules_each_condition_has_its_plan_and_what_nobody_acts_on_stays_a_record() {
    let config = config("");
    let mut records = Vec::new();
    for condition in every_condition() {
        let Some(plan) = of_camera(&config, 0, &word::word(condition)) else {
            records.push(condition);
            continue;
        };
        assert_eq!((plan.rule.as_str(), plan.position.as_str()), ("built-in", "desk"));
        assert_eq!((plan.on_delay, plan.count), (Duration::ZERO, 1), "{condition:?}");
        assert!(plan.priority < Priority::High, "{condition:?}: one camera of many");
    }
    assert_eq!(records, [Condition::ClockSkew, Condition::StreamChanged]);
    let site = of_site(&config, "ky-anh").expect("a site that is down is an alert");
    assert_eq!((site.priority, site.acknowledge_within), (Priority::High, seconds(120)));
    assert_eq!(of_camera(&config, 0, "panic-button"), None, "no rule names it");
}

#[test]
fn a_screen_is_nobodys_camera_and_a_rule_names_its_faults_as_conditions() {
    let screen = ScreenRef { wall: slug("main"), screen: slug("left") };
    let of = |config: &Config, kind| {
        let source = Source { subject: Subject::Screen(screen.clone()), kind: slug(kind) };
        config.plan_of(&source).map(|plan| plan.priority)
    };
    let plain = config("");
    for (kind, priority) in [
        ("screen-gone", Some(Priority::High)),
        ("screen-frozen", Some(Priority::High)),
        ("screen-blank", Some(Priority::Medium)),
        ("screen-behind", Some(Priority::Medium)),
        ("screen-painted-red", None),
    ] {
        assert_eq!(of(&plain, kind), priority, "{kind}");
    }
    let rule = "[[alert]]\nid = \"screens\"\nconditions = [\"screen-gone\"]\npriority = \"low\"\n";
    let ruled = config(rule);
    assert_eq!(of(&ruled, "screen-gone"), Some(Priority::Low));
    assert_eq!(of(&ruled, "screen-frozen"), Some(Priority::High));
    let sited = config(&rule.replace("priority", "sites = [\"ky-anh\"]\npriority"));
    assert_eq!(of(&sited, "screen-gone"), Some(Priority::High), "a screen is at no site");
}

#[test]
fn every_procedure_is_written_in_both_languages_as_numbered_steps_and_none_twice() {
    let matters = every_condition().into_iter().map(Matter::Condition);
    let all: Vec<Procedure> = matters
        .chain([Matter::SiteDown, Matter::Kind(slug("x"))])
        .chain(ScreenFault::ALL.map(Matter::Screen))
        .map(|matter| procedure::of(&matter))
        .collect();
    for (index, Procedure { vi, en }) in all.iter().enumerate() {
        let steps = |text: &str| text.lines().count();
        assert_eq!(steps(vi), steps(en), "{en}");
        assert!((2..=4).contains(&steps(en)), "{en}");
        for (number, (vi, en)) in vi.lines().zip(en.lines()).enumerate() {
            let begins = format!("{}. ", number + 1);
            assert!(vi.starts_with(&begins) && en.starts_with(&begins), "{vi} {en}");
        }
        assert!(!vi.is_ascii() && en.is_ascii(), "{vi} {en}");
        assert!(all[..index].iter().all(|other| other.vi != *vi && other.en != *en), "{en}");
    }
}

#[test]
fn the_severity_that_the_file_gives_a_condition_moves_its_priority() {
    let config = config("");
    let camera = &config.cameras[0].camera;
    let priority = |kind, severity| {
        let source = Source { subject: Subject::Camera(camera.id.clone()), kind: slug(kind) };
        config.plan(&source, Some(camera), Some(severity)).map(|plan| plan.priority)
    };
    assert_eq!(priority("frozen", Severity::Verify), Some(Priority::Medium));
    assert_eq!(priority("frozen", Severity::Critical), Some(Priority::High));
    assert_eq!(priority("frozen", Severity::Notice), None);
    assert_eq!(priority("clock-skew", Severity::Warning), Some(Priority::Medium));
    assert_eq!(priority("unreachable", Severity::Warning), Some(Priority::Low));
}

#[test]
fn rules_are_folded_in_order_and_a_later_one_wins_key_by_key() {
    let config = config(
        r#"
[[position]]
id = "province"
[[position]]
id = "district"
sites = ["ky-anh"]
[[alert]]
id = "gates"
cameras = ["tag:gate"]
conditions = ["covered", "moved"]
priority = "high"
on_delay = "20s"
comment_required = true
suppress = ["mon-fri 22:00-06:00"]
[[alert]]
id = "covered-anywhere"
conditions = ["covered"]
on_delay = "5s"
position = "province"
suppress = []
procedure = { vi = "Gọi.", en = "Call." }
[[alert]]
id = "noise"
conditions = ["packet-loss"]
priority = "none"
[[alert]]
id = "clocks"
conditions = ["clock-skew"]
priority = "low"
acknowledge_within = "8h"
"#,
    );
    let moved = of_camera(&config, 0, "moved").expect("an alert");
    assert_eq!((moved.rule.as_str(), moved.position.as_str()), ("gates", "district"));
    assert_eq!((moved.priority, moved.on_delay), (Priority::High, seconds(20)));
    assert_eq!(moved.acknowledge_within, seconds(120), "as high alerts have it");
    assert!(moved.comment_required && moved.procedure.en.lines().count() > 1);
    let nights = moved.suppressed.as_ref().expect("nights");
    assert_eq!((nights.hours.len(), nights.utc_offset_min), (1, 420));

    let covered = of_camera(&config, 0, "covered").expect("an alert");
    assert_eq!(
        (covered.rule.as_str(), covered.position.as_str()),
        ("covered-anywhere", "province")
    );
    assert_eq!((covered.priority, covered.on_delay), (Priority::High, seconds(5)));
    assert_eq!((covered.suppressed.as_ref(), covered.procedure.en.as_str()), (None, "Call."));

    let other = of_camera(&config, 1, "moved").expect("an alert");
    assert_eq!((other.rule.as_str(), other.priority), ("built-in", Priority::Medium));
    assert_eq!(other.position.as_str(), "province", "it has no site");
    assert_eq!(of_camera(&config, 0, "packet-loss"), None);
    let clock = of_camera(&config, 1, "clock-skew").expect("a rule asks for it");
    assert_eq!((clock.priority, clock.acknowledge_within), (Priority::Low, seconds(8 * 3600)));
}

#[test]
fn a_site_means_those_below_it_and_a_site_that_is_down_has_a_word_of_its_own() {
    let config = config(
        r#"
[[alert]]
id = "province"
sites = ["ha-tinh"]
conditions = ["site-down", "black"]
on_delay = "1m"
[[alert]]
id = "cameras-only"
cameras = ["tag:gate"]
on_delay = "2m"
"#,
    );
    assert_eq!(of_site(&config, "ky-anh").expect("an alert").on_delay, seconds(60));
    assert_eq!(of_camera(&config, 0, "black").expect("an alert").on_delay, seconds(120));
    assert_eq!(of_camera(&config, 1, "black").expect("an alert").on_delay, Duration::ZERO);
    assert_eq!(of_camera(&config, 0, "unreachable").expect("an alert").on_delay, seconds(120));
}

#[test]
fn an_outside_kind_is_an_alert_where_a_rule_names_it() {
    let config = config(
        r#"
[[alert]]
id = "buttons"
kinds = ["panic-button"]
priority = "high"
count = 2
within = "30s"
[[alert]]
id = "seen"
kinds = ["person-seen"]
cameras = ["a"]
priority = "low"
"#,
    );
    let button = of_camera(&config, 1, "panic-button").expect("an alert");
    assert_eq!((button.priority, button.count, button.within), (Priority::High, 2, seconds(30)));
    let source = Source { subject: Subject::Service, kind: slug("panic-button") };
    assert!(config.plan(&source, None, None).is_some());
    assert!(of_camera(&config, 0, "person-seen").is_some());
    assert_eq!(of_camera(&config, 1, "person-seen"), None);
    assert_eq!(of_camera(&config, 0, "person-left"), None);
}
