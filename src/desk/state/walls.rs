//! The walls: people, alerts and time drive them; every change is shown at once and written down.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
    sync::Arc,
};

use serde_json::Value;

use super::{Desk, Moment};
use crate::{
    desk::{
        command::{Answer, Done, Refused},
        event::Effect,
        view::WallView,
    },
    domain::{
        alert::Actor,
        camera::{Camera, CameraId, Handle, WallId},
        repeat::{Repeats, Sent},
        wall::{self, Board, Candidate, Plan, State, What},
    },
    store::{AlertRows, AuditRow, WallRow},
};

/// Steps of tours that are written down one after the other without a snapshot: so many rows are
/// read at most to know what a wall showed.
const STEPS: u32 = 500;

/// The wall side of the desk.
#[derive(Debug, Default)]
pub(super) struct Walls {
    /// In the order of the file.
    order: Vec<WallId>,
    boards: BTreeMap<WallId, Board>,
    /// Of walls that are not configured now.
    kept: BTreeMap<WallId, State>,
    /// Steps since the last snapshot.
    steps: BTreeMap<WallId, u32>,
    /// Alerts are others than those that the walls heard of.
    stirred: bool,
    /// What this event or tick writes down.
    rows: Vec<WallRow>,
    /// What people ordered under names of theirs.
    repeats: Repeats<Ordered, Done>,
}

/// A command to a wall, as it was meant.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Ordered {
    pub(super) wall: WallId,
    /// The revision that it was meant for, if it is to hold for that one only.
    pub(super) meant: Option<u64>,
    pub(super) command: wall::Command,
}

impl Walls {
    pub(super) fn new(kept: BTreeMap<WallId, State>) -> Self {
        Self { kept, stirred: true, ..Self::default() }
    }

    pub(super) fn alerts_changed(&mut self) {
        self.stirred = true;
    }

    /// Whether alerts began or ended.
    pub(super) fn is_stirred(&self) -> bool {
        self.stirred
    }

    fn wrote(&mut self, wall: &WallId, change: wall::Change) {
        let Some(board) = self.boards.get(wall) else { return };
        let steps = self.steps.entry(wall.clone()).or_default();
        let whole = !matches!(change.what, What::Step { .. }) || *steps >= STEPS;
        *steps = if whole { 0 } else { *steps + 1 };
        let (what, detail) = words(&change.what);
        self.rows.push(WallRow {
            wall: wall.clone(),
            revision: change.revision,
            at: change.at,
            by: change.by,
            what,
            detail,
            snapshot: whole.then(|| wall::Shown::clone(board.shown())),
            state: board.state().clone(),
        });
    }

    pub(super) fn view(
        &self,
        wall: &WallId,
        handles: &BTreeMap<CameraId, Handle>,
    ) -> Option<Arc<WallView>> {
        let board = self.boards.get(wall)?;
        let handle = |camera: &CameraId| handles.get(camera).copied();
        let revision = board.state().revision;
        Some(Arc::new(WallView::of(wall.clone(), revision, board.shown(), handle)))
    }

    /// The roles that see each camera that is hidden.
    fn blocked(&self) -> BTreeMap<CameraId, BTreeSet<String>> {
        let blocks = self.boards.values().flat_map(|board| &board.state().blocked);
        blocks.map(|(camera, block)| (camera.clone(), block.roles.clone())).collect()
    }
}

impl Desk {
    pub(super) fn configure_walls(&mut self, at: Moment, effects: &mut Vec<Effect>) {
        let config = self.config.clone();
        let cameras: Vec<Camera> = config.cameras.iter().map(|c| c.camera.clone()).collect();
        let Walls { boards, kept, .. } = &mut self.walls;
        for (id, board) in std::mem::take(boards) {
            if config.walls.iter().any(|wall| wall.id == id) {
                boards.insert(id, board);
            } else {
                kept.insert(id, board.state().clone());
            }
        }
        // A camera is hidden from all walls, also from one that is new.
        let mut blocked = BTreeMap::new();
        for state in boards.values().map(Board::state).chain(kept.values()) {
            blocked.extend(state.blocked.clone());
        }
        for wall in &config.walls {
            let plan = Plan::new(wall, &cameras, config.history.utc_offset_min);
            let change = match self.walls.boards.get_mut(&wall.id) {
                Some(board) => board.configure(at.unix, plan),
                None => {
                    let mut state = self.walls.kept.remove(&wall.id).unwrap_or_default();
                    state.blocked.clone_from(&blocked);
                    let (board, change) = Board::new(at.unix, plan, state);
                    self.walls.boards.insert(wall.id.clone(), board);
                    self.walls.stirred = true;
                    Some(change)
                }
            };
            if let Some(change) = change {
                self.walls.wrote(&wall.id, change);
            }
        }
        self.walls.order = config.walls.iter().map(|wall| wall.id.clone()).collect();
        self.hide_blocked(at, effects);
        let order = &self.walls.order;
        let views = order.iter().filter_map(|id| self.walls.view(id, &self.handles)).collect();
        effects.push(Effect::ShowWalls(views));
        self.keep_walls(None, None, effects);
    }

