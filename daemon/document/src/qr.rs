//! Size of QR codes, and drawing them for printers that cannot.
//!
//! ISO/IEC 18004, byte mode. A printer may choose a denser mode for digits, so that the size is an upper
//! bound. Which command or raster carries the code to the printer is left to the receipt.

use serde::{Deserialize, Serialize};

/// Modules across version 40.
pub(crate) const MODULES_MAX: u32 = 177;

/// Error correction level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Level {
    /// Survives 7 % of damage.
    L,
    /// 15 %
    #[default]
    M,
    /// 25 %
    Q,
    /// 30 %
    H,
}

impl Level {
    /// The parameter of `GS ( k` fn 69: 48 to 51.
    pub(crate) const fn command(self) -> u8 {
        match self {
            Self::L => 48,
            Self::M => 49,
            Self::Q => 50,
            Self::H => 51,
        }
    }

    /// The level of a parameter of `GS ( k` fn 69; L, the power-on value, for others.
    pub(crate) const fn of_command(n: u8) -> Self {
        match n {
            49 => Self::M,
            50 => Self::Q,
            51 => Self::H,
            _ => Self::L,
        }
    }

    const fn column(self) -> usize {
        (self.command() - 48) as usize
    }
}

/// Bytes that versions 1 to 40 hold at L, M, Q, H (ISO/IEC 18004, table 7).
const CAPACITY: [[u16; 4]; 40] = [
    [17, 14, 11, 7],
    [32, 26, 20, 14],
    [53, 42, 32, 24],
    [78, 62, 46, 34],
    [106, 84, 60, 44],
    [134, 106, 74, 58],
    [154, 122, 86, 64],
    [192, 152, 108, 84],
    [230, 180, 130, 98],
    [271, 213, 151, 119],
    [321, 251, 177, 137],
    [367, 287, 203, 155],
    [425, 331, 241, 177],
    [458, 362, 258, 194],
    [520, 412, 292, 220],
    [586, 450, 322, 250],
    [644, 504, 364, 280],
    [718, 560, 394, 310],
    [792, 624, 442, 338],
    [858, 666, 482, 382],
    [929, 711, 509, 403],
    [1003, 779, 565, 439],
    [1091, 857, 611, 461],
    [1171, 911, 661, 511],
    [1273, 997, 715, 535],
    [1367, 1059, 751, 593],
    [1465, 1125, 805, 625],
    [1528, 1190, 868, 658],
    [1628, 1264, 908, 698],
    [1732, 1370, 982, 742],
    [1840, 1452, 1030, 790],
    [1952, 1538, 1112, 842],
    [2068, 1628, 1168, 898],
    [2188, 1722, 1228, 958],
    [2303, 1809, 1283, 983],
    [2431, 1911, 1351, 1051],
    [2563, 1989, 1423, 1093],
    [2699, 2099, 1499, 1139],
    [2809, 2213, 1579, 1219],
    [2953, 2331, 1663, 1273],
];

/// Modules across the smallest code that holds so many bytes. None if no version does.
pub(crate) fn modules(bytes: usize, level: Level) -> Option<u32> {
    let version = CAPACITY.iter().position(|capacity| usize::from(capacity[level.column()]) >= bytes)?;
    Some(21 + 4 * version as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_agrees_with_an_encoder() {
        for (level, ec) in [
            (Level::L, qrcode::EcLevel::L),
            (Level::M, qrcode::EcLevel::M),
            (Level::Q, qrcode::EcLevel::Q),
            (Level::H, qrcode::EcLevel::H),
        ] {
            for capacity in CAPACITY {
                for len in [capacity[level.column()], capacity[level.column()] + 1] {
                    // Lower-case letters go into byte mode.
                    let data = vec![b'a'; len.into()];
                    let version = qrcode::bits::encode_auto(&data, ec).ok().map(|bits| bits.version());
                    let width = version.map(|version| version.width() as u32);
                    assert_eq!(modules(len.into(), level), width, "{len} bytes at {level:?}");
                }
            }
        }
    }
}
