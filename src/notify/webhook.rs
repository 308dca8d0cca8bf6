//! `kind = "webhook"`: one signed POST for each try, on a connection of its own.
//!
//! The signature is HMAC-SHA-256 over `timestamp "." body`, so that nobody can send in our name,
//! change what we sent, or send it again later. No redirect is followed: whoever is the receiver
//! is written in the configuration.

use std::{future::poll_fn, pin::Pin, sync::Arc, time::Duration};

use hmac::{Hmac, KeyInit, Mac};
use hyper::{
    Request, Response, StatusCode,
    body::{Body, Incoming},
    client::conn::http1,
    header::{self, HeaderMap, HeaderValue},
};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use sha2::Sha256;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::TlsConnector;
use url::Url;

use super::{Failure, Receipt, told, trust};
use crate::{
    config::{Secret, Webhook},
    domain::{alert::delivery::Delivery, time::UnixMicros},
};

/// Calls one address.
pub(super) struct Caller {
    host: String,
    port: u16,
    /// Host, and port unless it is the usual one.
    authority: HeaderValue,
    /// Path and query.
    target: String,
    secret: Secret,
    tls: Option<(TlsConnector, ServerName<'static>)>,
}

impl Caller {
    pub(super) fn new(config: &Webhook) -> Result<Self, String> {
        let Webhook { url, secret, trust } = config;
        let host = url.host_str().ok_or("its url has no host")?;
        let bare = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let port = url.port_or_known_default().ok_or("its url has no port")?;
        let tls = match url.scheme() {
            "https" => {
                let connector = TlsConnector::from(Arc::new(trust::client(trust)?));
                let name = ServerName::try_from(bare.clone()).map_err(|error| error.to_string())?;
                Some((connector, name))
            }
            _ => None,
        };
        let authority = match url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        };
        Ok(Self {
            host: bare,
            port,
            authority: authority.parse().map_err(|_| "its host is no header")?,
            target: target(url),
            secret: secret.clone(),
            tls,
        })
    }

    pub(super) async fn send(
        &self,
        delivery: &Delivery,
        deadline: Duration,
    ) -> Result<Receipt, Failure> {
        match timeout(deadline, self.call(delivery)).await {
            Ok(answer) => answer,
            Err(_) => Err(Failure::passing(format!("no answer within {deadline:?}"))),
        }
    }

    async fn call(&self, delivery: &Delivery) -> Result<Receipt, Failure> {
        let now = UnixMicros::from(std::time::SystemTime::now());
        let request = self.request(delivery, now)?;
        let stream = self.connect().await?;
        let failed = |error: hyper::Error| Failure::passing(told::chain(&error));
        let (mut sender, connection) =
            http1::handshake(TokioIo::new(stream)).await.map_err(failed)?;
        let mut connection = std::pin::pin!(connection);
        let mut exchange = std::pin::pin!(async {
            let response = sender.send_request(request).await.map_err(failed)?;
            judge(response, now).await
        });
        // The connection is driven here, so that it ends with the try, however that ends.
        tokio::select! {
            biased;
            answer = &mut exchange => answer,
            _ = &mut connection => exchange.await,
        }
    }

    async fn connect(&self) -> Result<Box<dyn Stream>, Failure> {
        let failed = |error: std::io::Error| Failure::passing(told::chain(&error));
        let stream = TcpStream::connect((self.host.as_str(), self.port)).await.map_err(failed)?;
        match &self.tls {
            None => Ok(Box::new(stream)),
            Some((connector, name)) => {
                let stream = connector.connect(name.clone(), stream).await.map_err(failed)?;
                Ok(Box::new(stream))
            }
        }
    }

    fn request(&self, delivery: &Delivery, now: UnixMicros) -> Result<Request<String>, Failure> {
        let body = body(delivery);
        let timestamp = (now.0 / 1_000_000).to_string();
        let signature = signature(&self.secret, &timestamp, &body);
        Request::post(&self.target)
            .header(header::HOST, self.authority.clone())
            .header(header::USER_AGENT, concat!("watchwall/", env!("CARGO_PKG_VERSION")))
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::CONNECTION, "close")
            .header("idempotency-key", delivery.id.to_string())
            .header("x-watchwall-timestamp", timestamp)
            .header("x-watchwall-signature", format!("sha256={signature}"))
            .body(body)
            .map_err(|error| Failure::lasting(told::chain(&error)))
    }
}

