//! The postman between an outbox and receivers that fail, hang and come back.

use std::{
    collections::BTreeSet,
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant, SystemTime},
};

use tokio::sync::Notify;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use watchwall::{
    config::{ChannelConfig, Trust},
    domain::{
        alert::{Priority, Seq, delivery::Delivery},
        time::UnixMicros,
    },
    notify::Figures,
    service::postman::Postman,
};

use crate::{
    notify::{PATIENT, config, delivery, webhook},
    outbox::{Memory, State},
    receivers::{Does, Hook, Request},
};

const TAKEN: &str = "HTTP/1.1 204 No Content\r\n\r\n";
const BUSY: &str = "HTTP/1.1 503 Busy\r\n\r\n";
const REFUSED: &str = "HTTP/1.1 400 No\r\n\r\n";

/// A postman at work.
struct Office {
    memory: Arc<Memory>,
    postman: Postman<Memory>,
    figures: Arc<Figures>,
    tasks: TaskTracker,
    shutdown: CancellationToken,
}

impl Office {
    fn open(memory: &Arc<Memory>, channels: &[ChannelConfig]) -> Self {
        let figures = Figures::new(channels.iter().map(|channel| channel.id.clone()));
        let (memory, figures) = (memory.clone(), Arc::new(figures));
        let (tasks, shutdown) = (TaskTracker::new(), CancellationToken::new());
        let postman = Postman::start(memory.clone(), channels, figures.clone(), &tasks, &shutdown)
            .expect("channels that can be used");
        Self { memory, postman, figures, tasks, shutdown }
    }

    fn post(&self, deliveries: &[Delivery]) {
        self.memory.store(deliveries);
        self.postman.post(deliveries.to_vec());
    }

