//! A message about an alert on its way to one recipient over one channel: what is sent, and when a
//! failed try is followed by another. *Delivered* is what the other side confirmed, no more.

use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{AlertId, Priority, Seq};
use crate::domain::{
    backoff::BackoffPolicy,
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
    /// For radio and satellite: see [`super::compact::Compact`].
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

/// What follows a failed try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Another try then.
    TryAt(UnixMicros),
    /// None: it goes to the dead letters, which people see and may send again.
    GiveUp,
}

impl Delivery {
    /// What follows a try that failed at `now`, `self.tries` not yet counting it. Tries go on for
    /// `retry_for` from its making, and number [`TRIES_MIN`] at least, so that neither an hour
    /// without power nor a clock that was put right makes an untried one dead. `wait` is what the
    /// other side asked for; `random` is uniform in `0.0..1.0`.
    pub fn after_failure(
        &self,
        now: UnixMicros,
        retry_for: Duration,
        wait: Option<Duration>,
        random: f64,
    ) -> Next {
        let tried_enough = self.tries.saturating_add(1) >= TRIES_MIN;
        if tried_enough && now.since(self.created_at) >= retry_for {
            return Next::GiveUp;
        }
        let asked = wait.unwrap_or_default().min(WAIT_MAX);
        Next::TryAt(now.plus(BACKOFF.wait(self.tries, random).max(asked)))
    }
}

/// About a quarter of a minute of trying.
pub const TRIES_MIN: u32 = 5;

/// The longest that another side may ask us to wait. An alert that is older is told too late.
pub const WAIT_MAX: Duration = Duration::from_secs(300);

/// A receiver that restarts is back within seconds; one that is away for long is asked once a
/// minute, so that after an outage of any length the oldest message waits a minute at most.
const BACKOFF: BackoffPolicy = BackoffPolicy {
    first: Duration::from_secs(2),
    longest: Duration::from_secs(60),
    healthy_after: Duration::MAX,
};

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);
    const HOUR: Duration = Duration::from_secs(3600);
    const MADE: UnixMicros = UnixMicros(1_700_000_000_000_000);

    fn delivery(tries: u32) -> Delivery {
        Delivery {
            id: DeliveryId(Uuid::nil()),
            alert: AlertId(Uuid::nil()),
            seq: Seq(1),
            channel: "mail".try_into().expect("an id"),
            person: None,
            address: "duty@example.vn".to_owned(),
            message: Message {
                priority: Priority::High,
                subject: "Mất tín hiệu".to_owned(),
                text: "Mất tín hiệu\n\nNo signal".to_owned(),
                compact: "H stalled 101 14:05 #a1b2c3".to_owned(),
                json: serde_json::json!({"id": 1}),
                closed: false,
                drill: false,
                picture: Some(Bytes::from_static(b"JPEG")),
            },
            created_at: MADE,
            tries,
            next_try_at: MADE,
        }
    }

    fn wait(tries: u32, after: Duration, asked: Option<Duration>, random: f64) -> Option<Duration> {
        match delivery(tries).after_failure(MADE.plus(after), HOUR, asked, random) {
            Next::TryAt(at) => Some(at.since(MADE.plus(after))),
            Next::GiveUp => None,
        }
    }

    #[test]
    fn waits_grow_to_a_minute_and_stay_there() {
        let waits: Vec<_> = (0..8).map(|tries| wait(tries, SECOND, None, 1.0)).collect();
        let expected = [2, 4, 8, 16, 32, 60, 60, 60].map(|secs| Some(secs * SECOND));
        assert_eq!(waits, expected);
    }

    #[test]
    fn what_the_other_side_asks_for_is_waited_but_no_longer_than_five_minutes() {
        assert_eq!(wait(0, SECOND, Some(30 * SECOND), 1.0), Some(30 * SECOND));
        assert_eq!(wait(5, SECOND, Some(SECOND), 1.0), Some(60 * SECOND));
        assert_eq!(wait(0, SECOND, Some(HOUR), 0.0), Some(300 * SECOND));
    }

    #[test]
    fn after_its_time_no_try_follows() {
        assert!(wait(9, HOUR - SECOND, None, 0.5).is_some());
        assert_eq!(wait(9, HOUR, None, 0.5), None);
    }

    #[test]
    fn one_that_waited_for_the_power_to_return_is_tried_five_times_all_the_same() {
        let left: Vec<bool> =
            (0..6).map(|tries| wait(tries, 9 * HOUR, None, 0.5).is_some()).collect();
        assert_eq!(left, [true, true, true, true, false, false]);
    }

    #[test]
    fn a_stored_one_is_the_same_but_for_its_picture() {
        let delivery = delivery(3);
        let text = serde_json::to_string(&delivery).expect("JSON");
        assert!(!text.contains("JPEG"), "{text}");
        let mut again: Delivery = serde_json::from_str(&text).expect("the same");
        again.message.picture = delivery.message.picture.clone();
        assert_eq!(again, delivery);
    }

    proptest! {
        #[test]
        fn tries_always_end_and_never_lie_in_the_past(
            steps in prop::collection::vec((0.0..1.0f64, 0..400u32, any::<bool>()), 4000),
        ) {
            let mut delivery = delivery(0);
            let mut now = MADE;
            for (random, asked, asks) in steps {
                let asked = asks.then_some(asked * SECOND);
                match delivery.after_failure(now, HOUR, asked, random) {
                    Next::TryAt(at) => {
                        prop_assert!(at >= now && at.since(now) <= WAIT_MAX);
                        // A try takes some time of its own.
                        now = at.plus(SECOND);
                    }
                    Next::GiveUp => {
                        prop_assert!(now.since(MADE) >= HOUR);
                        return Ok(());
                    }
                }
                delivery.tries += 1;
            }
            prop_assert!(false, "4000 tries in an hour");
        }
    }
}
