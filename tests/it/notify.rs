//! Each way to reach people against another side that is not ours, and against one that misbehaves.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer},
};
use secrecy::SecretString;
use serde_json::json;
use sha2::Sha256;
use tokio_rustls::TlsAcceptor;
use uuid::Uuid;
use watchwall::{
    config::{ChannelConfig, ChannelKind, Email, MailTls, Secret, Server, SignIn, Trust, Webhook},
    domain::{
        alert::{
            AlertId, Priority, Seq,
            delivery::{Delivery, DeliveryId, Message},
        },
        time::UnixMicros,
    },
    notify::{Channel, Failure, Receipt},
};

use crate::{
    receivers::{Does, Hook, Receiver, Request, Wanted},
    tls::write_pair,
};

const SECRET: &str = "a secret of these tests";
const NO_CONTENT: &str = "HTTP/1.1 204 No Content\r\n\r\n";

/// Longer than a loaded machine takes for what does not hang.
pub(crate) const PATIENT: Duration = Duration::from_secs(60);

/// As `PATIENT` is too long to wait for what does hang.
const HASTY: Duration = Duration::from_millis(300);

/// One of an alert, told of first.
pub(crate) fn delivery(address: &str) -> Delivery {
    Delivery {
        id: DeliveryId(Uuid::now_v7()),
        alert: AlertId(Uuid::now_v7()),
        seq: Seq(41),
        channel: "way".try_into().expect("an id"),
        person: Some("lan".try_into().expect("an id")),
        address: address.to_owned(),
        message: Message {
            priority: Priority::High,
            subject: "Mất tín hiệu: Ngã ba Đồng Lộc".to_owned(),
            text: "Camera 101 mất tín hiệu.\n\nCamera 101: no signal.\n".to_owned(),
            compact: "H stalled 101 Nga ba Dong Loc 14:05 #a1b2c3".to_owned(),
            json: json!({"kind": "stalled", "camera": "Đồng Lộc"}),
            closed: false,
            drill: true,
            picture: None,
        },
        created_at: UnixMicros(1_795_000_000_000_000),
        tries: 0,
        next_try_at: UnixMicros(1_795_000_000_000_000),
    }
}

pub(crate) fn open(kind: ChannelKind, deadline: Duration) -> Channel {
    let (channel, upkeep) = Channel::open(&config(kind, deadline)).expect("it can be used");
    assert!(upkeep.is_none());
    channel
}

pub(crate) fn config(kind: ChannelKind, deadline: Duration) -> ChannelConfig {
    let id = "way".try_into().expect("an id");
    ChannelConfig {
        id,
        deadline,
        retry_for: Duration::from_secs(3600),
        at_once: 4,
        feed: false,
        kind,
    }
}

pub(crate) fn secret(text: &str) -> Secret {
    SecretString::from(text).into()
}

/// Believes the certificate of a pair, and no other.
pub(crate) fn only(pair: &rcgen::CertifiedKey<rcgen::KeyPair>) -> Trust {
    Trust::Only(Arc::new([pair.cert.der().clone()]))
}

pub(crate) fn webhook(url: &str, trust: Trust) -> ChannelKind {
    let url = url.parse().expect("a URL");
    ChannelKind::Webhook(Webhook { url, secret: secret(SECRET), trust })
}

async fn call(script: Vec<Does>, deadline: Duration) -> (Result<Receipt, Failure>, Vec<Request>) {
    let hook = Hook::new(script, None).await;
    let url = format!("http://127.0.0.1:{}/alerts?route=7", hook.port);
    let answer = open(webhook(&url, Trust::System), deadline).send(&delivery("0912")).await;
    (answer, hook.requests())
}

async fn refusal(text: &'static str) -> Failure {
    let (answer, requests) = call(vec![Does::Answers(text)], PATIENT).await;
    assert_eq!(requests.len(), 1, "one try, one request");
    answer.expect_err(text)
}

