//! What each screen says it has painted: the witness that a picture was seen, not only sent.

use std::{
    collections::HashMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use serde::Deserialize;

use crate::{
    desk::event,
    domain::{
        camera::{Handle, Slug, WallId},
        screen::{self, ScreenRef},
        time::UnixMicros,
    },
};

/// The newest report of every screen.
#[derive(Debug, Default)]
pub struct ReadBack {
    screens: Mutex<HashMap<(WallId, String), Painted>>,
    unheard: AtomicU64,
}

/// One screen's report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Painted {
    /// When it came.
    pub at: UnixMicros,
    /// The sequence number that each camera's tile shows.
    pub tiles: Vec<(Handle, u32)>,
}

/// The message as a screen sends it.
#[derive(Debug, Deserialize)]
pub(super) struct Report {
    pub(super) wall: WallId,
    pub(super) screen: String,
    /// Its name was given to it, by its address or its token.
    #[serde(default)]
    named: bool,
    #[serde(default = "seen")]
    visible: bool,
    #[serde(default)]
    blank: bool,
    /// It closes in order.
    #[serde(default)]
    leaving: bool,
    tiles: Vec<(Handle, u32)>,
    /// What can be read from it, while somebody is in front of it.
    #[serde(default)]
    large: Vec<Handle>,
}

/// A page that does not say so has no way to tell.
fn seen() -> bool {
    true
}

impl Report {
    /// What the desk hears of it; `None` if the page has a name that no screen of a wall has.
    pub(super) fn heard(&self) -> Option<event::Painted> {
        let screen = Slug::try_from(self.screen.as_str()).ok()?;
        let report = screen::Report {
            screen: ScreenRef { wall: self.wall.clone(), screen },
            named: self.named,
            visible: self.visible,
            blank: self.blank,
            leaving: self.leaving,
            tiles: self.tiles.clone(),
        };
        Some(event::Painted { report, large: self.large.clone() })
    }
}

/// Screens that are remembered; when a new one comes on top of that, the one silent for longest is
/// forgotten.
const SCREENS: usize = 256;
const NAME_MAX: usize = 64;

impl ReadBack {
    /// Takes a report; `false` if the screen's name is empty, too long or not plain.
    pub(super) fn report(&self, report: Report, at: UnixMicros) -> bool {
        let name = report.screen;
        if name.is_empty() || name.len() > NAME_MAX || name.chars().any(char::is_control) {
            return false;
        }
        let mut screens = self.lock();
        let key = (report.wall, name);
        if report.leaving {
            screens.remove(&key);
            return true;
        }
        if screens.len() >= SCREENS && !screens.contains_key(&key) {
            let oldest =
                screens.iter().min_by_key(|(_, painted)| painted.at).map(|(key, _)| key.clone());
            oldest.map(|oldest| screens.remove(&oldest));
        }
        screens.insert(key, Painted { at, tiles: report.tiles });
        true
    }

    /// A report for which the desk had no room.
    pub(super) fn was_unheard(&self) {
        self.unheard.fetch_add(1, Ordering::Relaxed);
    }

    /// Reports for which the desk had no room.
    pub fn unheard(&self) -> u64 {
        self.unheard.load(Ordering::Relaxed)
    }

    /// The newest report of every screen, by wall and screen.
    pub fn screens(&self) -> Vec<(WallId, String, Painted)> {
        let screens = self.lock();
        let mut all: Vec<_> = screens
            .iter()
            .map(|((wall, name), painted)| (wall.clone(), name.clone(), painted.clone()))
            .collect();
        all.sort_by(|a, b| (&a.0, &a.1).cmp(&(&b.0, &b.1)));
        all
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<(WallId, String), Painted>> {
        self.screens.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_report_of_each_screen_is_kept_and_no_more_screens_than_allowed() {
        let read_back = ReadBack::default();
        let report = |screen: String, sequence| Report {
            wall: WallId::try_from("main").expect("an id"),
            screen,
            named: false,
            visible: true,
            blank: false,
            leaving: false,
            tiles: vec![(Handle(1), sequence)],
            large: Vec::new(),
        };
        for n in 0..300 {
            assert!(read_back.report(report(format!("screen {n}"), 1), UnixMicros(n)));
        }
        assert!(read_back.report(report("screen 299".into(), 9), UnixMicros(1000)));
        assert!(!read_back.report(report("a\nb".into(), 9), UnixMicros(1000)));
        let screens = read_back.screens();
        assert_eq!(screens.len(), SCREENS);
        let newest = screens.iter().find(|(_, name, _)| name == "screen 299").expect("it reported");
        assert_eq!(newest.2, Painted { at: UnixMicros(1000), tiles: vec![(Handle(1), 9)] });
        assert!(!screens.iter().any(|(_, name, _)| name == "screen 0"));
        let leaves = Report { leaving: true, ..report("screen 299".into(), 9) };
        assert!(read_back.report(leaves, UnixMicros(1001)));
        assert_eq!(read_back.screens().len(), SCREENS - 1, "who closes in order is not remembered");
    }
}
