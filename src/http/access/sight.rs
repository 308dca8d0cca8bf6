//! What exists for a subject, and how much of it: whatever names or counts what is not theirs is
//! left out, and whole things that are not theirs are not there.

use std::{collections::HashSet, sync::Arc};

use super::Subject;
use crate::{
    desk::view::{CameraView, SiteView, WallView},
    domain::{
        access::{Action, Object, SiteTree},
        alert::{self, Alert, Source},
        camera::{CameraId, Handle, SiteId, WallId},
        roster::PositionId,
        screen::ScreenRef,
        wall::Selector,
    },
    http::read_back::Report,
};

/// The sites that something is about.
pub(super) type Places = Vec<Option<SiteId>>;

impl Subject {
    /// Whether everything there is may be seen: then nothing needs a filter.
    pub(in crate::http) fn sees_all(&self) -> bool {
        self.rights().may_everywhere(Action::View)
    }

    /// Whether this camera exists for the subject; what it may not see is answered as not there.
    pub(in crate::http) fn may_see(&self, camera: &CameraView) -> bool {
        let allowed = self.sees_all() || self.allows_camera(Action::View, camera);
        allowed && camera.is_open_to(&self.role)
    }

    /// Whether this wall exists for the subject.
    pub(in crate::http) fn may_see_wall(&self, wall: &WallView) -> bool {
        self.sees_all() || self.allows_wall(Action::View, wall)
    }

    /// Whether it may say what a screen has painted: of a wall that it sees, and if it is a screen
    /// itself, of that place.
    pub(in crate::http) fn may_report(&self, report: &Report) -> bool {
        let own = match &self.rights().screen {
            Some(place) if self.rights().grants.is_empty() => {
                place.wall == report.wall
                    && place.screen.as_ref().is_none_or(|screen| screen.as_str() == report.screen)
            }
            _ => true,
        };
        // Before a wall is known to the view, its screens may have painted it already.
        let wall = self.app.view.wall(&report.wall);
        own && (self.sees_all() || wall.is_some_and(|wall| self.may_see_wall(&wall)))
    }

    /// Whether every camera on this wall may be seen, so that a picture of the whole may be.
    pub(in crate::http) fn may_see_all_of(&self, wall: &WallView) -> bool {
        let seen = |handle: &Handle| self.may_see_handle(*handle);
        let all = || wall.cells.iter().chain(&wall.blocked).all(seen);
        self.sees_all() && wall.blocked.is_empty() || self.may_see_wall(wall) && all()
    }

    /// Whether what is said of a screen is for the subject: of a wall on which it may see all, since
    /// cameras are counted in it.
    pub(in crate::http) fn may_see_screen(&self, screen: &ScreenRef) -> bool {
        self.sees_all() || self.allows_places(Action::View, &self.places_on(screen))
    }

    /// Where the cameras of a screen's wall are. Nothing is known of a wall that there is not.
    fn places_on(&self, screen: &ScreenRef) -> Places {
        let wall = self.app.view.wall(&screen.wall);
        wall.map(|wall| self.places_of_wall(&wall)).unwrap_or_default()
    }

    /// Where a wall's cameras are, each site once.
    fn places_of_wall(&self, wall: &WallView) -> Places {
        let cameras = wall.cells.iter().filter_map(|handle| self.app.view.cameras.get(handle));
        let sites: HashSet<_> = cameras.map(|camera| camera.site.clone()).collect();
        sites.into_iter().collect()
    }

    /// Whether this site exists for the subject.
    pub(in crate::http) fn may_see_site(&self, site: &SiteView) -> bool {
        self.may_see_site_id(&site.id)
    }

    /// Whether a site of this name exists for it.
    pub(in crate::http) fn may_see_site_id(&self, site: &SiteId) -> bool {
        self.sees_all() || self.allows(Action::View, Object::Site(site))
    }

    /// Whether this alert exists for the subject: all that it names must.
    pub(in crate::http) fn may_see_alert(&self, alert: &Alert) -> bool {
        self.sees_all() || self.allows_alert(Action::View, alert)
    }

