//! The byte stream of ESC/POS, taken apart exactly.
//!
//! A state machine: bytes come in pieces of any size, commands go out when they are complete, and the
//! result does not depend on where the pieces were cut. It never fails: what it does not know becomes
//! [`Command::Unknown`]. It knows lengths, not effects; effects are the interpreter's. The one mode it has
//! to follow is Kanji mode, because that decides how many bytes a character has.

use crate::command::Command;
use crate::decode::{DLE, ESC, FS, GS, Kind, Step, dle, esc, finish, fs, gs, wide, word};

/// More than this of one command's data is swallowed but not kept (`GS 8 L` may announce 4 GiB).
const DATA_LIMIT: usize = 4 * 1024 * 1024;
/// Rows of raster a printer accepts in one command are 16 bits; wider rows than this are cut to it.
const ROW_LIMIT: usize = 65_535;

/// The incremental parser. `Default` is the state after power on of a printer without Kanji mode.
#[derive(Clone, Debug, Default)]
pub struct Parser {
    state: State,
    head: Vec<u8>,
    kanji: bool,
    kanji_default: bool,
    offset: u64,
    head_offset: u64,
}

#[derive(Clone, Debug, Default)]
enum State {
    /// Between commands.
    #[default]
    Ground,
    /// In the fixed part of a command; the bytes so far are in `head`.
    Head,
    /// In data of known length.
    Data { kind: Kind, left: usize, data: Vec<u8> },
    /// In data ended by NUL.
    UntilNul { kind: Kind, data: Vec<u8> },
    /// In `GS v 0` rows.
    Raster { row_len: usize, rows_left: u16, row: Vec<u8> },
    /// In `FS q`: `left` images to come.
    NvImages { left: u8, header: Vec<u8>, images: Vec<(u16, u16, Vec<u8>)>, data_left: usize },
}

impl Parser {
    /// A parser as after power on; `kanji_default` says whether the model starts in Kanji mode.
    pub fn new(kanji_default: bool) -> Self {
        Self { kanji: kanji_default, kanji_default, ..Self::default() }
    }

    /// Back to the state after power on.
    pub fn reset(&mut self) {
        *self = Self::new(self.kanji_default);
    }

    /// Forget the command being received, keep the modes (`DLE DC4` fn 8 clears the buffers only).
    pub fn abandon(&mut self) {
        self.state = State::Ground;
        self.head.clear();
    }

    /// True when no command is open, so that the next byte starts one.
    pub fn at_boundary(&self) -> bool {
        matches!(self.state, State::Ground)
    }

    /// Take `bytes` and append the commands they complete to `out`.
    pub fn push(&mut self, bytes: &[u8], out: &mut Vec<Command>) {
        let mut at = 0;
        while at < bytes.len() {
            at += self.step(&bytes[at..], out);
        }
    }

    /// One step on a non-empty slice; returns how many bytes were used (at least one).
    fn step(&mut self, bytes: &[u8], out: &mut Vec<Command>) -> usize {
        let byte = bytes[0];
        match &mut self.state {
            State::Ground => {
                self.head_offset = self.offset;
                self.offset += 1;
                self.ground(byte, out);
                1
            }
            State::Head => {
                self.offset += 1;
                self.head.push(byte);
                self.advance(out);
                1
            }
            State::Data { kind, left, data } => {
                let take = bytes.len().min(*left);
                let keep = take.min(DATA_LIMIT.saturating_sub(data.len()));
                data.extend_from_slice(&bytes[..keep]);
                *left -= take;
                self.offset += take as u64;
                if *left == 0 {
                    let (kind, data) = (*kind, std::mem::take(data));
                    self.state = State::Ground;
                    out.push(finish(kind, data));
                }
                take
            }
            State::UntilNul { kind, data } => {
                self.offset += 1;
                let full = data.len() >= 255;
                if byte != 0 && !full {
                    data.push(byte);
                    return 1;
                }
                let (kind, data) = (*kind, std::mem::take(data));
                self.state = State::Ground;
                out.push(finish(kind, data));
                if byte != 0 {
                    self.offset -= 1;
                    return self.step(bytes, out);
                }
                1
            }
            State::Raster { row_len, rows_left, row } => {
                let take = bytes.len().min(*row_len - row.len());
                row.extend_from_slice(&bytes[..take]);
                self.offset += take as u64;
                if row.len() == *row_len {
                    out.push(Command::RasterRow(std::mem::take(row)));
                    *rows_left -= 1;
                    if *rows_left == 0 {
                        self.state = State::Ground;
                        out.push(Command::RasterEnd);
                    }
                }
                take
            }
            State::NvImages { .. } => {
                self.offset += 1;
                self.nv_byte(byte, out);
                1
            }
        }
    }

    fn ground(&mut self, byte: u8, out: &mut Vec<Command>) {
        let command = match byte {
            0x00 => Command::Nul,
            0x09 => Command::Tab,
            0x0A => Command::LineFeed,
            0x0C => Command::FormFeed,
            0x0D => Command::CarriageReturn,
            0x18 => Command::Cancel,
            DLE | ESC | FS | GS => return self.open(byte),
            0x01..=0x1F => Command::Unknown { bytes: vec![byte], offset: self.head_offset },
            0x81..=0xFE if self.kanji => return self.open(byte),
            _ => Command::Char(byte),
        };
        out.push(command);
    }

