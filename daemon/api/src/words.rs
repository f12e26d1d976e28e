//! The closed word lists of the interface: strings on the wire, enums in Rust.
//!
//! Each has an `Other` for a word this build does not know, so that a newer daemon does not break an older
//! client. What a state *means* is told by the core; here are only the words.

use std::fmt;

/// Declares an enum that travels as a string.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$word_doc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub enum $name {
            $($(#[$word_doc])* $variant,)+
            /// A word this build does not know.
            #[default]
            Other,
        }

        impl $name {
            /// Every word this build knows, in the order of their declaration.
            pub const ALL: &[$name] = &[$($name::$variant,)+];

            /// The word on the wire.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $($name::$variant => $word,)+
                    $name::Other => "other",
                }
            }

            /// The value of `word`; [`Self::Other`] if it is not known.
            pub fn from_word(word: &str) -> Self {
                match word {
                    $($word => $name::$variant,)+
                    _ => $name::Other,
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl crate::dict::Field for $name {
            const SIGNATURE: &'static str = "s";

            fn item(&self) -> crate::dict::Item<'_> {
                crate::dict::Item::Str(self.as_str())
            }

            fn of(item: crate::dict::Item<'_>) -> Option<Self> {
                match item {
                    crate::dict::Item::Str(word) => Some(Self::from_word(word)),
                    _ => None,
                }
            }
        }

        impl zbus::Type for $name {
            const SIGNATURE: &'static zbus::Signature = <str as zbus::Type>::SIGNATURE;
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Word;
                impl serde::de::Visitor<'_> for Word {
                    type Value = $name;
                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str("a word")
                    }
                    fn visit_str<E: serde::de::Error>(self, word: &str) -> Result<$name, E> {
                        Ok($name::from_word(word))
                    }
                }
                deserializer.deserialize_str(Word)
            }
        }
    };
}

words! {
    /// What a job is right now.
    JobState {
        /// Accepted, waiting for its turn.
        Queued = "queued",
        /// Waits for a person: held by a caller, or uncertain under the policy `hold`.
        Held = "held",
        /// Bytes are on their way, or proof is awaited.
        Sending = "sending",
        /// It may or may not be on paper.
        Uncertain = "uncertain",
        /// The printer said it is on paper; `grade` tells how it said so.
        Printed = "printed",
        /// All bytes were taken; the printer cannot say more.
        Sent = "sent",
        /// A person said that it is on paper.
        Attested = "attested",
        /// Taken back before it was printed.
        Canceled = "canceled",
        /// Its time ran out before it was printed.
        Expired = "expired",
    }
}

impl JobState {
    /// Whether the job has ended: nothing more will happen to it by itself.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Printed | Self::Sent | Self::Attested | Self::Canceled | Self::Expired)
    }
}

words! {
    /// The grade of the evidence, best first.
    Grade {
        /// Echoed ids and counters that rose.
        APlus = "A+",
        /// Echoed ids.
        A = "A",
        /// An in-order status reply.
        B = "B",
        /// All bytes taken, healthy until the estimated end.
        C = "C",
        /// All bytes taken.
        D = "D",
    }
}

words! {
    /// What became of the cut after the body.
    Cut {
        /// Not yet proven.
        Pending = "pending",
        /// Proven.
        Ok = "ok",
        /// The cutter failed; the receipt itself may be fine.
        Fault = "fault",
        /// The printer cannot say.
        Unknown = "unknown",
        /// No cut was asked for.
        None = "none",
    }
}

words! {
    /// What a document is.
    Kind {
        /// The receipt model as JSON.
        Json = "json",
        /// UTF-8 text, printed line by line.
        Text = "text",
        /// ESC/POS bytes, sent as they are.
        Raw = "raw",
    }
}

words! {
    /// What to do with a job of which nobody knows whether it was printed.
    Uncertain {
        /// Print it again, marked as a duplicate.
        Reprint = "reprint",
        /// Wait for a person.
        Hold = "hold",
    }
}

words! {
    /// What a document is printed for, if not for a customer.
    Purpose {
        /// Somebody learns to use the terminal.
        Training = "training",
        /// The terminal, the app or the printer is tried out.
        Test = "test",
    }
}

words! {
    /// What a person saw, for `Resolve`.
    Outcome {
        /// The receipt is there.
        Printed = "printed",
        /// It is not.
        NotPrinted = "not-printed",
    }
}

words! {
    /// What a printer is doing.
    PrinterState {
        /// Not connected.
        Absent = "absent",
        /// Being opened.
        Opening = "opening",
        /// Late answers of an earlier session are being read.
        Draining = "draining",
        /// What it can answer is being found out.
        Probing = "probing",
        /// Waiting for work.
        Ready = "ready",
        /// Printing.
        Printing = "printing",
        /// Waiting for paper, a closed cover, or to cool down; goes on by itself.
        Paused = "paused",
        /// Takes no bytes and says nothing.
        Stalled = "stalled",
        /// Waiting before the next attempt to open it.
        BackingOff = "backing-off",
    }
}

words! {
    /// Whether receipts can be stored.
    StoreState {
        /// They can.
        Ok = "ok",
        /// No room: nothing more is accepted until some is made.
        Full = "full",
        /// The disk failed: nothing more is accepted until the daemon is restarted and it works again.
        Failed = "failed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_survive_the_wire() {
        for state in JobState::ALL {
            assert_eq!(JobState::from_word(state.as_str()), *state);
        }
        assert_eq!(JobState::from_word("teleported"), JobState::Other);
        assert_eq!(format!("{:>8}|", Grade::APlus), "      A+|");
    }
}
