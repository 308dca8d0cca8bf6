//! What the store keeps of alerts: messages and their outcomes, receipts, the journal, the audit,
//! and for how long.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use serde_json::json;
use tempfile::TempDir;
use uuid::Uuid;
use watchwall::{
    desk::feed::{AlertFeed, Replay},
    domain::{
        alert::{Act, Actor, Alert, Change, Seq, State, What, delivery::Delivery},
        availability::Window,
        camera::Condition,
        health::Severity,
        history::{Record, Subject},
        time::UnixMicros,
    },
    store::{
        AlertFilter, AlertRows, DeliveryState, Entry, JournalFilter, Outcome, Receipt, Retention,
        Store,
    },
};

use crate::alerts::{alert, change, now, opened};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const MINUTE: Duration = Duration::from_secs(60);

async fn store() -> (TempDir, Store) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(&folder.path().join("watchwall.db")).await.expect("a store");
    (folder, store)
}

async fn write(store: &Store, rows: AlertRows) {
    store.write_alerts(vec![Arc::new(rows)]).await.expect("a write");
}

async fn conclude(store: &Store, outcome: Outcome) {
    write(store, AlertRows { outcomes: vec![outcome], ..AlertRows::default() }).await;
}

fn changes(changes: impl IntoIterator<Item = Change>) -> AlertRows {
    AlertRows { changes: changes.into_iter().map(Arc::new).collect(), ..AlertRows::default() }
}

fn somebody(person: Option<&str>) -> Actor {
    let person = person.map(|person| person.try_into().expect("an id"));
    Actor { user: "admin".to_owned(), person }
}

#[tokio::test]
async fn a_message_waits_is_tried_dies_and_is_sent_again() {
    let (_folder, store) = store().await;
    let rows = opened(1);
    let Delivery { id, channel, .. } = rows.deliveries[0].clone();
    write(&store, rows.clone()).await;
    let at = |minutes: u32| now().plus(minutes * MINUTE);
    let pending = async || store.pending_deliveries(&channel, 10).await.expect("a read");
    assert_eq!(pending().await, rows.deliveries);
    let waited_for = store.channels_waited_for().await.expect("a read");
    assert_eq!(waited_for, std::slice::from_ref(&channel));

    let failed = Outcome::Failed { id, at: at(1), told: "refused".to_owned(), next_try: at(2) };
    conclude(&store, failed.clone()).await;
    // Said again, it is the same try.
    conclude(&store, failed).await;
    let [tried] = &pending().await[..] else { panic!("one message") };
    assert_eq!((tried.tries, tried.next_try_at > rows.deliveries[0].next_try_at), (1, true));

    conclude(&store, Outcome::Dead { id, at: at(3), told: "no such number".to_owned() }).await;
    assert_eq!(pending().await, []);
    let dead = store.deliveries(Some(DeliveryState::Dead), None, 10).await.expect("a read");
    assert_eq!(dead[0].told.as_deref(), Some("no such number"));
    assert_eq!(dead[0].delivery.tries, 2);

    let again = at(4);
    conclude(&store, Outcome::Resent { id, at: again }).await;
    let [waits] = &pending().await[..] else { panic!("it waits again") };
    assert_eq!((waits.tries, waits.created_at, waits.next_try_at), (0, again, again));

    let sent = Outcome::Sent { id, at: at(5), receipt: Some("250 queued".to_owned()) };
    conclude(&store, sent).await;
    // What happened before it and is said after it changes nothing.
    conclude(&store, Outcome::Dead { id, at: at(3), told: "no such number".to_owned() }).await;
    conclude(&store, Outcome::Resent { id, at: again }).await;
    write(&store, AlertRows { deliveries: rows.deliveries.clone(), ..AlertRows::default() }).await;
    let row = store.delivery(id).await.expect("a read").expect("the message");
    assert_eq!((row.state, row.receipt.as_deref()), (DeliveryState::Sent, Some("250 queued")));
    let of_alert = store.deliveries_of_alert(row.delivery.alert, 10).await.expect("a read");
    assert_eq!(of_alert, [row]);
}

#[tokio::test]
async fn the_first_time_that_an_alert_arrived_counts() {
    let (_folder, store) = store().await;
    let alert = alert(1).id;
    let receipt = |seq, person, delivered_at: Option<u64>, read_at: Option<u64>| Receipt {
        alert,
        seq: Seq(seq),
        by: somebody(person),
        delivered_at: delivered_at.map(UnixMicros),
        read_at: read_at.map(UnixMicros),
    };
    for receipts in [
        vec![receipt(1, None, Some(50), None), receipt(1, Some("binh"), Some(60), None)],
        vec![receipt(4, Some("binh"), Some(70), Some(80))],
        vec![receipt(2, Some("binh"), None, Some(90))],
    ] {
        write(&store, AlertRows { receipts, ..AlertRows::default() }).await;
    }
    let expected = [receipt(1, None, Some(50), None), receipt(4, Some("binh"), Some(60), Some(80))];
    assert_eq!(store.receipts_of_alert(alert).await.expect("a read"), expected);
}

