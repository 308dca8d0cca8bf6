//! What the audit is told of accounts, sign-ins and refusals.

use std::{net::IpAddr, time::SystemTime};

use serde_json::Value;
use uuid::Uuid;

use crate::{
    domain::{alert::Actor, audit::Deed},
    http::access::Subject,
    store::AuditRow,
};

/// A row by this subject, to be stored together with what it did.
pub(super) fn row(
    subject: &Subject,
    deed: Deed,
    object: String,
    detail: Option<Value>,
) -> AuditRow {
    of(subject.actor(), subject.address, deed, object, detail)
}

/// The same of somebody who is not signed in yet.
pub(super) fn of(
    actor: Actor,
    address: Option<IpAddr>,
    deed: Deed,
    object: String,
    detail: Option<Value>,
) -> AuditRow {
    let (id, at) = (Uuid::now_v7(), SystemTime::now().into());
    AuditRow { id, at, actor, action: deed.to_string(), object, detail, address }
}

impl Subject {
    /// Something was refused.
    pub(in crate::http) fn note_denied(&self, what: &str) {
        self.app().note_denied(self, format!("action:{what}"));
    }

    /// Something that there is was asked for, and is not theirs: they were told that there is none.
    /// Always `false`: it reads as the other half of "may see".
    pub(in crate::http) fn note_hidden(&self, kind: &str, id: &str) -> bool {
        let id: String = id.chars().filter(|letter| !letter.is_control()).take(64).collect();
        self.app().note_denied(self, format!("{kind}:{id}"));
        false
    }
}
