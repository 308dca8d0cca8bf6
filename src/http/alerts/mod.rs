//! Alerts: the list, one of them, the shelf, and what people do with them.

pub(super) mod act;
pub(super) mod figures;
pub(super) mod list;
pub(super) mod one;
mod view;

pub(super) use self::{
    act::{ActWord, Said, done},
    view::{AlertView, Place},
};
