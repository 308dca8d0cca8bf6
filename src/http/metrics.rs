//! Everything in figures, for Prometheus: read from the shared views at each scrape.

use std::{
    fmt,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::SystemTime,
};

use axum::{extract::State, http::header, response::IntoResponse};
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeLabelSet, NoLabelSet, text::encode},
    metrics::MetricType,
    registry::Registry,
};

use super::{
    App, Problem,
    access::{Action, Subject},
    delivery_figures, screen_figures,
};
use crate::{
    domain::{camera::State as CameraState, time::UnixMicros, word::word},
    hub::{
        fanout::{Delay, Figures, VideoFigures, ViewerFigures},
        media::MediaCounters,
    },
};

/// One worker process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkerFigures {
    /// `ingest` or `decode`.
    pub kind: &'static str,
    /// Its place among those of its kind.
    pub index: usize,
    /// Times that it was started again.
    pub restarts: u64,
    /// Resident memory, bytes.
    pub memory_bytes: u64,
}

/// The way from access units to tiles, in totals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pipeline {
    /// Of the media stage.
    pub media: MediaCounters,
    /// Access units that did not get into the media stage because it was behind.
    pub units_dropped: u64,
}

/// Reads the totals.
pub type ReadPipeline = dyn Fn() -> Pipeline + Send + Sync;

/// All worker processes; `service` replaces the list whenever it looks.
#[derive(Debug, Default)]
pub struct Workers(Mutex<Vec<WorkerFigures>>);

impl Workers {
    /// Replaces the list.
    pub fn set(&self, workers: Vec<WorkerFigures>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = workers;
    }

    fn list(&self) -> Vec<WorkerFigures> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// How writing down the past goes, in totals but for what waits. `service` counts.
#[derive(Debug, Default)]
pub struct PastFigures {
    /// Entries that wait to be written.
    pub waiting: AtomicUsize,
    /// Entries written.
    pub written: AtomicU64,
    /// Entries lost: the queue was full, or the store failed for good.
    pub dropped: AtomicU64,
    /// Tries to write that failed.
    pub failures: AtomicU64,
    /// Pictures kept.
    pub pictures_kept: AtomicU64,
    /// Pictures that should have been kept and were not.
    pub pictures_dropped: AtomicU64,
}

/// Figures of cameras, viewers, screens and workers in the OpenMetrics text format.
#[utoipa::path(get, path = "/metrics", tag = "probes", responses((status = 200, body = String), (status = 403, body = Problem)))]
pub(super) async fn metrics(
    State(app): State<App>,
    subject: Subject,
) -> Result<impl IntoResponse, Problem> {
    subject.authorize(&Action::Measure)?;
    let mut registry = Registry::with_prefix("watchwall");
    registry.register_collector(Box::new(Scrape(app)));
    let mut text = String::new();
    encode(&mut text, &registry).expect("a String takes everything");
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    Ok(([(header::CONTENT_TYPE, kind)], text))
}

struct Scrape(App);

impl fmt::Debug for Scrape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Scrape")
    }
}

impl Collector for Scrape {
    fn encode(&self, mut to: DescriptorEncoder<'_>) -> fmt::Result {
        cameras(&self.0, &mut to)?;
        health(&self.0, &mut to)?;
        past(&self.0.past, &mut to)?;
        delivery_figures::encode(&self.0, &mut to)?;
        self.0.notes.iter().try_for_each(|notes| notes.encode(&mut to))?;
        self.0.consoles.encode(&mut to)?;
        pipeline(&(self.0.pipeline)(), &mut to)?;
        viewers(&self.0, &mut to)?;
        screen_figures::encode(&self.0, &mut to)?;
        workers(&self.0, &mut to)
    }
}

