//! The usual ways: axum's WebSocket, a task per viewer, `send` per message. What differs is how a
//! message reaches the tasks: a bounded queue for each, or one tokio broadcast channel.

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    extract::{State, WebSocketUpgrade, ws::Message},
    response::Response,
    routing::get,
    serve::ListenerExt,
};
use bytes::Bytes;
use tokio::{
    net::TcpListener,
    sync::{broadcast, mpsc},
};

use super::{
    Path,
    frame::message,
    mix::{Lane, Publish},
    one_worker,
};

/// Messages that a viewer may be behind.
const KEPT: usize = 1024;

/// A queue for each viewer.
pub(crate) fn queues(lane: Lane) -> Path {
    type Viewers = Arc<Mutex<Vec<mpsc::Sender<Bytes>>>>;

    async fn subscribe(State(viewers): State<Viewers>, upgrade: WebSocketUpgrade) -> Response {
        let (sender, mut messages) = mpsc::channel(KEPT);
        viewers.lock().expect("no panic").push(sender);
        upgrade.protocols(["watchwall.media.v1"]).on_upgrade(async move |mut socket| {
            while let Some(message) = messages.recv().await {
                if socket.send(Message::Binary(message)).await.is_err() {
                    return;
                }
            }
        })
    }

    let viewers = Viewers::default();
    let router = Router::new().route("/api/v1/media", get(subscribe)).with_state(viewers.clone());
    let publish: Publish = Box::new(move |picture| {
        let message = message(lane, &picture);
        for viewer in &*viewers.lock().expect("no panic") {
            // One that is behind misses it.
            let _ = viewer.try_send(message.clone());
        }
    });
    serve(router, publish)
}

/// One channel for all.
pub(crate) fn broadcast(lane: Lane) -> Path {
    async fn subscribe(
        State(sender): State<broadcast::Sender<Bytes>>,
        upgrade: WebSocketUpgrade,
    ) -> Response {
        let mut messages = sender.subscribe();
        upgrade.protocols(["watchwall.media.v1"]).on_upgrade(async move |mut socket| {
            loop {
                match messages.recv().await {
                    Ok(message) => {
                        if socket.send(Message::Binary(message)).await.is_err() {
                            return;
                        }
                    }
                    Err(broadcast::error::RecvError::Lagged(_)) => {}
                    Err(broadcast::error::RecvError::Closed) => return,
                }
            }
        })
    }

    let sender = broadcast::Sender::new(KEPT);
    let router = Router::new().route("/api/v1/media", get(subscribe)).with_state(sender.clone());
    let publish: Publish = Box::new(move |picture| {
        // Nobody listening yet is fine.
        let _ = sender.send(message(lane, &picture));
    });
    serve(router, publish)
}

fn serve(router: Router, publish: Publish) -> Path {
    let runtime = one_worker("axum");
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a free port");
    let address = listener.local_addr().expect("bound");
    runtime.spawn(async move {
        let listener = listener.tap_io(|stream| stream.set_nodelay(true).expect("a socket"));
        axum::serve(listener, router).await
    });
    Path { address, publish, stop: Box::new(move || runtime.shutdown_background()) }
}
