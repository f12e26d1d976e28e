//! What travels: the dictionaries of the interface as Rust structs.
//!
//! Each struct is an `a{sv}`. Keys are the field names. An absent key reads as the field's default, an
//! unknown key is ignored; an `Option` that is `None` is not sent. Times are Unix milliseconds (`_ms`) of the
//! daemon's wall clock, lengths are millimetres (`_mm`). Nothing is checked here: the daemon does that.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::dict::{Dict, Entries, Item, WrongType, read, take};
use crate::words::{Cut, Grade, JobState, Kind, PrinterState, Purpose, Uncertain};

/// Declares an `a{sv}` struct: fields that are always sent, then fields that are left out when `None`.
macro_rules! dict {
    (
        $(#[$doc:meta])* $name:ident {
            $($(#[$field_doc:meta])* $field:ident: $ty:ty,)*
            $(; optional $($(#[$opt_doc:meta])* $opt:ident: $opt_ty:ty,)+)?
            $(; lists $($(#[$list_doc:meta])* $list:ident: $item:ty,)+)?
        }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Default, PartialEq, zbus::Type)]
        #[zbus(signature = "a{sv}")]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $ty,)*
            $($($(#[$opt_doc])* pub $opt: Option<$opt_ty>,)+)?
            $($($(#[$list_doc])* pub $list: Vec<$item>,)+)?
        }

        impl Dict for $name {
            fn entries(&self) -> Entries<'_> {
                let mut entries = Entries::default();
                $(entries.put(stringify!($field), &self.$field);)*
                $($(if let Some(field) = &self.$opt { entries.put(stringify!($opt), field); })+)?
                $($(if !self.$list.is_empty() { entries.put(stringify!($list), &self.$list); })+)?
                entries
            }

            fn set(&mut self, key: &str, item: Item<'_>) -> Result<(), WrongType> {
                match key {
                    $(key if key == stringify!($field) => take(&mut self.$field, stringify!($field), item),)*
                    $($(key if key == stringify!($opt) =>
                        take(self.$opt.insert(Default::default()), stringify!($opt), item),)+)?
                    $($(key if key == stringify!($list) => take(&mut self.$list, stringify!($list), item),)+)?
                    _ => Ok(()),
                }
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.entries().serialize(serializer)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                read(deserializer)
            }
        }
    };
}

dict! {
    /// What a caller may ask for beside the document. All of it is optional.
    SubmitOptions {
        ; optional
        /// Accept, but do not print before `Release`.
        hold: bool,
        /// Give up and become `expired` if it is not on paper after so many seconds; absent or 0: never.
        expires_after_s: u32,
        /// What to do when nobody knows whether it was printed; absent: as configured for the printer.
        policy: Uncertain,
        /// What a person reads in lists, for example `Sale 0042 18.50`. A card number in it is masked, as in the key.
        title: String,
        /// It is no receipt but for training or a test, and says so above and below; absent: a receipt.
        purpose: Purpose,
    }
}

dict! {
    /// The answer to a submission: the receipt is on stable storage.
    Submitted {
        /// One job for each copy, in printing order: its id, and the name of the copy (`merchant`,
        /// `customer`, …; empty if the document does not name copies).
        jobs: Vec<(u64, String)>,
        /// Whether the same key with the same content was accepted before: these are the jobs of then.
        existed: bool,
        ; optional
        /// Card numbers of the document that were masked before it was stored; absent if there were none, or if
        /// it existed before.
        masked: u32,
    }
}

dict! {
    /// A job, as far as the caller may see it.
    JobInfo {
        /// The daemon's number of the job; never used again.
        id: u64,
        /// The caller's key.
        key: String,
        /// The name of the printer.
        printer: String,
        /// What it is now.
        state: JobState,
        /// What became of the cut.
        cut: Cut,
        /// What the caller called it.
        title: String,
        /// Which copy it is, for example `customer`; empty if the document does not name copies.
        copy: String,
        /// Whose it is: the Unix uid of the caller.
        owner_uid: u32,
        /// When it was accepted, in Unix ms.
        accepted_ms: u64,
        /// How many times printing was tried.
        attempts: u32,
        /// 0 for a first print; n if it carries the mark "duplicate no. n".
        duplicate: u32,
        /// The size of what goes to the printer, in bytes.
        bytes: u64,
        /// The printed lines, as estimated.
        lines: u32,
        /// The length on paper in mm, as estimated.
        length_mm: u32,
        /// Up to which line it is proven to be on paper in the present or last attempt.
        progress_line: u32,
        /// Whether the document is still stored, so that `Reprint` can work.
        body_available: bool,
        ; optional
        /// The grade of the evidence; absent until there is some.
        grade: Grade,
        /// When it ended, in Unix ms.
        finished_ms: u64,
        /// Why it does not go on right now, for example `paper-out`.
        paused_reason: String,
        /// Why it is held, uncertain, canceled or expired.
        reason: String,
        /// The job of which this is a reprint.
        reprint_of: u64,
        ; lists
        /// How it got here, oldest first. Only in `GetJob`.
        story: StoryItem,
    }
}

dict! {
    /// One thing that happened to a job.
    StoryItem {
        /// When, in Unix ms.
        at_ms: u64,
        /// What, as a code, for example `accepted`, `sending`, `paused`, `printed`.
        event: String,
        /// In which attempt, from 1; 0 before the first.
        attempt: u32,
        /// The details of the event, as words.
        params: BTreeMap<String, String>,
    }
}

dict! {
    /// What is on a copy's paper, to be shown elsewhere.
    Receipt {
        /// The ESC/POS bytes, final feed and cut included, without marks and without the line with the job's number.
        bytes: Vec<u8>,
        /// The profile of its printer as it is configured now, as JSON: the paper that the bytes are laid out for.
        profile: String,
        /// What it is called.
        title: String,
        /// Which copy it is.
        copy: String,
        /// The number of the job that it was accepted as: another one than asked for if that is a reprint.
        id: u64,
        /// When it was accepted, in Unix ms.
        accepted_ms: u64,
        ; lists
        /// The lines that were drawn: where in the bytes each begins, its dot rows, and what it says.
        drawn: (u32, u16, String),
    }
}

dict! {
    /// Which jobs are wanted; what is absent does not restrict.
    JobFilter {
        ; optional
        /// Only jobs of this printer.
        printer: String,
        /// Only jobs in this state.
        state: JobState,
        /// Only jobs of this user. A caller who is not an operator sees only the own jobs in any case.
        owner_uid: u32,
        /// Only jobs accepted at or after this time, in Unix ms.
        since_ms: u64,
        /// Only jobs accepted before this time, in Unix ms.
        until_ms: u64,
        /// Only jobs with this key.
        key: String,
        /// Only jobs that have not ended.
        active_only: bool,
        /// Begin with the newest; otherwise with the oldest.
        newest_first: bool,
        /// How many at most: 1 to 500, 100 if absent.
        limit: u32,
        /// Go on after the page that gave this cursor.
        after: String,
    }
}

impl JobFilter {
    /// Whether `job` is wanted, paging aside.
    pub fn matches(&self, job: &JobInfo) -> bool {
        self.printer.as_ref().is_none_or(|printer| *printer == job.printer)
            && self.state.is_none_or(|state| state == job.state)
            && self.owner_uid.is_none_or(|uid| uid == job.owner_uid)
            && self.since_ms.is_none_or(|since| job.accepted_ms >= since)
            && self.until_ms.is_none_or(|until| job.accepted_ms < until)
            && self.key.as_ref().is_none_or(|key| *key == job.key)
            && !(self.active_only == Some(true) && job.state.is_final())
    }
}

/// One page of jobs.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct JobPage {
    /// The jobs, in the order asked for, without their stories.
    pub jobs: Vec<JobInfo>,
    /// What to put into `after` for the next page; empty: this was the last.
    pub next: String,
}

dict! {
    /// Whether a slip of some length would come out now.
    CanPrint {
        /// Whether it would.
        can: bool,
        /// Why not, or what to expect, for example `paper-near-end`.
        reasons: Vec<String>,
        /// How many jobs would come out before it.
        queue_ahead: u32,
        /// How long until it would begin to print, in ms, as estimated; 0 if `can` is false.
        wait_ms: u64,
        /// What the printer knows of its paper: `ok`, `near-end`, `out`, `unknown`.
        paper: String,
        ; optional
        /// The grade of evidence this printer can give.
        grade: Grade,
    }
}

dict! {
    /// A printer.
    PrinterInfo {
        /// Its configured name.
        name: String,
        /// What it is doing.
        state: PrinterState,
        /// Why it does not print, or what is wrong: `cover-open`, `paper-out`, `paper-near-end`, `cutter`,
        /// `hot`, `unrecoverable`, `offline`, `busy`, `denied`, `ambiguous`, `halted`, `suspended`, …
        reasons: Vec<String>,
        /// Whether it is connected and open.
        online: bool,
        /// What it knows of its paper: `ok`, `near-end`, `out`, `unknown`.
        paper: String,
        /// The grade of evidence it can give; empty until probed.
        grade: String,
        /// Maker and model, as it says.
        model: String,
        /// Its serial number, as it says; empty if it has none.
        serial: String,
        /// Where it is, for example `usb:04b8:0202@1-1.2 (EPSON TM-T88)` or
        /// `tcp:192.0.2.7:9100`.
        endpoint: String,
        /// How many jobs wait for it, the one being printed included.
        queue_length: u32,
        /// The job it is printing; 0 if none.
        current_job: u64,
        /// Since when it is in this state, in Unix ms.
        since_ms: u64,
    }
}

dict! {
    /// What came of a probe: what a printer really answers.
    ProbeReport {
        /// The printer's configured name.
        printer: String,
        /// Where it is, as in [`PrinterInfo`].
        endpoint: String,
        /// Whether it went to its end.
        complete: bool,
        /// The best evidence it can give, by all that is known of it now.
        grade: String,
        /// Maker and model, as it says.
        model: String,
        /// Its serial number, as it says.
        serial: String,
        /// Its firmware version, as it says.
        firmware: String,
        /// The length of the page with the feed behind it, in mm.
        length_mm: u32,
        /// What the page had, in bytes.
        bytes: u64,
        /// The draft of a `[[quirk]]` entry, as TOML, to be completed by a person.
        entry: String,
        ; optional
        /// Why it ended early, for example `paper-out`, `link-lost`, `stalled`.
        reason: String,
        /// How long the page took to be taken, in microseconds; absent if it was not.
        taken_us: u64,
        /// On USB: vendor and product id, for example `04b8:0202`.
        usb_id: String,
        /// The serial number of its USB descriptor, if it has one.
        usb_serial: String,
        /// Where it is plugged in, as the kernel names it.
        usb_port: String,
        /// The interface that prints, its class, and whether it is read.
        usb_interface: String,
        /// Maker and model of its IEEE 1284 device id, if it tells one.
        usb_device_id: String,
        ; lists
        /// What was asked, in that order.
        answers: ProbeAnswer,
    }
}

dict! {
    /// One question of a probe.
    ProbeAnswer {
        /// When it was asked: `idle`, behind the `page`, behind the `cut`, `after` all of it.
        when: String,
        /// What: `dle-eot`, `port-status`, `gs-a`, `gs-i-65` to `gs-i-68`, `gs-r`, `gs-h-48`, `gs-g-148`, `gs-g-178`.
        asked: String,
        /// Whether an answer came in time.
        answered: bool,
        ; optional
        /// How long it took, in microseconds; behind the page since the page's first byte.
        after_us: u64,
        /// What it said: status bytes in hexadecimal, a text, a number; or what else came.
        value: String,
        /// Of answers behind the page: `believable`, `too-soon` (a lie), `too-short` (not judged).
        verdict: String,
    }
}

dict! {
    /// What the spooler says of itself: the properties of its object.
    SpoolerInfo {
        /// The version of the daemon, for people.
        version: String,
        /// The version of the interface; see [`crate::names::API_VERSION`].
        api_version: u32,
        /// Whether receipts can be stored; a word of [`crate::StoreState`].
        store_state: String,
        /// What is wrong with the configuration although the daemon runs, a sentence each. An older daemon has none.
        warnings: Vec<String>,
    }
}

/// The properties of an object, as `GetAll` gives them: those of [`PrinterInfo`] or [`SpoolerInfo`] in the names of properties.
#[derive(Debug, Clone, Default, PartialEq, zbus::Type)]
#[zbus(signature = "a{sv}")]
pub struct Properties<T>(pub T);

impl<T: Dict> Dict for Properties<T> {
    fn entries(&self) -> Entries<'_> {
        self.0.entries()
    }

    fn set(&mut self, key: &str, item: Item<'_>) -> Result<(), WrongType> {
        match key {
            "Since" => self.0.set("since_ms", item),
            _ => self.0.set(&in_snake_case(key), item),
        }
    }
}

impl<'de, T: Dict> Deserialize<'de> for Properties<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read(deserializer)
    }
}

/// `QueueLength` as `queue_length`.
fn in_snake_case(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 2);
    for (at, letter) in name.char_indices() {
        if at > 0 && letter.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

/// A document on its way out: sends the bytes as `ay` in one piece, not one element after the other.
#[derive(Debug, Clone, Copy)]
pub struct Document<'a>(pub &'a [u8]);

impl zbus::Type for Document<'_> {
    const SIGNATURE: &'static zbus::Signature = <[u8] as zbus::Type>::SIGNATURE;
}

impl Serialize for Document<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0)
    }
}

impl<'a> From<&'a [u8]> for Document<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }
}

impl Kind {
    /// The kind a file of this name most likely is: `.json`, `.txt`, otherwise raw.
    pub fn of_file_name(name: &str) -> Self {
        match name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase()) {
            Some(extension) if extension == "json" => Self::Json,
            Some(extension) if extension == "txt" => Self::Text,
            _ => Self::Raw,
        }
    }
}

#[cfg(test)]
mod tests;
