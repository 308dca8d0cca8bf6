//! Alerts take cells by themselves. They compete: by priority, whom nobody has taken before whom
//! somebody has, then the older one; each keeps its cell for a while, so that a person can see what
//! it was; and a wall is no alert list, so most cells stay with people.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use super::{Board, Place, ShownCell, What, Why, state::Content};
use crate::domain::{
    alert::{Alert, AlertId, Priority, State},
    camera::CameraId,
    time::UnixMicros,
};

/// An alert that wants to be seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Which.
    pub alert: AlertId,
    /// Its cameras; the first one that the wall has is shown.
    pub cameras: Vec<CameraId>,
    /// How soon somebody must act.
    pub priority: Priority,
    /// Whether somebody has taken it.
    pub acknowledged: bool,
    /// When it began.
    pub opened_at: UnixMicros,
}

/// A cell that an alert holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Taken {
    pub(super) alert: AlertId,
    pub(super) camera: CameraId,
    pub(super) since: UnixMicros,
}

/// One alert in so many cells that are not pinned.
const SHARE: usize = 3;

/// Who goes first; the smallest one does.
type Rank = (Reverse<Priority>, bool, UnixMicros, AlertId);

impl Candidate {
    /// An alert that a person should look at; `None`: it is over, or was put away.
    pub fn of(alert: &Alert) -> Option<Self> {
        let acknowledged = match alert.state {
            State::Unacknowledged | State::ReturnedUnacknowledged => false,
            State::Acknowledged => true,
            State::Normal | State::Shelved | State::Suppressed | State::OutOfService => {
                return None;
            }
        };
        Some(Self {
            alert: alert.id,
            cameras: alert.cameras.clone(),
            priority: alert.priority,
            acknowledged,
            opened_at: alert.opened_at,
        })
    }

    fn rank(&self) -> Rank {
        (Reverse(self.priority), self.acknowledged, self.opened_at, self.alert)
    }
}

impl Taken {
    pub(super) fn shown(&self) -> ShownCell {
        ShownCell {
            camera: Some(self.camera.clone()),
            why: Why::Alert,
            alert: Some(self.alert),
            ..ShownCell::default()
        }
    }
}

impl Board {
    /// The next cell that an alert takes or gives back.
    pub(super) fn arbitrate(&mut self, now: UnixMicros) -> Option<What> {
        let wanting = self.wanting();
        let over = self.over(now, &wanting);
        if let Some(place) = over {
            return self.give_back(&place);
        }
        let steady = self.steadily_shown();
        let held: BTreeSet<AlertId> = self.taken.values().map(|taken| taken.alert).collect();
        let waits = |(rank, camera): &&(Rank, CameraId)| {
            let (.., alert) = rank;
            !held.contains(alert) && !self.dismissed.contains(alert) && !steady.contains(camera)
        };
        let (rank, camera) = wanting.iter().find(waits)?.clone();
        let place = if self.taken.len() < self.cells_for_alerts() {
            self.cell_for_alert(now)?
        } else {
            let (held_by, place) = self.weakest(&wanting, |taken| self.dwelt(now, taken))?;
            held_by.is_none_or(|held_by| held_by > rank).then_some(place)?
        };
        let (.., alert) = rank;
        self.taken.insert(place.clone(), Taken { alert, camera: camera.clone(), since: now });
        let Place { screen, cell } = place;
        Some(What::Alert { alert, camera, screen, cell })
    }

    /// Each alert that may have a cell and the camera that it would show, the first one first.
    fn wanting(&self) -> Vec<(Rank, CameraId)> {
        let Some(lowest) = self.plan.spotlight else { return Vec::new() };
        let wants = |candidate: &Candidate| {
            let shown =
                |camera: &&CameraId| self.plan.members.contains(*camera) && self.may_show(camera);
            let camera = candidate.cameras.iter().find(shown)?;
            (candidate.priority >= lowest).then(|| (candidate.rank(), camera.clone()))
        };
        let mut wanting: Vec<_> = self.candidates.iter().filter_map(wants).collect();
        wanting.sort();
        wanting
    }

