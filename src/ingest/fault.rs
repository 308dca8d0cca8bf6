//! Why a session ended, in words for a person: maps what the network and the camera did to a
//! [`Condition`] and one plain sentence.

use std::{io, time::Duration};

use crate::{domain::camera::Condition, worker::message::Fault};

/// Longest evidence, in characters: one line on a tile's back, a row in a list.
const EVIDENCE_MAX: usize = 240;

/// A fault with cleaned evidence.
pub(super) fn fault(condition: Condition, evidence: impl AsRef<str>) -> Fault {
    Fault { condition, evidence: clean(evidence.as_ref(), EVIDENCE_MAX), sign_in_rejected: false }
}

/// The camera's own words inside an evidence sentence: one line, no control characters, bounded.
pub(super) fn clean(text: &str, characters_max: usize) -> String {
    let line = text.split("\n\n").next().unwrap_or_default();
    // Control characters would break a log line or a terminal; bidirectional marks would
    // reorder the sentence around them.
    let spoken = line.chars().map(|c| if unspeakable(c) { ' ' } else { c });
    let mut cleaned = String::new();
    for (written, c) in spoken.enumerate() {
        if written == characters_max {
            cleaned.push('…');
            break;
        }
        cleaned.push(c);
    }
    cleaned.trim().to_owned()
}

fn unspeakable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A step that did not finish within its deadline.
pub(super) fn timed_out(step: &str, deadline: Duration) -> Fault {
    let seconds = deadline.as_secs_f32();
    fault(Condition::Unreachable, format!("the camera did not answer {step} within {seconds} s"))
}

/// A connection that could not be made or that broke.
pub(super) fn from_io(doing: &str, error: &io::Error) -> Fault {
    use io::ErrorKind as Kind;
    let (condition, what) = match error.kind() {
        Kind::ConnectionRefused => {
            let closed = "the camera refused the connection: its RTSP port is closed";
            return fault(Condition::Refused, closed);
        }
        Kind::ConnectionReset | Kind::BrokenPipe | Kind::ConnectionAborted => {
            (Condition::Refused, "the camera reset the connection")
        }
        Kind::UnexpectedEof => (Condition::Refused, "the camera closed the connection"),
        Kind::TimedOut => (Condition::Unreachable, "the camera stopped answering"),
        Kind::HostUnreachable | Kind::NetworkUnreachable => {
            (Condition::Unreachable, "there is no route to the camera")
        }
        Kind::PermissionDenied => {
            (Condition::Unreachable, "the connection is not permitted by this machine")
        }
        _ => {
            return fault(
                Condition::Unreachable,
                format!("the connection failed while {doing}: {error}"),
            );
        }
    };
    fault(condition, format!("{what} while {doing}"))
}

/// An answer other than success to a request that the session needs.
pub(super) fn from_status(method: &str, code: u16, reason: &str, signed: bool) -> Fault {
    let reason = clean(reason, 60);
    match code {
        300..=399 => fault(
            Condition::Redirect,
            format!("the camera answered {method} with a redirect ({code}), which is not followed"),
        ),
        401 | 407 if signed => Fault {
            sign_in_rejected: true,
            ..fault(
                Condition::CredentialsRejected,
                format!("the camera rejected the user name or password ({code} to {method})"),
            )
        },
        401 | 407 => fault(
            Condition::CredentialsRejected,
            "the camera asks for a user name and password, and none is configured",
        ),
        403 => Fault {
            sign_in_rejected: signed,
            ..fault(
                Condition::CredentialsRejected,
                format!("the camera forbids {method} to this user (403 {reason})"),
            )
        },
        404 => fault(
            Condition::Unsupported,
            "the camera has no stream at this path (404): check the path in its URL",
        ),
        453 | 503 => fault(
            Condition::SessionLimit,
            format!("the camera has no free session ({code} {reason})"),
        ),
        461 => fault(
            Condition::Unsupported,
            "the camera does not offer this transport (461): try the other of tcp and udp",
        ),
        _ => {
            fault(Condition::Protocol, format!("the camera answered {method} with {code} {reason}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evidence_is_one_bounded_line_without_control_characters() {
        let evidence =
            fault(Condition::Protocol, format!("a\u{1b}[31mb\r\nc\u{202e}{}", "x".repeat(1000)))
                .evidence;
        assert!(!evidence.chars().any(unspeakable), "{evidence:?}");
        assert!(evidence.starts_with("a [31mb  c xxx"), "{evidence:?}");
        assert_eq!(evidence.chars().count(), EVIDENCE_MAX + 1);
        assert_eq!(clean("first\n\nconn: secret place", 99), "first");
    }

    #[test]
    fn a_status_is_the_condition_that_an_operator_would_name() {
        for (code, signed, condition, counts) in [
            (302, false, Condition::Redirect, false),
            (401, false, Condition::CredentialsRejected, false),
            (401, true, Condition::CredentialsRejected, true),
            (403, true, Condition::CredentialsRejected, true),
            (404, true, Condition::Unsupported, false),
            (453, true, Condition::SessionLimit, false),
            (503, false, Condition::SessionLimit, false),
            (461, false, Condition::Unsupported, false),
            (500, false, Condition::Protocol, false),
        ] {
            let fault = from_status("SETUP", code, "Whatever", signed);
            assert_eq!((fault.condition, fault.sign_in_rejected), (condition, counts), "{code}");
        }
    }

    #[test]
    fn a_closed_port_is_refused_and_a_missing_route_is_unreachable() {
        for (kind, condition) in [
            (io::ErrorKind::ConnectionRefused, Condition::Refused),
            (io::ErrorKind::ConnectionReset, Condition::Refused),
            (io::ErrorKind::UnexpectedEof, Condition::Refused),
            (io::ErrorKind::HostUnreachable, Condition::Unreachable),
            (io::ErrorKind::TimedOut, Condition::Unreachable),
        ] {
            assert_eq!(from_io("connecting", &kind.into()).condition, condition, "{kind}");
        }
    }
}
