use std::vec;

use super::*;
use crate::limits::{KEY_BYTES_MAX, NOTE_BYTES_MAX, PARTS_MAX, STORY_ENTRIES_MAX};

fn largest() -> JobRecord {
    let note = SmolStr::from("注".repeat(NOTE_BYTES_MAX / 3));
    let mut record = JobRecord {
        id: JobId(u64::MAX),
        state: JobState::Printed(Grade::D),
        owner: Uid::MAX,
        key: "k".repeat(KEY_BYTES_MAX).into(),
        key_hash: [0xFF; 16],
        printer: "p".repeat(64).into(),
        title: note.clone(),
        copy: "customer".into(),
        accepted: Wall(u64::MAX),
        finished: Some(Wall(u64::MAX)),
        expires: Some(Wall(u64::MAX)),
        policy: Policy::Hold,
        shape: Shape {
            bytes: u32::MAX,
            parts: vec![PartPlan { end: u32::MAX, line: u32::MAX, dots: u32::MAX }; PARTS_MAX]
                .into_iter()
                .collect(),
            tail: Tail::of(u32::MAX - 1),
        },
        cut: Cut::Unknown,
        attempts: u16::MAX,
        copies_before: u32::MAX,
        reprint_of: Some(JobId(u64::MAX)),
        original_accepted: Wall(u64::MAX),
        open: vec![
            Attempt {
                no: u16::MAX,
                at: Wall(u64::MAX),
                first_id: ProcessId::new(ProcessId::COUNT - 1),
                lines_before: Some(u64::MAX),
                dropped: true,
            };
            DOUBTS_MAX
        ],
        confirmed_line: u32::MAX,
        reprints: u32::MAX,
        story: Story::new(),
        lifetime_ms: Some(u64::MAX),
    };
    for n in 0..STORY_ENTRIES_MAX {
        let what = if n % 4 == 0 {
            What::Held { by: Uid::MAX, note: note.clone() }
        } else {
            What::Sending { attempt: u16::MAX, copy_number: u32::MAX }
        };
        // A wall clock of today's size; the largest number would be no date.
        record.note(Wall(4_000_000_000_000), what);
    }
    record
}

#[test]
fn the_largest_record_fits_the_spool_and_comes_back() {
    let record = largest();
    let bytes = encode(&record);
    assert!(bytes.len() <= RECORD_BYTES_MAX, "{} bytes", bytes.len());
    assert_eq!(decode::<JobRecord>(&bytes), Ok(record));
}

#[test]
fn layout_1_is_read_its_tail_has_no_paper_and_its_lifetime_is_not_known() {
    let mut record = largest();
    let at = |record: &JobRecord| {
        let with = encode(record);
        let without = encode(&JobRecord {
            shape: Shape { tail: Tail::NONE, ..record.shape.clone() },
            ..record.clone()
        });
        with.iter().zip(&without).skip(1).position(|(a, b)| a != b).unwrap() + 1
    };
    record.shape.tail = Tail::of(0);
    record.lifetime_ms = None;
    let mut old = encode(&record);
    old[0] = 1;
    assert_eq!(old.pop(), Some(0), "layout 1 has no lifetime");
    // What postcard makes of a bool.
    let place = at(&record);
    assert_eq!(old[place], u8::from(true));
    let read = decode::<JobRecord>(&old).unwrap();
    assert_eq!((read.shape.tail.exists(), read.shape.tail.dots()), (true, 0));
    old[place] = u8::from(false);
    assert!(!decode::<JobRecord>(&old).unwrap().shape.tail.exists());
    let shape = Shape {
        parts: [PartPlan { end: 9, line: 1, dots: 30 }].into_iter().collect(),
        tail: Tail::of(400),
        bytes: 9,
    };
    assert_eq!((shape.dots(), shape.paper_dots()), (30, 430));
}

#[test]
fn a_later_layout_is_told_from_damage() {
    let bytes = encode(&Counters { next_job: 7, next_id: 9 });
    let mut later = bytes.clone();
    later[0] = LAYOUT + 1;
    assert_eq!(decode::<Counters>(&later), Err(Unreadable::Later(LAYOUT + 1)));
    assert_eq!(decode::<Counters>(&[]), Err(Unreadable::Empty));
    assert_eq!(decode::<Counters>(&bytes[..2]), Err(Unreadable::Malformed));
}

#[test]
fn a_text_is_cut_at_a_characters_edge_and_carries_no_control_characters() {
    assert_eq!(bounded_text("重打印", 7), "重打");
    assert_eq!(bounded_text("a\x1b[31mb\n", 99), "a [31mb ");
}
