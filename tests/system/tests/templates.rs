//! Templates: a sale comes out with what the shop puts around it; what was accepted stays as it was, whatever becomes of the
//! folder or of the day; and a retry is the same receipt when a campaign has ended.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests")]

use std::os::unix::net::UnixDatagram;
use std::path::Path;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use receiptd_api::{ApiError, CallError, JobState, SubmitOptions, Submitted};
use receiptd_system_tests::calls::{outcomes, submit_as};
use receiptd_system_tests::{PATIENCE, PrinterEntry, Reach, Shop, quick_printer};
use rustix::process::Signal;
use virtual_printer::{Event, VirtualPrinter, What};

const SALE: &str = r#"{"version": 1, "title": "SHOP", "sale": {"currency": "CNY",
"items": [{"name": "Latte", "amount": 2800}], "total": 2800}}"#;

/// A number of Visa's for tests.
const WITH_CARD: &str = r#"{"version": 1, "title": "SHOP", "sale": {"currency": "CNY", "number": "4111111111111111",
"items": [{"name": "Tea", "amount": 1800}], "total": 1800}}"#;

/// A template that says a word above and a word below each sale.
fn words(above: &str, below: &str) -> String {
    format!(
        "[[header]]\nlines = [{{text = {{text = \"{above}\"}}}}]\n\
         [[footer]]\nlines = [{{text = {{text = \"{below}\"}}}}]\n"
    )
}

fn put(shop: &Shop, name: &str, text: &str) {
    let folder = shop.path().join("templates.d");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(name), text).unwrap();
}

async fn submit(shop: &impl Reach, key: &str, document: &str, hold: bool) -> Result<Submitted, CallError> {
    let options = SubmitOptions { hold: hold.then_some(true), ..SubmitOptions::default() };
    submit_as(&shop.client().await.unwrap(), key, "", document, &options).await
}

/// The lines of a printer, without blanks at their ends.
fn lines(events: &[Event]) -> Vec<String> {
    let text = |event: &Event| match &event.what {
        What::Line { text, .. } if !text.trim().is_empty() => Some(text.trim().to_owned()),
        _ => None,
    };
    events.iter().filter_map(text).collect()
}

/// How often a line came out.
fn count(events: &[Event], line: &str) -> usize {
    lines(events).iter().filter(|text| *text == line).count()
}

/// Hears from the daemon when it is ready, as a service manager does.
struct Manager(UnixDatagram);

impl Manager {
    fn of(shop: &mut Shop) -> Self {
        let path = shop.path().join("notify.sock");
        let socket = UnixDatagram::bind(&path).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        shop.environment.push(("NOTIFY_SOCKET".to_owned(), path.to_str().unwrap().to_owned()));
        Self(socket)
    }

    fn wait_until_ready(&self) {
        let mut buffer = [0; 512];
        loop {
            let bytes = self.0.recv(&mut buffer).expect("the daemon is ready in time");
            if buffer[..bytes].split(|byte| *byte == b'\n').any(|line| line == b"READY=1") {
                return;
            }
        }
    }
}

#[tokio::test]
async fn a_sale_comes_out_with_header_and_footer_and_a_reload_changes_the_next_one_alone() {
    let printer = VirtualPrinter::start(quick_printer().unwrap()).unwrap();
    let mut shop = Shop::new(&[PrinterEntry::new("counter", printer.addr())], "").unwrap();
    let manager = Manager::of(&mut shop);
    put(&shop, "shop.toml", &words("ABOVE 1", "BELOW 1"));
    shop.start().unwrap();
    manager.wait_until_ready();
    let first = submit(&shop, "first", SALE, false).await.unwrap().jobs[0].0;
    outcomes(&shop, [first]).await;
    let paper = lines(&printer.events());
    let at = |line: &str| {
        paper.iter().position(|text| text.contains(line)).unwrap_or_else(|| panic!("{line}: {paper:?}"))
    };
    assert!(
        at("ABOVE 1") < at("SHOP") && at("SHOP") < at("Latte") && at("Latte") < at("BELOW 1"),
        "{paper:?}"
    );

    let queued = submit(&shop, "queued", SALE, true).await.unwrap().jobs[0].0;
    put(&shop, "shop.toml", &words("ABOVE 2", "BELOW 2"));
    shop.signal(Signal::HUP).unwrap();
    manager.wait_until_ready();
    let next = submit(&shop, "next", SALE, false).await.unwrap().jobs[0].0;
    let client = shop.client().await.unwrap();
    client.spooler().release(queued).await.unwrap();
    outcomes(&shop, [queued, next]).await;
    for line in ["ABOVE 1", "BELOW 1"] {
        assert_eq!(count(&printer.events(), line), 2, "the one before, and the one that was queued");
    }
    for line in ["ABOVE 2", "BELOW 2"] {
        assert_eq!(count(&printer.events(), line), 1, "the one after");
    }

    // A reprint is the receipt as it was accepted.
    let again = client.spooler().reprint(first, "lost", "again").await.unwrap();
    assert_eq!(outcomes(&shop, [again]).await[&again].state, JobState::Printed);
    assert_eq!((count(&printer.events(), "BELOW 1"), count(&printer.events(), "BELOW 2")), (3, 1));
}

/// A zone where the day begins last of all, and one where it is always the day after.
const EARLIER: &str = "<-12>12";
const LATER: &str = "<+12>-12";

/// The day in the zone where it begins last.
fn day() -> String {
    Timestamp::now().to_zoned_datetime(TimeZone::posix(EARLIER).unwrap()).date().to_string()
}

