//! One viewer: its socket, its cursor, and what is half written.

use std::{
    any::Any,
    io::{self, IoSlice},
    sync::{Arc, atomic::Ordering},
    task::{Context, Poll},
    time::{Duration, Instant, SystemTime},
};

use socket2::SockRef;
use tokio_tungstenite::tungstenite::{
    Error, Message,
    protocol::{CloseFrame, Role, WebSocket, WebSocketConfig, frame::coding::CloseCode},
};

use super::{
    Policy, Roster, Viewer,
    figures::{Counters, ViewerCounters},
    frame::Frame,
    inbound::{Inbound, MESSAGE_MAX, Progress, TileWish, problem},
    wire::Wire,
};
use crate::domain::{
    fanout::{BATCH, Batch, Cursor, Step, Subscription, Tiles},
    rate::Rate,
    time::UnixMicros,
};

/// Close codes of `docs/protocol.md`.
const TOO_SLOW: u16 = 4008;
const SHUTTING_DOWN: u16 = 4013;

/// Bytes that the kernel takes before they are sent: what an old tile may at most stand before a
/// newer one. Bytes in flight come on top, as the path needs them.
const NOT_SENT_LOWAT: u32 = 128 << 10;
/// The kernel gives up a peer that acknowledges nothing for this long.
const USER_TIMEOUT: Duration = Duration::from_secs(30);
/// Clients send short texts. Eagerly allocated per viewer.
const READ_BUFFER: usize = 4 << 10;
/// Writes per viewer and turn, so that one new viewer of a thousand cameras does not make the
/// others wait for all of its first pictures.
const WRITES_PER_TURN: usize = 2;

/// Why a viewer is dropped. Its connection is closed either way.
#[derive(Debug)]
pub(super) struct Gone;

/// After an `Ok` turn: whether the viewer is due more that its socket would take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    Done,
    More,
}

pub(super) struct Connection {
    socket: WebSocket<Wire>,
    cursor: Cursor,
    roster: Arc<dyn Roster>,
    /// A message that the socket has taken in part, and how much of it.
    partial: Option<(Frame, usize)>,
    /// The kernel takes nothing more for now.
    blocked: bool,
    readable: bool,
    /// Readable, or no longer blocked.
    ready: bool,
    /// Bytes of messages that were started, as the client counts them.
    started: u64,
    progress: Option<Progress>,
    rate: Rate,
    heard_at: Instant,
    took_at: Instant,
    ping_at: Instant,
    /// A close frame was sent or answered; nothing else is. The connection ends by then.
    closing: Option<Instant>,
    /// Frames of this client are no longer read: it broke a rule.
    deaf: bool,
    counters: Arc<ViewerCounters>,
    _place: Box<dyn Any + Send>,
}