fn signed(request: &Request) -> bool {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("any length");
    mac.update(format!("{}.{}", request.header("x-watchwall-timestamp"), request.body).as_bytes());
    let hex: String = mac.finalize().into_bytes().iter().map(|b| format!("{b:02x}")).collect();
    request.header("x-watchwall-signature") == format!("sha256={hex}")
}

#[tokio::test]
async fn a_webhook_is_signed_and_carries_what_tells_a_repeated_one() {
    let hook = Hook::new(vec![Does::Closes, Does::Answers(NO_CONTENT)], None).await;
    let url = format!("http://127.0.0.1:{}/alerts?route=7", hook.port);
    let channel = open(webhook(&url, Trust::System), PATIENT);
    let delivery = delivery("0912");
    let failure = channel.send(&delivery).await.expect_err("it was closed");
    assert!(failure.again, "{failure:?}");
    let receipt = channel.send(&delivery).await.expect("taken");
    assert_eq!(receipt.reference.as_deref(), Some("204"));
    let requests = hook.requests();
    let [first, second] = &requests[..] else { panic!("{requests:?}") };
    for request in [first, second] {
        assert_eq!(request.line, "POST /alerts?route=7 HTTP/1.1");
        assert_eq!(request.header("idempotency-key"), delivery.id.to_string());
        assert_eq!(request.header("host"), format!("127.0.0.1:{}", hook.port));
        assert!(signed(request), "{request:?}");
        let at: u64 = request.header("x-watchwall-timestamp").parse().expect("seconds");
        let now = UnixMicros::from(std::time::SystemTime::now()).0 / 1_000_000;
        assert!(now.abs_diff(at) < 120, "{at} is not about {now}");
    }
    assert_eq!(first.body, second.body);
    let body: serde_json::Value = serde_json::from_str(&first.body).expect("JSON");
    assert_eq!(body["delivery"], delivery.id.to_string());
    assert_eq!(body["alert"], delivery.alert.to_string());
    assert_eq!((&body["seq"], &body["drill"]), (&json!(41), &json!(true)));
    assert_eq!((&body["address"], &body["person"]), (&json!("0912"), &json!("lan")));
    assert_eq!(body["details"]["camera"], "Đồng Lộc");
}

#[tokio::test]
async fn an_answer_says_whether_another_try_may_do_better() {
    for (answer, again, told) in [
        ("HTTP/1.1 500 Oops\r\ncontent-length: 6\r\n\r\nbroken", true, "broken"),
        ("HTTP/1.1 503 Busy\r\n\r\n", true, "503"),
        ("HTTP/1.1 408 Late\r\n\r\n", true, "408"),
        ("HTTP/1.1 425 Early\r\n\r\n", true, "425"),
        ("HTTP/1.1 400 Bad\r\n\r\nno\r\n  such\x1b[2J route", false, "no such [2J route"),
        ("HTTP/1.1 401 Who\r\n\r\n", false, "401"),
        ("HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\n\r\n", false, "302"),
        ("nonsense\r\n\r\n", true, ""),
    ] {
        let failure = refusal(answer).await;
        assert_eq!(failure.again, again, "{answer:?}: {failure:?}");
        assert!(failure.told.contains(told), "{answer:?}: {failure:?}");
        assert!(!failure.told.is_empty() && !failure.told.contains(SECRET), "{failure:?}");
    }
}

#[tokio::test]
async fn a_receiver_that_asks_for_time_is_given_it() {
    let failure = refusal("HTTP/1.1 429 Slow\r\nretry-after: 17\r\n\r\n").await;
    assert_eq!((failure.again, failure.wait), (true, Some(Duration::from_secs(17))));
}

#[tokio::test]
async fn a_receiver_that_hangs_costs_the_deadline_and_no_more() {
    for does in [Does::Hangs, Does::AnswersLate(PATIENT, NO_CONTENT)] {
        let (answer, requests) = call(vec![does], HASTY).await;
        let failure = answer.expect_err("it hangs");
        assert!(failure.again && failure.told.contains("no answer within"), "{failure:?}");
        assert_eq!(requests.len(), 1);
    }
}

