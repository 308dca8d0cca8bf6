//! What of the past becomes an alert, what people do with it, and what is written of it.

use tokio::sync::oneshot;
use uuid::Uuid;

use super::{village::*, *};
use crate::{
    desk::command::{Command, Done, Refused},
    domain::{
        alert::{self, Act, Actor, Alert, AlertId, Change, Subject, What},
        history,
        wall::Selector,
    },
    store::JournalRow,
};

fn somebody() -> Actor {
    Actor { user: "anonymous".to_owned(), person: None }
}

fn changes(village: &Village) -> Vec<Arc<Change>> {
    village.alerts.iter().flat_map(|rows| rows.changes.clone()).collect()
}

/// As they are now, the first to open first.
fn alerts(village: &Village) -> Vec<Arc<Alert>> {
    let mut alerts: Vec<Arc<Alert>> = Vec::new();
    for change in changes(village) {
        match alerts.iter_mut().find(|alert| alert.id == change.alert.id) {
            Some(alert) => alert.clone_from(&change.alert),
            None => alerts.push(change.alert.clone()),
        }
    }
    alerts
}

fn give(village: &mut Village, command: Command) -> Result<Done, Refused> {
    village.rest.clear();
    let (answer, mut answered) = oneshot::channel();
    village.hears(Event::Command(command, answer));
    let refused = village.rest.iter().find_map(|effect| match effect {
        Effect::Answer(_, Err(refused)) => Some(Err(refused.clone())),
        _ => None,
    });
    refused.unwrap_or_else(|| answered.try_recv().expect("it is answered"))
}

fn act(village: &mut Village, id: AlertId, act: Act, request: &str) -> Result<Done, Refused> {
    let request = Some(request.to_owned());
    give(
        village,
        Command::Alert { id, by: somebody(), address: None, act, request, asked_at: None },
    )
}

fn history_of(n: u32) -> history::Subject {
    history::Subject::Camera(id(n))
}

fn report(key: &str, kind: &str) -> JournalRow {
    JournalRow {
        id: Uuid::from_u128(key.len() as u128),
        source: "panel".to_owned(),
        key: key.to_owned(),
        kind: slug(kind),
        camera: Some(id(1)),
        site: None,
        at: UnixMicros(1_800_000_000_000_000),
        text: "the button at the gate was pressed".to_owned(),
        data: None,
        picture: None,
        alert: None,
        drill: false,
    }
}

#[test]
fn a_camera_that_is_lost_is_one_alert_and_its_return_clears_it() {
    let mut village = Village::well(village(6, 6));
    assert!(changes(&village).is_empty(), "all is well");
    village.cut(1..=1);
    village.passes(60);
    let open = alerts(&village);
    assert_eq!(open.len(), 1, "{open:?}");
    assert_eq!(open[0].source.subject, Subject::Camera(id(1)));
    assert_eq!((open[0].site.clone(), open[0].count), (Some(slug("north")), 1));
    village.restore(1..=1);
    village.passes(120);
    assert_eq!(alerts(&village)[0].state, alert::State::ReturnedUnacknowledged);
    let seqs: Vec<u64> = changes(&village).iter().map(|change| change.seq.0).collect();
    assert_eq!(seqs, (1..=seqs.len() as u64).collect::<Vec<_>>(), "no holes");
}

#[test]
fn a_loss_is_one_alert_by_whatever_names_it_goes() {
    // Without a site there is nothing to wait for: the first name is told.
    let mut lonely = Village::well(config(1..=1));
    // With one, the wait outlasts the first name.
    let mut among_others = Village::well(village(12, 12));
    for (village, name) in [(&mut lonely, "stalled"), (&mut among_others, "unreachable")] {
        village.unplug(1..=1);
        village.passes(300);
        assert!(village.standing().contains(&(history_of(1), Condition::Unreachable)));
        let alert = alerts(village).pop().expect("an alert");
        assert_eq!(alert.source.kind, slug(name));
        assert!(alert.evidence.starts_with("there is no route"), "{}", alert.evidence);
        village.restore(1..=1);
        village.passes(120);
        assert!(village.standing().is_empty());
        let alerts = alerts(village);
        assert_eq!(alerts.len(), 1, "{alerts:?}");
        assert!(alerts[0].cleared_at.is_some());
    }
}

#[test]
fn what_goes_on_when_the_first_name_of_a_loss_is_over_is_an_alert_of_its_own() {
    let mut village = Village::well(config(1..=1));
    village.cut(1..=1);
    village.passes(30);
    village.restore(1..=1);
    village.hush(1..=1);
    village.passes(120);
    assert_eq!(village.state(1), State::Stalled);
    let told: Vec<_> = alerts(&village)
        .iter()
        .map(|alert| (alert.source.kind.to_string(), alert.cleared_at.is_some()))
        .collect();
    assert_eq!(told, [("unreachable".to_owned(), true), ("stalled".to_owned(), false)]);
}