    /// Whether alerts of this source exist for it.
    pub(in crate::http) fn may_see_source(&self, source: &Source) -> bool {
        self.sees_all()
            || match &source.subject {
                alert::Subject::Camera(camera) => {
                    self.allows_places(Action::View, &[self.site_of(camera)])
                }
                alert::Subject::Site(site) => self.may_see_site_id(site),
                alert::Subject::Screen(screen) => self.may_see_screen(screen),
                alert::Subject::Service => false,
            }
    }

    /// Whether a camera of this name exists for it.
    pub(in crate::http) fn may_see_camera_id(&self, camera: &CameraId) -> bool {
        self.app.view.by_id(camera).is_some_and(|camera| self.may_see(&camera))
    }

    /// Whether all these cameras exist for it.
    pub(in crate::http) fn may_see_cameras(&self, cameras: &[CameraId]) -> bool {
        self.sees_all() || cameras.iter().all(|camera| self.may_see_camera_id(camera))
    }

    /// Whether what is kept of a camera is for it too.
    pub(in crate::http) fn may_see_past_of(&self, camera: &CameraView) -> bool {
        self.allows_camera(Action::ViewStored, camera)
    }

    /// Whether a position is one whose figures and floods it may know: of places that it sees.
    pub(in crate::http) fn may_see_position(&self, position: &PositionId) -> bool {
        if self.sees_all() {
            return true;
        }
        let duty = self.app.view.duty.load();
        let position = duty.config.roster.position(position);
        position.and_then(|position| position.sites.as_ref()).is_some_and(|sites| {
            !sites.is_empty() && sites.iter().all(|site| self.may_see_site_id(site))
        })
    }

    /// Whether something that these cameras are chosen for exists for it.
    pub(in crate::http) fn may_see_scope(&self, scope: &Selector) -> bool {
        self.sees_all() || self.allows_places(Action::View, &self.places_of(scope))
    }

    /// The sites that exist for it; `None`: all of them.
    pub(in crate::http) fn sites(&self) -> Option<Vec<SiteId>> {
        if self.sees_all() {
            return None;
        }
        let sites = self.app.view.sites.load();
        let seen = sites.iter().filter(|site| self.may_see_site(site));
        Some(seen.map(|site| site.id.clone()).collect())
    }

    /// The cameras that exist for it; `None`: all of them.
    pub(in crate::http) fn cameras(&self) -> Option<HashSet<CameraId>> {
        let cameras = self.app.view.list();
        if self.sees_all() && cameras.iter().all(|camera| camera.only_for.is_none()) {
            return None;
        }
        Some(cameras.iter().filter(|c| self.may_see(c)).map(|c| c.id.clone()).collect())
    }

    /// A camera as it is shown to it: without the name of a site that does not exist for it.
    pub(in crate::http) fn camera(&self, camera: Arc<CameraView>) -> Arc<CameraView> {
        let foreign = |site: &SiteId| !self.may_see_site_id(site);
        let site = camera.site.as_ref().is_some_and(foreign);
        let mask = camera.masked_by.as_ref().is_some_and(foreign);
        if !site && !mask {
            return camera;
        }
        let mut shown = CameraView::clone(&camera);
        shown.site = shown.site.filter(|_| !site);
        shown.masked_by = shown.masked_by.filter(|_| !mask);
        Arc::new(shown)
    }

    /// A site as it is shown to it. All that is counted in it is of the site and of those below it.
    pub(in crate::http) fn site(&self, site: Arc<SiteView>) -> Arc<SiteView> {
        if site.parent.as_ref().is_none_or(|parent| self.may_see_site_id(parent)) {
            return site;
        }
        Arc::new(SiteView { parent: None, ..SiteView::clone(&site) })
    }

    /// A wall as it is shown to it: without the cameras that do not exist for it.
    pub(in crate::http) fn wall(&self, wall: Arc<WallView>) -> Arc<WallView> {
        if self.may_see_all_of(&wall) {
            return wall;
        }
        let seen = |handle: &Handle| self.may_see_handle(*handle);
        let mut shown = WallView::clone(&wall);
        shown.cells.retain(seen);
        shown.blocked.retain(seen);
        for cell in shown.screens.iter_mut().flat_map(|screen| &mut screen.cells) {
            if cell.camera.as_ref().is_some_and(|handle| !seen(handle)) {
                (cell.camera, cell.by, cell.alert) = (None, None, None);
            }
        }
        Arc::new(shown)
    }

