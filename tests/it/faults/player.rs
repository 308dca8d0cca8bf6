//! One camera of a desk on a virtual clock, played second by second: what its worker and its decoder
//! would say.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use watchwall::{
    config::{CameraConfig, Config},
    desk::{
        event::{Effect, Event},
        state::{Desk, Moment, Remembered},
        view::CameraView,
    },
    domain::{
        assignment::WorkerId,
        camera::{Camera, Condition, Handle, Importance, Slug, State, Transport},
        clock::ClockReading,
        history::Record,
        media::{Codec, StreamFormat, StreamRef},
        time::UnixMicros,
    },
    worker::message::{Fault, Forward, FromIngest, SessionId, Step, StreamStats, ToIngest},
};

use super::scene::{Look, Street};

/// What the camera does.
#[derive(Clone, Debug)]
pub(crate) enum Nature {
    /// A stream.
    Plays(Stream),
    /// The session that runs ends, and each new one after so many steps, for these reasons.
    Ends { running: Ending, next: Vec<Step>, then: Ending },
}

/// How a session ends.
#[derive(Clone, Debug)]
pub(crate) struct Ending {
    pub(crate) after_s: u64,
    pub(crate) condition: Condition,
    pub(crate) evidence: &'static str,
    pub(crate) rejected: bool,
}

/// A stream as it is sent.
#[derive(Clone, Debug)]
pub(crate) struct Stream {
    pub(crate) gop_s: u64,
    pub(crate) frame_rate: u64,
    pub(crate) lost_percent: u64,
    pub(crate) decodable: bool,
    pub(crate) alternates: bool,
    pub(crate) clock_offset_s: f64,
    pub(crate) codec: Codec,
    pub(crate) look: Look,
}

pub(crate) const HEALTHY: Stream = Stream {
    gop_s: 2,
    frame_rate: 12,
    lost_percent: 0,
    decodable: true,
    alternates: false,
    clock_offset_s: 0.01,
    codec: Codec::H264,
    look: Look::Live,
};

/// A session.
#[derive(Clone, Debug)]
struct Running {
    session: SessionId,
    source: StreamRef,
    /// It was never a stream, and ends like this.
    doomed: Option<Ending>,
    /// So many seconds without RTP.
    silent_s: u64,
}

/// The camera and its desk.
pub(crate) struct Player {
    desk: Desk,
    at: Moment,
    pub(crate) nature: Nature,
    street: Arc<Street>,
    /// The width that was told last, pixels.
    width: u32,
    session: Option<Running>,
    /// All access units are decoded: a picture each second whatever the keyframes do.
    whole: bool,
    totals: StreamStats,
    second: u64,
    pictures: u64,
    keyframe: u64,
    pub(crate) shown: Option<Arc<CameraView>>,
    pub(crate) records: Vec<Record>,
    pub(crate) kept: usize,
}

const SECOND: Duration = Duration::from_secs(1);

impl Player {
    pub(crate) fn new(street: Arc<Street>) -> Self {
        let camera = Camera {
            id: Slug::try_from("a").expect("an id"),
            number: 1,
            name: "A".to_owned(),
            site: None,
            url: "rtsp://192.0.2.1/sub".parse().expect("a URL"),
            main_url: None,
            username: None,
            transport: Transport::Tcp,
            allow_basic: false,
            tags: Vec::new(),
            importance: Importance::default(),
        };
        let cameras = vec![CameraConfig { camera, password: None }];
        let config = Arc::new(Config { cameras, ..Config::default() });
        let mut player = Self {
            desk: Desk::new(&config, Remembered::default(), 1),
            // By day.
            at: Moment { now: Instant::now(), unix: UnixMicros(1_795_399_200_000_000) },
            nature: Nature::Plays(HEALTHY),
            street,
            width: 640,
            session: None,
            whole: false,
            totals: StreamStats::default(),
            second: 0,
            pictures: 0,
            keyframe: 0,
            shown: None,
            records: Vec::new(),
            kept: 0,
        };
        player.hears(Event::Configured(config));
        player.hears(Event::Ingest(WorkerId(1), FromIngest::Ready));
        player
    }

    pub(crate) fn view(&self) -> &CameraView {
        self.shown.as_deref().expect("it was shown")
    }

    /// One second, and whether what is shown is true.
    pub(crate) fn second(&mut self) {
        for _ in 0..4 {
            let quarter = SECOND / 4;
            self.at = Moment { now: self.at.now + quarter, unix: self.at.unix.plus(quarter) };
            let effects = self.desk.tick(self.at);
            self.carry_out(effects);
        }
        self.second += 1;
        self.play();
        let view = self.view();
        if view.state == State::Online || view.state == State::Suspect {
            let age = view.last_frame_at.map(|at| self.at.unix.since(at));
            let fresh =
                Duration::from_secs_f64(view.refresh_s.unwrap_or(0.0).max(2.0)) + 3 * SECOND;
            assert!(age.is_some_and(|age| age <= fresh), "online with a picture {age:?} old");
        }
    }

    /// The camera closes the connection that runs.
    pub(crate) fn reconnects(&mut self) {
        if let Some(running) = self.session.clone() {
            let closed = Ending {
                after_s: 0,
                condition: Condition::Refused,
                evidence: "the camera closed the connection",
                rejected: false,
            };
            self.ends(running.session, &closed);
        }
    }