fn cameras(app: &App, to: &mut DescriptorEncoder<'_>) -> fmt::Result {
    let now = UnixMicros::from(SystemTime::now());
    let cameras = app.view.list();
    let label = |id: &str| [("camera", id.to_owned())];
    let each = |value: &dyn Fn(&crate::desk::view::CameraView) -> Option<f64>| -> Vec<_> {
        cameras
            .iter()
            .filter_map(|camera| Some((label(camera.id.as_str()), value(camera)?)))
            .collect()
    };
    let states = [
        (CameraState::Connecting, "connecting"),
        (CameraState::WaitingKeyframe, "waiting-keyframe"),
        (CameraState::WaitingParameters, "waiting-parameters"),
        (CameraState::Online, "online"),
        (CameraState::Stalled, "stalled"),
        (CameraState::Offline, "offline"),
        (CameraState::Suspect, "suspect"),
        (CameraState::Maintenance, "maintenance"),
    ];
    let state = cameras.iter().flat_map(|camera| {
        states.map(|(state, word)| {
            let labels = [("camera", camera.id.as_str().to_owned()), ("state", word.to_owned())];
            (labels, f64::from(u8::from(camera.state == state)))
        })
    });
    gauge(to, "camera_state", "1 for the state the camera is in", state)?;
    gauge(
        to,
        "camera_bitrate_bits_per_second",
        "Of the small stream",
        each(&|c| Some(c.stream.bitrate)),
    )?;
    gauge(
        to,
        "camera_frame_rate",
        "Frames per second of the small stream",
        each(&|c| Some(c.stream.frame_rate)),
    )?;
    gauge(
        to,
        "camera_keyframe_interval_seconds",
        "As learnt",
        each(&|c| c.stream.keyframe_interval_s),
    )?;
    let age = |c: &crate::desk::view::CameraView| Some(now.since(c.last_frame_at?).as_secs_f64());
    gauge(to, "camera_last_frame_age_seconds", "Since the newest decoded picture", each(&age))?;
    gauge(
        to,
        "camera_decode_seconds",
        "CPU time of the newest keyframe",
        each(&|c| Some(c.stream.decode_us as f64 / 1e6)),
    )?;
    let lost = cameras.iter().map(|c| (label(c.id.as_str()), c.stream.packets_lost as f64));
    gauge(to, "camera_packets_lost", "In this session", lost)?;
    let dropped = cameras.iter().map(|c| (label(c.id.as_str()), c.stream.units_dropped as f64));
    gauge(
        to,
        "camera_units_dropped",
        "Access units not sent to the centre because it was behind, in this session",
        dropped,
    )?;
    let reconnects = cameras.iter().map(|c| (label(c.id.as_str()), c.stream.reconnects));
    counter(to, "camera_reconnects", "Sessions after the first", reconnects)
}

/// What stands now.
fn health(app: &App, to: &mut DescriptorEncoder<'_>) -> fmt::Result {
    let cameras = app.view.list();
    let standing = cameras.iter().flat_map(|camera| {
        camera.standing.iter().map(|standing| {
            let labels =
                [("camera", camera.id.to_string()), ("condition", word(standing.condition))];
            (labels, 1.0)
        })
    });
    gauge(to, "camera_condition", "1 while the condition stands", standing)?;
    let sites = app.view.sites.load();
    let down = sites.iter().map(|site| {
        ([("site", site.id.to_string())], f64::from(u8::from(site.down_since.is_some())))
    });
    gauge(to, "site_down", "1 while most of its cameras are lost together", down)
}

fn past(figures: &PastFigures, to: &mut DescriptorEncoder<'_>) -> fmt::Result {
    let waiting = figures.waiting.load(Ordering::Relaxed) as f64;
    to.encode_descriptor("history_waiting", "Entries to be written", None, MetricType::Gauge)?
        .encode_gauge(&waiting)?;
    let mut total = |name, help, value: &AtomicU64| {
        to.encode_descriptor(name, help, None, MetricType::Counter)?
            .encode_counter::<NoLabelSet, _, f64>(&(value.load(Ordering::Relaxed) as f64), None)
    };
    total("history_written", "Entries written", &figures.written)?;
    total("history_dropped", "Entries lost for good", &figures.dropped)?;
    total("history_failures", "Tries to write that failed", &figures.failures)?;
    total("pictures_kept", "Pictures kept", &figures.pictures_kept)?;
    total("pictures_dropped", "Pictures that should have been kept", &figures.pictures_dropped)
}

