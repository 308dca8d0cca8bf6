//! Alerts at a broker: Mosquitto, and one that says nothing.

use std::{path::Path, time::Duration};

use rumqttc::{AsyncClient, Broker, Event, MqttOptions, Packet, Publish, PublishOptions, QoS};
use serde_json::json;
use tokio::{net::TcpListener, sync::mpsc, task::JoinHandle, time::timeout};
use tokio_util::sync::CancellationToken;
use watchwall::{
    config::{ChannelKind, Mqtt, Server, SignIn, Trust},
    domain::alert::{Seq, delivery::Delivery},
    notify::{Channel, Failure, Receipt},
};

use crate::{
    notify::{PATIENT, config, delivery, only, secret},
    receivers::{Receiver, Wanted},
    tls::write_pair,
};

/// As `PATIENT` is too long to wait for what does not come.
const HASTY: Duration = Duration::from_millis(300);

/// A channel whose connection is kept.
struct Kept {
    channel: Channel,
    upkeep: JoinHandle<()>,
    shutdown: CancellationToken,
}

impl Kept {
    fn new(mqtt: Mqtt, deadline: Duration) -> Self {
        let config = config(ChannelKind::Mqtt(mqtt), deadline);
        let (channel, upkeep) = Channel::open(&config).expect("it can be used");
        let shutdown = CancellationToken::new();
        let upkeep = tokio::spawn(upkeep.expect("a connection is kept").run(shutdown.clone()));
        Self { channel, upkeep, shutdown }
    }

    async fn send(&self, delivery: &Delivery) -> Result<Receipt, Failure> {
        self.channel.send(delivery).await
    }

    async fn stop(self) {
        self.shutdown.cancel();
        self.upkeep.await.expect("it ends");
    }
}

fn plain(port: u16) -> Mqtt {
    Mqtt {
        server: Server { host: "localhost".to_owned(), port },
        tls: false,
        prefix: "ha-tinh/watchwall".to_owned(),
        client_id: "watchwall".to_owned(),
        sign_in: None,
        trust: Trust::System,
    }
}

/// Somebody who listens to a broker.
struct Listener {
    client: AsyncClient,
    heard: mpsc::UnboundedReceiver<Publish>,
}

impl Listener {
    async fn new(port: u16) -> Self {
        let name = format!("listener-{}", uuid::Uuid::now_v7().simple());
        let options = MqttOptions::new(name, Broker::tcp("127.0.0.1", port));
        let (client, mut events) = AsyncClient::builder(options).capacity(8).build();
        client.subscribe("ha-tinh/#", QoS::AtLeastOnce).await.expect("queued");
        let (to, heard) = mpsc::unbounded_channel();
        let (ready, subscribed) = tokio::sync::oneshot::channel();
        tokio::spawn(async move {
            let mut ready = Some(ready);
            while let Ok(event) = events.poll().await {
                match event {
                    Event::Incoming(Packet::SubAck(_)) => {
                        let _ = ready.take().map(|ready| ready.send(()));
                    }
                    Event::Incoming(Packet::Publish(publish)) => {
                        let _ = to.send(publish);
                    }
                    _ => {}
                }
            }
        });
        timeout(PATIENT, subscribed).await.expect("the broker answers").expect("subscribed");
        Self { client, heard }
    }

    /// The next message: topic, text, whether it had been kept.
    async fn next(&mut self) -> (String, String, bool) {
        let heard = timeout(PATIENT, self.heard.recv()).await.expect("something is said");
        let publish = heard.expect("it listens");
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
        (text(&publish.topic), text(&publish.payload), publish.retain)
    }

    /// The next message of a topic.
    async fn next_of(&mut self, topic: &str) -> String {
        loop {
            let (heard, text, _) = self.next().await;
            if heard == topic {
                return text;
            }
        }
    }
}

/// What whoever comes now is told first: everything that the broker keeps, as topic and text.
async fn kept(port: u16) -> Vec<(String, String)> {
    let mut listener = Listener::new(port).await;
    // What is kept comes before what is said after the subscription.
    let mark = PublishOptions::new(QoS::AtLeastOnce);
    listener.client.publish("ha-tinh/mark", "", mark).await.expect("queued");
    let mut all = Vec::new();
    loop {
        match listener.next().await {
            (topic, _, _) if topic == "ha-tinh/mark" => break,
            (topic, text, true) => all.push((topic, text)),
            other => panic!("said meanwhile: {other:?}"),
        }
    }
    all.sort();
    all
}

fn changed(delivery: &Delivery, seq: u64, closed: bool) -> Delivery {
    let mut changed = delivery.clone();
    changed.seq = Seq(seq);
    changed.message.json = json!({"seq": seq});
    changed.message.closed = closed;
    changed
}

const STATUS: &str = "ha-tinh/watchwall/status";