    /// The alert of each camera that has one, to be marked wherever it is shown.
    pub(super) fn marks(&self) -> BTreeMap<CameraId, AlertId> {
        let wanting = self.wanting().into_iter().rev();
        wanting.map(|((.., alert), camera)| (camera, alert)).collect()
    }

    /// Cameras that are to be seen anyway, and stay.
    fn steadily_shown(&self) -> BTreeSet<CameraId> {
        let cells = self.shown.screens.iter().flat_map(|screen| &screen.cells);
        cells.filter(|cell| cell.why != Why::Tour).filter_map(|cell| cell.camera.clone()).collect()
    }

    /// A cell whose alert is over for long enough, or may not be shown, or is one too many.
    fn over(&self, now: UnixMicros, wanting: &[(Rank, CameraId)]) -> Option<Place> {
        let lives = |alert: AlertId| wanting.iter().any(|((.., wants), _)| *wants == alert);
        let over = self.taken.iter().find(|(_, taken)| {
            !self.may_show(&taken.camera)
                || !self.plan.members.contains(&taken.camera)
                || (!lives(taken.alert) && self.dwelt(now, taken))
        });
        if let Some((place, _)) = over {
            return Some(place.clone());
        }
        let too_many = self.taken.len() > self.cells_for_alerts();
        let weakest = || self.weakest(wanting, |_| true).map(|(_, place)| place);
        too_many.then(weakest).flatten()
    }

    fn give_back(&mut self, place: &Place) -> Option<What> {
        let alert = self.taken.remove(place)?.alert;
        let Place { screen, cell } = place.clone();
        Some(What::Returned { alert, screen, cell })
    }

    fn dwelt(&self, now: UnixMicros, taken: &Taken) -> bool {
        now.since(taken.since) >= self.plan.dwell
    }

    /// Of the alerts that may give way, the one that does first. `None`, an alert that is over, does
    /// before all others.
    fn weakest(
        &self,
        wanting: &[(Rank, CameraId)],
        may: impl Fn(&Taken) -> bool,
    ) -> Option<(Option<Rank>, Place)> {
        let rank = |alert: AlertId| {
            let of = wanting.iter().find(|((.., wants), _)| *wants == alert);
            of.map(|(rank, _)| *rank)
        };
        let held = self.taken.iter().filter(|(_, taken)| may(taken));
        held.map(|(place, taken)| (rank(taken.alert), place.clone()))
            .max_by_key(|(rank, _)| (rank.is_none(), *rank))
    }

    /// How many cells alerts may hold together.
    pub(super) fn cells_for_alerts(&self) -> usize {
        let places = self.places();
        let free = places.iter().filter(|place| !self.state.is_pinned(place)).count();
        (free / SHARE).max(usize::from(free > 0))
    }

    /// The cell that is missed least: an empty one, then the wall's own, then a tour, then what a
    /// person put there longest ago; among equals a large one, which is what a spotlight is for.
    fn cell_for_alert(&self, now: UnixMicros) -> Option<Place> {
        let cells = self.shown.screens.iter().enumerate().flat_map(|(n, screen)| {
            let layout = self.layout(n);
            screen.cells.iter().enumerate().map(move |(cell, shown)| {
                let place = Place { screen: screen.id.clone(), cell };
                (place, shown, layout.is_large(cell))
            })
        });
        let may = |place: &Place, shown: &ShownCell| {
            let fresh = |at: UnixMicros| now.since(at) < self.plan.dwell;
            !shown.pinned
                && shown.alert.is_none()
                && !self.taken.contains_key(place)
                && !self.state.own(place).is_some_and(|own| fresh(own.at))
        };
        let free = cells.filter(|(place, shown, _)| may(place, shown));
        let missed = free.map(|(place, shown, large)| {
            let own = self.state.own(&place);
            let layer = match own.map(|own| &own.what) {
                None => 0,
                Some(Content::Tour { .. }) => 1,
                Some(Content::Camera(_) | Content::Nothing) => 2,
            };
            let at = own.map(|own| own.at);
            ((shown.camera.is_some(), layer, at, !large), place)
        });
        missed.min_by(|(a, _), (b, _)| a.cmp(b)).map(|(_, place)| place)
    }
}
