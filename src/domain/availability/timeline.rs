//! From rows to shares. Rows are taken in the order in which they were written: after the clock was
//! set back, what was written later is right where two overlap.

use super::{Class, Entered, Life, Shares, Window};
use crate::domain::{camera::State, time::UnixMicros};

/// One camera's shares of a window. `lives` by number and `rows` in the order in which they were
/// written; of each life, the row in force when the window begins belongs to them.
pub fn shares(window: Window, lives: &[Life], rows: &[Entered]) -> Shares {
    let mut timeline = Vec::new();
    for life in lives {
        let first = rows.partition_point(|row| row.life < life.id);
        let last = rows.partition_point(|row| row.life <= life.id);
        let span = clip(life.window, window);
        if span.micros() > 0 {
            // An unordered list is a fault of the caller; what is there is counted all the same.
            let stretches = of_life(span, rows.get(first..last).unwrap_or_default());
            put(&mut timeline, span, stretches);
        }
    }
    let mut shares = Shares::default();
    for stretch in &timeline {
        shares.add(stretch.class, stretch.window.micros());
    }
    shares.unknown += window.micros() - shares.total();
    shares
}

/// Time that counts as one thing.
#[derive(Clone, Copy, Debug)]
struct Stretch {
    window: Window,
    class: Class,
}

/// The stretches of one life, in order and without overlap, within `span`.
fn of_life(span: Window, rows: &[Entered]) -> Vec<Stretch> {
    let mut entered: Vec<(UnixMicros, Class)> = Vec::with_capacity(rows.len());
    let mut judged = false;
    for row in rows {
        let class = class(row.state, judged);
        judged = match row.state {
            None => false,
            Some(State::Maintenance) => judged,
            Some(_) => judged || class != Class::Unknown,
        };
        // The clock was set back: what was written before for this time did not come to pass.
        while entered.last().is_some_and(|(at, _)| *at >= row.at) {
            entered.pop();
        }
        entered.push((row.at, class));
    }
    let ends = entered.iter().skip(1).map(|(at, _)| *at).chain([span.until]);
    let stretch = |((from, class), until): (&(UnixMicros, Class), UnixMicros)| Stretch {
        window: clip(Window { from: *from, until }, span),
        class: *class,
    };
    let mut stretches: Vec<Stretch> = entered.iter().zip(ends).map(stretch).collect();
    stretches.retain(|stretch| stretch.window.micros() > 0);
    stretches
}

fn class(state: Option<State>, judged: bool) -> Class {
    match state {
        None => Class::Unknown,
        Some(State::Online) => Class::Available,
        Some(State::Suspect) => Class::Suspect,
        Some(State::Maintenance) => Class::Maintenance,
        Some(State::Stalled | State::Offline) => Class::NotAvailable,
        Some(State::Connecting | State::WaitingKeyframe | State::WaitingParameters) if judged => {
            Class::NotAvailable
        }
        Some(State::Connecting | State::WaitingKeyframe | State::WaitingParameters) => {
            Class::Unknown
        }
    }
}

/// Puts stretches that lie within `span` in place of whatever the timeline had there.
fn put(timeline: &mut Vec<Stretch>, span: Window, stretches: Vec<Stretch>) {
    let first = timeline.partition_point(|known| known.window.until <= span.from);
    let end = timeline.partition_point(|known| known.window.from < span.until);
    let left = timeline[first..end].first().copied().map(|mut cut| {
        cut.window.until = cut.window.until.min(span.from);
        cut
    });
    let right = timeline[first..end].last().copied().map(|mut cut| {
        cut.window.from = cut.window.from.max(span.until);
        cut
    });
    let left = left.filter(|cut| cut.window.micros() > 0);
    let right = right.filter(|cut| cut.window.micros() > 0);
    timeline.splice(first..end, left.into_iter().chain(stretches).chain(right));
}

/// The part of `window` within `span`; empty if there is none.
fn clip(window: Window, span: Window) -> Window {
    let from = window.from.clamp(span.from, span.until.max(span.from));
    let until = window.until.clamp(from, span.until.max(from));
    Window { from, until }
}
