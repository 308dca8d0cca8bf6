//! Cameras that a person took out of service until a stated time.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};

use super::{
    camera::{Camera, SiteId},
    time::UnixMicros,
    wall::Selector,
};

/// Numbers an order; from the store's sequence, so that it is never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MaintenanceId(pub i64);

/// An order: these cameras are out of service from `from` until `until`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Maintenance {
    /// Its number.
    pub id: MaintenanceId,
    /// Which cameras.
    pub scope: Selector,
    /// When it began.
    pub from: UnixMicros,
    /// When it ends by itself.
    pub until: UnixMicros,
    /// Why, in the person's words.
    pub reason: String,
    /// Who ordered it.
    pub by: String,
}

/// Why an order cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Objection {
    /// It would be over already.
    #[error("it ends in the past: give a time to come as `until`")]
    Over,
    /// It lasts longer than anybody will remember it.
    #[error("it would last for more than a year: give an earlier `until`, and order again then")]
    TooLong,
    /// Nobody would know why.
    #[error("say in 1 to 500 characters why the cameras are out of service")]
    Reason,
    /// The reason would break a line in a log or on a screen.
    #[error("the reason holds a control character: remove it")]
    Unspeakable,
}

/// A year, with a day to spare for those who order by the calendar.
const LONGEST: Duration = Duration::from_secs(366 * 24 * 3600);
/// Characters of a reason.
const REASON_MAX: usize = 500;

impl Maintenance {
    /// What is wrong with an order that begins at `from`.
    pub fn check(&self) -> Result<(), Objection> {
        if self.until <= self.from {
            return Err(Objection::Over);
        }
        if self.until.since(self.from) > LONGEST {
            return Err(Objection::TooLong);
        }
        if !(1..=REASON_MAX).contains(&self.reason.trim().chars().count()) {
            return Err(Objection::Reason);
        }
        if self.reason.chars().any(char::is_control) {
            return Err(Objection::Unspeakable);
        }
        Ok(())
    }

    /// Whether it takes this camera out of service at `now`. `sites` is the camera's site with all
    /// sites above it: whoever takes a district out of service means its communes too.
    pub fn covers(&self, camera: &Camera, sites: &[SiteId], now: UnixMicros) -> bool {
        let named = match &self.scope {
            Selector::Site(site) => sites.contains(site),
            scope => scope.matches(camera),
        };
        named && self.from <= now && now < self.until
    }
}

/// All orders that are in force.
#[derive(Clone, Debug, Default)]
pub struct Orders(BTreeMap<MaintenanceId, Maintenance>);

impl Orders {
    /// Takes an order; one of the same number was the same order with another end.
    pub fn apply(&mut self, now: UnixMicros, order: Maintenance) {
        if now < order.until {
            self.0.insert(order.id, order);
        } else {
            self.0.remove(&order.id);
        }
    }

    /// Forgets what is over.
    pub fn tick(&mut self, now: UnixMicros) {
        self.0.retain(|_, order| now < order.until);
    }

    /// The order of this number, if it is in force.
    pub fn find(&self, id: MaintenanceId) -> Option<&Maintenance> {
        self.0.get(&id)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The order that takes a camera out of service at `now`; of several, the one that ends last.
    pub fn covering(
        &self,
        camera: &Camera,
        sites: &[SiteId],
        now: UnixMicros,
    ) -> Option<&Maintenance> {
        let covers = |order: &&Maintenance| order.covers(camera, sites, now);
        self.0.values().filter(covers).max_by_key(|order| (order.until, order.id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::camera::{Importance, Slug, Transport};

    const DAY: Duration = Duration::from_secs(24 * 3600);
    const NOW: UnixMicros = UnixMicros(1_000_000_000);

    fn slug(text: &str) -> Slug {
        Slug::try_from(text).expect("an id")
    }

    fn order(id: i64, scope: Selector, lasts: Duration) -> Maintenance {
        Maintenance {
            id: MaintenanceId(id),
            scope,
            from: NOW,
            until: NOW.plus(lasts),
            reason: "the pole is moved".to_owned(),
            by: "anonymous".to_owned(),
        }
    }

    fn camera() -> Camera {
        Camera {
            id: slug("a"),
            number: 1,
            name: "A".to_owned(),
            site: Some(slug("commune")),
            url: "rtsp://192.0.2.1/".parse().expect("a URL"),
            main_url: None,
            username: None,
            transport: Transport::Tcp,
            allow_basic: false,
            tags: vec![slug("gate")],
            importance: Importance::default(),
        }
    }

    #[test]
    fn an_order_names_a_camera_a_tag_or_a_site_with_all_that_is_below_it() {
        let sites = [slug("commune"), slug("district")];
        let covered = |scope| order(1, scope, DAY).covers(&camera(), &sites, NOW);
        for scope in [
            Selector::All,
            Selector::Camera(slug("a")),
            Selector::Tag(slug("gate")),
            Selector::Site(slug("commune")),
            Selector::Site(slug("district")),
        ] {
            assert!(covered(scope.clone()), "{scope:?}");
        }
        for scope in [
            Selector::Camera(slug("b")),
            Selector::Tag(slug("bridge")),
            Selector::Site(slug("province")),
        ] {
            assert!(!covered(scope.clone()), "{scope:?}");
        }
    }

    #[test]
    fn of_several_orders_the_one_that_ends_last_holds_and_each_ends_by_itself() {
        let mut orders = Orders::default();
        orders.apply(NOW, order(1, Selector::All, 2 * DAY));
        orders.apply(NOW, order(2, Selector::Camera(slug("a")), DAY));
        let holds = |orders: &Orders, at| orders.covering(&camera(), &[], at).map(|o| o.id.0);
        assert_eq!(holds(&orders, NOW), Some(1));
        orders.apply(NOW, Maintenance { until: NOW, ..order(1, Selector::All, DAY) });
        assert_eq!(holds(&orders, NOW), Some(2), "the first was ended before its time");
        assert_eq!(holds(&orders, NOW.plus(DAY)), None, "at its end it is over");
        orders.tick(NOW.plus(DAY));
        assert!(orders.is_empty());
    }

    #[test]
    fn an_order_without_an_end_in_sight_or_a_reason_is_refused() {
        let check = |lasts, reason: &str| {
            let order = order(1, Selector::All, lasts);
            Maintenance { reason: reason.to_owned(), ..order }.check()
        };
        assert_eq!(check(DAY, "works"), Ok(()));
        assert_eq!(check(366 * DAY, &"x".repeat(500)), Ok(()));
        assert_eq!(check(Duration::ZERO, "works"), Err(Objection::Over));
        assert_eq!(check(367 * DAY, "works"), Err(Objection::TooLong));
        assert_eq!(check(DAY, "  "), Err(Objection::Reason));
        assert_eq!(check(DAY, &"x".repeat(501)), Err(Objection::Reason));
        assert_eq!(check(DAY, "a\u{1b}[31mb"), Err(Objection::Unspeakable));
    }
}
