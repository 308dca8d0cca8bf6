//! Moves bytes between a camera and the RTSP library, through the guard.
//!
//! The library opens its own connection, so the worker listens on the loopback and connects it
//! through. One listener is made before the sandbox forbids listening, and connections to it are
//! paired one at a time. Memory per session is what could not be written yet: while there is a
//! remainder for one side, nothing more is read from the other.

use std::{
    cell::RefCell,
    future::poll_fn,
    io,
    net::{IpAddr, SocketAddr},
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard},
    task::{Context, Poll},
    time::{Instant, SystemTime},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream, UdpSocket},
    sync::{Mutex as AsyncMutex, Notify},
    time::Sleep,
};

use super::{
    assembly::{Assembled, Assembly},
    fault::{fault, from_io},
    gather,
    guard::{Guard, Output},
    split::{Part, Splitter},
};
use crate::{
    domain::{camera::Condition, time::UnixMicros},
    worker::message::Fault,
};

/// Where the library connects to.
#[derive(Debug)]
pub(super) struct Gate {
    /// Held from the library's connect to our accept, so that the two belong together. A stranger
    /// on the loopback who slips in between fails the guard's check of the first request.
    listener: AsyncMutex<TcpListener>,
    address: SocketAddr,
}

impl Gate {
    /// A gate on a loopback listener.
    pub(super) fn new(listener: TcpListener) -> io::Result<Self> {
        Ok(Self { address: listener.local_addr()?, listener: AsyncMutex::new(listener) })
    }

    /// The address for the library's URL.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Runs `connecting`, the library's first step, until its connection is here. `Err` is that
    /// step's own end, when it ended before.
    pub(super) async fn pair<T>(
        &self,
        mut connecting: Pin<&mut impl Future<Output = T>>,
    ) -> Result<io::Result<TcpStream>, T> {
        let listener = self.listener.lock().await;
        tokio::select! {
            biased;
            accepted = listener.accept() => Ok(accepted.map(|(stream, _)| stream)),
            ended = &mut connecting => Err(ended),
        }
    }
}

/// What the relay and the reader of a session share. Both run in one task, the relay first; the
/// locks are never held across an await.
#[derive(Clone, Debug)]
pub(super) struct Shared {
    guard: Arc<Mutex<Guard>>,
    assembly: Arc<Mutex<Option<Assembly>>>,
    /// Wakes the reader when the first RTP packet has come.
    pub(super) first_rtp: Arc<Notify>,
}

impl Shared {
    pub(super) fn new(guard: Guard) -> Self {
        Self {
            guard: Arc::new(Mutex::new(guard)),
            assembly: Arc::default(),
            first_rtp: Arc::new(Notify::new()),
        }
    }

    pub(super) fn guard(&self) -> MutexGuard<'_, Guard> {
        self.guard.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Where video goes; without one it is left out.
    pub(super) fn assembly(&self) -> MutexGuard<'_, Option<Assembly>> {
        self.assembly.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// The next of what the relay has put together. Wakes nobody: the relay is polled before the
    /// reader each time their task runs.
    pub(super) async fn assembled(&self) -> Assembled {
        poll_fn(|cx| {
            let mut assembly = self.assembly();
            let Some(assembly) = assembly.as_mut() else { return Poll::Pending };
            let was_full = assembly.is_full();
            let Some(next) = assembly.take() else { return Poll::Pending };
            if was_full && !assembly.is_full() {
                // The relay has stopped reading and waits for nothing.
                cx.waker().wake_by_ref();
            }
            Poll::Ready(next)
        })
        .await
    }

    fn reader_is_behind(&self) -> bool {
        self.assembly().as_ref().is_some_and(Assembly::is_full)
    }
}

/// The two connections of a session, and its UDP ports if it has them.
#[derive(Debug)]
pub(super) struct Relay {
    camera: TcpStream,
    client: TcpStream,
    udp: Option<UdpPorts>,
    shared: Shared,
    splitter: Splitter,
    to_client: Vec<u8>,
    to_camera: Vec<u8>,
    timer: Option<Pin<Box<Sleep>>>,
    rtp_seen: bool,
}

