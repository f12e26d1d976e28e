//! What can be seen of a printer at one moment.

use serde::{Serialize, Serializer};
use std::time::Duration;

/// The picture of one moment. Counts go on over power cycles, as the paper does.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Snapshot {
    /// Model name.
    pub model: String,
    /// Power is on.
    pub power: bool,
    /// It runs commands.
    pub online: bool,
    /// The cover is open.
    pub cover_open: bool,
    /// No paper.
    pub paper_end: bool,
    /// Little paper.
    pub near_end: bool,
    /// The cutter is jammed.
    pub cutter_error: bool,
    /// The head is too hot.
    pub head_hot: bool,
    /// Lines of characters that came off the head since it was first started.
    pub lines: u64,
    /// Everything that came off the head in this run: lines, image bands, feeds.
    pub strips: u64,
    /// Cuts since it was first started.
    pub cuts: u64,
    /// Process id answers that were sent.
    pub process_ids: u64,
    /// The last of them.
    #[serde(serialize_with = "id_text")]
    pub last_process_id: Option<[u8; 4]>,
    /// Paper left, mm; -1 = endless.
    pub paper_mm: f64,
    /// Bytes received in this run.
    pub bytes: u64,
    /// Receive buffer in use, bytes.
    pub buffer_used: usize,
    /// Receive buffer free, bytes.
    pub buffer_free: usize,
    /// Everything received has been carried out.
    pub idle: bool,
    /// The print buffer holds something without an end of line.
    pub print_pending: bool,
    /// Connections accepted in this run.
    pub connections: u64,
    /// The one being served.
    pub connected: Option<u64>,
    /// Drawer pulses.
    pub drawer_kicks: u64,
    /// Pieces of data that were no command.
    pub unknown: u64,
    /// Number of the last event.
    pub events: u64,
    /// Time the head was printing or feeding.
    #[serde(rename = "head_busy_us", serialize_with = "micros")]
    pub head_busy: Duration,
    /// Time from the first to the last thing printed.
    #[serde(rename = "head_span_us", serialize_with = "micros")]
    pub head_span: Duration,
    /// Writing the log failed.
    pub log_error: Option<String>,
    /// The font lacks Hanzi or is missing.
    pub font_warning: Option<String>,
}

impl Snapshot {
    /// The part of the time between first and last line in which the head was busy, 0..=1.
    pub fn head_utilisation(&self) -> f64 {
        let span = self.head_span.as_secs_f64();
        if span > 0.0 { (self.head_busy.as_secs_f64() / span).min(1.0) } else { 0.0 }
    }
}

fn micros<S: Serializer>(d: &Duration, s: S) -> Result<S::Ok, S::Error> {
    s.serialize_u64(u64::try_from(d.as_micros()).unwrap_or(u64::MAX))
}

fn id_text<S: Serializer>(id: &Option<[u8; 4]>, s: S) -> Result<S::Ok, S::Error> {
    match id {
        Some(id) => s.serialize_some(&String::from_utf8_lossy(id)),
        None => s.serialize_none(),
    }
}
