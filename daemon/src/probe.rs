//! The probe of a printer: the page that it prints, and what came of it in the words of the interface. Decides nothing:
//! what is asked and what an answer is worth is the core's business, the form of a quirk is the printer crate's.

use std::fmt::Write as _;

use jiff::ZonedDateTime;
use receiptd_api::{ProbeAnswer, ProbeReport};
use receiptd_core::evidence::{Grade, Judgement};
use receiptd_core::link::{Counter, Info};
use receiptd_core::survey::{Asked, Finding, Heard, Moment, Said, SurveyEnd, SurveyPage, SurveyReport};
use receiptd_document::{DocumentError, INIT, NoTypesetter, Profile, Source, TextMode, render};
use receiptd_printer::usb::Device;
use receiptd_printer::usb::draft::{self, Measured, draft};

use crate::{clock, convert};

/// A page for this printer, and its length in mm.
///
/// # Errors
/// The profile does not take it; not for any profile of the configuration, as a test shows.
pub fn page(printer: &str, profile: &Profile, now: &ZonedDateTime) -> Result<SurveyPage, DocumentError> {
    let text = text(printer, profile, now);
    // A printer without Chinese, or whose own name it can't print, gets what it can.
    let ascii: String = text.chars().filter(char::is_ascii).collect();
    // It is to show what the printer's own font is worth.
    let profile = &Profile { text: TextMode::Native, ..profile.clone() };
    let page = |text| render(Source::Text(text), profile, &NoTypesetter);
    let mut copies = page(&text).or_else(|_| page(&ascii))?;
    let copy = copies.pop().ok_or(DocumentError::Empty { copy: None })?;
    let dots = copy.fence_points.last().map_or(copy.dots, |point| point.dots);
    let body = [INIT.as_slice(), &copy.body].concat();
    Ok(SurveyPage { body: body.into(), tail: copy.tail.into(), dots, paper_dots: copy.dots })
}

fn text(printer: &str, profile: &Profile, now: &ZonedDateTime) -> String {
    let columns = usize::from(profile.columns());
    let ruler: String = "1234567890".chars().cycle().take(columns).collect();
    let rule = "-".repeat(columns);
    format!(
        "检测页 PROBE PAGE\n这不是小票 This is not a receipt\n{rule}\n打印机 Printer: {printer}\n{time}\nreceiptd \
         {version}\n{rule}\n中文：打印测试 壹贰叁肆伍陆柒捌玖拾\n金额：￥1,234.56\nEnglish: The quick brown fox\njumps \
         over the lazy dog.\n宽度 Width: {columns}\n{ruler}\n{rule}\n上方如有乱码，请记录\nStray characters above? Note \
         them.\n下方应已切纸（如有切刀）\nBelow: a cut, if it has a cutter\n",
        time = clock::date_time(now),
        version = env!("CARGO_PKG_VERSION"),
    )
}

/// What came of it, with the draft of a quirk.
pub fn report(
    printer: &str,
    endpoint: &str,
    page: &SurveyPage,
    survey: &SurveyReport,
    device: Option<&Device>,
    now: &ZonedDateTime,
) -> ProbeReport {
    let identity = &survey.identity;
    let names = [identity.maker.as_str(), identity.model.as_str()];
    let model = names.into_iter().filter(|s| !s.is_empty()).collect::<Vec<_>>().join(" ");
    let port_status = survey.findings.iter().find_map(|f| match (f.asked, &f.said) {
        (Asked::PortStatus, Some(Said { heard: Heard::Bytes(bytes), .. })) => bytes.first().copied(),
        _ => None,
    });
    let heard =
        survey.findings.iter().any(|f| f.asked != Asked::PortStatus && (f.said.is_some() || f.strays > 0));
    let story = story(survey, page, device);
    let source =
        format!("receiptctl printers probe, receiptd {}, {}", env!("CARGO_PKG_VERSION"), clock::date(now));
    let entry = draft(&Measured {
        device,
        name: &model,
        story: &story,
        source: &source,
        heard: if heard { draft::Heard::Something } else { draft::Heard::Nothing },
        port_status,
    });
    let usb = device.map(|device| &device.attached);
    ProbeReport {
        printer: printer.to_owned(),
        endpoint: endpoint.to_owned(),
        complete: survey.end.is_none(),
        grade: survey.best.to_string(),
        model,
        serial: identity.serial.clone(),
        firmware: identity.firmware.clone(),
        length_mm: page.paper_dots.div_ceil(convert::DOTS_PER_MM),
        bytes: (page.body.len() + page.tail.len()) as u64,
        entry,
        reason: survey.end.map(|end| reason(end).to_owned()),
        taken_us: survey.taken_us,
        usb_id: usb.map(|usb| format!("{:04x}:{:04x}", usb.vendor, usb.product)),
        usb_serial: usb.and_then(|usb| usb.serial.clone()),
        usb_port: usb.map(|usb| usb.port.clone()),
        usb_interface: device.map(interface),
        usb_device_id: device.and_then(|d| d.device_id.as_ref()).map(ToString::to_string),
        answers: survey.findings.iter().map(answer).collect(),
    }
}

