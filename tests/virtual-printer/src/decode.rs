//! The fixed parts of the commands: what a few bytes amount to.
//!
//! Pure functions over the bytes since the command began; collecting bytes and data is the parser's.

use crate::command::Command;

pub(crate) const DLE: u8 = 0x10;
pub(crate) const ESC: u8 = 0x1B;
pub(crate) const FS: u8 = 0x1C;
pub(crate) const GS: u8 = 0x1D;

/// What the data being collected belongs to.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    BitImage(u8),
    Barcode(u8),
    Tabs,
    DefineImage(u8, u8),
    GsParen(u8),
    FsParen(u8),
    EscParen(u8),
}

/// What the bytes in `head` amount to.
pub(crate) enum Step {
    More,
    Emit(Command),
    Data(Kind, usize),
    UntilNul(Kind),
    Raster {
        scale: u8,
        width_bytes: u16,
        rows: u16,
    },
    NvImages(u8),
    /// Not a command; the last byte is to be looked at again when `again`.
    Unknown {
        again: bool,
    },
}

/// Two bytes, low first.
pub(crate) fn word(low: u8, high: u8) -> u16 {
    u16::from_le_bytes([low, high])
}

/// The command that the collected data completes.
pub(crate) fn finish(kind: Kind, data: Vec<u8>) -> Command {
    match kind {
        Kind::BitImage(mode) => Command::BitImage { mode, data },
        Kind::Barcode(kind) => Command::Barcode { kind, data },
        Kind::Tabs => Command::Tabs(data),
        Kind::DefineImage(x, y) => Command::DefineImage { x, y, data },
        Kind::GsParen(letter) => Command::GsParen { letter, data },
        Kind::FsParen(letter) => Command::FsParen { letter, data },
        Kind::EscParen(letter) => Command::EscParen { letter, data },
    }
}

/// GBK: lead 81..FE, trail 40..FE without 7F; GB18030 adds lead, digit, lead, digit.
pub(crate) fn wide(head: &[u8]) -> Step {
    match *head {
        [_, 0x30..=0x39] => Step::More,
        [a, b @ (0x40..=0x7E | 0x80..=0xFE)] => Step::Emit(Command::Wide([a, b])),
        [_, _] => Step::Unknown { again: true },
        [_, _, 0x81..=0xFE] => Step::More,
        [_, _, _] => Step::Unknown { again: true },
        [a, b, c, d @ 0x30..=0x39] => Step::Emit(Command::Wide4([a, b, c, d])),
        _ => Step::Unknown { again: true },
    }
}

/// `DLE`: real-time commands met in order.
pub(crate) fn dle(head: &[u8]) -> Step {
    let whole = match *head {
        [_] | [_, 0x04 | 0x05 | 0x14] => return Step::More,
        [_, 0x04, 7 | 8 | 18] => return Step::More,
        [_, 0x04, 1..=6] | [_, 0x04, _, _] => true,
        [_, 0x05, 0..=2] => true,
        [_, 0x14, 1 | 2 | 7 | 8] => return Step::More,
        [_, 0x14, 7, _] => true,
        [_, 0x14, 1 | 2 | 8, _] => return Step::More,
        [_, 0x14, 1 | 2, _, _] => true,
        [_, 0x14, 8, .., _] if head.len() < 10 => return Step::More,
        [_, 0x14, 8, ..] => true,
        _ => false,
    };
    if whole { Step::Emit(Command::RealTime(head.to_vec())) } else { Step::Unknown { again: true } }
}

