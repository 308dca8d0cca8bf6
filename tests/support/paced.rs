//! A TCP connection whose reader takes no more than so many bytes a second.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Instant, Sleep, sleep},
};

/// One reading, bytes: at 256 kbit/s an eighth of a second.
const PART: usize = 4096;

/// The connection.
pub(crate) struct Paced {
    stream: TcpStream,
    /// Bytes a second; `None`: as they come.
    rate: Option<u32>,
    wait: Pin<Box<Sleep>>,
}

impl Paced {
    /// Takes so many bytes a second, or all.
    pub(crate) fn new(stream: TcpStream, rate: Option<u32>) -> Self {
        Self { stream, rate, wait: Box::pin(sleep(Duration::ZERO)) }
    }
}

impl AsyncRead for Paced {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let Some(rate) = self.rate else {
            return Pin::new(&mut self.stream).poll_read(context, into);
        };
        ready!(self.wait.as_mut().poll(context));
        let mut part = [0; PART];
        let mut part = ReadBuf::new(&mut part[..PART.min(into.remaining())]);
        ready!(Pin::new(&mut self.stream).poll_read(context, &mut part))?;
        into.put_slice(part.filled());
        let takes = Duration::from_secs_f64(part.filled().len() as f64 / f64::from(rate));
        self.wait.as_mut().reset(Instant::now() + takes);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Paced {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