/// Midnight comes by the terminal being moved from a zone where it is the campaign's last day to one where that is over.
#[tokio::test]
async fn a_retry_after_midnight_is_the_same_receipt_although_the_campaign_has_ended() {
    let printer = VirtualPrinter::start(quick_printer().unwrap()).unwrap();
    let mut shop = Shop::new(&[PrinterEntry::new("counter", printer.addr())], "").unwrap();
    let last = loop {
        let last = day();
        let campaign = format!("[[footer]]\nuntil = {last}\nlines = [{{text = {{text = \"CAMPAIGN\"}}}}]\n");
        put(&shop, "shop.toml", &campaign);
        shop.environment.push(("TZ".to_owned(), EARLIER.to_owned()));
        shop.start().unwrap();
        // The day may have ended meanwhile, once a day.
        if day() == last {
            break last;
        }
        shop.stop().unwrap();
    };
    let plain = submit(&shop, "plain", SALE, false).await.unwrap();
    let masked = submit(&shop, "masked", WITH_CARD, false).await.unwrap();
    assert_eq!((plain.masked, masked.masked), (None, Some(1)));
    let asking = WITH_CARD.replacen("\"title\"", "\"template\": \"shop\", \"title\"", 1);
    let asked = submit(&shop, "asking", &asking, false).await.unwrap();
    outcomes(&shop, [&plain, &masked, &asked].map(|submitted| submitted.jobs[0].0)).await;
    assert_eq!(count(&printer.events(), "CAMPAIGN"), 3, "on {last}");

    shop.stop().unwrap();
    shop.environment.push(("TZ".to_owned(), LATER.to_owned()));
    shop.start().unwrap();
    for (key, document, first) in [("plain", SALE, &plain), ("masked", WITH_CARD, &masked)] {
        let again = submit(&shop, key, document, false).await.unwrap();
        assert!(again.existed && again.jobs == first.jobs, "{key}: {again:?}");
        let other = document.replace("800", "801");
        let conflict = submit(&shop, key, &other, false).await.unwrap_err();
        assert!(matches!(conflict, CallError::Api(ApiError::KeyConflict(_))), "{key}: {conflict}");
    }
    // And a new one has nothing of it.
    let later = submit(&shop, "later", SALE, false).await.unwrap().jobs[0].0;
    outcomes(&shop, [later]).await;
    assert_eq!(count(&printer.events(), "CAMPAIGN"), 3);

    // The shop has thrown it away: what was asked for was had.
    shop.stop().unwrap();
    std::fs::remove_dir_all(shop.path().join("templates.d")).unwrap();
    shop.start().unwrap();
    let again = submit(&shop, "asking", &asking, false).await.unwrap();
    assert!(again.existed && again.jobs == asked.jobs, "{again:?}");
    assert!(submit(&shop, "new", &asking, false).await.is_err());
}

#[tokio::test]
async fn a_wrong_template_costs_no_receipt_and_is_told_with_its_line() {
    let printer = VirtualPrinter::start(quick_printer().unwrap()).unwrap();
    let mut shop = Shop::new(&[PrinterEntry::new("counter", printer.addr())], "").unwrap();
    put(&shop, "shop.toml", "[[footer]]\nlines = [\n  {txt = {text = \"never\"}},\n]\n");
    put(
        &shop,
        "wide.toml",
        "merchant = [\"7\"]\n[[footer]]\nlines = [{barcode = {type = \"code39\", data = \"12345678901234567890123456789012345678\"}}]\n",
    );
    shop.start().unwrap();
    let asks = |name: &str| SALE.replacen("\"title\"", &format!("\"template\": \"{name}\", \"title\""), 1);
    let mut jobs = Vec::new();
    for (key, document) in [("a", SALE.to_owned()), ("b", asks("shop")), ("c", asks("wide"))] {
        jobs.push(submit(&shop, key, &document, false).await.unwrap().jobs[0].0);
    }
    for job in outcomes(&shop, jobs).await.values() {
        assert_eq!(job.state, JobState::Printed);
    }
    let status = shop.receiptctl(&["status"]).output().unwrap();
    let status = String::from_utf8(status.stdout).unwrap();
    assert!(
        status.contains("shop.toml: line 3, column 3") && status.contains("template wide does not"),
        "{status}"
    );
    let log = shop.log();
    assert!(
        log.contains("templates.d/shop.toml: line 3, column 3, footer[0].lines[0]: there is no key txt"),
        "{log}"
    );
    assert!(log.contains("template wide does not fit on printer \"counter\": line 3, column 10:"), "{log}");
    assert!(log.contains("a receipt is printed without the template wide: "), "{log}");
    let error = submit(&shop, "d", &asks("coffee"), false).await.unwrap_err();
    assert!(matches!(&error, CallError::Api(ApiError::InvalidDocument(_))), "{error}");
    assert!(error.to_string().contains("asks for coffee; there are: wide"), "{error}");

    let check = |file: &Path| {
        shop.program("receiptd").arg("--config").arg(file).arg("--check-config").output().unwrap()
    };
    let output = check(&shop.config());
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(78), "{said}");
    assert!(
        said.contains("shop.toml: line 3, column 3") && said.contains("template wide does not fit"),
        "{said}"
    );
    std::fs::remove_dir_all(shop.path().join("templates.d")).unwrap();
    assert_eq!(check(&shop.config()).status.code(), Some(0));
}
