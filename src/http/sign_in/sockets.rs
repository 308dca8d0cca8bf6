//! How many sockets one account or token may have open at once.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, atomic::Ordering},
};

use axum::http::StatusCode;
use tokio::sync::OwnedSemaphorePermit;

use super::Who;
use crate::{http::Problem, store::SignedIn};

/// Four pages with two sockets each; more is a page that forgets to close them.
const OF_ACCOUNT: usize = 8;
/// A screen shows one page, a script or another centre may follow several walls.
const OF_TOKEN: usize = 16;

/// Open sockets by name.
#[derive(Clone, Debug, Default)]
pub(super) struct Sockets(Arc<Mutex<HashMap<String, usize>>>);

/// A socket's place, among all and among those of its account or token. Dropped when it closes.
#[derive(Debug)]
pub(in crate::http) struct SocketPlace {
    _of_all: OwnedSemaphorePermit,
    _own: Option<Own>,
}

impl SocketPlace {
    pub(in crate::http) fn new(of_all: OwnedSemaphorePermit, own: Option<Own>) -> Self {
        Self { _of_all: of_all, _own: own }
    }
}

/// One of an account's or a token's places.
#[derive(Debug)]
pub(in crate::http) struct Own {
    key: String,
    sockets: Sockets,
    who: Arc<Who>,
}

impl Sockets {
    /// A place for one more.
    pub(super) fn take(&self, who: &Arc<Who>) -> Result<Own, Problem> {
        let (key, most) = match &who.signed_in {
            Some(SignedIn::Token(id)) => (id.to_string(), OF_TOKEN),
            Some(SignedIn::Account(_)) | None => (who.name.clone(), OF_ACCOUNT),
        };
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mine = open.entry(key.clone()).or_default();
        if *mine >= most {
            return Err(Problem::new(
                StatusCode::TOO_MANY_REQUESTS,
                format!("This sign-in has {most} sockets open already. Close some pages first."),
            ));
        }
        *mine += 1;
        drop(open);
        who.open.fetch_add(1, Ordering::Relaxed);
        Ok(Own { key, sockets: self.clone(), who: who.clone() })
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        self.who.open.fetch_sub(1, Ordering::Relaxed);
        let mut open = self.sockets.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(mine) = open.get_mut(&self.key) {
            *mine -= 1;
            if *mine == 0 {
                open.remove(&self.key);
            }
        }
    }
}
