//! The sites as they are now.

use std::{collections::BTreeSet, sync::Arc};

use axum::{Json, extract::State, http::StatusCode};
use serde::Deserialize;

use super::{App, Problem, access::Subject, asked::Asked};
use crate::{
    desk::view::SiteView,
    domain::{camera::SiteId, fold::searchable},
};

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Filter {
    /// Only those whose name or id holds this text; marks and case do not matter.
    q: Option<String>,
    /// Only those that are down, or only those that are not.
    down: Option<bool>,
}

/// The sites that may be seen, parents before children.
#[utoipa::path(get, path = "/api/v1/sites", tag = "sites", params(Filter),
    responses((status = 200, body = Vec<SiteView>), (status = 400, body = Problem)))]
pub(super) async fn list(
    State(app): State<App>,
    subject: Subject,
    Asked(filter): Asked<Filter>,
) -> Json<Vec<Arc<SiteView>>> {
    let wish = filter.q.as_deref().map(searchable);
    let matches = |site: &&Arc<SiteView>| {
        subject.may_see_site(site)
            && filter.down.is_none_or(|down| site.down_since.is_some() == down)
            && wish.as_deref().is_none_or(|wish| {
                searchable(&site.name).contains(wish) || site.id.as_str().contains(wish)
            })
    };
    let sites = app.view.sites.load();
    Json(sites.iter().filter(matches).map(|site| subject.site(site.clone())).collect())
}

pub(super) fn find(app: &App, subject: &Subject, id: &str) -> Result<Arc<SiteView>, Problem> {
    let sites = app.view.sites.load();
    let found = sites.iter().find(|site| site.id.as_str() == id);
    let seen = found.filter(|s| subject.may_see_site(s) || subject.note_hidden("site", id));
    seen.cloned().ok_or_else(|| {
        Problem::new(
            StatusCode::NOT_FOUND,
            format!("There is no site {id:?}. GET /api/v1/sites lists them."),
        )
    })
}

/// A site and all that hang below it.
pub(super) fn with_those_below(
    app: &App,
    subject: &Subject,
    site: &SiteId,
) -> Result<Vec<SiteId>, Problem> {
    find(app, subject, site.as_str())?;
    let sites = app.view.sites.load();
    let below = sites.iter().filter(|known| ancestry(&sites, Some(&known.id)).contains(site));
    Ok(below.map(|known| known.id.clone()).collect())
}

/// A site and all above it, the lowest first. Each once, whatever the tree looks like.
pub(super) fn ancestry(sites: &[Arc<SiteView>], lowest: Option<&SiteId>) -> Vec<SiteId> {
    let mut line: Vec<SiteId> = Vec::new();
    let mut seen = BTreeSet::new();
    let mut next = lowest.cloned();
    while let Some(site) = next.take_if(|site| seen.insert(site.clone())) {
        next = sites.iter().find(|known| known.id == site).and_then(|known| known.parent.clone());
        line.push(site);
    }
    line
}
