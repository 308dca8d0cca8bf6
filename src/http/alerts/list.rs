//! Alerts, ordered by their newest change.

use std::collections::BTreeMap;

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};

use super::view::AlertView;
use crate::{
    domain::{
        alert::{self, Flood, Mix, Seq},
        camera::SiteId,
        roster::PositionId,
    },
    http::{
        App, Problem,
        access::{Action, Subject},
        asked::{Asked, bounded},
        sites,
    },
    store::{AlertFilter, Numbered},
};

/// Alerts of one answer; a whole day of a busy centre is fewer.
const LIMIT_MAX: u32 = 1000;

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Wish {
    /// Only those with a change after this one.
    #[serde(default)]
    #[param(value_type = u64)]
    after: Seq,
    /// So many at most: 1 to 1000, 500 if left out.
    limit: Option<u32>,
    /// In this state: `unacknowledged`, `acknowledged`, …
    #[param(value_type = Option<String>)]
    state: Option<alert::State>,
    /// Of this site and of those below it.
    #[param(value_type = Option<String>)]
    site: Option<SiteId>,
    /// Of this position.
    #[param(value_type = Option<String>)]
    position: Option<PositionId>,
    /// Only those that are not over (`true`), or only those that are.
    open: Option<bool>,
}

/// Alerts, and how many there are for those who must act on them.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(in crate::http) struct List {
    /// Ordered by `seq`.
    alerts: Vec<AlertView>,
    /// The newest change of all: resume after it.
    #[schema(value_type = u64)]
    head: Seq,
    /// Positions that get more than a person can take.
    floods: Vec<FloodView>,
    /// Shares of each priority of the newest alerts, per cent; of none for who does not see all.
    #[schema(value_type = Object)]
    mix: Mix,
}

/// A position in flood.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(in crate::http) struct FloodView {
    /// Which.
    #[schema(value_type = String)]
    position: PositionId,
    /// Since when, and how many in ten minutes.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    flood: Flood,
}

/// Alerts, ordered by their newest change.
#[utoipa::path(get, path = "/api/v1/alerts", tag = "alerts", params(Wish),
    responses((status = 200, body = List), (status = 400, body = Problem),
              (status = 503, body = Problem)))]
pub(in crate::http) async fn list(
    State(app): State<App>,
    subject: Subject,
    Asked(wish): Asked<Wish>,
) -> Result<Json<List>, Problem> {
    let Wish { after, limit, state, site, position, open } = wish;
    let limit = bounded("limit", limit, 500, LIMIT_MAX)? as usize;
    subject.authorize(&Action::Duty)?;
    let sites = site.map(|site| sites::with_those_below(&app, &subject, &site)).transpose()?;
    // The store leaves foreign ones out, so that a page of them is no empty page.
    let sites = sites.or_else(|| subject.sites());
    let filter = AlertFilter { open, state, sites, position };
    let feed = app.alerts()?;
    // Before the list is read: what changes meanwhile comes again, and is not missing.
    let head = feed.head();
    let alerts = feed.alerts(&filter, after, limit).await.map_err(Problem::store)?;
    let seen = alerts.iter().filter(|(_, alert)| subject.may_see_alert(alert));
    let alerts: Vec<AlertView> =
        seen.map(|(seq, alert)| AlertView::of(&app, *seq, &subject.alert(alert))).collect();
    let duty = app.view.duty.load();
    let floods: &BTreeMap<_, _> = &duty.floods;
    let floods = floods
        .iter()
        .filter(|(position, _)| subject.may_see_position(position))
        .map(|(position, flood)| FloodView { position: position.clone(), flood: *flood })
        .collect();
    // It counts the alerts of all sites.
    let mix = if subject.sees_all() { duty.mix } else { Mix::default() };
    Ok(Json(List { alerts, head, floods, mix }))
}

/// The shelf.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(in crate::http) struct Shelf {
    /// First to come back first.
    shelf: Vec<AlertView>,
}

/// What people have put away for a while.
#[utoipa::path(get, path = "/api/v1/shelf", tag = "alerts",
    responses((status = 200, body = Shelf), (status = 503, body = Problem)))]
pub(in crate::http) async fn shelf(
    State(app): State<App>,
    subject: Subject,
) -> Result<Json<Shelf>, Problem> {
    subject.authorize(&Action::Duty)?;
    let mut shelved = app.alerts()?.open_alerts().await.map_err(Problem::store)?;
    shelved.retain(|(_, alert)| alert.shelved.is_some() && subject.may_see_alert(alert));
    shelved.sort_by_key(|(_, alert)| alert.shelved.as_ref().map(|shelved| shelved.until));
    let view = |(seq, alert): &Numbered| AlertView::of(&app, *seq, &subject.alert(alert));
    let shelf = shelved.iter().map(view).collect();
    Ok(Json(Shelf { shelf }))
}
