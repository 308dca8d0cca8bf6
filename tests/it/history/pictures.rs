//! Kept pictures through the API.

use reqwest::header::{CONTENT_TYPE, IF_NONE_MATCH};
use watchwall::{
    domain::{camera::Condition, history::Keep, picture::Light},
    store::KeptPicture,
};

use super::Archive;
use crate::past::{at, camera as subject, id, raised, write};

#[tokio::test]
async fn the_pictures_that_are_kept_are_listed_and_an_event_never_changes() {
    let archive = Archive::new().await;
    let life = archive.store.begin_life(at(0), true).await.expect("a write");
    let frozen = raised(subject("cam-001"), Condition::Frozen, at(30));
    write(&archive.store, life, at(40), vec![frozen]).await;
    for (keep, seconds) in [
        (Keep::Event(Condition::Frozen, at(30)), 29),
        (Keep::Event(Condition::Covered, at(60)), 59),
        (Keep::Reference(Light::Day), 5),
    ] {
        let jpeg = format!("jpeg {seconds}").into();
        let camera = id("cam-001");
        let picture = KeptPicture { camera, keep, captured_at: at(seconds), jpeg };
        archive.store.keep_picture(picture).await.expect("a write");
    }
    let list = archive.json("/api/v1/cameras/cam-001/pictures").await;
    let kinds: Vec<_> =
        list.as_array().expect("a list").iter().map(|p| p["kind"].as_str()).collect();
    assert_eq!(kinds, ["reference-day", "event", "event", "current"].map(Some));
    for (n, text) in [(0, "jpeg 5"), (1, "jpeg 59"), (2, "jpeg 29"), (3, "jpeg 1 None")] {
        let answer = archive.get(list[n]["url"].as_str().expect("a path")).await;
        assert_eq!(answer.headers()[CONTENT_TYPE], "image/jpeg");
        assert_eq!(answer.text().await.expect("bytes"), text);
    }
    let history = archive.json("/api/v1/cameras/cam-001/history").await;
    assert_eq!(history["entries"][0]["picture"], list[2]["url"]);

    let event = archive.get(list[2]["url"].as_str().expect("a path")).await;
    assert_eq!(event.headers()["cache-control"], "private, max-age=86400, immutable");
    assert_eq!(event.headers()["x-captured-at"], "2024-01-31T17:00:29Z");
    let newest = archive.get("/api/v1/cameras/cam-001/pictures/event.jpg").await;
    assert_eq!(newest.headers()["cache-control"], "no-cache");
    let tag = newest.headers()["etag"].clone();
    assert_eq!(newest.text().await.expect("bytes"), "jpeg 59");
    let url = archive.centre.url("/api/v1/cameras/cam-001/pictures/event.jpg");
    let again = archive.client.get(url).header(IF_NONE_MATCH, tag).send().await.expect("one");
    assert_eq!(again.status(), 304);
    let references = &archive.json("/api/v1/cameras/cam-001").await["references"];
    assert_eq!(references[0]["url"], "/api/v1/cameras/cam-001/pictures/reference-day.jpg");
    assert_eq!(references.as_array().map(Vec::len), Some(1));
}
