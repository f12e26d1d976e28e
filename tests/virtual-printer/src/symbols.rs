//! QR codes and bar codes as dots.
//!
//! QR from the `qrcode` crate; CODE128, CODE39, CODE93, CODABAR, EAN-13, EAN-8, UPC-A and ITF made here from their tables.
//! Quiet zones are the host's business, as on a real printer.

use crate::bitmap::Bitmap;
use qrcode::{Color, EcLevel, QrCode};

/// A QR code, `module` dots a module (1..=16); `None` when the data does not fit.
/// `level` is 48..=51 for L, M, Q, H (`GS ( k` fn 69).
pub fn qr(data: &[u8], module: usize, level: u8) -> Option<Bitmap> {
    let level = match level {
        49 => EcLevel::M,
        50 => EcLevel::Q,
        51 => EcLevel::H,
        _ => EcLevel::L,
    };
    let code = QrCode::with_error_correction_level(data, level).ok()?;
    let side = code.width();
    let mut out = Bitmap::new(side * module, side * module);
    for (i, color) in code.into_colors().into_iter().enumerate() {
        if color == Color::Dark {
            out.fill(i % side * module, i / side * module, module, module);
        }
    }
    Some(out)
}

/// A bar code ready to draw: one entry a module, and what a person reads below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bars {
    /// True is a bar.
    pub modules: Vec<bool>,
    /// Human readable text.
    pub text: String,
}

/// The bars of `data` as kind 65..=73 of `GS k`; `None` for data or a kind this printer cannot print.
pub fn bars(kind: u8, data: &[u8]) -> Option<Bars> {
    match kind {
        65 => {
            let digits = digits(data, 11)?;
            ean13(&[&[0], digits.as_slice()].concat()).map(|b| Bars { text: b.text[1..].into(), ..b })
        }
        67 => ean13(&digits(data, 12)?),
        68 => ean8(&digits(data, 7)?),
        69 => code39(data),
        70 => itf(data),
        71 => codabar(data),
        72 => code93(data),
        73 => code128(data),
        _ => None,
    }
}

impl Bars {
    /// As dots: `module` dots a narrow module, `height` dots high.
    pub fn draw(&self, module: usize, height: usize) -> Bitmap {
        let mut out = Bitmap::new(self.modules.len() * module, height);
        for (i, bar) in self.modules.iter().enumerate() {
            if *bar {
                out.fill(i * module, 0, module, height);
            }
        }
        out
    }
}

/// The first `n` digits; a given check digit is dropped and made anew.
fn digits(data: &[u8], n: usize) -> Option<Vec<u8>> {
    if !(n..=n + 1).contains(&data.len()) || !data.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(data[..n].iter().map(|d| d - b'0').collect())
}

const EAN_L: [u8; 10] = [0x0D, 0x19, 0x13, 0x3D, 0x23, 0x31, 0x2F, 0x3B, 0x37, 0x0B];
/// Which of the six left digits of EAN-13 use set G, by the first digit.
const EAN_PARITY: [u8; 10] = [0x00, 0x0B, 0x0D, 0x0E, 0x13, 0x19, 0x1C, 0x15, 0x16, 0x1A];

fn push_bits(out: &mut Vec<bool>, value: u32, bits: u32) {
    out.extend((0..bits).rev().map(|i| value >> i & 1 == 1));
}

fn ean_digit(out: &mut Vec<bool>, digit: u8, set: char) {
    let l = EAN_L[usize::from(digit) % 10];
    let code = match set {
        'L' => l,
        'R' => !l & 0x7F,
        // G is R read backwards.
        _ => (!l & 0x7F).reverse_bits() >> 1,
    };
    push_bits(out, u32::from(code), 7);
}

fn check_digit(digits: &[u8]) -> u8 {
    // Weights 3 and 1 from the right, the check digit excluded.
    let sum: u32 =
        digits.iter().rev().enumerate().map(|(i, d)| u32::from(*d) * if i % 2 == 0 { 3 } else { 1 }).sum();
    u8::try_from((10 - sum % 10) % 10).unwrap_or(0)
}