#[test]
fn a_loss_that_is_over_before_it_is_known_whose_it_was_is_a_record_and_no_alert() {
    let mut village = Village::well(village(12, 12));
    village.cut(1..=1);
    village.passes(3);
    village.restore(1..=1);
    village.passes(60);
    assert_eq!(village.state(1), State::Online);
    assert_eq!(village.raised(), [(history_of(1), Condition::Unreachable, false)]);
    assert!(village.standing().is_empty(), "it is written down as over");
    assert!(alerts(&village).is_empty(), "{:?}", alerts(&village));
}

#[test]
fn a_site_that_goes_is_one_alert_and_names_its_cameras() {
    let mut village = Village::well(village(6, 6));
    village.cut(1..=6);
    village.passes(120);
    let open = alerts(&village);
    assert_eq!(open.len(), 1, "{open:?}");
    assert_eq!(open[0].source.subject, Subject::Site(slug("north")));
    assert_eq!(open[0].masks.len(), 6);
    village.restore(1..=5);
    village.passes(240);
    let open: Vec<_> = alerts(&village).into_iter().filter(|a| a.cleared_at.is_none()).collect();
    assert_eq!(open.len(), 1, "{open:?}");
    assert_eq!(open[0].source.subject, Subject::Camera(id(6)), "who stays away is its own matter");
}

#[test]
fn a_camera_in_maintenance_alarms_nobody() {
    let mut village = Village::well(village(3, 3));
    let order = Command::Maintain {
        scope: Selector::Camera(id(2)),
        until: village.room.at.unix.plus(600 * SECOND),
        reason: "the pole is moved".to_owned(),
        by: "anonymous".to_owned(),
    };
    village.hears(Event::Command(order, oneshot::channel().0));
    village.cut(2..=2);
    village.passes(300);
    assert!(changes(&village).is_empty(), "{:?}", changes(&village));
}

#[test]
fn a_command_is_written_with_who_gave_it_and_sent_again_it_is_done_once() {
    let mut village = Village::well(village(3, 3));
    village.cut(1..=1);
    village.passes(60);
    let id = alerts(&village)[0].id;
    let say = || Act::Comment { text: "a lorry hit the pole".to_owned() };
    let done = act(&mut village, id, say(), "r1").expect("done");
    let rows = village.alerts.last().expect("written");
    assert_eq!(rows.changes[0].what, What::Done(say()));
    assert_eq!((rows.audit[0].action.as_str(), &rows.audit[0].actor), ("comment", &somebody()));
    let before = changes(&village).len();
    assert_eq!(act(&mut village, id, say(), "r1").expect("done before"), done);
    assert_eq!(changes(&village).len(), before, "nothing was done");
    act(&mut village, id, say(), "r2").expect("done");
    assert_eq!(alerts(&village)[0].comments.len(), 2, "another name is another command");
}

#[test]
fn a_command_is_known_after_a_restart_too() {
    let mut before = Village::well(village(3, 3));
    before.cut(1..=1);
    before.passes(60);
    let id = alerts(&before)[0].id;
    let done = act(&mut before, id, Act::Acknowledge, "r1").expect("done");
    let remembered = Remembered {
        alerts: alerts(&before).iter().map(|alert| Alert::clone(alert)).collect(),
        alert_head: changes(&before).last().expect("some").seq,
        alert_changes: changes(&before),
        ..Remembered::default()
    };
    let mut after = Village::new(village(3, 3), remembered);
    assert_eq!(act(&mut after, id, Act::Acknowledge, "r1").expect("known"), done);
    assert!(changes(&after).is_empty(), "{:?}", changes(&after));
}

#[test]
fn what_no_rule_names_stays_a_record_and_told_again_it_is_one_record() {
    let mut village = Village::well(village(1, 0));
    let told = give(&mut village, Command::Observe(Box::new(report("k1", "door-open"))));
    let rows = village.alerts.last().expect("written").clone();
    assert_eq!((rows.records.len(), rows.changes.len()), (1, 0));
    assert_eq!(told, Ok(Done::Observed { record: rows.records[0].id, alert: None }));
    let again = give(&mut village, Command::Observe(Box::new(report("k1", "door-open"))));
    assert_eq!(again, told);
    assert!(village.alerts.last().expect("an answer").records.is_empty());
}

#[test]
fn an_event_at_a_camera_that_is_not_there_is_refused_by_its_name() {
    let mut village = Village::well(village(1, 0));
    let row = JournalRow { camera: Some(id(9)), ..report("k1", "door-open") };
    let refused = give(&mut village, Command::Observe(Box::new(row))).expect_err("no camera");
    assert!(refused.to_string().contains(id(9).as_str()), "{refused}");
}

#[test]
fn a_drill_is_an_alert_that_says_so() {
    let mut village = Village::well(village(1, 0));
    let (drill, kind) = (Uuid::from_u128(7), slug("black"));
    let command = Command::Drill { drill, kind, camera: id(1) };
    give(&mut village, command).expect("raised");
    let open = alerts(&village);
    assert_eq!((open.len(), open[0].drill, open[0].source.kind.as_str()), (1, true, "black"));
    let kind = slug("nothing-such");
    let command = Command::Drill { drill, kind, camera: id(1) };
    assert!(give(&mut village, command).is_err(), "no rule makes an alert of it");
}
