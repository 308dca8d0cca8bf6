//! An alert as clients get it: the book's snapshot, its place among all changes, and where it is in
//! words.

use serde::Serialize;

use crate::{
    domain::{
        alert::{Alert, Seq, Source, Subject},
        camera::{CameraId, SiteId},
        screen::ScreenRef,
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
    /// The name of the wall that its screen belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    wall: Option<String>,
    /// The name of the screen.
    #[serde(skip_serializing_if = "Option::is_none")]
    screen: Option<String>,
    /// The screen's column on its wall, from 0, where it was configured.
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<u32>,
    /// And its row.
    #[serde(skip_serializing_if = "Option::is_none")]
    row: Option<u32>,
}

impl AlertView {
    pub(in crate::http) fn of(app: &App, seq: Seq, alert: &Alert) -> Self {
        Self { seq, place: Place::of(app, alert), alert: alert.clone() }
    }
}

impl Place {
    /// As they are named now; who is no longer configured has no name.
    pub(in crate::http) fn of(app: &App, alert: &Alert) -> Self {
        let camera = match &alert.source.subject {
            Subject::Camera(id) => Some(id),
            Subject::Screen(screen) => return Self::of_screen(app, screen),
            Subject::Site(_) | Subject::Service => alert.cameras.first(),
        };
        Self::named(app, camera, alert.site.as_ref())
    }

    /// Where a source is.
    pub(in crate::http) fn of_source(app: &App, source: &Source) -> Self {
        match &source.subject {
            Subject::Camera(id) => {
                let camera = app.view.by_id(id);
                let site = camera.as_ref().and_then(|camera| camera.site.as_ref());
                Self::named(app, Some(id), site)
            }
            Subject::Site(id) => Self::named(app, None, Some(id)),
            Subject::Screen(screen) => Self::of_screen(app, screen),
            Subject::Service => Self::default(),
        }
    }

    /// What people call a screen.
    fn of_screen(app: &App, of: &ScreenRef) -> Self {
        let wall = app.view.wall(&of.wall).map(|wall| wall.name.clone());
        let screens = app.view.screens.load();
        let known = screens.iter().find(|one| one.wall == of.wall && one.screen == of.screen);
        Self {
            wall: Some(wall.unwrap_or_else(|| of.wall.to_string())),
            screen: Some(known.map_or_else(|| of.screen.to_string(), |known| known.name.clone())),
            column: known.and_then(|known| known.column),
            row: known.and_then(|known| known.row),
            ..Self::default()
        }
    }

    /// The names of a camera and a site.
    pub(in crate::http) fn named(
        app: &App,
        camera: Option<&CameraId>,
        site: Option<&SiteId>,
    ) -> Self {
        let camera = camera.and_then(|id| app.view.by_id(id));
        let sites = app.view.sites.load();
        let site = site.and_then(|id| sites.iter().find(|site| site.id == *id));
        Self {
            number: camera.as_ref().map(|camera| camera.number),
            name: camera.map(|camera| camera.name.clone()),
            site: site.map(|site| site.name.clone()),
            ..Self::default()
        }
    }
}
