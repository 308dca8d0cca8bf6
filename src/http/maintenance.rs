//! Orders of maintenance: cameras that a person takes out of service until a stated time.

use std::time::SystemTime;

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use serde::{Deserialize, Serialize};

use super::{
    App, Problem,
    access::{Action, Subject},
    asked::{Asked, Moment, Ordered},
};
use crate::{
    desk::command::{Command, Done, Refused},
    domain::{
        maintenance::{Maintenance, MaintenanceId},
        time::UnixMicros,
        wall::Selector,
    },
};

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Wish {
    /// Those that are over too.
    #[serde(default)]
    past: bool,
}

/// An order.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct OrderView {
    /// Its number.
    #[schema(value_type = i64)]
    id: MaintenanceId,
    /// Which cameras: an id, `site:…`, `tag:…` or `*`.
    scope: String,
    /// When it began.
    #[schema(value_type = u64)]
    from: UnixMicros,
    /// When it ends, or ended.
    #[schema(value_type = u64)]
    until: UnixMicros,
    /// Why.
    reason: String,
    /// Who ordered it.
    by: String,
}

impl From<Maintenance> for OrderView {
    fn from(order: Maintenance) -> Self {
        let Maintenance { id, scope, from, until, reason, by } = order;
        Self { id, scope: scope.to_string(), from, until, reason, by }
    }
}

/// What is ordered.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewOrder {
    /// Which cameras: an id, `site:…`, `tag:…` or `*`.
    scope: String,
    /// When it ends by itself: RFC 3339, or Unix microseconds.
    #[schema(value_type = String, example = "2026-11-23T17:00:00+07:00")]
    until: Moment,
    /// Why, in a sentence.
    reason: String,
}

/// The orders that are in force, by number.
#[utoipa::path(get, path = "/api/v1/maintenance", tag = "maintenance", params(Wish),
    responses((status = 200, body = Vec<OrderView>), (status = 400, body = Problem),
              (status = 503, body = Problem)))]
pub(super) async fn list(
    State(app): State<App>,
    subject: Subject,
    Asked(wish): Asked<Wish>,
) -> Result<Json<Vec<OrderView>>, Problem> {
    let after = if wish.past { UnixMicros(0) } else { SystemTime::now().into() };
    subject.authorize(&Action::Search)?;
    let mut orders = app.store()?.load_maintenance(after).await.map_err(Problem::store)?;
    orders.retain(|order| subject.may_see_scope(&order.scope));
    Ok(Json(orders.into_iter().map(OrderView::from).collect()))
}

/// Takes cameras out of service until a stated time.
#[utoipa::path(post, path = "/api/v1/maintenance", tag = "maintenance", request_body = NewOrder,
    responses((status = 201, body = OrderView), (status = 400, body = Problem),
              (status = 403, body = Problem), (status = 413, body = Problem),
              (status = 415, body = Problem), (status = 422, body = Problem),
              (status = 503, body = Problem)))]
pub(super) async fn order(
    State(app): State<App>,
    subject: Subject,
    Ordered(order): Ordered<NewOrder>,
) -> Result<(StatusCode, Json<OrderView>), Problem> {
    let scope: Selector = order.scope.parse().map_err(|_| {
        let scope: String = order.scope.chars().take(60).collect();
        Problem::bad_request(format!(
            "{scope:?} names no cameras: write an id, \"site:…\", \"tag:…\" or \"*\" as `scope`."
        ))
    })?;
    let until = order.until.read("until")?;
    subject.authorize(&Action::Maintain(&scope))?;
    let (reason, by) = (order.reason, subject.user.to_owned());
    let done = app.commands()?.give(Command::Maintain { scope, until, reason, by }).await;
    Ok((StatusCode::CREATED, Json(ordered(done)?)))
}

/// Ends an order before its time.
#[utoipa::path(delete, path = "/api/v1/maintenance/{id}", tag = "maintenance",
    params(("id" = i64, Path)),
    responses((status = 200, body = OrderView), (status = 403, body = Problem),
              (status = 404, body = Problem), (status = 503, body = Problem)))]
pub(super) async fn end(
    State(app): State<App>,
    subject: Subject,
    Path(id): Path<String>,
) -> Result<Json<OrderView>, Problem> {
    let unknown = || {
        Problem::new(
            StatusCode::NOT_FOUND,
            format!(
                "There is no order of maintenance {id:?} in force. GET /api/v1/maintenance lists \
                 them."
            ),
        )
    };
    let number = id.parse().map(MaintenanceId).map_err(|_| unknown())?;
    let now = SystemTime::now().into();
    let orders = app.store()?.load_maintenance(now).await.map_err(Problem::store)?;
    if let Some(order) = orders.iter().find(|order| order.id == number) {
        if !subject.may_see_scope(&order.scope) {
            return Err(unknown());
        }
        subject.authorize(&Action::Maintain(&order.scope))?;
    } else {
        subject.authorize(&Action::Duty)?;
    }
    match app.commands()?.give(Command::EndMaintenance(number)).await {
        Err(Refused::Unknown(_)) => Err(unknown()),
        done => Ok(Json(ordered(done)?)),
    }
}

fn ordered(done: Result<Done, Refused>) -> Result<OrderView, Problem> {
    match done.map_err(Problem::refused)? {
        Done::Maintenance(order) => Ok(order.into()),
        _ => Err(Problem::fault()),
    }
}
