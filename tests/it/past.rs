//! The past on the real disk: what was written is there after a restart, what nobody saw is
//! unknown, and what is old goes.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
    time::Duration,
};

use watchwall::{
    domain::{
        availability::{LifeId, Window, shares},
        camera::{CameraId, Condition, SiteId, State},
        health::{Learnt, Severity},
        history::{Figures, Keep, Record, Subject},
        maintenance::{Maintenance, MaintenanceId},
        picture::Light,
        time::UnixMicros,
        wall::Selector,
    },
    store::{Entry, HistoryEntry, KeptPicture, PictureKey, Retention, Store, What},
};

use crate::served::now_us;

const SECOND: u64 = 1_000_000;
const DAY: u64 = 86_400 * SECOND;
/// 2024-02-01T00:00:00+07:00.
const T0: u64 = 1_706_720_400 * SECOND;

pub(crate) fn id(id: &str) -> CameraId {
    id.try_into().expect("an id")
}

/// So many seconds after the beginning of February 2024 in Vietnam.
pub(crate) fn at(seconds: u64) -> UnixMicros {
    UnixMicros(T0 + seconds * SECOND)
}

pub(crate) fn state(camera: &str, at: UnixMicros, state: State) -> Entry {
    let offline = state == State::Offline;
    Entry::Record(Record::State {
        camera: id(camera),
        at,
        state,
        conditions: if offline { vec![Condition::Refused, Condition::Unstable] } else { vec![] },
        evidence: offline.then(|| "the port is closed".to_owned()),
        masked_by: None,
    })
}

pub(crate) fn raised(subject: Subject, condition: Condition, at: UnixMicros) -> Entry {
    let masked_by: Option<SiteId> = None;
    Entry::Record(Record::Raised {
        subject,
        condition,
        at,
        severity: Severity::Verify,
        evidence: "the same picture 12 times, \"live\" packets".to_owned(),
        masked_by,
        told_by: Some(condition),
    })
}

pub(crate) fn cleared(
    subject: Subject,
    condition: Condition,
    raised_at: UnixMicros,
    at: UnixMicros,
) -> Entry {
    Entry::Record(Record::Cleared { subject, condition, raised_at, at })
}

pub(crate) fn minute(camera: &str, at: UnixMicros, frame_rate: f32) -> Entry {
    let figures = Figures { frame_rate: Some(frame_rate), ..Figures::default() };
    Entry::Record(Record::Minute { camera: id(camera), at, figures })
}

pub(crate) fn camera(camera: &str) -> Subject {
    Subject::Camera(id(camera))
}

pub(crate) async fn write(store: &Store, life: LifeId, at: UnixMicros, entries: Vec<Entry>) {
    store.append(life, at, Arc::from(entries)).await.expect("a write");
}

fn everything() -> Window {
    Window { from: UnixMicros(0), until: UnixMicros(u64::MAX) }
}

async fn history(store: &Store, subject: &Subject) -> Vec<HistoryEntry> {
    let page = store.history(subject, everything(), 1000).await.expect("a read");
    assert_eq!(page.next_until, None);
    page.entries
}

fn picture(camera: &str, keep: Keep, captured_at: UnixMicros) -> KeptPicture {
    let jpeg = format!("jpeg of {}", captured_at.0).into();
    KeptPicture { camera: id(camera), keep, captured_at, jpeg }
}

fn order(scope: Selector, from: UnixMicros, until: UnixMicros) -> Maintenance {
    Maintenance {
        id: MaintenanceId(0),
        scope,
        from,
        until,
        reason: "new lens".to_owned(),
        by: "anonymous".to_owned(),
    }
}

async fn opened(folder: &tempfile::TempDir) -> Store {
    Store::open(&folder.path().join("watchwall.db")).await.expect("a store")
}