/// `ESC`.
pub(crate) fn esc(head: &[u8]) -> Step {
    let [_, code, rest @ ..] = head else { return Step::More };
    let two = |c: fn(u8, u8) -> Command| match rest {
        [a, b] => Step::Emit(c(*a, *b)),
        _ => Step::More,
    };
    let one = |c: fn(u8) -> Command| match rest {
        [n] => Step::Emit(c(*n)),
        _ => Step::More,
    };
    match code {
        b'@' => Step::Emit(Command::Init),
        b'2' => Step::Emit(Command::LineSpacing(None)),
        b'i' => Step::Emit(Command::Cut { partial: false, feed: None }),
        b'm' => Step::Emit(Command::Cut { partial: true, feed: None }),
        b'L' => Step::Emit(Command::PageMode),
        b'S' => Step::Emit(Command::StandardMode),
        b'v' => Step::Emit(Command::PaperStatus),
        0x0C => Step::Emit(Command::PrintPage),
        b'!' => one(Command::PrintMode),
        b' ' => one(Command::CharSpacing),
        b'a' => one(Command::Align),
        b'E' => one(|n| Command::Bold(n & 1 == 1)),
        b'G' => one(|n| Command::DoubleStrike(n & 1 == 1)),
        b'-' => one(Command::Underline),
        b'd' => one(Command::FeedLines),
        b'J' => one(Command::FeedUnits),
        b'K' | b'e' => one(Command::FeedBack),
        b'3' => one(|n| Command::LineSpacing(Some(n))),
        b't' => one(Command::CodePage),
        b'R' => one(Command::Charset),
        b'M' => one(Command::Font),
        b'=' => one(Command::Peripheral),
        b'{' => one(|n| Command::UpsideDown(n & 1 == 1)),
        b'V' => one(|n| Command::Rotate(matches!(n, 1 | 2 | 49 | 50))),
        b'T' => one(Command::PageDirection),
        b'9' => one(Command::KanjiCode),
        b'U' | b'r' | b'%' | b'?' => one(|n| Command::Panel { which: 0, value: n }),
        b'B' => two(|times, length| Command::Beep { times, length }),
        b'c' => two(|which, value| Command::Panel { which, value }),
        b'$' => two(|l, h| Command::Position(word(l, h))),
        b'\\' => two(|l, h| Command::Move(i16::from_le_bytes([l, h]))),
        b'p' => match *rest {
            [m, on, off] => Step::Emit(Command::Pulse { pin: m & 1, on, off }),
            _ => Step::More,
        },
        b'*' => match *rest {
            [mode, l, h] => match mode {
                0 | 1 => Step::Data(Kind::BitImage(mode), usize::from(word(l, h))),
                32 | 33 => Step::Data(Kind::BitImage(mode), usize::from(word(l, h)) * 3),
                _ => Step::Unknown { again: false },
            },
            _ => Step::More,
        },
        b'D' => Step::UntilNul(Kind::Tabs),
        b'W' => match *rest {
            [a, b, c, d, e, f, g, h] => {
                Step::Emit(Command::PageArea { x: word(a, b), y: word(c, d), w: word(e, f), h: word(g, h) })
            }
            _ => Step::More,
        },
        b'(' => match *rest {
            [letter, l, h] => Step::Data(Kind::EscParen(letter), usize::from(word(l, h))),
            _ => Step::More,
        },
        _ => Step::Unknown { again: false },
    }
}

/// `FS`.
pub(crate) fn fs(head: &[u8]) -> Step {
    let [_, code, rest @ ..] = head else { return Step::More };
    let one = |c: fn(u8) -> Command| match rest {
        [n] => Step::Emit(c(*n)),
        _ => Step::More,
    };
    match code {
        b'&' => Step::Emit(Command::Kanji(true)),
        b'.' => Step::Emit(Command::Kanji(false)),
        b'!' => one(Command::KanjiMode),
        b'-' => one(Command::KanjiUnderline),
        b'W' => one(|n| Command::KanjiQuadruple(n & 1 == 1)),
        b'C' => one(Command::KanjiCode),
        b'S' => match *rest {
            [l, r] => Step::Emit(Command::KanjiSpacing(l, r)),
            _ => Step::More,
        },
        b'?' => match *rest {
            [_, n] => Step::Emit(Command::Panel { which: 0, value: n }),
            _ => Step::More,
        },
        // A user-defined character of 24 x 24 dots: taken and not kept.
        b'2' => match *rest {
            [_, _] => Step::Data(Kind::FsParen(b'2'), 72),
            _ => Step::More,
        },
        b'p' => match *rest {
            [n, _] => Step::Emit(Command::PrintNvImage(n)),
            _ => Step::More,
        },
        b'q' => match *rest {
            [0] => Step::Unknown { again: false },
            [n] => Step::NvImages(n),
            _ => Step::More,
        },
        b'(' => match *rest {
            [letter, l, h] => Step::Data(Kind::FsParen(letter), usize::from(word(l, h))),
            _ => Step::More,
        },
        _ => Step::Unknown { again: false },
    }
}

