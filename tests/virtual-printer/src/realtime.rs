//! Real-time commands, recognised on reception.
//!
//! A printer looks for `DLE EOT`, `DLE ENQ` and `DLE DC4` in every byte it receives, before the receive
//! buffer and whatever the byte belongs to: a raster image that happens to contain `10 04 01` gets an answer
//! (TM-T88III and TM-T90 specifications). The scanner also notices `GS ( H` fn 48 and `GS r` going by, for
//! triggers and for the model that answers them too early. It finds; it does not carry out.

/// What the scanner found; the last byte of it was the byte just given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// `DLE EOT n [a]`: status request.
    Eot {
        /// 1..=8 or 18.
        n: u8,
        /// The argument of n = 7, 8, 18.
        a: u8,
    },
    /// `DLE ENQ n`: 0 feed button, 1 recover, 2 clear and recover.
    Enq(u8),
    /// `DLE DC4 1 m t`: drawer pulse now.
    Pulse(u8),
    /// `DLE DC4 2 1 8`: power off sequence.
    PowerOff,
    /// `DLE DC4 7 m`: send ASB now (m = 1).
    SendStatus(u8),
    /// `DLE DC4 8 1 3 20 1 6 2 8`: clear receive and print buffer.
    Clear,
    /// `GS ( H` fn 48 went by with this id. Not a real-time command.
    ProcessId([u8; 4]),
    /// `GS r n` went by. Not a real-time command.
    GsR(u8),
}

impl Found {
    /// How many bytes the real-time command has; 0 for what is not one.
    pub fn real_time_len(&self) -> usize {
        match self {
            Found::Eot { n: 7 | 8 | 18, .. } | Found::SendStatus(_) => 4,
            Found::Eot { .. } | Found::Enq(_) => 3,
            Found::Pulse(_) | Found::PowerOff => 5,
            Found::Clear => 10,
            Found::ProcessId(_) | Found::GsR(_) => 0,
        }
    }
}

/// The scanner: a window over the last bytes, empty unless something may be starting.
#[derive(Clone, Debug, Default)]
pub struct Scanner {
    window: Vec<u8>,
}

enum Match {
    No,
    Maybe,
    Yes(Found),
}

impl Scanner {
    /// Give one byte; get what it completes.
    pub fn push(&mut self, byte: u8) -> Option<Found> {
        if self.window.is_empty() && byte != 0x10 && byte != 0x1D {
            return None;
        }
        self.window.push(byte);
        loop {
            match classify(&self.window) {
                Match::Maybe => return None,
                Match::Yes(found) => {
                    self.window.clear();
                    return Some(found);
                }
                Match::No => {
                    // Not from here: perhaps from a later byte of the window.
                    self.window.remove(0);
                    let next = self.window.iter().position(|b| matches!(b, 0x10 | 0x1D));
                    match next {
                        Some(skip) => drop(self.window.drain(..skip)),
                        None => {
                            self.window.clear();
                            return None;
                        }
                    }
                }
            }
        }
    }

    /// Forget what was seen (power off).
    pub fn reset(&mut self) {
        self.window.clear();
    }
}

const CLEAR: [u8; 10] = [0x10, 0x14, 8, 1, 3, 20, 1, 6, 2, 8];
const PROCESS_ID: [u8; 7] = [0x1D, 0x28, 0x48, 6, 0, 0x30, 0x30];

fn classify(w: &[u8]) -> Match {
    match *w {
        [] | [0x10] | [0x10, 0x04 | 0x05 | 0x14] => Match::Maybe,
        [0x10, 0x04, 7 | 8 | 18] => Match::Maybe,
        [0x10, 0x04, n @ 1..=6] => Match::Yes(Found::Eot { n, a: 0 }),
        [0x10, 0x04, n @ (7 | 8 | 18), a] => Match::Yes(Found::Eot { n, a }),
        [0x10, 0x05, n @ 0..=2] => Match::Yes(Found::Enq(n)),
        [0x10, 0x14, 1] | [0x10, 0x14, 1, 0 | 1] => Match::Maybe,
        [0x10, 0x14, 1, m, 1..=8] => Match::Yes(Found::Pulse(m)),
        [0x10, 0x14, 2] | [0x10, 0x14, 2, 1] => Match::Maybe,
        [0x10, 0x14, 2, 1, 8] => Match::Yes(Found::PowerOff),
        [0x10, 0x14, 7] => Match::Maybe,
        [0x10, 0x14, 7, m @ (1 | 2 | 4 | 5)] => Match::Yes(Found::SendStatus(m)),
        [0x10, 0x14, 8, ..] if w.len() < 10 && CLEAR.starts_with(w) => Match::Maybe,
        [0x10, 0x14, 8, ..] if w == CLEAR => Match::Yes(Found::Clear),
        [0x1D, 0x72] => Match::Maybe,
        [0x1D, 0x72, n @ (1 | 2 | 49 | 50)] => Match::Yes(Found::GsR(n)),
        [0x1D, ..] if w.len() <= PROCESS_ID.len() && PROCESS_ID.starts_with(w) => Match::Maybe,
        [0x1D, ref rest @ ..] if w.starts_with(&PROCESS_ID) => match rest[6..] {
            [a, b, c, d] => Match::Yes(Found::ProcessId([a, b, c, d])),
            _ => Match::Maybe,
        },
        _ => Match::No,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scan(bytes: &[u8]) -> Vec<Found> {
        let mut scanner = Scanner::default();
        bytes.iter().filter_map(|&b| scanner.push(b)).collect()
    }

    #[test]
    fn a_doubled_dle_does_not_hide_a_command() {
        assert_eq!(scan(&[0x10, 0x10, 0x04, 0x01]), [Found::Eot { n: 1, a: 0 }]);
        assert_eq!(scan(&[0x10, 0x14, 0x10, 0x05, 2]), [Found::Enq(2)]);
    }

    #[test]
    fn clear_needs_all_ten_bytes() {
        assert_eq!(scan(&CLEAR), [Found::Clear]);
        assert_eq!(scan(&CLEAR[..9]), []);
    }

    #[test]
    fn a_process_id_may_hold_any_bytes() {
        assert_eq!(scan(b"x\x1d(H\x06\x0000AbOo"), [Found::ProcessId(*b"AbOo")]);
    }
}
