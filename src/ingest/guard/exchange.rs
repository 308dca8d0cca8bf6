//! The requests of a session that wait for their answers. Tells answers that were asked for from
//! those that were not, and keepalives that a camera leaves unanswered although it streams.

use std::time::{Duration, Instant};

/// A request on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) cseq: u32,
    pub(super) method: Method,
    /// It carried an `Authorization`.
    pub(super) signed: bool,
    at: Instant,
}

/// The requests that the RTSP library makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    Describe,
    Setup,
    Play,
    Teardown,
    /// OPTIONS, GET_PARAMETER or SET_PARAMETER.
    Keepalive,
}

impl Method {
    pub(super) fn named(name: &str) -> Self {
        match name {
            "DESCRIBE" => Self::Describe,
            "SETUP" => Self::Setup,
            "PLAY" => Self::Play,
            "TEARDOWN" => Self::Teardown,
            _ => Self::Keepalive,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Describe => "DESCRIBE",
            Self::Setup => "SETUP",
            Self::Play => "PLAY",
            Self::Teardown => "TEARDOWN",
            Self::Keepalive => "a keepalive",
        }
    }
}

/// The library has one handshake request and one keepalive under way at most; the rest is
/// answered late or never. Full: the oldest is forgotten, and its answer is then a stray.
const ASKED_MAX: usize = 4;

/// Requests without an answer yet.
#[derive(Debug)]
pub(super) struct Exchanges {
    asked: Vec<Asked>,
    patience: Duration,
    pub(super) keepalives_unanswered: u32,
}

/// How long a keepalive may stay unanswered. The library gives up after half the session's
/// timeout, so the guard speaks up after a quarter of it.
const PATIENCE_MAX: Duration = Duration::from_secs(5);

impl Exchanges {
    pub(super) fn new() -> Self {
        Self { asked: Vec::new(), patience: PATIENCE_MAX, keepalives_unanswered: 0 }
    }

    /// The session's timeout, as the camera's SETUP answer has it.
    pub(super) fn session_timeout(&mut self, timeout: Duration) {
        self.patience = PATIENCE_MAX.min(timeout / 4);
    }

    pub(super) fn ask(&mut self, now: Instant, cseq: u32, method: Method, signed: bool) {
        if self.asked.len() == ASKED_MAX {
            self.asked.remove(0);
        }
        self.asked.push(Asked { cseq, method, signed, at: now });
    }

    /// The request that an answer with this number belongs to; each is answered once.
    pub(super) fn answer(&mut self, cseq: Option<u32>) -> Option<Asked> {
        let at = match cseq {
            Some(cseq) => self.asked.iter().position(|asked| asked.cseq == cseq)?,
            // No usable number: it can only belong to the one request that waits.
            None if self.asked.len() == 1 => 0,
            None => return None,
        };
        Some(self.asked.remove(at))
    }

    /// Looks at the request that an answer would belong to.
    pub(super) fn peek(&self, cseq: Option<u32>) -> Option<&Asked> {
        match cseq {
            Some(cseq) => self.asked.iter().find(|asked| asked.cseq == cseq),
            None => self.asked.first().filter(|_| self.asked.len() == 1),
        }
    }

    /// When the oldest keepalive runs out of patience.
    pub(super) fn next_deadline(&self) -> Option<Instant> {
        self.keepalives().map(|asked| asked.at + self.patience).min()
    }

    /// Numbers of keepalives to answer in the camera's place; its late answers become strays.
    pub(super) fn give_up(&mut self, now: Instant) -> Vec<u32> {
        let patience = self.patience;
        let overdue = |a: &Asked| a.method == Method::Keepalive && now >= a.at + patience;
        let given_up: Vec<u32> = self.asked.iter().filter(|a| overdue(a)).map(|a| a.cseq).collect();
        self.asked.retain(|a| !overdue(a));
        self.keepalives_unanswered =
            self.keepalives_unanswered.saturating_add(given_up.len() as u32);
        given_up
    }

    fn keepalives(&self) -> impl Iterator<Item = &Asked> {
        self.asked.iter().filter(|asked| asked.method == Method::Keepalive)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_belongs_to_one_request_once() {
        let mut exchanges = Exchanges::new();
        exchanges.ask(Instant::now(), 7, Method::Describe, true);
        assert_eq!(exchanges.answer(Some(6)), None);
        assert_eq!(
            exchanges.answer(Some(7)).map(|a| (a.method, a.signed)),
            Some((Method::Describe, true))
        );
        assert_eq!(exchanges.answer(Some(7)), None);
    }

    #[test]
    fn a_keepalive_left_unanswered_is_given_up_within_a_quarter_of_the_session_timeout() {
        let start = Instant::now();
        let mut exchanges = Exchanges::new();
        exchanges.session_timeout(Duration::from_secs(4));
        exchanges.ask(start, 1, Method::Describe, false);
        assert_eq!(exchanges.next_deadline(), None, "only keepalives have one");
        exchanges.ask(start, 2, Method::Keepalive, false);
        let deadline = exchanges.next_deadline().expect("a keepalive waits");
        assert_eq!(deadline, start + Duration::from_secs(1));
        assert!(exchanges.give_up(start).is_empty());
        assert_eq!(exchanges.give_up(deadline), [2]);
        assert_eq!(exchanges.keepalives_unanswered, 1);
        assert_eq!(exchanges.answer(Some(2)), None, "the late answer is a stray");
    }

    #[test]
    fn requests_that_are_never_answered_do_not_pile_up() {
        let mut exchanges = Exchanges::new();
        for cseq in 0..1000 {
            exchanges.ask(Instant::now(), cseq, Method::Keepalive, false);
        }
        assert!(exchanges.asked.len() <= ASKED_MAX);
    }
}
