//! What people did to alerts, for the audit.

use std::net::IpAddr;

use uuid::Uuid;

use crate::{
    domain::alert::{Change, What},
    store::AuditRow,
};

/// What a person did, as it is written down for those who ask later who did what.
pub(super) fn audited(
    change: &Change,
    address: Option<IpAddr>,
    id: impl FnOnce() -> Uuid,
) -> Option<AuditRow> {
    let (What::Done(act), Some(actor)) = (&change.what, &change.by) else { return None };
    let mut detail = serde_json::to_value(act).unwrap_or_default();
    let action = detail.as_object_mut().and_then(|act| act.remove("act"));
    if let (Some(at), Some(detail)) = (change.asked_at, detail.as_object_mut()) {
        detail.insert("asked_at".to_owned(), at.0.into());
    }
    let action = action.as_ref().and_then(|word| word.as_str()).unwrap_or("?").to_owned();
    let object = format!("alert:{}", change.alert.id);
    let (at, actor) = (change.at, actor.clone());
    let detail = Some(detail);
    Some(AuditRow { id: id(), at, actor, action, object, detail, address })
}
