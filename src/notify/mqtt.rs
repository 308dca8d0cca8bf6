//! `kind = "mqtt"`: the state of every open alert, retained by a broker (MQTT 5).
//!
//! | topic | retained | what |
//! |---|---|---|
//! | `<prefix>/status` | yes | `online`; `offline` when the service stops or the broker misses it |
//! | `<prefix>/alerts/<id>` | yes | the alert as JSON; nothing, once it is over |
//!
//! A topic holds a state, so what is older than what was handed over already is not sent any more.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use rand::Rng;
use rumqttc::{
    AsyncClient, Broker, ClientError, Event, EventLoop, LastWill, MqttOptions, NetworkOptions,
    Packet, PubAckReason, PublishNoticeError, PublishOptions, PublishProperties, PublishResult,
    QoS, SessionMode, TlsConfiguration, Transport,
};
use tokio::{
    sync::watch,
    time::{Instant as Later, sleep, timeout_at},
};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::{Failure, Receipt, told, trust};
use crate::{
    config::Mqtt,
    domain::{
        alert::{AlertId, Seq, delivery::Delivery},
        backoff::{Backoff, BackoffPolicy},
        roster::ChannelId,
    },
};

/// Hands states to one broker.
pub(super) struct Publisher {
    client: AsyncClient,
    link: watch::Receiver<Link>,
    prefix: String,
    newest: Mutex<Newest>,
}

/// Keeps the connection to a broker while it runs.
pub struct Upkeep {
    id: ChannelId,
    client: AsyncClient,
    events: EventLoop,
    link: watch::Sender<Link>,
    status: String,
}

/// How the connection is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Link {
    /// The broker said CONNACK.
    Up,
    /// Why it is not there.
    Down(String),
}

pub(super) fn open(id: &ChannelId, config: &Mqtt) -> Result<(Publisher, Upkeep), String> {
    let broker = Broker::tcp(config.server.host.clone(), config.server.port);
    let mut options = MqttOptions::new(config.client_id.clone(), broker);
    let mut network = NetworkOptions::new();
    network.set_tcp_nodelay(true);
    network.set_connection_timeout(CONNECT_SECS);
    let status = format!("{}/status", config.prefix);
    options
        .set_network_options(network)
        .set_keep_alive(KEEP_ALIVE_SECS)
        // What was under way when a connection went is tried again by the postman, and by nobody
        // else: a broker that remembered it could set an old state in place of a newer one.
        .set_session_mode(SessionMode::Clean)
        .set_last_will(LastWill::new(status.clone(), OFFLINE, QoS::AtLeastOnce, true, None));
    if let Some(sign_in) = &config.sign_in {
        let password = sign_in.password.expose().to_owned().into_bytes();
        options.set_credentials(sign_in.username.clone(), password);
    }
    if config.tls {
        let tls = TlsConfiguration::Rustls(Arc::new(trust::client(&config.trust)?));
        options.set_transport(Transport::tls_with_config(tls));
    }
    let (client, events) = AsyncClient::builder(options).capacity(QUEUE).build();
    let (to, link) = watch::channel(Link::Down("not connected yet".to_owned()));
    let newest = Mutex::default();
    let publisher =
        Publisher { client: client.clone(), link, prefix: config.prefix.clone(), newest };
    Ok((publisher, Upkeep { id: id.clone(), client, events, link: to, status }))
}

impl Publisher {
    pub(super) async fn send(
        &self,
        delivery: &Delivery,
        deadline: Duration,
    ) -> Result<Receipt, Failure> {
        let until = Later::now() + deadline;
        let (alert, seq) = (delivery.alert, delivery.seq);
        self.newest().note(alert, seq);
        let mut link = self.link.clone();
        let up = timeout_at(until, link.wait_for(|link| *link == Link::Up)).await;
        match up.map(|link| link.map(|_| ())) {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return Err(Failure::passing("the service is stopping")),
            Err(_) => {
                let why = match &*self.link.borrow() {
                    Link::Down(why) => why.clone(),
                    Link::Up => format!("no CONNACK within {deadline:?}"),
                };
                return Err(Failure::passing(why));
            }
        }
        // From here to the queue there is no await: nothing newer can come between.
        let newest = self.newest().of(alert);
        if newest > seq {
            return Ok(Receipt { reference: Some(format!("superseded by {}", newest.0)) });
        }
        let topic = format!("{}/alerts/{alert}", self.prefix);
        let message = &delivery.message;
        let state = if message.closed { String::new() } else { message.json.to_string() };
        let options =
            PublishOptions::new(QoS::AtLeastOnce).retained().properties(PublishProperties {
                content_type: Some("application/json".to_owned()),
                user_properties: vec![
                    ("delivery".to_owned(), delivery.id.to_string()),
                    ("seq".to_owned(), seq.0.to_string()),
                ],
                ..PublishProperties::default()
            });
        let notice = self.client.try_publish_tracked(topic, state, options).map_err(refused)?;
        match timeout_at(until, notice.wait_async()).await {
            Err(_) => Err(Failure::passing(format!("no PUBACK within {deadline:?}"))),
            Ok(Err(error)) => Err(lost(&error)),
            Ok(Ok(PublishResult::Qos1(acknowledged))) => {
                let packet = acknowledged.pkid;
                judge(acknowledged.reason)
                    .map(|()| Receipt { reference: Some(format!("packet {packet}")) })
            }
            Ok(Ok(other)) => Err(Failure::passing(format!("acknowledged as {:?}", other.qos()))),
        }
    }