#[tokio::test]
async fn a_report_is_kept_once_and_found_among_all_that_was_observed() {
    let (_folder, store) = store().await;
    let mut rows = opened(1);
    rows.records[0].picture = Some(Bytes::from_static(b"\xff\xd8\x00JPEG"));
    // As the spool holds it: bytes and all.
    let json = serde_json::to_string(&rows).expect("JSON");
    let rows: AlertRows = serde_json::from_str(&json).expect("the same");
    let first = rows.records[0].clone();
    write(&store, rows).await;
    let mut second = opened(2).records[0].clone();
    (second.key, second.text) = (first.key.clone(), "said again with other words".to_owned());
    write(&store, AlertRows { records: vec![second], ..AlertRows::default() }).await;

    let found = store.record_by_key("anpr", &first.key).await.expect("a read").expect("a report");
    assert_eq!((found.id, &found.text), (first.id, &first.text));
    assert_eq!(store.record_picture(first.id).await.expect("a read"), first.picture);
    let of_alert = store.records_of_alert(first.alert.expect("an alert")).await.expect("a read");
    assert_eq!(of_alert, [found]);

    let life = store.begin_life(now(), true).await.expect("a write");
    let raised = Record::Raised {
        subject: Subject::Camera("north-1".try_into().expect("an id")),
        condition: Condition::Black,
        at: now(),
        severity: Severity::Warning,
        evidence: "the picture is black: 2 % of it".to_owned(),
        masked_by: None,
        told_by: Some(Condition::Black),
    };
    store.append(life, now(), Arc::new([Entry::Record(raised)])).await.expect("a write");
    let window = Window { from: UnixMicros(0), until: now().plus(DAY) };
    let all = JournalFilter { window, kind: None, camera: None, words: None, within: None };
    let kinds = async |filter: &JournalFilter| -> Vec<String> {
        let found = store.observations(filter, 100).await.expect("a read");
        found.iter().map(|seen| seen.kind.to_string()).collect()
    };
    assert_eq!(kinds(&all).await, ["black", "plate"]);
    let words = JournalFilter { words: Some("2 % OF".to_owned()), ..all.clone() };
    assert_eq!(kinds(&words).await, ["black"], "no sign means more than itself");
    let kind = JournalFilter { kind: Some("plate".try_into().expect("a kind")), ..all.clone() };
    assert_eq!(kinds(&kind).await, ["plate"]);
    let camera = JournalFilter { camera: Some("north-1".try_into().expect("an id")), ..all };
    assert_eq!(kinds(&camera).await, ["black"]);
}

#[tokio::test]
async fn lists_are_filtered_and_go_on_where_they_stopped() {
    let (_folder, store) = store().await;
    let feed = AlertFeed::open(store.clone()).await.expect("a feed");
    let mut alerts: Vec<Alert> = (1..=6).map(alert).collect();
    alerts[1].site = Some("south".try_into().expect("an id"));
    for (seq, alert) in (1..).zip(&alerts) {
        write(&store, changes([change(seq, What::Opened, Arc::new(alert.clone()))])).await;
    }
    // The third is acknowledged and the fourth over; of that the store knows nothing yet.
    alerts[2].state = State::Acknowledged;
    alerts[3].state = State::Normal;
    let newer = [
        change(7, What::Done(Act::Acknowledge), Arc::new(alerts[2].clone())),
        change(8, What::Closed, Arc::new(alerts[3].clone())),
    ];
    feed.publish(&newer.map(Arc::new), false);
    let listed = async |filter: AlertFilter, after, limit| -> Vec<u64> {
        let list = feed.alerts(&filter, Seq(after), limit).await.expect("a read");
        list.iter().map(|(seq, _)| seq.0).collect()
    };
    let all = AlertFilter::default;
    assert_eq!(listed(all(), 0, 100).await, [1, 2, 5, 6, 7, 8]);
    assert_eq!(listed(all(), 0, 3).await, [1, 2, 5]);
    assert_eq!(listed(all(), 5, 2).await, [6, 7]);
    assert_eq!(listed(all(), 7, 2).await, [8]);
    let open = |open| AlertFilter { open: Some(open), ..all() };
    assert_eq!(listed(open(true), 0, 100).await, [1, 2, 5, 6, 7]);
    assert_eq!(listed(open(false), 0, 100).await, [8]);
    let taken = AlertFilter { state: Some(State::Acknowledged), ..all() };
    assert_eq!(listed(taken, 0, 100).await, [7]);
    let south = vec!["south".try_into().expect("an id")];
    assert_eq!(listed(AlertFilter { sites: Some(south), ..all() }, 0, 100).await, [2]);
    let nowhere = AlertFilter { sites: Some(Vec::new()), ..all() };
    assert!(listed(nowhere, 0, 100).await.is_empty());
    let open: Vec<u64> = feed.open_alerts().await.expect("a read").iter().map(|o| o.0.0).collect();
    assert_eq!(open, [1, 2, 5, 6, 7]);
    let whole = feed.changes_of(alerts[2].id, 10).await.expect("a read");
    assert_eq!(whole.iter().map(|change| change.seq.0).collect::<Vec<_>>(), [3, 7]);
}