    /// A person drives a wall.
    pub(super) fn drive_wall(
        &mut self,
        at: Moment,
        (by, address): (Actor, Option<IpAddr>),
        (request, order): (Option<String>, Ordered),
        answer: Answer,
        effects: &mut Vec<Effect>,
    ) {
        if let Some(request) = &request {
            match self.walls.repeats.look(at.now, &by, request, &order) {
                Sent::New => {}
                // It goes behind what is not committed yet: perhaps that is the very one.
                Sent::Again(done) => return self.keep_walls(None, Some((answer, done)), effects),
                Sent::Other => {
                    return effects.push(Effect::Answer(answer, Err(Refused::RequestUsed)));
                }
            }
        }
        let Ordered { wall, meant, command } = order.clone();
        let name = by.person.as_ref().map_or_else(|| by.user.clone(), |person| person.to_string());
        let Some(board) = self.walls.boards.get_mut(&wall) else {
            let refused = Refused::Unknown(format!("wall {wall}"));
            return effects.push(Effect::Answer(answer, Err(refused)));
        };
        let change = match board.apply(at.unix, &name, meant, command.clone()) {
            Ok(change) => change,
            Err(refused) => return effects.push(Effect::Answer(answer, Err(refused.into()))),
        };
        let (action, detail) = words(&change.what);
        let mut moved = vec![wall.clone()];
        self.walls.wrote(&wall, change);
        if matches!(command, wall::Command::Block { .. } | wall::Command::Unblock { .. }) {
            let others: Vec<WallId> =
                self.walls.order.iter().filter(|other| **other != wall).cloned().collect();
            for other in others {
                let board = self.walls.boards.get_mut(&other);
                let done = board.map(|board| board.apply(at.unix, &name, None, command.clone()));
                // It was so there already.
                let Some(Ok(change)) = done else { continue };
                self.walls.wrote(&other, change);
                moved.push(other);
            }
            self.hide_blocked(at, effects);
        }
        // What an alert must give way to, it does at once.
        self.tick_boards(at);
        self.show_walls(at, &moved, effects);
        let Some(view) = self.walls.view(&wall, &self.handles) else { return };
        let audit = AuditRow {
            id: self.alerts.id(at.unix),
            at: at.unix,
            actor: by.clone(),
            action: format!("wall-{action}"),
            object: format!("wall:{wall}"),
            detail: Some(detail),
            address,
        };
        let done = Done::Wall(view);
        if let Some(request) = request {
            self.walls.repeats.done(at.now, by, request, order, done.clone());
        }
        self.keep_walls(Some(audit), Some((answer, done)), effects);
    }

    /// What time alone changes, and alerts that began or ended.
    pub(super) fn tick_walls(&mut self, at: Moment, effects: &mut Vec<Effect>) {
        let before: BTreeMap<WallId, u64> = self.revisions();
        if std::mem::take(&mut self.walls.stirred) {
            let wanting: Vec<Candidate> =
                self.alerts.book.open().filter_map(|alert| Candidate::of(alert)).collect();
            for wall in self.walls.order.clone() {
                let board = self.walls.boards.get_mut(&wall);
                let change = board.and_then(|board| board.hear(at.unix, wanting.clone()));
                if let Some(change) = change {
                    self.walls.wrote(&wall, change);
                }
            }
        }
        self.tick_boards(at);
        let mut moved = self.revisions();
        moved.retain(|wall, revision| before.get(wall) != Some(revision));
        self.show_walls(at, moved.keys(), effects);
        self.keep_walls(None, None, effects);
    }

    fn tick_boards(&mut self, at: Moment) {
        for wall in self.walls.order.clone() {
            while let Some(change) =
                self.walls.boards.get_mut(&wall).and_then(|board| board.tick(at.unix))
            {
                self.walls.wrote(&wall, change);
            }
        }
    }

    fn revisions(&self) -> BTreeMap<WallId, u64> {
        let boards = self.walls.boards.iter();
        boards.map(|(wall, board)| (wall.clone(), board.state().revision)).collect()
    }

    fn show_walls<'a>(
        &mut self,
        at: Moment,
        moved: impl IntoIterator<Item = &'a WallId>,
        effects: &mut Vec<Effect>,
    ) {
        let views = moved.into_iter().filter_map(|wall| self.walls.view(wall, &self.handles));
        let before = effects.len();
        effects.extend(views.map(Effect::ShowWall));
        if effects.len() > before {
            self.lay_out_screens(at);
        }
    }

    /// Writes down what has happened to walls, and answers whoever waits for it behind it.
    fn keep_walls(
        &mut self,
        audit: Option<AuditRow>,
        answer: Option<(Answer, Done)>,
        effects: &mut Vec<Effect>,
    ) {
        let walls = std::mem::take(&mut self.walls.rows);
        if walls.is_empty() && answer.is_none() {
            return;
        }
        let audit = audit.into_iter().collect();
        let rows = AlertRows { walls, audit, ..AlertRows::default() };
        effects.push(Effect::Alert { rows, answer });
    }

    /// Hides what is blocked from all but those who may see it, in every view and on every socket.
    fn hide_blocked(&mut self, at: Moment, effects: &mut Vec<Effect>) {
        let blocked = self.walls.blocked();
        let hidden: Vec<Handle> = self
            .cameras
            .values_mut()
            .filter_map(|camera| {
                let only_for = blocked.get(&camera.config.camera.id);
                camera.hide(only_for).then_some(camera.handle)
            })
            .collect();
        if hidden.is_empty() {
            return;
        }
        for handle in hidden {
            self.judge(at, handle, effects);
        }
        effects.push(Effect::ShowList);
        effects.push(Effect::LookAgain);
    }
}

/// A change in a word, with the rest of it.
fn words(what: &What) -> (String, Value) {
    let mut detail = serde_json::to_value(what).unwrap_or_default();
    let word = detail.as_object_mut().and_then(|all| {
        let what = all.remove("what");
        what.or_else(|| all.remove("command"))
    });
    let word = word.as_ref().and_then(Value::as_str).unwrap_or("?").to_owned();
    (word, detail)
}