    fn play(&mut self) {
        let Some(running) = &mut self.session else { return };
        let (session, source) = (running.session, running.source);
        let ending = match (&running.doomed, &self.nature) {
            (Some(ending), _) | (None, Nature::Ends { running: ending, .. }) => ending.clone(),
            (None, Nature::Plays(stream)) => {
                running.silent_s = 0;
                let stream = stream.clone();
                return self.stream(session, source, &stream);
            }
        };
        running.silent_s += 1;
        let (silent_s, was_stream) = (running.silent_s, running.doomed.is_none());
        if was_stream {
            // Its worker still tells once a second that nothing comes.
            self.totals.since_rtp += SECOND;
            self.totals.since_keyframe = self.totals.since_keyframe.map(|since| since + SECOND);
            self.says(FromIngest::Stats { session, stats: self.totals });
        }
        if silent_s >= ending.after_s {
            self.ends(session, &ending);
        }
    }

    fn stream(&mut self, session: SessionId, source: StreamRef, stream: &Stream) {
        let packets = 40;
        let lost = packets * stream.lost_percent / 100;
        self.totals.bytes += 50_000;
        self.totals.frames += stream.frame_rate;
        self.totals.packets += packets - lost;
        self.totals.packets_lost += lost;
        self.totals.since_rtp = Duration::ZERO;
        let clock = ClockReading {
            offset_s: stream.clock_offset_s,
            error_s: 0.01,
            drift_ppm: None,
            drift_error_ppm: 0.0,
        };
        self.totals.clock = Some(clock);
        self.keyframe += 1;
        let keyframe = self.keyframe >= stream.gop_s;
        if keyframe {
            self.keyframe = 0;
            self.totals.keyframes += 1;
            self.totals.keyframe_interval = Some(stream.gop_s as u32 * SECOND);
        }
        self.totals.since_keyframe =
            (self.totals.keyframes > 0).then(|| self.keyframe as u32 * SECOND);
        let wide = stream.alternates && (self.second / 3).is_multiple_of(2);
        let width = if wide { 1280 } else { 640 };
        if std::mem::replace(&mut self.width, width) != width {
            self.says(FromIngest::Format { session, source, format: format(stream.codec, width) });
        }
        if keyframe || (self.whole && stream.decodable) {
            self.picture(stream);
        }
        self.says(FromIngest::Stats { session, stats: self.totals });
    }

    fn picture(&mut self, stream: &Stream) {
        let camera = Handle(1);
        if !stream.decodable {
            let why = "a damaged slice".to_owned();
            return self.hears(Event::Undecodable { camera, why });
        }
        self.pictures += 1;
        let measures = Some(self.street.picture(self.pictures, stream.look));
        let received_at = self.at.unix;
        self.hears(Event::Picture { camera, received_at, decode_us: 900, measures });
    }

    fn opened(&mut self, session: SessionId, source: StreamRef) {
        self.totals = StreamStats::default();
        self.keyframe = 0;
        let steps = |steps: &[Step]| {
            let step = |step: &Step| FromIngest::Step { session, step: *step };
            steps.iter().map(step).collect::<Vec<_>>()
        };
        match self.nature.clone() {
            Nature::Plays(stream) => {
                let all = [Step::Connected, Step::Described, Step::Playing, Step::Receiving];
                steps(&all).into_iter().for_each(|said| self.says(said));
                self.width = 640;
                let format = format(stream.codec, 640);
                self.says(FromIngest::Format { session, source, format });
                self.session = Some(Running { session, source, doomed: None, silent_s: 0 });
            }
            Nature::Ends { next, then, .. } => {
                steps(&next).into_iter().for_each(|said| self.says(said));
                if then.after_s == 0 {
                    return self.ends(session, &then);
                }
                let doomed = Some(then);
                self.session = Some(Running { session, source, doomed, silent_s: 0 });
            }
        }
    }

    fn ends(&mut self, session: SessionId, ending: &Ending) {
        self.session = None;
        let fault = Fault {
            condition: ending.condition,
            evidence: ending.evidence.to_owned(),
            sign_in_rejected: ending.rejected,
        };
        self.says(FromIngest::Ended { session, fault: Some(fault) });
    }

    fn says(&mut self, said: FromIngest) {
        self.hears(Event::Ingest(WorkerId(1), said));
    }

    fn hears(&mut self, event: Event) {
        let effects = self.desk.apply(self.at, event);
        self.carry_out(effects);
    }

    fn carry_out(&mut self, effects: Vec<Effect>) {
        let mut opened = None;
        for effect in effects {
            match effect {
                Effect::Show { camera, .. } => self.shown = Some(camera),
                Effect::Record(records) => self.records.extend(records),
                Effect::Keep(..) => self.kept += 1,
                Effect::Open(_, open) => opened = Some((open.session, open.source)),
                Effect::Tell(_, ToIngest::Forward { forward, .. }) => {
                    self.whole = forward == Forward::All;
                }
                _ => {}
            }
        }
        if let Some((session, source)) = opened {
            self.opened(session, source);
        }
    }
}

fn format(codec: Codec, width: u32) -> StreamFormat {
    let codec_string = match codec {
        Codec::H264 => "avc1.4D401E",
        Codec::H265 => "hvc1.1.6.L93.B0",
        Codec::Mjpeg => "mjpeg",
    };
    StreamFormat { codec, codec_string: codec_string.to_owned(), width, height: width * 9 / 16 }
}
