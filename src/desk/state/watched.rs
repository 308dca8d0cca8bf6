//! Streams that somebody watches live: a small stream is taken whole, a main stream is pulled.

use super::{Desk, Moment, main_of};
use crate::{
    desk::event::Effect,
    domain::{
        camera::Handle,
        media::{StreamKind, StreamRef},
    },
    worker::message::{Forward, SessionId, ToIngest},
};

impl Desk {
    /// Somebody begins to watch.
    pub(super) fn watch(&mut self, at: Moment, stream: StreamRef, effects: &mut Vec<Effect>) {
        self.watching_changed(at, stream, true, effects);
    }

    /// Nobody has watched for a while.
    pub(super) fn unwatch(&mut self, at: Moment, stream: StreamRef, effects: &mut Vec<Effect>) {
        self.watching_changed(at, stream, false, effects);
    }

    fn watching_changed(
        &mut self,
        at: Moment,
        stream: StreamRef,
        watched: bool,
        effects: &mut Vec<Effect>,
    ) {
        match stream.stream {
            StreamKind::Sub => {
                let Some(camera) = self.cameras.get_mut(&stream.camera) else { return };
                let changed = camera.watched(watched);
                self.forward(stream.camera, changed, effects);
            }
            StreamKind::Main => {
                let session = self.pull_main(at, stream.camera, effects);
                self.close(stream.camera, session.filter(|_| !watched), effects);
            }
        }
    }

    /// Whether the media stage needs a camera's small stream whole.
    pub(super) fn decoded_whole(&mut self, camera: Handle, whole: bool, effects: &mut Vec<Effect>) {
        let Some(known) = self.cameras.get_mut(&camera) else { return };
        let changed = known.decoded_whole(whole);
        self.forward(camera, changed, effects);
    }

    fn forward(&self, camera: Handle, forward: Option<Forward>, effects: &mut Vec<Effect>) {
        let session = self.cameras.get(&camera).and_then(|camera| camera.session);
        if let (Some(session), Some(forward)) = (session, forward) {
            self.tell(camera, ToIngest::Forward { session, forward }, effects);
        }
    }

    /// Wants a camera's main stream while it is watched and there is one, and otherwise no longer.
    /// Returns its session.
    ///
    /// A session that is being closed keeps its place with courtesy until it has ended, so that
    /// whoever watches again meanwhile gets the next one, not a second one.
    pub(super) fn pull_main(
        &mut self,
        at: Moment,
        handle: Handle,
        effects: &mut Vec<Effect>,
    ) -> Option<SessionId> {
        let main = main_of(handle);
        let camera = self.cameras.get_mut(&handle)?;
        let wanted = self.watching.watches(main) && camera.config.camera.main_url.is_some();
        let session = camera.main.session();
        if wanted {
            self.courtesy.want(at.now, main, camera.config.camera.id.clone());
        } else if session.is_none() {
            self.courtesy.unwant(main);
        }
        camera.main.want(wanted);
        camera.main_moved();
        self.judge(at, handle, effects);
        session
    }
}
