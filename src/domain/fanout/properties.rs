//! What every viewer may rely on, over random publications and random viewers.

use std::collections::HashMap;

use proptest::prelude::*;

use super::*;
use crate::domain::{
    camera::{Handle, Importance},
    media::flags,
    time::UnixMicros,
};

/// A message is its camera, sequence and flags.
type Message = (Handle, u32, u16);

#[derive(Clone, Debug)]
enum Act {
    Publish {
        camera: u32,
        wide: bool,
    },
    NotLive {
        camera: u32,
        not_live: bool,
    },
    Forget {
        camera: u32,
    },
    Rank {
        camera: u32,
        importance: Importance,
    },
    /// The viewer takes up to this many messages.
    Take(usize),
    Subscribe {
        everything: bool,
        camera: u32,
        wide: bool,
    },
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        8 => (0..90u32, any::<bool>()).prop_map(|(camera, wide)| Act::Publish { camera, wide }),
        1 => (0..90u32, any::<bool>()).prop_map(|(camera, not_live)| Act::NotLive { camera, not_live }),
        1 => (0..90u32).prop_map(|camera| Act::Forget { camera }),
        1 => (0..90u32, importance()).prop_map(|(camera, importance)| Act::Rank { camera, importance }),
        3 => (0..100usize).prop_map(Act::Take),
        1 => (any::<bool>(), 0..90u32, any::<bool>())
            .prop_map(|(everything, camera, wide)| Act::Subscribe { everything, camera, wide }),
    ]
}

fn importance() -> impl Strategy<Value = Importance> {
    prop::sample::select(vec![Importance::High, Importance::Normal, Importance::Low])
}

/// Turns in four laps.
fn turns(importance: Importance) -> usize {
    match importance {
        Importance::High => 4,
        Importance::Normal => 2,
        Importance::Low => 1,
    }
}

fn step(wide: bool) -> Step {
    Step::serving(if wide { 1280 } else { 320 })
}

fn publish(tiles: &mut Tiles<Message>, camera: u32, wide: bool, at: u64) {
    let picture = Picture { received_at: UnixMicros(at), media_time: 0, flags: flags::KEYFRAME };
    tiles.publish(Handle(camera), step(wide), picture, |header| {
        (header.camera, header.sequence, header.flags)
    });
}

fn take(cursor: &mut Cursor, tiles: &Tiles<Message>, most: usize) -> Vec<Message> {
    cursor.meet(tiles, |_| true);
    let mut taken = Vec::new();
    loop {
        let mut batch = Batch::none();
        cursor.due(tiles, &mut batch);
        let count = batch.len().min(most - taken.len());
        taken.extend(batch.iter().take(count).map(|due| *due.message));
        let done = batch.is_complete() || count < batch.len() || taken.len() == most;
        cursor.took(&batch, count, tiles);
        if done {
            return taken;
        }
    }
}

fn wishing(everything: Option<bool>, cameras: &[(u32, bool)]) -> Subscription {
    let mut subscription = Subscription::default();
    if let Some(wide) = everything {
        subscription.add_everything(step(wide));
    }
    for (camera, wide) in cameras {
        subscription.add(Handle(*camera), step(*wide));
    }
    subscription
}

