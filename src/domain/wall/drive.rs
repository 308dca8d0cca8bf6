//! People drive a wall.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Arrangement, Block, Board, Change, Command, Kept, Layout, Place, PresetId, Refused, ScreenId,
    What,
    command::{BLOCKS_MAX, DWELL_S, FOR_S, KEPT_MAX, NAME_MAX, REASON_MAX, ROLES, TOUR_MAX, plain},
    state::{Content, Own},
};
use crate::domain::{camera::CameraId, time::UnixMicros};

type Done = Result<(), Refused>;

impl Board {
    /// Does what a person wants; with `meant`, only if that is the newest revision.
    pub fn apply(
        &mut self,
        now: UnixMicros,
        by: &str,
        meant: Option<u64>,
        command: Command,
    ) -> Result<Change, Refused> {
        let newest = self.state.revision;
        if meant.is_some_and(|meant| meant != newest) {
            return Err(Refused::Outdated { newest });
        }
        self.carry_out(now, by, command.clone())?;
        Ok(self.changed(now, Some(by.to_owned()), What::Commanded(command)))
    }

    fn carry_out(&mut self, now: UnixMicros, by: &str, command: Command) -> Done {
        let own = |what| Own { what, by: by.to_owned(), at: now, until: None, pinned: false };
        match command {
            Command::Show { camera, screen, cell, pin, for_s } => {
                self.showable(&camera)?;
                let until = match for_s {
                    Some(_) if pin => {
                        let why = "a pinned cell stays until it is unpinned: leave out `for_s`";
                        return Err(Refused::senseless(why));
                    }
                    Some(for_s) if !FOR_S.contains(&for_s) => {
                        return Err(Refused::senseless("`for_s` is from 1 to 604800 seconds"));
                    }
                    for_s => for_s.map(|s| UnixMicros(now.0 + u64::from(s) * 1_000_000)),
                };
                let place = self.place_for(screen, cell)?;
                let own = Own { until, pinned: pin, ..own(Content::Camera(camera)) };
                self.put(&place, own);
            }
            Command::Clear { screen, cell } => {
                let place = self.unpinned(screen, cell)?;
                self.state.take(&place);
                if let Some(taken) = self.taken.remove(&place) {
                    self.dismissed.insert(taken.alert);
                }
            }
            Command::Pin { screen, cell } => {
                let place = self.place(screen, cell)?;
                let shown = self.shown_in(&place);
                let Some(camera) = shown else {
                    return Err(Refused::senseless("an empty cell cannot be pinned"));
                };
                // Who put it there stays, unless it was an alert, a tour or nobody.
                let kept = self.state.take(&place).filter(|own| {
                    !self.taken.contains_key(&place) && own.what == Content::Camera(camera.clone())
                });
                let kept = kept.unwrap_or_else(|| own(Content::Camera(camera)));
                self.put(&place, Own { pinned: true, until: None, ..kept });
            }
            Command::Unpin { screen, cell } => {
                let place = self.place(screen, cell)?;
                let Some(kept) = self.state.take(&place) else {
                    return Err(Refused::senseless("the cell is not pinned"));
                };
                let pinned = kept.pinned;
                self.state.put(&place, Own { pinned: false, ..kept });
                if !pinned {
                    return Err(Refused::senseless("the cell is not pinned"));
                }
            }
            Command::Swap { from, to } => self.swap(now, by, from, to)?,
            Command::Layout { screen, layout } => self.part(screen, layout)?,
            Command::Fill { screen, cameras } => {
                let n = self.screen_named(&screen)?;
                cameras.iter().try_for_each(|camera| self.showable(camera))?;
                let cells = (0..self.count(n)).map(|cell| Place { screen: screen.clone(), cell });
                let cells: Vec<Place> =
                    cells.filter(|place| !self.state.is_pinned(place)).collect();
                if cameras.is_empty() || cameras.len() > cells.len() {
                    let (free, given) = (cells.len(), cameras.len());
                    let problem = format!("{given} cameras for {free} cells that are not pinned");
                    return Err(Refused::Senseless(problem));
                }
                for (place, camera) in cells.iter().zip(cameras) {
                    self.put(place, own(Content::Camera(camera)));
                }
            }
            Command::Tour { screen, cell, cameras, dwell_s } => {
                cameras.iter().try_for_each(|camera| self.showable(camera))?;
                if !(2..=TOUR_MAX).contains(&cameras.len()) || !DWELL_S.contains(&dwell_s) {
                    let why = "a tour has 2 to 200 cameras, each for 3 to 3600 seconds";
                    return Err(Refused::senseless(why));
                }
                let place = self.unpinned(screen, cell)?;
                self.put(&place, own(Content::Tour { cameras, dwell_s, from: now }));
            }
            Command::Preset { preset } => {
                if self.arrangements(&preset).is_none() {
                    return Err(Refused::Unknown(format!("preset {preset}")));
                }
                self.lay_out(Some(preset))?;
            }
            Command::Keep { id, name } => self.keep(now, id, &name)?,
            Command::Reset { screen: None } => self.lay_out(None)?,
            Command::Reset { screen: Some(screen) } => {
                self.screen_named(&screen)?;
                let kept = self.state.layouts.remove(&screen);
                if let Err(refused) = self.fits(&screen) {
                    self.state.layouts.extend(kept.map(|layout| (screen, layout)));
                    return Err(refused);
                }
                self.state.sweep(&screen);
                self.trim_cells();
            }
            Command::Block { camera, reason, roles } => {
                self.exists(&camera)?;
                let reason = plain("reason", &reason, REASON_MAX)?;
                let roles: BTreeSet<String> = roles.into_iter().collect();
                if roles.is_empty() || roles.iter().any(|role| !ROLES.contains(&role.as_str())) {
                    let roles = ROLES.join(", ");
                    return Err(Refused::Senseless(format!("`roles` names some of {roles}")));
                }
                let more = !self.state.blocked.contains_key(&camera);
                if more && self.state.blocked.len() >= BLOCKS_MAX {
                    let problem = format!("{BLOCKS_MAX} cameras are blocked: unblock some");
                    return Err(Refused::Senseless(problem));
                }
                let block = Block { roles, reason, by: by.to_owned(), at: now };
                self.state.blocked.insert(camera, block);
            }
            Command::Unblock { camera } => {
                if self.state.blocked.remove(&camera).is_none() {
                    return Err(Refused::Unknown(format!("block of camera {camera}")));
                }
            }
        }
        Ok(())
    }