#[tokio::test]
async fn two_alerts_of_one_episode_are_both_stored() {
    let (_folder, store) = store().await;
    let first = alert(1);
    let second = Alert { id: alert(1).id, ..first.clone() };
    let both = [first, second].map(Arc::new);
    for (seq, alert) in (1..).zip(&both) {
        write(&store, changes([change(seq, What::Opened, alert.clone())])).await;
    }
    for alert in both {
        let stored = store.alert(alert.id).await.expect("a read").expect("the alert");
        assert_eq!(stored.1, alert);
    }
}

#[tokio::test]
async fn old_alerts_go_open_ones_stay_and_numbers_are_not_used_again() {
    let (_folder, store) = store().await;
    let (mut over, stands) = (alert(1), alert(2));
    write(&store, changes([change(1, What::Opened, Arc::new(over.clone()))])).await;
    write(&store, changes([change(2, What::Opened, Arc::new(stands.clone()))])).await;
    over.state = State::Normal;
    over.closed_at = Some(now());
    write(&store, changes([change(3, What::Closed, Arc::new(over.clone()))])).await;
    write(&store, AlertRows { changes: Vec::new(), ..opened(1) }).await;
    let later = |days: u32| now().plus(days * DAY);
    let keep = Retention::default();

    store.prune(later(91), &keep).await.expect("a prune");
    assert!(store.alert(over.id).await.expect("a read").is_some());
    let window = Window { from: UnixMicros(0), until: later(1) };
    let all = JournalFilter { window, kind: None, camera: None, words: None, within: None };
    assert_eq!(store.observations(&all, 10).await.expect("a read"), [], "of 90 days");

    let rows = store.prune(later(401), &keep).await.expect("a prune");
    // The alert, its two changes, and of the other rows the audit. A message that waits stays.
    assert_eq!(rows, 4);
    assert_eq!(store.alert(over.id).await.expect("a read"), None);
    assert_eq!(store.open_alerts().await.expect("a read").len(), 1);
    let told: Vec<_> = store.audit(window, 10).await.expect("a read");
    let told: Vec<_> = told.iter().map(|entry| &*entry.row.action).collect();
    assert_eq!(told, ["audit-prune"], "that rows went is all that is left");
    assert_eq!(store.alert_head().await.expect("a read"), Seq(3));
    let feed = AlertFeed::open(store).await.expect("a feed");
    assert_eq!(feed.head(), Seq(3));
    // Who has seen less must take a fresh list; who has seen all goes on.
    assert_eq!(feed.after(Seq(2), 10).await.expect("a read"), Replay::Reset);
    assert_eq!(feed.after(Seq(3), 10).await.expect("a read"), Replay::Changes(Vec::new()));
}

#[tokio::test]
async fn every_kind_of_change_is_read_as_it_was_written() {
    let (_folder, store) = store().await;
    let person = "binh".try_into().expect("an id");
    let acts = [
        Act::Read,
        Act::Acknowledge,
        Act::Assign { to: person },
        Act::Comment { text: "gọi điện rồi".to_owned() },
        Act::Shelve { until: now(), reason: "mưa bão".to_owned() },
        Act::Unshelve,
    ];
    let mut kinds = vec![
        What::Opened,
        What::RaisedAgain,
        What::Cleared,
        What::Updated,
        What::Masked(true),
        What::Suppressed(false),
        What::OutOfService(true),
        What::Chattering(true),
        What::ShelfEnded,
        What::Escalated { step: 2, told: vec![("an".try_into().expect("an id"), Vec::new())] },
        What::Closed,
    ];
    kinds.extend(acts.map(What::Done));
    let alert = Arc::new(alert(1));
    let written: Vec<_> = (1..)
        .zip(kinds)
        .map(|(seq, what)| {
            let by = (seq % 2 == 0).then(|| somebody(Some("an")));
            let request = by.as_ref().map(|_| Uuid::now_v7().to_string());
            Change { by, request, asked_at: Some(now()), ..change(seq, what, alert.clone()) }
        })
        .collect();
    write(&store, changes(written.clone())).await;
    let read = store.alert_changes(Seq(0), 100).await.expect("a read");
    assert_eq!(read.iter().map(|change| change.as_ref().clone()).collect::<Vec<_>>(), written);
    // And as clients and the spool have it.
    let json = serde_json::to_value(&written).expect("JSON");
    assert_eq!(serde_json::from_value::<Vec<Change>>(json).expect("changes"), written);
    assert_eq!(
        json!({"what": "masked", "detail": true}),
        serde_json::to_value(What::Masked(true)).expect("JSON")
    );
}
