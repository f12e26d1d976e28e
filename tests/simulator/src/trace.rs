//! What happened in a life: always as one number, in words only on demand.
//!
//! A life that breaks a promise is lived again with words on; the seed makes it the same life.

use std::collections::VecDeque;

/// Lines kept for the report of a breach.
const KEPT: usize = 60;

/// The running number and the last lines.
#[derive(Debug)]
pub struct Trace {
    hash: u64,
    words: bool,
    aloud: bool,
    lines: VecDeque<String>,
}

impl Trace {
    /// `words`: keep the last lines; `aloud`: print all of them.
    pub fn new(words: bool, aloud: bool) -> Self {
        Self { hash: 0xCBF2_9CE4_8422_2325, words: words || aloud, aloud, lines: VecDeque::new() }
    }

    /// Folds a number in.
    pub fn mix(&mut self, number: u64) {
        self.hash = (self.hash ^ number).wrapping_mul(0x0000_0100_0000_01B3).rotate_left(23);
    }

    /// Folds bytes in.
    pub fn mix_bytes(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.mix(u64::from_le_bytes(word));
        }
        self.mix(bytes.len() as u64);
    }

    /// Notes a line, when words are on.
    pub fn say(&mut self, at_us: u64, line: impl FnOnce() -> String) {
        if !self.words {
            return;
        }
        let line = format!("{:>13.6}  {}", at_us as f64 / 1e6, line());
        if self.aloud {
            println!("{line}");
        }
        if self.lines.len() == KEPT {
            self.lines.pop_front();
        }
        self.lines.push_back(line);
    }

    /// The life in one number.
    pub fn hash(&self) -> u64 {
        self.hash
    }

    /// The last lines.
    pub fn lines(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().map(String::as_str)
    }
}
