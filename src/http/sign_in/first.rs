//! The first account, while there is none: printed once, and good for nothing but choosing a password.

use serde_json::json;

use super::notes;
use crate::{
    domain::{
        access::{AccountName, Grant, Role, Scope},
        alert::Actor,
        audit::Deed,
    },
    http::secret,
    store::{AccountChange, Changed, NewAccount, Store, StoreError},
};

/// A sign-in to tell to whoever started the service, and to nobody else.
#[derive(Clone)]
pub struct FirstSignIn {
    /// The name.
    pub name: String,
    /// The password; it must be changed at the first sign-in.
    pub password: String,
}

/// Without the password.
impl std::fmt::Debug for FirstSignIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FirstSignIn").field("name", &self.name).finish_non_exhaustive()
    }
}

/// What the first account is called.
const NAME: &str = "admin";

/// Why there is none.
#[derive(Debug, thiserror::Error)]
pub enum NoFirst {
    /// The store failed.
    #[error("accounts cannot be read or written")]
    Store(#[from] StoreError),
    /// Nothing random, or no memory for the hash.
    #[error("no password could be made: the machine is out of memory or random numbers")]
    Secret,
}

impl FirstSignIn {
    /// Makes the first account if there is none. With `anew`, also gives it another password while
    /// nobody has signed in with the last one: for a demo, where nobody keeps what was printed.
    pub async fn make(store: &Store, anew: bool) -> Result<Option<Self>, NoFirst> {
        let name = AccountName::try_from(NAME).map_err(|_| NoFirst::Secret)?;
        let unused = match store.has_accounts().await? {
            false => None,
            true if !anew => return Ok(None),
            true => match store.account(&name).await? {
                Some(account) if account.must_change => Some(account),
                Some(_) | None => return Ok(None),
            },
        };
        let password = secret::readable().map_err(|_| NoFirst::Secret)?;
        let for_hash = password.clone();
        let hash = tokio::task::spawn_blocking(move || secret::hash(&for_hash)).await;
        let hash = hash.ok().and_then(Result::ok).ok_or(NoFirst::Secret)?;
        let actor = Actor { user: "watchwall".to_owned(), person: None };
        let deed = Deed::User(if unused.is_some() { "password" } else { "add" });
        let why = Some(json!({ "why": "the first sign-in" }));
        let note = notes::of(actor, None, deed, format!("user:{NAME}"), why);
        let changed = if unused.is_some() {
            let change = AccountChange::Password { hash, must_change: true };
            store.change_account(name, change, note).await?
        } else {
            let grants = vec![Grant { role: Role::Admin, scope: Scope::All }];
            let account = NewAccount { name, hash, person: None, must_change: true, grants };
            store.create_first(account, note).await?
        };
        // Another process was first.
        Ok((changed == Changed::Done).then(|| Self { name: NAME.to_owned(), password }))
    }
}
