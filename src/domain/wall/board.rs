//! The state of one wall. What a cell shows follows from layers, the upper hiding the lower: the
//! wall's own cameras, the preset, what a person put there, an alert. Nothing that hides another
//! forgets it, so that going back is no deed of its own.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{
    Arrangement, Candidate, Change, Layout, Place, Plan, PresetId, Screen, ScreenId, Shown,
    ShownCell, ShownScreen, State, What, Why, spotlight::Taken, state::Content, tour,
};
use crate::domain::{alert::AlertId, camera::CameraId, time::UnixMicros};

/// A wall that people, alerts and time drive.
#[derive(Clone, Debug)]
pub struct Board {
    pub(super) plan: Plan,
    pub(super) state: State,
    /// Alerts that want to be seen.
    pub(super) candidates: Vec<Candidate>,
    /// Cells that alerts hold. Not kept over a restart: the alerts are, and compete again.
    pub(super) taken: BTreeMap<Place, Taken>,
    /// Alerts whose cell a person took back.
    pub(super) dismissed: BTreeSet<AlertId>,
    pub(super) shown: Arc<Shown>,
}

impl Board {
    /// Goes on from what was kept. The start is a change: the file may have changed meanwhile.
    pub fn new(now: UnixMicros, plan: Plan, state: State) -> (Self, Change) {
        let mut board = Self {
            plan,
            state,
            candidates: Vec::new(),
            taken: BTreeMap::new(),
            dismissed: BTreeSet::new(),
            shown: Arc::default(),
        };
        board.trim();
        let change = board.changed(now, None, What::Started);
        (board, change)
    }

    /// What it shows.
    pub fn shown(&self) -> &Arc<Shown> {
        &self.shown
    }

    /// What is kept of it.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Another configuration holds. What persons did stays where it still makes sense.
    pub fn configure(&mut self, now: UnixMicros, plan: Plan) -> Option<Change> {
        if self.plan == plan {
            return None;
        }
        self.plan = plan;
        self.trim();
        self.settled(now, What::Configured)
    }

    /// These alerts want to be seen now, and no others.
    pub fn hear(&mut self, now: UnixMicros, candidates: Vec<Candidate>) -> Option<Change> {
        let alive: BTreeSet<AlertId> = candidates.iter().map(|c| c.alert).collect();
        self.dismissed.retain(|alert| alive.contains(alert));
        self.candidates = candidates;
        self.settled(now, What::Marked)
    }

    /// What time alone changes, one change at a time: call it until there is none.
    pub fn tick(&mut self, now: UnixMicros) -> Option<Change> {
        if let Some(preset) = self.due_preset(now) {
            return Some(self.changed(now, None, What::Timetable { preset }));
        }
        if self.expire(now) {
            return Some(self.changed(now, None, What::Over));
        }
        if let Some(what) = self.arbitrate(now) {
            return Some(self.changed(now, None, what));
        }
        let after = self.look(now);
        let cells = self.shown.stepped(&after);
        (!cells.is_empty()).then(|| self.changed(now, None, What::Step { cells }))
    }

    /// Numbers a change.
    pub(super) fn changed(&mut self, now: UnixMicros, by: Option<String>, what: What) -> Change {
        self.shown = Arc::new(self.look(now));
        self.state.revision += 1;
        Change { revision: self.state.revision, at: now, by, what }
    }

    /// Numbers a change if there is one.
    fn settled(&mut self, now: UnixMicros, what: What) -> Option<Change> {
        (self.look(now) != *self.shown).then(|| self.changed(now, None, what))
    }

    /// The preset that the timetable lays out now, or takes back, unless a pinned cell would go.
    fn due_preset(&mut self, now: UnixMicros) -> Option<Option<PresetId>> {
        let mut scheduled = self.plan.timetable.iter();
        let due = scheduled.find(|(_, hours)| hours.until(now).is_some()).map(|(id, _)| id.clone());
        if due == self.state.scheduled {
            return None;
        }
        let over = due.is_none() && self.state.preset != self.state.scheduled;
        if over {
            // A person has called another one since.
            self.state.scheduled = due;
            return None;
        }
        self.lay_out(due.clone()).ok()?;
        self.state.scheduled.clone_from(&due);
        Some(due)
    }

