//! Alerts' rules, positions, people and shifts as their user meets them. What is refused, and how
//! that is told, is in `tests/config/invalid/duties.toml`.

use std::{fs, path::Path, time::Duration};

use proptest::prelude::*;
use watchwall::{
    config::{Config, Environment, Passwords, roster_csv},
    domain::{
        alert::{Priority, Source, Subject},
        camera::Slug,
        escalation::{EscalationPolicy, Rung},
        time::UnixMicros,
    },
};

use crate::config::load;

fn slug(text: &str) -> Slug {
    Slug::try_from(text).expect("an id")
}

fn file(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn duties() -> Config {
    let config = load(&file("tests/config/valid/duties.toml"), &Environment::default());
    config.unwrap_or_else(|faults| panic!("{faults}"))
}

/// Noon in Hà Nội of a day in December 2026.
fn noon(day: u64) -> UnixMicros {
    // 1 December 2026, 00:00 UTC.
    UnixMicros((1_796_083_200 + (day - 1) * 86_400 + 5 * 3600) * 1_000_000)
}

fn hours(hours: u64) -> Duration {
    Duration::from_secs(hours * 3600)
}

#[test]
fn a_roster_of_two_desks_says_who_is_on_duty_on_usual_days_and_on_others() {
    let config = duties();
    let roster = &config.roster;
    let (desk, officer) = (slug("ky-anh"), slug("duty-officer"));
    // Thursday, 24 December: the day as usual, the night as the sheet says.
    assert_eq!(roster.on_duty(&desk, noon(24)), ["an", "binh"].map(slug));
    assert_eq!(roster.on_duty(&desk, noon(24).plus(hours(12))), ["an", "chi"].map(slug));
    assert_eq!(roster.on_duty(&desk, noon(25)), [], "closed at Christmas");
    assert_eq!(roster.on_duty(&desk, noon(25).plus(hours(12))), [slug("binh")]);
    assert_eq!(roster.on_duty(&officer, noon(25)), [slug("chi")]);
    assert_eq!(roster.next_handover(&desk, noon(24)), Some(noon(24).plus(hours(6))));
    let an = roster.person(&slug("an")).expect("a person");
    let channels: Vec<&str> = an.channels.iter().map(|reach| reach.channel.as_str()).collect();
    assert_eq!((channels, an.phone.as_deref()), (vec!["sms", "mail"], Some("+84 239 000 0001")));
    assert_eq!(config.roster_file, Some(file("tests/config/valid/lists/roster.csv")));
    assert!(config.password_files.contains(&file("tests/config/valid/lists/roster.csv")));
}

#[test]
fn alerts_go_to_the_position_of_their_place_by_the_ladder_of_the_file() {
    let config = duties();
    let camera = &config.cameras[0].camera;
    let source = Source { subject: Subject::Camera(camera.id.clone()), kind: slug("covered") };
    let plan = config.plan(&source, Some(camera), None).expect("an alert");
    assert_eq!((plan.position.as_str(), plan.priority), ("ky-anh", Priority::Medium));
    assert_eq!(plan.acknowledge_within, Duration::from_secs(180));
    let source = Source { subject: Subject::Site(slug("huong-khe")), kind: slug("unreachable") };
    let plan = config.plan(&source, None, None).expect("an alert");
    assert_eq!((plan.position.as_str(), plan.priority), ("province", Priority::High));

    let escalation = &config.escalation;
    let rungs = [Rung::OnDuty, Rung::NextPerson, Rung::DutyOfficer, Rung::Everyone];
    assert_eq!(escalation.rungs(), rungs, "everyone is the last, whether written or not");
    assert_eq!((escalation.repeats, escalation.channels_from), (3, Priority::High));
}

#[test]
fn hours_in_which_nobody_is_on_duty_and_sites_of_nobody_are_told() {
    let text = r#"
[[site]]
id = "a"
[[site]]
id = "b"
[[position]]
id = "desk"
sites = ["a"]
[[person]]
id = "an"
[[shift]]
position = "desk"
people = ["an"]
days = "mon-sat"
from = "00:00"
until = "24:00"
"#;
    let config = Config::parse("x", text, &Environment::default(), &Passwords::Unread);
    let config = config.unwrap_or_else(|faults| panic!("{faults}"));
    let told: Vec<&str> = config.warnings.iter().map(|fault| fault.problem.as_str()).collect();
    let gap = "nobody is on duty at desk in 24 hours of the week, the first on Sunday 00:00";
    assert_eq!(told, [gap, "the site b is no position's: its alerts go to desk"]);
    let without = Config::parse("x", "", &Environment::default(), &Passwords::Unread);
    assert_eq!(without.expect("nothing is needed").warnings, []);
}

#[test]
fn the_example_shows_the_defaults_of_the_ladder_and_leaves_nothing_open() {
    let text = fs::read_to_string(file("config/watchwall.toml")).expect("the example");
    let (_, part) = text.split_once("\n[escalation]\n").expect("the ladder");
    let lines = part.lines().take_while(|line| !line.is_empty());
    let uncommented: String = lines
        .map(|line| line.strip_prefix("# ").filter(|rest| rest.contains(" = ")).unwrap_or(line))
        .filter(|line| !line.starts_with("duty_officer"))
        .flat_map(|line| [line, "\n"])
        .collect();
    let text = format!("[escalation]\n{uncommented}");
    let config = Config::parse("x", &text, &Environment::default(), &Passwords::Unread);
    let config = config.unwrap_or_else(|faults| panic!("{faults}"));
    assert!(text.contains("\nsteps = ") && text.contains("\nrepeats = "), "{text}");
    assert_eq!(config.escalation, EscalationPolicy::default());

    let example = load(&file("config/watchwall.toml"), &Environment::default());
    let example = example.unwrap_or_else(|faults| panic!("{faults}"));
    assert_eq!(example.warnings, []);
    let sheet = fs::read(file("config/roster.example.csv")).expect("the example");
    let report = roster_csv::check("roster.csv", &sheet, &example, noon(1));
    assert!(report.faults.is_empty(), "{}", report.faults);
    assert_eq!(report.added.len(), 3);
}

#[test]
fn a_sheet_is_compared_with_what_holds_and_what_it_does_not_say_goes() {
    let config = duties();
    let check = |sheet: &str, at| roster_csv::check("x.csv", sheet.as_bytes(), &config, at);
    let head = "Date,From,Until,Position,People\n";
    let same = fs::read_to_string(file("tests/config/valid/lists/roster.csv")).expect("a sheet");
    let report = check(&same, noon(1));
    assert_eq!((report.added.len(), report.removed.len(), report.unchanged.len()), (0, 0, 2));
    // The same in other words, and one more.
    let other = "24/12/2026,18:00,6:00,ky-anh,an chi\n2026-12-31,18:00,24:00,ky-anh,an\n";
    let report = check(&format!("{head}{other}"), noon(1));
    assert!(report.faults.is_empty(), "{}", report.faults);
    assert_eq!((report.added.len(), report.removed.len(), report.unchanged.len()), (1, 1, 1));
    assert_eq!(report.added[0].until, noon(31).plus(hours(12)), "until midnight");
    assert_eq!(report.removed[0].people, []);
    // What is over may be left out without a word.
    assert_eq!(check(head, noon(25).plus(hours(1))).removed.len(), 1);
    assert_eq!(check(head, noon(26)).removed, []);
}

#[test]
fn a_list_that_changes_waits_for_no_restart() {
    use watchwall::config::reload::Changes;
    let before = duties();
    let mut after = before.clone();
    after.roster = std::sync::Arc::default();
    let changes = Changes::between(&before, &after);
    assert!(changes.duties && !changes.is_empty() && changes.needs_restart.is_empty());
    assert!(!Changes::between(&before, &duties()).duties);
}

proptest! {
    #[test]
    fn no_bytes_make_the_check_of_a_roster_panic(
        rows in "([0-9/-]{0,10},[0-9:]{0,6},[0-9:]{0,6},[a-z -]{0,8},[a-z -]{0,8}\n){0,5}",
        bytes in proptest::collection::vec(any::<u8>(), 0..300),
    ) {
        let config = Config::default();
        let head = b"date,from,until,position,people\n";
        let list = [&head[..], rows.as_bytes(), &bytes].concat();
        let _ = roster_csv::check("x", &list, &config, noon(1));
        let _ = roster_csv::check("x", &bytes, &config, noon(1));
    }
}