proptest! {
    #[test]
    fn whatever_a_viewer_misses_it_ends_with_the_newest_of_all_it_wished_for_each_once(
        acts in prop::collection::vec(act(), 0..400)
    ) {
        let mut tiles = Tiles::default();
        let mut cursor = Cursor::default();
        cursor.subscribe(wishing(Some(false), &[]), &tiles, |_| true);
        let mut got: HashMap<Handle, u32> = HashMap::new();
        let mut skipped = 0;
        // Per camera: at which width the viewer was given it, and up to which sequence number.
        let mut stood: HashMap<Handle, (Option<Step>, u32)> = HashMap::new();
        let mut receive = |cursor: &mut Cursor, tiles: &Tiles<Message>, most: usize| {
            for (camera, sequence, _) in take(cursor, tiles, most) {
                let width = cursor.subscription().step(camera);
                assert!(width.is_some(), "only what was wished for");
                let (_, before) = stood.insert(camera, (width, sequence)).unwrap_or_default();
                if got.insert(camera, sequence).is_some_and(|got| got == before) {
                    assert!(sequence > before, "each once, never back: {before} then {sequence}");
                }
                skipped += u64::from(sequence.saturating_sub(before + 1));
            }
            // Wishing for a camera anew, or at another width, starts with its newest.
            for camera in &tiles.cameras {
                let width = cursor.subscription().step(camera.handle);
                let before = stood.entry(camera.handle).or_insert((width, 0));
                if before.0 != width {
                    *before = (width, camera.sequence.saturating_sub(1));
                    got.remove(&camera.handle);
                }
            }
            assert_eq!(cursor.skipped(), skipped, "gaps tell what was skipped");
            got.clone()
        };
        for (at, act) in (1..).zip(acts) {
            match act {
                Act::Publish { camera, wide } => publish(&mut tiles, camera, wide, at),
                Act::NotLive { camera, not_live } => tiles.set_not_live(
                    Handle(camera), not_live, |message, header| (message.0, header.sequence, header.flags)),
                Act::Forget { camera } => tiles.forget(Handle(camera)),
                Act::Rank { camera, importance } => tiles.rank(Handle(camera), importance),
                Act::Take(most) => { receive(&mut cursor, &tiles, most); }
                Act::Subscribe { everything, camera, wide } => {
                    // Nothing is taken, but the test learns what the old wish was.
                    receive(&mut cursor, &tiles, 0);
                    let wish = wishing(everything.then_some(false), &[(camera, wide)]);
                    cursor.subscribe(wish, &tiles, |_| true);
                    receive(&mut cursor, &tiles, 0);
                }
            }
        }
        let got = receive(&mut cursor, &tiles, usize::MAX);
        for camera in (0..90).map(Handle) {
            let Some(step) = cursor.subscription().step(camera) else { continue };
            if let Some((header, message)) = tiles.newest(camera, step) {
                prop_assert_eq!(got.get(&camera), Some(&header.sequence));
                prop_assert_eq!(message.2, header.flags);
            }
        }
        prop_assert!(take(&mut cursor, &tiles, usize::MAX).is_empty(), "nothing is due twice");
    }

    #[test]
    fn a_viewer_that_keeps_up_gets_every_tile_in_the_order_of_publication(
        turns in prop::collection::vec(prop::collection::hash_set(0..200u32, 0..60), 1..40)
    ) {
        let mut tiles = Tiles::default();
        let mut cursor = Cursor::default();
        cursor.subscribe(wishing(Some(false), &[]), &tiles, |_| true);
        // Its first look goes round the slots; from then on it reads the log.
        take(&mut cursor, &tiles, usize::MAX);
        for (at, cameras) in (1..).zip(turns) {
            for camera in &cameras {
                publish(&mut tiles, *camera, false, at);
            }
            let order: Vec<u32> = take(&mut cursor, &tiles, usize::MAX).iter().map(|message| message.0.0).collect();
            prop_assert_eq!(order, cameras.into_iter().collect::<Vec<_>>());
        }
        prop_assert_eq!(cursor.skipped(), 0);
    }

    /// While a camera waits, another has at most as many turns as its class has more of them, and one
    /// for what the viewer took in the order of publication before it fell behind.
    #[test]
    fn no_camera_that_waits_is_passed_over_for_long_whatever_its_class_and_width(
        cameras in prop::collection::vec((importance(), any::<bool>()), 2..40),
        turns_taken in prop::collection::vec((1..45usize, any::<u64>()), 1..200),
        start in prop::bool::ANY,
    ) {
        let mut tiles = Tiles::default();
        let mut cursor = Cursor::default();
        let wide: Vec<(u32, bool)> = (0..).zip(&cameras).map(|(n, (_, wide))| (n, *wide)).collect();
        for (n, (importance, _)) in (0..).zip(&cameras) {
            tiles.rank(Handle(n), *importance);
        }
        cursor.subscribe(wishing(None, &wide), &tiles, |_| true);
        if start {
            take(&mut cursor, &tiles, usize::MAX);
        }
        // Since its last picture, how many each other camera had.
        let mut since = vec![vec![0; cameras.len()]; cameras.len()];
        let mut waits = vec![false; cameras.len()];
        for (at, (most, publishes)) in (1..).zip(turns_taken) {
            for (camera, wide) in &wide {
                if publishes >> (camera % 64) & 1 == 1 {
                    publish(&mut tiles, *camera, *wide, at);
                    waits[*camera as usize] = true;
                }
            }
            for (taken, ..) in take(&mut cursor, &tiles, most) {
                let taken = taken.0 as usize;
                waits[taken] = false;
                since[taken].fill(0);
                for waiting in (0..cameras.len()).filter(|n| waits[*n]) {
                    since[waiting][taken] += 1;
                    let share = turns(cameras[taken].0) / turns(cameras[waiting].0);
                    prop_assert!(since[waiting][taken] <= share.max(1) + 1);
                }
            }
        }
    }
}

#[test]
fn the_classes_of_a_viewer_that_cannot_keep_up_come_four_to_two_to_one() {
    use Importance::{High, Low, Normal};
    let mut tiles = Tiles::default();
    let mut cursor = Cursor::default();
    let classes = [Low, Normal, High, Normal, Low, High, Low];
    for (camera, importance) in (0..).zip(classes) {
        tiles.rank(Handle(camera), importance);
    }
    cursor.subscribe(wishing(Some(false), &[]), &tiles, |_| true);
    let mut pictures = [0; 7];
    // Four laps are two times four, two times two and three times one picture.
    for at in 1..=15 * 10 {
        (0..7).for_each(|camera| publish(&mut tiles, camera, false, at));
        for (camera, ..) in take(&mut cursor, &tiles, 1) {
            pictures[camera.0 as usize] += 1;
        }
    }
    assert_eq!(pictures, [10, 20, 40, 20, 10, 40, 10]);
}

