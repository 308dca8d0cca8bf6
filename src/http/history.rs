//! What happened to a camera, or to a site: newest first, page by page.

use std::time::SystemTime;

use axum::{
    extract::{Path, State},
    http::{HeaderValue, header},
    response::Response,
};
use serde::{Deserialize, Serialize};

use super::{
    App, Problem,
    access::{Action, Subject},
    asked::{self, Asked, Format},
    cameras, pictures, sites,
    table::{Cell, Table},
};
use crate::{
    domain::{
        availability::Window,
        camera::{CameraId, Condition, SiteId, State as CameraState},
        health::Severity,
        history,
        time::UnixMicros,
        word::word,
    },
    store::{HistoryEntry, HistoryPage, What},
};

/// Entries of a page, unless asked for otherwise, and at most.
const USUAL: u32 = 100;
const MOST: u32 = 1000;
/// Rows of a CSV file: a month of a camera that changes every five minutes.
const ROWS: u32 = 10_000;

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Wish {
    /// Only what began at this moment or later: Unix microseconds or RFC 3339.
    from: Option<String>,
    /// Only what began before this moment.
    to: Option<String>,
    /// About so many entries, 1 to 1,000, or to 10,000 in CSV; those of one moment stay together.
    limit: Option<u32>,
    /// `json` or `csv`.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    format: Format,
}

/// A page of the past.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct HistoryView {
    /// Newest first.
    entries: Vec<EntryView>,
    /// Where older ones are; null on the last page.
    next: Option<String>,
}

/// Something that began, and ended or lasts.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct EntryView {
    /// `state`; `condition`; or `gone`: the camera was not configured.
    kind: &'static str,
    /// When it began.
    #[schema(value_type = u64)]
    at: UnixMicros,
    /// When it ended, or was last known; null while it lasts.
    #[schema(value_type = Option<u64>)]
    until: Option<UnixMicros>,
    /// The state, of a `state`.
    #[schema(value_type = Option<String>)]
    state: Option<CameraState>,
    /// What stood when the state was entered, worst first.
    #[schema(value_type = Vec<String>)]
    conditions: Vec<Condition>,
    /// The condition, of a `condition`.
    #[schema(value_type = Option<String>)]
    condition: Option<Condition>,
    /// How much the condition mattered.
    #[schema(value_type = Option<String>)]
    severity: Option<Severity>,
    /// Words and figures.
    evidence: Option<String>,
    /// The site that the camera was masked under.
    #[schema(value_type = Option<String>)]
    masked_by: Option<SiteId>,
    /// Nobody saw it end: the service stopped, or the camera was taken away, while it stood.
    cut_short: bool,
    /// Where the picture of when it was raised is.
    picture: Option<String>,
}

/// What happened to a camera: its states, and the conditions that stood.
#[utoipa::path(get, path = "/api/v1/cameras/{id}/history", tag = "history",
    params(("id" = String, Path), Wish),
    responses((status = 200, content((HistoryView = "application/json"), (String = "text/csv")),
               headers(("Link" = String, description = "rel=\"next\": older entries"))),
              (status = 400, body = Problem), (status = 404, body = Problem), (status = 503, body = Problem)))]
pub(super) async fn camera(
    State(app): State<App>,
    subject: Subject,
    Path(id): Path<String>,
    Asked(wish): Asked<Wish>,
) -> Result<Response, Problem> {
    let camera = cameras::find_past(&app, &subject, &id)?;
    answer(&app, &subject, history::Subject::Camera(camera.id.clone()), wish).await
}

/// What happened to a site: when it was down.
#[utoipa::path(get, path = "/api/v1/sites/{id}/history", tag = "history",
    params(("id" = String, Path), Wish),
    responses((status = 200, content((HistoryView = "application/json"), (String = "text/csv"))),
              (status = 400, body = Problem), (status = 404, body = Problem), (status = 503, body = Problem)))]
pub(super) async fn site(
    State(app): State<App>,
    subject: Subject,
    Path(id): Path<String>,
    Asked(wish): Asked<Wish>,
) -> Result<Response, Problem> {
    let site = sites::find(&app, &subject, &id)?;
    subject.authorize(&Action::Search)?;
    answer(&app, &subject, history::Subject::Site(site.id.clone()), wish).await
}

