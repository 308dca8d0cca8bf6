//! What a client's subscribe message wishes for, with its cameras looked up.

use super::{
    Roster,
    inbound::{EVERY, TileRate, TileWish, VideoWish},
};
use crate::domain::{
    camera::CameraId,
    fanout::{Step, Subscription},
};

/// The subscription, and the cameras that are not there, each once.
pub(super) fn subscription(
    roster: &dyn Roster,
    tiles: &[TileWish],
    video: &[VideoWish],
) -> (Subscription, Vec<String>) {
    let mut subscription = Subscription::default();
    let mut unknown = Vec::new();
    for wish in tiles {
        let step = Step::serving(wish.width);
        let often = wish.rate == TileRate::High;
        if wish.everything() {
            subscription.add_everything(step);
            if often {
                subscription.add_often(None);
            }
        }
        let (named, wrong) = wish.cameras();
        unknown.extend(wrong);
        for (camera, handle) in named.iter().zip(roster.resolve(&named)) {
            let Some(handle) = handle else {
                unknown.push(camera.as_str().to_owned());
                continue;
            };
            subscription.add(handle, step);
            if often {
                subscription.add_often(Some(handle));
            }
        }
    }
    // One look-up for all: it goes through all cameras.
    let ids: Vec<CameraId> = video.iter().filter_map(VideoWish::camera_id).collect();
    let mut handles = roster.resolve(&ids).into_iter();
    for wish in video {
        let camera = match wish.camera_id() {
            Some(_) => handles.next().flatten().map(Some),
            None => (wish.camera == EVERY).then_some(None),
        };
        match camera {
            Some(camera) => subscription.video_mut().add(camera, wish.stream),
            None => unknown.push(wish.camera.clone()),
        }
    }
    unknown.sort_unstable();
    unknown.dedup();
    (subscription, unknown)
}
