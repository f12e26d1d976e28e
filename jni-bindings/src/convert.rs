//! The structures of the interface as frames: each field in the order of `receiptd_api::types`.
//!
//! Each structure is taken apart by name, so that a field that is added there does not compile here before it has its
//! place in the frame, and in Java.

use receiptd_api::{
    CanPrint, Cut, Grade, JobFilter, JobInfo, JobState, Kind, Outcome, PrinterInfo, PrinterState,
    ProbeAnswer, ProbeReport, Properties, Purpose, Receipt, SpoolerInfo, StoreState, StoryItem,
    SubmitOptions, Submitted, Uncertain,
};

use crate::frame::{Bytes, Malformed, Put, Reader, Take, Writer};

macro_rules! out {
    ($($name:ident { $($field:ident),+ $(,)? })+) => {$(
        impl Put for $name {
            fn put(&self, writer: &mut Writer) {
                let Self { $($field),+ } = self;
                $(writer.put($field);)+
            }
        }
    )+};
}

out! {
    Submitted { jobs, existed, masked }
    JobInfo {
        id, key, printer, state, cut, title, copy, owner_uid, accepted_ms, attempts, duplicate, bytes, lines, length_mm,
        progress_line, body_available, grade, finished_ms, paused_reason, reason, reprint_of, story,
    }
    StoryItem { at_ms, event, attempt, params }
    CanPrint { can, reasons, queue_ahead, wait_ms, paper, grade }
    PrinterInfo {
        name, state, reasons, online, paper, grade, model, serial, endpoint, queue_length, current_job, since_ms,
    }
    ProbeReport {
        printer, endpoint, complete, grade, model, serial, firmware, length_mm, bytes, entry, reason, taken_us, usb_id,
        usb_serial, usb_port, usb_interface, usb_device_id, answers,
    }
    ProbeAnswer { when, asked, answered, after_us, value, verdict }
    SpoolerInfo { version, api_version, store_state, warnings }
}

impl<T: Put> Put for Properties<T> {
    fn put(&self, writer: &mut Writer) {
        self.0.put(writer);
    }
}

impl Put for Receipt {
    fn put(&self, writer: &mut Writer) {
        let Self { bytes, profile, title, copy, id, accepted_ms, drawn } = self;
        writer.put(&Bytes(bytes)).put(profile).put(title).put(copy).put(id).put(accepted_ms).put(drawn);
    }
}

macro_rules! taken {
    ($($name:ident { $($field:ident),+ $(,)? })+) => {$(
        impl Take<'_> for $name {
            fn take(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
                // A literal evaluates its fields in the order in which they are written.
                Ok(Self { $($field: reader.take()?),+ })
            }
        }
    )+};
}

taken! {
    SubmitOptions { hold, expires_after_s, policy, title, purpose }
    JobFilter { printer, state, owner_uid, since_ms, until_ms, key, active_only, newest_first, limit, after }
}

macro_rules! words {
    ($($name:ident),+) => {$(
        impl Put for $name {
            fn put(&self, writer: &mut Writer) {
                writer.put(self.as_str());
            }
        }

        impl Take<'_> for $name {
            fn take(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
                reader.take().map(Self::from_word)
            }
        }
    )+};
}

words!(Cut, Grade, JobState, Kind, Outcome, PrinterState, Purpose, StoreState, Uncertain);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::frame;

    #[test]
    fn a_job_is_its_fields_in_order() {
        let story = vec![StoryItem { at_ms: 1, event: "accepted".to_owned(), ..StoryItem::default() }];
        let job = JobInfo { id: 7, key: "k".to_owned(), story, ..JobInfo::default() };
        let written = frame(&job);
        let mut reader = Reader::new(&written).unwrap();
        assert_eq!(reader.take::<u64>(), Ok(7));
        assert_eq!(reader.take::<&str>(), Ok("k"));
        // The story is the last: its params are empty.
        assert_eq!(written.get(written.len() - 8..), Some(&[0; 8][..]));
    }

    #[test]
    fn a_filter_and_options_are_read() {
        let mut writer = Writer::default();
        writer.put(&Some("till")).put(&Some("printed")).put(&None::<u32>).put(&Some(5_u64)).put(&None::<u64>);
        writer.put(&None::<&str>).put(&Some(true)).put(&None::<bool>).put(&Some(10_u32)).put(&None::<&str>);
        let written = writer.finish();
        let mut reader = Reader::new(&written).unwrap();
        let filter: JobFilter = reader.take().unwrap();
        assert_eq!(reader.end(), Ok(()));
        let expected = JobFilter {
            printer: Some("till".to_owned()),
            state: Some(JobState::Printed),
            since_ms: Some(5),
            active_only: Some(true),
            limit: Some(10),
            ..JobFilter::default()
        };
        assert_eq!(filter, expected);
    }
}
