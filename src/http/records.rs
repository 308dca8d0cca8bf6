//! Searching all that was observed, whether it became an alert or not, and the pictures that came
//! with it.

use axum::{
    Json,
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    App, Problem,
    access::{Action, Subject},
    alerts::Place,
    asked::{Asked, bounded, moment},
};
use crate::{
    domain::{
        alert::AlertId,
        audit::Deed,
        availability::Window,
        camera::{CameraId, SiteId, Slug},
        time::UnixMicros,
    },
    store::{JournalFilter, Observation, Within},
};

/// Words that are looked for, characters.
const WORDS_MAX: usize = 100;

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Wish {
    /// Only what was at this moment or later: Unix microseconds or RFC 3339.
    from: Option<String>,
    /// Only what was before this moment.
    to: Option<String>,
    /// The same as `to`, for the next page: the `at` of the last record. The earlier of both counts.
    before: Option<String>,
    /// Only of this kind.
    #[param(value_type = Option<String>)]
    kind: Option<Slug>,
    /// Only with this camera.
    #[param(value_type = Option<String>)]
    camera: Option<CameraId>,
    /// Only with these words in their text, 100 characters at most.
    q: Option<String>,
    /// About so many: 1 to 1000, 100 if left out; those of one moment stay together.
    limit: Option<u32>,
}

/// A page of records.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct RecordList {
    /// Newest first.
    records: Vec<RecordView>,
    /// There are older ones: ask for those before the last one's `at`.
    more: bool,
}

/// Something that was observed.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct RecordView {
    /// Its name; null for what the service itself observed.
    #[schema(value_type = Option<String>)]
    id: Option<Uuid>,
    /// Who reported it; null: the service itself.
    source: Option<String>,
    /// What the source calls it.
    key: Option<String>,
    #[schema(value_type = String)]
    kind: Slug,
    #[schema(value_type = Option<String>)]
    camera: Option<CameraId>,
    #[schema(value_type = Option<String>)]
    site: Option<SiteId>,
    #[schema(value_type = u64)]
    at: UnixMicros,
    /// When it ended; null while it lasts, and for what has no end of its own.
    #[schema(value_type = Option<u64>)]
    until: Option<UnixMicros>,
    text: String,
    /// The alert that it opened or belongs to.
    #[schema(value_type = Option<String>)]
    alert: Option<AlertId>,
    drill: bool,
    /// Where its picture is.
    picture: Option<String>,
    #[serde(rename = "where")]
    place: Place,
}

impl RecordView {
    fn of(app: &App, seen: Observation) -> Self {
        let camera = seen.camera.as_ref().and_then(|id| app.view.by_id(id));
        let site = seen.site.or_else(|| camera.and_then(|camera| camera.site.clone()));
        let picture = seen.record.filter(|_| seen.pictured);
        Self {
            place: Place::named(app, seen.camera.as_ref(), site.as_ref()),
            id: seen.record,
            source: seen.source,
            key: seen.key,
            kind: seen.kind,
            camera: seen.camera,
            site,
            at: seen.at,
            until: seen.until,
            text: seen.text,
            alert: seen.alert,
            drill: seen.drill,
            picture: picture.map(|id| format!("/api/v1/records/{id}/picture.jpg")),
        }
    }
}

/// All that was observed, newest first.
#[utoipa::path(get, path = "/api/v1/records", tag = "records", params(Wish),
    responses((status = 200, body = RecordList), (status = 400, body = Problem),
              (status = 403, body = Problem), (status = 503, body = Problem)))]
