//! A node of polite sessions on a virtual clock.

use super::*;
use crate::domain::camera::Handle;

const MINUTE: Duration = Duration::from_secs(60);

struct Node {
    courtesy: Courtesy,
    now: Instant,
    unix: UnixMicros,
    attempts: u32,
}

impl Node {
    fn new(cameras: u32) -> Self {
        let now = Instant::now();
        let mut courtesy = Courtesy::new(CourtesyPolicy::default(), []);
        (1..=cameras).for_each(|n| courtesy.want(now, stream(n), id(n)));
        Self { courtesy, now, unix: UnixMicros(1_000_000), attempts: 0 }
    }

    fn grants(&mut self) -> Vec<Grant> {
        self.courtesy.grants(self.now, self.unix, |_| true)
    }

    fn pass(&mut self, time: Duration) {
        self.now += time;
        self.unix = self.unix.plus(time);
    }

    /// Lets every granted session be rejected.
    fn reject(&mut self) -> Option<(CameraId, Budget)> {
        let mut saved = None;
        for grant in self.grants() {
            self.attempts += 1;
            let fault = Some((Condition::CredentialsRejected, true));
            saved =
                self.courtesy.ended(self.now, self.unix, grant.source, fault, 1.0).or(grant.budget);
        }
        saved
    }
}

fn stream(n: u32) -> StreamRef {
    StreamRef { camera: Handle(n), stream: StreamKind::Sub }
}

fn id(n: u32) -> CameraId {
    format!("camera-{n}").try_into().expect("a valid id")
}

#[test]
fn no_more_than_sixteen_handshakes_are_under_way_at_once() {
    let mut node = Node::new(150);
    let first = node.grants();
    assert_eq!((first.len(), node.grants().len()), (16, 0));
    node.courtesy.handshake_over(node.now, first[0].source);
    node.courtesy.ended(
        node.now,
        node.unix,
        first[1].source,
        Some((Condition::Refused, false)),
        1.0,
    );
    assert_eq!(node.grants().len(), 2);
}

#[test]
fn a_camera_that_never_failed_goes_before_one_that_did() {
    let mut node = Node::new(1);
    let grant = node.grants().remove(0);
    node.courtesy.ended(
        node.now,
        node.unix,
        grant.source,
        Some((Condition::Unreachable, false)),
        0.0,
    );
    node.courtesy.want(node.now, stream(2), id(2));
    let order: Vec<u32> = node.grants().iter().map(|grant| grant.source.camera.0).collect();
    assert_eq!(order, [2, 1]);
}

#[test]
fn a_wrong_password_is_tried_three_times_and_then_held_for_thirty_minutes() {
    let mut node = Node::new(1);
    for _ in 0..29 {
        node.reject();
        node.pass(MINUTE);
    }
    assert_eq!(node.attempts, 3);
    assert!(node.courtesy.hold(&id(1), node.unix).is_some());
    (0..5).for_each(|_| {
        node.pass(MINUTE);
        node.reject();
    });
    assert_eq!(node.attempts, 6, "a new budget after the hold");
}

#[test]
fn the_hold_survives_a_restart_of_the_service() {
    let mut node = Node::new(1);
    let mut saved = BTreeMap::new();
    for _ in 0..10 {
        saved.extend(node.reject());
        node.pass(MINUTE);
        // Everything but what was stored is lost.
        let mut courtesy = Courtesy::new(CourtesyPolicy::default(), saved.clone());
        courtesy.want(node.now, stream(1), id(1));
        node.courtesy = courtesy;
    }
    assert_eq!(node.attempts, 3);
}

#[test]
fn an_accepted_sign_in_gives_the_budget_back() {
    let mut node = Node::new(1);
    node.reject();
    node.pass(MINUTE);
    let grant = node.grants().remove(0);
    assert_eq!(node.courtesy.signed_in(grant.source), Some((id(1), Budget::default())));
    assert_eq!(node.courtesy.signed_in(grant.source), None);
}

#[test]
fn an_attempt_that_did_not_reach_the_sign_in_is_not_counted() {
    let mut node = Node::new(1);
    node.reject();
    for _ in 0..5 {
        node.pass(MINUTE);
        let grant = node.grants().remove(0);
        node.courtesy.ended(
            node.now,
            node.unix,
            grant.source,
            Some((Condition::Refused, false)),
            1.0,
        );
    }
    assert_eq!(node.courtesy.budgets[&id(1)].sign_in_attempts, 1);
}

#[test]
fn a_full_camera_is_left_alone_for_thirty_seconds() {
    let mut node = Node::new(1);
    let grant = node.grants().remove(0);
    node.courtesy.ended(
        node.now,
        node.unix,
        grant.source,
        Some((Condition::SessionLimit, false)),
        0.0,
    );
    assert_eq!(node.courtesy.next_deadline(node.now, node.unix), Some(Duration::from_secs(30)));
    node.pass(Duration::from_secs(29));
    assert!(node.grants().is_empty());
    node.pass(Duration::from_secs(1));
    assert_eq!(node.grants().len(), 1);
}

#[test]
fn new_credentials_lift_the_hold() {
    let mut node = Node::new(1);
    (0..4).for_each(|_| {
        node.reject();
        node.pass(MINUTE);
    });
    assert!(node.grants().is_empty());
    node.courtesy.forgive(&id(1));
    assert_eq!(node.grants().len(), 1);
}

#[test]
fn a_cameras_two_streams_never_shake_hands_at_once_and_spend_one_budget() {
    let mut node = Node::new(1);
    let main = StreamRef { camera: Handle(1), stream: StreamKind::Main };
    node.courtesy.want(node.now, main, id(1));
    for _ in 0..20 {
        let grants = node.grants();
        assert!(grants.len() <= 1, "{grants:?}");
        assert!(node.grants().is_empty(), "the other stream waits");
        for grant in grants {
            node.attempts += 1;
            let fault = Some((Condition::CredentialsRejected, true));
            node.courtesy.ended(node.now, node.unix, grant.source, fault, 1.0);
        }
        node.pass(MINUTE);
    }
    assert_eq!(node.attempts, 3, "of both streams together, then the hold");

    let mut node = Node::new(1);
    node.courtesy.want(node.now, main, id(1));
    assert_eq!(node.grants()[0].source, stream(1));
    node.courtesy.handshake_over(node.now, stream(1));
    assert_eq!(node.grants()[0].source, main);
}

#[test]
fn a_camera_that_may_be_back_is_tried_at_once_but_not_against_a_hold() {
    let fail = |condition| {
        let mut node = Node::new(1);
        for _ in 0..3 {
            let grant = node.grants().remove(0);
            let fault = Some((condition, false));
            node.courtesy.ended(node.now, node.unix, grant.source, fault, 1.0);
            node.pass(if condition == Condition::Refused { MINUTE / 2 } else { MINUTE });
        }
        let grant = node.grants().remove(0);
        node.courtesy.ended(node.now, node.unix, grant.source, Some((condition, false)), 1.0);
        assert!(node.grants().is_empty());
        node.courtesy.hurry(node.now, stream(1));
        node.grants().len()
    };
    assert_eq!((fail(Condition::Refused), fail(Condition::SessionLimit)), (1, 0));
}