/// A connection, in clear or not.
trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

fn target(url: &Url) -> String {
    match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    }
}

/// What is posted; `docs/protocol.md` describes it.
fn body(delivery: &Delivery) -> String {
    let Delivery { message, .. } = delivery;
    serde_json::json!({
        "delivery": delivery.id,
        "alert": delivery.alert,
        "seq": delivery.seq,
        "channel": delivery.channel,
        "person": delivery.person,
        "address": delivery.address,
        "priority": message.priority,
        "subject": message.subject,
        "text": message.text,
        "compact": message.compact,
        "closed": message.closed,
        "drill": message.drill,
        "details": message.json,
    })
    .to_string()
}

/// In hexadecimal digits.
fn signature(secret: &Secret, timestamp: &str, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes())
        .expect("HMAC takes keys of every length");
    for part in [timestamp, ".", body] {
        mac.update(part.as_bytes());
    }
    mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What an answer means.
async fn judge(response: Response<Incoming>, now: UnixMicros) -> Result<Receipt, Failure> {
    let status = response.status();
    if status.is_success() {
        return Ok(Receipt { reference: Some(status.as_u16().to_string()) });
    }
    let wait = retry_after(response.headers(), now);
    let said = beginning(response.into_body()).await;
    let told = told::line(&format!("{status}: {said}"));
    let told = told.trim_end_matches([':', ' ']).to_owned();
    let again = status.is_server_error()
        || matches!(
            status,
            StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY | StatusCode::TOO_MANY_REQUESTS
        );
    Err(Failure { again, wait: wait.filter(|_| again), told })
}

/// Seconds or a date (RFC 9110 §10.2.3). How long that may be is the postman's.
fn retry_after(headers: &HeaderMap, now: UnixMicros) -> Option<Duration> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = jiff::fmt::rfc2822::parse(text).ok()?.timestamp().as_microsecond();
    u64::try_from(at).ok().map(|at| UnixMicros(at).since(now))
}

/// The first words of a body, if they come soon. Whatever they are, the status is what counts.
async fn beginning(mut body: Incoming) -> String {
    let mut text = Vec::new();
    let read = async {
        while text.len() < BODY_MAX
            && let Some(Ok(frame)) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await
        {
            if let Some(data) = frame.data_ref() {
                text.extend_from_slice(&data[..data.len().min(BODY_MAX - text.len())]);
            }
        }
    };
    // What was read until then is kept.
    let _ = timeout(BODY_WAIT, read).await;
    String::from_utf8_lossy(&text).into_owned()
}

/// More than is told of it.
const BODY_MAX: usize = 1024;

/// A body that comes with its head is here at once.
const BODY_WAIT: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMicros = UnixMicros(784_111_777_000_000);

    fn header(text: &str) -> Option<Duration> {
        let value = HeaderValue::from_str(text).expect("a header");
        retry_after(&HeaderMap::from_iter([(header::RETRY_AFTER, value)]), NOW)
    }

    #[test]
    fn retry_after_is_read_as_seconds_and_as_a_date() {
        assert_eq!(header("120"), Some(Duration::from_secs(120)));
        assert_eq!(header("Sun, 06 Nov 1994 08:50:07 GMT"), Some(Duration::from_secs(30)));
        assert_eq!(header("Sun, 06 Nov 1994 08:49:07 GMT"), Some(Duration::ZERO));
        assert_eq!(header("soon"), None);
        assert_eq!(header("-5"), None);
    }

    #[test]
    fn the_signature_is_that_of_the_standard() {
        // By Python's hmac: hmac.new(b"Jefe", b"1700000000.{}", hashlib.sha256).
        let secret = Secret::from(secrecy::SecretString::from("Jefe"));
        let signed = signature(&secret, "1700000000", "{}");
        assert_eq!(signed, "d3793e2b4103edfbd98cc19591832f5fad701d413db9fcae0ae7dab8184ed207");
    }

    #[test]
    fn the_query_of_the_address_is_kept() {
        let url = |text: &str| target(&text.parse().expect("a URL"));
        assert_eq!(url("https://sms.example/send?route=7&x=%20"), "/send?route=7&x=%20");
        assert_eq!(url("http://sms.example"), "/");
    }
}
