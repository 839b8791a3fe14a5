//! Connections that can be cut: before the answer, in its middle, or with a reset.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
};

use axum::{
    extract::connect_info::Connected,
    serve::{IncomingStream, Listener},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
};

/// How the answer that is written next is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Cut {
    #[default]
    None,
    /// Closed before the first byte.
    Drop,
    /// Reset before the first byte.
    Reset,
    /// The head and so many bytes of the body, then closed.
    AfterBody(usize),
    /// Already cut.
    Done,
}

/// A handle on the connection a request came by.
#[derive(Debug, Clone, Default)]
pub(super) struct Wire(Arc<Mutex<Cut>>);

impl Wire {
    pub(super) fn cut(&self, cut: Cut) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = cut;
    }

    /// The cut that is due; it is done from now on.
    fn take(&self) -> Cut {
        let mut cut = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let due = *cut;
        if due != Cut::None {
            *cut = Cut::Done;
        }
        due
    }
}

/// A listener whose connections can be cut.
#[derive(Debug)]
pub(super) struct WireListener(pub(super) TcpListener);

/// A connection that can be cut.
#[derive(Debug)]
pub(super) struct WireStream {
    stream: TcpStream,
    wire: Wire,
}

impl Listener for WireListener {
    type Io = WireStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (WireStream, SocketAddr) {
        let (stream, address) = Listener::accept(&mut self.0).await;
        let wire = Wire::default();
        (WireStream { stream, wire }, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

impl Connected<IncomingStream<'_, WireListener>> for Wire {
    fn connect_info(stream: IncomingStream<'_, WireListener>) -> Self {
        stream.io().wire.clone()
    }
}

impl AsyncRead for WireStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for WireStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let cut = self.wire.take();
        match cut {
            Cut::None => Pin::new(&mut self.stream).poll_write(cx, bytes),
            Cut::Drop | Cut::Done => Poll::Ready(Err(closed())),
            Cut::Reset => {
                self.stream.set_zero_linger()?;
                Poll::Ready(Err(closed()))
            }
            Cut::AfterBody(body) => {
                let head = bytes
                    .windows(4)
                    .position(|four| four == b"\r\n\r\n")
                    .map_or(0, |start| start + 4);
                let end = (head + body).min(bytes.len());
                let written = Pin::new(&mut self.stream).poll_write(cx, &bytes[..end]);
                if written.is_pending() {
                    self.wire.cut(cut);
                }
                written
            }
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

fn closed() -> io::Error {
    io::Error::new(io::ErrorKind::BrokenPipe, "cut by a switch")
}
