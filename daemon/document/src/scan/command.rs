//! How long a command is, and what it does to the paper: one command at a time.
//!
//! The table follows Epson's ESC/POS command reference and, for commands that Epson does not have, the
//! manuals of Chinese boards (Caysn `ESC 9`, Gprinter `ESC Z`, Xprinter `ESC B`). A command that is not
//! in it is unknown: its length is not known either, so nothing behind it could be trusted.

use super::refuse::{self, Refused};
use crate::eight;

/// What a command does, as far as paper and safe points are concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Op {
    /// A run of characters for the line buffer.
    Text,
    /// Nothing that matters here: most settings.
    Setting,
    /// `ESC @`
    Init,
    /// LF
    LineFeed,
    /// FF: in page mode print the page and leave the mode.
    FormFeed,
    /// `ESC FF`: print the page, stay in the mode.
    PrintPage,
    /// HT
    Tab,
    /// `ESC 2` (none) and `ESC 3 n`, in vertical motion units.
    LineSpacing(Option<u8>),
    /// `GS ! n`
    Size(u8),
    /// `ESC ! n`: font and double sizes.
    Mode(u8),
    /// `ESC M n`
    Font(u8),
    /// `GS P x y`: y, units per inch; 0 is the default.
    MotionUnits(u8),
    /// `FS &` and `FS .`
    Kanji(bool),
    /// `ESC L`
    PageMode,
    /// `ESC S`
    StandardMode,
    /// `ESC W`: lower edge of the print area, in vertical motion units.
    PageArea(u32),
    /// `ESC J n`: print and feed, in vertical motion units.
    FeedUnits(u8),
    /// `ESC d n`: print and feed lines.
    FeedLines(u8),
    /// A picture that is printed at once. Its data begin `data` bytes into the command.
    Picture { rows: u32, data: usize },
    /// A picture that goes into the line buffer (`ESC *`).
    LinePicture { data: usize },
    /// A picture that is stored for a later command of the same document.
    StorePicture { rows: u32, data: usize },
    /// Prints the picture that was stored last (`GS ( L` fn 50).
    PrintPicture,
    /// Prints something whose height is not in the document: a picture of the NV memory.
    PrintUnknown,
    /// `GS h n`, in dot rows.
    BarcodeHeight(u8),
    /// `GS H n`: text above and below a barcode.
    BarcodeText(u8),
    /// `GS k`
    Barcode,
    /// `GS ( k` fn 67 of the QR code: dots per module.
    QrModule(u8),
    /// `GS ( k` fn 69 of the QR code: 48 to 51.
    QrLevel(u8),
    /// `GS ( k` fn 80: bytes of data.
    StoreSymbol(u32),
    /// `GS ( k` fn 81.
    PrintSymbol,
    /// Cut. With `feed`, the printer first feeds to the blade, and so many units more.
    Cut { feed: Option<u8> },
    /// `ESC p`
    Drawer,
}