fn pipeline(pipeline: &Pipeline, to: &mut DescriptorEncoder<'_>) -> fmt::Result {
    let Pipeline { media, units_dropped } = *pipeline;
    let mut total = |name, help, value: f64| {
        to.encode_descriptor(name, help, None, MetricType::Counter)?
            .encode_counter::<NoLabelSet, _, f64>(&value, None)
    };
    let behind = "Access units given up because the media stage was behind";
    total("units_dropped", behind, units_dropped as f64)?;
    total("pictures_decoded", "Pictures decoded", media.decoded as f64)?;
    total("pictures_undecodable", "Keyframes that gave no picture", media.undecodable as f64)?;
    let superseded = "Keyframes given up for a newer one of the same camera";
    total("keyframes_superseded", superseded, media.superseded as f64)?;
    let behind = "Access units of full decodes given up because the decoders were behind";
    total("full_decode_units_dropped", behind, media.full_dropped as f64)?;
    let refused = "Cameras wanted at a high rate that stayed at the usual one: enough others were";
    total("high_rates_refused", refused, media.high_rates_refused as f64)?;
    let crashes = "Decode workers that crashed or hung on a job";
    total("decoder_crashes", crashes, media.crashes as f64)?;
    total("decode_seconds", "CPU time of decoding", media.decode_us as f64 / 1e6)?;
    total("tile_seconds", "CPU time of scaling and coding tiles", media.tile_us as f64 / 1e6)
}

fn viewers(app: &App, to: &mut DescriptorEncoder<'_>) -> fmt::Result {
    let figures = app.fanout.counters();
    let lanes = [("tiles", tiles as fn(&ViewerFigures) -> Lane), ("video", video)];
    let each = |value: fn(Lane) -> u64| -> Vec<_> {
        let viewers = figures.viewers.iter().flat_map(|viewer| {
            lanes.map(|(lane, of)| {
                let labels = [("viewer", viewer.id.to_string()), ("lane", lane.to_owned())];
                (labels, value(of(viewer)))
            })
        });
        viewers.collect()
    };
    let all = |value: fn(Lane) -> u64| {
        lanes.map(|(lane, of)| ([("lane", lane.to_owned())], value(of(&figures.total))))
    };
    counter(to, "viewer_sent", "Messages given to one viewer's socket", each(|lane| lane.sent))?;
    let skipped =
        "Pictures that a newer one replaced, or video left out, before one viewer took it";
    counter(to, "viewer_skipped", skipped, each(|lane| lane.skipped))?;
    counter(to, "viewer_bytes", "Bytes given to one viewer's socket", each(|lane| lane.bytes))?;
    counter(to, "media_sent", "Messages given to all viewers so far", all(|lane| lane.sent))?;
    let skipped = "Pictures and access units skipped for all viewers so far";
    counter(to, "media_skipped", skipped, all(|lane| lane.skipped))?;
    counter(to, "media_bytes", "Bytes given to all viewers so far", all(|lane| lane.bytes))?;
    gauge(
        to,
        "media_viewers",
        "Media sockets now",
        [([("lane", "tiles".to_owned())], figures.viewers.len() as f64)],
    )?;
    let dropped = [("tiles", figures.dropped), ("video", figures.units_dropped)]
        .map(|(lane, dropped)| ([("lane", lane.to_owned())], dropped));
    let help = "Tiles and access units that the fan-out thread did not come round to";
    counter(to, "media_dropped", help, dropped)?;
    counter(
        to,
        "media_timed_out",
        "Viewers closed as dead",
        [([("lane", "tiles".to_owned())], figures.timed_out)],
    )?;
    live(&figures, to)?;
    let help = "From a keyframe's last byte received to its tile in a viewer's socket";
    histogram(to, "frame_to_socket_seconds", help, &figures.delay)?;
    let help = "From an access unit's last byte received to a viewer's socket";
    histogram(to, "unit_to_socket_seconds", help, &figures.video_delay)
}

/// One kind of traffic to a viewer.
#[derive(Clone, Copy)]
struct Lane {
    sent: u64,
    skipped: u64,
    bytes: u64,
}

fn tiles(viewer: &ViewerFigures) -> Lane {
    Lane { sent: viewer.sent, skipped: viewer.skipped, bytes: viewer.bytes }
}