    /// An alert as it is shown to it.
    pub(in crate::http) fn alert<'a>(&self, alert: &'a Alert) -> std::borrow::Cow<'a, Alert> {
        let foreign = |site: &SiteId| !self.may_see_site_id(site);
        if !alert.masked_by.as_ref().is_some_and(foreign) {
            return std::borrow::Cow::Borrowed(alert);
        }
        std::borrow::Cow::Owned(Alert { masked_by: None, ..alert.clone() })
    }

    /// Whether the camera with this handle exists for it.
    pub(in crate::http) fn may_see_handle(&self, camera: Handle) -> bool {
        // Apart, so that no lock of the map is held while others are looked up in it.
        let camera = self.app.view.cameras.get(&camera).map(|camera| camera.clone());
        camera.is_some_and(|camera| self.may_see(&camera))
    }

    pub(super) fn allows_camera(&self, action: Action, camera: &CameraView) -> bool {
        let walls = self.walls_with(camera.handle);
        let (id, site) = (&camera.id, camera.site.as_ref());
        self.allows(action, Object::Camera { id, site, walls: &walls })
    }

    pub(super) fn allows_wall(&self, action: Action, wall: &WallView) -> bool {
        let sites = self.places_of_wall(wall);
        let sites: Vec<Option<&SiteId>> = sites.iter().map(Option::as_ref).collect();
        self.allows(action, Object::Wall { id: &wall.id, sites: &sites })
    }

    pub(super) fn allows_alert(&self, action: Action, alert: &Alert) -> bool {
        let own = match &alert.source.subject {
            alert::Subject::Camera(camera) => Some(camera),
            alert::Subject::Screen(screen) => {
                return self.allows_places(action, &self.places_on(screen));
            }
            alert::Subject::Site(_) | alert::Subject::Service => None,
        };
        let cameras = own.into_iter().chain(&alert.cameras).chain(&alert.masks);
        let cameras: HashSet<&CameraId> = cameras.collect();
        let sites: Places = cameras.into_iter().map(|camera| self.site_of(camera)).collect();
        let cameras: Vec<Option<&SiteId>> = sites.iter().map(Option::as_ref).collect();
        self.allows(action, Object::Alert { site: alert.site.as_ref(), cameras: &cameras })
    }

    pub(super) fn allows_places(&self, action: Action, places: &[Option<SiteId>]) -> bool {
        let places: Vec<Option<&SiteId>> = places.iter().map(Option::as_ref).collect();
        self.allows(action, Object::Places(&places))
    }

    pub(super) fn allows(&self, action: Action, object: Object<'_>) -> bool {
        self.rights().allow(action, object, &self.tree())
    }

    pub(super) fn tree(&self) -> Arc<SiteTree> {
        self.app.trees.of(&self.app.view)
    }

    /// Where a camera hangs; of one that is not configured nothing is known, and only who sees
    /// everything sees what is left of it.
    pub(super) fn site_of(&self, camera: &CameraId) -> Option<SiteId> {
        self.app.view.by_id(camera)?.site.clone()
    }

    /// What the cameras of a selector are about.
    pub(super) fn places_of(&self, scope: &Selector) -> Places {
        match scope {
            Selector::All => Vec::new(),
            Selector::Site(site) => vec![Some(site.clone())],
            Selector::Camera(camera) => vec![self.site_of(camera)],
            Selector::Tag(tag) => {
                let cameras = self.app.view.list();
                let tagged = cameras.iter().filter(|camera| camera.tags.contains(tag));
                tagged.map(|camera| camera.site.clone()).collect()
            }
        }
    }

    /// The walls that show a camera; only a screen's rights depend on them.
    fn walls_with(&self, camera: Handle) -> Vec<WallId> {
        if self.rights().screen.is_none() {
            return Vec::new();
        }
        let walls = self.app.view.walls.load();
        let shows = walls.iter().filter(|wall| wall.cells.contains(&camera));
        shows.map(|wall| wall.id.clone()).collect()
    }
}
