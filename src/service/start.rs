//! What the centre is started with, and why it did not start.

use std::{io, net::SocketAddr, path::PathBuf};

use super::ledger::LedgerError;
use crate::{config::Config, http::NoFirst, notify::Unusable, store::StoreError};

/// How the centre is started.
#[derive(Debug)]
pub struct Options {
    /// The checked configuration.
    pub config: Config,
    /// The file that it was read from, for those who may change it; `None`: there is none.
    pub file: Option<PathBuf>,
    /// The `watchwall` binary, for workers.
    pub exe: PathBuf,
    /// The log filter that workers get.
    pub log: String,
    /// Seeds the jitter of reconnects.
    pub seed: u64,
    /// Who gets in.
    pub sign_in: SignIn,
}

/// Who gets in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignIn {
    /// Who has an account or a token. While there is no account at all, a first one is made.
    Required,
    /// The same; and while nobody has used the first account, it gets another password at each start.
    Demo,
    /// Everybody, and only on a loopback address.
    Open,
}

/// Why the centre did not start.
#[derive(Debug, thiserror::Error)]
pub enum CentreError {
    /// The store cannot be opened.
    #[error("the store cannot be opened")]
    Store(#[from] StoreError),
    /// The address is taken or not ours.
    #[error("cannot listen on {0}: choose another address with [http] listen or --listen")]
    Listen(SocketAddr, #[source] io::Error),
    /// The ledger of alerts could not begin.
    #[error("alerts cannot be kept")]
    Ledger(#[from] LedgerError),
    /// A channel cannot be opened.
    #[error("a [[channel]] cannot be opened")]
    Channel(#[from] Unusable),
    /// The fan-out thread did not start.
    #[error("the fan-out thread did not start")]
    Fanout(#[source] io::Error),
    /// Without sign-in the service is for this machine alone.
    #[error(
        "{0} is not a loopback address: without sign-in (--insecure-no-auth) the service must not be reached from outside"
    )]
    NotLoopback(SocketAddr),
    /// In clear, passwords and pictures would be everybody's on the way.
    #[error(
        "{0} is not a loopback address: name a certificate with tls_certificate and tls_key under [http], or listen on 127.0.0.1 behind a proxy that speaks TLS"
    )]
    InClear(SocketAddr),
    /// There is no account, and none could be made.
    #[error("the first account could not be made")]
    First(#[from] NoFirst),
}
