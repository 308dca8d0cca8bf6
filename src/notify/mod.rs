//! Ways to reach people who are not in front of a screen, behind one face: a [`Channel`] takes a
//! [`Delivery`] and answers with what the other side confirmed, or with why not. It tries once;
//! when and how often is `service::postman`'s.
//!
//! A channel sends at least once: a confirmation that is lost on its way back means that the same
//! delivery comes again. Each kind carries the delivery's id where receivers look for one, so that
//! they can tell.

mod email;
mod figures;
mod mqtt;
mod told;
mod trust;
mod webhook;

use std::time::Duration;

use self::{email::Mail, mqtt::Publisher, webhook::Caller};
pub use self::{
    figures::{ChannelFigures, Figures},
    mqtt::Upkeep,
};
use crate::{
    config::{ChannelConfig, ChannelKind},
    domain::{alert::delivery::Delivery, roster::ChannelId},
};

/// The other side has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// What it said, for whoever asks it later: a status, a reply, a packet's number.
    pub reference: Option<String>,
}

/// The other side does not have it, or may have it and did not say so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Whether the same message may be taken at another time.
    pub again: bool,
    /// Not before this long, if the other side said so.
    pub wait: Option<Duration>,
    /// Why, in one line that holds no secret.
    pub told: String,
}

impl Failure {
    /// Another try may do better.
    fn passing(told: impl Into<String>) -> Self {
        Self { again: true, wait: None, told: told.into() }
    }

    /// No other try will do better: this message is wrong, or refused for good.
    fn lasting(told: impl Into<String>) -> Self {
        Self { again: false, wait: None, told: told.into() }
    }
}

/// A channel that cannot be used as it is configured.
#[derive(Debug, thiserror::Error)]
#[error("the channel {id} cannot be used: {problem}")]
pub struct Unusable {
    /// Which.
    pub id: ChannelId,
    /// Why.
    pub problem: String,
}

/// One way to reach people.
pub struct Channel {
    id: ChannelId,
    deadline: Duration,
    way: Way,
}

enum Way {
    Webhook(Caller),
    Email(Mail),
    Mqtt(Publisher),
}

impl Channel {
    /// Makes it ready; nothing is connected yet. A channel that keeps a connection comes with its
    /// [`Upkeep`], which must run for as long as the channel is to deliver anything.
    pub fn open(config: &ChannelConfig) -> Result<(Self, Option<Upkeep>), Unusable> {
        let (way, upkeep) = match &config.kind {
            ChannelKind::Webhook(webhook) => (Caller::new(webhook).map(Way::Webhook), None),
            ChannelKind::Email(email) => (Mail::new(email).map(Way::Email), None),
            ChannelKind::Mqtt(mqtt) => match mqtt::open(&config.id, mqtt) {
                Ok((publisher, upkeep)) => (Ok(Way::Mqtt(publisher)), Some(upkeep)),
                Err(problem) => (Err(problem), None),
            },
        };
        let way = way.map_err(|problem| Unusable { id: config.id.clone(), problem })?;
        Ok((Self { id: config.id.clone(), deadline: config.deadline, way }, upkeep))
    }

    /// Its name.
    pub fn id(&self) -> &ChannelId {
        &self.id
    }

    /// Tries once, and answers within the deadline, give or take a second for a goodbye. Dropping
    /// the future gives the try up; the other side may have the message all the same.
    pub async fn send(&self, delivery: &Delivery) -> Result<Receipt, Failure> {
        match &self.way {
            Way::Webhook(caller) => caller.send(delivery, self.deadline).await,
            Way::Email(mail) => mail.send(delivery, self.deadline).await,
            Way::Mqtt(publisher) => publisher.send(delivery, self.deadline).await,
        }
    }
}