/// How a relay ended without a fault: the library closed its side.
#[derive(Debug)]
pub(super) struct ClientClosed;

/// Room for one read. Shared by every session of the thread: nothing stays in it.
const SCRATCH: usize = 64 * 1024;

/// A camera that sends faster than the library reads may leave this much; more datagrams are
/// dropped, as a network would. (A TCP camera is simply not read from.)
const UDP_BACKLOG_MAX: usize = 1024 * 1024;

thread_local! {
    static PIECE: RefCell<Vec<u8>> = RefCell::new(vec![0; SCRATCH]);
}

impl Relay {
    pub(super) fn new(
        camera: TcpStream,
        client: TcpStream,
        udp: Option<UdpPorts>,
        shared: Shared,
    ) -> Self {
        Self {
            camera,
            client,
            udp,
            shared,
            splitter: Splitter::default(),
            to_client: Vec::new(),
            to_camera: Vec::new(),
            timer: None,
            rtp_seen: false,
        }
    }

    /// Moves bytes until one side ends or the guard finds a fault.
    pub(super) async fn run(&mut self) -> Result<ClientClosed, Fault> {
        poll_fn(|cx| self.poll(cx)).await
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<ClientClosed, Fault>> {
        // Each step returns whether it moved something. The runtime's budget for one poll ends
        // the loop for a camera that never pauses.
        loop {
            let mut moved = self.poll_flush(cx)?;
            if self.to_client.is_empty() && !self.shared.reader_is_behind() {
                moved |= self.poll_camera(cx)?;
            }
            if self.to_camera.is_empty() {
                match self.poll_client(cx)? {
                    Poll::Ready(ClientClosed) => return Poll::Ready(Ok(ClientClosed)),
                    Poll::Pending => moved |= !self.to_camera.is_empty(),
                }
            }
            moved |= self.poll_udp(cx)?;
            moved |= self.poll_timer(cx)?;
            if !moved {
                return Poll::Pending;
            }
        }
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Result<bool, Fault> {
        let to_client =
            write_some(&mut self.client, &mut self.to_client, cx).unwrap_or_else(|_| {
                // The library closed: the read side says so, in its turn.
                self.to_client.clear();
                true
            });
        if to_client {
            gather::at_once();
        }
        let to_camera = write_some(&mut self.camera, &mut self.to_camera, cx);
        Ok(to_client | to_camera.map_err(|error| from_io(self.stage(), &error))?)
    }

    /// One read from the camera, scanned and written on.
    fn poll_camera(&mut self, cx: &mut Context<'_>) -> Result<bool, Fault> {
        PIECE.with_borrow_mut(|piece| {
            let mut buffer = ReadBuf::new(piece);
            match Pin::new(&mut self.camera).poll_read(cx, &mut buffer) {
                Poll::Pending => return Ok(false),
                Poll::Ready(Err(error)) => return Err(from_io("playing", &error)),
                Poll::Ready(Ok(())) if buffer.filled().is_empty() => {
                    return Err(from_io(self.stage(), &io::ErrorKind::UnexpectedEof.into()));
                }
                Poll::Ready(Ok(())) => {}
            }
            let now = Instant::now();
            let shared = self.shared.clone();
            let mut guard = shared.guard();
            let mut rest = buffer.filled();
            while !rest.is_empty() {
                let passage = guard.camera_sent(now, rest)?;
                let (dealt_with, after) = rest.split_at(passage.consumed);
                let bytes = match &passage.output {
                    Output::Unchanged => dealt_with,
                    Output::Instead(bytes) => bytes,
                };
                self.hand_on(cx, now, &mut guard, bytes)?;
                rest = after;
            }
            self.after_camera(&mut guard);
            Ok(true)
        })
    }

    /// Parts what the guard let through: video to its assembly, answers to the library.
    fn hand_on(
        &mut self,
        cx: &mut Context<'_>,
        now: Instant,
        guard: &mut Guard,
        bytes: &[u8],
    ) -> Result<(), Fault> {
        let mut rest = Vec::new();
        let mut assembly = self.shared.assembly();
        self.splitter.split(guard.channel(), bytes, |part| match part {
            Part::Rtp(packet) => {
                if assembly.as_mut().is_some_and(|assembly| assembly.packet(packet)) {
                    guard.frame_came();
                }
            }
            Part::Rtcp(packet) => guard.rtcp_came(now, UnixMicros::from(SystemTime::now()), packet),
            Part::Library(bytes) => rest.extend_from_slice(bytes),
        });
        drop(assembly);
        self.send_on(cx, &rest)
    }

    /// Writes to the client what it takes, and keeps the rest.
    fn send_on(&mut self, cx: &mut Context<'_>, mut bytes: &[u8]) -> Result<(), Fault> {
        while self.to_client.is_empty() && !bytes.is_empty() {
            match Pin::new(&mut self.client).poll_write(cx, bytes) {
                Poll::Ready(Ok(written)) => {
                    gather::at_once();
                    bytes = &bytes[written..];
                }
                // The library closed: the read side says so, in its turn.
                Poll::Ready(Err(_)) => return Ok(()),
                Poll::Pending => break,
            }
        }
        self.to_client.extend_from_slice(bytes);
        Ok(())
    }

    fn after_camera(&mut self, guard: &mut Guard) {
        self.to_camera.append(&mut guard.take_reply());
        if let (Some(udp), Some(peer)) = (&mut self.udp, guard.take_udp_peer()) {
            udp.open(self.camera.peer_addr().map(|address| address.ip()), peer);
        }
        if !self.rtp_seen && guard.figures().first_rtp.is_some() {
            self.rtp_seen = true;
            self.shared.first_rtp.notify_one();
        }
    }

    fn poll_client(&mut self, cx: &mut Context<'_>) -> Result<Poll<ClientClosed>, Fault> {
        PIECE.with_borrow_mut(|piece| {
            let mut buffer = ReadBuf::new(piece);
            match Pin::new(&mut self.client).poll_read(cx, &mut buffer) {
                Poll::Pending => return Ok(Poll::Pending),
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() => {}
                Poll::Ready(_) => return Ok(Poll::Ready(ClientClosed)),
            }
            self.shared.guard().client_sent(
                Instant::now(),
                buffer.filled(),
                &mut self.to_camera,
            )?;
            Ok(Poll::Pending)
        })
    }

    fn poll_udp(&mut self, cx: &mut Context<'_>) -> Result<bool, Fault> {
        // Apart from `self` while datagrams go through the rest of it.
        let Some(udp) = self.udp.take() else { return Ok(false) };
        let moved = self.poll_ports(&udp, cx);
        self.udp = Some(udp);
        moved
    }

    fn poll_ports(&mut self, udp: &UdpPorts, cx: &mut Context<'_>) -> Result<bool, Fault> {
        let Some(camera) = udp.camera else { return Ok(false) };
        PIECE.with_borrow_mut(|piece| {
            let mut moved = false;
            for (rtcp, socket) in [(true, &udp.rtcp), (false, &udp.rtp)] {
                let mut buffer = ReadBuf::new(piece);
                match socket.poll_recv_from(cx, &mut buffer) {
                    Poll::Pending => continue,
                    // "Connection refused" is the echo of our own packets to a port that the
                    // camera has not opened yet.
                    Poll::Ready(Err(_)) => {}
                    Poll::Ready(Ok(from))
                        if from.ip() == camera
                            && self.to_client.len() < UDP_BACKLOG_MAX
                            && !self.shared.reader_is_behind() =>
                    {
                        let shared = self.shared.clone();
                        let mut guard = shared.guard();
                        let mut passed = Vec::new();
                        let now = Instant::now();
                        guard.datagram_came(now, rtcp, buffer.filled(), &mut passed)?;
                        self.hand_on(cx, now, &mut guard, &passed)?;
                        if !self.rtp_seen && guard.figures().first_rtp.is_some() {
                            self.rtp_seen = true;
                            self.shared.first_rtp.notify_one();
                        }
                    }
                    Poll::Ready(Ok(_)) => {}
                }
                moved = true;
            }
            Ok(moved)
        })
    }

    fn poll_timer(&mut self, cx: &mut Context<'_>) -> Result<bool, Fault> {
        let deadline = self.shared.guard().next_deadline();
        let Some(deadline) = deadline else {
            self.timer = None;
            return Ok(false);
        };
        let deadline = tokio::time::Instant::from_std(deadline);
        let timer = self.timer.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(deadline)));
        if timer.deadline() != deadline {
            timer.as_mut().reset(deadline);
        }
        if timer.as_mut().poll(cx).is_pending() {
            return Ok(false);
        }
        self.timer = None;
        let mut said = Vec::new();
        self.shared.guard().tick(Instant::now(), &mut said);
        self.send_on(cx, &said)?;
        Ok(true)
    }

