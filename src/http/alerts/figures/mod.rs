//! How alerts are dealt with, by position and shift, against what people can take.

mod rows;
mod table;
mod view;

use std::time::{Duration, SystemTime};

use axum::{extract::State, response::Response};
use serde::Deserialize;

use self::view::{Counted, FiguresView};
use crate::{
    domain::{availability::Window, roster::PositionId, time::UnixMicros},
    http::{
        App, Problem,
        access::{Action, Subject},
        asked::{self, Asked, Format},
    },
};

/// The longest time that is counted at once: a month.
const WINDOW_MAX: Duration = Duration::from_secs(31 * 24 * 3600);
/// If nothing is said.
const USUAL: Duration = Duration::from_secs(24 * 3600);

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Wish {
    /// Only of this position.
    #[param(value_type = Option<String>)]
    position: Option<PositionId>,
    /// From then on, RFC 3339 or Unix microseconds; 24 hours before `to` if left out.
    from: Option<String>,
    /// Until before then; now if left out. At most 31 days after `from`.
    to: Option<String>,
    /// `json` or `csv`.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    format: Format,
}

/// How many alerts there were, and how soon people took them. Drills are left out.
#[utoipa::path(get, path = "/api/v1/alerts/figures", tag = "alerts", params(Wish),
    responses((status = 200, content((FiguresView = "application/json"), (String = "text/csv"))),
              (status = 400, body = Problem), (status = 403, body = Problem),
              (status = 422, body = Problem, description = "there is too much to count at once"),
              (status = 503, body = Problem)))]
pub(in crate::http) async fn figures(
    State(app): State<App>,
    subject: Subject,
    Asked(wish): Asked<Wish>,
) -> Result<Response, Problem> {
    subject.authorize(&Action::Supervise)?;
    let window = window(wish.from.as_deref(), wish.to.as_deref())?;
    let mut past = rows::read(&app, window).await?;
    if !subject.sees_all() {
        past.rows.retain(|row| subject.may_see_source(&row.source));
        past.alerts.retain(|(_, alert)| subject.may_see_alert(alert));
    }
    let duty = app.view.duty.load_full();
    let position = wish.position;
    // A month of a busy centre takes longer than others may wait.
    let counted = tokio::task::spawn_blocking(move || {
        Counted::of(past, position.as_ref(), window, &duty.config.roster)
    });
    let view = counted.await.map_err(|_| Problem::fault())?.view(&app, &subject);
    match wish.format {
        Format::Json => Ok(asked::json(view)),
        Format::Csv => table::table(&view, app.utc_offset_min).into_response("alert-figures"),
    }
}

/// The future is not counted: nothing has happened in it.
fn window(from: Option<&str>, to: Option<&str>) -> Result<Window, Problem> {
    let now = UnixMicros::from(SystemTime::now());
    let until = to.map(|to| asked::moment("to", to)).transpose()?.unwrap_or(now).min(now);
    let micros = |long: Duration| u64::try_from(long.as_micros()).unwrap_or(u64::MAX);
    let usual = UnixMicros(until.0.saturating_sub(micros(USUAL)));
    let from = from.map(|from| asked::moment("from", from)).transpose()?.unwrap_or(usual);
    let window = Window { from, until };
    if from >= until {
        return Err(Problem::bad_request("`from` is not before `to`, or not before now."));
    }
    if window.micros() > micros(WINDOW_MAX) {
        return Err(Problem::bad_request("`from` is more than 31 days before `to`."));
    }
    Ok(window)
}
