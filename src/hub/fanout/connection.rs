//! One viewer: its socket, its cursor, and what is half written.

use std::{
    any::Any,
    collections::BTreeSet,
    io::{self, IoSlice},
    sync::{Arc, atomic::Ordering},
    task::{Context, Poll, Waker},
    time::{Duration, Instant, SystemTime},
};

use arrayvec::ArrayVec;
use socket2::SockRef;
use tokio_tungstenite::tungstenite::{
    Error, Message,
    protocol::{CloseFrame, Role, WebSocket, WebSocketConfig, frame::coding::CloseCode},
};
use tokio_util::sync::CancellationToken;

use super::{
    Policy, Roster, Viewer,
    figures::{Counters, ViewerCounters},
    frame::Frame,
    gather::{Gathered, Given, MESSAGES, Published},
    inbound::{Inbound, MESSAGE_MAX, Progress, notice, problem},
    low_mark::{LowMark, MARK_MAX},
    wire::Wire,
    wishes::subscription,
};
use crate::domain::{
    camera::Handle,
    fanout::{
        Cursor, Subscription,
        live::{Counts, Lanes, Rings},
    },
    media::StreamRef,
    rate::Rate,
    time::UnixMicros,
};

/// Close codes of `docs/protocol.md`.
const SIGNED_OUT: u16 = 4001;
const TOO_SLOW: u16 = 4008;
const SHUTTING_DOWN: u16 = 4013;

/// The kernel gives up a peer that acknowledges nothing for this long.
const USER_TIMEOUT: Duration = Duration::from_secs(30);
/// Clients send short texts. Eagerly allocated per viewer.
const READ_BUFFER: usize = 4 << 10;
/// Writes per viewer and turn, so that one new viewer of a thousand cameras does not make the
/// others wait for all of its first pictures.
const WRITES_PER_TURN: usize = 2;
/// Notices of lanes are told while less than this waits to be written: a thousand lanes that change
/// at once are told bit by bit.
const NOTICES: usize = 16 << 10;

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
    lanes: Lanes,
    /// Tiles and live video take turns to go first while there is no room for both.
    live_first: bool,
    /// What was counted of the lanes.
    counted: Counts,
    roster: Arc<dyn Roster>,
    /// A message that the socket has taken in part, and how much of it.
    partial: Option<(Frame, usize)>,
    /// The kernel takes nothing more for now.
    blocked: bool,
    readable: bool,
    /// Wakes the thread for this viewer.
    waker: Waker,
    /// Bytes of messages that were started, as the client counts them.
    started: u64,
    progress: Option<Progress>,
    mark: LowMark,
    rate: Rate,
    heard_at: Instant,
    took_at: Instant,
    ping_at: Instant,
    /// A close frame was sent or answered; nothing else is. The connection ends by then.
    closing: Option<Instant>,
    /// Frames of this client are no longer read: it broke a rule.
    deaf: bool,
    counters: Arc<ViewerCounters>,
    ended: CancellationToken,
    _place: Box<dyn Any + Send>,
}

