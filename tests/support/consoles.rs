//! Consoles at the control socket, as far as alerts go: each keeps what it has over drops, says what
//! it has received, and remembers every change in its order with the moment at which it came.

use std::{
    borrow::Cow,
    net::SocketAddr,
    ops::Range,
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, Instant},
};

use futures_util::{SinkExt, StreamExt};
use rand::{Rng, SeedableRng, rngs::SmallRng};
use serde::Deserialize;
use tokio::{
    net::TcpSocket,
    sync::watch,
    task::JoinHandle,
    time::{sleep, sleep_until, timeout},
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Message, client::IntoClientRequest},
};
use uuid::Uuid;

use super::paced::Paced;

/// A console may say 20 things a second; `received` holds for all before it.
const CONFIRM_EVERY: Duration = Duration::from_millis(250);

/// Between two tries to connect.
const AGAIN_AFTER: Duration = Duration::from_millis(100);

/// How a console behaves.
#[derive(Clone, Debug)]
pub(crate) enum Manner {
    /// It stays and reads.
    Steady,
    /// It stays for some milliseconds, then goes: every other time without a word.
    Drops(Range<u64>, u64),
    /// It reads so many bytes a second, from a small buffer.
    Slow(u32),
    /// It stays and reads nothing while this is true.
    Deaf(watch::Receiver<bool>),
}

/// A change as it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Heard {
    pub(crate) seq: u64,
    pub(crate) alert: Uuid,
    pub(crate) at: Instant,
}

/// What a console has.
#[derive(Clone, Debug, Default)]
pub(crate) struct Book {
    /// In the order in which they came.
    pub(crate) changes: Vec<Heard>,
    /// Changes that came although it had them.
    pub(crate) again: u64,
    /// Times that it was connected.
    pub(crate) connections: u64,
    /// Closed by the service because it was too slow.
    pub(crate) too_slow: u64,
    /// What must never happen: a hole, a reset.
    pub(crate) faults: Vec<String>,
}

impl Book {
    /// The newest that it has.
    pub(crate) fn last(&self) -> u64 {
        self.changes.last().map_or(0, |change| change.seq)
    }

    fn take(&mut self, seq: u64, alert: Uuid) {
        let last = self.last();
        if seq <= last {
            self.again += 1;
        } else if seq == last + 1 {
            self.changes.push(Heard { seq, alert, at: Instant::now() });
        } else {
            self.faults.push(format!("after {last} came {seq}"));
        }
    }
}

/// A console that runs until it is dropped.
pub(crate) struct Console {
    book: Arc<Mutex<Book>>,
    task: JoinHandle<()>,
}

impl Drop for Console {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Console {
    /// Goes on with what `book` has.
    pub(crate) fn new(address: SocketAddr, manner: Manner, book: Book) -> Self {
        let book = Arc::new(Mutex::new(book));
        let task = tokio::spawn(live(address, manner, book.clone()));
        Self { book, task }
    }

    /// What it has by now.
    pub(crate) fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().expect("nobody panics with it")
    }

    /// Waits until it has all up to `seq`, and says how long that took.
    pub(crate) async fn until(&self, seq: u64, within: Duration) -> Duration {
        let began = Instant::now();
        loop {
            {
                let book = self.book();
                if book.last() >= seq {
                    break;
                }
                let late = began.elapsed() >= within;
                assert!(!late, "it has {} of {seq}; {:?}", book.last(), book.faults);
            }
            sleep(Duration::from_millis(20)).await;
        }
        began.elapsed()
    }
}

type Socket = WebSocketStream<Paced>;

async fn live(address: SocketAddr, manner: Manner, book: Arc<Mutex<Book>>) {
    let mut random = SmallRng::seed_from_u64(match manner {
        Manner::Drops(_, seed) => seed,
        _ => 0,
    });
    loop {
        let Some(mut socket) = connect(address, &manner).await else {
            sleep(AGAIN_AFTER).await;
            continue;
        };
        book.lock().expect("nobody panics").connections += 1;
        let stays = match &manner {
            Manner::Drops(stays, _) => Duration::from_millis(random.random_range(stays.clone())),
            _ => Duration::from_secs(24 * 3600),
        };
        converse(&mut socket, &manner, Instant::now() + stays, &book).await;
        if random.random() {
            // Otherwise it goes without a word.
            let _ = timeout(Duration::from_secs(1), socket.close(None)).await;
        }
    }
}

async fn connect(address: SocketAddr, manner: &Manner) -> Option<Socket> {
    /// Bytes: a slow link has no megabytes on the way.
    const SMALL: u32 = 16 << 10;
    let mut request =
        format!("ws://{address}/api/v1/control").into_client_request().expect("a URL");
    let protocol = "watchwall.v1".parse().expect("plain");
    request.headers_mut().insert("sec-websocket-protocol", protocol);
    let socket = TcpSocket::new_v4().ok()?;
    let rate = match manner {
        Manner::Slow(rate) => Some(*rate),
        _ => None,
    };
    if matches!(manner, Manner::Slow(_) | Manner::Deaf(_)) {
        socket.set_recv_buffer_size(SMALL).ok()?;
    }
    let stream = Paced::new(socket.connect(address).await.ok()?, rate);
    Some(tokio_tungstenite::client_async(request, stream).await.ok()?.0)
}

#[derive(Deserialize)]
struct Said<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    seq: Option<u64>,
    #[serde(borrow)]
    id: Option<Cow<'a, str>>,
}

/// Until it goes, or the service closes.
async fn converse(socket: &mut Socket, manner: &Manner, goes: Instant, book: &Mutex<Book>) {
    let book = || book.lock().expect("nobody panics with it");
    let after = book().last();
    let resume = format!(r#"{{"type":"resume","after":{after}}}"#);
    if socket.send(Message::text(resume)).await.is_err() {
        return;
    }
    let mut confirmed = after;
    let mut confirm = tokio::time::interval(CONFIRM_EVERY);
    loop {
        if let Manner::Deaf(deaf) = manner {
            let mut deaf = deaf.clone();
            // Who told it is gone: it hears again.
            let _ = deaf.wait_for(|deaf| !deaf).await;
        }
        let message = tokio::select! {
            () = sleep_until(goes.into()) => return,
            _ = confirm.tick() => {
                let last = book().last();
                if last > confirmed {
                    confirmed = last;
                    let received = format!(r#"{{"type":"received","seq":{last}}}"#);
                    if socket.send(Message::text(received)).await.is_err() {
                        return;
                    }
                }
                continue;
            }
            message = socket.next() => message,
        };
        match message {
            Some(Ok(Message::Text(text))) => {
                let said: Said<'_> = serde_json::from_str(&text).expect("a message");
                match (said.kind.as_ref(), said.seq, said.id) {
                    ("alert", Some(seq), Some(id)) => {
                        book().take(seq, id.parse().expect("an id"));
                    }
                    ("reset", ..) => {
                        let mut book = book();
                        let fault = format!("reset after {}", book.last());
                        book.faults.push(fault);
                    }
                    _ => {}
                }
            }
            Some(Ok(Message::Close(close))) => {
                let slow = close.is_some_and(|close| u16::from(close.code) == 4008);
                book().too_slow += u64::from(slow);
            }
            Some(Ok(_)) => {}
            Some(Err(_)) | None => return,
        }
    }
}
