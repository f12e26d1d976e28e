//! What a printer's word is worth: capabilities, grades, and the judgement of a proof.
//!
//! A printer that answers a command has shown that it knows the command, not that it tells the truth.
//! An echo is believed once it came no sooner than any head can print what lay before it.

use core::fmt;

use serde::{Deserialize, Serialize};

use crate::limits::{FASTEST_DOTS_PER_S, JUDGED_DOTS_MIN, SLOWEST_DOTS_PER_S};

/// How good the evidence of a print is; the order is from best to least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Grade {
    /// Echoed ids after body and cut, and the machine's own counters rose.
    APlus,
    /// Echoed ids after body and cut.
    A,
    /// An in-order answer after the body, healthy throughout.
    B,
    /// Bytes taken by a printer that reported itself healthy until the estimated end.
    C,
    /// Bytes taken.
    D,
}

impl Grade {
    /// Whether a job with this evidence may be called printed; otherwise it was sent.
    pub const fn proves(self) -> bool {
        matches!(self, Self::APlus | Self::A | Self::B)
    }
}

impl fmt::Display for Grade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::APlus => "A+",
            Self::A => "A",
            Self::B => "B",
            Self::C => "C",
            Self::D => "D",
        })
    }
}

/// What is known of one ability.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Ability {
    /// It never answered.
    #[default]
    No,
    /// It answered; whether truthfully was not seen yet.
    Claimed,
    /// It answered a real print no sooner than a head can.
    Proven,
    /// It confirmed a print sooner than any head can; its word counts for nothing.
    Lies,
}

/// What a printer can, as far as it was seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Abilities {
    /// Sends automatic status.
    pub asb: bool,
    /// Answers `DLE EOT`.
    pub real_time: bool,
    /// Answers `GS r 1` in order.
    pub in_order: Ability,
    /// Echoes process ids.
    pub echo: Ability,
    /// Tells counters.
    pub counters: bool,
}

/// How an attempt on this printer is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closing {
    /// By echoed ids; with `counted`, the counters are compared too.
    Echo {
        /// Compare the counters.
        counted: bool,
    },
    /// By the in-order paper status.
    InOrder,
    /// By nothing: all bytes taken, then the estimated time.
    Taken(Grade),
}

impl Abilities {
    /// The abilities that an integrator vouches for by naming a grade in the configuration.
    pub const fn vouched(grade: Grade) -> Self {
        let none =
            Self { asb: false, real_time: false, in_order: Ability::No, echo: Ability::No, counters: false };
        match grade {
            Grade::APlus => Self { asb: true, echo: Ability::Proven, counters: true, ..none },
            Grade::A => Self { asb: true, echo: Ability::Proven, ..none },
            Grade::B => Self { asb: true, in_order: Ability::Proven, ..none },
            Grade::C => Self { real_time: true, ..none },
            Grade::D => none,
        }
    }

    /// How to close an attempt.
    pub const fn closing(&self) -> Closing {
        if matches!(self.echo, Ability::Claimed | Ability::Proven) {
            Closing::Echo { counted: self.counters }
        } else if matches!(self.in_order, Ability::Claimed | Ability::Proven) && self.asb {
            Closing::InOrder
        } else if self.asb || self.real_time {
            Closing::Taken(Grade::C)
        } else {
            Closing::Taken(Grade::D)
        }
    }

    /// The best that a job on this printer can end with.
    pub const fn best(&self) -> Grade {
        match self.closing() {
            Closing::Echo { counted: true } => Grade::APlus,
            Closing::Echo { counted: false } => Grade::A,
            Closing::InOrder => Grade::B,
            Closing::Taken(grade) => grade,
        }
    }
}

/// What to think of a closing answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// It came no sooner than the head can print.
    Believable,
    /// Too little was printed to judge by time.
    TooShort,
    /// Nothing prints that fast.
    Impossible,
}

/// Judges an answer that came `elapsed_us` after the first byte of `dots` rows went out.
pub const fn judge(dots: u32, elapsed_us: u64) -> Judgement {
    if dots < JUDGED_DOTS_MIN {
        Judgement::TooShort
    } else if elapsed_us < dots as u64 * 1_000_000 / FASTEST_DOTS_PER_S {
        Judgement::Impossible
    } else {
        Judgement::Believable
    }
}

/// A generous estimate of the time to print, in microseconds.
pub const fn estimate_us(dots: u32) -> u64 {
    dots as u64 * 1_000_000 / SLOWEST_DOTS_PER_S
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_claim_follows_from_what_was_seen() {
        let mut seen = Abilities::default();
        assert_eq!(seen.best(), Grade::D);
        seen.real_time = true;
        assert_eq!(seen.best(), Grade::C);
        seen.asb = true;
        seen.in_order = Ability::Claimed;
        assert_eq!(seen.best(), Grade::B);
        seen.echo = Ability::Claimed;
        assert_eq!(seen.best(), Grade::A);
        seen.counters = true;
        assert_eq!(seen.best(), Grade::APlus);
        seen.echo = Ability::Lies;
        seen.in_order = Ability::Lies;
        assert_eq!(seen.best(), Grade::C);
    }

    #[test]
    fn a_vouched_grade_is_the_best_claim() {
        for grade in [Grade::APlus, Grade::A, Grade::B, Grade::C, Grade::D] {
            assert_eq!(Abilities::vouched(grade).best(), grade);
        }
    }

    #[test]
    fn no_head_prints_ten_centimetres_in_a_millisecond() {
        assert_eq!(judge(800, 1_000), Judgement::Impossible);
        assert_eq!(judge(800, 400_000), Judgement::Believable);
        assert_eq!(judge(80, 1_000), Judgement::TooShort);
    }
}
