//! An alert as clients get it: the book's snapshot, its place among all changes, and where it is in
//! words.

use serde::Serialize;

use crate::{
    domain::{
        alert::{Alert, Seq, Source, Subject},
        camera::{CameraId, SiteId},
    },
    http::App,
};

/// An alert. `docs/protocol.md` has its fields.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub(in crate::http) struct AlertView {
    /// Of its newest change.
    #[schema(value_type = u64)]
    seq: Seq,
    /// Where, in words.
    #[serde(rename = "where")]
    place: Place,
    /// The book's snapshot.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    alert: Alert,
}

/// Where something is, in words; null where nothing of the kind is named.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub(in crate::http) struct Place {
    /// What an operator types to call the first camera.
    number: Option<u32>,
    /// Its name.
    name: Option<String>,
    /// The name of the site.
    site: Option<String>,
}

impl AlertView {
    pub(in crate::http) fn of(app: &App, seq: Seq, alert: &Alert) -> Self {
        Self { seq, place: Place::of(app, alert), alert: alert.clone() }
    }
}

impl Place {
    /// As they are named now; who is no longer configured has no name.
    pub(in crate::http) fn of(app: &App, alert: &Alert) -> Self {
        let id = match &alert.source.subject {
            Subject::Camera(id) => Some(id),
            Subject::Site(_) | Subject::Service => alert.cameras.first(),
        };
        Self::at(app, id, alert.site.as_ref())
    }

    /// Of what alerts are about, as it is configured now.
    pub(in crate::http) fn of_source(app: &App, source: &Source) -> Self {
        match &source.subject {
            Subject::Camera(id) => {
                let site = app.view.by_id(id).and_then(|camera| camera.site.clone());
                Self::at(app, Some(id), site.as_ref())
            }
            Subject::Site(site) => Self::at(app, None, Some(site)),
            Subject::Service => Self::default(),
        }
    }

    fn at(app: &App, camera: Option<&CameraId>, site: Option<&SiteId>) -> Self {
        let camera = camera.and_then(|id| app.view.by_id(id));
        let sites = app.view.sites.load();
        let site = site.and_then(|id| sites.iter().find(|site| site.id == *id));
        Self {
            number: camera.as_ref().map(|camera| camera.number),
            name: camera.map(|camera| camera.name.clone()),
            site: site.map(|site| site.name.clone()),
        }
    }
}
