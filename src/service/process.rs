//! What a worker process runs: its link, its fences, its work.

use std::io;

use tokio::net::TcpListener;

use crate::{
    decode, ingest,
    worker::{
        link::LinkError,
        sandbox::{Sandbox, SandboxError},
        spawn::{Role, inherited_link},
    },
};

/// Why a worker process ended without being asked to.
#[derive(Debug, thiserror::Error)]
pub enum ProcessError {
    /// It was not started by the service.
    #[error("workers are started by the service; their standard input is their link to it")]
    NoLink(#[source] io::Error),
    /// No loopback listener.
    #[error("no loopback port for the guard")]
    Listener(#[source] io::Error),
    /// It must not work unfenced.
    #[error("the sandbox could not be put up")]
    Sandbox(#[from] SandboxError),
    /// The link broke.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// The decode worker failed.
    #[error(transparent)]
    Decode(#[from] decode::worker::WorkerError),
    /// The runtime did not start.
    #[error("the runtime did not start")]
    Runtime(#[source] io::Error),
}

/// Runs a worker until its link closes, on the calling thread alone.
pub fn run(role: Role, memory_bytes: u64) -> Result<(), ProcessError> {
    let runtime = match role {
        Role::Ingest => ingest::runtime(),
        Role::Decode => tokio::runtime::Builder::new_current_thread().enable_all().build(),
    }
    .map_err(ProcessError::Runtime)?;
    runtime.block_on(async {
        let link = inherited_link().map_err(ProcessError::NoLink)?;
        match role {
            Role::Decode => {
                let sandbox = Some(Sandbox::decode(memory_bytes));
                Ok(decode::worker::run(link, decode::worker::Limits { sandbox }).await?)
            }
            Role::Ingest => {
                // Made before the fences forbid to listen: retina connects to it, nobody else.
                let listener =
                    TcpListener::bind(("127.0.0.1", 0)).await.map_err(ProcessError::Listener)?;
                Sandbox::ingest(memory_bytes).apply()?;
                Ok(ingest::run(link, listener).await?)
            }
        }
    })
}
