//! What people order through the API, and what is refused.

use reqwest::header::{CONTENT_TYPE, ORIGIN};
use serde_json::{Value, json};
use watchwall::{
    desk::command::{Command, Done, Refused},
    domain::{
        maintenance::{Maintenance, MaintenanceId},
        picture::ReferenceCommand,
        time::UnixMicros,
        wall::Selector,
    },
};

use super::{Archive, detail};
use crate::{past::id, served::now_us};

#[tokio::test]
async fn an_order_reaches_the_desk_and_comes_back_with_its_number() {
    let mut archive = Archive::new().await;
    let until = UnixMicros(now_us() + 3_600_000_000);
    let order = Maintenance {
        id: MaintenanceId(7),
        scope: Selector::Site(id("ky-anh")),
        from: UnixMicros(now_us()),
        until,
        reason: "new lens".to_owned(),
        by: "anonymous".to_owned(),
    };
    let url = archive.centre.url("/api/v1/maintenance");
    let body = json!({"scope": "site:ky-anh", "until": until.0, "reason": "new lens"});
    let sent = tokio::spawn(archive.client.post(&url).json(&body).send());
    let command = archive.desk(Ok(Done::Maintenance(order.clone()))).await;
    let (reason, by) = ("new lens".to_owned(), "anonymous".to_owned());
    assert_eq!(command, Command::Maintain { scope: order.scope.clone(), until, reason, by });
    let answer = sent.await.expect("no panic").expect("an answer");
    assert_eq!(answer.status(), 201);
    let view: Value = answer.json().await.expect("JSON");
    assert_eq!((&view["id"], &view["scope"]), (&json!(7), &json!("site:ky-anh")));

    let sent = tokio::spawn(archive.client.delete(format!("{url}/7")).send());
    let command = archive.desk(Ok(Done::Maintenance(order.clone()))).await;
    assert_eq!(command, Command::EndMaintenance(MaintenanceId(7)));
    assert_eq!(sent.await.expect("no panic").expect("an answer").status(), 200);

    for (refused, status, says) in [
        (Refused::Unknown("camera nowhere".to_owned()), 422, "There is no camera nowhere"),
        (Refused::NotStored("the disk is full".to_owned()), 503, "the disk is full"),
        (Refused::Stopping, 503, "is stopping"),
    ] {
        let sent = tokio::spawn(archive.client.post(&url).json(&body).send());
        archive.desk(Err(refused)).await;
        let said = detail(sent.await.expect("no panic").expect("an answer"), status).await;
        assert!(said.contains(says), "{said}");
    }
    let sent = tokio::spawn(archive.client.delete(format!("{url}/8")).send());
    archive.desk(Err(Refused::Unknown("order 8".to_owned()))).await;
    detail(sent.await.expect("no panic").expect("an answer"), 404).await;

    archive.store.order_maintenance(order).await.expect("a write");
    let over = Maintenance {
        id: MaintenanceId(0),
        scope: Selector::All,
        from: UnixMicros(1),
        until: UnixMicros(2),
        reason: "old".to_owned(),
        by: "anonymous".to_owned(),
    };
    archive.store.order_maintenance(over).await.expect("a write");
    let standing = archive.json("/api/v1/maintenance").await;
    assert_eq!(
        (standing.as_array().map(Vec::len), &standing[0]["reason"]),
        (Some(1), &json!("new lens"))
    );
    assert_eq!(
        archive.json("/api/v1/maintenance?past=true").await.as_array().map(Vec::len),
        Some(2)
    );
}

#[tokio::test]
async fn a_persons_word_on_references_reaches_the_desk() {
    let mut archive = Archive::new().await;
    let url = archive.centre.url("/api/v1/cameras/cam-001/references");
    for (word, command) in
        [("confirm", ReferenceCommand::Confirm), ("reset", ReferenceCommand::Reset)]
    {
        let sent = tokio::spawn(archive.client.post(&url).json(&json!({"action": word})).send());
        let told = archive.desk(Ok(Done::Plainly)).await;
        assert_eq!(told, Command::References(id("cam-001"), command));
        assert_eq!(sent.await.expect("no panic").expect("an answer").status(), 204);
    }
    let said = detail(
        archive.post("/api/v1/cameras/cam-001/references", json!({"action": "burn"})).await,
        400,
    )
    .await;
    assert!(said.contains("`action`") && said.contains("confirm"), "{said}");
}