#[tokio::test]
async fn what_happened_and_what_was_learnt_is_there_after_the_store_is_opened_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = opened(&folder).await;
    let life = store.begin_life(at(0), true).await.expect("a write");
    let learnt = Learnt { frame_rate: Some(12.5), ..Learnt::default() };
    let ky_anh = Subject::Site(id("ky-anh"));
    write(
        &store,
        life,
        at(100),
        vec![
            state("a", at(1), State::Connecting),
            state("a", at(2), State::Online),
            raised(camera("a"), Condition::Frozen, at(30)),
            state("a", at(30), State::Suspect),
            cleared(camera("a"), Condition::Frozen, at(30), at(50)),
            state("a", at(50), State::Online),
            raised(ky_anh.clone(), Condition::Unreachable, at(60)),
            minute("a", at(60), 12.5),
            Entry::Learnt(id("a"), Box::new(learnt.clone())),
        ],
    )
    .await;
    let event = Keep::Event(Condition::Frozen, at(30));
    store.keep_picture(picture("a", event, at(29))).await.expect("a write");
    let ordered = order(Selector::Site(id("ky-anh")), at(70), at(7000));
    let ordered = store.order_maintenance(ordered).await.expect("a write");
    store.close().await;

    let store = opened(&folder).await;
    let entries = history(&store, &camera("a")).await;
    let told: Vec<(u64, Option<u64>)> = entries
        .iter()
        .map(|entry| ((entry.at.0 - T0) / SECOND, entry.until.map(|at| (at.0 - T0) / SECOND)))
        .collect();
    assert_eq!(told, [(50, None), (30, Some(50)), (30, Some(50)), (2, Some(30)), (1, Some(2))]);
    assert!(matches!(entries[1].what, What::State { state: State::Suspect, .. }), "{entries:?}");
    let What::Condition { condition, severity, cut_short, picture, .. } = &entries[2].what else {
        panic!("{entries:?}")
    };
    assert_eq!(
        (*condition, *severity, *cut_short, *picture),
        (Condition::Frozen, Severity::Verify, false, true)
    );
    let site = history(&store, &ky_anh).await;
    assert_eq!((site.len(), site[0].until), (1, None), "it still stands");
    let figures = store.figures(&id("a"), at(0)).await.expect("a read");
    assert_eq!(figures[0], (at(60), Figures { frame_rate: Some(12.5), ..Figures::default() }));
    assert_eq!(store.load_learnt().await.expect("a read")[&id("a")], learnt);
    assert_eq!(store.load_maintenance(at(100)).await.expect("a read"), [ordered]);
    let key = PictureKey::Event { condition: None, raised_at: None };
    let kept = store.picture(&id("a"), key).await.expect("a read").expect("it was kept");
    assert_eq!(kept, super::past::picture("a", event, at(29)));
}

#[tokio::test]
async fn a_page_never_tears_a_moment_apart_and_pages_put_together_are_the_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = opened(&folder).await;
    let life = store.begin_life(at(0), true).await.expect("a write");
    let mut entries = Vec::new();
    for n in 0..40 {
        entries.push(state("a", at(n), if n % 2 == 0 { State::Suspect } else { State::Online }));
        // Three things at every fourth moment.
        if n % 4 == 0 {
            entries.push(raised(camera("a"), Condition::Frozen, at(n)));
            entries.push(raised(camera("a"), Condition::Black, at(n)));
        }
        entries.push(state("b", at(n), State::Online));
    }
    write(&store, life, at(50), entries).await;
    let whole = history(&store, &camera("a")).await;
    assert_eq!(whole.len(), 60);
    for limit in [1, 2, 7, 59, 60] {
        let mut pages = Vec::new();
        let mut window = everything();
        loop {
            let page = store.history(&camera("a"), window, limit).await.expect("a read");
            assert!(page.entries.len() >= limit as usize || page.next_until.is_none());
            assert!(page.entries.len() <= limit as usize + 2, "no more than one moment too many");
            pages.extend(page.entries);
            let Some(next) = page.next_until else { break };
            window.until = next;
        }
        assert_eq!(pages, whole, "in pages of {limit}");
    }
    let window = Window { from: at(10), until: at(12) };
    let page = store.history(&camera("a"), window, 100).await.expect("a read");
    assert_eq!(page.entries.iter().map(|entry| entry.at).collect::<Vec<_>>(), [at(11), at(10)]);
}