fn interface(device: &Device) -> String {
    let function = device.attached.function;
    let [class, subclass, protocol] = function.class;
    let reads = if function.input.is_some() { "read" } else { "not read" };
    format!(
        "{}.{} class {class:02x}/{subclass:02x}/{protocol:02x}, {reads}",
        function.interface, function.alternate
    )
}

fn answer(finding: &Finding) -> ProbeAnswer {
    let said = finding.said.as_ref();
    let strays = (finding.strays > 0).then(|| format!("{} bytes that can't be told apart", finding.strays));
    ProbeAnswer {
        when: when(finding.moment).to_owned(),
        asked: asked(finding.asked).to_owned(),
        answered: said.is_some(),
        after_us: said.map(|said| said.after_us),
        value: said.map(|said| value(&said.heard)).or(strays),
        verdict: said.and_then(|said| said.judgement).map(|judgement| verdict(judgement).to_owned()),
    }
}

const fn when(moment: Moment) -> &'static str {
    match moment {
        Moment::Idle => "idle",
        Moment::Page => "page",
        Moment::Tail => "cut",
        Moment::After => "after",
    }
}

const fn asked(asked: Asked) -> &'static str {
    match asked {
        Asked::RealTime => "dle-eot",
        Asked::PortStatus => "port-status",
        Asked::Asb => "gs-a",
        Asked::Info(Info::Firmware) => "gs-i-65",
        Asked::Info(Info::Maker) => "gs-i-66",
        Asked::Info(Info::Model) => "gs-i-67",
        Asked::Info(Info::Serial) => "gs-i-68",
        Asked::InOrder => "gs-r",
        Asked::Echo => "gs-h-48",
        Asked::Counter(Counter::LinesFed) => "gs-g-148",
        Asked::Counter(Counter::Cuts) => "gs-g-178",
    }
}

/// The same for people who read protocol manuals.
const fn command(asked: Asked) -> &'static str {
    match asked {
        Asked::RealTime => "DLE EOT 1 to 4",
        Asked::PortStatus => "GET_PORT_STATUS",
        Asked::Asb => "GS a",
        Asked::Info(Info::Firmware) => "GS I 65 (firmware)",
        Asked::Info(Info::Maker) => "GS I 66 (maker)",
        Asked::Info(Info::Model) => "GS I 67 (model)",
        Asked::Info(Info::Serial) => "GS I 68 (serial number)",
        Asked::InOrder => "GS r 1",
        Asked::Echo => "GS ( H 48",
        Asked::Counter(Counter::LinesFed) => "GS g 2 148 (lines)",
        Asked::Counter(Counter::Cuts) => "GS g 2 178 (cuts)",
    }
}

const fn verdict(judgement: Judgement) -> &'static str {
    match judgement {
        Judgement::Believable => "believable",
        Judgement::TooShort => "too-short",
        Judgement::Impossible => "too-soon",
    }
}

const fn reason(end: SurveyEnd) -> &'static str {
    match end {
        SurveyEnd::Blocked(why) => why.word(),
        SurveyEnd::Link(why) => convert::fault(why),
        SurveyEnd::Cleared => "cleared",
        SurveyEnd::Stalled => "stalled",
        SurveyEnd::ShuttingDown => "shutting-down",
    }
}

fn value(heard: &Heard) -> String {
    match heard {
        Heard::Bytes(bytes) => bytes.iter().map(|b| format!("{b:02x}")).collect::<Vec<_>>().join(" "),
        Heard::Text(text) => text.clone(),
        Heard::Number(number) => number.to_string(),
    }
}

