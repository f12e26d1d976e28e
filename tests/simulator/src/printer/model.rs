//! What there is on the market: printers that tell much, little, nothing, and untruths.

use receiptd_core::evidence::Grade;

use crate::rng::Rng;

/// A kind of printer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Model {
    /// Echoes ids and counts.
    APlus,
    /// Echoes ids.
    A,
    /// Answers in order, reports by itself.
    B,
    /// Answers `DLE EOT` only.
    C,
    /// Answers `GS r` only, and that nobody ever asks a silent printer.
    InOrderOnly,
    /// Says nothing.
    D,
    /// Echoes ids when it receives them.
    EchoLiar,
    /// Answers in order when it receives the question.
    OrderLiar,
    /// Claims everything and means nothing.
    Liar,
}

impl Model {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::APlus,
        Self::A,
        Self::B,
        Self::C,
        Self::InOrderOnly,
        Self::D,
        Self::EchoLiar,
        Self::OrderLiar,
        Self::Liar,
    ];

    /// Reports by itself.
    pub const fn asb(self) -> bool {
        !matches!(self, Self::C | Self::InOrderOnly | Self::D)
    }

    /// Answers `DLE EOT`.
    pub const fn real_time(self) -> bool {
        !matches!(self, Self::InOrderOnly | Self::D)
    }

    /// Answers `GS r`.
    pub const fn in_order(self) -> bool {
        !matches!(self, Self::C | Self::D | Self::EchoLiar)
    }

    /// Echoes ids.
    pub const fn echo(self) -> bool {
        matches!(self, Self::APlus | Self::A | Self::EchoLiar | Self::Liar)
    }

    /// Tells counters.
    pub const fn counters(self) -> bool {
        matches!(self, Self::APlus | Self::Liar)
    }

    /// Tells who it is.
    pub const fn info(self) -> bool {
        !matches!(self, Self::InOrderOnly | Self::D)
    }

    /// Confirms what it has not printed.
    pub const fn lies(self) -> bool {
        matches!(self, Self::EchoLiar | Self::OrderLiar | Self::Liar)
    }

    /// The best grade that an honest integrator would vouch for.
    pub const fn grade(self) -> Option<Grade> {
        match self {
            Self::APlus => Some(Grade::APlus),
            Self::A => Some(Grade::A),
            Self::B => Some(Grade::B),
            Self::C => Some(Grade::C),
            Self::D | Self::InOrderOnly => Some(Grade::D),
            Self::EchoLiar | Self::OrderLiar | Self::Liar => None,
        }
    }
}

/// One printer as it was bought.
#[derive(Clone, Debug)]
pub struct Build {
    /// Its kind.
    pub model: Model,
    /// Receive buffer, bytes.
    pub buffer: u32,
    /// Head speed, dot rows a second.
    pub dots_per_s: u64,
    /// Speed of the cable, bytes a second.
    pub bytes_per_s: u64,
    /// Bytes that the host's own buffers take before the printer does.
    pub kernel: u32,
    /// It takes no bytes while it is offline.
    pub busy_when_offline: bool,
    /// It has its power from the terminal.
    pub fed_by_terminal: bool,
    /// Time of an answer on the way, microseconds.
    pub latency_us: u64,
    /// What the integrator vouches for.
    pub vouched: Option<Grade>,
}

impl Build {
    /// Any printer.
    pub fn any(rng: &mut Rng) -> Self {
        let model = rng.pick(&Model::ALL).unwrap_or(Model::APlus);
        // Those that prove something have the most to lose; they come more often.
        let model = if rng.permille(400) {
            rng.pick(&[Model::APlus, Model::A, Model::B]).unwrap_or(model)
        } else {
            model
        };
        Self {
            model,
            buffer: rng.pick(&[1_500, 4_096, 16_384, 65_536]).unwrap_or(4_096),
            dots_per_s: rng.between(450, 2_400),
            bytes_per_s: rng.pick(&[11_000, 100_000, 1_000_000]).unwrap_or(100_000),
            kernel: rng.pick(&[0, 0, 8_192, 65_536]).unwrap_or(0),
            busy_when_offline: rng.permille(400),
            fed_by_terminal: rng.permille(400),
            latency_us: rng.between(200, 20_000),
            vouched: if rng.permille(250) { model.grade() } else { None },
        }
    }
}
