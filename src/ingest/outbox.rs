//! The one queue from a worker's sessions to its link. Keeps every session's words in order;
//! when the link is behind, access units are dropped, control messages never.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use tokio::sync::mpsc;

use crate::{
    domain::media::AccessUnit,
    worker::message::{FromIngest, SessionId},
};

/// One thing to send.
#[derive(Debug)]
pub(super) enum Outgoing {
    Control(FromIngest),
    Unit(SessionId, AccessUnit),
}

/// Messages in the queue: one second of 25 cameras at 25 frames/s, and room for control besides.
/// Full: control waits, access units are dropped.
const MESSAGES_MAX: usize = 1024;
/// Of them, places that access units may not take.
const CONTROL_RESERVE: usize = 256;
/// Bytes of access units in the queue or being written: a keyframe of each of 25 main streams at
/// once. One unit of any size may always wait.
const BYTES_MAX: usize = 8 * 1024 * 1024;

/// The sending side; each session has a clone.
#[derive(Clone, Debug)]
pub(super) struct Outbox {
    sender: mpsc::Sender<Outgoing>,
    bytes: Arc<AtomicUsize>,
}

/// The receiving side.
#[derive(Debug)]
pub(super) struct Inbox {
    receiver: mpsc::Receiver<Outgoing>,
    bytes: Arc<AtomicUsize>,
}

/// A queue.
pub(super) fn queue() -> (Outbox, Inbox) {
    let (sender, receiver) = mpsc::channel(MESSAGES_MAX);
    let bytes = Arc::new(AtomicUsize::new(0));
    (Outbox { sender, bytes: bytes.clone() }, Inbox { receiver, bytes })
}

impl Outbox {
    /// Sends a control message, waiting for room. A link that is gone is noticed elsewhere.
    pub(super) async fn control(&self, message: FromIngest) {
        let _ = self.sender.send(Outgoing::Control(message)).await;
    }

    /// Sends figures if there is room: the next ones hold everything that these do.
    pub(super) fn figures(&self, message: FromIngest) {
        let _ = self.sender.try_send(Outgoing::Control(message));
    }

    /// Sends an access unit if the link keeps up; `false` if it was dropped.
    #[must_use]
    pub(super) fn unit(&self, session: SessionId, unit: AccessUnit) -> bool {
        let length = unit.data.len();
        let queued = self.bytes.load(Ordering::Relaxed);
        if self.sender.capacity() <= CONTROL_RESERVE || (queued > 0 && queued + length > BYTES_MAX)
        {
            return false;
        }
        self.bytes.fetch_add(length, Ordering::Relaxed);
        let sent = self.sender.try_send(Outgoing::Unit(session, unit)).is_ok();
        if !sent {
            self.bytes.fetch_sub(length, Ordering::Relaxed);
        }
        sent
    }
}

impl Inbox {
    /// The next message; `None` when every session is gone.
    pub(super) async fn next(&mut self) -> Option<Outgoing> {
        let next = self.receiver.recv().await?;
        if let Outgoing::Unit(_, unit) = &next {
            self.bytes.fetch_sub(unit.data.len(), Ordering::Relaxed);
        }
        Some(next)
    }

    /// Waits for a message and appends all that are there; `false` when every session is gone.
    pub(super) async fn all(&mut self, batch: &mut Vec<Outgoing>) -> bool {
        self.receiver.recv_many(batch, MESSAGES_MAX).await > 0
    }

    /// Access units of so many bytes out of [`all`](Self::all) were written: others may take
    /// their place.
    pub(super) fn written(&self, bytes: usize) {
        self.bytes.fetch_sub(bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::domain::{
        camera::Handle,
        media::{Codec, StreamKind, StreamRef},
        time::UnixMicros,
    };

    fn unit(length: usize) -> AccessUnit {
        AccessUnit {
            source: StreamRef { camera: Handle(1), stream: StreamKind::Sub },
            codec: Codec::H264,
            random_access: true,
            discontinuity: false,
            received_at: UnixMicros(0),
            media_time: 0,
            data: Bytes::from(vec![0; length]),
        }
    }

    #[tokio::test]
    async fn units_are_dropped_when_the_link_is_behind_and_control_still_goes_in() {
        let (outbox, mut inbox) = queue();
        let sent = (0..2 * MESSAGES_MAX).filter(|_| outbox.unit(SessionId(1), unit(1))).count();
        assert_eq!(sent, MESSAGES_MAX - CONTROL_RESERVE);
        outbox.control(FromIngest::Ready).await;
        for _ in 0..sent {
            assert!(matches!(inbox.next().await, Some(Outgoing::Unit(..))));
        }
        assert!(matches!(inbox.next().await, Some(Outgoing::Control(FromIngest::Ready))));
    }

    #[tokio::test]
    async fn queued_bytes_are_bounded_but_one_unit_of_any_size_goes() {
        let (outbox, mut inbox) = queue();
        assert!(outbox.unit(SessionId(1), unit(2 * BYTES_MAX)));
        assert!(!outbox.unit(SessionId(1), unit(1)));
        inbox.next().await;
        assert!(outbox.unit(SessionId(1), unit(2 * BYTES_MAX)));
        assert!(inbox.all(&mut Vec::new()).await);
        assert!(!outbox.unit(SessionId(1), unit(1)), "it is still being written");
        inbox.written(2 * BYTES_MAX);
        assert!(outbox.unit(SessionId(1), unit(1)));
    }
}