/// `GS`.
pub(crate) fn gs(head: &[u8]) -> Step {
    let [_, code, rest @ ..] = head else { return Step::More };
    let one = |c: fn(u8) -> Command| match rest {
        [n] => Step::Emit(c(*n)),
        _ => Step::More,
    };
    let number = |c: fn(u16) -> Command| match rest {
        [l, h] => Step::Emit(c(word(*l, *h))),
        _ => Step::More,
    };
    match code {
        b'!' => one(Command::Size),
        b'B' => one(|n| Command::Reverse(n & 1 == 1)),
        b'b' => one(|n| Command::Smooth(n & 1 == 1)),
        b'H' => one(Command::HriPosition),
        b'f' => one(Command::HriFont),
        b'h' => one(Command::BarHeight),
        b'w' => one(Command::BarWidth),
        b'/' => one(Command::PrintDefined),
        b'a' => one(Command::Asb),
        b'r' => one(Command::Status),
        b'I' => one(Command::Info),
        b'L' => number(Command::LeftMargin),
        b'W' => number(Command::AreaWidth),
        b'$' => number(Command::VerticalPosition),
        b'\\' => number(|n| Command::VerticalMove(n.cast_signed())),
        b'P' => match *rest {
            [x, y] => Step::Emit(Command::MotionUnits(x, y)),
            _ => Step::More,
        },
        b'T' => one(|_| Command::Macro),
        b':' => Step::Emit(Command::Macro),
        b'^' => match rest {
            [_, _, _] => Step::Emit(Command::Macro),
            _ => Step::More,
        },
        b'V' => match *rest {
            [0 | 48] => Step::Emit(Command::Cut { partial: false, feed: None }),
            [1 | 49] => Step::Emit(Command::Cut { partial: true, feed: None }),
            [] | [65 | 66 | 97 | 98 | 103 | 104] => Step::More,
            [m, n] => Step::Emit(Command::Cut { partial: matches!(m, 66 | 98 | 104), feed: Some(n) }),
            _ => Step::Unknown { again: false },
        },
        b'k' => match *rest {
            [] | [65..=79] => Step::More,
            // Form 1 ends with NUL; its numbers 0..=6 are 65..=71 of form 2.
            [m @ 0..=6] => Step::UntilNul(Kind::Barcode(m + 65)),
            [m, n] => Step::Data(Kind::Barcode(m), usize::from(n)),
            _ => Step::Unknown { again: false },
        },
        b'v' => match *rest {
            [] | [b'0'] => Step::More,
            [b'0', m, xl, xh, yl, yh] => {
                Step::Raster { scale: m & 3, width_bytes: word(xl, xh), rows: word(yl, yh) }
            }
            [b'0', ..] => Step::More,
            _ => Step::Unknown { again: true },
        },
        b'*' => match *rest {
            [x, y] => Step::Data(Kind::DefineImage(x, y), usize::from(x) * usize::from(y) * 8),
            _ => Step::More,
        },
        b'(' => match *rest {
            [letter, l, h] => Step::Data(Kind::GsParen(letter), usize::from(word(l, h))),
            _ => Step::More,
        },
        b'8' => match *rest {
            [b'L', a, b, c, d] => {
                let n = u32::from_le_bytes([a, b, c, d]);
                Step::Data(Kind::GsParen(b'L'), usize::try_from(n).unwrap_or(usize::MAX))
            }
            [] | [b'L', ..] => Step::More,
            _ => Step::Unknown { again: true },
        },
        b'g' => match *rest {
            [b'0', _, l, h] => Step::Emit(Command::CounterReset(word(l, h))),
            [b'2', _, l, h] => Step::Emit(Command::Counter(word(l, h))),
            [] | [b'0' | b'2', ..] => Step::More,
            _ => Step::Unknown { again: true },
        },
        _ => Step::Unknown { again: false },
    }
}
