//! Status as bytes: `DLE EOT`, ASB, `GS r`. Bits as in the Epson FAQ 10.01, BIX, CIT and HPRT manuals.
//!
//! Pure functions of what the sensors say; when they are sent is decided elsewhere.

/// What the sensors say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sensors {
    /// The cover is open.
    pub cover_open: bool,
    /// No paper.
    pub paper_end: bool,
    /// Little paper.
    pub near_end: bool,
    /// The cutter is jammed.
    pub cutter_error: bool,
    /// The head is too hot.
    pub hot: bool,
    /// Drawer connector pin 3.
    pub drawer_high: bool,
}

impl Sensors {
    /// The printer is offline: it runs nothing from its buffer.
    pub fn offline(&self) -> bool {
        self.cover_open || self.paper_end || self.error()
    }

    fn error(&self) -> bool {
        self.cutter_error || self.hot
    }

    /// The answer to `DLE EOT n`; `None` for an n that is not answered.
    pub fn dle_eot(&self, n: u8) -> Option<u8> {
        // Bits 1 and 4 are always set.
        let base = 0x12;
        Some(match n {
            1 => base | bit(self.drawer_high, 0x04) | bit(self.offline(), 0x08),
            2 => base | bit(self.cover_open, 0x04) | bit(self.paper_end, 0x20) | bit(self.error(), 0x40),
            3 => base | bit(self.cutter_error, 0x08) | bit(self.hot, 0x40),
            4 => base | bit(self.near_end, 0x0C) | bit(self.paper_end, 0x60),
            // Ink, peeler: nothing to report on a thermal printer.
            7 | 8 => base,
            _ => return None,
        })
    }

    /// The four ASB bytes.
    pub fn asb(&self, byte4: u8) -> [u8; 4] {
        [
            0x10 | bit(self.drawer_high, 0x04) | bit(self.offline(), 0x08) | bit(self.cover_open, 0x20),
            bit(self.cutter_error, 0x08) | bit(self.hot, 0x40),
            bit(self.near_end, 0x03) | bit(self.paper_end, 0x0C),
            byte4,
        ]
    }

    /// The part of ASB that `GS a n` asks to be told about: a change in it is sent.
    pub fn asb_watched(&self, n: u8) -> [u8; 3] {
        let [one, two, three, _] = self.asb(0);
        let mask_one = bit(n & 0x01 != 0, 0x04) | bit(n & 0x02 != 0, 0x28) | bit(n & 0x40 != 0, 0x40);
        [one & mask_one, two & bit(n & 0x04 != 0, 0x6C), three & bit(n & 0x08 != 0, 0x0F)]
    }

    /// The answer to `GS r n`.
    pub fn gs_r(&self, n: u8) -> Option<u8> {
        match n {
            1 | 49 => Some(bit(self.near_end, 0x03) | bit(self.paper_end, 0x0C)),
            2 | 50 => Some(bit(self.drawer_high, 0x01)),
            _ => None,
        }
    }

    /// The causes of being offline as `GS ( H` fn 49 reports them. The range 40h..7Fh is documented, which
    /// code means what differs by model: these are ours.
    pub fn offline_causes(&self) -> Vec<u8> {
        [(self.cover_open, 0x41), (self.paper_end, 0x42), (self.cutter_error, 0x43), (self.hot, 0x44)]
            .into_iter()
            .filter_map(|(is, code)| is.then_some(code))
            .collect()
    }
}

fn bit(on: bool, mask: u8) -> u8 {
    if on { mask } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn idle_is_what_real_printers_send() {
        let idle = Sensors { drawer_high: true, ..Sensors::default() };
        assert_eq!(idle.asb(0x0F), [0x14, 0, 0, 0x0F]);
        assert_eq!([1, 2, 3, 4].map(|n| idle.dle_eot(n)), [Some(0x16), Some(0x12), Some(0x12), Some(0x12)]);
    }

    #[test]
    fn every_byte_has_the_shape_it_is_recognised_by() {
        for i in 0..64u8 {
            let has = |b: u8| i >> b & 1 == 1;
            let s = Sensors {
                cover_open: has(0),
                paper_end: has(1),
                near_end: has(2),
                cutter_error: has(3),
                hot: has(4),
                drawer_high: has(5),
            };
            let asb = s.asb(0x0F);
            assert!(asb[0] & 0x93 == 0x10 && asb[1..].iter().all(|b| b & 0x90 == 0), "{s:?}");
            for n in 1..=4 {
                assert_eq!(s.dle_eot(n).unwrap() & 0x93, 0x12, "{s:?}");
            }
            assert_eq!(s.gs_r(1).unwrap() & 0x90, 0, "{s:?}");
        }
    }

    #[test]
    fn paper_end_sets_the_documented_bits() {
        let s = Sensors { paper_end: true, near_end: true, ..Sensors::default() };
        assert_eq!((s.dle_eot(1), s.dle_eot(2), s.dle_eot(4)), (Some(0x1A), Some(0x32), Some(0x7E)));
        assert_eq!(s.asb(0), [0x18, 0, 0x0F, 0]);
    }
}