    fn expire(&mut self, now: UnixMicros) -> bool {
        let mut over = false;
        for cells in self.state.cells.values_mut() {
            cells.retain(|_, own| {
                let stays = own.until.is_none_or(|until| until > now);
                over |= !stays;
                stays
            });
        }
        over
    }

    /// Drops what makes no sense any more: screens, cells and cameras that are gone.
    pub(super) fn trim(&mut self) {
        let Self { plan, state, .. } = self;
        let screens: BTreeSet<&ScreenId> = plan.screens.iter().map(|screen| &screen.id).collect();
        state.layouts.retain(|screen, _| screens.contains(screen));
        state.cells.retain(|screen, _| screens.contains(screen));
        for own in state.cells.values_mut() {
            own.retain(|_, own| match &mut own.what {
                Content::Nothing => true,
                Content::Camera(camera) => plan.known.contains(camera),
                Content::Tour { cameras, .. } => {
                    cameras.retain(|camera| plan.known.contains(camera));
                    !cameras.is_empty()
                }
            });
        }
        state.blocked.retain(|camera, _| plan.known.contains(camera));
        let gone = |preset: &PresetId| self.arrangements(preset).is_none();
        if self.state.preset.as_ref().is_some_and(gone) {
            self.state.preset = None;
        }
        self.trim_cells();
    }

    /// Drops what lies beyond the last cell of a screen.
    pub(super) fn trim_cells(&mut self) {
        let counts: BTreeMap<ScreenId, usize> = (0..self.plan.screens.len())
            .map(|n| (self.plan.screens[n].id.clone(), self.count(n)))
            .collect();
        let count = |screen: &ScreenId| counts.get(screen).copied().unwrap_or_default();
        for (screen, cells) in &mut self.state.cells {
            cells.retain(|cell, _| *cell < count(screen));
        }
        self.taken.retain(|place, _| place.cell < count(&place.screen));
    }

    pub(super) fn screen(&self, id: &ScreenId) -> Option<usize> {
        self.plan.screens.iter().position(|screen| screen.id == *id)
    }

    /// What a preset lays on the screens.
    pub(super) fn arrangements(
        &self,
        preset: &PresetId,
    ) -> Option<&BTreeMap<ScreenId, Arrangement>> {
        let configured = self.plan.presets.iter().find(|(id, ..)| id == preset);
        configured.map(|(_, _, screens)| screens).or_else(|| {
            self.state.presets.iter().find(|kept| kept.id == *preset).map(|kept| &kept.screens)
        })
    }

    fn arranged(&self, screen: &Screen) -> Option<&Arrangement> {
        self.arrangements(self.state.preset.as_ref()?)?.get(&screen.id)
    }

    pub(super) fn layout(&self, n: usize) -> Layout {
        let screen = &self.plan.screens[n];
        let own = self.state.layouts.get(&screen.id).copied();
        own.or_else(|| self.arranged(screen).map(|a| a.layout)).unwrap_or(screen.layout)
    }

    /// Cells of a screen.
    pub(super) fn count(&self, n: usize) -> usize {
        self.count_in(n, self.layout(n))
    }

    pub(super) fn count_in(&self, n: usize, layout: Layout) -> usize {
        layout.cells().unwrap_or_else(|| match self.arranged(&self.plan.screens[n]) {
            Some(arranged) => arranged.cells.len(),
            None => self.plan.base[n].len(),
        })
    }

    /// All cells, in reading order.
    pub(super) fn places(&self) -> Vec<Place> {
        let of = |n: usize| {
            let screen = &self.plan.screens[n].id;
            (0..self.count(n)).map(move |cell| Place { screen: screen.clone(), cell })
        };
        (0..self.plan.screens.len()).flat_map(of).collect()
    }

