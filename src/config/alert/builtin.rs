//! What holds without any rule. A condition is an alert only if somebody can do something about it,
//! and its priority says how soon that must be, not how bad it looks: of a usual day's alerts about
//! 5 in a hundred shall be high, 15 medium, 80 low (EEMUA 191), so what is common is low.

use std::time::Duration;

use super::{Draft, Matter, Outcome, procedure};
use crate::domain::{
    alert::Priority,
    camera::{Condition, Slug},
    health::{ConditionPolicy, Severity},
    screen::Fault as ScreenFault,
};

pub(super) fn draft(matter: &Matter, severity: Option<Severity>) -> Draft {
    Draft {
        rule: Slug::try_from("built-in").expect("\"built-in\" is an id"),
        outcome: outcome(matter, severity),
        position: None,
        // A condition's own delays tell a passing disturbance already.
        on_delay: Duration::ZERO,
        off_delay: Duration::ZERO,
        count: 1,
        within: EPISODE,
        episode_gap: EPISODE,
        acknowledge_within: None,
        comment_required: false,
        suppress: Vec::new(),
        procedure: procedure::of(matter),
    }
}

/// As long as five returns are `unstable` for health: what comes back sooner is one story.
const EPISODE: Duration = Duration::from_secs(600);

/// How long an alert may stay unread before the next is told. High is for what must be seen by
/// somebody while it happens; low is for what is done within the shift.
pub(super) fn acknowledge_within(priority: Priority) -> Duration {
    Duration::from_secs(match priority {
        Priority::High => 2 * 60,
        Priority::Medium => 10 * 60,
        Priority::Low => 60 * 60,
    })
}

fn outcome(matter: &Matter, severity: Option<Severity>) -> Outcome {
    let condition = match matter {
        // Many cameras at once, and always somebody to call.
        Matter::SiteDown => return Outcome::Alert(Priority::High),
        Matter::Screen(fault) => return Outcome::Alert(screen_priority(*fault)),
        // What an outside system reports is an alert only if a rule says so.
        Matter::Kind(_) => return Outcome::Record,
        Matter::Condition(condition) => *condition,
    };
    let own = ConditionPolicy::of(condition).severity;
    let severity = severity.unwrap_or(own);
    match (severity, priority(condition)) {
        // Worth knowing, and nothing to do.
        (Severity::Notice, _) => Outcome::Record,
        // The file says that it matters more here than elsewhere.
        (severity, priority) if severity > own => Outcome::Alert(match priority {
            Priority::Low => Priority::Medium,
            Priority::Medium | Priority::High => Priority::High,
        }),
        (_, priority) => Outcome::Alert(priority),
    }
}

fn screen_priority(fault: ScreenFault) -> Priority {
    match fault {
        // What stands on it looks like the present, and is not: people decide by it.
        ScreenFault::Gone | ScreenFault::Frozen => Priority::High,
        // Everybody sees that it is black, or each tile says how old it is.
        ScreenFault::Blank | ScreenFault::Behind => Priority::Medium,
    }
}

fn priority(condition: Condition) -> Priority {
    use Condition as C;
    match condition {
        // Somebody's doing, perhaps: it must be looked at while it lasts.
        C::Covered
        | C::Moved
        | C::Looped
        | C::Frozen
        | C::Black
        | C::CredentialsRejected
        | C::Abusive => Priority::Medium,
        // One camera of many, and it takes a technician: the most frequent by far.
        C::Unreachable
        | C::Refused
        | C::Stalled
        | C::KeyframeOverdue
        | C::Unstable
        | C::SessionLimit
        | C::Unsupported
        | C::Redirect
        | C::Protocol
        | C::Quarantined
        | C::DecodeErrors
        | C::PacketLoss
        | C::LowFrameRate
        | C::Overexposed
        | C::Defocused => Priority::Low,
        // Records, unless a file says that they matter.
        C::ClockSkew | C::StreamChanged => Priority::Low,
    }
}