/// What was measured, in sentences that can stand in a quirk. Without the serial number and the counters: they are this
/// unit's, and the entry is for all of its kind.
fn story(survey: &SurveyReport, page: &SurveyPage, device: Option<&Device>) -> String {
    let mut out = String::from("Measured");
    if let Some(device) = device {
        let _ = write!(out, " on USB ({})", interface(device));
    }
    out.push_str(": ");
    let mut answered = Vec::new();
    let mut silent = Vec::new();
    for finding in survey.findings.iter().filter(|f| f.moment == Moment::Idle) {
        let command = command(finding.asked);
        match &finding.said {
            Some(said) => answered.push(match finding.asked {
                Asked::Info(Info::Serial) | Asked::Counter(_) | Asked::Echo => command.to_owned(),
                _ => format!("{command}: {} ({})", value(&said.heard), millis(said.after_us)),
            }),
            None if finding.strays > 0 => silent.push(format!("{command} in part")),
            None => silent.push(command.to_owned()),
        }
    }
    if !answered.is_empty() {
        let _ = write!(out, "answers {}. ", answered.join(", "));
    }
    if !silent.is_empty() {
        let _ = write!(out, "Does not answer {}. ", silent.join(", "));
    }
    let length = page.dots.div_ceil(convert::DOTS_PER_MM);
    for finding in survey.findings.iter().filter(|f| f.moment == Moment::Page) {
        let command = command(finding.asked);
        let _ = match &finding.said {
            Some(said) => {
                let judged = match said.judgement {
                    Some(Judgement::Believable) => "believable",
                    Some(Judgement::Impossible) => "sooner than any head prints: a lie",
                    Some(Judgement::TooShort) | None => "not judged",
                };
                write!(
                    out,
                    "Behind a page of {length} mm {command} was answered after {}, {judged}. ",
                    millis(said.after_us)
                )
            }
            None => write!(out, "Behind a page of {length} mm {command} was not answered. "),
        };
    }
    if let Some(end) = survey.end {
        let _ = write!(out, "The probe ended early: {}. ", reason(end));
    }
    let proves = if survey.best.proves() { "" } else { ", no proof" };
    let _ = write!(out, "Best evidence: {}{proves}.", grade(survey.best));
    out
}

fn grade(grade: Grade) -> String {
    format!("grade {grade}")
}

fn millis(us: u64) -> String {
    format!("{}.{} ms", us / 1_000, us % 1_000 / 100)
}

#[cfg(test)]
mod tests {
    use receiptd_core::evidence::judge;
    use receiptd_document::{Cutter, KanjiMode};

    use super::*;

    fn now() -> ZonedDateTime {
        let at = jiff::Timestamp::from_millisecond(1_795_782_600_000).unwrap();
        at.to_zoned_datetime(jiff::tz::TimeZone::UTC)
    }

    #[test]
    fn on_every_paper_the_page_is_long_enough_to_judge_by_and_short_enough_to_wait_for() {
        let none = Profile { kanji: KanjiMode::None, cutter: Cutter::None, ..Profile::mm80() };
        for profile in [Profile::mm80(), Profile::mm58(), none] {
            let page = page("收银台 1 🧾", &profile, &now()).unwrap();
            assert_ne!(judge(page.dots, u64::MAX), Judgement::TooShort);
            assert!(
                (40..120).contains(&(page.paper_dots / convert::DOTS_PER_MM)),
                "{} dots",
                page.paper_dots
            );
            assert!(page.body.starts_with(&INIT) && page.paper_dots >= page.dots);
        }
    }

    #[test]
    fn the_story_is_of_the_kind_and_not_of_the_unit() {
        let said = |heard| Some(Said { after_us: 3_240, heard, judgement: None });
        let finding = |asked, said| Finding { moment: Moment::Idle, asked, said, strays: 0 };
        let survey = SurveyReport {
            findings: vec![
                finding(Asked::RealTime, said(Heard::Bytes(vec![0x12; 4]))),
                finding(Asked::Info(Info::Serial), said(Heard::Text("VP00000001".into()))),
                finding(Asked::InOrder, None),
            ],
            taken_us: Some(1),
            end: Some(SurveyEnd::Stalled),
            abilities: Default::default(),
            best: Grade::C,
            identity: Default::default(),
        };
        let page = page("till", &Profile::mm80(), &now()).unwrap();
        let story = story(&survey, &page, None);
        assert!(story.contains("DLE EOT 1 to 4: 12 12 12 12 (3.2 ms)"), "{story}");
        assert!(story.contains("Does not answer GS r 1") && story.contains("stalled"), "{story}");
        assert!(!story.contains("VP0000"), "{story}");
    }
}
