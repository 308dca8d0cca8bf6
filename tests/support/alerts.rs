//! Alerts to store.

use std::{sync::Arc, time::SystemTime};

use serde_json::json;
use uuid::Uuid;
use watchwall::{
    domain::{
        alert::{
            Actor, Alert, AlertId, Change, Seq, What,
            delivery::{Delivery, DeliveryId},
        },
        time::UnixMicros,
    },
    store::{AlertRows, AuditRow, JournalRow},
};

/// Now, as it is stored.
pub(crate) fn now() -> UnixMicros {
    SystemTime::now().into()
}

/// An alert of a camera, opened now.
pub(crate) fn alert(n: u64) -> Alert {
    let camera = format!("cam-{}", n % 150);
    let alert = json!({
        "id": Uuid::now_v7(), "subject": {"camera": camera}, "kind": "stalled",
        "state": "unacknowledged", "priority": "high", "rule": "lost", "position": "desk",
        "cameras": [camera], "site": "north",
        "evidence": "no picture for 15 s: the camera answers, but sends no media",
        "count": 1, "opened_at": now().0 + n, "raised_at": now().0, "chattering": false,
        "momentary": false, "masks": [], "comments": [], "drill": false,
    });
    serde_json::from_value(alert).expect("an alert")
}

/// All that goes with a new alert: the change, a message, the report it came from, and who did it.
pub(crate) fn opened(seq: u64) -> AlertRows {
    let alert = Arc::new(alert(seq));
    let change = change(seq, What::Opened, alert.clone());
    AlertRows {
        deliveries: vec![message(seq, alert.id)],
        records: vec![report(seq, alert.id)],
        audit: vec![audit(alert.id)],
        changes: vec![Arc::new(change)],
        ..AlertRows::default()
    }
}

/// A change, made now by the machine.
pub(crate) fn change(seq: u64, what: What, alert: Arc<Alert>) -> Change {
    Change { seq: Seq(seq), at: now(), what, by: None, request: None, asked_at: None, alert }
}

fn message(seq: u64, alert: AlertId) -> Delivery {
    let message = json!({
        "priority": "high", "subject": "[CAO] Mất tín hiệu · 101 Ngã ba Kỳ Anh",
        "text": "Mất tín hiệu\n\nNo signal", "compact": "H stalled 101 14:05 #a1b2c3",
        "json": {"id": alert}, "closed": false, "drill": false,
    });
    Delivery {
        id: DeliveryId(Uuid::now_v7()),
        alert,
        seq: Seq(seq),
        channel: "radio".try_into().expect("an id"),
        person: None,
        address: String::new(),
        message: serde_json::from_value(message).expect("a message"),
        created_at: now(),
        tries: 0,
        next_try_at: now(),
    }
}

fn report(seq: u64, alert: AlertId) -> JournalRow {
    JournalRow {
        id: Uuid::now_v7(),
        source: "anpr".to_owned(),
        key: format!("{seq}-{alert}"),
        kind: "plate".try_into().expect("an id"),
        camera: None,
        site: None,
        at: now(),
        text: "a plate that is looked for".to_owned(),
        data: Some(json!({"plate": "38A-123.45"})),
        picture: None,
        alert: Some(alert),
        drill: false,
    }
}

fn audit(alert: AlertId) -> AuditRow {
    AuditRow {
        id: Uuid::now_v7(),
        at: now(),
        actor: Actor { user: "admin".to_owned(), person: None },
        action: "open".to_owned(),
        object: format!("alert:{alert}"),
        detail: None,
        address: None,
    }
}
