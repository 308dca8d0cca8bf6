//! Alerts: what needs a person now. Everything that is observed is a record; a rule makes an alert
//! of some.
//!
//! States and transitions are those of ISA-18.2 / IEC 62682. Three words are kept apart everywhere:
//! an alert is *stored*, then *delivered* (an application or a notifier's other side confirmed it),
//! then *acknowledged* (a person took it).

mod act;
mod book;
mod change;
pub mod compact;
pub mod delivery;
mod fact;
mod flood;
mod id;
mod plan;
mod state;
mod wording;
mod words;

pub use self::{
    act::{Act, Actor, Disposition, Refused},
    book::{BOOK_FULL, Book, BookPolicy},
    change::{Change, What},
    fact::{Fact, Raised, Source, Subject},
    flood::{Flood, Mix},
    id::{AlertId, Seq},
    plan::{Plan, Priority, Procedure},
    state::{Alert, Comment, Shelved, Signed, State},
    wording::{ScreenPlace, Wording},
    words::kind_words,
};