async fn answer(
    app: &App,
    asking: &Subject,
    subject: history::Subject,
    wish: Wish,
) -> Result<Response, Problem> {
    let (usual, most) = match wish.format {
        Format::Json => (USUAL, MOST),
        Format::Csv => (ROWS, ROWS),
    };
    let limit = asked::bounded("limit", wish.limit, usual, most)?;
    let from = wish.from.as_deref().map(|from| asked::moment("from", from)).transpose()?;
    let until = wish.to.as_deref().map(|to| asked::moment("to", to)).transpose()?;
    // A clock that was ahead may have written rows of tomorrow.
    let all = UnixMicros(i64::MAX.unsigned_abs());
    let window = Window { from: from.unwrap_or_default(), until: until.unwrap_or(all) };
    if window.from > window.until {
        return Err(Problem::bad_request("`from` is later than `to`. Swap them."));
    }
    let mut page = app.store()?.history(&subject, window, limit).await.map_err(Problem::store)?;
    for entry in &mut page.entries {
        if let What::State { masked_by, .. } | What::Condition { masked_by, .. } = &mut entry.what {
            // The site above may be foreign.
            *masked_by = masked_by.take().filter(|site| asking.may_see_site_id(site));
        }
    }
    let (kind, id) = match &subject {
        history::Subject::Camera(id) => ("cameras", id),
        history::Subject::Site(id) => ("sites", id),
    };
    let next = page.next_until.map(|until| {
        let format = if wish.format == Format::Csv { "&format=csv" } else { "" };
        let from = window.from.0;
        format!("/api/v1/{kind}/{id}/history?from={from}&to={}&limit={limit}{format}", until.0)
    });
    let mut response = match wish.format {
        Format::Json => {
            let entries = page.entries.into_iter().map(|entry| view(id, entry)).collect();
            asked::json(HistoryView { entries, next: next.clone() })
        }
        Format::Csv => {
            table(id, page, app.utc_offset_min).into_response(&format!("history-{id}"))?
        }
    };
    let link = next.and_then(|next| HeaderValue::try_from(format!("<{next}>; rel=\"next\"")).ok());
    link.map(|link| response.headers_mut().insert(header::LINK, link));
    Ok(response)
}

fn view(id: &CameraId, entry: HistoryEntry) -> EntryView {
    let HistoryEntry { at, until, what } = entry;
    let plain = EntryView {
        kind: "gone",
        at,
        until,
        state: None,
        conditions: Vec::new(),
        condition: None,
        severity: None,
        evidence: None,
        masked_by: None,
        cut_short: false,
        picture: None,
    };
    match what {
        What::Gone => plain,
        What::State { state, conditions, evidence, masked_by } => EntryView {
            kind: "state",
            state: Some(state),
            conditions,
            evidence,
            masked_by,
            ..plain
        },
        What::Condition { condition, severity, evidence, masked_by, cut_short, picture } => {
            EntryView {
                kind: "condition",
                condition: Some(condition),
                severity: Some(severity),
                evidence: Some(evidence),
                masked_by,
                cut_short,
                picture: picture.then(|| pictures::event_url(id, condition, at)),
                ..plain
            }
        }
    }
}

const COLUMNS: [&str; 11] = [
    "id",
    "kind",
    "at",
    "until",
    "seconds",
    "what",
    "severity",
    "conditions",
    "evidence",
    "masked_by",
    "cut_short",
];

fn table(id: &CameraId, page: HistoryPage, utc_offset_min: i32) -> Table {
    let now = UnixMicros::from(SystemTime::now());
    let mut table = Table::new(&COLUMNS, utc_offset_min);
    for entry in page.entries {
        let entry = view(id, entry);
        let words: Vec<String> = entry.conditions.iter().map(word).collect();
        let lasted = entry.until.unwrap_or(now).since(entry.at);
        table.row([
            Cell::text(id),
            Cell::text(entry.kind),
            Cell::Time(Some(entry.at)),
            Cell::Time(entry.until),
            Cell::Seconds(u64::try_from(lasted.as_micros()).unwrap_or(u64::MAX)),
            Cell::text_if_any(entry.state.map(word).or_else(|| entry.condition.map(word))),
            Cell::text_if_any(entry.severity.map(word)),
            Cell::text(words.join(" ")),
            Cell::text_if_any(entry.evidence),
            Cell::text_if_any(entry.masked_by),
            Cell::text(if entry.cut_short { "yes" } else { "" }),
        ]);
    }
    table
}