fn readable(digits: &[u8]) -> String {
    digits.iter().map(|d| char::from(b'0' + d)).collect()
}

fn ean13(digits: &[u8]) -> Option<Bars> {
    let mut all = digits.to_vec();
    all.push(check_digit(digits));
    let mut modules = Vec::with_capacity(95);
    push_bits(&mut modules, 0b101, 3);
    let parity = EAN_PARITY[usize::from(*all.first()?) % 10];
    for (i, &d) in all[1..7].iter().enumerate() {
        ean_digit(&mut modules, d, if parity >> (5 - i) & 1 == 1 { 'G' } else { 'L' });
    }
    push_bits(&mut modules, 0b01010, 5);
    for &d in &all[7..13] {
        ean_digit(&mut modules, d, 'R');
    }
    push_bits(&mut modules, 0b101, 3);
    Some(Bars { modules, text: readable(&all) })
}

fn ean8(digits: &[u8]) -> Option<Bars> {
    let mut all = digits.to_vec();
    all.push(check_digit(digits));
    let mut modules = Vec::with_capacity(67);
    push_bits(&mut modules, 0b101, 3);
    all[..4].iter().for_each(|&d| ean_digit(&mut modules, d, 'L'));
    push_bits(&mut modules, 0b01010, 5);
    all[4..].iter().for_each(|&d| ean_digit(&mut modules, d, 'R'));
    push_bits(&mut modules, 0b101, 3);
    Some(Bars { modules, text: readable(&all) })
}

const CODE39_CHARS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%*";
/// Nine elements each, bar first; 1 is wide.
const CODE39: [u16; 44] = [
    0x034, 0x121, 0x061, 0x160, 0x031, 0x130, 0x070, 0x025, 0x124, 0x064, 0x109, 0x049, 0x148, 0x019, 0x118,
    0x058, 0x00D, 0x10C, 0x04C, 0x01C, 0x103, 0x043, 0x142, 0x013, 0x112, 0x052, 0x007, 0x106, 0x046, 0x016,
    0x181, 0x0C1, 0x1C0, 0x091, 0x190, 0x0D0, 0x085, 0x184, 0x0C4, 0x0A8, 0x0A2, 0x08A, 0x02A, 0x094,
];

fn code39(data: &[u8]) -> Option<Bars> {
    let inner = data.strip_prefix(b"*").and_then(|d| d.strip_suffix(b"*")).unwrap_or(data);
    if inner.is_empty() {
        return None;
    }
    let mut modules = Vec::new();
    for &byte in [b"*", inner, b"*"].concat().iter() {
        let code = CODE39[CODE39_CHARS.iter().position(|c| *c == byte)?];
        for element in 0..9 {
            let wide = code >> (8 - element) & 1 == 1;
            modules.extend(std::iter::repeat_n(element % 2 == 0, if wide { 3 } else { 1 }));
        }
        modules.push(false);
    }
    modules.pop();
    Some(Bars { modules, text: format!("*{}*", String::from_utf8_lossy(inner)) })
}

/// Interleaved 2 of 5: five elements a digit, 1 is wide.
const ITF: [u8; 10] = [0x06, 0x11, 0x09, 0x18, 0x05, 0x14, 0x0C, 0x03, 0x12, 0x0A];

fn itf(data: &[u8]) -> Option<Bars> {
    if data.is_empty() || !data.len().is_multiple_of(2) || !data.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let mut modules = vec![true, false, true, false];
    for pair in data.chunks_exact(2) {
        let (bar, space) = (ITF[usize::from(pair[0] - b'0')], ITF[usize::from(pair[1] - b'0')]);
        for i in (0..5).rev() {
            modules.extend(std::iter::repeat_n(true, if bar >> i & 1 == 1 { 3 } else { 1 }));
            modules.extend(std::iter::repeat_n(false, if space >> i & 1 == 1 { 3 } else { 1 }));
        }
    }
    modules.extend([true, true, true, false, true]);
    Some(Bars { modules, text: String::from_utf8_lossy(data).into() })
}