    fn stage(&self) -> &'static str {
        if self.rtp_seen { "playing" } else { "the session was being set up" }
    }
}

fn write_some(
    stream: &mut TcpStream,
    bytes: &mut Vec<u8>,
    cx: &mut Context<'_>,
) -> io::Result<bool> {
    let mut moved = false;
    while !bytes.is_empty() {
        match Pin::new(&mut *stream).poll_write(cx, bytes) {
            Poll::Pending => break,
            Poll::Ready(written) => {
                bytes.drain(..written?);
                moved = true;
            }
        }
    }
    if bytes.is_empty() && bytes.capacity() > SCRATCH {
        // A burst is over: give its room back.
        *bytes = Vec::new();
    }
    Ok(moved)
}

/// An even RTP port and the RTCP port after it.
#[derive(Debug)]
pub(super) struct UdpPorts {
    rtp: UdpSocket,
    rtcp: UdpSocket,
    /// Whom datagrams may come from, once the camera has named its ports.
    camera: Option<IpAddr>,
}

impl UdpPorts {
    /// Binds a free pair on this address.
    pub(super) async fn bind(local: IpAddr) -> Result<Self, Fault> {
        /// Others on the machine take ports too; this many collisions in a row do not happen.
        const ATTEMPTS: usize = 20;
        for _ in 0..ATTEMPTS {
            let Ok(first) = UdpSocket::bind((local, 0)).await else { continue };
            let Ok(port) = first.local_addr().map(|address| address.port()) else { continue };
            let second = UdpSocket::bind((local, port ^ 1)).await;
            let Ok(second) = second else { continue };
            let (rtp, rtcp) = if port % 2 == 0 { (first, second) } else { (second, first) };
            return Ok(Self { rtp, rtcp, camera: None });
        }
        Err(fault(Condition::Unreachable, "no pair of free UDP ports was found on this machine"))
    }

    /// The RTP port.
    pub(super) fn port(&self) -> u16 {
        self.rtp.local_addr().map_or(0, |address| address.port())
    }

    /// Lets the camera's datagrams in, and sends one each to its ports so that firewalls on the
    /// way let them through too.
    fn open(&mut self, camera: io::Result<IpAddr>, (rtp, rtcp): (u16, u16)) {
        /// Empty packets of either kind (RFC 3550 §5.1, §6.4.2); a camera ignores them.
        const RTP: [u8; 12] = [0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        const RTCP: [u8; 8] = [0x80, 201, 0, 1, 0, 0, 0, 0];
        let Ok(camera) = camera else { return };
        self.camera = Some(camera);
        // Best effort: without a firewall they are not needed.
        let _ = self.rtp.try_send_to(&RTP, (camera, rtp).into());
        let _ = self.rtcp.try_send_to(&RTCP, (camera, rtcp).into());
    }
}
