//! Watches what a media socket subscribes to, for the audit.

use std::{
    collections::BTreeSet,
    sync::Arc,
    time::{Instant, SystemTime},
};

use super::{
    App,
    access::Subject,
    notes::{Notes, Viewer},
};
use crate::{
    desk::view::View,
    domain::{
        camera::{CameraId, Handle},
        fanout::{Step, Subscription},
        media::StreamKind,
        time::Moment,
        viewing::Sight,
    },
    hub::fanout::Roster,
};

/// Pixels from which on faces and plates of a tile may be read.
const LARGE: u16 = 640;

/// The cameras of `roster`, with what the socket shows of them written down.
pub(super) fn watched(app: &App, subject: &Subject, roster: Arc<dyn Roster>) -> Arc<dyn Roster> {
    let Some(notes) = app.notes.clone() else { return roster };
    let (socket, who, view) = (notes.socket(), Viewer::of(subject), app.view.clone());
    Arc::new(Watched { roster, notes, who, socket, view })
}

struct Watched {
    roster: Arc<dyn Roster>,
    notes: Arc<Notes>,
    who: Viewer,
    socket: u64,
    view: Arc<View>,
}

impl Roster for Watched {
    fn resolve(&self, cameras: &[CameraId]) -> Vec<Option<Handle>> {
        self.roster.resolve(cameras)
    }

    fn may_see(&self, camera: Handle) -> bool {
        self.roster.may_see(camera)
    }

    fn id(&self, camera: Handle) -> Option<CameraId> {
        self.roster.id(camera)
    }

    fn subscribed(&self, subscription: &Subscription) {
        let now = Moment { now: Instant::now(), unix: SystemTime::now().into() };
        let handles = || self.view.list().into_iter().map(|camera| camera.handle);
        let sights = sights(subscription, &*self.roster, handles);
        let begun = self.notes.viewing().apply(now, self.socket, &self.who, sights);
        self.notes.put_all(begun);
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.notes.viewing().leave(Instant::now(), self.socket);
    }
}

/// What a subscription shows: small pictures are one mosaic, large ones and main streams each a
/// camera.
fn sights<I: Iterator<Item = Handle>>(
    subscription: &Subscription,
    roster: &dyn Roster,
    all: impl FnOnce() -> I,
) -> BTreeSet<Sight> {
    let large = |step: Option<Step>, stream: Option<StreamKind>| {
        step.is_some_and(|step| step.width() >= LARGE) || stream == Some(StreamKind::Main)
    };
    let (step, stream) = subscription.of_everything();
    let everything = step.is_some() || stream.is_some();
    let everything_large = large(step, stream);
    let mut sights = BTreeSet::new();
    let mut add = |handle: Handle| {
        let stream = subscription.video().wish(handle).map(|wish| wish.stream);
        if !large(subscription.step(handle), stream) {
            sights.insert(Sight::Mosaic);
        } else if let Some(id) = roster.id(handle).filter(|_| roster.may_see(handle)) {
            sights.insert(Sight::Camera(id));
        }
    };
    subscription.named().for_each(&mut add);
    if everything_large {
        all().for_each(&mut add);
    } else if everything {
        sights.insert(Sight::Mosaic);
    }
    sights
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Cameras `cam-1` to `cam-3`, of which the last may not be seen.
    struct Three;

    impl Roster for Three {
        fn resolve(&self, cameras: &[CameraId]) -> Vec<Option<Handle>> {
            vec![None; cameras.len()]
        }

        fn may_see(&self, camera: Handle) -> bool {
            camera.0 < 3
        }

        fn id(&self, camera: Handle) -> Option<CameraId> {
            CameraId::try_from(format!("cam-{}", camera.0)).ok()
        }
    }

    fn of(subscription: &Subscription) -> Vec<Sight> {
        sights(subscription, &Three, || (1..=3).map(Handle)).into_iter().collect()
    }

    fn camera(n: u32) -> Sight {
        Sight::Camera(format!("cam-{n}").try_into().expect("an id"))
    }

    #[test]
    fn small_pictures_are_one_mosaic_and_large_ones_each_a_camera_that_may_be_seen() {
        let mut subscription = Subscription::default();
        assert_eq!(of(&subscription), []);
        subscription.add(Handle(1), Step::serving(320));
        subscription.video_mut().add(Some(Handle(2)), StreamKind::Sub);
        assert_eq!(of(&subscription), [Sight::Mosaic]);
        subscription.add(Handle(1), Step::serving(640));
        assert_eq!(of(&subscription), [Sight::Mosaic, camera(1)]);
        subscription.video_mut().add(Some(Handle(2)), StreamKind::Main);
        subscription.video_mut().add(Some(Handle(3)), StreamKind::Main);
        assert_eq!(of(&subscription), [camera(1), camera(2)]);
        let mut all = Subscription::default();
        all.add_everything(Step::serving(320));
        assert_eq!(of(&all), [Sight::Mosaic]);
        all.add_everything(Step::serving(1280));
        assert_eq!(of(&all), [camera(1), camera(2)]);
    }
}