    pub(super) fn may_show(&self, camera: &CameraId) -> bool {
        self.plan.known.contains(camera) && !self.state.blocked.contains_key(camera)
    }

    /// What the wall and the preset have for each screen, without persons and alerts.
    fn grounds(&self) -> Vec<Vec<(Option<&CameraId>, Why)>> {
        let mut rest = self.plan.rest.iter();
        let ground = (0..self.plan.screens.len()).map(|n| {
            let count = self.count(n);
            if let Some(arranged) = self.arranged(&self.plan.screens[n]) {
                let cells =
                    (0..count).map(|cell| arranged.cells.get(cell).and_then(Option::as_ref));
                return cells.map(|camera| (camera, Why::Preset)).collect();
            }
            let own = &self.plan.base[n];
            let more = count.saturating_sub(own.len());
            let mut cameras: Vec<_> =
                own.iter().chain(rest.by_ref().take(more)).map(Some).collect();
            cameras.resize(count, None);
            cameras.into_iter().map(|camera| (camera, Why::Base)).collect()
        });
        ground.collect()
    }

    /// What the wall shows at a moment: a function of state, alerts and time.
    fn look(&self, now: UnixMicros) -> Shown {
        let marks = self.marks();
        let cell = |place: Place, ground| {
            let mut shown = match self.taken.get(&place) {
                Some(taken) => taken.shown(),
                None => self.beneath(&place, ground, now),
            };
            shown.camera = shown.camera.filter(|camera| self.may_show(camera));
            if shown.alert.is_none() {
                let camera = shown.camera.as_ref();
                shown.alert = camera.and_then(|camera| marks.get(camera).copied());
            }
            shown
        };
        let screens = self.plan.screens.iter().zip(self.grounds()).enumerate();
        let screens = screens.map(|(n, (screen, ground))| ShownScreen {
            id: screen.id.clone(),
            name: screen.name.clone(),
            column: screen.column,
            row: screen.row,
            layout: self.layout(n),
            cells: ground
                .into_iter()
                .enumerate()
                .map(|(n, ground)| cell(Place { screen: screen.id.clone(), cell: n }, ground))
                .collect(),
        });
        let presets = self.plan.presets.iter().map(|(id, name, _)| (id.clone(), name.clone()));
        let kept = self.state.presets.iter().map(|kept| (kept.id.clone(), kept.name.clone()));
        Shown {
            name: self.plan.name.clone(),
            screens: screens.collect(),
            bezel: self.plan.bezel,
            presets: presets.chain(kept).collect(),
            preset: self.state.preset.clone(),
            blocked: self.state.blocked.keys().cloned().collect(),
        }
    }

    /// What a cell shows beneath an alert that holds it.
    fn beneath(
        &self,
        place: &Place,
        (camera, why): (Option<&CameraId>, Why),
        now: UnixMicros,
    ) -> ShownCell {
        let Some(own) = self.state.own(place) else {
            return ShownCell { camera: camera.cloned(), why, ..ShownCell::default() };
        };
        let (camera, why) = match &own.what {
            Content::Nothing => (None, Why::Person),
            Content::Camera(camera) => (Some(camera), Why::Person),
            Content::Tour { cameras, dwell_s, from } => {
                let may_show = |camera: &CameraId| self.may_show(camera);
                (tour::current(cameras, *dwell_s, *from, now, may_show), Why::Tour)
            }
        };
        ShownCell {
            camera: camera.cloned(),
            why,
            pinned: own.pinned,
            by: Some(own.by.clone()),
            alert: None,
            until: own.until,
        }
    }

    /// What all cells show beneath alerts.
    pub(super) fn all_beneath(&self, now: UnixMicros) -> BTreeMap<Place, ShownCell> {
        let grounds = self.grounds().into_iter().flatten();
        let beneath = self.places().into_iter().zip(grounds).map(|(place, ground)| {
            let mut shown = self.beneath(&place, ground, now);
            shown.camera = shown.camera.filter(|camera| self.may_show(camera));
            (place, shown)
        });
        beneath.collect()
    }
}
