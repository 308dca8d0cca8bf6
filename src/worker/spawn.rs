//! Starting a worker: the same binary again, with one end of a socket pair as its standard input
//! and nothing else of ours: no environment, no descriptors, no arguments that tell secrets.

use std::{
    io,
    os::{fd::OwnedFd, unix::net::UnixStream as StdUnixStream},
    path::{Path, PathBuf},
    process::Stdio,
};

use tokio::{
    net::{
        UnixStream,
        unix::{OwnedReadHalf, OwnedWriteHalf},
    },
    process::{Child, Command},
};

use super::link::{LinkReader, LinkWriter};

/// What a worker does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Pulls streams.
    Ingest,
    /// Decodes keyframes.
    Decode,
}

impl Role {
    /// The word on the command line: `watchwall worker <word>`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ingest => "ingest",
            Self::Decode => "decode",
        }
    }
}

/// How to start workers.
#[derive(Clone, Debug)]
pub struct Launcher {
    /// The `watchwall` binary.
    pub exe: PathBuf,
    /// Memory of one worker, bytes.
    pub memory_bytes: u64,
    /// The log filter handed down; logs go to the standard error that is inherited.
    pub log: String,
}

/// A worker that was started.
#[derive(Debug)]
pub struct Started {
    /// The process; it is killed when this is dropped.
    pub child: Child,
    /// What it says.
    pub reader: LinkReader<OwnedReadHalf>,
    /// What it is told.
    pub writer: LinkWriter<OwnedWriteHalf>,
}

impl Launcher {
    /// Starts a worker.
    pub fn start(&self, role: Role) -> io::Result<Started> {
        let (ours, theirs) = StdUnixStream::pair()?;
        ours.set_nonblocking(true)?;
        let child = command(&self.exe, role, self)
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .stdout(Stdio::null())
            .stderr(Stdio::inherit())
            .kill_on_drop(true)
            .spawn()?;
        let (reader, writer) = UnixStream::from_std(ours)?.into_split();
        Ok(Started { child, reader: LinkReader::new(reader), writer: LinkWriter::new(writer) })
    }
}

fn command(exe: &Path, role: Role, launcher: &Launcher) -> Command {
    let mut command = Command::new(exe);
    command
        .env_clear()
        .env("WATCHWALL_LOG", &launcher.log)
        .args(["worker", role.word(), "--memory-bytes"])
        .arg(launcher.memory_bytes.to_string());
    // FFmpeg and TurboJPEG allocate from few threads; one arena keeps a worker's memory small.
    command.env("MALLOC_ARENA_MAX", "1");
    command
}

/// In the worker: the link that it was started with.
pub fn inherited_link() -> io::Result<UnixStream> {
    use std::os::fd::AsFd;
    let stream = StdUnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    // Fails here, with a clear error, when somebody runs `watchwall worker` by hand.
    stream.peer_addr()?;
    stream.set_nonblocking(true)?;
    UnixStream::from_std(stream)
}