    fn open(&mut self, byte: u8) {
        self.head.clear();
        self.head.push(byte);
        self.state = State::Head;
    }

    fn advance(&mut self, out: &mut Vec<Command>) {
        let step = match self.head[0] {
            DLE => dle(&self.head),
            ESC => esc(&self.head),
            FS => fs(&self.head),
            GS => gs(&self.head),
            _ => wide(&self.head),
        };
        self.state = match step {
            Step::More => return,
            Step::Emit(command) => {
                match command {
                    Command::Kanji(on) => self.kanji = on,
                    Command::Init => self.kanji = self.kanji_default,
                    _ => {}
                }
                out.push(command);
                State::Ground
            }
            Step::Data(kind, 0) => {
                out.push(finish(kind, Vec::new()));
                State::Ground
            }
            Step::Data(kind, left) => State::Data { kind, left, data: Vec::with_capacity(left.min(4096)) },
            Step::UntilNul(kind) => State::UntilNul { kind, data: Vec::new() },
            Step::Raster { scale, width_bytes, rows } => {
                out.push(Command::RasterStart { scale, width_bytes, rows });
                if width_bytes == 0 || rows == 0 {
                    out.push(Command::RasterEnd);
                    State::Ground
                } else {
                    let row_len = usize::from(width_bytes).min(ROW_LIMIT);
                    State::Raster { row_len, rows_left: rows, row: Vec::with_capacity(row_len) }
                }
            }
            Step::NvImages(left) => {
                State::NvImages { left, header: Vec::new(), images: Vec::new(), data_left: 0 }
            }
            Step::Unknown { again } => {
                let last = if again { self.head.pop() } else { None };
                out.push(Command::Unknown {
                    bytes: std::mem::take(&mut self.head),
                    offset: self.head_offset,
                });
                self.state = State::Ground;
                if let Some(byte) = last {
                    self.head_offset = self.offset - 1;
                    self.ground(byte, out);
                }
                return;
            }
        };
        self.head.clear();
    }

    fn nv_byte(&mut self, byte: u8, out: &mut Vec<Command>) {
        let State::NvImages { left, header, images, data_left } = &mut self.state else { return };
        if *data_left > 0 {
            if let Some((_, _, data)) = images.last_mut()
                && data.len() < DATA_LIMIT
            {
                data.push(byte);
            }
            *data_left -= 1;
        } else {
            header.push(byte);
            if header.len() < 4 {
                return;
            }
            let (x, y) = (word(header[0], header[1]), word(header[2], header[3]));
            header.clear();
            // Each unit of y is 8 dots, each unit of x is 8 columns: x * y * 8 bytes (FS q, Epson guide).
            *data_left = usize::from(x) * usize::from(y) * 8;
            images.push((x, y, Vec::new()));
        }
        if *data_left == 0 {
            *left -= 1;
            if *left == 0 {
                let images = std::mem::take(images);
                self.state = State::Ground;
                out.push(Command::DefineNvImages(images));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(bytes: &[u8]) -> Vec<Command> {
        let mut out = Vec::new();
        Parser::new(false).push(bytes, &mut out);
        out
    }

    #[test]
    fn a_barcode_of_form_1_ends_at_nul_and_of_form_2_by_length() {
        assert_eq!(parse(b"\x1dk\x04AB\0\n")[0], Command::Barcode { kind: 69, data: b"AB".to_vec() });
        assert_eq!(parse(b"\x1dk\x49\x03{BA\n")[0], Command::Barcode { kind: 73, data: b"{BA".to_vec() });
    }

    #[test]
    fn high_bytes_are_two_byte_characters_only_in_kanji_mode() {
        assert_eq!(parse(b"\xb2\xe2"), [Command::Char(0xB2), Command::Char(0xE2)]);
        assert_eq!(parse(b"\x1c&\xb2\xe2\x1c.\xb2").get(1..2), Some(&[Command::Wide([0xB2, 0xE2])][..]));
        assert_eq!(parse(b"\x1c&\x81\x30\x84\x36").get(1), Some(&Command::Wide4([0x81, 0x30, 0x84, 0x36])));
    }

    #[test]
    fn an_unknown_command_is_reported_with_its_place_and_the_next_one_is_read() {
        assert_eq!(
            parse(b"a\x1b\x01b"),
            [Command::Char(b'a'), Command::Unknown { bytes: vec![0x1B, 1], offset: 1 }, Command::Char(b'b')]
        );
    }

    #[test]
    fn a_raster_cut_off_is_finished_by_nuls() {
        let mut out = parse(b"\x1dv0\0\x02\0\x03\0\xff\xff");
        assert_eq!(out.len(), 2);
        out = parse(b"\x1dv0\0\x02\0\x03\0\xff\xff\0\0\0\0\0");
        assert_eq!(out.last(), Some(&Command::Nul));
        assert_eq!(out.iter().filter(|c| matches!(c, Command::RasterRow(_))).count(), 3);
    }

    #[test]
    fn every_form_of_cut_is_known() {
        for m in [0u8, 1, 48, 49] {
            assert!(matches!(parse(&[0x1D, b'V', m])[..], [Command::Cut { feed: None, .. }]), "{m}");
        }
        for m in [65u8, 66, 97, 98, 103, 104] {
            assert!(matches!(parse(&[0x1D, b'V', m, 3])[..], [Command::Cut { feed: Some(3), .. }]), "{m}");
        }
    }
}
