//! Who may do what, and where: roles, the sites that they hold for, and the one question
//! [`Rights::authorize`] that everything asks. Nothing is allowed that no grant allows.
//!
//! Not here: who somebody is. Passwords are judged and failures counted here, but hashes, sessions
//! and cookies belong to `http` and `store`.

mod action;
mod lockout;
mod name;
mod object;
pub mod password;
mod rights;
mod role;
mod scope;

#[cfg(test)]
mod properties;

pub use self::{
    action::Action,
    lockout::{Locked, Lockout, LockoutPolicy},
    name::{AccountName, NotAName},
    object::Object,
    rights::{Denied, Rights, ScreenPlace},
    role::Role,
    scope::{Grant, Scope, SiteTree},
};
