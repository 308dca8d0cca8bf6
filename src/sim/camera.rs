//! The simulated cameras: what each one shows, and what each one has seen.

use std::{
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU8, AtomicU32, AtomicU64, Ordering},
    },
};

use serde::Serialize;
use tokio::sync::watch;

use super::{
    clip::{Recipe, Variant},
    fault::{Fault, FaultKind, WrongClock},
    scene::{Light, Place, SCENE_PERIOD_MS, Scene, Trouble},
};
use crate::domain::media::{Codec, StreamKind};

/// How running connections of a camera are to end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Hangup {
    /// Counts the times all connections were to end.
    pub(super) round: u64,
    /// By a reset instead of an orderly close.
    pub(super) reset: bool,
}

/// One camera of the simulator.
pub(super) struct Camera {
    /// 1 and up, as in its URL.
    pub(super) number: u32,
    /// How far its loop is ahead of the wall clock; spreads the keyframes of all cameras in time.
    pub(super) offset_us: u64,
    pub(super) seen: Counters,
    pub(super) hangup: watch::Sender<Hangup>,
    scene: Scene,
    codec: Codec,
    footage: Option<PathBuf>,
    fault: AtomicU8,
    fault_since_us: AtomicU64,
    wrong_clock: Mutex<WrongClock>,
}

/// What a camera has seen of its clients.
#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) connections: AtomicU32,
    pub(super) connections_open: AtomicU32,
    pub(super) sign_in_attempts: AtomicU32,
    pub(super) sign_in_rejected: AtomicU32,
    pub(super) sub_open: AtomicU32,
    pub(super) main_open: AtomicU32,
    pub(super) sessions: AtomicU32,
    places_taken: AtomicU32,
    places_most: AtomicU32,
    places_refused: AtomicU32,
    pub(super) frames_sent: AtomicU64,
    pub(super) frames_dropped: AtomicU64,
}

/// What `GET /stats` tells of one camera.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct CameraStats {
    /// The camera's number.
    pub camera: u32,
    /// The fault in effect.
    pub fault: Option<FaultKind>,
    /// Connections that have asked for this camera.
    pub connections: u32,
    /// Of those, open now.
    pub connections_open: u32,
    /// Requests that carried credentials.
    pub sign_in_attempts: u32,
    /// Of those, rejected.
    pub sign_in_rejected: u32,
    /// Sessions playing the small stream now.
    pub sub_open: u32,
    /// Sessions playing the large stream now.
    pub main_open: u32,
    /// Sessions that have ever played.
    pub sessions: u32,
    /// The most sessions there ever were at once, of both streams, from `SETUP` to the end of the
    /// connection.
    pub sessions_most: u32,
    /// Sessions refused under the `session-limit` fault.
    pub sessions_refused: u32,
    /// Access units sent.
    pub frames_sent: u64,
    /// Access units a slow client made the simulator drop.
    pub frames_dropped: u64,
    /// How far the loop is ahead of the wall clock: a frame that carries loop position `p` in its
    /// strip was due when `(unix time + this) mod loop_ms == p`.
    pub loop_offset_ms: u64,
    /// How long the ordinary loop is.
    pub loop_ms: u32,
}

/// Sessions at once under the `session-limit` fault: one of each stream.
const SESSIONS_MAX: u32 = 2;

/// One of a camera's sessions, from `SETUP` on; its place is free again when it is dropped.
pub(super) struct Slot(Arc<Camera>);

