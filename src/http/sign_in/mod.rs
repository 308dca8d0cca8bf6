//! Sign-in: who sends a request, by the cookie of a session or by a bearer token.
//!
//! Sessions, tokens and rights are the store's; [`Keeper`] knows those that are in use, and notices
//! within half a second when they are others, whoever changed them. What somebody may do is asked in
//! `http::access`.

mod cookie;
mod enter;
mod first;
mod keeper;
mod known;
mod notes;
pub(super) mod preferences;
pub(super) mod session;
pub(super) mod sessions;
mod sockets;
pub(super) mod tokens;
pub(super) mod users;
mod view;

use std::sync::{Arc, atomic::AtomicUsize};

use axum::http::{HeaderMap, StatusCode, header};
use tokio_util::sync::CancellationToken;

pub(super) use self::{cookie::carries_one, sockets::SocketPlace};
pub use self::{
    first::{FirstSignIn, NoFirst},
    keeper::Keeper,
};
use super::{App, Problem, secret};
use crate::{
    domain::{
        access::{AccountName, Rights},
        roster::PersonId,
    },
    store::{SecretHash, SignedIn},
};

/// Somebody who is signed in, or everybody where nobody has to be. Rights do not change here: who
/// gets others is another one, and this one has ended.
#[derive(Debug)]
pub(super) struct Who {
    /// The account's or the token's name.
    pub(super) name: String,
    /// The person of the roster that it acts for.
    pub(super) person: Option<PersonId>,
    /// What was granted.
    pub(super) rights: Rights,
    /// All it may do is to choose a password.
    pub(super) must_change: bool,
    /// How it came in; `None`: nobody has to sign in.
    pub(super) signed_in: Option<SignedIn>,
    /// The session, where it is not a bearer's token.
    pub(super) session: Option<SecretHash>,
    /// Cancelled when it is signed out or its rights are others.
    pub(super) ended: CancellationToken,
    /// Sockets that are open: while there are, it is not idle.
    pub(super) open: AtomicUsize,
}

impl Who {
    /// Everybody, where there is no sign-in.
    pub(super) fn anonymous() -> Arc<Self> {
        Arc::new(Self {
            name: "anonymous".to_owned(),
            person: None,
            rights: Rights::everything(),
            must_change: false,
            signed_in: None,
            session: None,
            ended: CancellationToken::new(),
            open: AtomicUsize::new(0),
        })
    }

    /// The account, unless it is a token or anonymous.
    pub(super) fn account(&self) -> Option<&AccountName> {
        match &self.signed_in {
            Some(SignedIn::Account(name)) => Some(name),
            Some(SignedIn::Token(_)) | None => None,
        }
    }

    /// Whether both may do the same in the same name.
    fn is_like(&self, other: &Self) -> bool {
        (&self.name, &self.person, &self.rights, self.must_change)
            == (&other.name, &other.person, &other.rights, other.must_change)
    }
}

/// What whoever is not signed in is told, always the same.
pub(super) fn signed_out() -> Problem {
    Problem::new(
        StatusCode::UNAUTHORIZED,
        "Sign in first: POST /api/v1/session takes a name and a password, and the header \
         `Authorization: Bearer …` a token. Pages do it at /sign-in.",
    )
}

/// The one whose token or cookie a request carries. A bearer's token stands before a cookie.
pub(super) async fn sender(
    app: &App,
    keeper: &Keeper,
    headers: &HeaderMap,
) -> Result<Arc<Who>, Problem> {
    let secret = match bearer(headers) {
        Some(token) => Some(token.to_owned()),
        None => cookie::read(app, headers),
    };
    let Some(secret) = secret else { return Err(signed_out()) };
    let who = keeper.find(secret::hash_of(&secret)).await.map_err(Problem::store)?;
    who.ok_or_else(signed_out)
}

/// The token of `Authorization: Bearer …`.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
