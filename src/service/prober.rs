//! Tries cameras out for people who fill in a form: one session in a worker of its own, and its first
//! keyframe in another. Nothing of it reaches the desk, the hub or a wall.

use std::{
    io,
    net::SocketAddr,
    time::{Duration, Instant},
};

use secrecy::ExposeSecret;
use tokio::{
    sync::mpsc,
    time::{timeout, timeout_at},
};
use tokio_util::sync::CancellationToken;

use super::address::resolve;
use crate::{
    config::CameraConfig,
    domain::{
        camera::{Condition, Handle},
        media::{StreamKind, StreamRef},
        tries::{Tries, Wait},
    },
    http::configuration::{Attempt, NotTried, Tried},
    hub::decoders::decode_once,
    ingest::probe::{ProbeReport, Watched, codec_name},
    worker::{
        link::LinkError,
        message::{
            Credentials, Fault, Forward, FromIngest, IngestFrame, OpenSession, SessionId,
            SessionLimits, ToIngest,
        },
        spawn::{Launcher, Role, Started},
    },
};

/// From the connection to the last packet that is waited for. With the name, the farewell and the
/// decoding it stays below what an HTTP answer may take (`http::ANSWER_WITHIN`, 15 s).
const WATCH_FOR: Duration = Duration::from_secs(8);
/// For a name server.
const NAME_WITHIN: Duration = Duration::from_secs(2);
/// For the goodbye to the camera.
const FAREWELL: Duration = Duration::from_secs(1);
/// For the decoding of one keyframe, with the start of a worker.
const DECODE_WITHIN: Duration = Duration::from_secs(3);

const SESSION: SessionId = SessionId(0);

/// What it tries cameras with.
pub(super) struct Prober {
    pub(super) ingest: Launcher,
    pub(super) decode: Launcher,
    pub(super) pixels_max: u32,
    pub(super) allow_loopback: bool,
}

/// Tries one camera after the other until the service stops.
pub(super) async fn try_all(
    mut attempts: mpsc::Receiver<Attempt>,
    prober: Prober,
    shutdown: CancellationToken,
) {
    let mut tries = Tries::default();
    while let Some(Some(attempt)) = shutdown.run_until_cancelled(attempts.recv()).await {
        let Attempt { camera, stream, answer, place } = attempt;
        // Whoever asked may be gone; the camera is said goodbye to all the same.
        let tried = prober.attempt(&mut tries, *camera, stream);
        let Some(tried) = shutdown.run_until_cancelled(tried).await else { return };
        let _ = answer.send(tried);
        drop(place);
    }
}

impl Prober {
    async fn attempt(
        &self,
        tries: &mut Tries,
        camera: CameraConfig,
        stream: StreamKind,
    ) -> Result<Tried, NotTried> {
        let CameraConfig { camera, password } = camera;
        let url = match stream {
            StreamKind::Sub => camera.url,
            // Whoever asks for it has made sure that there is one.
            StreamKind::Main => camera.main_url.unwrap_or(camera.url),
        };
        let named = timeout(NAME_WITHIN, resolve(&url, self.allow_loopback)).await;
        let address = named.unwrap_or_else(|_| Err("no name server answered".to_owned()));
        let address = match address {
            Ok(address) => address,
            Err(evidence) => {
                return Ok(self.judged(Watched::new().report(Some(unreachable(evidence)))).await);
            }
        };
        tries.begin(Instant::now(), address.ip()).map_err(|wait| match wait {
            Wait::TooSoon(left) => NotTried::TooSoon(left),
            Wait::Rejected(left) => NotTried::Rejected(address.ip(), left),
        })?;
        let password = password.map(|password| password.expose_secret().to_owned());
        let credentials = camera
            .username
            .map(|username| Credentials { username, password: password.unwrap_or_default() });
        let open = OpenSession {
            session: SESSION,
            source: StreamRef { camera: Handle(0), stream },
            url,
            address,
            transport: camera.transport,
            credentials,
            allow_basic: camera.allow_basic,
            forward: Forward::All,
            limits: limits(),
        };
        let report = self.session(open, address).await;
        if report.fault.as_ref().is_some_and(|fault| fault.sign_in_rejected) {
            tries.rejected(Instant::now(), address.ip());
        }
        Ok(self.judged(report).await)
    }

