//! Who is asking, and what they may see and do. Every handler asks here, and nowhere else.
//!
//! What is allowed is decided in `domain::access`; here things are turned into the places that they
//! are about ([`deeds`], [`sight`]), and refusals into answers.

mod deeds;
mod roster;
mod sight;
mod trees;

use std::{fmt, net::IpAddr, sync::Arc};

use axum::{
    extract::FromRequestParts,
    http::{StatusCode, request::Parts},
};
use tokio_util::sync::CancellationToken;

pub(super) use self::{deeds::Action, trees::Trees};
use super::{
    App, Problem,
    serve::Peer,
    sign_in::{self, Who},
};
use crate::domain::{access::Rights, alert::Actor, roster::PersonId};

/// Whoever sent a request.
#[derive(Clone)]
pub(super) struct Subject {
    /// The account's or the token's name.
    pub(super) user: String,
    /// The highest role that it has anywhere.
    pub(super) role: String,
    /// The person of the roster that it acts for.
    pub(super) person: Option<PersonId>,
    /// Where it came from, where that is known.
    pub(super) address: Option<IpAddr>,
    who: Arc<Who>,
    app: App,
}

/// Names the person of the roster where nobody has to sign in.
const PERSON: &str = "x-watchwall-person";

impl FromRequestParts<App> for Subject {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let subject = Self::of_request(parts, app).await?;
        if subject.who.must_change {
            return Err(Problem::new(
                StatusCode::FORBIDDEN,
                "This password was given by somebody else: choose one of your own first. POST \
                 /api/v1/session takes it as `new_password`.",
            ));
        }
        if app.sign_in.is_some() {
            return Ok(subject);
        }
        let named = parts.headers.get(PERSON).map(|id| id.to_str().unwrap_or("?").to_owned());
        subject.acting_for(named.as_deref())
    }
}

impl Subject {
    /// Who sent it, also while all it may do is choosing a password.
    pub(super) async fn of_request(parts: &Parts, app: &App) -> Result<Self, Problem> {
        let address = parts.extensions.get::<Peer>().map(|peer| peer.0.ip());
        let who = match &app.sign_in {
            None => app.anonymous.clone(),
            Some(keeper) => sign_in::sender(app, keeper, &parts.headers).await?,
        };
        Ok(Self::new(app, who, address))
    }

    pub(super) fn new(app: &App, who: Arc<Who>, address: Option<IpAddr>) -> Self {
        let role = who.rights.role().map_or_else(|| "none".to_owned(), |role| role.to_string());
        Self {
            user: who.name.clone(),
            role,
            person: who.person.clone(),
            address,
            who,
            app: app.clone(),
        }
    }

    /// The same, acting for a person of the roster: where everybody is anonymous, that is for each to
    /// say; an account acts for its own person alone.
    pub(super) fn acting_for(self, person: Option<&str>) -> Result<Self, Problem> {
        let Some(person) = person else { return Ok(self) };
        let refused = |detail| Err(Problem::new(StatusCode::FORBIDDEN, detail));
        if self.app.sign_in.is_some() {
            return match self.person.as_ref().is_some_and(|own| own.as_str() == person) {
                true => Ok(self),
                false => refused("This account acts for another person."),
            };
        }
        let duty = self.app.view.duty.load();
        let known = |id: &PersonId| duty.config.roster.person(id).is_some();
        match PersonId::try_from(person).ok().filter(known) {
            Some(person) => Ok(Self { person: Some(person), ..self }),
            None => refused("There is no such person. GET /api/v1/roster lists the people."),
        }
    }

    /// Who does it, as it is written down.
    pub(super) fn actor(&self) -> Actor {
        Actor { user: self.user.clone(), person: self.person.clone() }
    }

    /// Who it is, with all that was granted.
    pub(super) fn who(&self) -> &Arc<Who> {
        &self.who
    }

    /// Resolves when it is signed out or its rights are others: sockets are closed then.
    pub(super) fn ended(&self) -> &CancellationToken {
        &self.who.ended
    }

    pub(super) fn app(&self) -> &App {
        &self.app
    }

    fn rights(&self) -> &Rights {
        &self.who.rights
    }
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subject").field("user", &self.user).field("role", &self.role).finish()
    }
}
