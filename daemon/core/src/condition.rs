//! What state a printer is in, by its own words: the meaning of status bits.
//!
//! Bits: `DLE EOT` after Bixolon SRP-350 p.8 and Citizen CBM1000 p.49, automatic status after Epson's
//! ESC/POS guide v10.01 p.319. Which reply a byte is stands in the codec; here is only what it says.

use serde::{Deserialize, Serialize};

use crate::link::Reply;

/// Paper, as far as the sensors tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Paper {
    /// Nothing was heard.
    #[default]
    Unknown,
    /// Enough.
    Present,
    /// The near-end sensor sees the core of the roll.
    Low,
    /// None.
    Out,
}

/// Why a printer does not print now, the most useful cause to tell a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Blocked {
    /// The cover is open: whoever stands there closes it.
    CoverOpen,
    /// No paper: whoever stands there loads a roll.
    PaperOut,
    /// The cutter is stuck: open the cover, free the blade.
    Cutter,
    /// The head is hot: it goes on by itself.
    Hot,
    /// An error that needs the power switched off and on.
    Unrecoverable,
    /// Offline without a cause that we know.
    Offline,
}

impl Blocked {
    /// The word for it in the API.
    pub const fn word(self) -> &'static str {
        match self {
            Self::CoverOpen => "cover-open",
            Self::PaperOut => "paper-out",
            Self::Cutter => "cutter",
            Self::Hot => "hot",
            Self::Unrecoverable => "unrecoverable",
            Self::Offline => "offline",
        }
    }
}

/// A printer's condition, put together from what it said in this session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Condition {
    /// True once the printer said anything at all in this session.
    pub heard: bool,
    /// Offline bit.
    pub offline: bool,
    /// Cover open.
    pub cover_open: bool,
    /// Paper sensors.
    pub paper: Paper,
    /// Autocutter error.
    pub cutter_error: bool,
    /// Error that does not go away by itself nor by a hand.
    pub unrecoverable: bool,
    /// Error that goes away by itself: head temperature.
    pub auto_recoverable: bool,
}

impl Condition {
    /// Takes one reply in; true when the condition changed.
    pub fn apply(&mut self, reply: &Reply) -> bool {
        let before = *self;
        match *reply {
            Reply::Asb([one, two, three, _]) => {
                self.heard = true;
                self.offline = one & 0x08 != 0;
                self.cover_open = one & 0x20 != 0;
                self.cutter_error = two & 0x08 != 0;
                self.unrecoverable = two & 0x20 != 0;
                self.auto_recoverable = two & 0x40 != 0;
                self.paper = paper(three & 0x0C != 0, three & 0x03 != 0);
            }
            Reply::RealTime { n, byte } => {
                self.heard = true;
                match n {
                    1 => self.offline = byte & 0x08 != 0,
                    2 => {
                        self.cover_open = byte & 0x04 != 0;
                        if byte & 0x20 != 0 {
                            self.paper = Paper::Out;
                        }
                    }
                    3 => {
                        self.cutter_error = byte & 0x08 != 0;
                        self.unrecoverable = byte & 0x20 != 0;
                        self.auto_recoverable = byte & 0x40 != 0;
                    }
                    4 => self.paper = paper(byte & 0x60 != 0, byte & 0x0C != 0),
                    _ => {}
                }
            }
            Reply::PaperInOrder(byte) => {
                self.heard = true;
                self.paper = paper(byte & 0x0C != 0, byte & 0x03 != 0);
            }
            Reply::EchoFailed(_) => {
                self.heard = true;
                self.paper = Paper::Out;
            }
            Reply::Echo(_) | Reply::Info(..) | Reply::Counter(..) | Reply::Cleared | Reply::PowerOff => {
                self.heard = true;
            }
            // Most printers always say the same there.
            Reply::PortStatus(_) | Reply::Nonsense(_) => {}
        }
        before != *self
    }

    /// What keeps the printer from printing, `None` when nothing is known to.
    pub fn blocked(&self) -> Option<Blocked> {
        if self.unrecoverable {
            Some(Blocked::Unrecoverable)
        } else if self.cover_open {
            Some(Blocked::CoverOpen)
        } else if self.paper == Paper::Out {
            Some(Blocked::PaperOut)
        } else if self.cutter_error {
            Some(Blocked::Cutter)
        } else if self.auto_recoverable {
            Some(Blocked::Hot)
        } else if self.offline {
            Some(Blocked::Offline)
        } else {
            None
        }
    }
}

const fn paper(end: bool, near_end: bool) -> Paper {
    if end {
        Paper::Out
    } else if near_end {
        Paper::Low
    } else {
        Paper::Present
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(replies: &[Reply]) -> Condition {
        let mut condition = Condition::default();
        for reply in replies {
            condition.apply(reply);
        }
        condition
    }

    #[test]
    fn idle_status_of_a_real_printer_blocks_nothing() {
        // 14 00 00 0F is what an idle TM sends with the drawer signal high.
        let idle = after(&[Reply::Asb([0x14, 0, 0, 0x0F])]);
        assert_eq!((idle.blocked(), idle.paper), (None, Paper::Present));
    }

    #[test]
    fn each_cause_has_its_name() {
        let cases = [
            (Reply::Asb([0x3C, 0, 0, 0]), Blocked::CoverOpen),
            (Reply::Asb([0x1C, 0, 0x0F, 0]), Blocked::PaperOut),
            (Reply::Asb([0x18, 0x08, 0, 0]), Blocked::Cutter),
            (Reply::Asb([0x18, 0x40, 0, 0]), Blocked::Hot),
            (Reply::Asb([0x18, 0x20, 0, 0]), Blocked::Unrecoverable),
            (Reply::Asb([0x18, 0, 0, 0]), Blocked::Offline),
            (Reply::RealTime { n: 2, byte: 0x16 }, Blocked::CoverOpen),
            (Reply::RealTime { n: 2, byte: 0x32 }, Blocked::PaperOut),
            (Reply::RealTime { n: 3, byte: 0x1A }, Blocked::Cutter),
            (Reply::RealTime { n: 4, byte: 0x72 }, Blocked::PaperOut),
            (Reply::RealTime { n: 1, byte: 0x1A }, Blocked::Offline),
        ];
        for (reply, expected) in cases {
            assert_eq!(after(core::slice::from_ref(&reply)).blocked(), Some(expected), "{reply:?}");
        }
    }

    #[test]
    fn nonsense_changes_nothing() {
        let mut condition = after(&[Reply::Asb([0x14, 0, 0, 0x0F])]);
        assert!(!condition.apply(&Reply::Nonsense(7)));
        assert!(!condition.apply(&Reply::RealTime { n: 9, byte: 0xFF }));
    }
}