    /// A person's wish goes before an alert's: that one finds another cell, or waits.
    fn put(&mut self, place: &Place, own: Own) {
        self.taken.remove(place);
        self.state.put(place, own);
    }

    fn exists(&self, camera: &CameraId) -> Done {
        let known = self.plan.known.contains(camera);
        known.then_some(()).ok_or_else(|| Refused::Unknown(format!("camera {camera}")))
    }

    fn showable(&self, camera: &CameraId) -> Done {
        self.exists(camera)?;
        let blocked = self.state.blocked.contains_key(camera);
        if blocked { Err(Refused::Blocked(camera.clone())) } else { Ok(()) }
    }

    fn screen_named(&self, screen: &ScreenId) -> Result<usize, Refused> {
        self.screen(screen).ok_or_else(|| Refused::Unknown(format!("screen {screen}")))
    }

    fn place(&self, screen: ScreenId, cell: usize) -> Result<Place, Refused> {
        let n = self.screen_named(&screen)?;
        if cell >= self.count(n) {
            return Err(Refused::Unknown(format!("cell {cell} of screen {screen}")));
        }
        Ok(Place { screen, cell })
    }

    fn unpinned(&self, screen: ScreenId, cell: usize) -> Result<Place, Refused> {
        let place = self.place(screen, cell)?;
        if self.state.is_pinned(&place) {
            let Place { screen, cell } = place;
            return Err(Refused::Pinned { screen, cell });
        }
        Ok(place)
    }

    /// The cell that is meant, or the best one: an empty one, then what stands there longest.
    fn place_for(&self, screen: Option<ScreenId>, cell: Option<usize>) -> Result<Place, Refused> {
        match (screen, cell) {
            (Some(screen), Some(cell)) => return self.unpinned(screen, cell),
            (None, Some(cell)) => match &*self.plan.screens {
                [one] => return self.unpinned(one.id.clone(), cell),
                _ => return Err(Refused::senseless("name the `screen` of the cell")),
            },
            (Some(screen), None) => {
                self.screen_named(&screen)?;
                self.best(Some(&screen))
            }
            (None, None) => self.best(None),
        }
        .ok_or(Refused::Full)
    }

