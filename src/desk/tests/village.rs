//! Cameras of several sites that play, are cut off and return, second by second.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::RangeInclusive,
};

use super::*;
use crate::{
    desk::view::SiteView,
    domain::{
        history::{Record, Subject},
        media::{Codec, StreamFormat, StreamKind, StreamRef},
        site::Site,
    },
    store::AlertRows,
};

pub(super) const SECOND: Duration = Duration::from_secs(1);
/// A session that hears nothing for so long ends.
const GAP: Duration = Duration::from_secs(10);

pub(super) struct Village {
    pub(super) room: Room,
    playing: BTreeMap<u32, (SessionId, StreamStats)>,
    cut: BTreeSet<u32>,
    /// Their sessions stand, and nothing comes over them.
    silent: BTreeSet<u32>,
    second: u64,
    pub(super) shown: BTreeMap<u32, Arc<CameraView>>,
    pub(super) sites: Vec<Arc<SiteView>>,
    pub(super) records: Vec<Record>,
    /// What was to be written of alerts, in order.
    pub(super) alerts: Vec<AlertRows>,
    /// Batches of records, and times that sites were told.
    pub(super) batches: usize,
    pub(super) sites_told: usize,
    /// Effects of the newest event or second that nothing here is interested in.
    pub(super) rest: Vec<Effect>,
}

/// `ha-tinh` above `north` and `south`.
pub(super) fn sites() -> Vec<Site> {
    [("ha-tinh", None), ("north", Some("ha-tinh")), ("south", Some("ha-tinh"))]
        .map(|(id, parent)| Site { id: slug(id), name: id.to_owned(), parent: parent.map(slug) })
        .into()
}

pub(super) fn slug(text: &str) -> Slug {
    Slug::try_from(text).expect("an id")
}

/// So many cameras in the north and in the south.
pub(super) fn village(north: u32, south: u32) -> Config {
    let mut config = Config { sites: sites(), ..config(1..=north + south) };
    for camera in &mut config.cameras {
        let site = if camera.camera.number <= north { "north" } else { "south" };
        camera.camera.site = Some(slug(site));
    }
    config
}

impl Village {
    pub(super) fn new(config: Config, remembered: Remembered) -> Self {
        let config = Arc::new(config);
        let at = Moment { now: Instant::now(), unix: UnixMicros(1_800_000_000_000_000) };
        let desk = Desk::new(&config, remembered, 1);
        let mut village = Self {
            room: Room { desk, at, done: Vec::new() },
            playing: BTreeMap::new(),
            cut: BTreeSet::new(),
            silent: BTreeSet::new(),
            second: 0,
            shown: BTreeMap::new(),
            sites: Vec::new(),
            records: Vec::new(),
            alerts: Vec::new(),
            batches: 0,
            sites_told: 0,
            rest: Vec::new(),
        };
        village.hears(Event::Configured(config));
        (1..=20).for_each(|worker| village.room.ready(worker));
        village.look();
        village
    }

    /// All of them online.
    pub(super) fn well(config: Config) -> Self {
        let mut village = Self::new(config, Remembered::default());
        village.passes(20);
        assert!(village.shown.values().all(|shown| shown.state == State::Online));
        village
    }

    pub(super) fn hears(&mut self, event: Event) {
        self.room.hears(event);
        self.look();
    }

    pub(super) fn passes(&mut self, seconds: u64) {
        (0..seconds).for_each(|_| self.second());
    }

    fn second(&mut self) {
        self.rest.clear();
        self.second += 1;
        for _ in 0..4 {
            self.room.passes(SECOND / 4);
            self.look();
        }
        for n in self.playing.keys().copied().collect::<Vec<_>>() {
            let Some((session, stats)) = self.playing.get_mut(&n) else { continue };
            let session = *session;
            if self.silent.contains(&n) {
                stats.since_rtp += SECOND;
                let stats = *stats;
                self.hears(Event::Ingest(WorkerId(1), FromIngest::Stats { session, stats }));
                if stats.since_rtp >= GAP {
                    self.playing.remove(&n);
                    self.ended(session, Condition::Stalled, "no video for 10 s");
                }
                continue;
            }
            stats.since_rtp = Duration::ZERO;
            stats.bytes += 50_000;
            stats.frames += 12;
            stats.packets += 40;
            stats.since_keyframe = Some(Duration::ZERO);
            stats.keyframe_interval = Some(2 * SECOND);
            let stats = *stats;
            self.hears(Event::Ingest(WorkerId(1), FromIngest::Stats { session, stats }));
            if self.second.is_multiple_of(2) {
                let (camera, received_at) = (Handle(n), self.room.at.unix);
                self.hears(Event::Picture { camera, received_at, decode_us: 900, measures: None });
            }
        }
    }

    /// These cameras cannot be reached from now on.
    pub(super) fn cut(&mut self, cameras: RangeInclusive<u32>) {
        for n in cameras {
            self.cut.insert(n);
            if let Some((session, _)) = self.playing.remove(&n) {
                self.ended(session, Condition::Unreachable, "there is no route to the camera");
            }
        }
    }

