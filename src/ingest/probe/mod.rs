//! Why does or doesn't this camera work: one session, watched from the first connect to a few
//! seconds of video, and told to a person finding by finding. The caller decodes the keyframe.
//!
//! [`probe`] runs the session in its own process, for the command line. The centre, which reads no
//! byte of a camera, has a worker run it and tells [`Watched`] what that says.

mod watched;

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use tokio::{
    net::{TcpListener, lookup_host},
    sync::watch,
    time::{sleep_until, timeout},
};
use url::Url;

pub use self::watched::{Watched, codec_name};
use super::{
    fault::{fault, from_io},
    guard::SignIn,
    outbox::{Outgoing, queue},
    relay::Gate,
    session::{self, Wish},
};
use crate::{
    domain::{
        camera::{Condition, Handle, Transport},
        clock::ClockReading,
        media::{AccessUnit, StreamFormat, StreamKind, StreamRef},
    },
    worker::message::{Credentials, Fault, Forward, OpenSession, SessionId, SessionLimits, Step},
};

/// What to probe.
pub struct Probe {
    /// The stream, without credentials.
    pub url: Url,
    /// Name and password, if the camera wants them.
    pub credentials: Option<Credentials>,
    /// How RTP travels.
    pub transport: Transport,
    /// Whether the password may be sent in clear text.
    pub allow_basic: bool,
    /// Deadlines and caps.
    pub limits: SessionLimits,
    /// How long to wait for a second keyframe once video flows.
    pub watch_for: Duration,
}

/// What was found.
#[derive(Debug)]
pub struct ProbeReport {
    /// In the order in which they were found, for a person.
    pub findings: Vec<Finding>,
    /// The farthest step reached.
    pub reached: Option<Step>,
    /// Why the camera cannot be watched, if so.
    pub fault: Option<Fault>,
    /// What to try then.
    pub advice: Option<&'static str>,
    /// What the stream carries.
    pub format: Option<StreamFormat>,
    /// Seconds between keyframes, if a second one came.
    pub keyframe_interval: Option<f64>,
    /// How the session signed in; `None`: whoever ran it does not know.
    pub sign_in: Option<SignIn>,
    /// The camera's clock, if it sends its time.
    pub clock: Option<ClockReading>,
    /// The first random access point: decoding it is the proof.
    pub keyframe: Option<AccessUnit>,
}

/// One thing found.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Finding {
    /// What it is about.
    pub about: &'static str,
    /// What was found, in words.
    pub says: String,
}

/// Probes a camera. Takes as long as the session's deadlines and `watch_for` together, at most.
pub async fn probe(probe: Probe) -> ProbeReport {
    let mut watched = Watched::new();
    let fault = match watch_session(&probe, &mut watched).await {
        Ok(ending) => {
            watched.signed_in(ending.observed.sign_in);
            watched.clock = ending.observed.clock;
            ending.fault
        }
        Err(fault) => Some(fault),
    };
    watched.report(fault)
}

async fn watch_session(probe: &Probe, watched: &mut Watched) -> Result<session::Ending, Fault> {
    let address = resolve(&probe.url, probe.limits.connect).await?;
    watched.finding("address", format!("{address}, over {}", transport_name(probe.transport)));
    let listener = TcpListener::bind(("127.0.0.1", 0))
        .await
        .map_err(|error| from_io("opening the relay", &error))?;
    let gate = Gate::new(listener).map_err(|error| from_io("opening the relay", &error))?;
    let open = OpenSession {
        session: SessionId(0),
        source: StreamRef { camera: Handle(0), stream: StreamKind::Sub },
        url: probe.url.clone(),
        address,
        transport: probe.transport,
        credentials: probe.credentials.clone(),
        allow_basic: probe.allow_basic,
        forward: Forward::All,
        limits: probe.limits,
    };
    let (outbox, mut inbox) = queue();
    let (wishes, wish) = watch::channel(Wish { forward: Forward::All, close: false });
    let mut running = std::pin::pin!(session::run(&open, &gate, &outbox, wish));
    watched.begin();
    loop {
        let deadline = watched.receiving_at().map_or_else(far_off, |at| at + probe.watch_for);
        tokio::select! {
            ending = &mut running => {
                // What it said last is still in the queue.
                while let Ok(Some(outgoing)) = timeout(Duration::ZERO, inbox.next()).await {
                    take(watched, outgoing);
                }
                return Ok(ending);
            }
            Some(outgoing) = inbox.next() => take(watched, outgoing),
            () = sleep_until(deadline.into()) => break,
        }
        if watched.is_complete() {
            break;
        }
    }
    wishes.send_modify(|wish| wish.close = true);
    let mut ending = running.await;
    // Ended by our own wish: the deadlines of the stream itself were kept.
    ending.fault = ending.fault.or_else(|| watched.overdue(probe.watch_for));
    Ok(ending)
}

fn take(watched: &mut Watched, outgoing: Outgoing) {
    match outgoing {
        Outgoing::Control(said) => watched.hear(said),
        Outgoing::Unit(_, unit) => watched.unit(unit),
    }
}

fn far_off() -> Instant {
    const DAY: Duration = Duration::from_secs(24 * 3600);
    Instant::now() + DAY
}

async fn resolve(url: &Url, deadline: Duration) -> Result<SocketAddr, Fault> {
    /// RFC 2326 §3.2.
    const PORT: u16 = 554;
    if url.scheme() != "rtsp" {
        return Err(fault(
            Condition::Unsupported,
            format!("{}:// is not supported, only rtsp://", url.scheme()),
        ));
    }
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let found = timeout(deadline, lookup_host((host, url.port().unwrap_or(PORT)))).await;
    let address = found.ok().and_then(Result::ok).and_then(|mut addresses| addresses.next());
    address.ok_or_else(|| {
        fault(Condition::Unreachable, format!("the name {host} does not resolve to an address"))
    })
}

fn transport_name(transport: Transport) -> &'static str {
    match transport {
        Transport::Tcp => "TCP",
        Transport::Udp => "UDP",
    }
}
