//! `GET_PORT_STATUS`: one byte on the control pipe. Pure.
//!
//! Bit 5 paper empty, bit 4 selected, bit 3 *not* error; an idle printer says 18h (USB Printer Class 1.1,
//! 4.2.2). Most cheap printers always say 18h, so it is used only where a quirk says that it is alive.

/// What the byte says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PortStatus {
    /// There is no paper.
    pub paper_empty: bool,
    /// It is online.
    pub selected: bool,
    /// It has an error.
    pub error: bool,
}

impl PortStatus {
    /// Takes the byte apart; the other bits are reserved.
    pub const fn from_byte(byte: u8) -> Self {
        Self { paper_empty: byte & 0x20 != 0, selected: byte & 0x10 != 0, error: byte & 0x08 == 0 }
    }

    /// The same in the words of `DLE EOT n`, so that the core needs no second vocabulary: 1 is on or offline, 2 why,
    /// 3 errors, 4 paper. `None` for what this byte cannot tell.
    ///
    /// An error without its cause becomes "offline": the byte knows neither cover nor cutter.
    pub fn as_real_time(self, n: u8) -> Option<u8> {
        const FIXED: u8 = 0x12;
        let when = |condition: bool, bits: u8| if condition { bits } else { 0 };
        match n {
            1 => Some(FIXED | when(!self.selected || self.error, 0x08)),
            2 => Some(FIXED | when(self.paper_empty, 0x20)),
            4 => Some(FIXED | when(self.paper_empty, 0x60)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_bits_of_the_class_are_told_apart() {
        let well = PortStatus { paper_empty: false, selected: true, error: false };
        assert_eq!(PortStatus::from_byte(0x18), well);
        assert_eq!(PortStatus::from_byte(0x18 | 0x20), PortStatus { paper_empty: true, ..well });
        assert_eq!(PortStatus::from_byte(0x08), PortStatus { selected: false, ..well });
        assert_eq!(PortStatus::from_byte(0x10), PortStatus { error: true, ..well });
        // Reserved bits say nothing.
        assert_eq!(PortStatus::from_byte(0xDF & 0x9F), PortStatus::from_byte(0x18));
    }

    #[test]
    fn every_translation_is_a_valid_real_time_status_byte() {
        for byte in 0..=255 {
            for n in 0..=8 {
                let Some(said) = PortStatus::from_byte(byte).as_real_time(n) else { continue };
                // 0xx1xx10, section 1.1 of the protocol reference.
                assert_eq!(said & 0x93, 0x12);
            }
        }
        let empty = PortStatus::from_byte(0x38);
        assert_eq!((empty.as_real_time(2), empty.as_real_time(4)), (Some(0x32), Some(0x72)));
        assert_eq!(PortStatus::from_byte(0x10).as_real_time(1), Some(0x1A));
        assert_eq!(empty.as_real_time(3), None);
    }
}
