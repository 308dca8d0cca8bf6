//! A camera's figures of the last hours, minute by minute, in columns: as a plot takes them.

use std::time::{Duration, SystemTime};

use axum::{
    Json,
    extract::{Path, State},
};
use serde::{Deserialize, Serialize};

use super::{
    App, Problem,
    access::Subject,
    asked::{self, Asked},
    cameras,
};
use crate::domain::{history::Figures, time::UnixMicros};

/// Hours unless asked for otherwise, and as many as are kept.
const USUAL: u32 = 6;
const MOST: u32 = 48;

/// Between two minutes this far apart something is missing, and a plot must not draw over it.
const HOLE: Duration = Duration::from_secs(90);
const MINUTE: Duration = Duration::from_secs(60);

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Wish {
    /// So many hours back, 1 to 48; 6 if nothing is said.
    hours: Option<u32>,
}

/// Figures in columns of equal length, oldest first; null is unknown.
#[derive(Debug, Default, Serialize, utoipa::ToSchema)]
pub(super) struct FiguresView {
    /// When each minute ended.
    #[schema(value_type = Vec<u64>)]
    at: Vec<UnixMicros>,
    /// Frames per second.
    frame_rate: Vec<Option<f32>>,
    /// Bits per second.
    bitrate: Vec<Option<f32>>,
    /// Packets lost of a hundred.
    loss_percent: Vec<Option<f32>>,
    /// Interarrival jitter, milliseconds.
    jitter_ms: Vec<Option<f32>>,
    /// Seconds between keyframes.
    keyframe_interval_s: Vec<Option<f32>>,
    /// The camera's clock less the service's, seconds.
    clock_offset_s: Vec<Option<f32>>,
    /// Mean luma, 0 to 255.
    luma: Vec<Option<f32>>,
    /// Sharpness against the reference, 1 being equal.
    sharpness: Vec<Option<f32>>,
}

/// The figures of the newest minute.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct MinuteView {
    /// When it ended.
    #[schema(value_type = u64)]
    at: UnixMicros,
    /// Frames per second.
    frame_rate: Option<f32>,
    /// Bits per second.
    bitrate: Option<f32>,
    /// Packets lost of a hundred.
    loss_percent: Option<f32>,
    /// Interarrival jitter, milliseconds.
    jitter_ms: Option<f32>,
    /// Seconds between keyframes.
    keyframe_interval_s: Option<f32>,
    /// The camera's clock less the service's, seconds.
    clock_offset_s: Option<f32>,
    /// Mean luma, 0 to 255.
    luma: Option<f32>,
    /// Sharpness against the reference, 1 being equal.
    sharpness: Option<f32>,
}

/// A camera's figures of the last hours, one a minute.
#[utoipa::path(get, path = "/api/v1/cameras/{id}/figures", tag = "history",
    params(("id" = String, Path), Wish),
    responses((status = 200, body = FiguresView), (status = 400, body = Problem),
              (status = 404, body = Problem), (status = 503, body = Problem)))]
pub(super) async fn figures(
    State(app): State<App>,
    subject: Subject,
    Path(id): Path<String>,
    Asked(wish): Asked<Wish>,
) -> Result<Json<FiguresView>, Problem> {
    let hours = asked::bounded("hours", wish.hours, USUAL, MOST)?;
    let camera = cameras::find_past(&app, &subject, &id)?;
    let after = ago(Duration::from_secs(3600 * u64::from(hours)));
    let minutes = app.store()?.figures(&camera.id, after).await.map_err(Problem::store)?;
    Ok(Json(columns(&minutes)))
}

/// The newest minute of a camera, if it is not an old one.
pub(super) async fn newest(
    app: &App,
    camera: &crate::domain::camera::CameraId,
) -> Result<Option<MinuteView>, Problem> {
    let minutes = app.store()?.figures(camera, ago(3 * MINUTE)).await.map_err(Problem::store)?;
    Ok(minutes.last().map(|(at, figures)| MinuteView {
        at: *at,
        frame_rate: figures.frame_rate,
        bitrate: figures.bitrate,
        loss_percent: figures.loss_percent,
        jitter_ms: figures.jitter_ms,
        keyframe_interval_s: figures.keyframe_interval_s,
        clock_offset_s: figures.clock_offset_s,
        luma: figures.luma,
        sharpness: figures.sharpness,
    }))
}

fn ago(long: Duration) -> UnixMicros {
    SystemTime::now().checked_sub(long).map(UnixMicros::from).unwrap_or_default()
}

fn columns(minutes: &[(UnixMicros, Figures)]) -> FiguresView {
    let mut view = FiguresView::default();
    for (at, figures) in minutes {
        if let Some(before) = view.at.last().copied().filter(|before| at.since(*before) > HOLE) {
            push(&mut view, before.plus(MINUTE), &Figures::default());
        }
        push(&mut view, *at, figures);
    }
    view
}

fn push(view: &mut FiguresView, at: UnixMicros, figures: &Figures) {
    view.at.push(at);
    view.frame_rate.push(figures.frame_rate);
    view.bitrate.push(figures.bitrate);
    view.loss_percent.push(figures.loss_percent);
    view.jitter_ms.push(figures.jitter_ms);
    view.keyframe_interval_s.push(figures.keyframe_interval_s);
    view.clock_offset_s.push(figures.clock_offset_s);
    view.luma.push(figures.luma);
    view.sharpness.push(figures.sharpness);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hole_is_a_row_of_unknowns_so_that_no_line_is_drawn_over_it() {
        let minute = |n: u64| {
            let figures = Figures { frame_rate: Some(n as f32), ..Figures::default() };
            (UnixMicros(n * 60_000_000), figures)
        };
        let view = columns(&[minute(1), minute(2), minute(9)]);
        assert_eq!(view.at.iter().map(|at| at.0 / 60_000_000).collect::<Vec<_>>(), [1, 2, 3, 9]);
        assert_eq!(view.frame_rate, [Some(1.0), Some(2.0), None, Some(9.0)]);
        assert_eq!(view.sharpness.len(), 4);
    }
}
