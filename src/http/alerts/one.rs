//! One alert with all that is known of it.

use axum::{
    Json,
    extract::{Path, State},
};
use serde::Serialize;

use super::view::AlertView;
use crate::{
    domain::{
        alert::{Actor, AlertId, Procedure, Seq, What},
        time::UnixMicros,
    },
    http::{
        App, Problem,
        access::Subject,
        deliveries::{DeliveryView, delivered},
    },
};

/// Changes that are told with an alert; the whole past of one that chatters is in the journal.
const CHANGES_MAX: usize = 200;

/// An alert, what to do, what has happened to it, and who was told.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(in crate::http) struct AlertDetail {
    #[serde(flatten)]
    alert: AlertView,
    /// What to do, in Vietnamese and English.
    #[schema(value_type = Object)]
    procedure: Procedure,
    /// Resolving it needs a comment.
    comment_required: bool,
    /// How soon it must have been read, seconds.
    acknowledge_within_s: u64,
    /// When its first change was made; it was told to nobody before it was stored.
    #[schema(value_type = Option<u64>)]
    stored_at: Option<UnixMicros>,
    /// Oldest first, the newest 200.
    changes: Vec<ChangeView>,
    /// To whom it was sent, and what became of it.
    deliveries: Vec<DeliveryView>,
}

/// What changed, when, and by whom.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(in crate::http) struct ChangeView {
    #[schema(value_type = u64)]
    seq: Seq,
    #[schema(value_type = u64)]
    at: UnixMicros,
    #[serde(flatten)]
    #[schema(value_type = Object)]
    what: What,
    #[schema(value_type = Option<Object>)]
    by: Option<Actor>,
    /// When the person asked for it, where that was not then.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<u64>)]
    asked_at: Option<UnixMicros>,
}

/// One alert.
#[utoipa::path(get, path = "/api/v1/alerts/{id}", tag = "alerts", params(("id" = String, Path)),
    responses((status = 200, body = AlertDetail), (status = 404, body = Problem),
              (status = 503, body = Problem)))]
pub(in crate::http) async fn one(
    State(app): State<App>,
    subject: Subject,
    Path(id): Path<String>,
) -> Result<Json<AlertDetail>, Problem> {
    let unknown = || Problem::no_alert(&id);
    let id = id.parse().map(AlertId).map_err(|_| unknown())?;
    let feed = app.alerts()?;
    let (seq, alert) = feed.alert(id).await.map_err(Problem::store)?.ok_or_else(unknown)?;
    if !subject.may_see_alert(&alert) {
        subject.note_hidden("alert", &id.to_string());
        return Err(unknown());
    }
    let changes = feed.changes_of(id, CHANGES_MAX).await.map_err(Problem::store)?;
    let plan = app.view.duty.load().config.plan_of(&alert.source);
    Ok(Json(AlertDetail {
        procedure: plan.as_ref().map(|plan| plan.procedure.clone()).unwrap_or_default(),
        comment_required: plan.as_ref().is_some_and(|plan| plan.comment_required),
        acknowledge_within_s: plan.map_or(0, |plan| plan.acknowledge_within.as_secs()),
        stored_at: changes.first().map(|change| change.at),
        changes: changes
            .iter()
            .map(|change| ChangeView {
                seq: change.seq,
                at: change.at,
                what: change.what.clone(),
                by: change.by.clone(),
                asked_at: change.asked_at,
            })
            .collect(),
        deliveries: delivered(&app, id).await?,
        alert: AlertView::of(&app, seq, &subject.alert(&alert)),
    }))
}