#[tokio::test]
async fn a_receiver_that_answers_twice_or_never_ends_is_taken_by_its_first_word() {
    let twice = "HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 500 Oops\r\n\r\n";
    let endless = "HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\nbut no more comes";
    for text in [twice, endless] {
        let (answer, requests) = call(vec![Does::Answers(text)], PATIENT).await;
        assert!(answer.is_ok(), "{text}: {answer:?}");
        assert_eq!(requests.len(), 1);
    }
}

#[tokio::test]
async fn nobody_at_the_address_is_worth_another_try() {
    let hook = Hook::new(vec![Does::Closes], None).await;
    let url = format!("http://127.0.0.1:{}/", hook.port);
    drop(hook);
    let failure = open(webhook(&url, Trust::System), PATIENT).send(&delivery("")).await;
    let failure = failure.expect_err("nobody listens");
    assert!(failure.again && !failure.told.is_empty(), "{failure:?}");
}

#[tokio::test]
async fn https_believes_the_authority_that_is_named_and_no_other() {
    let folder = tempfile::tempdir().expect("a folder");
    let (pair, other) = (write_pair(folder.path(), "hook"), write_pair(folder.path(), "other"));
    let key = PrivateKeyDer::try_from(pair.signing_key.serialize_der()).expect("a key");
    let chain: Vec<CertificateDer<'static>> = vec![pair.cert.der().clone()];
    let server = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions that ring has")
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .expect("a pair");
    let tls = Some(TlsAcceptor::from(Arc::new(server)));
    let hook = Hook::new(vec![Does::Answers(NO_CONTENT)], tls).await;
    let url = format!("https://localhost:{}/", hook.port);
    let answer = open(webhook(&url, only(&pair)), PATIENT).send(&delivery("")).await;
    assert!(answer.is_ok(), "{answer:?}");
    for (url, trust) in
        [(url, only(&other)), (format!("https://127.0.0.1:{}/", hook.port), only(&pair))]
    {
        let failure = open(webhook(&url, trust), PATIENT).send(&delivery("")).await;
        let failure = failure.expect_err("not believed");
        assert!(failure.again && failure.told.contains("certificate"), "{url}: {failure:?}");
    }
    assert_eq!(hook.requests().len(), 1, "nothing is said to one that is not believed");
}

