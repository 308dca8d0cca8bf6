//! Checking a name and a password. Whatever is wrong, the answer and its cost are the same: nobody
//! learns which names there are.

use std::{net::IpAddr, net::Ipv4Addr, sync::Arc, time::Duration, time::Instant, time::SystemTime};

use axum::http::{HeaderMap, StatusCode, header};
use serde_json::json;
use tokio::time;

use super::{Keeper, Who, notes};
use crate::{
    domain::{
        access::{AccountName, password},
        alert::Actor,
        audit::Deed,
        time::UnixMicros,
    },
    http::{
        App, Problem,
        secret::{self, HashFailed, Secret},
    },
    store::{AccountChange, Changed, SessionRow, SignedIn, TokenRow},
};

/// For a turn at hashing. A flood of sign-ins must not make each of them wait for ever.
const TURN_WITHIN: Duration = Duration::from_secs(5);
/// What browsers hold to be the longest that a cookie may last (RFC 6265bis §5.6.2: 400 days).
const COOKIE_MAX: Duration = Duration::from_secs(400 * 24 * 3600);

/// A session that has begun.
pub(super) struct Entered {
    pub(super) who: Arc<Who>,
    pub(super) secret: Secret,
    /// How long its cookie lasts, seconds.
    pub(super) for_s: u64,
}

/// Where a sign-in comes from.
pub(super) struct From<'a> {
    pub(super) address: Option<IpAddr>,
    pub(super) headers: &'a HeaderMap,
}

fn failed() -> Problem {
    Problem::new(
        StatusCode::UNAUTHORIZED,
        "The name or the password is not right, or there were too many failures before: then wait \
         five minutes.",
    )
}

impl Keeper {
    /// Signs in with a name and a password, and takes a new password if one is given.
    pub(super) async fn enter(
        &self,
        app: &App,
        from: &From<'_>,
        name: &str,
        password: &str,
        new_password: Option<&str>,
    ) -> Result<Entered, Problem> {
        let address = from.address.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        let permitted = self.lock_lockout().permit(Instant::now(), name, address);
        let account = AccountName::try_from(name).ok();
        let actor = || {
            let user = name.chars().filter(|letter| !letter.is_control()).take(64).collect();
            Actor { user, person: None }
        };
        let fail = |why: &str| {
            let detail = json!({ "why": why });
            let object = "session".to_owned();
            app.note_of(actor(), from.address, Deed::SignInFailed, object, Some(detail));
            failed()
        };
        if permitted.is_err() {
            return Err(fail("locked"));
        }
        let hash = match &account {
            Some(account) => self.store.password_hash(account).await.map_err(Problem::store)?,
            None => None,
        };
        let row = match &account {
            Some(account) => self.store.account(account).await.map_err(Problem::store)?,
            None => None,
        };
        let right = self.verify(password, hash).await?;
        let Some(account) = row.filter(|row| right && !row.disabled) else {
            let locked = self.lock_lockout().failed(Instant::now(), name, address);
            return Err(fail(if locked.is_some() { "wrong, and locked now" } else { "wrong" }));
        };
        self.lock_lockout().succeeded(name, address);
        if let Some(new) = new_password {
            let new = password::take(new, &account.name)
                .map_err(|weak| Problem::unprocessable(format!("{weak}.")))?;
            if new == password::normal(password) {
                return Err(Problem::unprocessable(
                    "The new password is the old one: take another.",
                ));
            }
            let change =
                AccountChange::Password { hash: self.hash(new).await?, must_change: false };
            let actor = Actor { user: account.name.to_string(), person: account.person.clone() };
            let object = format!("user:{}", account.name);
            let note = notes::of(actor, from.address, Deed::User("password"), object, None);
            let changed = self.store.change_account(account.name.clone(), change, note).await;
            match changed.map_err(Problem::store)? {
                Changed::Done => self.refresh().await,
                _ => return Err(failed()),
            }
        }
        let for_ = self.policy.absolute;
        self.begin_for(app, from, SignedIn::Account(account.name), for_).await
    }

    /// Signs a screen in with its token, so that its browser keeps a cookie instead.
    pub(super) async fn enter_with(
        &self,
        app: &App,
        from: &From<'_>,
        token: &str,
    ) -> Result<Entered, Problem> {
        let now = UnixMicros::from(SystemTime::now());
        let hash = secret::hash_of(token.trim());
        let row = self.store.token_of(&hash).await.map_err(Problem::store)?;
        let Some(TokenRow { id, expires_at, .. }) = row.filter(|row| row.is_good(now)) else {
            let actor = Actor { user: "?".to_owned(), person: None };
            let detail = json!({ "why": "no such token" });
            let object = "session".to_owned();
            app.note_of(actor, from.address, Deed::SignInFailed, object, Some(detail));
            return Err(Problem::new(StatusCode::UNAUTHORIZED, "This token is not good."));
        };
        let for_ = expires_at.map_or(COOKIE_MAX, |end| end.since(now).min(COOKIE_MAX));
        self.begin_for(app, from, SignedIn::Token(id), for_).await
    }

    async fn begin_for(
        &self,
        app: &App,
        from: &From<'_>,
        who: SignedIn,
        for_: Duration,
    ) -> Result<Entered, Problem> {
        let secret = Secret::session().map_err(|_| Problem::fault())?;
        let now = UnixMicros::from(SystemTime::now());
        let agent = from.headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
        let row = SessionRow {
            hash: secret.hash(),
            who,
            created_at: now,
            seen_at: now,
            expires_at: now.plus(for_),
            address: from.address.map(|address| address.to_string()).unwrap_or_default(),
            agent: agent.unwrap_or_default().to_owned(),
        };
        let who = self.begin(row).await.map_err(Problem::store)?.ok_or_else(failed)?;
        let actor = Actor { user: who.name.clone(), person: who.person.clone() };
        let object = format!("session:{}", secret.hash());
        app.note_of(actor, from.address, Deed::SignIn, object, None);
        Ok(Entered { who, secret, for_s: for_.as_secs() })
    }

    /// The hash of a new password, off the runtime's threads and few at once.
    pub(super) async fn hash(&self, password: String) -> Result<String, Problem> {
        let hashed: Result<String, HashFailed> =
            self.in_turn(move || secret::hash(&password)).await?;
        hashed.map_err(|error| {
            tracing::error!(%error, "a password could not be hashed");
            Problem::fault()
        })
    }

    async fn verify(&self, password: &str, hash: Option<String>) -> Result<bool, Problem> {
        // A longer one is nobody's; it must not cost more.
        let password: String = password.chars().take(4 * password::BYTES_MAX).collect();
        let password = password::normal(&password);
        self.in_turn(move || secret::verify(&password, hash.as_deref())).await
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let busy = || {
            Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "Too many sign in at the same time. Try again in a few seconds.",
            )
        };
        let turn = time::timeout(TURN_WITHIN, self.hashing.acquire()).await;
        let _turn = turn.map_err(|_| busy())?.map_err(|_| busy())?;
        tokio::task::spawn_blocking(work).await.map_err(|_| Problem::fault())
    }
}