    /// Waits until this holds of the outbox.
    async fn until(&self, what: &str, holds: impl Fn(&Memory) -> bool) {
        let until = Instant::now() + PATIENT;
        while !holds(&self.memory) {
            assert!(Instant::now() < until, "not {what}: {:?}", self.memory.all());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    async fn until_all_sent(&self) {
        let sent =
            |memory: &Memory| memory.all().iter().all(|row| matches!(row.state, State::Sent(_)));
        self.until("all sent", sent).await;
    }

    async fn close(self) {
        self.shutdown.cancel();
        self.tasks.close();
        tokio::time::timeout(PATIENT, self.tasks.wait()).await.expect("it ends");
    }
}

fn channel(id: &str, hook: &Hook) -> ChannelConfig {
    let url = format!("http://127.0.0.1:{}/", hook.port);
    let id = id.try_into().expect("an id");
    ChannelConfig { id, ..config(webhook(&url, Trust::System), PATIENT) }
}

fn letter(channel: &str, seq: u64) -> Delivery {
    let now = UnixMicros::from(SystemTime::now());
    let channel = channel.try_into().expect("an id");
    Delivery { channel, seq: Seq(seq), created_at: now, next_try_at: now, ..delivery("0912") }
}

fn letters(channel: &str, seqs: std::ops::Range<u64>) -> Vec<Delivery> {
    seqs.map(|seq| letter(channel, seq)).collect()
}

fn seqs(requests: &[Request]) -> Vec<u64> {
    let seq = |request: &Request| {
        let body: serde_json::Value = serde_json::from_str(&request.body).expect("JSON");
        body["seq"].as_u64().expect("a number")
    };
    requests.iter().map(seq).collect()
}

#[tokio::test]
async fn a_channel_that_hangs_delays_no_other() {
    let hanging = Hook::new(vec![Does::Hangs], None).await;
    let well = Hook::new(vec![Does::Answers(TAKEN)], None).await;
    let memory = Arc::default();
    let office = Office::open(&memory, &[channel("hanging", &hanging), channel("well", &well)]);
    for seq in 0..50 {
        office.post(&[letter("hanging", seq), letter("well", seq)]);
    }
    let of_well = |memory: &Memory| {
        let all = memory.all();
        let mut rows = all.iter().filter(|row| row.delivery.channel.as_str() == "well");
        rows.all(|row| row.state == State::Sent(Some("204".to_owned())))
    };
    office.until("all of the other sent", of_well).await;
    let figures = &office.figures.channels[&"hanging".try_into().expect("an id")];
    let full = |_: &Memory| {
        let counted = [&figures.under_way, &figures.waiting];
        counted.map(|figure| figure.load(Ordering::Relaxed)) == [4, 46]
    };
    office.until("as many under way as are allowed at once", full).await;
    assert_eq!(figures.sent.load(Ordering::Relaxed), 0);
    office.close().await;
}

#[tokio::test]
async fn what_fails_is_tried_again_under_the_same_id_until_it_is_taken() {
    let script = vec![Does::Answers(BUSY), Does::Closes, Does::Answers(TAKEN)];
    let hook = Hook::new(script, None).await;
    let memory = Arc::default();
    let office = Office::open(&memory, &[channel("sms", &hook)]);
    let letter = letter("sms", 1);
    office.post(std::slice::from_ref(&letter));
    office.until_all_sent().await;
    let ids: BTreeSet<_> =
        hook.requests().iter().map(|r| r.header("idempotency-key").to_owned()).collect();
    assert_eq!((ids.len(), hook.requests().len()), (1, 3));
    let row = memory.row(letter.id);
    assert_eq!((row.delivery.tries, row.told.len()), (2, 2), "{row:?}");
    assert!(row.told[0].contains("503"), "{row:?}");
    let figures = &office.figures.channels[&"sms".try_into().expect("an id")];
    let counted = [&figures.sent, &figures.failed, &figures.retried, &figures.dead];
    assert_eq!(counted.map(|figure| figure.load(Ordering::Relaxed)), [1, 2, 2, 0]);
    office.close().await;
}

#[tokio::test]
async fn a_receiver_that_asks_for_time_is_not_tried_before() {
    let busy = "HTTP/1.1 429 Slow\r\nretry-after: 2\r\n\r\n";
    let hook = Hook::new(vec![Does::Answers(busy), Does::Answers(TAKEN)], None).await;
    let memory = Arc::default();
    let office = Office::open(&memory, &[channel("sms", &hook)]);
    let began = Instant::now();
    office.post(&[letter("sms", 1)]);
    office.until_all_sent().await;
    assert!(began.elapsed() >= Duration::from_secs(2), "{:?}", began.elapsed());
    office.close().await;
}

#[tokio::test]
async fn a_refused_message_is_a_dead_letter_until_a_person_sends_it_again() {
    let hook = Hook::new(vec![Does::Answers(REFUSED), Does::Answers(TAKEN)], None).await;
    let memory = Arc::default();
    let office = Office::open(&memory, &[channel("sms", &hook)]);
    let letter = letter("sms", 1);
    office.post(std::slice::from_ref(&letter));
    office.until("dead", |memory| memory.row(letter.id).state == State::Dead).await;
    assert!(memory.row(letter.id).told[0].contains("400"));
    assert!(office.postman.resend(letter.id).await.expect("the outbox works"));
    office.until_all_sent().await;
    assert_eq!(hook.requests().len(), 2);
    assert!(!office.postman.resend(letter.id).await.expect("the outbox works"), "it is sent");
    office.close().await;
}

#[tokio::test]
async fn a_message_that_is_not_delivered_in_its_time_is_a_dead_letter() {
    let hook = Hook::new(vec![Does::Answers(BUSY)], None).await;
    let mut old = letter("sms", 1);
    old.created_at = UnixMicros(old.created_at.0 - 3_600_000_000);
    old.tries = 4;
    let memory: Arc<Memory> = Arc::default();
    memory.store(std::slice::from_ref(&old));
    let office = Office::open(&memory, &[channel("sms", &hook)]);
    office.until("dead", |memory| memory.row(old.id).state == State::Dead).await;
    assert_eq!(hook.requests().len(), 1);
    office.close().await;
}

#[tokio::test]
async fn what_an_earlier_process_left_is_sent_once_and_in_order() {
    let hook = Hook::new(vec![Does::Answers(TAKEN)], None).await;
    let memory: Arc<Memory> = Arc::default();
    memory.store(&letters("sms", 0..40));
    memory.store(&letters("gone", 40..42));
    let one_at_once = ChannelConfig { at_once: 1, ..channel("sms", &hook) };
    let office = Office::open(&memory, &[one_at_once]);
    let new = letters("gone", 42..43);
    office.post(&new);
    let settled = |memory: &Memory| memory.all().iter().all(|row| row.state != State::Waiting);
    office.until("all settled", settled).await;
    assert_eq!(seqs(&hook.requests()), (0..40).collect::<Vec<_>>());
    for row in memory.all().iter().filter(|row| row.delivery.seq.0 >= 40) {
        assert_eq!(row.state, State::Dead);
        assert!(row.told[0].contains("no channel gone"), "{row:?}");
    }
    office.close().await;
}

#[tokio::test]
async fn a_burst_that_memory_does_not_hold_is_sent_all_the_same_each_once() {
    let hook = Hook::new(vec![Does::Answers(TAKEN)], None).await;
    let memory = Arc::default();
    let office = Office::open(&memory, &[channel("sms", &hook)]);
    office.post(&letters("sms", 0..2500));
    office.until_all_sent().await;
    let mut sent = seqs(&hook.requests());
    sent.sort_unstable();
    assert_eq!(sent, (0..2500).collect::<Vec<_>>());
    let figures = &office.figures.channels[&"sms".try_into().expect("an id")];
    assert!(figures.put_off.load(Ordering::Relaxed) > 0, "no more than memory holds");
    office.close().await;
}

#[tokio::test]
async fn people_are_reached_while_the_store_fails_and_the_outcomes_are_written_afterwards() {
    let hook = Hook::new(vec![Does::Answers(TAKEN)], None).await;
    let memory: Arc<Memory> = Arc::default();
    let office = Office::open(&memory, &[channel("sms", &hook)]);
    memory.fails.store(true, Ordering::Relaxed);
    office.post(&letters("sms", 0..30));
    office.until("all heard", |_| hook.requests().len() == 30).await;
    let failed = |_: &Memory| office.figures.outbox_failures.load(Ordering::Relaxed) > 0;
    office.until("a write that failed", failed).await;
    assert!(memory.all().iter().all(|row| row.state == State::Waiting));
    memory.fails.store(false, Ordering::Relaxed);
    office.until_all_sent().await;
    assert_eq!(hook.requests().len(), 30, "none is sent twice");
    assert_eq!(office.figures.outcomes_dropped.load(Ordering::Relaxed), 0);
    office.close().await;
}

#[tokio::test]
async fn what_waits_is_sent_once_the_outbox_can_be_read() {
    let hook = Hook::new(vec![Does::Answers(TAKEN)], None).await;
    let memory: Arc<Memory> = Arc::default();
    memory.store(&letters("sms", 0..10));
    memory.fails.store(true, Ordering::Relaxed);
    let office = Office::open(&memory, &[channel("sms", &hook)]);
    let failed = |_: &Memory| office.figures.outbox_failures.load(Ordering::Relaxed) > 1;
    office.until("a read that failed", failed).await;
    memory.fails.store(false, Ordering::Relaxed);
    office.until_all_sent().await;
    assert_eq!(hook.requests().len(), 10);
    office.close().await;
}

#[tokio::test]
async fn what_is_under_way_when_the_service_stops_is_sent_by_the_next_one() {
    let hook = Hook::new(vec![Does::Hangs, Does::Hangs, Does::Answers(TAKEN)], None).await;
    let memory = Arc::default();
    let office = Office::open(&memory, &[channel("sms", &hook)]);
    office.post(&letters("sms", 0..2));
    office.until("both under way", |_| hook.requests().len() == 2).await;
    office.close().await;
    assert!(memory.all().iter().all(|row| row.state == State::Waiting));
    let office = Office::open(&memory, &[channel("sms", &hook)]);
    office.until_all_sent().await;
    let keys = |range: std::ops::Range<usize>| -> BTreeSet<String> {
        let requests = &hook.requests()[range];
        requests.iter().map(|r| r.header("idempotency-key").to_owned()).collect()
    };
    assert_eq!(keys(0..2), keys(2..4));
    office.close().await;
}

#[tokio::test]
async fn the_most_urgent_of_those_that_wait_goes_first() {
    let told = Arc::new(Notify::new());
    let first = Does::AnswersWhenTold(told.clone(), TAKEN);
    let hook = Hook::new(vec![first, Does::Answers(TAKEN)], None).await;
    let memory = Arc::default();
    let office = Office::open(&memory, &[ChannelConfig { at_once: 1, ..channel("sms", &hook) }]);
    let with = |seq, priority| {
        let mut letter = letter("sms", seq);
        letter.message.priority = priority;
        letter
    };
    office.post(&[with(0, Priority::Low)]);
    office.until("the first under way", |_| hook.requests().len() == 1).await;
    office.post(&[with(1, Priority::Low), with(2, Priority::Medium), with(3, Priority::High)]);
    office.post(&[with(4, Priority::High)]);
    let figures = &office.figures.channels[&"sms".try_into().expect("an id")];
    let waiting = |_: &Memory| figures.waiting.load(Ordering::Relaxed) == 4;
    office.until("the others there", waiting).await;
    told.notify_one();
    office.until_all_sent().await;
    assert_eq!(seqs(&hook.requests()), [0, 3, 4, 2, 1]);
    office.close().await;
}
