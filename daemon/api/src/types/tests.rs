//! What travels comes back, and what does not fit is refused.

use zbus::wire::{BE, LE, serialized::Context, to_bytes};
use zbus::{OwnedVariant, Type, Variant};

use super::*;

#[test]
fn dictionaries_survive_the_wire_and_ignore_what_they_do_not_know() {
    let job = JobInfo {
        id: 7,
        key: "k".to_owned(),
        state: JobState::Printed,
        grade: Some(Grade::APlus),
        story: vec![StoryItem { at_ms: 1, event: "accepted".to_owned(), ..Default::default() }],
        ..Default::default()
    };
    let context = Context::new(LE, 0);
    let bytes = to_bytes(context, &job).expect("serialises");
    let (back, _): (JobInfo, _) = bytes.deserialize().expect("deserialises");
    assert_eq!(back, job);

    let as_map: BTreeMap<String, OwnedVariant> = bytes.deserialize().expect("is a dictionary").0;
    assert!(!as_map.contains_key("reprint_of"));
    let (options, _): (SubmitOptions, _) = bytes.deserialize().expect("ignores unknown keys");
    assert_eq!(options.title.as_deref(), Some(""));
    assert_eq!(options.hold, None);
    assert_eq!(JobInfo::SIGNATURE, "a{sv}");
    assert_eq!(Document::SIGNATURE, "ay");
}

#[test]
fn each_struct_comes_back_as_it_went() {
    fn back<T: Dict + Serialize + for<'d> Deserialize<'d> + Type + PartialEq + std::fmt::Debug>(went: &T) {
        for endian in [LE, BE] {
            let bytes = to_bytes(Context::new(endian, 0), went).expect("serialises");
            let (back, _): (T, _) = bytes.deserialize().expect("deserialises");
            assert_eq!(back, *went);
        }
    }
    let text = |text: &str| text.to_owned();
    back(&SubmitOptions {
        hold: Some(true),
        expires_after_s: Some(60),
        policy: Some(Uncertain::Hold),
        title: Some(text("Sale 0042")),
        purpose: Some(Purpose::Training),
    });
    back(&Submitted {
        jobs: vec![(7, text("merchant")), (8, text("customer"))],
        existed: true,
        masked: Some(1),
    });
    let params = BTreeMap::from([(text("grade"), text("A+")), (text("why"), text("纸尽"))]);
    let item = StoryItem { at_ms: 1, event: text("printed"), attempt: 2, params };
    back(&JobInfo { id: 7, story: vec![item.clone(), StoryItem::default(), item], ..JobInfo::default() });
    back(&Receipt {
        bytes: (0..=255).collect(),
        drawn: vec![(1, 30, text("ż")), (9, 60, text(""))],
        ..Receipt::default()
    });
    back(&CanPrint {
        reasons: vec![text("paper-out"), text("")],
        grade: Some(Grade::B),
        ..CanPrint::default()
    });
    let answer = ProbeAnswer { after_us: Some(u64::MAX), ..ProbeAnswer::default() };
    back(&ProbeReport { answers: vec![answer], taken_us: Some(0), ..ProbeReport::default() });
    back(&JobFilter { state: Some(JobState::Held), limit: Some(1), ..JobFilter::default() });
    back(&PrinterInfo { current_job: 1 << 40, state: PrinterState::BackingOff, ..PrinterInfo::default() });
}

#[test]
fn a_value_of_another_type_is_refused_by_the_name_of_its_key_and_a_key_twice() {
    let read = |entries: &[(&str, OwnedVariant)]| {
        let bytes = to_bytes(Context::new(LE, 0), &Several(entries)).expect("serialises");
        bytes.deserialize::<SubmitOptions>().map(|(options, _)| options).map_err(|why| why.to_string())
    };
    let text = || OwnedVariant::try_from(Variant::from("yes")).expect("a text");
    let list = || OwnedVariant::try_from(Variant::from(vec![1_i16, 2])).expect("a list");
    let why = read(&[("title", text()), ("hold", text())]).unwrap_err();
    assert!(why.contains("the value of `hold` must be of the type `b`"), "{why}");
    let why = read(&[("hold", list())]).unwrap_err();
    assert!(why.contains("`hold`"), "{why}");
    let why = read(&[("title", text()), ("title", text())]).unwrap_err();
    assert!(why.contains("the key `title` stands in it twice"), "{why}");
    // Of an unknown key the type is nobody's business.
    let options = read(&[("from-tomorrow", list()), ("title", text())]).expect("is ignored");
    assert_eq!(options.title.as_deref(), Some("yes"));
}

/// A dictionary that may have a key twice.
struct Several<'a>(&'a [(&'a str, OwnedVariant)]);

impl Type for Several<'_> {
    const SIGNATURE: &'static zbus::Signature = <BTreeMap<String, OwnedVariant> as Type>::SIGNATURE;
}

impl Serialize for Several<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, value)| (key, value)))
    }
}

#[test]
fn properties_are_found_by_their_names() {
    let properties: &[(&str, OwnedVariant)] = &[
        ("QueueLength", OwnedVariant::from(3_u32)),
        ("Since", OwnedVariant::from(9_u64)),
        ("Online", OwnedVariant::from(true)),
    ];
    let bytes = to_bytes(Context::new(LE, 0), &Several(properties)).expect("serialises");
    let (properties, _): (Properties<PrinterInfo>, _) = bytes.deserialize().expect("deserialises");
    let expected = PrinterInfo { queue_length: 3, since_ms: 9, online: true, ..PrinterInfo::default() };
    assert_eq!(properties.0, expected);
}

#[test]
fn a_document_travels_as_bytes() {
    let context = Context::new(LE, 0);
    let bytes = to_bytes(context, &Document(b"abc")).expect("serialises");
    let (back, _): (&[u8], _) = bytes.deserialize().expect("deserialises without a copy");
    assert_eq!(back, b"abc");
}

#[test]
fn a_filter_restricts_only_by_what_it_names() {
    let job = JobInfo { printer: "a".to_owned(), state: JobState::Printed, ..Default::default() };
    assert!(JobFilter::default().matches(&job));
    assert!(JobFilter { printer: Some("a".to_owned()), ..Default::default() }.matches(&job));
    assert!(!JobFilter { printer: Some("b".to_owned()), ..Default::default() }.matches(&job));
    assert!(!JobFilter { active_only: Some(true), ..Default::default() }.matches(&job));
}
