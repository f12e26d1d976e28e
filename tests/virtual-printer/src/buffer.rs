//! The receive buffer: bytes between the interface and the interpreter, bounded as in the model.
//!
//! When it is full the socket is not read, so the sender blocks. Real-time commands stay in the stream (a
//! raster that contains one needs its bytes) but do not count as used space: otherwise a host that polls the
//! status of a printer without paper would fill its buffer with questions.

use std::collections::VecDeque;

/// A bounded byte queue that knows its positions in the stream.
#[derive(Clone, Debug)]
pub struct ReceiveBuffer {
    size: usize,
    data: VecDeque<u8>,
    /// Stream position of the byte after the last one put in.
    end: u64,
    /// (end position, length) of real-time commands still in the queue.
    exempt: VecDeque<(u64, usize)>,
    exempt_bytes: usize,
}

impl ReceiveBuffer {
    /// An empty buffer of `size` bytes.
    pub fn new(size: usize) -> Self {
        Self { size, data: VecDeque::new(), end: 0, exempt: VecDeque::new(), exempt_bytes: 0 }
    }

    /// Bytes that can still be put in.
    pub fn free(&self) -> usize {
        self.size.saturating_sub(self.used())
    }

    /// Bytes that count as used.
    pub fn used(&self) -> usize {
        self.data.len() - self.exempt_bytes
    }

    /// Nothing to interpret.
    pub fn is_empty(&self) -> bool {
        self.data.is_empty()
    }

    /// Put bytes in; the caller has looked at [`ReceiveBuffer::free`].
    pub fn put(&mut self, bytes: &[u8]) {
        self.data.extend(bytes);
        self.end += bytes.len() as u64;
    }

    /// The last `len` bytes put in are a real-time command.
    pub fn exempt_last(&mut self, len: usize) {
        // Part of it may have been taken already, and no more than one buffer of them is forgiven.
        let len = len.min(self.data.len());
        if len > 0 && self.exempt_bytes + len <= self.size {
            self.exempt.push_back((self.end, len));
            self.exempt_bytes += len;
        }
    }

    /// Take up to `max` bytes out, in order.
    pub fn take(&mut self, max: usize, into: &mut Vec<u8>) {
        let n = max.min(self.data.len());
        into.extend(self.data.drain(..n));
        let at = self.end - self.data.len() as u64;
        while let Some(&(end, len)) = self.exempt.front() {
            if end > at {
                break;
            }
            self.exempt.pop_front();
            self.exempt_bytes -= len;
        }
        // One that is half taken still counts whole; never more than what is there.
        if self.exempt_bytes > self.data.len() {
            self.exempt.clear();
            self.exempt_bytes = 0;
        }
    }

    /// Drop everything; returns how many bytes that was.
    pub fn clear(&mut self) -> usize {
        let lost = self.data.len();
        self.data.clear();
        self.exempt.clear();
        self.exempt_bytes = 0;
        lost
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_questions_take_no_room() {
        let mut buffer = ReceiveBuffer::new(10);
        buffer.put(b"12345678");
        for _ in 0..3 {
            buffer.put(&[0x10, 4, 1]);
            buffer.exempt_last(3);
        }
        assert_eq!((buffer.used(), buffer.free()), (8, 2));
        let mut out = Vec::new();
        buffer.take(100, &mut out);
        assert_eq!((out.len(), buffer.free(), buffer.is_empty()), (17, 10, true));
    }
}
