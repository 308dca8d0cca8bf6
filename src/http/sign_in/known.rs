//! One session or token that is in use, and what the store says of it.

use std::{
    collections::HashMap,
    sync::{Arc, atomic::AtomicUsize},
};

use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{Who, keeper::Hashes};
use crate::{
    config::Sessions,
    domain::{
        access::{AccountName, Rights},
        time::UnixMicros,
    },
    store::{AccountRow, SecretHash, SignedIn, Store, StoreError, TokenRow},
};

/// A session or a token in use.
pub(super) struct Live {
    pub(super) who: Arc<Who>,
    /// When it was used last.
    pub(super) seen_at: UnixMicros,
    /// What the store knows of that.
    pub(super) written_at: UnixMicros,
    /// When it ends whatever it does; `None`: a token without an end.
    expires_at: Option<UnixMicros>,
    /// The epoch that it was judged by.
    pub(super) as_of: i64,
}

/// All that sessions and tokens are judged by, read at one time.
pub(super) struct People {
    accounts: HashMap<AccountName, AccountRow>,
    tokens: HashMap<Uuid, TokenRow>,
    sessions: Hashes,
}

impl People {
    pub(super) async fn read(store: &Store, now: UnixMicros) -> Result<Self, StoreError> {
        let accounts = store.accounts().await?;
        let tokens = store.tokens().await?;
        let sessions = store.sessions(now).await?;
        Ok(Self {
            accounts: accounts.into_iter().map(|row| (row.name.clone(), row)).collect(),
            tokens: tokens.into_iter().map(|row| (row.id, row)).collect(),
            sessions: sessions.into_iter().map(|row| row.hash).collect(),
        })
    }

    fn who(&self, like: &Who, now: UnixMicros) -> Option<Who> {
        if like.session.is_some_and(|hash| !self.sessions.contains(&hash)) {
            return None;
        }
        match like.signed_in.as_ref()? {
            SignedIn::Account(name) => of_account(self.accounts.get(name)?, like.session),
            SignedIn::Token(id) => of_token(self.tokens.get(id)?, like.session, now),
        }
    }
}

impl Live {
    /// Reads one that was not in use; `None`: it is not good.
    pub(super) async fn read(
        store: &Store,
        hash: SecretHash,
        as_of: i64,
        now: UnixMicros,
        policy: &Sessions,
    ) -> Result<Option<Self>, StoreError> {
        let (who, seen_at, expires_at) = if let Some(session) = store.session(&hash).await? {
            let who = match &session.who {
                SignedIn::Account(name) => {
                    let account = store.account(name).await?;
                    account.and_then(|account| of_account(&account, Some(hash)))
                }
                SignedIn::Token(id) => {
                    let tokens = store.tokens().await?;
                    let token = tokens.into_iter().find(|token| token.id == *id);
                    token.and_then(|token| of_token(&token, Some(hash), now))
                }
            };
            (who, session.seen_at, Some(session.expires_at))
        } else if let Some(token) = store.token_of(&hash).await? {
            (of_token(&token, None, now), token.seen_at.unwrap_or(now), token.expires_at)
        } else {
            return Ok(None);
        };
        let live = who.map(|who| Self {
            who: Arc::new(who),
            seen_at,
            written_at: seen_at,
            expires_at,
            as_of,
        });
        Ok(live.filter(|live| live.is_good(now, policy)))
    }

    /// Who it is, unless it is over; from now on it is not idle.
    pub(super) fn use_at(&mut self, now: UnixMicros, policy: &Sessions) -> Option<Arc<Who>> {
        let good = self.is_good(now, policy) && !self.who.ended.is_cancelled();
        good.then(|| {
            self.seen_at = self.seen_at.max(now);
            self.who.clone()
        })
    }

    /// Whether it is not over. Only who signed in with a password can be idle: a screen hangs there.
    pub(super) fn is_good(&self, now: UnixMicros, policy: &Sessions) -> bool {
        let idle = self.who.account().is_some() && now.since(self.seen_at) >= policy.idle;
        !idle && self.expires_at.is_none_or(|end| now < end)
    }

    /// Judges it by what the store says now. `None`: it has ended; `Some(false)`: it goes on with
    /// other rights.
    pub(super) fn judge(&mut self, people: &People, now: UnixMicros) -> Option<bool> {
        let Some(who) = people.who(&self.who, now) else {
            self.who.ended.cancel();
            return None;
        };
        if self.who.is_like(&who) {
            return Some(true);
        }
        self.who.ended.cancel();
        self.who = Arc::new(who);
        Some(false)
    }

    /// Goes on in its name and with its rights, but its sockets end.
    pub(super) fn begin_anew(&mut self) {
        let Who { name, person, rights, must_change, signed_in, session, ended, open: _ } =
            &*self.who;
        ended.cancel();
        self.who = Arc::new(Who {
            name: name.clone(),
            person: person.clone(),
            rights: rights.clone(),
            must_change: *must_change,
            signed_in: signed_in.clone(),
            session: *session,
            ended: CancellationToken::new(),
            open: AtomicUsize::new(0),
        });
    }

    pub(super) fn token(&self) -> Option<Uuid> {
        match self.who.signed_in {
            Some(SignedIn::Token(id)) => Some(id),
            Some(SignedIn::Account(_)) | None => None,
        }
    }
}

fn of_account(account: &AccountRow, session: Option<SecretHash>) -> Option<Who> {
    (!account.disabled).then(|| Who {
        name: account.name.to_string(),
        person: account.person.clone(),
        rights: Rights { grants: account.grants.clone(), screen: None },
        must_change: account.must_change,
        signed_in: Some(SignedIn::Account(account.name.clone())),
        session,
        ended: CancellationToken::new(),
        open: AtomicUsize::new(0),
    })
}

fn of_token(token: &TokenRow, session: Option<SecretHash>, now: UnixMicros) -> Option<Who> {
    token.is_good(now).then(|| Who {
        name: token.name.clone(),
        person: None,
        rights: token.rights(),
        must_change: false,
        signed_in: Some(SignedIn::Token(token.id)),
        session,
        ended: CancellationToken::new(),
        open: AtomicUsize::new(0),
    })
}
