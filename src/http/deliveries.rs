//! Who was told of alerts, and what became of each message: sent, waiting, or given up, where
//! people see it and can send it again.

use std::collections::BTreeSet;

use axum::{
    Json,
    extract::{Path, State},
};
use serde::{Deserialize, Serialize};

use super::{
    App, Problem,
    access::{Action, Subject},
    asked::{Asked, Ordered, bounded},
};
use crate::{
    desk::command::{Command, Done},
    domain::{
        alert::{AlertId, Seq, delivery::DeliveryId},
        roster::PersonId,
        time::UnixMicros,
    },
    store::{DeliveryRow, DeliveryState, Receipt},
};

/// A message on its way to one recipient, or the proof that an application has the alert.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct DeliveryView {
    /// Its id; null for what an application confirmed.
    #[schema(value_type = Option<String>)]
    id: Option<DeliveryId>,
    #[schema(value_type = String)]
    alert: AlertId,
    /// The change that it tells.
    #[schema(value_type = u64)]
    seq: Seq,
    /// The channel; `app` for what an application confirmed over the control socket.
    channel: String,
    /// To whom; null where the channel itself is the recipient.
    #[schema(value_type = Option<String>)]
    person: Option<PersonId>,
    /// `waiting`, `delivered` or `dead`.
    state: &'static str,
    /// Tries so far.
    attempts: u32,
    #[schema(value_type = u64)]
    first_at: UnixMicros,
    /// When the next try is due.
    #[schema(value_type = Option<u64>)]
    next_at: Option<UnixMicros>,
    /// When the other side confirmed it.
    #[schema(value_type = Option<u64>)]
    delivered_at: Option<UnixMicros>,
    /// Why the last try failed.
    error: Option<String>,
}

impl From<DeliveryRow> for DeliveryView {
    fn from(row: DeliveryRow) -> Self {
        let DeliveryRow { delivery, state, told, sent_at, .. } = row;
        let (state, tried) = match state {
            DeliveryState::Pending => ("waiting", 0),
            DeliveryState::Sent => ("delivered", 1),
            DeliveryState::Dead => ("dead", 0),
        };
        Self {
            id: Some(delivery.id),
            alert: delivery.alert,
            seq: delivery.seq,
            channel: delivery.channel.into(),
            person: delivery.person,
            state,
            attempts: delivery.tries + tried,
            first_at: delivery.created_at,
            next_at: (state == "waiting").then_some(delivery.next_try_at),
            delivered_at: sent_at,
            error: told,
        }
    }
}

impl From<Receipt> for DeliveryView {
    fn from(receipt: Receipt) -> Self {
        Self {
            id: None,
            alert: receipt.alert,
            seq: receipt.seq,
            channel: "app".to_owned(),
            person: receipt.by.person,
            state: "delivered",
            attempts: 1,
            first_at: receipt.delivered_at.or(receipt.read_at).unwrap_or_default(),
            next_at: None,
            delivered_at: receipt.delivered_at,
            error: None,
        }
    }
}

/// Messages that are shown with an alert, the newest.
const OF_ALERT_MAX: u32 = 500;

/// All that was sent of one alert.
pub(super) async fn delivered(app: &App, alert: AlertId) -> Result<Vec<DeliveryView>, Problem> {
    let store = app.store()?;
    let sent = store.deliveries_of_alert(alert, OF_ALERT_MAX).await.map_err(Problem::store)?;
    let receipts = store.receipts_of_alert(alert).await.map_err(Problem::store)?;
    let sent = sent.into_iter().map(DeliveryView::from);
    Ok(sent.chain(receipts.into_iter().map(DeliveryView::from)).collect())
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Wish {
    /// Only those that are `waiting`, `delivered` or `dead`.
    #[param(value_type = Option<String>)]
    state: Option<Wanted>,
    /// So many at most: 1 to 1000, 100 if left out.
    limit: Option<u32>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Wanted {
    Waiting,
    Delivered,
    Dead,
}

/// Messages.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct List {
    /// Newest first.
    deliveries: Vec<DeliveryView>,
}

/// Messages about alerts, newest first.
#[utoipa::path(get, path = "/api/v1/deliveries", tag = "alerts", params(Wish),
    responses((status = 200, body = List), (status = 400, body = Problem),
              (status = 503, body = Problem)))]
pub(super) async fn list(
    State(app): State<App>,
    subject: Subject,
    Asked(wish): Asked<Wish>,
) -> Result<Json<List>, Problem> {
    subject.authorize(&Action::Duty)?;
    let state = wish.state.map(|wanted| match wanted {
        Wanted::Waiting => DeliveryState::Pending,
        Wanted::Delivered => DeliveryState::Sent,
        Wanted::Dead => DeliveryState::Dead,
    });
    let limit = bounded("limit", wish.limit, 100, 1000)?;
    let mut rows = app.store()?.deliveries(state, None, limit).await.map_err(Problem::store)?;
    if !subject.sees_all() {
        let seen = seen(&app, &subject, rows.iter().map(|row| row.delivery.alert)).await?;
        rows.retain(|row| seen.contains(&row.delivery.alert));
    }
    Ok(Json(List { deliveries: rows.into_iter().map(DeliveryView::from).collect() }))
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

/// Sends a message again that was given up.
#[utoipa::path(post, path = "/api/v1/deliveries/{id}/resend", tag = "alerts",
    request_body = Nothing, params(("id" = String, Path)),
    responses((status = 200, body = DeliveryView), (status = 403, body = Problem),
              (status = 404, body = Problem), (status = 409, body = Problem),
              (status = 503, body = Problem)))]
pub(super) async fn resend(
    State(app): State<App>,
    subject: Subject,
    Path(id): Path<String>,
    Ordered(Nothing {}): Ordered<Nothing>,
) -> Result<Json<DeliveryView>, Problem> {
    subject.authorize(&Action::Supervise)?;
    let unknown = || Problem::no_delivery(&id);
    let id = id.parse().map(DeliveryId).map_err(|_| unknown())?;
    let row = app.store()?.delivery(id).await.map_err(Problem::store)?.ok_or_else(unknown)?;
    if !subject.sees_all() && seen(&app, &subject, [row.delivery.alert]).await?.is_empty() {
        return Err(unknown());
    }
    if row.state != DeliveryState::Dead {
        return Err(Problem::conflict("This message was not given up."));
    }
    let command = Command::Resend { id, by: subject.actor(), address: subject.address };
    match app.commands()?.give(command).await.map_err(Problem::refused)? {
        Done::Plainly => {
            let row = app.store()?.delivery(id).await.map_err(Problem::store)?;
            Ok(Json(row.ok_or_else(unknown)?.into()))
        }
        _ => Err(Problem::fault()),
    }
}

/// Those of these alerts that exist for the subject.
async fn seen(
    app: &App,
    subject: &Subject,
    alerts: impl IntoIterator<Item = AlertId>,
) -> Result<BTreeSet<AlertId>, Problem> {
    let mut seen = BTreeSet::new();
    for id in alerts.into_iter().collect::<BTreeSet<_>>() {
        let alert = app.alerts()?.alert(id).await.map_err(Problem::store)?;
        if alert.is_some_and(|(_, alert)| subject.may_see_alert(&alert)) {
            seen.insert(id);
        }
    }
    Ok(seen)
}
