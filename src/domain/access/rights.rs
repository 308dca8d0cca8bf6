//! The one question: may this subject do this to that?

use serde::{Deserialize, Serialize};

use super::{
    action::Action,
    object::Object,
    role::Role,
    scope::{Grant, Scope, SiteTree},
};
use crate::domain::camera::{Slug, WallId};

/// All that somebody, or something, may do. The default is nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rights {
    /// Roles with where they hold; any one of them suffices.
    pub grants: Vec<Grant>,
    /// Where it hangs, if it is a screen.
    pub screen: Option<ScreenPlace>,
}

/// A display's place: it sees this wall and the cameras on it, live, and nothing else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScreenPlace {
    /// The wall.
    pub wall: WallId,
    /// Its name within the wall; `None` shows the whole.
    pub screen: Option<Slug>,
}

/// Why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Denied {
    /// It may not even see it: to be answered exactly as if there were none (404).
    #[error("there is no such thing")]
    Hidden,
    /// It may see it, but not do this (403).
    #[error("not allowed")]
    Forbidden,
}

impl Rights {
    /// Everything, everywhere.
    pub fn everything() -> Self {
        Self { grants: vec![Grant { role: Role::Admin, scope: Scope::All }], screen: None }
    }

    /// The rights of one grant.
    pub fn of(role: Role, scope: Scope) -> Self {
        Self { grants: vec![Grant { role, scope }], screen: None }
    }

    /// Whether it may do this to that, and if not, what it may be told.
    pub fn authorize(
        &self,
        action: Action,
        object: Object<'_>,
        tree: &SiteTree,
    ) -> Result<(), Denied> {
        if self.allow(action, object, tree) {
            Ok(())
        } else if object.can_be_hidden() && !self.allow(Action::View, object, tree) {
            Err(Denied::Hidden)
        } else {
            Err(Denied::Forbidden)
        }
    }

    /// As [`Rights::authorize`], where only yes or no matters: to filter a list.
    pub fn allow(&self, action: Action, object: Object<'_>, tree: &SiteTree) -> bool {
        let granted =
            |grant: &Grant| grant.role.allows(action) && covers(&grant.scope, action, object, tree);
        self.grants.iter().any(granted) || self.shown(action, object)
    }

    /// Whether it may do this somewhere at all; for what a page offers.
    pub fn may_somewhere(&self, action: Action) -> bool {
        self.grants.iter().any(|grant| grant.role.allows(action) && !grant.scope.is_nowhere())
    }

    /// Whether a grant allows this everywhere: then no list needs a filter.
    pub fn may_everywhere(&self, action: Action) -> bool {
        self.grants.iter().any(|grant| grant.role.allows(action) && grant.scope == Scope::All)
    }

    /// The highest role that it has anywhere, as a page names it. `None`: it may do nothing.
    pub fn role(&self) -> Option<Role> {
        let screen = self.screen.as_ref().map(|_| Role::Screen);
        self.grants.iter().map(|grant| grant.role).max().max(screen)
    }

    /// What its place on a wall shows.
    fn shown(&self, action: Action, object: Object<'_>) -> bool {
        let Some(place) = self.screen.as_ref().filter(|_| action == Action::View) else {
            return false;
        };
        match object {
            Object::Wall { id, .. } => *id == place.wall,
            Object::Camera { walls, .. } => walls.contains(&place.wall),
            Object::Site(_)
            | Object::Alert { .. }
            | Object::Places(_)
            | Object::Desk
            | Object::Service => false,
        }
    }
}

fn covers(scope: &Scope, action: Action, object: Object<'_>, tree: &SiteTree) -> bool {
    let covered = |site: &Option<&_>| scope.covers(*site, tree);
    let all = |sites: &[Option<&_>]| {
        // About nothing in particular is about everything.
        if sites.is_empty() { *scope == Scope::All } else { sites.iter().all(covered) }
    };
    match object {
        Object::Camera { site, .. } => covered(&site),
        Object::Site(site) => covered(&Some(site)),
        Object::Wall { sites, .. } => match action {
            Action::View | Action::ViewStored => *scope == Scope::All || sites.iter().any(covered),
            Action::Act | Action::Operate | Action::Supervise | Action::Administer => all(sites),
        },
        Object::Alert { site: None, cameras } => all(cameras),
        Object::Alert { site, cameras } => covered(&site) && cameras.iter().all(covered),
        Object::Places(sites) => all(sites),
        Object::Desk => !scope.is_nowhere(),
        Object::Service => *scope == Scope::All,
    }
}
