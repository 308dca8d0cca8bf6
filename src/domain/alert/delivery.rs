//! A message about an alert on its way to one recipient over one channel.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{AlertId, Priority, Seq};
use crate::domain::{
    roster::{ChannelId, PersonId},
    time::UnixMicros,
};

/// Names a delivery (UUID version 7). The same at every try: receivers know a repeated one by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DeliveryId(pub Uuid);

impl std::fmt::Display for DeliveryId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// One message to one recipient over one channel. Stored before its first try, so that it outlives
/// the process.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Delivery {
    /// Its name.
    pub id: DeliveryId,
    /// The alert that it is about.
    pub alert: AlertId,
    /// The change that it tells.
    pub seq: Seq,
    /// The way.
    pub channel: ChannelId,
    /// Who is told; `None` where the channel itself is the recipient, as a broker is.
    pub person: Option<PersonId>,
    /// Where the channel finds them: an e-mail address, a telephone number; empty if it needs none.
    pub address: String,
    /// What is said.
    pub message: Message,
    /// When it was made, or when a person last asked to send it again: tries are counted from then.
    pub created_at: UnixMicros,
    /// Tries that failed so far.
    pub tries: u32,
    /// When the next try is due; nothing is sent before.
    pub next_try_at: UnixMicros,
}

/// What is said. Each channel takes the form that fits it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// How soon somebody must act.
    pub priority: Priority,
    /// One line, in Vietnamese.
    pub subject: String,
    /// All of it, Vietnamese first, English below.
    pub text: String,
    /// For radio and satellite.
    pub compact: String,
    /// The alert for machines.
    pub json: serde_json::Value,
    /// The alert is over: channels that hold its state let go of it.
    pub closed: bool,
    /// It was injected to train people, and says so wherever it arrives.
    pub drill: bool,
    /// What was seen, as JPEG. Not stored with the delivery: a try after a restart goes without.
    #[serde(skip)]
    pub picture: Option<Bytes>,
}
