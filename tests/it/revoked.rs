//! Rights that change while sockets are open.

use std::time::{Duration, Instant};

use futures_util::StreamExt;
use tokio_tungstenite::tungstenite::Message;
use watchwall::{
    desk::view::Change,
    domain::{access::Role, camera::Handle, media::Header},
    store::AccountChange,
};

use crate::{
    centre::Client,
    guarded::{Guarded, grant, note},
    town::WITHIN,
};

const ALL: &str = r#"{"type":"subscribe","tiles":{"cameras":["*"],"width":320}}"#;

/// Reads until the service closes: the code, and when the last message with something foreign came.
async fn until_closed(
    mut client: Client,
    foreign: impl Fn(&Message) -> bool,
) -> (u16, Instant, Option<Instant>) {
    let mut last = None;
    loop {
        let message = tokio::time::timeout(WITHIN, client.socket.next()).await;
        match message.expect("it closes in time") {
            Some(Ok(Message::Close(Some(close)))) => {
                return (close.code.into(), Instant::now(), last);
            }
            Some(Ok(message)) => {
                if foreign(&message) {
                    last = Some(Instant::now());
                }
            }
            other => panic!("ended without a close frame: {other:?}"),
        }
    }
}

/// Goal 6: a right that is taken, or a disabled user, while streams run.
#[tokio::test(flavor = "multi_thread")]
async fn who_loses_a_right_sees_nothing_more_of_it_two_seconds_later() {
    let changes = [
        ("a right is taken", AccountChange::Revoke(grant(Role::Operator, &["can-loc"]))),
        ("disabled", AccountChange::Disable),
    ];
    for (what, change) in changes {
        let guarded = Guarded::start(4).await;
        let both = vec![grant(Role::Operator, &["ky-anh", "can-loc"])];
        guarded.account("lan", both).await;
        let cookie = guarded.enter("lan").await;
        let control = guarded.control(&cookie).await.expect("a socket");
        let mut media = guarded.media(&cookie).await.expect("a socket");
        media.say(ALL).await;
        // Odd cameras are of can-loc: their pictures and words come again and again.
        let (centre, view) = (&guarded.centre, guarded.centre.view.clone());
        let stream = async {
            let mut number = 0_u8;
            loop {
                for camera in 1..=4 {
                    centre.publish(camera, 320, number, 2000);
                    let camera = view.cameras.get(&Handle(camera)).expect("it is there").clone();
                    view.tell(Change::Camera(camera));
                }
                number = number.wrapping_add(1);
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let watched = async {
            assert!(media.tile().await.0.camera.0 > 0);
            let name = "lan".try_into().expect("a name");
            // As the command line does it, in another process.
            guarded.store.change_account(name, change, note()).await.expect("the store works");
            let changed = Instant::now();
            let odd = |message: &Message| match message {
                Message::Binary(bytes) => {
                    Header::decode(bytes).is_some_and(|header| header.camera.0 % 2 == 1)
                }
                _ => false,
            };
            let named = |message: &Message| match message {
                Message::Text(text) => text.contains("cam-001") || text.contains("cam-003"),
                _ => false,
            };
            let (pictures, words) =
                tokio::join!(until_closed(media, odd), until_closed(control, named));
            (changed, pictures, words)
        };
        let (changed, pictures, words) = tokio::select! {
            watched = watched => watched,
            () = stream => unreachable!("it goes on for ever"),
        };
        for (socket, (code, closed, last)) in [("media", pictures), ("control", words)] {
            let after = |at: Instant| at.saturating_duration_since(changed);
            println!(
                "{what}, {socket}: last foreign byte {:?}, closed {:?} after the change",
                last.map(after),
                after(closed)
            );
            assert_eq!(code, 4001);
            // Two seconds are the promise on a machine that is not busy with other tests.
            assert!(after(closed) < Duration::from_secs(20), "{socket}: {:?}", after(closed));
        }
        let (status, cameras) = guarded.get("/api/v1/cameras", &cookie).await;
        if what == "disabled" {
            assert_eq!(status, 401);
        } else {
            assert_eq!(cameras.as_array().map(Vec::len), Some(2), "{cameras}");
            let mut control = guarded.control(&cookie).await.expect("it may come again");
            let cameras = control.json_of("cameras").await.to_string();
            assert!(!cameras.contains("cam-001") && cameras.contains("cam-002"), "{cameras}");
        }
    }
}