/// One command, or why there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Parsed {
    /// A complete command.
    Command { len: usize, op: Op },
    /// The bytes end inside this command.
    Truncated(&'static str),
    /// The bytes are no command.
    Unknown,
    /// A command that a document must not contain.
    Refused(&'static Refused),
}

use Parsed::{Truncated, Unknown};

/// Parses the command at the beginning of `bytes`, which are not empty.
pub(super) fn parse(bytes: &[u8]) -> Parsed {
    match bytes.first() {
        Some(0x20..) => {
            let len = eight::control(bytes).unwrap_or(bytes.len());
            Parsed::Command { len, op: Op::Text }
        }
        Some(0x00 | 0x0d | 0x18) => Parsed::Command { len: 1, op: Op::Setting },
        Some(0x09) => Parsed::Command { len: 1, op: Op::Tab },
        Some(0x0a) => Parsed::Command { len: 1, op: Op::LineFeed },
        Some(0x0c) => Parsed::Command { len: 1, op: Op::FormFeed },
        Some(0x10) => dle(bytes),
        Some(0x1b) => esc(bytes),
        Some(0x1c) => fs(bytes),
        Some(0x1d) => gs(bytes),
        Some(_) | None => Unknown,
    }
}

/// A command of a known length.
fn fixed(bytes: &[u8], len: usize, name: &'static str, op: Op) -> Parsed {
    if bytes.len() < len { Truncated(name) } else { Parsed::Command { len, op } }
}

/// A command with one parameter, which decides what it does.
fn with(bytes: &[u8], name: &'static str, op: impl FnOnce(u8) -> Op) -> Parsed {
    match bytes.get(2) {
        Some(&n) => Parsed::Command { len: 3, op: op(n) },
        None => Truncated(name),
    }
}

/// A 16-bit number, low byte first.
fn word(bytes: &[u8], at: usize) -> Option<usize> {
    let pair = bytes.get(at..at + 2)?;
    Some(usize::from(pair[0]) | usize::from(pair[1]) << 8)
}

fn dle(bytes: &[u8]) -> Parsed {
    match (bytes.get(1), bytes.get(2)) {
        (None, _) => Truncated("a DLE command"),
        (Some(0x04), _) => Parsed::Refused(&refuse::DLE_EOT),
        (Some(0x05), _) => Parsed::Refused(&refuse::DLE_ENQ),
        (Some(0x14), Some(1)) => Parsed::Refused(&refuse::DLE_DC4_PULSE),
        (Some(0x14), Some(2)) => Parsed::Refused(&refuse::DLE_DC4_OFF),
        (Some(0x14), Some(8)) => Parsed::Refused(&refuse::DLE_DC4_CLEAR),
        (Some(0x14), _) => Parsed::Refused(&refuse::DLE_DC4),
        _ => Unknown,
    }
}

fn esc(bytes: &[u8]) -> Parsed {
    let Some(&code) = bytes.get(1) else { return Truncated("an ESC command") };
    match code {
        0x0c => fixed(bytes, 2, "ESC FF", Op::PrintPage),
        b'@' => fixed(bytes, 2, "ESC @", Op::Init),
        b'2' => fixed(bytes, 2, "ESC 2", Op::LineSpacing(None)),
        b'3' => with(bytes, "ESC 3", |n| Op::LineSpacing(Some(n))),
        b'!' => with(bytes, "ESC !", Op::Mode),
        b'M' => with(bytes, "ESC M", Op::Font),
        b'J' => with(bytes, "ESC J", Op::FeedUnits),
        b'd' => with(bytes, "ESC d", Op::FeedLines),
        b'L' => fixed(bytes, 2, "ESC L", Op::PageMode),
        b'S' => fixed(bytes, 2, "ESC S", Op::StandardMode),
        b'i' | b'm' => fixed(bytes, 2, "ESC i", Op::Cut { feed: None }),
        b'p' => fixed(bytes, 5, "ESC p", Op::Drawer),
        b'W' => match (word(bytes, 4), word(bytes, 8)) {
            (Some(top), Some(height)) => Parsed::Command { len: 10, op: Op::PageArea((top + height) as u32) },
            _ => Truncated("ESC W"),
        },
        b'*' => bit_image(bytes),
        b'&' => user_characters(bytes),
        b'D' => match bytes.iter().skip(2).position(|byte| *byte == 0) {
            // At most 32 tabs; more is a document that forgot the NUL and would be swallowed.
            Some(tabs) if tabs <= 32 => Parsed::Command { len: 3 + tabs, op: Op::Setting },
            None if bytes.len() <= 34 => Truncated("ESC D"),
            _ => Unknown,
        },
        b'=' => Parsed::Refused(&refuse::ESC_PERIPHERAL),
        b'u' => Parsed::Refused(&refuse::ESC_U),
        b'v' => Parsed::Refused(&refuse::ESC_V),
        b'<' => fixed(bytes, 2, "ESC <", Op::Setting),
        b' ' | b'%' | b'-' | b'?' | b'9' | b'E' | b'G' | b'K' | b'R' | b'T' | b'U' | b'V' | b'a' | b'e'
        | b'r' | b't' | b'{' => fixed(bytes, 3, "an ESC command with one parameter", Op::Setting),
        b'$' | b'\\' | b'B' => fixed(bytes, 4, "an ESC command with two parameters", Op::Setting),
        b'c' => match bytes.get(2) {
            None => Truncated("ESC c"),
            Some(b'0' | b'1' | b'3' | b'4' | b'5') => fixed(bytes, 4, "ESC c", Op::Setting),
            Some(_) => Unknown,
        },
        b'(' => match (bytes.get(2), word(bytes, 3)) {
            (Some(b'A'), Some(len)) => fixed(bytes, 5 + len, "ESC ( A", Op::Setting),
            (Some(b'A') | None, None) => Truncated("ESC ("),
            _ => Unknown,
        },
        b'Z' => match word(bytes, 5) {
            Some(len) => fixed(bytes, 7 + len, "ESC Z", Op::PrintUnknown),
            None => Truncated("ESC Z"),
        },
        _ => Unknown,
    }
}

/// `ESC * m nL nH d1..dk`
fn bit_image(bytes: &[u8]) -> Parsed {
    const NAME: &str = "ESC * (bit image)";
    let bytes_per_column = match bytes.get(2) {
        None => return Truncated(NAME),
        Some(0 | 1) => 1,
        Some(32 | 33) => 3,
        Some(_) => return Unknown,
    };
    match word(bytes, 3) {
        Some(columns) => fixed(bytes, 5 + columns * bytes_per_column, NAME, Op::LinePicture { data: 5 }),
        None => Truncated(NAME),
    }
}

/// `ESC & y c1 c2 [x d1..d(y*x)]..`: one entry for each character from c1 to c2.
fn user_characters(bytes: &[u8]) -> Parsed {
    const NAME: &str = "ESC & (user-defined characters)";
    let (Some(&height), Some(&first), Some(&last)) = (bytes.get(2), bytes.get(3), bytes.get(4)) else {
        return Truncated(NAME);
    };
    if !(1..=3).contains(&height) || first > last || first < 0x20 {
        return Unknown;
    }
    let mut len = 5;
    for _ in first..=last {
        let Some(&width) = bytes.get(len) else { return Truncated(NAME) };
        len += 1 + usize::from(width) * usize::from(height);
    }
    fixed(bytes, len, NAME, Op::StorePicture { rows: 0, data: 5 })
}

fn fs(bytes: &[u8]) -> Parsed {
    let Some(&code) = bytes.get(1) else { return Truncated("an FS command") };
    match code {
        b'&' => fixed(bytes, 2, "FS &", Op::Kanji(true)),
        b'.' => fixed(bytes, 2, "FS .", Op::Kanji(false)),
        b'!' | b'-' | b'C' | b'W' => fixed(bytes, 3, "an FS command with one parameter", Op::Setting),
        b'S' | b'?' => fixed(bytes, 4, "an FS command with two parameters", Op::Setting),
        // One character of 24 x 24 dots.
        b'2' => fixed(bytes, 4 + 72, "FS 2", Op::StorePicture { rows: 0, data: 4 }),
        b'p' => fixed(bytes, 4, "FS p", Op::PrintUnknown),
        b'q' => Parsed::Refused(&refuse::FS_NV_IMAGE),
        b'g' => Parsed::Refused(&refuse::FS_NV),
        b'(' => match (bytes.get(2), word(bytes, 3)) {
            (Some(b'e'), _) => Parsed::Refused(&refuse::FS_ASB),
            (Some(b'E'), _) => Parsed::Refused(&refuse::FS_RECEIPT),
            (Some(b'L'), _) => Parsed::Refused(&refuse::FS_LABEL),
            (Some(b'A' | b'C'), Some(len)) => fixed(bytes, 5 + len, "FS (", Op::Setting),
            (Some(b'A' | b'C') | None, None) => Truncated("FS ("),
            _ => Unknown,
        },
        _ => Unknown,
    }
}

fn gs(bytes: &[u8]) -> Parsed {
    let Some(&code) = bytes.get(1) else { return Truncated("a GS command") };
    match code {
        b'!' => with(bytes, "GS !", Op::Size),
        b'h' => with(bytes, "GS h", Op::BarcodeHeight),
        b'H' => with(bytes, "GS H", Op::BarcodeText),
        b'P' => match bytes.get(3) {
            Some(&y) => Parsed::Command { len: 4, op: Op::MotionUnits(y) },
            None => Truncated("GS P"),
        },
        b'V' => match (bytes.get(2), bytes.get(3)) {
            (Some(0 | 1 | 48 | 49), _) => Parsed::Command { len: 3, op: Op::Cut { feed: None } },
            // 65/66 feed and cut, 97/98 cut when the place comes by, 103/104 feed, cut and return.
            (Some(65 | 66 | 97 | 98 | 103 | 104), Some(&feed)) => {
                Parsed::Command { len: 4, op: Op::Cut { feed: Some(feed) } }
            }
            (Some(65 | 66 | 97 | 98 | 103 | 104) | None, None) => Truncated("GS V"),
            _ => Unknown,
        },
        b'v' => raster(bytes),
        b'k' => barcode(bytes),
        b'(' => gs_function(bytes),
        b'8' => match (bytes.get(2), word(bytes, 3), word(bytes, 5)) {
            (Some(b'L'), Some(low), Some(high)) => graphics(bytes, 7, low | high << 16),
            (Some(b'L') | None, ..) => Truncated("GS 8 L"),
            _ => Unknown,
        },
        b'*' => match (bytes.get(2), bytes.get(3)) {
            (Some(&x), Some(&y)) => {
                let data = usize::from(x) * usize::from(y) * 8;
                fixed(bytes, 4 + data, "GS *", Op::StorePicture { rows: u32::from(y) * 8, data: 4 })
            }
            _ => Truncated("GS *"),
        },
        b'Q' => match (bytes.get(2), word(bytes, 4), word(bytes, 6)) {
            (Some(b'0'), Some(x), Some(y)) => {
                fixed(bytes, 8 + x * y, "GS Q 0", Op::Picture { rows: y as u32 * 8, data: 8 })
            }
            (Some(b'0') | None, ..) => Truncated("GS Q"),
            _ => Unknown,
        },
        b'/' => fixed(bytes, 3, "GS /", Op::PrintPicture),
        b'a' => Parsed::Refused(&refuse::GS_ASB),
        b'j' => Parsed::Refused(&refuse::GS_INK_ASB),
        b'I' => Parsed::Refused(&refuse::GS_ID),
        b'r' => Parsed::Refused(&refuse::GS_STATUS),
        b'z' => Parsed::Refused(&refuse::GS_WAIT),
        b':' | b'^' => Parsed::Refused(&refuse::GS_MACRO),
        b'g' => match bytes.get(2) {
            Some(b'0') => Parsed::Refused(&refuse::GS_COUNTER_RESET),
            Some(b'2') => Parsed::Refused(&refuse::GS_COUNTER),
            Some(_) => Unknown,
            None => Truncated("GS g"),
        },
        b'B' | b'T' | b'b' | b'f' | b'w' | b'x' => {
            fixed(bytes, 3, "a GS command with one parameter", Op::Setting)
        }
        b'L' | b'W' | b'$' | b'\\' => fixed(bytes, 4, "a GS command with two parameters", Op::Setting),
        _ => Unknown,
    }
}

/// `GS v 0 m xL xH yL yH d1..dk`
fn raster(bytes: &[u8]) -> Parsed {
    const NAME: &str = "GS v 0 (raster picture)";
    match (bytes.get(2), bytes.get(3)) {
        (None, _) | (Some(b'0'), None) => return Truncated(NAME),
        (Some(b'0'), Some(0..=3 | 48..=51)) => {}
        _ => return Unknown,
    }
    let (Some(x), Some(y)) = (word(bytes, 4), word(bytes, 6)) else { return Truncated(NAME) };
    if x * y == 0 {
        // Printers disagree on whether data follow.
        return Unknown;
    }
    let double_height = bytes[3] & 2 != 0;
    fixed(bytes, 8 + x * y, NAME, Op::Picture { rows: (y as u32) << u32::from(double_height), data: 8 })
}

/// `GS k m d1..dk NUL` and `GS k m n d1..dn`
fn barcode(bytes: &[u8]) -> Parsed {
    const NAME: &str = "GS k (barcode)";
    match bytes.get(2) {
        None => Truncated(NAME),
        Some(0..=6) => match bytes.iter().skip(3).position(|byte| *byte == 0) {
            Some(data) => Parsed::Command { len: 4 + data, op: Op::Barcode },
            None => Truncated(NAME),
        },
        Some(65..=79) => match bytes.get(3) {
            Some(&n) => fixed(bytes, 4 + usize::from(n), NAME, Op::Barcode),
            None => Truncated(NAME),
        },
        Some(_) => Unknown,
    }
}

/// `GS ( x pL pH ..`
fn gs_function(bytes: &[u8]) -> Parsed {
    let Some(&function) = bytes.get(2) else { return Truncated("GS (") };
    let refused = match function {
        b'A' => Some(&refuse::GS_TEST),
        b'C' => Some(&refuse::GS_USER_NV),
        b'D' => Some(&refuse::GS_REAL_TIME),
        b'E' => Some(&refuse::GS_SETUP),
        b'F' => Some(&refuse::GS_ADJUST),
        b'H' => Some(&refuse::GS_RESPONSE),
        b'M' => Some(&refuse::GS_CUSTOMISE),
        b'K' | b'L' | b'N' | b'P' | b'Q' | b'V' | b'k' => None,
        _ => return Unknown,
    };
    if let Some(refused) = refused {
        return Parsed::Refused(refused);
    }
    let Some(len) = word(bytes, 3) else { return Truncated("GS (") };
    match function {
        b'L' => graphics(bytes, 5, len),
        b'k' => symbol(bytes, len),
        // `GS ( V pL pH fn m [n]`: with three bytes the printer feeds to the blade.
        b'V' => fixed(bytes, 5 + len, "GS ( V", Op::Cut { feed: bytes.get(7).copied().filter(|_| len > 2) }),
        _ => fixed(bytes, 5 + len, "GS (", Op::Setting),
    }
}

/// `GS ( L pL pH m fn ..` and `GS 8 L p1 p2 p3 p4 m fn ..`; `head` bytes stand before m.
fn graphics(bytes: &[u8], head: usize, len: usize) -> Parsed {
    const NAME: &str = "GS ( L / GS 8 L (graphics)";
    if len < 2 {
        return Unknown;
    }
    let Some(&function) = bytes.get(head + 1) else { return Truncated(NAME) };
    let op = match function {
        0 | 3 | 4 | 48 | 51 | 52 | 64 | 80 => return Parsed::Refused(&refuse::GS_GRAPHICS_REPLY),
        65..=68 => return Parsed::Refused(&refuse::GS_GRAPHICS_NV),
        1 | 49 | 81 | 82 => Op::Setting,
        2 | 50 => Op::PrintPicture,
        69 | 85 => Op::PrintUnknown,
        // m fn a bx by c xL xH yL yH d1..
        112 | 113 if len >= 10 => match (bytes.get(head + 4), word(bytes, head + 8)) {
            (Some(&by), Some(y)) => Op::StorePicture { rows: y as u32 * u32::from(by), data: head + 10 },
            _ => return Truncated(NAME),
        },
        // m fn a kc1 kc2 b xL xH yL yH c d1..
        83 | 84 if len >= 11 => Op::StorePicture { rows: 0, data: head + 11 },
        _ => return Unknown,
    };
    fixed(bytes, head.saturating_add(len), NAME, op)
}

/// `GS ( k pL pH cn fn ..`
fn symbol(bytes: &[u8], len: usize) -> Parsed {
    const NAME: &str = "GS ( k (two-dimensional code)";
    const QR: u8 = 49;
    if len < 2 {
        return Unknown;
    }
    let (Some(&code), Some(&function)) = (bytes.get(5), bytes.get(6)) else { return Truncated(NAME) };
    let op = match (code, function, bytes.get(7)) {
        (48..=54, 82, _) => return Parsed::Refused(&refuse::GS_SYMBOL_REPLY),
        (48..=54, 80, _) => Op::StoreSymbol(len.saturating_sub(3) as u32),
        (48..=54, 81, _) => Op::PrintSymbol,
        (QR, 67, Some(&n)) => Op::QrModule(n),
        (QR, 69, Some(&n)) => Op::QrLevel(n),
        (48..=54, ..) => Op::Setting,
        _ => return Unknown,
    };
    fixed(bytes, 5 + len, NAME, op)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn len_of(bytes: &[u8]) -> usize {
        match parse(bytes) {
            Parsed::Command { len, .. } => len,
            other => panic!("{bytes:02x?}: {other:?}"),
        }
    }

    #[test]
    fn every_command_is_truncated_when_it_is_cut_short() {
        let commands: [&[u8]; 24] = [
            b"\x1b@",
            b"\x1b!\x08",
            b"\x1bp\x00\x19\xfa",
            b"\x1bW\0\0\0\0\x40\x02\x00\x01",
            b"\x1b*\x21\x02\x00abcdef",
            b"\x1b&\x03AB\x01abc\x02abcdef",
            b"\x1bD\x08\x10\x00",
            b"\x1b(A\x02\x00ab",
            b"\x1bZ\x00\x00\x04\x03\x00abc",
            b"\x1c&",
            b"\x1cS\x00\x00",
            b"\x1c(C\x02\x0002",
            b"\x1d!\x11",
            b"\x1dV\x00",
            b"\x1dVB\x10",
            b"\x1dv0\x00\x02\x00\x02\x00abcd",
            b"\x1dk\x04ABC\x00",
            b"\x1dk\x49\x05{BABC",
            b"\x1d(k\x03\x001C\x06",
            b"\x1d(L\x0c\x000p0\x01\x011\x08\x00\x02\x00ab",
            b"\x1d8L\x0c\x00\x00\x000p0\x01\x011\x08\x00\x02\x00ab",
            b"\x1d*\x01\x01abcdefgh",
            b"\x1dQ0\x00\x02\x00\x01\x00ab",
            b"\x1d(K\x02\x0001",
        ];
        for command in commands {
            assert_eq!(len_of(command), command.len(), "{command:02x?}");
            let mut longer = command.to_vec();
            longer.extend_from_slice(b"xyz\n");
            assert_eq!(len_of(&longer), command.len(), "{command:02x?} and more");
            for end in 1..command.len() {
                assert!(matches!(parse(&command[..end]), Truncated(_)), "{command:02x?} cut at {end}");
            }
        }
    }

    #[test]
    fn what_is_no_command_is_unknown() {
        for bytes in [&b"\x01"[..], b"\x1b\x01", b"\x1d\xff", b"\x1c~", b"\x10\x00", b"\x1b*\x05", b"\x1dv1"]
        {
            assert_eq!(parse(bytes), Unknown, "{bytes:02x?}");
        }
    }

    #[test]
    fn text_ends_at_a_control_byte() {
        assert_eq!(parse(b"abc\xd6\xd0\x0a"), Parsed::Command { len: 5, op: Op::Text });
        assert_eq!(parse(b"abc"), Parsed::Command { len: 3, op: Op::Text });
    }
}