fn video(viewer: &ViewerFigures) -> Lane {
    let VideoFigures { sent, dropped, bytes, .. } = viewer.video;
    Lane { sent, skipped: dropped, bytes }
}

/// What live video does when a viewer is behind.
fn live(figures: &Figures, to: &mut DescriptorEncoder<'_>) -> fmt::Result {
    let each = |value: fn(&VideoFigures) -> u64| -> Vec<_> {
        let viewers = figures.viewers.iter();
        viewers.map(|viewer| ([("viewer", viewer.id.to_string())], value(&viewer.video))).collect()
    };
    let jumps = "Times that a lane of one viewer left video out up to a keyframe";
    counter(to, "viewer_video_jumps", jumps, each(|video| video.jumps))?;
    let down = "Lanes of one viewer stepped down to a lower stream or to tiles";
    counter(to, "viewer_video_steps_down", down, each(|video| video.steps_down))?;
    let up = "Lanes of one viewer stepped up again";
    counter(to, "viewer_video_steps_up", up, each(|video| video.steps_up))?;
    let carrying = |VideoFigures { lanes_tile, lanes_sub, lanes_main, .. }: VideoFigures| {
        [("tile", lanes_tile), ("sub", lanes_sub), ("main", lanes_main)]
    };
    let lanes = figures.viewers.iter().flat_map(|viewer| {
        carrying(viewer.video).map(|(stream, lanes)| {
            ([("viewer", viewer.id.to_string()), ("stream", stream.to_owned())], lanes as f64)
        })
    });
    gauge(to, "viewer_video_lanes", "Lanes of one viewer by what they carry now", lanes)?;
    let total = figures.total.video;
    let mut sum = |name, help, value: u64| {
        to.encode_descriptor(name, help, None, MetricType::Counter)?
            .encode_counter::<NoLabelSet, _, f64>(&(value as f64), None)
    };
    sum("video_jumps", "Jumps of all viewers' lanes so far", total.jumps)?;
    sum("video_steps_down", "Steps down of all viewers' lanes so far", total.steps_down)?;
    sum("video_steps_up", "Steps up of all viewers' lanes so far", total.steps_up)?;
    let withheld = "Access units that could not be shown undamaged, after a hole upstream";
    sum("video_units_withheld", withheld, figures.units_withheld)
}

fn histogram(to: &mut DescriptorEncoder<'_>, name: &str, help: &str, delay: &Delay) -> fmt::Result {
    let count = delay.buckets.iter().map(|(_, count)| count).sum();
    to.encode_descriptor(name, help, None, MetricType::Histogram)?.encode_histogram::<NoLabelSet>(
        delay.sum_s,
        count,
        &delay.buckets,
        None,
    )
}

fn workers(app: &App, to: &mut DescriptorEncoder<'_>) -> fmt::Result {
    let workers = app.workers.list();
    let label = |worker: &WorkerFigures| {
        [("kind", worker.kind.to_owned()), ("index", worker.index.to_string())]
    };
    counter(
        to,
        "worker_restarts",
        "Times it was started again",
        workers.iter().map(|w| (label(w), w.restarts)),
    )?;
    let memory = workers.iter().map(|w| (label(w), w.memory_bytes as f64));
    gauge(to, "worker_memory_bytes", "Resident memory", memory)
}

pub(super) fn gauge<L: EncodeLabelSet>(
    to: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    values: impl IntoIterator<Item = (L, f64)>,
) -> fmt::Result {
    let mut metric = to.encode_descriptor(name, help, None, MetricType::Gauge)?;
    for (labels, value) in values {
        metric.encode_family(&labels)?.encode_gauge(&value)?;
    }
    Ok(())
}

pub(super) fn counter<L: EncodeLabelSet>(
    to: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    values: impl IntoIterator<Item = (L, u64)>,
) -> fmt::Result {
    let mut metric = to.encode_descriptor(name, help, None, MetricType::Counter)?;
    for (labels, value) in values {
        metric.encode_family(&labels)?.encode_counter::<NoLabelSet, _, f64>(&value, None)?;
    }
    Ok(())
}