#[tokio::test]
async fn what_makes_no_sense_is_told_by_its_name_and_with_a_remedy() {
    let archive = Archive::new().await;
    for (path, status, says) in [
        ("/api/v1/cameras/nowhere/history", 404, "There is no camera \"nowhere\""),
        ("/api/v1/cameras/cam-001/history?limit=0", 400, "ask for 1 to 1000"),
        ("/api/v1/cameras/cam-001/history?limit=1001", 400, "`limit`"),
        ("/api/v1/cameras/cam-001/history?limit=many", 400, "limit"),
        ("/api/v1/cameras/cam-001/history?from=yesterday", 400, "`from`"),
        ("/api/v1/cameras/cam-001/history?from=9&to=3", 400, "Swap them"),
        ("/api/v1/cameras/cam-001/history?format=xml", 400, "csv"),
        ("/api/v1/cameras/cam-001/history?since=3", 400, "since"),
        ("/api/v1/cameras/cam-001/figures?hours=49", 400, "ask for 1 to 48"),
        ("/api/v1/cameras/cam-001/pictures/event.png", 404, "event.jpg"),
        ("/api/v1/cameras/cam-001/pictures/event.jpg", 404, "lists those that there are"),
        ("/api/v1/cameras/cam-001/pictures/event.jpg?condition=odd", 400, "condition"),
        ("/api/v1/sites/nowhere/history", 404, "There is no site \"nowhere\""),
        ("/api/v1/sites?down=maybe", 400, "down"),
        ("/api/v1/availability?month=november", 400, "as in 2026-11"),
        ("/api/v1/availability?month=2199-01", 400, "has not begun"),
        ("/api/v1/availability?site=nowhere", 404, "There is no site"),
    ] {
        let said = detail(archive.get(path).await, status).await;
        assert!(said.contains(says), "{path}: {said}");
    }
    let soon = now_us() + 60_000_000;
    for (body, status, says) in [
        (json!({}), 400, "scope"),
        (json!({"scope": "all of them", "until": soon, "reason": "x"}), 400, "\"site:…\""),
        (json!({"scope": "*", "until": "tomorrow", "reason": "x"}), 400, "RFC 3339"),
        (json!({"scope": "*", "until": soon, "reason": "x", "by": "me"}), 400, "by"),
        (json!({"scope": "*", "until": soon, "reason": "x".repeat(20_000)}), 413, "16 KiB"),
    ] {
        let said = detail(archive.post("/api/v1/maintenance", body).await, status).await;
        assert!(said.contains(says), "{said}");
    }
    let url = archive.centre.url("/api/v1/maintenance/many");
    detail(archive.client.delete(url).send().await.expect("an answer"), 404).await;
}

#[tokio::test]
async fn a_page_of_another_origin_changes_nothing_and_neither_does_a_form() {
    let mut archive = Archive::new().await;
    let url = archive.centre.url("/api/v1/maintenance");
    let body = json!({"scope": "*", "until": now_us() + 60_000_000, "reason": "x"});
    let own = format!("http://{}", archive.centre.address);
    let send = |origin: &str| archive.client.post(&url).header(ORIGIN, origin).json(&body).send();
    let said = detail(send("https://evil.example").await.expect("an answer"), 403).await;
    assert!(said.contains("`origins`"), "{said}");
    let foreign = archive.client.delete(format!("{url}/1")).header(ORIGIN, "null").send().await;
    detail(foreign.expect("an answer"), 403).await;
    let sent = tokio::spawn(send(&own));
    archive.desk(Err(Refused::Stopping)).await;
    assert_eq!(sent.await.expect("no panic").expect("an answer").status(), 503);
    for kind in [None, Some("text/plain"), Some("application/x-www-form-urlencoded")] {
        let mut request = archive.client.post(&url).body(body.to_string());
        if let Some(kind) = kind {
            request = request.header(CONTENT_TYPE, kind);
        }
        let said = detail(request.send().await.expect("an answer"), 415).await;
        assert!(said.contains("application/json"), "{said}");
    }
    assert!(archive.orders.try_recv().is_err(), "nothing else reached the desk");
}
