//! One configuration file as it was written. Every key is optional here; defaults come later.

use std::path::PathBuf;

use receiptd_document::models::Paper;
use receiptd_document::{CardAction, CodePages, Cutter, Head, KanjiMode, TextMode};
use serde::Deserialize;

/// A file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Fragment {
    #[serde(default)]
    pub(super) spool: Spool,
    #[serde(default)]
    pub(super) api: Api,
    #[serde(default)]
    pub(super) jobs: Jobs,
    #[serde(default)]
    pub(super) cards: Cards,
    #[serde(default)]
    pub(super) copies: Copies,
    #[serde(default)]
    pub(super) usb: Usb,
    #[serde(default)]
    pub(super) log: Log,
    #[serde(default)]
    pub(super) printer: Vec<Printer>,
}

/// `[spool]`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Spool {
    pub(super) directory: Option<PathBuf>,
    pub(super) keep_bodies_days: Option<u32>,
    pub(super) keep_jobs_days: Option<u32>,
    pub(super) keep_jobs_max: Option<u32>,
    /// For benches only: added to each flush of the journal, in ms.
    pub(super) bench_flush_delay_ms: Option<u32>,
}

/// `[api]`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Api {
    pub(super) socket: Option<PathBuf>,
    pub(super) socket_mode: Option<String>,
    pub(super) socket_group: Option<String>,
    pub(super) bus: Option<BusWord>,
    pub(super) operator_group: Option<String>,
}

impl Api {
    /// Whether nothing was said.
    pub(super) const fn is_empty(&self) -> bool {
        let Self { socket, socket_mode, socket_group, bus, operator_group } = self;
        socket.is_none()
            && socket_mode.is_none()
            && socket_group.is_none()
            && bus.is_none()
            && operator_group.is_none()
    }
}

/// `bus = "…"`
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum BusWord {
    System,
    Session,
    None,
}

/// `[jobs]`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Jobs {
    pub(super) when_uncertain: Option<PolicyWord>,
    pub(super) expires_after_s: Option<u32>,
    pub(super) active_max: Option<u32>,
    pub(super) active_per_user_max: Option<u32>,
    pub(super) active_bytes_max: Option<u64>,
}

/// `when-uncertain = "…"`
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum PolicyWord {
    Reprint,
    Hold,
}

/// `[cards]`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Cards {
    pub(super) action: Option<CardAction>,
    pub(super) keep_first: Option<u8>,
    pub(super) keep_last: Option<u8>,
}

/// `[copies]`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(super) struct Copies {
    pub(super) single: Copy,
    pub(super) merchant: Copy,
    pub(super) customer: Copy,
    pub(super) bank: Copy,
}

/// `[copies.merchant]` and its like
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Copy {
    pub(super) keep_first: Option<u8>,
    pub(super) keep_last: Option<u8>,
    pub(super) expiry: Option<bool>,
    pub(super) signature: Option<bool>,
    pub(super) label: Option<String>,
}

/// `[usb]`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Usb {
    pub(super) quirks_directory: Option<PathBuf>,
}

/// `[log]`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Log {
    pub(super) level: Option<LevelWord>,
}

/// `level = "…"`
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum LevelWord {
    Off,
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}

impl LevelWord {
    pub(super) const fn filter(self) -> log::LevelFilter {
        match self {
            Self::Off => log::LevelFilter::Off,
            Self::Error => log::LevelFilter::Error,
            Self::Warn => log::LevelFilter::Warn,
            Self::Info => log::LevelFilter::Info,
            Self::Debug => log::LevelFilter::Debug,
            Self::Trace => log::LevelFilter::Trace,
        }
    }
}

/// `[[printer]]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Printer {
    pub(super) name: String,
    pub(super) connect: Option<String>,
    pub(super) evidence: Option<EvidenceWord>,
    pub(super) model: Option<String>,
    pub(super) paper: Option<Paper>,
    pub(super) dots: Option<u16>,
    pub(super) dpi: Option<u16>,
    pub(super) feed_units: Option<u16>,
    pub(super) font_a_width: Option<u8>,
    pub(super) line_dots: Option<u8>,
    pub(super) kanji: Option<KanjiMode>,
    pub(super) code_pages: Option<CodePages>,
    pub(super) text: Option<TextMode>,
    pub(super) hanzi_width: Option<u8>,
    pub(super) cutter: Option<Cutter>,
    pub(super) native_qr: Option<bool>,
    pub(super) native_barcode: Option<bool>,
    pub(super) head: Option<Head>,
    pub(super) beep: Option<bool>,
    pub(super) feed_before_cut_dots: Option<u16>,
    pub(super) job_number: Option<bool>,
}

/// `evidence = "…"`
#[derive(Clone, Copy, Debug, Deserialize)]
pub(super) enum EvidenceWord {
    #[serde(rename = "auto")]
    Auto,
    #[serde(rename = "A+")]
    APlus,
    A,
    B,
    C,
    D,
}