    /// One session, as long as there is something to find out.
    async fn session(&self, open: OpenSession, address: SocketAddr) -> ProbeReport {
        let mut watched = Watched::new();
        watched.finding("address", address.to_string());
        let ended = match self.ingest.start(Role::Ingest) {
            Ok(mut worker) => watch(&mut worker, open, &mut watched).await,
            Err(error) => Err(error.into()),
        };
        // A worker that fell over what the camera sent says so by its end.
        let fault = ended.unwrap_or_else(|error| {
            let evidence = format!("the process that read the stream ended: {error}");
            Some(Fault { condition: Condition::Abusive, evidence, sign_in_rejected: false })
        });
        watched.report(fault)
    }

    /// A picture is the proof.
    async fn judged(&self, report: ProbeReport) -> Tried {
        let mut undecodable = None;
        let mut picture = None;
        if let Some(keyframe) = &report.keyframe {
            let decoded = decode_once(&self.decode, keyframe, self.pixels_max);
            match timeout(DECODE_WITHIN, decoded).await {
                Ok(Ok(decoded)) => picture = Some(decoded),
                Ok(Err(why)) => undecodable = Some(why),
                Err(_) => undecodable = Some("the decoder did not answer in time".to_owned()),
            }
        }
        let (condition, evidence) = match (report.fault, undecodable) {
            (Some(fault), _) => (Some(fault.condition), Some(fault.evidence)),
            (None, Some(why)) => (Some(Condition::DecodeErrors), Some(why)),
            (None, None) => (None, None),
        };
        let size = picture.as_ref().map(|picture| (picture.width, picture.height));
        let size =
            size.or_else(|| report.format.as_ref().map(|format| (format.width, format.height)));
        Tried {
            works: condition.is_none() && picture.is_some(),
            condition,
            evidence,
            codec: report.format.map(|format| codec_name(format.codec)),
            width: size.map(|(width, _)| width),
            height: size.map(|(_, height)| height),
            keyframe_interval_s: report.keyframe_interval,
            findings: report.findings,
        }
    }
}

/// Follows a session to its end, which comes by itself or after [`WATCH_FOR`]; tells why it failed.
async fn watch(
    worker: &mut Started,
    open: OpenSession,
    watched: &mut Watched,
) -> Result<Option<Fault>, LinkError> {
    worker.writer.control(&ToIngest::Open(Box::new(open))).await?;
    watched.begin();
    let mut until = Instant::now() + WATCH_FOR;
    let mut closing = false;
    loop {
        match timeout_at(until.into(), worker.reader.next()).await {
            Ok(frame) => {
                let cut = || LinkError::Io(io::ErrorKind::UnexpectedEof.into());
                match IngestFrame::parse(frame?.ok_or_else(cut)?)? {
                    IngestFrame::Control(FromIngest::Ended { fault, .. }) => {
                        return Ok(fault.or_else(|| watched.overdue(WATCH_FOR)));
                    }
                    IngestFrame::Control(said) => watched.hear(said),
                    IngestFrame::AccessUnit(unit, _) => watched.unit(unit),
                }
            }
            // The camera does not answer the goodbye either.
            Err(_) if closing => return Ok(watched.overdue(WATCH_FOR)),
            Err(_) => {}
        }
        if !closing && (watched.is_complete() || Instant::now() >= until) {
            closing = true;
            until = Instant::now() + FAREWELL;
            worker.writer.control(&ToIngest::Close { session: SESSION }).await?;
        }
    }
}

/// Somebody waits for the answer: half of what a session of the service is patient for.
fn limits() -> SessionLimits {
    SessionLimits {
        connect: Duration::from_secs(3),
        exchange: Duration::from_secs(3),
        describe: Duration::from_secs(5),
        first_packet: Duration::from_secs(5),
        ..SessionLimits::default()
    }
}

fn unreachable(evidence: String) -> Fault {
    Fault { condition: Condition::Unreachable, evidence, sign_in_rejected: false }
}
