//! The receipts that are handed in: 2 KB, as a card slip of a few dozen lines has.

use receiptd_api::Kind;
use receiptd_system_tests::documents;

/// Bytes of the raw slip.
pub const SLIP_BYTES: usize = 2048;

/// A receipt.
#[derive(Clone, Debug)]
pub struct Slip {
    /// What it is.
    pub kind: Kind,
    /// Its bytes.
    pub document: Vec<u8>,
}

impl Slip {
    /// Raw ESC/POS: text lines, a cut at the end.
    pub fn raw() -> Self {
        Self { kind: Kind::Raw, document: lines_and_cut(SLIP_BYTES) }
    }

    /// A real sale as JSON, two copies; laid out by the daemon.
    pub fn json() -> Self {
        Self { kind: Kind::Json, document: documents::UNIONPAY_SALE.as_bytes().to_vec() }
    }

    /// The first and the last copy of a picture that takes so many bytes.
    pub fn picture(bytes: usize) -> Self {
        const ROW: usize = 72;
        let rows = (bytes / ROW).min(2303);
        let mut document = b"\x1b@\x1dv0\x00".to_vec();
        document.extend((ROW as u16).to_le_bytes());
        document.extend((rows as u16).to_le_bytes());
        document.extend(std::iter::repeat_n(0x55, ROW * rows));
        document.extend(b"\n\x1dV\x42\x00");
        Self { kind: Kind::Raw, document }
    }
}

fn lines_and_cut(bytes: usize) -> Vec<u8> {
    const END: &[u8] = b"\x1dV\x42\x00";
    let mut document = b"\x1b@".to_vec();
    let mut number = 0;
    while document.len() + END.len() < bytes {
        let line = format!("{number:03} card ************0042  amount 0018.50\n");
        let room = bytes - END.len() - document.len();
        document.extend(line.bytes().take(room.saturating_sub(1)));
        if !document.ends_with(b"\n") {
            document.push(b'\n');
        }
        number += 1;
    }
    document.extend(END);
    document
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slip_has_the_size_it_says() {
        assert_eq!(Slip::raw().document.len(), SLIP_BYTES);
        let picture = Slip::picture(64 << 10).document.len();
        assert!((60_000..66_000).contains(&picture), "{picture}");
    }
}
