//! What holds for every subject, tree and thing.

use std::collections::BTreeSet;

use proptest::{collection::vec, option, prelude::*, sample::select};

use super::*;
use crate::domain::{
    camera::{CameraId, SiteId, Slug, WallId},
    site::Site,
};

fn slug(kind: &str, n: usize) -> Slug {
    format!("{kind}-{n}").try_into().expect("an id")
}

/// Sites 0..SITES, each below one before it or below none; and 1 more that is not configured.
#[derive(Clone, Debug)]
struct Place {
    parents: Vec<Option<usize>>,
}

const SITES: usize = 7;

impl Place {
    fn tree(&self) -> SiteTree {
        let site = |(n, parent): (usize, &Option<usize>)| Site {
            id: slug("site", n),
            name: format!("Site {n}"),
            parent: parent.map(|parent| slug("site", parent)),
        };
        SiteTree::new(&self.parents.iter().enumerate().map(site).collect::<Vec<_>>())
    }

    /// The configured sites that these cover, found another way than the code does.
    fn below(&self, sites: &BTreeSet<usize>) -> BTreeSet<usize> {
        let mut below = BTreeSet::new();
        for (n, parent) in self.parents.iter().enumerate() {
            // Parents come first.
            if sites.contains(&n) || parent.is_some_and(|parent| below.contains(&parent)) {
                below.insert(n);
            }
        }
        below
    }
}

fn place() -> impl Strategy<Value = Place> {
    vec(option::of(any::<prop::sample::Index>()), SITES).prop_map(|parents| Place {
        parents: parents
            .into_iter()
            .enumerate()
            .map(|(n, parent)| parent.filter(|_| n > 0).map(|parent| parent.index(n)))
            .collect(),
    })
}

/// A thing that owns its places.
#[derive(Clone, Debug)]
enum Thing {
    Camera(Option<usize>, Vec<usize>),
    Site(usize),
    Wall(usize, Vec<Option<usize>>),
    Alert(Option<usize>, Vec<Option<usize>>),
    Places(Vec<Option<usize>>),
    Desk,
    Service,
}

fn site() -> impl Strategy<Value = usize> {
    0..=SITES
}

fn sites() -> impl Strategy<Value = Vec<Option<usize>>> {
    vec(option::weighted(0.9, site()), 0..4)
}

fn thing() -> impl Strategy<Value = Thing> {
    prop_oneof![
        (option::of(site()), vec(0..3_usize, 0..3)).prop_map(|(site, on)| Thing::Camera(site, on)),
        site().prop_map(Thing::Site),
        (0..3_usize, sites()).prop_map(|(wall, sites)| Thing::Wall(wall, sites)),
        (option::of(site()), sites()).prop_map(|(site, cameras)| Thing::Alert(site, cameras)),
        sites().prop_map(Thing::Places),
        Just(Thing::Desk),
        Just(Thing::Service),
    ]
}

impl Thing {
    /// The sites that it is about, each camera's and its own.
    fn about(&self) -> Vec<Option<usize>> {
        match self {
            Self::Camera(site, _) => vec![*site],
            Self::Site(site) => vec![Some(*site)],
            Self::Wall(_, sites) | Self::Places(sites) => sites.clone(),
            Self::Alert(None, cameras) => cameras.clone(),
            Self::Alert(site, cameras) => cameras.iter().copied().chain([*site]).collect(),
            Self::Desk | Self::Service => Vec::new(),
        }
    }