    fn best(&self, screen: Option<&ScreenId>) -> Option<Place> {
        let places = self.places().into_iter();
        let on_it = places.filter(|place| screen.is_none_or(|screen| place.screen == *screen));
        let may = |place: &Place| !self.state.is_pinned(place) && !self.taken.contains_key(place);
        on_it.filter(may).min_by_key(|place| {
            let own = self.state.own(place);
            (self.shown_in(place).is_some(), own.map(|own| own.at))
        })
    }

    fn shown_in(&self, place: &Place) -> Option<CameraId> {
        let screen = self.shown.screens.iter().find(|screen| screen.id == place.screen)?;
        screen.cells.get(place.cell)?.camera.clone()
    }

    fn swap(&mut self, now: UnixMicros, by: &str, from: Place, to: Place) -> Done {
        let from = self.unpinned(from.screen, from.cell)?;
        let to = self.unpinned(to.screen, to.cell)?;
        let beneath = self.all_beneath(now);
        let content = |place: &Place, state: &super::State| match state.own(place) {
            Some(own) => own.clone(),
            None => {
                let camera = beneath.get(place).and_then(|shown| shown.camera.clone());
                let what = camera.map_or(Content::Nothing, Content::Camera);
                Own { what, by: by.to_owned(), at: now, until: None, pinned: false }
            }
        };
        let (there, here) = (content(&from, &self.state), content(&to, &self.state));
        self.state.put(&from, here);
        self.state.put(&to, there);
        let (moved, back) = (self.taken.remove(&from), self.taken.remove(&to));
        self.taken.extend(moved.map(|taken| (to, taken)));
        self.taken.extend(back.map(|taken| (from, taken)));
        Ok(())
    }

    fn part(&mut self, screen: ScreenId, layout: Layout) -> Done {
        self.screen_named(&screen)?;
        let before = self.state.layouts.insert(screen.clone(), layout);
        if let Err(refused) = self.fits(&screen) {
            match before {
                Some(before) => _ = self.state.layouts.insert(screen, before),
                None => _ = self.state.layouts.remove(&screen),
            }
            return Err(refused);
        }
        self.trim_cells();
        Ok(())
    }

    /// Whether all pinned cells of a screen are still there.
    fn fits(&self, screen: &ScreenId) -> Done {
        let Some(n) = self.screen(screen) else { return Ok(()) };
        match self.state.last_pinned(screen).filter(|cell| *cell >= self.count(n)) {
            Some(cell) => Err(Refused::Pinned { screen: screen.clone(), cell }),
            None => Ok(()),
        }
    }

    /// Lays out a preset, or the wall's own cameras: what persons put there goes, but for what is
    /// pinned.
    pub(super) fn lay_out(&mut self, preset: Option<PresetId>) -> Done {
        let before = (self.state.preset.clone(), std::mem::take(&mut self.state.layouts));
        self.state.preset = preset;
        let screens: Vec<ScreenId> = self.plan.screens.iter().map(|s| s.id.clone()).collect();
        if let Err(refused) = screens.iter().try_for_each(|screen| self.fits(screen)) {
            (self.state.preset, self.state.layouts) = before;
            return Err(refused);
        }
        screens.iter().for_each(|screen| self.state.sweep(screen));
        self.trim_cells();
        Ok(())
    }

    /// Makes a preset of what is shown; alerts are no part of it.
    fn keep(&mut self, now: UnixMicros, id: PresetId, name: &str) -> Done {
        let name = plain("name", name, NAME_MAX)?;
        if self.plan.presets.iter().any(|(configured, ..)| *configured == id) {
            let problem = format!("the preset {id} is in the configuration: choose another id");
            return Err(Refused::Senseless(problem));
        }
        let known = self.state.presets.iter().position(|kept| kept.id == id);
        if known.is_none() && self.state.presets.len() >= KEPT_MAX {
            return Err(Refused::Senseless(format!("{KEPT_MAX} presets are kept, and no more")));
        }
        let mut screens: BTreeMap<ScreenId, Arrangement> = BTreeMap::new();
        for (place, shown) in self.all_beneath(now) {
            let Some(n) = self.screen(&place.screen) else { continue };
            let arrangement = screens
                .entry(place.screen)
                .or_insert_with(|| Arrangement { layout: self.layout(n), cells: Vec::new() });
            arrangement.cells.push(shown.camera);
        }
        let kept = Kept { id, name, screens };
        match known {
            Some(known) => self.state.presets[known] = kept,
            None => self.state.presets.push(kept),
        }
        self.trim();
        Ok(())
    }
}
