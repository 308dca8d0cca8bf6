//! What is written down of what people do: the words of the audit.

use std::fmt;

/// Something that somebody did, as the audit calls it.
///
/// Commands have their own words (`acknowledge`, `drill`, …), given by whoever carries them out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Somebody has signed in.
    SignIn,
    /// Somebody has not: a wrong name or password, or locked out.
    SignInFailed,
    /// Somebody has signed out.
    SignOut,
    /// Something was asked for that is not allowed, or does not exist for whoever asked; what is
    /// refused again within a minute is one more row, which says how often.
    Denied,
    /// Somebody begins to look at live pictures; at most one row a quarter of an hour for each
    /// person and camera.
    View,
    /// Nobody looks at them any more, and has not for a quarter of an hour.
    ViewEnded,
    /// Somebody has looked at a picture that was kept.
    ViewStored,
    /// Somebody has shown a camera to a colleague.
    Hand,
    /// Something was done to an account, as in `user-disable`.
    User(&'static str),
    /// Something was done to a token.
    Token(&'static str),
    /// Something was done to a wall.
    Wall(&'static str),
    /// The configuration was changed.
    Config(&'static str),
    /// Rows of the audit were lost, as many as the detail says: there was no room for them.
    Lost,
}

impl fmt::Display for Deed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (about, what) = match *self {
            Self::SignIn => ("", "sign-in"),
            Self::SignInFailed => ("", "sign-in-failed"),
            Self::SignOut => ("", "sign-out"),
            Self::Denied => ("", "denied"),
            Self::View => ("", "view"),
            Self::ViewEnded => ("", "view-ended"),
            Self::ViewStored => ("", "view-stored"),
            Self::Hand => ("", "hand"),
            Self::User(what) => ("user-", what),
            Self::Token(what) => ("token-", what),
            Self::Wall(what) => ("wall-", what),
            Self::Config(what) => ("config-", what),
            Self::Lost => ("", "audit-lost"),
        };
        write!(f, "{about}{what}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_deed_has_a_word_of_its_own() {
        let said = [
            Deed::SignIn,
            Deed::SignInFailed,
            Deed::SignOut,
            Deed::Denied,
            Deed::View,
            Deed::ViewEnded,
            Deed::ViewStored,
            Deed::Hand,
            Deed::User("disable"),
            Deed::Token("disable"),
            Deed::Wall("show"),
            Deed::Config("restore"),
            Deed::Lost,
        ];
        let words: std::collections::BTreeSet<_> = said.iter().map(Deed::to_string).collect();
        assert_eq!(words.len(), said.len());
        assert!(words.contains("user-disable") && words.contains("wall-show"), "{words:?}");
    }
}