    /// Asks with the thing as an [`Object`].
    fn ask<T>(&self, ask: impl FnOnce(Object<'_>) -> T) -> T {
        let ids: Vec<SiteId> = (0..=SITES).map(|n| slug("site", n)).collect();
        let walls: Vec<WallId> = (0..3).map(|n| slug("wall", n)).collect();
        let camera: CameraId = slug("camera", 0);
        let named = |sites: &[Option<usize>]| -> Vec<Option<&SiteId>> {
            sites.iter().map(|site| site.map(|site| &ids[site])).collect()
        };
        match self {
            Self::Camera(site, on) => {
                let walls: Vec<WallId> = on.iter().map(|wall| walls[*wall].clone()).collect();
                let site = site.map(|site| &ids[site]);
                ask(Object::Camera { id: &camera, site, walls: &walls })
            }
            Self::Site(site) => ask(Object::Site(&ids[*site])),
            Self::Wall(wall, sites) => {
                ask(Object::Wall { id: &walls[*wall], sites: &named(sites) })
            }
            Self::Alert(site, cameras) => {
                let site = site.map(|site| &ids[site]);
                ask(Object::Alert { site, cameras: &named(cameras) })
            }
            Self::Places(sites) => ask(Object::Places(&named(sites))),
            Self::Desk => ask(Object::Desk),
            Self::Service => ask(Object::Service),
        }
    }
}

/// A grant that owns its sites as numbers: `None` is everywhere.
type Given = (Role, Option<BTreeSet<usize>>);

fn given() -> impl Strategy<Value = Vec<Given>> {
    let scope = option::weighted(0.7, prop::collection::btree_set(0..SITES, 0..4));
    vec((select(Role::ALL.to_vec()), scope), 0..4)
}

fn rights(given: &[Given], screen: Option<usize>) -> Rights {
    let scope = |sites: &Option<BTreeSet<usize>>| match sites {
        None => Scope::All,
        Some(sites) => Scope::Sites(sites.iter().map(|n| slug("site", *n)).collect()),
    };
    Rights {
        grants: given
            .iter()
            .map(|(role, sites)| Grant { role: *role, scope: scope(sites) })
            .collect(),
        screen: screen.map(|wall| ScreenPlace { wall: slug("wall", wall), screen: None }),
    }
}

fn action() -> impl Strategy<Value = Action> {
    select(Action::ALL.to_vec())
}

proptest! {
    #[test]
    fn who_has_no_grant_may_do_nothing(
        place in place(), thing in thing(), action in action(), sites in given(),
    ) {
        let tree = place.tree();
        let screens: Vec<Given> =
            sites.into_iter().map(|(_, scope)| (Role::Screen, scope)).collect();
        for nobody in [Rights::default(), rights(&screens, None)] {
            let answer = thing.ask(|object| nobody.authorize(action, object, &tree));
            let open = matches!(thing, Thing::Desk | Thing::Service);
            prop_assert_eq!(answer, Err(if open { Denied::Forbidden } else { Denied::Hidden }));
        }
    }

    #[test]
    fn a_larger_scope_a_higher_role_or_one_grant_more_never_loses_a_right(
        place in place(),
        thing in thing(),
        action in action(),
        given in given(),
        screen in option::of(0..3_usize),
        which in any::<prop::sample::Index>(),
        more in prop::collection::btree_set(0..SITES, 0..4),
        role in select(Role::ALL.to_vec()),
    ) {
        let tree = place.tree();
        let before = thing.ask(|object| rights(&given, screen).allow(action, object, &tree));
        let mut larger = given.clone();
        if larger.is_empty() {
            larger.push((role, Some(more)));
        } else {
            let index = which.index(larger.len());
            let (had, scope) = &mut larger[index];
            *had = (*had).max(role);
            *scope = scope.take().filter(|_| more.len() < 3).map(|mut scope| {
                // A site above covers at least as much.
                scope = scope.iter().map(|n| place.parents[*n].unwrap_or(*n)).collect();
                scope.extend(more);
                scope
            });
        }
        let after = thing.ask(|object| rights(&larger, screen).allow(action, object, &tree));
        prop_assert!(!before || after, "{given:?} may, {larger:?} may not");
    }

    #[test]
    fn what_somebody_may_do_anything_to_they_may_see(
        place in place(),
        thing in thing(),
        action in action(),
        given in given(),
        screen in option::of(0..3_usize),
    ) {
        let (tree, rights) = (place.tree(), rights(&given, screen));
        let (does, sees) = thing.ask(|object| {
            (rights.authorize(action, object, &tree), rights.allow(Action::View, object, &tree))
        });
        match does {
            Ok(()) => prop_assert!(sees),
            Err(Denied::Hidden) => prop_assert!(!sees),
            Err(Denied::Forbidden) => {
                prop_assert!(sees || matches!(thing, Thing::Desk | Thing::Service));
            }
        }
    }

    #[test]
    fn what_is_about_foreign_sites_does_not_exist(
        place in place(),
        thing in thing(),
        action in action(),
        role in select(Role::ALL.to_vec()),
        own in prop::collection::btree_set(0..SITES, 0..4),
    ) {
        let tree = place.tree();
        let below = place.below(&own);
        let subject = rights(&[(role, Some(own.clone()))], None);
        let answer = thing.ask(|object| subject.authorize(action, object, &tree));
        let about = thing.about();
        let own_site = |site: &Option<usize>| site.is_some_and(|site| below.contains(&site));
        let expected = match &thing {
            Thing::Desk if role.allows(action) && !own.is_empty() => Ok(()),
            Thing::Desk | Thing::Service => Err(Denied::Forbidden),
            _ if role == Role::Screen => Err(Denied::Hidden),
            Thing::Wall(..) if !about.iter().any(own_site) => Err(Denied::Hidden),
            Thing::Wall(..) => {
                let looks = matches!(action, Action::View | Action::ViewStored);
                let all = looks || about.iter().all(own_site);
                if role.allows(action) && all { Ok(()) } else { Err(Denied::Forbidden) }
            }
            _ if about.is_empty() || !about.iter().all(own_site) => Err(Denied::Hidden),
            _ if role.allows(action) => Ok(()),
            _ => Err(Denied::Forbidden),
        };
        prop_assert_eq!(answer, expected);
    }

    #[test]
    fn a_screen_sees_its_wall_and_the_cameras_on_it_and_nothing_else(
        place in place(), thing in thing(), action in action(), wall in 0..3_usize,
    ) {
        let tree = place.tree();
        let may = thing.ask(|object| rights(&[], Some(wall)).allow(action, object, &tree));
        let its_own = match &thing {
            Thing::Wall(id, _) => *id == wall,
            Thing::Camera(_, on) => on.contains(&wall),
            _ => false,
        };
        prop_assert_eq!(may, its_own && action == Action::View);
    }

    #[test]
    fn an_administrator_of_everything_may_do_everything(
        place in place(), thing in thing(), action in action(),
    ) {
        let tree = place.tree();
        let may = thing.ask(|object| Rights::everything().authorize(action, object, &tree));
        prop_assert_eq!(may, Ok(()));
    }
}

#[test]
fn a_site_that_hangs_below_itself_ends() {
    let site = |id: &str, parent: &str| Site {
        id: id.try_into().expect("an id"),
        name: String::new(),
        parent: Some(parent.try_into().expect("an id")),
    };
    let tree = SiteTree::new(&[site("a", "b"), site("b", "a")]);
    assert_eq!(tree.lineage(&"a".try_into().expect("an id")).count(), 2);
}