impl Connection {
    /// Takes a connection over. Must be called inside the thread's runtime.
    pub(super) fn new(
        viewer: Viewer,
        counters: Arc<ViewerCounters>,
        waker: Waker,
        policy: &Policy,
        now: Instant,
    ) -> io::Result<Self> {
        let socket = SockRef::from(&viewer.stream);
        socket.set_tcp_nodelay(true)?;
        // Bytes in flight come on top, as the path needs them.
        socket.set_tcp_notsent_lowat(MARK_MAX)?;
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
            lanes: Lanes::new(policy.live),
            live_first: true,
            counted: Counts::default(),
            roster: viewer.roster,
            partial: None,
            blocked: false,
            // What came with the handshake is read first.
            readable: true,
            waker,
            started: 0,
            progress: None,
            mark: LowMark::default(),
            rate: Rate::new(now),
            heard_at: now,
            took_at: now,
            ping_at: now + policy.ping_every,
            closing: None,
            deaf: false,
            counters,
            ended: viewer.ended,
            _place: viewer.place,
        })
    }

    pub(super) fn subscription(&self) -> &Subscription {
        self.cursor.subscription()
    }

    /// Adds the streams that its lanes need.
    pub(super) fn watched(&self, rings: &Rings<Frame>, all: &mut BTreeSet<StreamRef>) {
        self.lanes.watched(rings, all);
    }

    /// Whether those have changed since the last call.
    pub(super) fn take_watched_changed(&mut self) -> bool {
        self.lanes.take_watched_changed()
    }

    /// Whether it wishes for anything of this camera that it may see.
    pub(super) fn follows(&self, camera: Handle) -> bool {
        self.subscription().wishes(camera) && self.roster.may_see(camera)
    }

    /// Whether there is something to read, or a blocked socket takes bytes again. Its waker is woken
    /// later for what is not so now.
    pub(super) fn poll_ready(&mut self) -> bool {
        let cx = &mut Context::from_waker(&self.waker);
        let stream = &self.socket.get_ref().stream;
        self.readable |= matches!(stream.poll_read_ready(cx), Poll::Ready(_));
        let unblocked = self.blocked && matches!(stream.poll_write_ready(cx), Poll::Ready(_));
        self.blocked &= !unblocked;
        self.readable || unblocked
    }

    /// Whether the kernel takes nothing more for now.
    pub(super) fn is_blocked(&self) -> bool {
        self.blocked
    }

    /// Reads all that is there. `true` when the subscription changed.
    pub(super) fn read(
        &mut self,
        published: &mut Published,
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
                    subscribed |= self.told(&text, published, now)?
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

    /// Subscribes again to what it wished for, as far as it may see that now.
    pub(super) fn look_again(&mut self, published: &mut Published, now: Instant) {
        let roster = &*self.roster;
        let subscription = self.cursor.subscription().clone();
        let may_see = |camera| roster.may_see(camera);
        self.lanes.subscribe(now, subscription.video(), &mut published.rings, may_see);
        self.cursor.subscribe(subscription, &published.tiles, may_see);
    }

    fn told(&mut self, text: &str, published: &mut Published, now: Instant) -> Result<bool, Gone> {
        match serde_json::from_str(text) {
            Ok(Inbound::Subscribe { tiles, video }) => {
                let roster = &*self.roster;
                let (subscription, unknown) = subscription(roster, tiles.as_slice(), &video);
                let may_see = |camera| roster.may_see(camera);
                roster.subscribed(&subscription);
                self.lanes.subscribe(now, subscription.video(), &mut published.rings, may_see);
                self.cursor.subscribe(subscription, &published.tiles, may_see);
                if !unknown.is_empty() {
                    let some = unknown[..unknown.len().min(10)].join(", ");
                    let detail = format!("There is no camera {some}. The others are subscribed.");
                    self.say(problem(404, "Unknown camera", &detail))?;
                }
                Ok(true)
            }
            Ok(Inbound::Progress { received }) => {
                // A client cannot have more than was sent.
                let received = received.min(self.started);
                if let Some(bytes) = self.mark.report(now, received) {
                    // A connection that is going says so when it is written to.
                    let _ = self.socket.get_ref().stream.socket().set_tcp_notsent_lowat(bytes);
                }
                match &mut self.progress {
                    Some(progress) => progress.report(received),
                    None => self.progress = Some(Progress::new(received)),
                }
                // It may have made room: whoever is read is written to.
                Ok(false)
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

    /// Gives the socket all that the viewer is due, as far as it takes it.
    pub(super) fn write(
        &mut self,
        published: &Published,
        counters: &Counters,
        policy: &Policy,
        now: Instant,
    ) -> Result<Turn, Gone> {
        for _ in 0..WRITES_PER_TURN {
            if self.blocked || !self.write_once(published, counters, policy, now)? {
                return Ok(Turn::Done);
            }
        }
        Ok(Turn::More)
    }

    /// `false` when nothing more is due now.
    fn write_once(
        &mut self,
        published: &Published,
        counters: &Counters,
        policy: &Policy,
        now: Instant,
    ) -> Result<bool, Gone> {
        let mut room = match &mut self.progress {
            _ if self.closing.is_some() => 0,
            None => u64::MAX,
            Some(progress) => progress.room(self.started, policy.unacknowledged, now),
        };
        let mut gathered = Gathered::none(self.live_first);
        if room > 0 {
            self.gather(published, now, &mut gathered);
            self.tell(published, counters, now)?;
        }

        let mut slices = ArrayVec::<IoSlice<'_>, { 3 + 2 * MESSAGES }>::new_const();
        let mut bytes = 0;
        if let Some((frame, written)) = &self.partial {
            slices.extend(frame.rest(*written));
            bytes += frame.len() - written;
        }
        let rest = bytes;
        let Wire { stream, replies } = self.socket.get_mut();
        if !replies.is_empty() {
            slices.push(IoSlice::new(replies));
            bytes += replies.len();
        }
        let mut count = 0;
        for item in gathered.items() {
            if room == 0 {
                break;
            }
            room = room.saturating_sub(item.frame.message_len() as u64);
            slices.extend(item.frame.rest(0));
            bytes += item.frame.len();
            count += 1;
        }
        if bytes == 0 && !stream.holds_back() {
            drop(slices);
            self.took(&gathered, 0, 0, published, counters);
            return Ok(false);
        }
        let wrote = stream.write(&mut slices, bytes).map_err(|_| Gone)?;
        drop(slices);
        self.blocked = wrote.full;
        if wrote.full {
            self.mark.filled();
        }
        if wrote.moved {
            self.took_at = now;
        }

        let mut left = wrote.taken;
        if self.partial.is_some() {
            if left < rest {
                self.partial.as_mut().expect("it has a rest").1 += left;
            } else {
                self.partial = None;
            }
            left = left.saturating_sub(rest);
        }
        let replied = left.min(replies.len());
        replies.drain(..replied);
        left -= replied;
        self.took(&gathered, count, left, published, counters);
        Ok(!gathered.is_complete() && !self.blocked)
    }

    /// What it is due.
    fn gather<'p>(&mut self, published: &'p Published, now: Instant, gathered: &mut Gathered<'p>) {
        let Published { tiles, rings } = published;
        let roster = &self.roster;
        self.cursor.meet(tiles, |camera| roster.may_see(camera));
        let wishes = self.cursor.subscription().video();
        self.lanes.meet(now, wishes, rings, |camera| roster.may_see(camera));
        gathered.fill(now, published, &self.cursor, &mut self.lanes);
    }

    /// A word on every lane that has changed, before what it carries from now on.
    fn tell(
        &mut self,
        published: &Published,
        counters: &Counters,
        now: Instant,
    ) -> Result<(), Gone> {
        let (roster, socket) = (&self.roster, &mut self.socket);
        let mut told = Ok(());
        self.lanes.tell(now, &published.rings, |said| {
            let room = told.is_ok() && socket.get_ref().replies.len() < NOTICES;
            if let Some(camera) = roster.id(said.camera).filter(|_| room) {
                told = socket.send(Message::Text(notice(&camera, said).into()));
            }
            room
        });
        let counts = self.lanes.counts();
        if counts != self.counted {
            for counters in [&*self.counters, &counters.total] {
                counters.lanes(&self.counted, &counts);
            }
            self.counted = counts;
        }
        told.map_err(|_| Gone)
    }

    /// The socket took `left` bytes of the first `count` messages.
    fn took(
        &mut self,
        gathered: &Gathered<'_>,
        count: usize,
        mut left: usize,
        published: &Published,
        counters: &Counters,
    ) {
        let (mut tiles, mut video) = (Given::default(), Given::default());
        let wall_clock = UnixMicros::from(SystemTime::now());
        for item in gathered.items().take(count) {
            if left == 0 {
                break;
            }
            let (given, delays) = if item.video {
                (&mut video, &counters.video_delays)
            } else {
                (&mut tiles, &counters.delays)
            };
            given.add(item.frame);
            self.started += item.frame.message_len() as u64;
            if let Some(received_at) = item.live {
                delays.add(wall_clock.since(received_at));
            }
            if left < item.frame.len() {
                self.partial = Some((item.frame.clone(), left));
                break;
            }
            left -= item.frame.len();
        }
        let skipped = self.cursor.skipped();
        self.cursor.took(&gathered.tiles, tiles.messages, &published.tiles);
        let skipped = self.cursor.skipped() - skipped;
        self.lanes.took(&gathered.live, video.messages);
        if tiles.messages + video.messages < gathered.tiles.len() + gathered.live.len() {
            self.live_first = !self.live_first;
        }
        for counters in [&*self.counters, &counters.total] {
            counters.given(tiles, skipped, video);
        }
    }

    /// Pings, gives up what is dead, and looks after its lanes. Called about once a second.
    pub(super) fn look_after(
        &mut self,
        rings: &Rings<Frame>,
        counters: &Counters,
        policy: &Policy,
        now: Instant,
    ) -> Result<(), Gone> {
        self.lanes.look(now, rings);
        self.part_if_ended(policy, now);
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

    /// Closes it if its session has ended. What the socket has not taken of a message that was begun
    /// is all that still goes out. `true` when it was closed now.
    pub(super) fn part_if_ended(&mut self, policy: &Policy, now: Instant) -> bool {
        let part = self.closing.is_none() && self.ended.is_cancelled();
        if part {
            self.close(SIGNED_OUT.into(), "signed out, or rights were changed", policy, now);
        }
        part
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
