//! Colleagues show each other cameras, at consoles that are open.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::Instant;
use watchwall::domain::access::Role;

use crate::{
    centre::Client,
    guarded::{Credentials, Guarded, grant},
    town::WITHIN,
};

/// Odd cameras are of can-loc, even ones of ky-anh.
const CAN_LOC: &str = "cam-001";
const KY_ANH: &str = "cam-002";

/// A service with lan, who sees both sites, and minh, who sees ky-anh.
async fn start() -> (Guarded, Credentials, Credentials) {
    let guarded = Guarded::start(4).await;
    guarded.account("lan", vec![grant(Role::Operator, &["ky-anh", "can-loc"])]).await;
    guarded.account("minh", vec![grant(Role::Duty, &["ky-anh"])]).await;
    let (lan, minh) = (guarded.enter("lan").await, guarded.enter("minh").await);
    (guarded, lan, minh)
}

async fn console(guarded: &Guarded, who: &Credentials) -> Client {
    let path = "/api/v1/control?at=console";
    let mut console = guarded.socket(path, "watchwall.v1", who).await.expect("a socket");
    console.json_of("cameras").await;
    console
}

async fn hand(guarded: &Guarded, by: &Credentials, to: &str, camera: &str) -> (u16, Value) {
    let body = json!({ "to": to, "camera": camera });
    let answer = guarded.ask(Method::POST, "/api/v1/consoles", by, Some(body)).await;
    (answer.status().as_u16(), answer.json().await.expect("JSON"))
}

/// Waits until the list of consoles is this.
async fn listed(guarded: &Guarded, by: &Credentials, wanted: Value) {
    let deadline = Instant::now() + WITHIN;
    loop {
        let (status, list) = guarded.get("/api/v1/consoles", by).await;
        assert_eq!(status, 200);
        if list == wanted {
            return;
        }
        assert!(Instant::now() < deadline, "{list} is not {wanted}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_camera_comes_up_at_the_console_of_whom_it_is_sent_to_and_nowhere_else() {
    let (guarded, lan, minh) = start().await;
    let mut theirs = console(&guarded, &minh).await;
    let mut own = console(&guarded, &lan).await;
    let both = json!([{ "person": "lan", "consoles": 1 }, { "person": "minh", "consoles": 1 }]);
    listed(&guarded, &minh, both).await;
    let (status, shown) = hand(&guarded, &lan, "minh", KY_ANH).await;
    assert_eq!((status, &shown["consoles"]), (200, &json!(1)));
    let handed = theirs.json_of("handed").await;
    assert_eq!((&handed["camera"], &handed["by"]), (&json!(KY_ANH), &json!("lan")));
    assert_eq!(handed["hand"], shown["hand"]);
    // Over the socket as well, and back.
    let order = json!({ "type": "command", "command": "hand", "to": "lan", "camera": KY_ANH,
                        "request": "r-1" });
    theirs.say(order.to_string()).await;
    assert_eq!(theirs.json_of("done").await["request"], "r-1");
    // The first that lan's own console hears of any: the one before was for minh alone.
    assert_eq!(own.json_of("handed").await["by"], "minh");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_colleague_may_not_see_is_not_sent_and_what_one_does_not_see_is_not_there() {
    let (guarded, lan, minh) = start().await;
    let mut theirs = console(&guarded, &minh).await;
    listed(&guarded, &lan, json!([{ "person": "minh", "consoles": 1 }])).await;
    let (status, problem) = hand(&guarded, &lan, "minh", CAN_LOC).await;
    assert_eq!(status, 403, "{problem}");
    let foreign = hand(&guarded, &minh, "minh", CAN_LOC).await;
    let unknown = hand(&guarded, &minh, "minh", "cam-999").await;
    assert_eq!((foreign.0, unknown.0), (404, 404));
    assert_eq!(hand(&guarded, &lan, "minh", KY_ANH).await.0, 200);
    // Of the one that was refused, nothing came.
    assert_eq!(theirs.json_of("handed").await["camera"], KY_ANH);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_at_no_console_is_not_reached_and_the_sender_hears_it() {
    let (guarded, lan, minh) = start().await;
    // A page without a desk, as a wall's.
    let _page = guarded.control(&minh).await.expect("a socket");
    assert_eq!(hand(&guarded, &lan, "minh", KY_ANH).await.0, 409);
    let theirs = console(&guarded, &minh).await;
    listed(&guarded, &lan, json!([{ "person": "minh", "consoles": 1 }])).await;
    drop(theirs);
    listed(&guarded, &lan, json!([])).await;
    let (status, problem) = hand(&guarded, &lan, "minh", KY_ANH).await;
    assert_eq!(status, 409);
    assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains("minh")), "{problem}");
}

/// What whoever sent a camera hears of it.
async fn answered(sender: &mut Client, hand: &Value, outcome: &str) {
    let told = sender.json_of("answered").await;
    assert_eq!((&told["hand"], &told["outcome"]), (hand, &json!(outcome)), "{told}");
    assert_eq!((&told["to"], &told["camera"]), (&json!("minh"), &json!(KY_ANH)));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sender_hears_whether_a_camera_was_taken_put_aside_or_came_to_a_console_that_went() {
    let (guarded, lan, minh) = start().await;
    let mut theirs = console(&guarded, &minh).await;
    let mut own = console(&guarded, &lan).await;
    let both = json!([{ "person": "lan", "consoles": 1 }, { "person": "minh", "consoles": 1 }]);
    listed(&guarded, &lan, both).await;
    let send = async || hand(&guarded, &lan, "minh", KY_ANH).await.1["hand"].clone();
    let say = |hand: &Value, outcome: &str| {
        json!({ "type": "answer", "hand": hand, "outcome": outcome }).to_string()
    };

    let (taken, closed) = (send().await, send().await);
    // Nobody but those who were shown it says what becomes of it.
    own.say(say(&taken, "put-aside")).await;
    theirs.say(say(&closed, "put-aside")).await;
    theirs.say(say(&taken, "taken")).await;
    answered(&mut own, &closed, "put-aside").await;
    answered(&mut own, &taken, "taken").await;
    // A second word changes nothing: the next that is heard is of another camera.
    theirs.say(say(&taken, "put-aside")).await;
    let gone = send().await;
    drop(theirs);
    answered(&mut own, &gone, "gone").await;
}