fn email(port: u16, tls: MailTls, trust: Trust, password: Option<&str>) -> ChannelKind {
    ChannelKind::Email(Email {
        server: Server { host: "localhost".to_owned(), port },
        tls,
        from: "watchwall@example.vn".to_owned(),
        sign_in: password.map(|password| SignIn {
            username: "watchwall".to_owned(),
            password: secret(password),
        }),
        trust,
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_arrives_in_vietnamese_and_is_the_same_mail_at_every_try() {
    let mut server = Receiver::smtp(Wanted::default());
    let channel = open(email(server.port, MailTls::None, Trust::System, None), PATIENT);
    let delivery = delivery("lan@example.vn");
    let mut mails = Vec::new();
    for n in 1..=2 {
        let receipt = channel.send(&delivery).await.expect("taken");
        let said = format!("250 2.0.0 taken as {n}");
        assert_eq!(receipt.reference.as_deref(), Some(said.as_str()));
        mails.push(server.line());
    }
    assert_eq!(mails[0], mails[1]);
    assert_eq!(mails[0]["from"], "watchwall@example.vn");
    assert_eq!(mails[0]["to"], json!(["lan@example.vn"]));
    let mail = mails[0]["mail"].as_str().expect("text");
    let id = format!("Message-ID: <{}@example.vn>\r\n", delivery.id);
    let conversation = format!("References: <{}@example.vn>\r\n", delivery.alert);
    for part in [id.as_str(), &conversation, "Auto-Submitted: auto-generated", "X-Priority: 1"] {
        assert!(mail.contains(part), "{part:?} is not in\n{mail}");
    }
    assert!(mail.contains("Subject: =?utf-8?b?TeG6pXQg"), "{mail}");
    assert!(mail.contains("Camera 101 m=E1=BA=A5t t=C3=ADn hi=E1=BB=87u."), "{mail}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_with_a_picture_has_both() {
    let mut server = Receiver::smtp(Wanted::default());
    let channel = open(email(server.port, MailTls::None, Trust::System, None), PATIENT);
    let mut delivery = delivery("lan@example.vn");
    delivery.message.picture = Some(Bytes::from_static(b"\xff\xd8 a picture \xff\xd9"));
    channel.send(&delivery).await.expect("taken");
    let line = server.line();
    let mail = line["mail"].as_str().expect("text");
    for part in
        ["multipart/mixed", "text/plain", "image/jpeg", "camera.jpg", "/9ggYSBwaWN0dXJlIP/Z"]
    {
        assert!(mail.contains(part), "{part:?} is not in\n{mail}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn starttls_and_tls_protect_the_sign_in_and_believe_nobody_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let (pair, other) = (write_pair(folder.path(), "mail"), write_pair(folder.path(), "other"));
    for (flag, tls) in [("--starttls", MailTls::Starttls), ("--tls", MailTls::Tls)] {
        let mut server = Receiver::smtp(Wanted {
            certificate: Some((folder.path(), "mail")),
            sign_in: Some(("watchwall", "right")),
            flags: &[flag],
        });
        let mail = |trust, password| {
            let channel = open(email(server.port, tls, trust, password), PATIENT);
            async move { channel.send(&delivery("lan@example.vn")).await }
        };
        mail(only(&pair), Some("right")).await.unwrap_or_else(|failure| panic!("{failure:?}"));
        let wrong = mail(only(&pair), Some("wrong")).await.expect_err("535");
        assert!(!wrong.again && wrong.told.contains("535"), "{wrong:?}");
        assert!(!wrong.told.contains("wrong"), "{wrong:?}");
        let nobody = mail(only(&pair), None).await.expect_err("530");
        assert!(!nobody.again && nobody.told.contains("530"), "{nobody:?}");
        let disbelieved = mail(only(&other), Some("right")).await.expect_err("not believed");
        assert!(disbelieved.again && disbelieved.told.contains("certificate"), "{disbelieved:?}");
        let taken = server.line();
        assert_eq!((&taken["tls"], &taken["user"]), (&json!(true), &json!("watchwall")), "{flag}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_mail_leaves_in_clear_when_starttls_is_not_offered() {
    let server = Receiver::smtp(Wanted::default());
    let channel = open(email(server.port, MailTls::Starttls, Trust::System, None), PATIENT);
    let failure = channel.send(&delivery("lan@example.vn")).await.expect_err("refused by us");
    assert!(failure.again && failure.told.contains("STARTTLS"), "{failure:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_server_says_whether_another_try_may_do_better() {
    let server = Receiver::smtp(Wanted::default());
    let kind = || email(server.port, MailTls::None, Trust::System, None);
    let channel = open(kind(), PATIENT);
    let busy = channel.send(&delivery("busy@example.vn")).await.expect_err("451");
    assert!(busy.again && busy.told.contains("451"), "{busy:?}");
    let later = channel.send(&delivery("busy@example.vn")).await;
    assert!(later.is_ok(), "{later:?}");
    let nobody = channel.send(&delivery("nobody@example.vn")).await.expect_err("550");
    assert!(!nobody.again && nobody.told.contains("nobody of that name"), "{nobody:?}");
    let address = channel.send(&delivery("nobody")).await.expect_err("no address");
    assert!(!address.again && address.told.contains("no e-mail address"), "{address:?}");
    let silent = open(kind(), HASTY).send(&delivery("silent@example.vn")).await;
    let silent = silent.expect_err("no reply");
    assert!(silent.again && silent.told.contains("no reply within"), "{silent:?}");
}