const CODABAR_CHARS: &[u8] = b"0123456789-$:/.+ABCD";
/// Seven elements each, bar first; 1 is wide.
const CODABAR: [u8; 20] = [
    0x03, 0x06, 0x09, 0x60, 0x12, 0x42, 0x21, 0x24, 0x30, 0x48, 0x0C, 0x18, 0x45, 0x51, 0x54, 0x15, 0x1A,
    0x29, 0x0B, 0x0E,
];

/// `GS k 71`: the data carries its start and stop letter.
fn codabar(data: &[u8]) -> Option<Bars> {
    let data = data.to_ascii_uppercase();
    let letter = |byte: Option<&u8>| byte.is_some_and(|b| (b'A'..=b'D').contains(b));
    if data.len() < 3 || !letter(data.first()) || !letter(data.last()) {
        return None;
    }
    let mut modules = Vec::new();
    for byte in &data {
        let code = CODABAR[CODABAR_CHARS.iter().position(|c| c == byte)?];
        for element in 0..7 {
            let wide = code >> (6 - element) & 1 == 1;
            modules.extend(std::iter::repeat_n(element % 2 == 0, if wide { 3 } else { 1 }));
        }
        modules.push(false);
    }
    modules.pop();
    Some(Bars { modules, text: String::from_utf8_lossy(&data).into() })
}

const CODE93_CHARS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%";
/// CODE93 values 0..=46, nine modules each (the last four are the shifts).
const CODE93: [u16; 47] = [
    0x114, 0x148, 0x144, 0x142, 0x128, 0x124, 0x122, 0x150, 0x112, 0x10A, 0x1A8, 0x1A4, 0x1A2, 0x194, 0x192,
    0x18A, 0x168, 0x164, 0x162, 0x134, 0x11A, 0x158, 0x14C, 0x146, 0x12C, 0x116, 0x1B4, 0x1B2, 0x1AC, 0x1A6,
    0x196, 0x19A, 0x16C, 0x166, 0x136, 0x13A, 0x12E, 0x1D4, 0x1D2, 0x1CA, 0x16E, 0x176, 0x1AE, 0x126, 0x1DA,
    0x1D6, 0x132,
];
/// Start and stop of CODE93.
const CODE93_EDGE: u16 = 0x15E;

/// `GS k 72`: the characters that need no shift.
fn code93(data: &[u8]) -> Option<Bars> {
    let find = |byte: &u8| CODE93_CHARS.iter().position(|c| c == byte);
    let mut values: Vec<usize> = data.iter().map(find).collect::<Option<_>>()?;
    if values.is_empty() {
        return None;
    }
    // Two check characters, weighted from the right: up to 20, then up to 15 with the first one.
    for longest in [20, 15] {
        let sum: usize = values.iter().rev().enumerate().map(|(i, v)| (i % longest + 1) * v).sum();
        values.push(sum % 47);
    }
    let mut modules = Vec::new();
    push_bits(&mut modules, CODE93_EDGE.into(), 9);
    values.iter().for_each(|value| push_bits(&mut modules, CODE93[*value].into(), 9));
    push_bits(&mut modules, CODE93_EDGE.into(), 9);
    modules.push(true);
    Some(Bars { modules, text: String::from_utf8_lossy(data).into() })
}