#[test]
fn a_new_viewer_is_given_the_most_important_cameras_first() {
    let mut tiles = Tiles::default();
    let mut cursor = Cursor::default();
    for camera in 0..6 {
        publish(&mut tiles, camera, camera == 3, 5);
    }
    tiles.rank(Handle(4), Importance::High);
    tiles.rank(Handle(0), Importance::Low);
    cursor.subscribe(wishing(Some(false), &[(3, true)]), &tiles, |_| true);
    let order: Vec<u32> = take(&mut cursor, &tiles, 9).iter().map(|message| message.0.0).collect();
    assert_eq!(order, [4, 1, 2, 3, 5, 0]);
}

#[test]
fn a_stalled_viewer_is_due_one_tile_per_camera_after_a_million_publications() {
    let mut tiles = Tiles::default();
    let mut cursor = Cursor::default();
    cursor.subscribe(wishing(Some(false), &[]), &tiles, |_| true);
    for at in 0..1_000_000u64 {
        publish(&mut tiles, u32::try_from(at % 10).expect("small"), false, at + 1);
    }
    assert_eq!(tiles.boards[step(false).index()].slots.len(), 10);
    assert_eq!(take(&mut cursor, &tiles, usize::MAX).len(), 10);
}

#[test]
fn a_slow_viewer_sees_every_camera_in_turn_even_when_the_periods_match() {
    let mut tiles = Tiles::default();
    let mut cursor = Cursor::default();
    cursor.subscribe(wishing(Some(false), &[]), &tiles, |_| true);
    let mut seen = std::collections::HashSet::new();
    for at in 1..=50 {
        for camera in 0..50 {
            publish(&mut tiles, camera, false, at);
        }
        seen.extend(take(&mut cursor, &tiles, 1).iter().map(|message| message.0));
    }
    assert_eq!(seen.len(), 50);
}

#[test]
fn a_camera_that_is_marked_not_live_sends_its_last_tile_again_with_the_flag() {
    let mut tiles = Tiles::default();
    let mut cursor = Cursor::default();
    cursor.subscribe(wishing(Some(false), &[]), &tiles, |_| true);
    publish(&mut tiles, 1, false, 5);
    let reframe = |message: &Message, header: &crate::domain::media::Header| {
        (message.0, header.sequence, header.flags)
    };
    assert_eq!(take(&mut cursor, &tiles, 9), [(Handle(1), 1, flags::KEYFRAME)]);
    tiles.set_not_live(Handle(1), true, reframe);
    tiles.set_not_live(Handle(1), true, reframe);
    assert_eq!(take(&mut cursor, &tiles, 9), [(Handle(1), 2, flags::KEYFRAME | flags::NOT_LIVE)]);
    tiles.set_not_live(Handle(1), false, reframe);
    assert_eq!(take(&mut cursor, &tiles, 9), [(Handle(1), 3, flags::KEYFRAME)]);
}

#[test]
fn tiles_of_one_picture_share_a_sequence_and_a_forgotten_camera_stays_away() {
    let mut tiles = Tiles::default();
    publish(&mut tiles, 1, false, 5);
    publish(&mut tiles, 1, true, 5);
    publish(&mut tiles, 1, true, 6);
    let sequence = |tiles: &Tiles<Message>, wide| {
        tiles.newest(Handle(1), step(wide)).map(|found| found.0.sequence)
    };
    assert_eq!([sequence(&tiles, false), sequence(&tiles, true)], [Some(1), Some(2)]);
    tiles.forget(Handle(1));
    publish(&mut tiles, 1, true, 7);
    assert_eq!([sequence(&tiles, false), sequence(&tiles, true)], [None, None]);
}

#[test]
fn a_camera_that_a_viewer_may_not_see_is_never_due() {
    let mut tiles = Tiles::default();
    let mut cursor = Cursor::default();
    publish(&mut tiles, 1, false, 5);
    publish(&mut tiles, 2, false, 5);
    cursor.subscribe(wishing(Some(false), &[(1, true)]), &tiles, |camera| camera == Handle(2));
    publish(&mut tiles, 1, true, 6);
    publish(&mut tiles, 3, false, 6);
    cursor.meet(&tiles, |camera| camera == Handle(2));
    let mut batch = Batch::none();
    cursor.due(&tiles, &mut batch);
    let due: Vec<Handle> = batch.iter().map(|due| due.message.0).collect();
    assert_eq!(due, [Handle(2)]);
}
