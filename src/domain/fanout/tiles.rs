//! The newest tile of each camera at each width, and in which order they came.

use std::collections::{HashMap, HashSet};

use super::subscription::{STEPS, Step};
use crate::domain::{
    camera::{Handle, Importance},
    media::{Header, Kind, flags},
    time::UnixMicros,
};

/// What a publisher knows of a tile, besides its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Picture {
    /// When the keyframe's last byte arrived.
    pub received_at: UnixMicros,
    /// Media time in 90 kHz units, wrapping.
    pub media_time: u32,
    /// Bits of [`flags`]; "not live" is added while the camera is marked so.
    pub flags: u16,
}

/// All newest tiles. `M` is the message as it goes out: built once, when it is published.
///
/// Memory is bounded by cameras times widths, whatever the viewers do.
#[derive(Debug)]
pub struct Tiles<M> {
    pub(super) cameras: Vec<Camera>,
    pub(super) boards: [Board<M>; STEPS],
    index: HashMap<Handle, u32>,
    /// Handles are never reused, so a late tile of a camera that was removed is told by its handle.
    forgotten: HashSet<Handle>,
}

#[derive(Debug)]
pub(super) struct Camera {
    pub(super) handle: Handle,
    /// Numbers its pictures, shared by all widths: screens report it back as what they painted.
    pub(super) sequence: u32,
    newest: Option<(UnixMicros, u32)>,
    not_live: bool,
    pub(super) importance: Importance,
}

/// One width: a slot per camera, and a ring of the slots published last.
#[derive(Debug)]
pub(super) struct Board<M> {
    pub(super) slots: Vec<Slot<M>>,
    log: Box<[u32]>,
    /// Publications so far; the next one's position.
    pub(super) published: u64,
}

#[derive(Debug)]
pub(super) struct Slot<M> {
    pub(super) newest: Option<Newest<M>>,
}

#[derive(Debug)]
pub(super) struct Newest<M> {
    pub(super) position: u64,
    pub(super) header: Header,
    /// Sent once more with other flags: not a new picture.
    pub(super) again: bool,
    pub(super) message: M,
}

/// A viewer that missed more publications than this looks through all slots instead: about what a
/// thousand cameras publish in a second.
const LOG: usize = 1024;

impl<M> Default for Tiles<M> {
    fn default() -> Self {
        Self {
            cameras: Vec::new(),
            boards: std::array::from_fn(|_| Board {
                slots: Vec::new(),
                log: vec![0; LOG].into_boxed_slice(),
                published: 0,
            }),
            index: HashMap::new(),
            forgotten: HashSet::new(),
        }
    }
}

impl<M> Tiles<M> {
    /// Makes this the newest tile of the camera at this width. `frame` builds the message from its
    /// header. A tile of a camera that was forgotten is ignored.
    ///
    /// Tiles of one picture at several widths share one sequence number.
    pub fn publish(
        &mut self,
        camera: Handle,
        step: Step,
        picture: Picture,
        frame: impl FnOnce(&Header) -> M,
    ) {
        let Some(index) = self.meet(camera) else {
            return;
        };
        let board = &mut self.boards[step.index()];
        let state = &mut self.cameras[index as usize];
        let time = (picture.received_at, picture.media_time);
        let shown = board.newest(index).map(|newest| newest.header.sequence);
        if state.newest != Some(time) || shown == Some(state.sequence) {
            state.sequence += 1;
            state.newest = Some(time);
        }
        let header = Header {
            kind: Kind::Tile,
            flags: picture.flags | if state.not_live { flags::NOT_LIVE } else { 0 },
            camera,
            sequence: state.sequence,
            received_at: picture.received_at,
            media_time: picture.media_time,
        };
        let message = frame(&header);
        board.put(index, header, false, message);
    }

    /// Marks the camera's pictures as not live, or live again. Its newest tiles go out once more
    /// with the flag changed, as a new sequence number; `reframe` builds them.
    pub fn set_not_live(
        &mut self,
        camera: Handle,
        not_live: bool,
        reframe: impl Fn(&M, &Header) -> M,
    ) {
        let Some(index) = self.meet(camera) else {
            return;
        };
        let state = &mut self.cameras[index as usize];
        if state.not_live == not_live {
            return;
        }
        state.not_live = not_live;
        state.sequence += 1;
        let sequence = state.sequence;
        for board in &mut self.boards {
            let Some(newest) = board.newest(index) else {
                continue;
            };
            let flags =
                newest.header.flags & !flags::NOT_LIVE | if not_live { flags::NOT_LIVE } else { 0 };
            let header = Header { flags, sequence, ..newest.header };
            let message = reframe(&newest.message, &header);
            board.put(index, header, true, message);
        }
    }

    /// The camera's class from now on: how often it has its turn with viewers that cannot keep up.
    pub fn rank(&mut self, camera: Handle, importance: Importance) {
        if let Some(index) = self.meet(camera) {
            self.cameras[index as usize].importance = importance;
        }
    }

    /// Drops everything of a camera, for good.
    pub fn forget(&mut self, camera: Handle) {
        self.forgotten.insert(camera);
        let Some(index) = self.index.remove(&camera) else {
            return;
        };
        for board in &mut self.boards {
            if let Some(slot) = board.slots.get_mut(index as usize) {
                slot.newest = None;
            }
        }
    }

    /// The newest tile of a camera at a width.
    pub fn newest(&self, camera: Handle, step: Step) -> Option<(&Header, &M)> {
        let newest = self.boards[step.index()].newest(*self.index.get(&camera)?)?;
        Some((&newest.header, &newest.message))
    }

    /// The newest number of each camera that has published.
    pub fn numbers(&self) -> Vec<(Handle, u32)> {
        let numbers = self.index.values().map(|index| &self.cameras[*index as usize]);
        numbers
            .filter(|camera| camera.sequence > 0)
            .map(|camera| (camera.handle, camera.sequence))
            .collect()
    }

    fn meet(&mut self, camera: Handle) -> Option<u32> {
        if let Some(index) = self.index.get(&camera) {
            return Some(*index);
        }
        if self.forgotten.contains(&camera) {
            return None;
        }
        let index = u32::try_from(self.cameras.len()).ok()?;
        self.cameras.push(Camera {
            handle: camera,
            sequence: 0,
            newest: None,
            not_live: false,
            importance: Importance::default(),
        });
        self.index.insert(camera, index);
        Some(index)
    }
}

impl<M> Board<M> {
    pub(super) fn newest(&self, index: u32) -> Option<&Newest<M>> {
        self.slots.get(index as usize)?.newest.as_ref()
    }

    /// The publication at a position of the log, unless a newer one of that camera replaced it.
    pub(super) fn logged(&self, position: u64) -> Option<(u32, &Newest<M>)> {
        let index = self.log[ring(position)];
        self.newest(index)
            .filter(|newest| newest.position == position)
            .map(|newest| (index, newest))
    }

    /// Whether the log still holds this position.
    pub(super) fn holds(&self, position: u64) -> bool {
        self.published - position <= LOG as u64
    }

    fn put(&mut self, index: u32, header: Header, again: bool, message: M) {
        while self.slots.len() <= index as usize {
            self.slots.push(Slot { newest: None });
        }
        let position = self.published;
        self.slots[index as usize].newest = Some(Newest { position, header, again, message });
        self.log[ring(position)] = index;
        self.published += 1;
    }
}

fn ring(position: u64) -> usize {
    usize::try_from(position % LOG as u64).expect("less than the ring's length")
}
