//! One control client, from hello to close.
//!
//! It has no queue of its own. Changes wait in the view's shared ring; a client that is behind by
//! more than [`BEHIND`] gets the whole state instead, which is the same thing in fewer words. While
//! one message waits for a slow client, nobody else does.

use std::time::{Duration, Instant, SystemTime};

use axum::{
    extract::ws::{CloseFrame, Message, WebSocket, close_code},
    http::StatusCode,
};
use futures_util::SinkExt;
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::{self, MissedTickBehavior},
};

use super::message::{Inbound, Outbound};
use crate::{
    desk::view::Change,
    domain::{rate::Rate, time::UnixMicros},
    http::{App, Problem, access::Subject},
};

/// Changes that are sent one by one; beyond it the whole state is shorter.
const BEHIND: usize = 256;
/// For a client to take and answer the close.
const CLOSE_WITHIN: Duration = Duration::from_secs(2);
const TOO_SLOW: u16 = 4008;
const SHUTTING_DOWN: u16 = 4013;

pub(super) struct Session {
    app: App,
    subject: Subject,
    changes: Receiver<Change>,
}

/// The end of a session, with what the client is told, if it is still there.
struct End(Option<(u16, &'static str)>);

type Step = Result<(), End>;

impl Session {
    pub(super) fn new(app: App, subject: Subject) -> Self {
        // Before the state is read, so that no change falls between.
        let changes = app.view.changes();
        Self { app, subject, changes }
    }

    pub(super) async fn run(mut self, mut socket: WebSocket) {
        let Err(End(told)) = self.converse(&mut socket).await else { return };
        if let Some((code, reason)) = told {
            let close = Message::Close(Some(CloseFrame { code, reason: reason.into() }));
            let _ = time::timeout(CLOSE_WITHIN, async {
                socket.send(close).await.ok()?;
                // The client answers, or its end of the connection closes.
                while let Some(Ok(_)) = socket.recv().await {}
                Some(())
            })
            .await;
        }
    }

    async fn converse(&mut self, socket: &mut WebSocket) -> Step {
        let hello = Outbound::Hello {
            server_time: now(),
            user: self.subject.user,
            role: self.subject.role,
            alert_head: 0,
            version: env!("CARGO_PKG_VERSION"),
        };
        self.send(socket, hello.text()).await?;
        self.send_state(socket).await?;

        let closing = self.app.closing.clone();
        let mut heartbeat = time::interval(self.app.control.heartbeat);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        heartbeat.reset();
        let mut rate = Rate::new(Instant::now());
        loop {
            tokio::select! {
                () = closing.cancelled() => return Err(End(Some((SHUTTING_DOWN, "the service is shutting down")))),
                change = self.changes.recv() => self.changed(socket, change).await?,
                _ = heartbeat.tick() => {
                    let beat = Outbound::Heartbeat { server_time: now(), alert_head: 0 };
                    self.send(socket, beat.text()).await?;
                }
                message = socket.recv() => {
                    let message = match message {
                        Some(Ok(message)) => message,
                        Some(Err(error)) => return Err(End(refusal(&error))),
                        None => return Err(End(None)),
                    };
                    if !rate.take(Instant::now()) {
                        return Err(End(Some((close_code::POLICY, "more than 20 messages a second"))));
                    }
                    self.told(socket, message).await?;
                }
            }
        }
    }

    async fn changed(&mut self, socket: &mut WebSocket, change: Result<Change, RecvError>) -> Step {
        let change = match change {
            Ok(change) if self.changes.len() < BEHIND => change,
            Ok(_) | Err(RecvError::Lagged(_)) => {
                self.changes = self.app.view.changes();
                return self.send_state(socket).await;
            }
            Err(RecvError::Closed) => {
                return Err(End(Some((SHUTTING_DOWN, "the service is shutting down"))));
            }
        };
        match change {
            Change::Camera(camera) if self.subject.may_see(&camera) => {
                self.send(socket, Outbound::Camera(&camera).text()).await
            }
            Change::Wall(wall) if self.subject.may_see_wall(&wall) => {
                self.send(socket, Outbound::Wall(&wall).text()).await
            }
            Change::Cameras => self.send_cameras(socket).await,
            Change::Sites => self.send_sites(socket).await,
            Change::Camera(_) | Change::Wall(_) => Ok(()),
        }
    }

    async fn told(&mut self, socket: &mut WebSocket, message: Message) -> Step {
        let text = match message {
            Message::Text(text) => text,
            Message::Binary(_) => {
                return Err(End(Some((close_code::UNSUPPORTED, "messages are JSON text"))));
            }
            Message::Close(_) => return Err(End(None)),
            Message::Ping(_) | Message::Pong(_) => return Ok(()),
        };
        let problem = match serde_json::from_str(&text) {
            // There are no alerts to replay and none to have received.
            Ok(Inbound::Resume { .. } | Inbound::Received { .. }) => return Ok(()),
            Ok(Inbound::Painted(report)) => {
                if self.app.read_back.report(report, now()) {
                    return Ok(());
                }
                Problem::new(
                    StatusCode::BAD_REQUEST,
                    "A screen's name is 1 to 64 bytes without control characters.",
                )
            }
            Ok(Inbound::Command {}) => Problem::new(
                StatusCode::NOT_IMPLEMENTED,
                "There is nothing to command yet: alerts and wall commands come later.",
            ),
            Err(error) => Problem::new(
                StatusCode::BAD_REQUEST,
                format!(
                    "Send a resume, received, painted or command message as in the protocol page: {error}."
                ),
            ),
        };
        self.send(socket, Outbound::Error { problem: &problem }.text()).await
    }

    async fn send_state(&self, socket: &mut WebSocket) -> Step {
        self.send_cameras(socket).await?;
        self.send_sites(socket).await?;
        for wall in
            self.app.view.walls.load_full().iter().filter(|wall| self.subject.may_see_wall(wall))
        {
            self.send(socket, Outbound::Wall(wall).text()).await?;
        }
        Ok(())
    }

    async fn send_cameras(&self, socket: &mut WebSocket) -> Step {
        let mut cameras = self.app.view.list();
        cameras.retain(|camera| self.subject.may_see(camera));
        self.send(socket, Outbound::Cameras { cameras: &cameras }.text()).await
    }

    async fn send_sites(&self, socket: &mut WebSocket) -> Step {
        let mut sites = self.app.view.sites.load_full().as_ref().clone();
        sites.retain(|site| self.subject.may_see_site(site));
        self.send(socket, Outbound::Sites { sites: &sites }.text()).await
    }

    async fn send(&self, socket: &mut WebSocket, text: String) -> Step {
        match time::timeout(
            self.app.control.write_within,
            SinkExt::send(socket, Message::text(text)),
        )
        .await
        {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(End(None)),
            Err(_) => Err(End(Some((TOO_SLOW, "nothing was taken for 30 seconds")))),
        }
    }
}

/// What a client is told after a frame that could not be taken.
fn refusal(error: &axum::Error) -> Option<(u16, &'static str)> {
    use std::error::Error;
    use tokio_tungstenite::tungstenite::Error as Ws;
    match error.source().and_then(|source| source.downcast_ref::<Ws>()) {
        Some(Ws::Capacity(_)) => Some((close_code::SIZE, "messages are limited to 64 KiB")),
        Some(Ws::Utf8(_)) => Some((close_code::INVALID, "text must be UTF-8")),
        _ => None,
    }
}

fn now() -> UnixMicros {
    SystemTime::now().into()
}