pub(super) async fn list(
    State(app): State<App>,
    subject: Subject,
    Asked(wish): Asked<Wish>,
) -> Result<Json<RecordList>, Problem> {
    subject.authorize(&Action::Search)?;
    let limit = bounded("limit", wish.limit, 100, 1000)?;
    let time =
        |name, text: &Option<String>| text.as_deref().map(|text| moment(name, text)).transpose();
    let (to, before) = (time("to", &wish.to)?, time("before", &wish.before)?);
    let until = to.into_iter().chain(before).min().unwrap_or(UnixMicros(u64::MAX));
    let words = wish.q.map(|words| words.trim().to_owned()).filter(|words| !words.is_empty());
    if words.as_ref().is_some_and(|words| words.chars().count() > WORDS_MAX) {
        let problem = format!("`q` has more than {WORDS_MAX} characters: look for fewer words.");
        return Err(Problem::bad_request(problem));
    }
    let window = Window { from: time("from", &wish.from)?.unwrap_or_default(), until };
    let within = subject
        .cameras()
        .zip(subject.sites())
        .map(|(cameras, sites)| Within { cameras: cameras.into_iter().collect(), sites });
    let filter = JournalFilter { window, kind: wish.kind, camera: wish.camera, words, within };
    let found = app.store()?.observations(&filter, limit + 1).await.map_err(Problem::store)?;
    let (found, more) = page(found, limit as usize);
    let records = found.into_iter().map(|one| RecordView::of(&app, one)).collect();
    Ok(Json(RecordList { records, more }))
}

/// The first `limit`, without those whose moment goes on after them: the next page begins before the
/// last one's moment.
fn page(mut found: Vec<Observation>, limit: usize) -> (Vec<Observation>, bool) {
    let Some(beyond) = found.get(limit).map(|one| one.at) else { return (found, false) };
    found.truncate(limit);
    let whole = found.iter().take_while(|one| one.at != beyond).count();
    // All of one moment: the rest of it cannot be paged.
    if whole > 0 {
        found.truncate(whole);
    }
    (found, true)
}

/// The picture that came with a record.
#[utoipa::path(get, path = "/api/v1/records/{id}/picture.jpg", tag = "records",
    params(("id" = String, Path)),
    responses((status = 200, content_type = "image/jpeg", body = [u8]),
              (status = 403, body = Problem), (status = 404, body = Problem),
              (status = 503, body = Problem)))]
pub(super) async fn picture(
    State(app): State<App>,
    subject: Subject,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    subject.authorize(&Action::Search)?;
    let unknown = || {
        let id: String = id.chars().take(60).collect();
        Problem::new(
            StatusCode::NOT_FOUND,
            format!(
                "There is no record {id:?} with a picture. GET /api/v1/records lists the records."
            ),
        )
    };
    let id: Uuid = id.parse().map_err(|_| unknown())?;
    let row = app.store()?.record(id).await.map_err(Problem::store)?.ok_or_else(unknown)?;
    if !subject.may_see_row(&row) {
        subject.note_hidden("record", &id.to_string());
        return Err(unknown());
    }
    let picture = app.store()?.record_picture(id).await.map_err(Problem::store)?;
    let picture = picture.ok_or_else(unknown)?;
    app.note(&subject, Deed::ViewStored, format!("record:{id}"), None);
    // It never changes.
    let headers = [
        (header::CONTENT_TYPE, "image/jpeg"),
        (header::CACHE_CONTROL, "private, max-age=86400, immutable"),
    ];
    Ok((headers, picture).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(micros: u64) -> Observation {
        Observation {
            at: UnixMicros(micros),
            until: None,
            kind: "seen".try_into().expect("a kind"),
            camera: None,
            site: None,
            text: "seen".to_owned(),
            source: None,
            record: None,
            key: None,
            pictured: false,
            alert: None,
            drill: false,
        }
    }

    #[test]
    fn pages_that_follow_each_other_by_time_hold_each_record_once() {
        let all: Vec<_> = [9, 8, 8, 7, 5, 5, 5, 2].map(at).to_vec();
        let (mut before, mut read) = (UnixMicros(10), Vec::new());
        for _ in 0..all.len() {
            let older = all.iter().filter(|one| one.at < before).take(4).cloned().collect();
            let (found, more) = page(older, 3);
            before = found.last().expect("a page is never empty").at;
            read.extend(found);
            if !more {
                break;
            }
        }
        assert_eq!(read, all);
    }
}