    fn newest(&self) -> std::sync::MutexGuard<'_, Newest> {
        self.newest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The newest change of each alert that was to be sent, so that a late one does not undo it.
#[derive(Default)]
struct Newest(HashMap<AlertId, Seq>);

impl Newest {
    fn note(&mut self, alert: AlertId, seq: Seq) {
        let known = self.0.entry(alert).or_default();
        *known = (*known).max(seq);
        if self.0.len() > NEWEST_MAX {
            let oldest = self.0.iter().min_by_key(|(_, seq)| **seq).map(|(alert, _)| *alert);
            oldest.and_then(|alert| self.0.remove(&alert));
        }
    }

    fn of(&self, alert: AlertId) -> Seq {
        self.0.get(&alert).copied().unwrap_or_default()
    }
}

fn judge(reason: PubAckReason) -> Result<(), Failure> {
    match reason {
        // Retained for whoever comes: that nobody listens now is no failure.
        PubAckReason::Success | PubAckReason::NoMatchingSubscribers => Ok(()),
        PubAckReason::NotAuthorized
        | PubAckReason::TopicNameInvalid
        | PubAckReason::PayloadFormatInvalid => {
            Err(Failure::lasting(format!("the broker refused it: {reason:?}")))
        }
        _ => Err(Failure::passing(format!("the broker did not take it: {reason:?}"))),
    }
}

fn refused(error: ClientError) -> Failure {
    match error {
        ClientError::RequestChannelFull(_) => Failure::passing("too many messages are under way"),
        other => Failure::passing(told::chain(&other)),
    }
}

fn lost(error: &PublishNoticeError) -> Failure {
    match error {
        PublishNoticeError::RetainNotSupported => {
            Failure::lasting("the broker retains no messages: allow it there")
        }
        PublishNoticeError::SessionReset => {
            Failure::passing("the connection went before the broker acknowledged")
        }
        other => Failure::passing(told::chain(other)),
    }
}

impl Upkeep {
    /// Connects, and connects again with back-off, until `shutdown`; then says goodbye.
    pub async fn run(mut self, shutdown: CancellationToken) {
        let mut backoff = Backoff::new(BACKOFF);
        let mut missed = false;
        loop {
            let event = tokio::select! {
                () = shutdown.cancelled() => break,
                event = self.events.poll() => event,
            };
            match event {
                Ok(Event::Incoming(Packet::ConnAck(_))) => {
                    backoff.started(Instant::now());
                    // The queue was emptied when the last connection went.
                    let _ = self.say(ONLINE);
                    self.link.send_replace(Link::Up);
                    missed = false;
                    info!(channel = %self.id, "connected to the broker");
                }
                Ok(_) => {}
                Err(error) => {
                    let told = told::chain(&error);
                    if !std::mem::replace(&mut missed, true) {
                        warn!(channel = %self.id, told, "there is no connection to the broker; it is tried again");
                    }
                    self.link.send_replace(Link::Down(told));
                    // Fails what was under way, so that it is tried again soon and in order.
                    self.events.reset_session_state();
                    let wait = backoff.failed(Instant::now(), rand::rng().random());
                    tokio::select! {
                        () = shutdown.cancelled() => break,
                        () = sleep(wait) => {}
                    }
                }
            }
        }
        self.leave().await;
    }

    async fn leave(mut self) {
        let up = *self.link.borrow() == Link::Up;
        self.link.send_replace(Link::Down("the service is stopping".to_owned()));
        // A goodbye in order keeps the broker from sending the last will: it is said by ourselves.
        if !up || self.say(OFFLINE).is_err() || self.client.try_disconnect().is_err() {
            return;
        }
        let until = Later::now() + GOODBYE;
        while let Ok(Ok(_)) = timeout_at(until, self.events.poll()).await {}
    }

    fn say(&self, status: &'static str) -> Result<(), ClientError> {
        let options = PublishOptions::new(QoS::AtLeastOnce).retained();
        self.client.try_publish(self.status.clone(), status, options)
    }
}

const ONLINE: &str = "online";
const OFFLINE: &str = "offline";

/// Messages between a channel and its connection. The postman sends no more than 32 at once; the
/// next one is told to come again.
const QUEUE: usize = 64;

/// A connection that nobody closed is noticed within one and a half of it.
const KEEP_ALIVE_SECS: u16 = 15;

/// A broker further away than this is of no use to an alert.
const CONNECT_SECS: u64 = 5;

/// Far more alerts than are open at once; past that the one with the oldest change goes.
const NEWEST_MAX: usize = 4096;

/// Time to hand over the last word.
const GOODBYE: Duration = Duration::from_secs(1);

/// A broker that restarts is back within seconds, and one client does not weigh on it.
const BACKOFF: BackoffPolicy = BackoffPolicy {
    first: Duration::from_secs(1),
    longest: Duration::from_secs(15),
    healthy_after: Duration::from_secs(60),
};

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn alert(n: u128) -> AlertId {
        AlertId(Uuid::from_u128(n))
    }

    #[test]
    fn the_newest_change_of_an_alert_is_known_whatever_the_order() {
        let mut newest = Newest::default();
        for seq in [5, 7, 6] {
            newest.note(alert(1), Seq(seq));
        }
        assert_eq!((newest.of(alert(1)), newest.of(alert(2))), (Seq(7), Seq(0)));
    }

    #[test]
    fn of_too_many_alerts_the_one_that_changed_longest_ago_is_forgotten() {
        let mut newest = Newest::default();
        for n in 0..=NEWEST_MAX {
            newest.note(alert(n as u128), Seq(n as u64 + 1));
        }
        assert_eq!(newest.0.len(), NEWEST_MAX);
        assert_eq!((newest.of(alert(0)), newest.of(alert(1))), (Seq(0), Seq(2)));
    }
}