impl Connection {
    /// Takes a connection over. Must be called inside the thread's runtime.
    pub(super) fn new(
        viewer: Viewer,
        counters: Arc<ViewerCounters>,
        policy: &Policy,
        now: Instant,
    ) -> io::Result<Self> {
        let socket = SockRef::from(&viewer.stream);
        socket.set_tcp_nodelay(true)?;
        socket.set_tcp_notsent_lowat(NOT_SENT_LOWAT)?;
        socket.set_tcp_user_timeout(Some(USER_TIMEOUT))?;
        let wire = Wire::new(viewer.stream, viewer.tls)?;
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER)
            .write_buffer_size(0)
            .max_message_size(Some(MESSAGE_MAX))
            .max_frame_size(Some(MESSAGE_MAX));
        Ok(Self {
            socket: WebSocket::from_partially_read(
                wire,
                viewer.leftover.into(),
                Role::Server,
                Some(config),
            ),
            cursor: Cursor::default(),
            roster: viewer.roster,
            partial: None,
            blocked: false,
            // What came with the handshake is read first.
            readable: true,
            ready: true,
            started: 0,
            progress: None,
            rate: Rate::new(now),
            heard_at: now,
            took_at: now,
            ping_at: now + policy.ping_every,
            closing: None,
            deaf: false,
            counters,
            _place: viewer.place,
        })
    }

    pub(super) fn subscription(&self) -> &Subscription {
        self.cursor.subscription()
    }

    /// Whether there is something to read, or a blocked socket takes bytes again. Wakes the thread
    /// later if not.
    pub(super) fn poll_ready(&mut self, cx: &mut Context<'_>) -> bool {
        let stream = &self.socket.get_ref().stream;
        self.readable |= matches!(stream.poll_read_ready(cx), Poll::Ready(_));
        let unblocked = self.blocked && matches!(stream.poll_write_ready(cx), Poll::Ready(_));
        self.blocked &= !unblocked;
        self.ready = self.readable || unblocked;
        self.ready
    }

    /// Whether it was found ready since the last call.
    pub(super) fn take_ready(&mut self) -> bool {
        std::mem::take(&mut self.ready)
    }

    /// Reads all that is there. `true` when the subscription changed.
    pub(super) fn read(
        &mut self,
        tiles: &Tiles<Frame>,
        policy: &Policy,
        now: Instant,
    ) -> Result<bool, Gone> {
        let mut subscribed = false;
        if !std::mem::take(&mut self.readable) {
            return Ok(false);
        }
        while !self.deaf {
            let message = match self.socket.read() {
                Ok(message) => message,
                Err(Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => {
                    return Ok(subscribed);
                }
                Err(Error::ConnectionClosed) => {
                    // The reply to its close is the last thing that goes out.
                    self.flush_replies();
                    return Err(Gone);
                }
                Err(Error::Capacity(_)) => {
                    self.refuse(CloseCode::Size, "messages are limited to 64 KiB", policy, now);
                    break;
                }
                Err(Error::Utf8(_)) => {
                    self.refuse(CloseCode::Invalid, "text must be UTF-8", policy, now);
                    break;
                }
                Err(Error::Protocol(_)) if self.socket.get_ref().stream.is_connected() => {
                    self.refuse(CloseCode::Protocol, "not a WebSocket frame", policy, now);
                    break;
                }
                Err(_) => return Err(Gone),
            };
            self.heard_at = now;
            if !self.rate.take(now) {
                self.refuse(CloseCode::Policy, "more than 20 messages a second", policy, now);
                break;
            }
            match message {
                Message::Text(text) if self.closing.is_none() => {
                    subscribed |= self.told(&text, tiles, now)?
                }
                Message::Binary(_) if self.closing.is_none() => {
                    self.refuse(
                        CloseCode::Unsupported,
                        "messages to the service are JSON text",
                        policy,
                        now,
                    );
                }
                Message::Close(_) => self.closing = Some(now + policy.close_within),
                _ => {}
            }
        }
        // What a refused client still sends is thrown away, so that it can read why.
        let mut bin = [0; 4096];
        loop {
            match self.socket.get_mut().stream.read(&mut bin) {
                Ok(0) => return Err(Gone),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(subscribed),
                Err(_) => return Err(Gone),
            }
        }
    }

    fn told(&mut self, text: &str, tiles: &Tiles<Frame>, now: Instant) -> Result<bool, Gone> {
        match serde_json::from_str(text) {
            Ok(Inbound::Subscribe { tiles: wishes, video }) => {
                let unknown = self.subscribe(wishes.as_slice(), tiles);
                if !unknown.is_empty() {
                    let some = unknown[..unknown.len().min(10)].join(", ");
                    let detail = format!("There is no camera {some}. The others are subscribed.");
                    self.say(problem(404, "Unknown camera", &detail))?;
                }
                if !video.is_empty() {
                    let detail = "Live video is not served yet. Subscribe to tiles.";
                    self.say(problem(501, "Not available yet", detail))?;
                }
                Ok(true)
            }
            Ok(Inbound::Progress { received }) => {
                // A client cannot have more than was sent.
                let received = received.min(self.started);
                match &mut self.progress {
                    Some(progress) => progress.report(received, now),
                    None => self.progress = Some(Progress::new(received, now)),
                }
                // It may have made room.
                Ok(true)
            }
            Err(error) => {
                let detail = format!(
                    "Send a subscribe or progress message as in the protocol page: {error}."
                );
                self.say(problem(400, "Message not understood", &detail))?;
                Ok(false)
            }
        }
    }

    fn subscribe(&mut self, wishes: &[TileWish], tiles: &Tiles<Frame>) -> Vec<String> {
        let mut subscription = Subscription::default();
        let mut unknown = Vec::new();
        for wish in wishes {
            let step = Step::serving(wish.width);
            if wish.everything() {
                subscription.add_everything(step);
            }
            let (named, wrong) = wish.cameras();
            unknown.extend(wrong);
            for (camera, handle) in named.iter().zip(self.roster.resolve(&named)) {
                match handle {
                    Some(handle) => subscription.add(handle, step),
                    None => unknown.push(camera.as_str().to_owned()),
                }
            }
        }
        let roster = &self.roster;
        self.cursor.subscribe(subscription, tiles, |camera| roster.may_see(camera));
        unknown
    }

    /// Gives the socket all that the viewer is due, as far as it takes it.
    pub(super) fn write(
        &mut self,
        tiles: &Tiles<Frame>,
        counters: &Counters,
        policy: &Policy,
        now: Instant,
    ) -> Result<Turn, Gone> {
        for _ in 0..WRITES_PER_TURN {
            if self.blocked || !self.write_once(tiles, counters, policy, now)? {
                return Ok(Turn::Done);
            }
        }
        Ok(Turn::More)
    }

    /// `false` when nothing more is due now.
    fn write_once(
        &mut self,
        tiles: &Tiles<Frame>,
        counters: &Counters,
        policy: &Policy,
        now: Instant,
    ) -> Result<bool, Gone> {
        let mut room = match &self.progress {
            _ if self.closing.is_some() => 0,
            None => u64::MAX,
            Some(progress) => progress.room(self.started, policy.unacknowledged),
        };
        let roster = &self.roster;
        self.cursor.meet(tiles, |camera| roster.may_see(camera));
        let batch = if room > 0 { self.cursor.due(tiles) } else { Batch::none() };

        let mut slices = [IoSlice::new(&[]); 3 + 2 * BATCH];
        let mut bytes = 0;
        if let Some((frame, written)) = &self.partial {
            slices[..2].copy_from_slice(&frame.rest(*written));
            bytes += frame.len() - written;
        }
        let rest = bytes;
        let Wire { stream, replies } = self.socket.get_mut();
        slices[2] = IoSlice::new(replies);
        bytes += replies.len();
        let mut count = 0;
        for due in batch.iter() {
            if room == 0 {
                break;
            }
            room = room.saturating_sub(due.message.message_len() as u64);
            slices[3 + 2 * count..][..2].copy_from_slice(&due.message.rest(0));
            bytes += due.message.len();
            count += 1;
        }
        if bytes == 0 && !stream.holds_back() {
            return Ok(false);
        }
        let wrote = stream.write(&mut slices[..3 + 2 * count], bytes).map_err(|_| Gone)?;
        self.blocked = wrote.full;
        if wrote.moved {
            self.took_at = now;
        }
        let written = wrote.taken;
        if written == 0 {
            return Ok(false);
        }
        let more = !batch.is_complete();

        if written < rest {
            self.partial.as_mut().expect("it has a rest").1 += written;
            return Ok(false);
        }
        self.partial = None;
        let mut left = written - rest;
        let replied = left.min(replies.len());
        replies.drain(..replied);
        left -= replied;

        let (mut took, mut took_bytes) = (0, 0);
        let wall_clock = UnixMicros::from(SystemTime::now());
        for due in batch.iter().take(count) {
            if left == 0 {
                break;
            }
            took += 1;
            took_bytes += due.message.len() as u64;
            self.started += due.message.message_len() as u64;
            if let Some(received_at) = due.live {
                counters.delayed(wall_clock.since(received_at));
            }
            if left < due.message.len() {
                self.partial = Some((due.message.clone(), left));
                break;
            }
            left -= due.message.len();
        }
        let skipped = self.cursor.skipped();
        self.cursor.took(&batch, took, tiles);
        let skipped = self.cursor.skipped() - skipped;
        for lane in [&*self.counters, &counters.total] {
            lane.bytes.fetch_add(took_bytes, Ordering::Relaxed);
            lane.skipped.fetch_add(skipped, Ordering::Relaxed);
            // Last, so that whoever sees a message counted finds the rest counted too.
            lane.sent.fetch_add(took as u64, Ordering::Release);
        }
        Ok(more && !self.blocked)
    }

    /// Pings, and gives up what is dead. Called about once a second.
    pub(super) fn look_after(
        &mut self,
        counters: &Counters,
        policy: &Policy,
        now: Instant,
    ) -> Result<(), Gone> {
        if self.closing.is_some_and(|until| now >= until) {
            self.abort();
            return Err(Gone);
        }
        if self.closing.is_none() && now >= self.heard_at.max(self.took_at) + policy.dead_after {
            counters.timed_out.fetch_add(1, Ordering::Relaxed);
            self.close(TOO_SLOW.into(), "nothing was taken and nothing said", policy, now);
        }
        if self.closing.is_none() && now >= self.ping_at {
            self.ping_at = now + policy.ping_every;
            if self.socket.get_ref().replies.is_empty() {
                self.socket.send(Message::Ping(Default::default())).map_err(|_| Gone)?;
            }
        }
        Ok(())
    }

    pub(super) fn shut_down(&mut self, policy: &Policy, now: Instant) {
        self.close(SHUTTING_DOWN.into(), "the service is shutting down", policy, now);
    }

    fn say(&mut self, text: String) -> Result<(), Gone> {
        self.socket.send(Message::Text(text.into())).map_err(|_| Gone)
    }

    fn close(&mut self, code: CloseCode, reason: &'static str, policy: &Policy, now: Instant) {
        if self.closing.is_none() {
            self.closing = Some(now + policy.close_within);
            // The bytes stand in the replies; if they cannot, the deadline ends the connection.
            let _ = self.socket.close(Some(CloseFrame { code, reason: reason.into() }));
            let _ = self.socket.flush();
        }
    }

    fn refuse(&mut self, code: CloseCode, reason: &'static str, policy: &Policy, now: Instant) {
        self.close(code, reason, policy, now);
        self.deaf = true;
    }

    fn flush_replies(&mut self) {
        if self.partial.is_none() {
            let Wire { stream, replies } = self.socket.get_mut();
            stream.finish(replies);
        }
    }

    /// Makes the kernel forget what a dead peer has not taken.
    fn abort(&self) {
        let _ = self.socket.get_ref().stream.socket().set_linger(Some(Duration::ZERO));
    }
}
