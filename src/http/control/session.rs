//! One control client, from hello to close.
//!
//! It has no queue of its own. Changes wait in the view's shared ring; a client that is behind by
//! more than [`BEHIND`] gets the whole state instead, which is the same thing in fewer words. While
//! one message waits for a slow client, nobody else does.

use std::{
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use axum::{
    extract::ws::{CloseFrame, Message, WebSocket, close_code},
    http::StatusCode,
};
use futures_util::SinkExt;
use serde_json::{Map, Value};
use tokio::{
    sync::{
        broadcast::{Receiver, error::RecvError},
        watch,
    },
    task::{JoinError, JoinSet},
    time::{self, MissedTickBehavior},
};

use super::{
    alerts::{AlertLane, Due},
    message::{AlertCommand, Answer, Inbound, Outbound},
};
use crate::{
    desk::{
        event::Painted,
        feed::{Keeping, Storage},
        view::{Change, WallView},
    },
    domain::{alert::Seq, rate::Rate, screen::ScreenRef, time::UnixMicros},
    http::{
        App, Problem,
        access::{Action, Subject},
        alerts::{self, AlertView},
        consoles::{self, Handed, Seat, Sent, Word},
        walls,
    },
    store::Receipt,
};

/// Changes that are sent one by one; beyond it the whole state is shorter.
const BEHIND: usize = 256;
/// For a client to take and answer the close.
const CLOSE_WITHIN: Duration = Duration::from_secs(2);
const SIGNED_OUT: u16 = 4001;
const TOO_SLOW: u16 = 4008;
const SHUTTING_DOWN: u16 = 4013;

pub(super) struct Session {
    app: App,
    subject: Subject,
    /// Cameras, sites and walls are none of its business: a phone on a poor link wants alerts.
    only_alerts: bool,
    changes: Receiver<Change>,
    /// Since it asked for alerts.
    alerts: Option<AlertLane>,
    /// The screen for which it reports.
    reports: Option<ScreenRef>,
    /// It is a console, where colleagues show cameras.
    seat: Option<Seat>,
    /// What it ordered and waits for.
    ordered: JoinSet<(Option<String>, Result<Carried, Problem>)>,
}

/// What a command was carried out on.
enum Carried {
    Alert(Box<AlertView>),
    Wall(Arc<WallView>),
    Handed,
}

/// Commands of one client that wait for the store at once; the next one is refused.
const ORDERED_MAX: usize = 8;
/// How often all are told that the store fails.
const STORAGE_EVERY: Duration = Duration::from_secs(5);

/// The end of a session, with what the client is told, if it is still there.
struct End(Option<(u16, &'static str)>);

type Step = Result<(), End>;

impl Session {
    pub(super) fn new(app: App, subject: Subject, only_alerts: bool, seat: Option<Seat>) -> Self {
        // Before the state is read, so that no change falls between.
        let changes = app.view.changes();
        Self {
            app,
            subject,
            only_alerts,
            changes,
            alerts: None,
            reports: None,
            seat,
            ordered: JoinSet::new(),
        }
    }

    pub(super) async fn run(mut self, mut socket: WebSocket) {
        let Err(End(told)) = self.converse(&mut socket).await else { return };
        if let (Some(screen), Some(commands)) = (self.reports.take(), &self.app.commands) {
            commands.parted(screen);
        }
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
            user: &self.subject.user,
            role: &self.subject.role,
            alert_head: self.head(),
            version: env!("CARGO_PKG_VERSION"),
        };
        self.send(socket, hello.text()).await?;
        self.send_state(socket).await?;

        let closing = self.app.closing.clone();
        let ended = self.subject.ended().clone();
        let mut heartbeat = time::interval(self.app.control.heartbeat);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        heartbeat.reset();
        let mut storage = self.app.alerts.as_ref().map(|feed| feed.storage());
        let mut remind = time::interval(STORAGE_EVERY);
        let mut rate = Rate::new(Instant::now());
        loop {
            tokio::select! {
                () = closing.cancelled() => return Err(End(Some((SHUTTING_DOWN, "the service is shutting down")))),
                () = ended.cancelled() => return Err(End(Some((SIGNED_OUT, "signed out, or rights were changed")))),
                due = due(&mut self.alerts) => self.alerts_due(socket, due).await?,
                Some(done) = self.ordered.join_next() => self.told_done(socket, done).await?,
                () = changed(&mut storage) => self.send_storage(socket, true).await?,
                _ = remind.tick() => self.send_storage(socket, false).await?,
                change = self.changes.recv() => self.changed(socket, change).await?,
                word = word(&mut self.seat) => self.of_colleague(socket, word).await?,
                _ = heartbeat.tick() => {
                    self.seat.iter().for_each(Seat::tick);
                    let beat = Outbound::Heartbeat { server_time: now(), alert_head: self.head() };
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

    /// The newest change of an alert.
    fn head(&self) -> Seq {
        self.app.alerts.as_ref().map_or_else(Seq::default, |feed| feed.head())
    }

    async fn alerts_due(&mut self, socket: &mut WebSocket, due: Due) -> Step {
        let changes = match due {
            Due::Changes(changes) => changes,
            Due::Reset => {
                self.alerts = None;
                return self.send(socket, Outbound::Reset.text()).await;
            }
            Due::Gone => {
                return Err(End(Some((TOO_SLOW, "alerts were not received for 30 seconds"))));
            }
        };
        for change in changes {
            let seen = self.subject.may_see_alert(&change.alert);
            if seen {
                let alert = self.subject.alert(&change.alert);
                let view = AlertView::of(&self.app, change.seq, &alert);
                self.send(socket, Outbound::Alert(&view).text()).await?;
            }
            if let Some(lane) = &mut self.alerts {
                if seen { lane.sent(&change) } else { lane.skipped(&change) }
            }
        }
        Ok(())
    }

    async fn told_done(
        &mut self,
        socket: &mut WebSocket,
        done: Result<(Option<String>, Result<Carried, Problem>), JoinError>,
    ) -> Step {
        // A task that panicked has said so in the log.
        let (request, done) = done.unwrap_or_else(|_| (None, Err(Problem::fault())));
        let request = request.as_deref();
        let text = match &done {
            Ok(Carried::Alert(alert)) => {
                Outbound::Done { request, alert: Some(alert), wall: None }.text()
            }
            Ok(Carried::Wall(wall)) => {
                Outbound::Done { request, alert: None, wall: Some(wall) }.text()
            }
            Ok(Carried::Handed) => Outbound::Done { request, alert: None, wall: None }.text(),
            Err(problem) => Outbound::Error { request, problem }.text(),
        };
        self.send(socket, text).await
    }

    /// A colleague shows a camera, or says what became of one; it may have been hidden since.
    async fn of_colleague(&mut self, socket: &mut WebSocket, word: Word) -> Step {
        let (camera, text) = match &word {
            Word::Handed(handed) => {
                let Handed { hand, camera, by, at } = &**handed;
                (camera, Outbound::Handed { hand: *hand, camera, by, at: *at }.text())
            }
            Word::Answered(sent, outcome, at) => {
                let Sent { hand, camera, to, .. } = &**sent;
                let (hand, outcome, at) = (*hand, *outcome, *at);
                (camera, Outbound::Answered { hand, camera, to, outcome, at }.text())
            }
        };
        if !self.subject.may_see_camera_id(camera) {
            return Ok(());
        }
        self.send(socket, text).await
    }

    /// Says how alerts are stored: whenever that changes, and again and again while it is not well.
    async fn send_storage(&self, socket: &mut WebSocket, changed: bool) -> Step {
        let Some(feed) = &self.app.alerts else { return Ok(()) };
        let storage = feed.storage().borrow().clone();
        if !changed && storage.state == Keeping::Ok {
            return Ok(());
        }
        self.send(socket, Outbound::Storage(&storage).text()).await
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
            Change::Flood(position, _) if !self.subject.may_see_position(&position) => Ok(()),
            Change::Flood(position, flood) if self.alerts.is_some() => {
                let flood = Outbound::Flood { position: &position, flood };
                self.send(socket, flood.text()).await
            }
            _ if self.only_alerts => Ok(()),
            Change::Camera(camera) if self.subject.may_see(&camera) => {
                let camera = self.subject.camera(camera);
                self.send(socket, Outbound::Camera(&camera).text()).await
            }
            Change::Wall(wall) if self.subject.may_see_wall(&wall) => {
                let wall = self.subject.wall(wall);
                self.send(socket, Outbound::Wall(&wall).text()).await
            }
            Change::Cameras => self.send_cameras(socket).await,
            Change::Sites => self.send_sites(socket).await,
            Change::Camera(_) | Change::Wall(_) | Change::Flood(..) => Ok(()),
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
            Ok(Inbound::Resume { after }) => return self.resume(socket, after).await,
            Ok(Inbound::Received { seq }) => {
                self.received(seq).await;
                return Ok(());
            }
            Ok(Inbound::Answer { hand, outcome }) => {
                self.seat.iter().for_each(|seat| seat.answer(hand, outcome == Answer::Taken));
                return Ok(());
            }
            Ok(Inbound::Command(_)) if self.ordered.len() >= ORDERED_MAX => Problem::new(
                StatusCode::TOO_MANY_REQUESTS,
                format!("{ORDERED_MAX} commands wait for the store: send this one again later."),
            ),
            Ok(Inbound::Command(command)) => match self.order(command) {
                Ok(()) => return Ok(()),
                Err(problem) => problem,
            },
            Ok(Inbound::Painted(report)) => {
                let painted = report.heard();
                if !self.subject.may_report(&report) {
                    Problem::no_wall(report.wall.as_str())
                } else if self.app.read_back.report(report, now()) {
                    self.painted(painted);
                    return Ok(());
                } else {
                    Problem::new(
                        StatusCode::BAD_REQUEST,
                        "A screen's name is 1 to 64 bytes without control characters.",
                    )
                }
            }
            Err(error) => unread(&error),
        };
        self.send(socket, Outbound::Error { request: None, problem: &problem }.text()).await
    }

    /// A page says what it painted.
    fn painted(&mut self, painted: Option<Painted>) {
        let (Some(mut painted), Some(commands)) = (painted, &self.app.commands) else { return };
        // Nobody says of cameras that are not theirs that they were watched.
        if !self.subject.sees_all() {
            painted.large.retain(|camera| self.subject.may_see_handle(*camera));
        }
        let report = &painted.report;
        self.reports = (!report.leaving).then(|| report.screen.clone());
        if !commands.painted(painted) {
            self.app.read_back.was_unheard();
        }
    }

    /// Has a command carried out; `told_done` answers it.
    fn order(&mut self, mut command: Map<String, Value>) -> Result<(), Problem> {
        let (app, subject) = (self.app.clone(), self.subject.clone());
        if let Some(wall) = command.remove("wall") {
            let text = |value: &Value| value.as_str().map(str::to_owned);
            let request = command.get("request").and_then(text);
            let wall = text(&wall).ok_or_else(|| Problem::no_wall(&wall.to_string()))?;
            self.ordered.spawn(async move {
                let done = walls::drive::driven(&app, &subject, &wall, command).await;
                (request, done.map(Carried::Wall))
            });
            return Ok(());
        }
        if command.get("command").is_some_and(|command| command == "hand") {
            command.remove("command");
            let request = command.get("request").and_then(Value::as_str).map(str::to_owned);
            let hand = serde_json::from_value(Value::Object(command));
            let hand = hand.map_err(|error| unread(&error))?;
            let done = consoles::handed(&app, &subject, hand).map(|_| Carried::Handed);
            self.ordered.spawn(std::future::ready((request, done)));
            return Ok(());
        }
        let command = serde_json::from_value(Value::Object(command));
        let AlertCommand { command, id, said } = command.map_err(|error| unread(&error))?;
        let request = said.request.clone();
        self.ordered.spawn(async move {
            let done = alerts::done(&app, &subject, &id, command, said).await;
            (request, done.map(|alert| Carried::Alert(Box::new(alert))))
        });
        Ok(())
    }

    /// Alerts from here on.
    async fn resume(&mut self, socket: &mut WebSocket, after: Seq) -> Step {
        let Some(feed) = &self.app.alerts else { return Ok(()) };
        if let Err(problem) = self.subject.authorize(&Action::Duty) {
            let refused = Outbound::Error { request: None, problem: &problem };
            return self.send(socket, refused.text()).await;
        }
        self.alerts = Some(AlertLane::resume(feed, after));
        let floods = self.app.view.duty.load().floods.clone();
        for (position, flood) in &floods {
            if !self.subject.may_see_position(position) {
                continue;
            }
            let flood = Outbound::Flood { position, flood: Some(*flood) };
            self.send(socket, flood.text()).await?;
        }
        Ok(())
    }

    /// The client has alerts: from now on they count as delivered to it.
    async fn received(&mut self, seq: Seq) {
        let Some(lane) = &mut self.alerts else { return };
        let at = now();
        let receipts = lane.received(seq).into_iter().map(|(alert, seq)| Receipt {
            alert,
            seq,
            by: self.subject.actor(),
            delivered_at: Some(at),
            read_at: None,
        });
        let receipts: Vec<Receipt> = receipts.collect();
        if let Some(commands) = self.app.commands.as_ref().filter(|_| !receipts.is_empty()) {
            commands.received(receipts).await;
        }
    }

    async fn send_state(&self, socket: &mut WebSocket) -> Step {
        if self.only_alerts {
            return Ok(());
        }
        self.send_cameras(socket).await?;
        self.send_sites(socket).await?;
        for wall in
            self.app.view.walls.load_full().iter().filter(|wall| self.subject.may_see_wall(wall))
        {
            let wall = self.subject.wall(wall.clone());
            self.send(socket, Outbound::Wall(&wall).text()).await?;
        }
        Ok(())
    }

    async fn send_cameras(&self, socket: &mut WebSocket) -> Step {
        let mut cameras = self.app.view.list();
        cameras.retain(|camera| self.subject.may_see(camera));
        let cameras: Vec<_> =
            cameras.into_iter().map(|camera| self.subject.camera(camera)).collect();
        self.send(socket, Outbound::Cameras { cameras: &cameras }.text()).await
    }

    async fn send_sites(&self, socket: &mut WebSocket) -> Step {
        let mut sites = self.app.view.sites.load_full().as_ref().clone();
        sites.retain(|site| self.subject.may_see_site(site));
        let sites: Vec<_> = sites.into_iter().map(|site| self.subject.site(site)).collect();
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

fn unread(error: &serde_json::Error) -> Problem {
    let detail = "Send a resume, received, painted or command message as in the protocol page";
    Problem::new(StatusCode::BAD_REQUEST, format!("{detail}: {error}."))
}

/// What the alert lane is due; for ever nothing without one.
async fn due(lane: &mut Option<AlertLane>) -> Due {
    match lane {
        Some(lane) => lane.due().await,
        None => std::future::pending().await,
    }
}

/// The next that colleagues say; for ever nothing where there is no console.
async fn word(seat: &mut Option<Seat>) -> Word {
    match seat {
        Some(seat) => seat.word().await,
        None => std::future::pending().await,
    }
}

/// Waits until alerts are stored in another way.
async fn changed(storage: &mut Option<watch::Receiver<Storage>>) {
    let told = match storage {
        Some(storage) => storage.changed().await.is_ok(),
        None => false,
    };
    if !told {
        std::future::pending().await
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