#[tokio::test]
async fn what_stood_when_the_service_died_ends_with_its_last_sign_of_life() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = opened(&folder).await;
    let first = store.begin_life(at(0), true).await.expect("a write");
    let frozen = || raised(camera("a"), Condition::Frozen, at(10));
    write(&store, first, at(40), vec![state("a", at(10), State::Suspect), frozen()]).await;
    let second = store.begin_life(at(100), true).await.expect("a write");
    write(&store, second, at(200), vec![state("a", at(105), State::Online)]).await;

    let entries = history(&store, &camera("a")).await;
    let What::Condition { cut_short, .. } = entries[2].what else { panic!("{entries:?}") };
    assert_eq!((entries[2].until, cut_short), (Some(at(40)), true));
    assert_eq!(entries[1].until, Some(at(40)), "nobody knows that it was suspect for longer");
    let day = Window { from: at(0), until: at(200) };
    let lives = store.lives(day).await.expect("a read");
    let entered = store.entered(&id("a"), day).await.expect("a read");
    let counted = shares(day, &lives, &entered);
    assert_eq!(
        (counted.suspect, counted.available, counted.unknown),
        (30 * SECOND, 95 * SECOND, 75 * SECOND)
    );
    // A gap within one run leaves to the desk what stands.
    write(&store, second, at(210), vec![raised(camera("a"), Condition::Black, at(205))]).await;
    store.begin_life(at(300), false).await.expect("a write");
    assert_eq!(history(&store, &camera("a")).await[0].until, None);
}

#[tokio::test]
async fn a_camera_that_is_taken_away_leaves_nothing_standing() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = opened(&folder).await;
    let life = store.begin_life(at(0), true).await.expect("a write");
    let frozen = raised(camera("a"), Condition::Frozen, at(10));
    let entries = vec![state("a", at(10), State::Suspect), frozen, Entry::Gone(id("a"), at(30))];
    write(&store, life, at(40), entries).await;
    let entries = history(&store, &camera("a")).await;
    assert_eq!((entries[0].at, &entries[0].what), (at(30), &What::Gone));
    assert!(entries[1..].iter().all(|entry| entry.until == Some(at(30))), "{entries:?}");
}

#[tokio::test]
async fn what_is_old_goes_and_what_still_holds_stays() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = opened(&folder).await;
    let days = |days: u64| UnixMicros(T0 + days * DAY);
    let long_ago = store.begin_life(days(0), true).await.expect("a write");
    let gone = vec![state("gone", days(0), State::Online), Entry::Gone(id("gone"), days(1))];
    write(&store, long_ago, days(2), gone).await;
    let life = store.begin_life(days(3), true).await.expect("a write");
    let entries = vec![
        state("a", days(3), State::Connecting),
        state("a", days(4), State::Online),
        state("a", days(500), State::Offline),
        raised(camera("a"), Condition::Frozen, days(5)),
        cleared(camera("a"), Condition::Frozen, days(5), days(6)),
        raised(camera("a"), Condition::Moved, days(7)),
        minute("a", days(499), 5.0),
        Entry::Learnt(id("a"), Box::default()),
    ];
    write(&store, life, days(500), entries).await;
    // More than one delete takes at once.
    let old = (0..5000).map(|n| minute("b", UnixMicros(T0 + n * SECOND), 1.0)).collect();
    write(&store, life, days(500), old).await;
    let event = |day| Keep::Event(Condition::Frozen, days(day));
    for (keep, day) in [(Keep::Reference(Light::Day), 4), (event(5), 5), (event(490), 490)] {
        store.keep_picture(picture("a", keep, days(day))).await.expect("a write");
    }
    let over = store.order_maintenance(order(Selector::All, days(4), days(5))).await.expect("one");

    let pruned = store.prune(days(500), &Retention::default()).await.expect("a write");
    // Three states, an episode, 5,000 minutes, a picture, an order, a life.
    assert_eq!(pruned, 3 + 1 + 5000 + 1 + 1 + 1);
    assert_eq!(store.prune(days(500), &Retention::default()).await.expect("a write"), 0);
    let entries = history(&store, &camera("a")).await;
    assert_eq!(entries.iter().map(|e| e.at).collect::<Vec<_>>(), [days(500), days(7), days(4)]);
    assert_eq!(history(&store, &camera("gone")).await, []);
    assert_eq!(store.figures(&id("a"), days(0)).await.expect("a read").len(), 1);
    assert_eq!(store.figures(&id("b"), UnixMicros(0)).await.expect("a read"), []);
    let pictures = store.pictures(&id("a")).await.expect("a read");
    assert_eq!(
        pictures.iter().map(|picture| picture.keep).collect::<Vec<_>>(),
        [Keep::Reference(Light::Day), event(490)]
    );
    assert_eq!(store.load_learnt().await.expect("a read").len(), 1);
    let next = store.order_maintenance(order(Selector::All, days(500), days(501))).await;
    assert!(next.expect("a write").id > over.id, "a number is never used again");
}