fn topic(delivery: &Delivery) -> String {
    format!("ha-tinh/watchwall/alerts/{}", delivery.alert)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_keeps_the_state_of_an_open_alert_and_forgets_one_that_is_over() {
    let broker = Receiver::mosquitto(Wanted::default());
    let mqtt = Kept::new(plain(broker.port), PATIENT);
    let mut listener = Listener::new(broker.port).await;
    let (one, other) = (delivery(""), delivery(""));
    let receipt = mqtt.send(&changed(&one, 1, false)).await.expect("acknowledged");
    assert!(receipt.reference.is_some_and(|said| said.starts_with("packet ")));
    mqtt.send(&changed(&other, 2, false)).await.expect("acknowledged");
    let mut expected = vec![
        (topic(&one), json!({"seq": 1}).to_string()),
        (topic(&other), json!({"seq": 2}).to_string()),
        (STATUS.to_owned(), "online".to_owned()),
    ];
    expected.sort();
    assert_eq!(kept(broker.port).await, expected);

    mqtt.send(&changed(&one, 3, true)).await.expect("acknowledged");
    expected.retain(|(of, _)| *of != topic(&one));
    assert_eq!(kept(broker.port).await, expected);
    assert_eq!(listener.next_of(&topic(&one)).await, json!({"seq": 1}).to_string());
    assert_eq!(listener.next_of(&topic(&one)).await, "", "whoever listens hears the end too");

    mqtt.stop().await;
    assert_eq!(listener.next_of(STATUS).await, "offline");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_change_does_not_undo_a_newer_one() {
    let broker = Receiver::mosquitto(Wanted::default());
    let mqtt = Kept::new(plain(broker.port), PATIENT);
    let alert = delivery("");
    mqtt.send(&changed(&alert, 6, false)).await.expect("acknowledged");
    let late = mqtt.send(&changed(&alert, 5, false)).await.expect("of no use any more");
    assert_eq!(late.reference.as_deref(), Some("superseded by 6"));
    let again = mqtt.send(&changed(&alert, 6, false)).await.expect("acknowledged");
    assert!(again.reference.is_some_and(|said| said.starts_with("packet ")));
    let state = kept(broker.port).await.into_iter().find(|(of, _)| *of == topic(&alert));
    assert_eq!(state.expect("kept").1, json!({"seq": 6}).to_string());
    mqtt.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_is_away_is_waited_for_and_found_again() {
    let broker = Receiver::mosquitto(Wanted::default());
    let port = broker.port;
    drop(broker);
    let failure = failure_of(plain(port)).await;
    assert!(failure.again && failure.told.contains("refused"), "{failure:?}");

    let mqtt = Kept::new(plain(port), PATIENT);
    let at_port = port.to_string();
    for _ in 0..2 {
        let (_broker, receipt) = tokio::join!(
            async {
                let flags = ["--port", &at_port];
                let broker = Receiver::mosquitto(Wanted { flags: &flags, ..Wanted::default() });
                Listener::new(port).await.next_of(STATUS).await;
                broker
            },
            async {
                // The first of them is sent while nobody is there, the second may be lost on a
                // connection that just died: then it is tried again, as the postman would.
                loop {
                    match mqtt.send(&delivery("")).await {
                        Err(failure) if failure.again => {}
                        other => break other,
                    }
                }
            }
        );
        receipt.expect("delivered once the broker is there");
    }
    mqtt.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_says_offline_for_a_service_that_died() {
    let broker = Receiver::mosquitto(Wanted::default());
    let mut listener = Listener::new(broker.port).await;
    let mqtt = Kept::new(plain(broker.port), PATIENT);
    assert_eq!(listener.next_of(STATUS).await, "online");
    // As a killed process does, it leaves without a word.
    mqtt.upkeep.abort();
    assert_eq!(listener.next_of(STATUS).await, "offline");
    let failure = mqtt.send(&delivery("")).await.expect_err("nobody keeps the connection");
    assert!(failure.again, "{failure:?}");
}

async fn failure_of(mqtt: Mqtt) -> Failure {
    let kept = Kept::new(mqtt, Duration::from_secs(1));
    loop {
        let failure = kept.send(&delivery("")).await.expect_err("not delivered");
        // On a loaded machine a second may pass before anything happens.
        let early = ["not connected yet", "no CONNACK", "no PUBACK"];
        if !early.iter().any(|told| failure.told.starts_with(told)) {
            kept.stop().await;
            return failure;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_and_a_sign_in_are_used_and_believe_nobody_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let (pair, other) = (write_pair(folder.path(), "broker"), write_pair(folder.path(), "other"));
    let folder: &Path = folder.path();
    let broker = Receiver::mosquitto(Wanted {
        certificate: Some((folder, "broker")),
        sign_in: Some(("watchwall", "right")),
        flags: &[],
    });
    let mqtt = |trust, password| Mqtt {
        tls: true,
        trust,
        sign_in: Some(SignIn { username: "watchwall".to_owned(), password: secret(password) }),
        ..plain(broker.port)
    };
    let right = Kept::new(mqtt(only(&pair), "right"), PATIENT);
    right.send(&delivery("")).await.unwrap_or_else(|failure| panic!("{failure:?}"));
    right.stop().await;
    let wrong = failure_of(mqtt(only(&pair), "wrong-password")).await;
    assert!(wrong.again && wrong.told.contains("refused"), "{wrong:?}");
    assert!(!wrong.told.contains("wrong-password"), "{wrong:?}");
    let disbelieved = failure_of(mqtt(only(&other), "right")).await;
    assert!(disbelieved.again && disbelieved.told.contains("certificate"), "{disbelieved:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_does_not_let_us_write_is_not_asked_again() {
    let broker = Receiver::mosquitto(Wanted { flags: &["--read-only"], ..Wanted::default() });
    let failure = failure_of(plain(broker.port)).await;
    assert!(!failure.again && failure.told.contains("NotAuthorized"), "{failure:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_says_nothing_costs_the_deadline_and_no_more() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let mqtt = Kept::new(plain(listener.local_addr().expect("bound").port()), HASTY);
    let failure = mqtt.send(&delivery("")).await.expect_err("no CONNACK");
    assert!(failure.again && !failure.told.is_empty(), "{failure:?}");
    mqtt.stop().await;
}