    /// Their cables are pulled: nothing comes any more, and who tries anew waits in vain.
    pub(super) fn unplug(&mut self, cameras: RangeInclusive<u32>) {
        self.cut.extend(cameras.clone());
        self.silent.extend(cameras);
    }

    /// They take sessions, and nothing comes over them.
    pub(super) fn hush(&mut self, cameras: RangeInclusive<u32>) {
        self.silent.extend(cameras);
    }

    /// They can be reached again.
    pub(super) fn restore(&mut self, cameras: RangeInclusive<u32>) {
        for n in cameras {
            self.cut.remove(&n);
            self.silent.remove(&n);
        }
    }

    /// A worker ends, with all that it had.
    pub(super) fn crash(&mut self, worker: u32) {
        let before = self.playing.clone();
        // Whose sessions it had, the desk knows: those that are opened again.
        self.hears(Event::WorkerGone {
            worker: WorkerId(worker),
            evidence: "signal: 9".to_owned(),
        });
        for worker in 1..=20 {
            self.room.ready(worker);
        }
        self.playing = before;
        self.look();
    }

    fn ended(&mut self, session: SessionId, condition: Condition, evidence: &str) {
        let evidence = evidence.to_owned();
        let fault = Fault { condition, evidence, sign_in_rejected: false };
        self.hears(Event::Ingest(WorkerId(1), FromIngest::Ended { session, fault: Some(fault) }));
    }

    /// Takes note of what the desk wanted done, and does it.
    fn look(&mut self) {
        while !self.room.done.is_empty() {
            for effect in std::mem::take(&mut self.room.done) {
                match effect {
                    Effect::Show { camera, .. } => _ = self.shown.insert(camera.handle.0, camera),
                    Effect::Forget(camera) => {
                        self.shown.remove(&camera.0);
                        self.playing.remove(&camera.0);
                    }
                    Effect::Record(records) => {
                        self.batches += 1;
                        self.records.extend(records);
                    }
                    Effect::Alert { rows, answer } => {
                        self.alerts.push(rows);
                        // As the ledger does when they are stored, but at once.
                        if let Some((answer, done)) = answer {
                            let _ = answer.send(Ok(done));
                        }
                    }
                    Effect::ShowSites(sites) => {
                        self.sites_told += 1;
                        self.sites = sites;
                    }
                    Effect::Open(_, open) => self.opened(open.source.camera.0, open.session),
                    Effect::Maintain(order, _) => {
                        // As the store answers, but at once.
                        let id = crate::domain::maintenance::MaintenanceId(
                            i64::try_from(self.records.len()).expect("a small test") + 1,
                        );
                        self.room.hears(Event::Maintained(
                            crate::domain::maintenance::Maintenance { id, ..order },
                        ));
                    }
                    other => self.rest.push(other),
                }
            }
        }
    }

    fn opened(&mut self, n: u32, session: SessionId) {
        self.playing.remove(&n);
        if self.cut.contains(&n) {
            let fault = Fault {
                condition: Condition::Unreachable,
                evidence: "there is no route to the camera".to_owned(),
                sign_in_rejected: false,
            };
            return self.room.says(FromIngest::Ended { session, fault: Some(fault) });
        }
        self.room.playing(session);
        let source = StreamRef { camera: Handle(n), stream: StreamKind::Sub };
        let format = StreamFormat {
            codec: Codec::H264,
            codec_string: "avc1.4D401E".to_owned(),
            width: 640,
            height: 360,
        };
        self.room.says(FromIngest::Format { session, source, format });
        self.playing.insert(n, (session, StreamStats::default()));
    }

    pub(super) fn state(&self, n: u32) -> State {
        self.shown[&n].state
    }

    pub(super) fn site(&self, id: &str) -> &SiteView {
        self.sites.iter().find(|site| site.id.as_str() == id).expect("there is such a site")
    }

    /// Raises since the last call, as who, what, and whether masked; oldest first.
    pub(super) fn raised(&mut self) -> Vec<(Subject, Condition, bool)> {
        let raised = self.records.iter().filter_map(|record| match record {
            Record::Raised { subject, condition, masked_by, .. } => {
                Some((subject.clone(), *condition, masked_by.is_some()))
            }
            _ => None,
        });
        raised.collect()
    }

    /// What was raised and not cleared. Every clear has its raise.
    pub(super) fn standing(&self) -> BTreeSet<(Subject, Condition)> {
        let mut open: BTreeMap<(Subject, Condition), UnixMicros> = BTreeMap::new();
        for record in &self.records {
            match record {
                Record::Raised { subject, condition, at, .. } => {
                    // The same episode may be told again with another mask.
                    let before = open.insert((subject.clone(), *condition), *at);
                    assert!(before.is_none_or(|before| before == *at), "{record:?}");
                }
                Record::Cleared { subject, condition, raised_at, at } => {
                    let raised = open.remove(&(subject.clone(), *condition));
                    assert_eq!(raised, Some(*raised_at), "{record:?}");
                    assert!(at >= raised_at, "{record:?}");
                }
                _ => {}
            }
        }
        open.into_keys().collect()
    }
}
