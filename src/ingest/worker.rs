//! The main loop of an ingest worker: takes words from the centre, owns the sessions, and is the
//! only one to write to the link. Knows nothing of processes or of the sandbox around it.

use std::{collections::HashMap, io, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpListener,
    sync::watch,
    task::{Id, JoinError, JoinSet},
    time::timeout,
};

use super::{
    fault::fault,
    outbox::{Inbox, Outbox, Outgoing, queue},
    relay::Gate,
    session::{self, Wish},
};
use crate::{
    domain::camera::Condition,
    worker::{
        link::{LinkError, LinkReader, LinkWriter},
        message::{FromIngest, OpenSession, SessionId, ToIngest, parse_control},
    },
};

/// How long sessions get to free their places in the cameras when the centre ends the link.
const GOODBYE: Duration = Duration::from_secs(2);

/// Runs a worker until the centre ends the link.
///
/// `listener` is a loopback listener of this worker's own. It is made by the caller because it
/// must exist before the sandbox forbids to listen; the caller enters the sandbox in between, so
/// that the first word on the link, `Ready`, is said from inside:
/// listener, then `Sandbox::ingest(..).apply()`, then `run`.
pub async fn run<S>(stream: S, listener: TcpListener) -> Result<(), LinkError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (reader, writer) = tokio::io::split(stream);
    let (outbox, inbox) = queue();
    outbox.control(FromIngest::Ready).await;
    let mut sessions = Sessions {
        gate: Arc::new(Gate::new(listener)?),
        outbox,
        open: HashMap::new(),
        tasks: JoinSet::new(),
    };
    // A task like the sessions', so that it runs in the same turn of the runtime, after those that
    // have something for it. Ends with this future.
    let mut writing = JoinSet::new();
    writing.spawn(write(LinkWriter::new(writer), inbox));
    tokio::select! {
        // The link's own end; what is queued then has no reader.
        Some(written) = writing.join_next() => written.unwrap_or_else(|ended| Err(io::Error::other(ended).into())),
        read = async {
            let read = sessions.serve(LinkReader::new(reader)).await;
            sessions.close_all().await;
            read
        } => read,
    }
}

async fn write<W: AsyncWrite + Unpin>(
    mut link: LinkWriter<W>,
    mut inbox: Inbox,
) -> Result<(), LinkError> {
    let mut batch = Vec::new();
    while inbox.all(&mut batch).await {
        // All that the sessions had ready in this turn of the runtime goes in one write, and the
        // centre is woken once for it.
        let mut bytes = 0;
        for outgoing in batch.drain(..) {
            match outgoing {
                Outgoing::Control(message) => link.queue_control(&message)?,
                Outgoing::Unit(session, unit) => {
                    bytes += unit.data.len();
                    link.queue_access_unit(session, unit)?;
                }
            }
        }
        link.flush().await?;
        inbox.written(bytes);
    }
    Ok(())
}

struct Sessions {
    gate: Arc<Gate>,
    outbox: Outbox,
    open: HashMap<SessionId, watch::Sender<Wish>>,
    tasks: JoinSet<SessionId>,
}

impl Sessions {
    async fn serve<R: AsyncRead + Unpin>(
        &mut self,
        mut link: LinkReader<R>,
    ) -> Result<(), LinkError> {
        let mut ids: HashMap<Id, SessionId> = HashMap::new();
        loop {
            tokio::select! {
                frame = link.next() => match frame? {
                    None => return Ok(()),
                    Some(frame) => match parse_control(&frame)? {
                        ToIngest::Open(open) => {
                            let session = open.session;
                            if let Some(task) = self.open(*open) {
                                ids.insert(task, session);
                            }
                        }
                        ToIngest::Forward { session, forward } => self.wish(session, |wish| wish.forward = forward),
                        ToIngest::Close { session } => self.wish(session, |wish| wish.close = true),
                    },
                },
                Some(ended) = self.tasks.join_next_with_id() => self.ended(ended, &mut ids).await,
            }
        }
    }

    fn open(&mut self, open: OpenSession) -> Option<Id> {
        let session = open.session;
        if self.open.contains_key(&session) {
            tracing::warn!(session = session.0, "a session was opened twice; the first one stays");
            return None;
        }
        let (sender, wish) = watch::channel(Wish { forward: open.forward, close: false });
        self.open.insert(session, sender);
        let (gate, outbox) = (Arc::clone(&self.gate), self.outbox.clone());
        let task = self.tasks.spawn(async move {
            let ending = session::run(&open, &gate, &outbox, wish).await;
            outbox.control(FromIngest::Ended { session, fault: ending.fault }).await;
            session
        });
        Some(task.id())
    }

    /// A word for a session that has just ended is late, not wrong.
    fn wish(&self, session: SessionId, change: impl FnOnce(&mut Wish)) {
        if let Some(wish) = self.open.get(&session) {
            wish.send_modify(change);
        }
    }

    async fn ended(
        &mut self,
        ended: Result<(Id, SessionId), JoinError>,
        ids: &mut HashMap<Id, SessionId>,
    ) {
        match ended {
            Ok((task, session)) => {
                ids.remove(&task);
                self.open.remove(&session);
            }
            // The library has asserts that a camera's bytes might reach. The centre is told of it
            // as of any other end; the other sessions go on.
            Err(error) => {
                let Some(session) = ids.remove(&error.id()) else { return };
                self.open.remove(&session);
                let fault =
                    Some(fault(Condition::Protocol, "the camera's stream made its reader fail"));
                self.outbox.control(FromIngest::Ended { session, fault }).await;
            }
        }
    }

    async fn close_all(&mut self) {
        for wish in self.open.values() {
            wish.send_modify(|wish| wish.close = true);
        }
        // Whoever is not done by then is cut off with the process.
        let _ = timeout(GOODBYE, async { while self.tasks.join_next().await.is_some() {} }).await;
    }
}
