//! A decode worker's main: job in, answer out, one at a time, until the link closes.
//!
//! Decoding blocks the runtime it runs on, and that is meant: the process is one thread on one
//! core, has one link and one thing to do. A second thread would only let the next job wait in
//! here instead of in the centre, where a newer keyframe can still replace it. So: one worker per
//! core, a current-thread runtime, and at most one or two jobs sent ahead.
//!
//! How long one job may take is the centre's to decide: it ends a worker that does not answer.

use tokio::io::{AsyncRead, AsyncWrite};

use ffmpeg_next::{color::Range, format::Pixel, frame};

use super::{
    compose::{self, ComposeError, Composer},
    cpu,
    decoders::Decoders,
    tile::{TileError, Tiler},
};
use crate::{
    domain::picture::{self, Planes},
    worker::{
        link::{LinkError, LinkReader, LinkWriter},
        message::{
            Composed, DecodeFault, DecodeJob, DecodeMode, Decoded, Picture, Ready, ToDecode,
        },
        sandbox::{Sandbox, SandboxError},
    },
};

/// What a worker is held to.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The fence around the process; `None` only where a test shares the process with the worker.
    pub sandbox: Option<Sandbox>,
}

impl Limits {
    /// Data memory of one worker. It holds about 12 MB while all cameras are small; an 8K picture
    /// of each codec, nearly the largest that is let in, brings it to 180 MB.
    pub const DATA_BYTES: u64 = 256 * 1024 * 1024;
}

impl Default for Limits {
    fn default() -> Self {
        Self { sandbox: Some(Sandbox::decode(Self::DATA_BYTES)) }
    }
}

/// Why a worker ended without being asked to.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    /// A decoder, the scaler or the JPEG coder is not there at all.
    #[error("the decode worker could not warm up: {0}")]
    WarmUp(String),
    /// It must not work outside its sandbox.
    #[error("the decode worker could not enter its sandbox")]
    Sandbox(#[from] SandboxError),
    /// The centre is gone in the middle of a frame, or sent one that does not parse.
    #[error("the decode worker lost its link")]
    Link(#[from] LinkError),
}

/// Serves jobs until the link closes.
pub async fn run<S>(stream: S, limits: Limits) -> Result<(), WorkerError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut tools = Tools::warm()?;
    let sandbox = limits.sandbox.map(|sandbox| sandbox.apply()).transpose()?;

    let (reader, writer) = tokio::io::split(stream);
    let (mut reader, mut writer) = (LinkReader::new(reader), LinkWriter::new(writer));
    writer.control(&Ready { sandbox }).await?;
    while let Some(frame) = reader.next().await? {
        match ToDecode::parse(frame)? {
            ToDecode::Picture(job) => {
                let outcome = tools.picture(&job);
                writer.decoded(&Decoded { job: job.job, outcome }).await?;
            }
            ToDecode::Compose(job) => {
                let outcome = tools.composer.compose(&job).map_err(|error| error.to_string());
                writer.composed(&Composed { job: job.job, outcome }).await?;
            }
        }
    }
    Ok(())
}

/// The worker's tools.
pub struct Tools {
    decoders: Decoders,
    tiler: Tiler,
    composer: Composer,
}

impl Tools {
    /// Opens every tool and uses it once, so that nothing is loaded lazily inside the sandbox.
    pub fn warm() -> Result<Self, WorkerError> {
        // libav's own log goes to standard error, a line for each bit that a camera gets wrong.
        ffmpeg_next::log::set_level(ffmpeg_next::log::Level::Quiet);
        let mut tools = Self {
            decoders: Decoders::default(),
            tiler: Tiler::new().map_err(|error: TileError| warm_up(&error))?,
            composer: Composer::new().map_err(|error: ComposeError| warm_up(&error))?,
        };
        tools.decoders.warm().map_err(|fault| WorkerError::WarmUp(format!("{fault:?}")))?;
        tools.composer.compose(&compose::sample()).map_err(|error| warm_up(&error))?;
        Ok(tools)
    }

    /// Does a decode job.
    pub fn picture(&mut self, job: &DecodeJob) -> Result<Picture, DecodeFault> {
        let picture = self.attempt(job);
        if job.mode == DecodeMode::Still && picture.is_err() {
            self.decoders.renew_still(job.codec);
        }
        picture
    }

    fn attempt(&mut self, job: &DecodeJob) -> Result<Picture, DecodeFault> {
        let begun = cpu::time();
        let frame = self.decoders.decode(job)?;
        let decoded = cpu::time();
        let tiles = self
            .tiler
            .tiles(frame, &job.widths)
            .map_err(|error| DecodeFault::Unsupported { why: error.to_string() })?;
        let tiled = cpu::time();
        // What becomes no tile is decoded for what follows it only.
        let planes = planes(frame).filter(|_| !job.widths.is_empty());
        let measures = planes.map(|planes| Box::new(picture::measure(&planes, &job.data)));
        Ok(Picture {
            width: frame.width(),
            height: frame.height(),
            decode: decoded.saturating_sub(begun),
            tile: tiled.saturating_sub(decoded),
            measure: cpu::time().saturating_sub(tiled),
            tiles,
            measures,
        })
    }
}

/// The planes of the usual formats; deep, packed and RGB ones, which are rare, are not measured.
fn planes(frame: &frame::Video) -> Option<Planes<'_>> {
    use Pixel::{YUV420P, YUV422P, YUV444P, YUVJ420P, YUVJ422P, YUVJ444P};
    let full_by_name = matches!(frame.format(), YUVJ420P | YUVJ422P | YUVJ444P);
    if !full_by_name && !matches!(frame.format(), YUV420P | YUV422P | YUV444P) {
        return None;
    }
    Some(Planes {
        luma: frame.data(0),
        stride: frame.stride(0),
        width: usize::try_from(frame.width()).ok()?,
        height: usize::try_from(frame.height()).ok()?,
        full_range: full_by_name || frame.color_range() == Range::JPEG,
        chroma: Some((frame.data(1), frame.data(2), frame.stride(1))),
    })
}

fn warm_up(error: &dyn std::error::Error) -> WorkerError {
    WorkerError::WarmUp(error.to_string())
}
