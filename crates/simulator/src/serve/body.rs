//! Bodies in and out: in, bounded in size and time; out, as slow or as broken as a fault asks for.

use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use std::future::{Future as _, poll_fn};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::time::{Sleep, sleep, timeout};

/// Largest request body.
pub(super) const MAX_BYTES: usize = 1024 * 1024;
/// Longest time a client may take to send its body.
const BODY_WITHIN: Duration = Duration::from_secs(15);

/// Why a body was not read: the status to answer.
pub(super) async fn read(mut body: Incoming) -> Result<Vec<u8>, u16> {
    let whole = async {
        let mut bytes = Vec::new();
        while let Some(frame) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
            if let Ok(data) = frame.map_err(|_| 400_u16)?.into_data() {
                if bytes.len() + data.len() > MAX_BYTES {
                    return Err(413);
                }
                bytes.extend_from_slice(&data);
            }
        }
        Ok(bytes)
    };
    timeout(BODY_WITHIN, whole).await.unwrap_or(Err(408))
}

/// A reply's body: all at once, byte by byte, or lost in the middle.
pub(super) struct Paced {
    bytes: Bytes,
    per_byte: Duration,
    waiting: Option<Pin<Box<Sleep>>>,
    /// How many bytes were promised and never come; then the connection is lost.
    missing: u64,
}

impl Paced {
    pub(super) fn whole(bytes: Vec<u8>) -> Self {
        Self::slow(bytes, Duration::ZERO)
    }

    pub(super) fn slow(bytes: Vec<u8>, per_byte: Duration) -> Self {
        Self { bytes: bytes.into(), per_byte, waiting: None, missing: 0 }
    }

    pub(super) fn cut(bytes: Vec<u8>) -> Self {
        let missing = u64::try_from(bytes.len()).unwrap_or(0).max(1);
        Self { bytes: bytes.into(), per_byte: Duration::ZERO, waiting: None, missing }
    }
}

impl Body for Paced {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if let Some(waiting) = &mut self.waiting {
            ready!(waiting.as_mut().poll(cx));
            self.waiting = None;
        }
        if self.bytes.is_empty() {
            return Poll::Ready(
                (self.missing > 0)
                    .then(|| Err(io::Error::new(io::ErrorKind::ConnectionReset, "simulated loss"))),
            );
        }
        let data = if self.per_byte.is_zero() {
            std::mem::take(&mut self.bytes)
        } else {
            self.waiting = Some(Box::pin(sleep(self.per_byte)));
            self.bytes.split_to(1)
        };
        Poll::Ready(Some(Ok(Frame::data(data))))
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_empty() && self.missing == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(u64::try_from(self.bytes.len()).unwrap_or(u64::MAX).saturating_add(self.missing))
    }
}