impl Slot {
    /// Takes a place at a camera, unless it allows no more.
    pub(super) fn take(camera: &Arc<Camera>) -> Option<Self> {
        let limit = match camera.fault() {
            Some(FaultKind::SessionLimit) => SESSIONS_MAX,
            _ => u32::MAX,
        };
        let seen = &camera.seen;
        let one_more = |taken| (taken < limit).then_some(taken + 1);
        match seen.places_taken.fetch_update(Ordering::AcqRel, Ordering::Acquire, one_more) {
            Ok(before) => {
                seen.places_most.fetch_max(before + 1, Ordering::AcqRel);
                Some(Self(camera.clone()))
            }
            Err(_) => {
                seen.places_refused.fetch_add(1, Ordering::AcqRel);
                None
            }
        }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.0.seen.places_taken.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Distinct scenes: enough that neighbours on a wall differ, few enough to encode in half a minute.
const CAST: [(Place, Light); 24] = [
    (Place::Road, Light::Day),
    (Place::Junction, Light::Day),
    (Place::Gate, Light::Day),
    (Place::Alley, Light::Dusk),
    (Place::River, Light::Day),
    (Place::ExamRoom, Light::Day),
    (Place::CarPark, Light::Day),
    (Place::Market, Light::Day),
    (Place::Checkpoint, Light::Night),
    (Place::Bridge, Light::Dusk),
    (Place::Yard, Light::Day),
    (Place::Corridor, Light::Day),
    (Place::Road, Light::Night),
    (Place::Junction, Light::Night),
    (Place::Gate, Light::Dusk),
    (Place::Alley, Light::Day),
    (Place::River, Light::Dusk),
    (Place::ExamRoom, Light::Day),
    (Place::CarPark, Light::Night),
    (Place::Market, Light::Night),
    (Place::Checkpoint, Light::Day),
    (Place::Bridge, Light::Day),
    (Place::Road, Light::Dusk),
    (Place::Junction, Light::Dusk),
];

const PLACES: [&str; 12] = [
    "KY ANH",
    "HONG LINH",
    "CAM XUYEN",
    "THACH HA",
    "NGHI XUAN",
    "DUC THO",
    "HUONG SON",
    "CAN LOC",
    "LOC HA",
    "VU QUANG",
    "HUONG KHE",
    "HA TINH",
];

impl Camera {
    pub(super) fn new(number: u32, footage: Option<PathBuf>) -> Self {
        let h265 = number.is_multiple_of(10);
        // The few H.265 scenes are shared among all tenth cameras: x265 is slow to encode.
        let index = if h265 { (number / 10 * 5) as usize % 4 * 5 } else { (number - 1) as usize }
            % CAST.len();
        let (place, light) = CAST[index];
        let name = format!(
            "{} {}",
            PLACES[(index * 5 + usize::from(h265) * 7) % PLACES.len()],
            name_of(place)
        );
        // The golden ratio spreads any number of cameras evenly over the loop.
        let share = (f64::from(number) * 0.618_033_988_75).fract();
        Self {
            number,
            offset_us: (share * f64::from(SCENE_PERIOD_MS)) as u64 * 1_000,
            seen: Counters::default(),
            hangup: watch::Sender::default(),
            scene: Scene { place, light, seed: 100 + index as u64 + u64::from(h265) * 100, name },
            codec: if h265 { Codec::H265 } else { Codec::H264 },
            footage,
            fault: AtomicU8::new(0),
            fault_since_us: AtomicU64::new(0),
            wrong_clock: Mutex::default(),
        }
    }

    /// The fault in effect.
    pub(super) fn fault(&self) -> Option<FaultKind> {
        FaultKind::from_code(self.fault.load(Ordering::Acquire))
    }

    /// Sets or ends the fault. Running connections end where the fault is of that kind.
    pub(super) fn set_fault(&self, fault: Option<Fault>, now_us: u64) {
        if let Some(fault) = &fault {
            *self.wrong_clock.lock().expect("no holder panics") = fault.clock;
        }
        let kind = fault.map(|fault| fault.kind);
        self.fault_since_us.store(now_us, Ordering::Release);
        let before = self.fault.swap(kind.map_or(0, FaultKind::code), Ordering::AcqRel);
        let swapped_back = FaultKind::from_code(before) == Some(FaultKind::CodecSwap);
        if swapped_back || kind.is_some_and(FaultKind::ends_sessions) {
            let reset = kind == Some(FaultKind::Refuse);
            self.hangup.send_modify(|hangup| *hangup = Hangup { round: hangup.round + 1, reset });
        }
    }

    /// What its clock shows at `now_us`; microseconds since 1970.
    pub(super) fn clock_us(&self, now_us: u64) -> i64 {
        if self.fault() != Some(FaultKind::Clock) {
            return now_us as i64;
        }
        let since_us = self.fault_since_us.load(Ordering::Acquire);
        self.wrong_clock.lock().expect("no holder panics").shows_us(now_us, since_us)
    }

    /// What it shows when nothing is wrong.
    pub(super) fn ordinary(&self, stream: StreamKind) -> Recipe {
        match &self.footage {
            Some(file) => Recipe::Footage { file: file.clone(), stream },
            None => self.drawn(stream, self.codec, Variant::Plain),
        }
    }

    /// What it shows under a fault, as far as that needs another clip.
    pub(super) fn recipe(&self, stream: StreamKind, fault: Option<FaultKind>) -> Recipe {
        let drawn = |variant| self.drawn(stream, self.codec, variant);
        let trouble = |trouble| drawn(Variant::Trouble(trouble));
        match fault {
            Some(FaultKind::Black) => trouble(Trouble::Black),
            Some(FaultKind::White) => trouble(Trouble::White),
            Some(FaultKind::Blur) => trouble(Trouble::Blurred),
            Some(FaultKind::Cover) => trouble(Trouble::Covered),
            Some(FaultKind::Move) => trouble(Trouble::Moved),
            Some(FaultKind::LowFps) => drawn(Variant::LowRate),
            Some(FaultKind::LongGop) => drawn(Variant::LongGop),
            Some(FaultKind::Gop30) => drawn(Variant::Gop30),
            Some(FaultKind::Resolution) => drawn(Variant::TwoSizes),
            Some(FaultKind::GiantSps) => self.drawn(stream, Codec::H264, Variant::Giant),
            Some(FaultKind::CodecSwap) => {
                let other = if self.codec == Codec::H265 { Codec::H264 } else { Codec::H265 };
                self.drawn(stream, other, Variant::Plain)
            }
            Some(FaultKind::Freeze) if self.footage.is_none() => {
                let loop_us = u64::from(SCENE_PERIOD_MS) * 1_000;
                let position_ms = self.fault_position_us(loop_us) / 1_000;
                drawn(Variant::Frozen { at_ms: position_ms as u32 / 2_000 * 2_000 })
            }
            _ => self.ordinary(stream),
        }
    }

    /// Where in a loop of that length the camera was when its fault began.
    pub(super) fn fault_position_us(&self, loop_us: u64) -> u64 {
        (self.fault_since_us.load(Ordering::Acquire) + self.offset_us) % loop_us.max(1)
    }

    pub(super) fn stats(&self) -> CameraStats {
        let seen = &self.seen;
        let read = |counter: &AtomicU32| counter.load(Ordering::Relaxed);
        CameraStats {
            camera: self.number,
            fault: self.fault(),
            connections: read(&seen.connections),
            connections_open: read(&seen.connections_open),
            sign_in_attempts: read(&seen.sign_in_attempts),
            sign_in_rejected: read(&seen.sign_in_rejected),
            sub_open: read(&seen.sub_open),
            main_open: read(&seen.main_open),
            sessions: read(&seen.sessions),
            sessions_most: read(&seen.places_most),
            sessions_refused: read(&seen.places_refused),
            frames_sent: seen.frames_sent.load(Ordering::Relaxed),
            frames_dropped: seen.frames_dropped.load(Ordering::Relaxed),
            loop_offset_ms: self.offset_us / 1_000,
            loop_ms: SCENE_PERIOD_MS,
        }
    }

    fn drawn(&self, stream: StreamKind, codec: Codec, variant: Variant) -> Recipe {
        Recipe::Drawn { scene: self.scene.clone(), codec, stream, variant }
    }
}

impl Counters {
    pub(super) fn open(&self, stream: StreamKind) -> &AtomicU32 {
        match stream {
            StreamKind::Sub => &self.sub_open,
            StreamKind::Main => &self.main_open,
        }
    }
}

fn name_of(place: Place) -> &'static str {
    match place {
        Place::Road => "QL1A",
        Place::Junction => "NGA TU",
        Place::Gate => "CONG UB",
        Place::Alley => "NGO 12",
        Place::River => "BO SONG",
        Place::ExamRoom => "P. THI",
        Place::CarPark => "BAI XE",
        Place::Market => "CHO",
        Place::Checkpoint => "CHOT",
        Place::Bridge => "CAU",
        Place::Yard => "TRUONG",
        Place::Corridor => "HANH LANG",
    }
}