#[tokio::test]
async fn an_order_ends_once_and_an_unknown_one_never() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = opened(&folder).await;
    let tag = Selector::Tag(id("junction"));
    let ordered = store.order_maintenance(order(tag, at(0), at(100))).await.expect("a write");
    let ended = store.end_maintenance(ordered.id, at(50)).await.expect("a write");
    assert_eq!(ended, Some(Maintenance { until: at(50), ..ordered.clone() }));
    assert_eq!(store.end_maintenance(ordered.id, at(60)).await.expect("a write"), None);
    assert_eq!(store.end_maintenance(MaintenanceId(99), at(0)).await.expect("a write"), None);
    assert_eq!(store.load_maintenance(at(60)).await.expect("a read"), []);
}

#[tokio::test]
async fn a_camera_keeps_its_newest_reference_and_its_newest_hundred_events() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = opened(&folder).await;
    for n in 0..120 {
        for keep in [Keep::Event(Condition::Covered, at(n)), Keep::Reference(Light::Night)] {
            store.keep_picture(picture("a", keep, at(n))).await.expect("a write");
        }
    }
    store
        .keep_picture(picture("b", Keep::Event(Condition::Black, at(0)), at(0)))
        .await
        .expect("ok");
    let pictures = store.pictures(&id("a")).await.expect("a read");
    assert_eq!(pictures.len(), 101);
    assert_eq!(
        (pictures[0].keep, pictures[0].captured_at),
        (Keep::Reference(Light::Night), at(119))
    );
    assert_eq!((pictures[1].captured_at, pictures[100].captured_at), (at(119), at(20)));
    assert_eq!(store.pictures(&id("b")).await.expect("a read").len(), 1);
    let condition = Some(Condition::Covered);
    let key = PictureKey::Event { condition, raised_at: Some(at(33)) };
    let one = store.picture(&id("a"), key).await.expect("a read").expect("it is kept");
    assert_eq!(one.captured_at, at(33));
    let key = PictureKey::Event { condition: Some(Condition::Black), raised_at: None };
    assert_eq!(store.picture(&id("a"), key).await.expect("a read"), None);
}

const CHILD_PAST: &str = "WATCHWALL_TEST_CHILD_PAST";

/// Not a test by itself: the service that the next test kills.
#[tokio::test]
#[ignore = "runs as a child of the test below"]
async fn child_that_is_alive_and_waits_to_be_killed() {
    let Some(path) = std::env::var_os(CHILD_PAST) else { return };
    let store = Store::open(Path::new(&path)).await.expect("a new store");
    let now = || UnixMicros(now_us());
    let life = store.begin_life(now(), true).await.expect("a write");
    write(&store, life, now(), vec![state("a", now(), State::Online)]).await;
    loop {
        write(&store, life, now(), Vec::new()).await;
        println!("alive {}", now_us());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn the_time_after_a_kill_is_unknown_until_the_service_has_said_something_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("watchwall.db");
    let started = UnixMicros(now_us());
    let mut child = Command::new(std::env::current_exe().expect("this test"))
        .args(["past::child_that_is_alive_and_waits_to_be_killed", "--exact"])
        .args(["--ignored", "--nocapture"])
        .env(CHILD_PAST, &path)
        .stdout(Stdio::piped())
        .spawn()
        .expect("this test again");
    let output = BufReader::new(child.stdout.take().expect("piped above"));
    let alive: Vec<u64> = output
        .lines()
        .map_while(Result::ok)
        .filter_map(|line| line.rsplit_once("alive ")?.1.parse().ok())
        .take(25)
        .collect();
    child.kill().expect("our own child");
    child.wait().expect("our own child");
    let killed = UnixMicros(now_us());
    assert_eq!(alive.len(), 25, "the child ended early");

    let store = Store::open(&path).await.expect("the store it left");
    let later = |seconds| killed.plus(Duration::from_secs(seconds));
    let life = store.begin_life(later(60), true).await.expect("a write");
    write(&store, life, later(90), vec![state("a", later(70), State::Online)]).await;
    let window = Window { from: started, until: later(90) };
    let lives = store.lives(window).await.expect("a read");
    let entered = store.entered(&id("a"), window).await.expect("a read");
    let counted = shares(window, &lives, &entered);
    assert!(counted.unknown >= 70 * SECOND, "{counted:?}");
    assert!(counted.available >= 20 * SECOND + (alive[23] - alive[0]), "{counted:?}");
    assert_eq!(counted.total(), window.micros());
}
