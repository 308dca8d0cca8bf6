//! What a worker takes away from itself before it touches a camera's bytes: files, network, other
//! programs, other processes, and all memory beyond its share.
//!
//! Three fences, each enough alone against most of what a broken parser could be made to do:
//! - **limits**: data memory, open files, core dumps, processes;
//! - **Landlock**: no path at all; no TCP bind, and for decoding no TCP connect. Best effort, since
//!   a kernel may lack it: how far it went is reported and shown;
//! - **seccomp**: an allow list of system calls. What is not on it fails with `EPERM`, so that the
//!   worker can say what went wrong; what only an attack would call ends the process.
//!
//! Apply it when everything is warm (libraries loaded, decoders opened, the runtime built), because
//! nothing can be opened afterwards. A refused `open` also means: no name resolution in here; an
//! ingest worker is given numeric addresses.

use std::io;

use landlock::{
    ABI, Access, AccessFs, AccessNet, Ruleset, RulesetAttr, RulesetError, RulesetStatus, Scope,
};
use serde::{Deserialize, Serialize};

use super::syscalls;

/// What a worker may still do. The two kinds differ in the network alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sandbox {
    pub(super) kind: Kind,
    data_bytes: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Decode,
    Ingest,
}

/// How far the fences went that a kernel may lack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    /// Landlock.
    pub landlock: Enforcement,
}

/// How much of a fence stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Enforcement {
    /// All that was asked for.
    Full,
    /// What this kernel knows of it.
    Partial,
    /// Nothing: this kernel has none, or it is switched off.
    Missing,
}

/// Which fence could not be put up. The worker ends: it never works unfenced.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// A resource limit.
    #[error("the limit on {what} was refused")]
    Limit {
        /// What was to be limited.
        what: &'static str,
        /// What the kernel said.
        source: io::Error,
    },
    /// A process attribute.
    #[error("the process attribute {what} was refused")]
    Attribute {
        /// Which.
        what: &'static str,
        /// What the kernel said.
        source: io::Error,
    },
    /// Landlock is there but refused the rules.
    #[error("Landlock refused the rules")]
    Landlock(#[from] RulesetError),
    /// The system call filter.
    #[error("the system call filter was refused")]
    Seccomp(#[from] seccompiler::Error),
}

/// Open files: the link, standard output and error, what the runtime holds, and for ingest two
/// sockets for each of about 25 cameras with room to reconnect.
const OPEN_FILES_DECODE: u64 = 32;
const OPEN_FILES_INGEST: u64 = 512;

impl Sandbox {
    /// For a decode worker: nothing but its link and `data_bytes` of memory.
    pub fn decode(data_bytes: u64) -> Self {
        Self { kind: Kind::Decode, data_bytes }
    }

    /// For an ingest worker: its link, memory, and outgoing TCP and UDP to numeric addresses.
    pub fn ingest(data_bytes: u64) -> Self {
        Self { kind: Kind::Ingest, data_bytes }
    }

    /// Fences the process in, for good.
    ///
    /// Landlock and the death signal cover the calling thread and those it starts later, so a
    /// worker applies this before it has a second thread.
    pub fn apply(&self) -> Result<Applied, SandboxError> {
        self.limit()?;
        self.detach()?;
        let landlock = self.landlock()?;
        syscalls::apply(self.kind)?;
        Ok(Applied { landlock })
    }

    /// `RLIMIT_DATA` and not `RLIMIT_AS`: since Linux 4.7 it counts every private writable mapping,
    /// which is what a parser can be made to allocate, and not the text of FFmpeg's many libraries
    /// nor reserved address space, which differ from one distribution to the next.
    fn limit(&self) -> Result<(), SandboxError> {
        let open_files = match self.kind {
            Kind::Decode => OPEN_FILES_DECODE,
            Kind::Ingest => OPEN_FILES_INGEST,
        };
        set_limit("data memory", libc::RLIMIT_DATA, self.data_bytes)?;
        set_limit("open files", libc::RLIMIT_NOFILE, open_files)?;
        // A core would hold credentials (ingest) and pictures (decode).
        set_limit("core dumps", libc::RLIMIT_CORE, 0)?;
        if self.kind == Kind::Decode {
            // Counts the user's threads everywhere, so only zero can be meant: never one more.
            // Ingest may need a thread, and its system call filter lets it have threads alone.
            set_limit("processes", libc::RLIMIT_NPROC, 0)?;
        }
        Ok(())
    }

    /// The worker ends when the thread that spawned it ends (so it must be spawned from a thread
    /// that lives as long as the centre), gains no rights, and cannot be inspected. The parent may
    /// be gone already; then the link is closed too, which ends the worker as well.
    fn detach(&self) -> Result<(), SandboxError> {
        let kill = libc::SIGKILL as libc::c_ulong;
        set_attribute("death signal", libc::PR_SET_PDEATHSIG, kill)?;
        set_attribute("no new privileges", libc::PR_SET_NO_NEW_PRIVS, 1)?;
        set_attribute("dumpable", libc::PR_SET_DUMPABLE, 0)
    }

    fn landlock(&self) -> Result<Enforcement, RulesetError> {
        // The newest rules that were looked at; an older kernel takes what it knows of them.
        let abi = ABI::V6;
        let net = match self.kind {
            Kind::Decode => AccessNet::BindTcp | AccessNet::ConnectTcp,
            Kind::Ingest => AccessNet::BindTcp.into(),
        };
        let status = Ruleset::default()
            .handle_access(AccessFs::from_all(abi))?
            .handle_access(net)?
            .scope(Scope::from_all(abi))?
            .create()?
            .restrict_self()?;
        Ok(match status.ruleset {
            RulesetStatus::FullyEnforced => Enforcement::Full,
            RulesetStatus::PartiallyEnforced => Enforcement::Partial,
            RulesetStatus::NotEnforced => Enforcement::Missing,
        })
    }
}

#[expect(unsafe_code, reason = "the standard library has no resource limits")]
fn set_limit(
    what: &'static str,
    resource: libc::__rlimit_resource_t,
    value: u64,
) -> Result<(), SandboxError> {
    let limit = libc::rlimit { rlim_cur: value, rlim_max: value };
    // SAFETY: the call reads one `rlimit`, which lives until it returns.
    let result = unsafe { libc::setrlimit(resource, &raw const limit) };
    if result == 0 {
        Ok(())
    } else {
        Err(SandboxError::Limit { what, source: io::Error::last_os_error() })
    }
}

#[expect(unsafe_code, reason = "the standard library has no prctl")]
fn set_attribute(
    what: &'static str,
    option: libc::c_int,
    value: libc::c_ulong,
) -> Result<(), SandboxError> {
    let none: libc::c_ulong = 0;
    // SAFETY: these options take numbers, no pointers.
    let result = unsafe { libc::prctl(option, value, none, none, none) };
    if result == 0 {
        Ok(())
    } else {
        Err(SandboxError::Attribute { what, source: io::Error::last_os_error() })
    }
}