/// CODE128 patterns 0..=105, eleven modules each (ISO/IEC 15417, table 1).
const CODE128: [u16; 106] = [
    0x6CC, 0x66C, 0x666, 0x498, 0x48C, 0x44C, 0x4C8, 0x4C4, 0x464, 0x648, 0x644, 0x624, 0x59C, 0x4DC, 0x4CE,
    0x5CC, 0x4EC, 0x4E6, 0x672, 0x65C, 0x64E, 0x6E4, 0x674, 0x76E, 0x74C, 0x72C, 0x726, 0x764, 0x734, 0x732,
    0x6D8, 0x6C6, 0x636, 0x518, 0x458, 0x446, 0x588, 0x468, 0x462, 0x688, 0x628, 0x622, 0x5B8, 0x58E, 0x46E,
    0x5D8, 0x5C6, 0x476, 0x776, 0x68E, 0x62E, 0x6E8, 0x6E2, 0x6EE, 0x758, 0x746, 0x716, 0x768, 0x762, 0x71A,
    0x77A, 0x642, 0x78A, 0x530, 0x50C, 0x4B0, 0x486, 0x42C, 0x426, 0x590, 0x584, 0x4D0, 0x4C2, 0x434, 0x432,
    0x612, 0x650, 0x7BA, 0x614, 0x47A, 0x53C, 0x4BC, 0x49E, 0x5E4, 0x4F4, 0x4F2, 0x7A4, 0x794, 0x792, 0x6DE,
    0x6F6, 0x7B6, 0x578, 0x51E, 0x45E, 0x5E8, 0x5E2, 0x7A8, 0x7A2, 0x5DE, 0x5EE, 0x75E, 0x7AE, 0x684, 0x690,
    0x69C,
];

/// `GS k 73`: data with `{A`, `{B`, `{C` selecting the set, `{{` a brace, `{S` shift, `{1`..`{4` functions.
fn code128(data: &[u8]) -> Option<Bars> {
    let mut values: Vec<u8> = Vec::new();
    let mut text = String::new();
    let (mut set, mut shift, mut at) = (0u8, false, 0usize);
    while at < data.len() {
        let byte = data[at];
        at += 1;
        if byte == b'{' {
            let code = *data.get(at)?;
            at += 1;
            match code {
                b'A'..=b'C' => {
                    let first = values.is_empty();
                    values.push(match (first, code) {
                        (true, c) => c - b'A' + 103,
                        (false, b'A') => 101,
                        (false, b'B') => 100,
                        (false, _) => 99,
                    });
                    set = code;
                    continue;
                }
                b'S' => {
                    values.push(98);
                    shift = true;
                    continue;
                }
                b'1' => {
                    values.push(102);
                    continue;
                }
                b'{' if set == b'B' => {}
                _ => return None,
            }
        }
        let now = match (set, std::mem::take(&mut shift)) {
            (b'A', true) => b'B',
            (b'B', true) => b'A',
            (s, _) => s,
        };
        values.push(match (now, byte) {
            (b'A', 0..=0x1F) => byte + 64,
            (b'A', 0x20..=0x5F) | (b'B', 0x20..=0x7F) => byte - 0x20,
            (b'C', 0..=99) => byte,
            _ => return None,
        });
        match now {
            b'C' => text.push_str(&format!("{byte:02}")),
            _ => text.push(if byte < 0x20 { ' ' } else { char::from(byte) }),
        }
    }
    let first = u32::from(*values.first()?);
    if values.len() < 2 {
        return None;
    }
    let sum = values.iter().enumerate().skip(1).map(|(i, v)| i as u32 * u32::from(*v)).sum::<u32>();
    let check = (first + sum) % 103;
    let mut modules = Vec::new();
    for value in values.iter().map(|v| u32::from(*v)).chain([check]) {
        push_bits(&mut modules, u32::from(*CODE128.get(value as usize)?), 11);
    }
    push_bits(&mut modules, 0x18EB, 13);
    Some(Bars { modules, text })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits_are_those_of_printed_goods() {
        assert_eq!(bars(67, b"690123456789").unwrap().text, "6901234567892");
        assert_eq!(bars(68, b"9638507").unwrap().text, "96385074");
        assert_eq!(bars(67, b"12").as_ref(), None);
    }

    #[test]
    fn every_code128_pattern_has_three_bars_and_eleven_modules() {
        for (i, p) in CODE128.iter().enumerate() {
            let mut m = Vec::new();
            push_bits(&mut m, u32::from(*p), 11);
            let edges = m.windows(2).filter(|w| w[0] != w[1]).count();
            assert!(m[0] && !m[10] && edges == 5, "pattern {i}");
        }
    }

    #[test]
    fn ean13_has_95_modules() {
        assert_eq!(bars(67, b"4006381333931").unwrap().modules.len(), 95);
    }
}
