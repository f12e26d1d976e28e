//! The disk's own price: append the same bytes to a growing file and `fdatasync` it, one writer.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use crate::stats::Samples;

/// A file that is appended to.
#[derive(Debug)]
pub struct RawFile {
    file: File,
    bytes: Vec<u8>,
}

impl RawFile {
    /// A new file in `dir`; each append writes `bytes`.
    ///
    /// # Errors
    /// The file can't be made.
    pub fn create(dir: &Path, bytes: &[u8]) -> io::Result<Self> {
        Ok(Self { file: File::create(dir.join("raw"))?, bytes: bytes.to_vec() })
    }

    /// One durable append.
    ///
    /// # Errors
    /// The disk's.
    pub fn append(&mut self) -> io::Result<Duration> {
        let begin = Instant::now();
        self.file.write_all(&self.bytes)?;
        self.file.sync_data()?;
        Ok(begin.elapsed())
    }

    /// Appends one after another for so long.
    ///
    /// # Errors
    /// The disk's.
    pub fn for_time(&mut self, time: Duration) -> io::Result<Samples> {
        let begin = Instant::now();
        let mut times = Vec::new();
        while begin.elapsed() < time {
            times.push(self.append()?);
        }
        Ok(Samples::micros(times))
    }
}
