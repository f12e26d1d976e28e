//! The interface against the real daemon: lists with filters and pages, and who may see and touch what.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests")]

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, Output};

use receiptd_api::{ApiError, CallError, Client, JobFilter, JobState, Kind, SubmitOptions, Where};
use receiptd_system_tests::bus::Bus;
use receiptd_system_tests::calls::{self, SHORT, all_jobs, name, outcomes, slip, submit, submit_as};
use receiptd_system_tests::disk::is_root;
use receiptd_system_tests::{PATIENCE, PrinterEntry, Shop, quick_printer};
use virtual_printer::{Fault, VirtualPrinter};
use zbus::Fd;

#[tokio::test]
async fn lists_have_filters_and_pages_without_gaps_or_repetitions() {
    const CANCELED: usize = 600;
    const PRINTED: usize = 12;
    const QUEUED: usize = 60;
    let printer = VirtualPrinter::start(quick_printer().unwrap()).unwrap();
    let mut shop = Shop::new(&[PrinterEntry::new("counter", printer.addr())], "").unwrap();
    shop.start().unwrap();
    let client = shop.client().await.unwrap();
    let hold = SubmitOptions { hold: Some(true), ..SubmitOptions::default() };
    let (mut canceled, mut printed, mut queued) = (Vec::new(), Vec::new(), Vec::new());
    for n in 0..CANCELED {
        let done = submit_as(&client, &name(n), "", &slip(&name(n), 1), &hold).await.unwrap();
        canceled.push(done.jobs[0].0);
    }
    for n in CANCELED..CANCELED + PRINTED {
        printed.push(submit(&client, &name(n), SHORT).await.unwrap());
    }
    let boundary = outcomes(&shop, printed.clone()).await.values().map(|job| job.accepted_ms).max().unwrap();
    for id in &canceled {
        client.spooler().cancel(*id, "").await.unwrap();
    }
    printer.fault(Fault::PaperEnd);
    calls::PrinterWatch::begin(&shop).await;
    for n in CANCELED + PRINTED..CANCELED + PRINTED + QUEUED {
        let done = submit_as(&client, &name(n), "", &slip(&name(n), 1), &hold).await.unwrap();
        queued.push(done.jobs[0].0);
    }
    let ids = |jobs: Vec<receiptd_api::JobInfo>| jobs.into_iter().map(|job| job.id).collect::<Vec<_>>();
    let all: Vec<u64> = canceled.iter().chain(&printed).chain(&queued).copied().collect();
    for limit in [7, 100, 500] {
        let forth = JobFilter { limit: Some(limit), ..JobFilter::default() };
        assert_eq!(ids(all_jobs(&client, forth.clone()).await), all, "pages of {limit}");
        let back = JobFilter { newest_first: Some(true), ..forth };
        assert_eq!(ids(all_jobs(&client, back).await), all.iter().rev().copied().collect::<Vec<_>>());
    }
    let of = |state| JobFilter { state: Some(state), limit: Some(50), ..JobFilter::default() };
    assert_eq!(ids(all_jobs(&client, of(JobState::Printed)).await), printed);
    assert_eq!(ids(all_jobs(&client, of(JobState::Canceled)).await), canceled);
    assert_eq!(ids(all_jobs(&client, of(JobState::Held)).await), queued);
    assert!(ids(all_jobs(&client, of(JobState::Expired)).await).is_empty());
    let active = JobFilter { active_only: Some(true), limit: Some(9), ..JobFilter::default() };
    assert_eq!(ids(all_jobs(&client, active).await), queued);
    let since = JobFilter { since_ms: Some(boundary + 1), ..JobFilter::default() };
    assert_eq!(ids(all_jobs(&client, since).await), queued);
    let until = JobFilter { until_ms: Some(boundary + 1), limit: Some(500), ..JobFilter::default() };
    assert_eq!(all_jobs(&client, until).await.len(), CANCELED + PRINTED);
    let key = JobFilter { key: Some(name(CANCELED)), ..JobFilter::default() };
    assert_eq!(ids(all_jobs(&client, key).await), [printed[0]]);
    let elsewhere = JobFilter { printer: Some("elsewhere".into()), ..JobFilter::default() };
    assert!(ids(all_jobs(&client, elsewhere).await).is_empty());
    // The same after a restart, when all of it is read from the disk.
    shop.stop().unwrap();
    shop.start().unwrap();
    let client = shop.client().await.unwrap();
    let forth = JobFilter { limit: Some(500), ..JobFilter::default() };
    assert_eq!(ids(all_jobs(&client, forth).await), all);
}

/// The command, run by somebody who is not root and not an operator.
struct App<'a> {
    shop: &'a Shop,
    program: PathBuf,
}

/// Nobody in particular.
const UID: u32 = 65_534;

impl<'a> App<'a> {
    fn new(shop: &'a Shop) -> Self {
        // The folder and the program must be within that user's reach.
        std::fs::set_permissions(shop.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        let program = shop.path().join("receiptctl");
        // By another process: what a child of another test still holds open for writing can't be started.
        let built = shop.program("receiptctl");
        let install =
            Command::new("install").args(["-m", "755"]).arg(built.get_program()).arg(&program).status();
        assert!(install.unwrap().success());
        Self { shop, program }
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(&self.program);
        command.env("RECEIPTD_SOCKET", self.shop.socket()).env("LC_ALL", "C.UTF-8");
        command.uid(UID).gid(UID).current_dir("/").args(arguments).output().unwrap()
    }

    /// The ids in what `jobs` says.
    fn jobs(&self) -> BTreeSet<u64> {
        let output = self.run(&["jobs", "--json", "--all"]);
        assert!(output.status.success(), "{output:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines()
            .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["id"].as_u64().unwrap())
            .collect()
    }
}

#[tokio::test]
async fn an_app_sees_and_touches_its_own_jobs_and_an_operator_all() {
    if !is_root("an_app_sees_and_touches_its_own_jobs_and_an_operator_all") {
        return;
    }
    let printer = VirtualPrinter::start(quick_printer().unwrap()).unwrap();
    let mut shop = Shop::new(&[PrinterEntry::new("counter", printer.addr())], "").unwrap();
    shop.start().unwrap();
    let client = shop.client().await.unwrap();
    let app = App::new(&shop);
    let hold = SubmitOptions { hold: Some(true), ..SubmitOptions::default() };
    let roots = submit_as(&client, "the-key", "", &slip("S0001", SHORT), &hold).await.unwrap().jobs[0].0;

    // The same key of another user is another key.
    let file = app.shop.path().join("slip.json");
    std::fs::write(&file, slip("S0002", SHORT)).unwrap();
    let path = file.to_str().unwrap();
    let output = app.run(&["print", "--hold", "--json", "--key", "the-key", path]);
    assert!(output.status.success(), "{output:?}");
    let own = app.jobs();
    assert_eq!(own.len(), 1);
    let own_id = *own.first().unwrap();
    assert_ne!(own_id, roots);
    assert_eq!(client.spooler().find_jobs("the-key").await.unwrap(), [roots]);

    let foreign = roots.to_string();
    for arguments in [
        vec!["job", &foreign],
        // What is on its paper (`GetReceipt`).
        vec!["job", &foreign, "--as", "text"],
        vec!["cancel", &foreign],
        vec!["release", &foreign],
        vec!["hold", &foreign],
        vec!["reprint", &foreign, "--reason", "x"],
        vec!["resolve", &foreign, "--printed"],
    ] {
        let output = app.run(&arguments);
        assert!(!output.status.success(), "{arguments:?}: {output:?}");
        let said =
            String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
        assert!(!said.contains("S0001") && !said.contains("the-key"), "{arguments:?}: {said}");
    }
    assert_eq!(client.spooler().get_job(roots).await.unwrap().state, JobState::Held);
    // The same "no such job" for its record and for its paper, so that neither says that there is one.
    let missing = (roots + 1_000).to_string();
    for arguments in [["job", "--json", &foreign].as_slice(), &["job", "--json", &foreign, "--as", "text"]] {
        let said = |id: &str| {
            let arguments: Vec<&str> =
                arguments.iter().map(|word| if *word == foreign { id } else { *word }).collect();
            let output = app.run(&arguments);
            String::from_utf8(output.stderr).unwrap()
        };
        assert!(said(&foreign).contains("UnknownJob"), "{}", said(&foreign));
        assert_eq!(said(&foreign), said(&missing));
    }
    // Its own it may touch; the operator may too.
    let output = app.run(&["release", &own_id.to_string()]);
    assert!(output.status.success(), "{output:?}");
    let job = calls::outcome(&shop, own_id).await;
    assert_eq!((job.state, job.owner_uid), (JobState::Printed, UID));
    assert_eq!(all_jobs(&client, JobFilter::default()).await.len(), 2);
    let theirs = JobFilter { owner_uid: Some(UID), ..JobFilter::default() };
    assert_eq!(all_jobs(&client, theirs).await.len(), 1);
    client.spooler().reprint(own_id, "the operator asks", "op-1").await.unwrap();
    assert_eq!(app.jobs(), own, "a copy that the operator asked for is the operator's");
}

/// A document by file descriptor is the same document: the same key gives the same job.
#[tokio::test]
async fn a_document_by_descriptor_is_the_same_document() {
    let printer = VirtualPrinter::start(quick_printer().unwrap()).unwrap();
    let mut shop = Shop::new(&[PrinterEntry::new("counter", printer.addr())], "").unwrap();
    shop.start().unwrap();
    let client = shop.client().await.unwrap();
    let file = shop.path().join("slip.json");
    std::fs::write(&file, slip("S0001", SHORT)).unwrap();
    let open = std::fs::File::open(&file).unwrap();
    let options = SubmitOptions::default();
    let spooler = client.spooler();
    let done = spooler.submit_fd("S0001", "", Kind::Json, Fd::from(&open), &options).await.unwrap();
    assert!(!done.existed);
    assert_eq!(submit(&client, "S0001", SHORT).await.unwrap(), done.jobs[0].0);
    // Large ones travel this way only.
    let large = shop.path().join("large.txt");
    std::fs::write(&large, format!("{}\n", "x".repeat(40)).repeat(4_000)).unwrap();
    let open = std::fs::File::open(&large).unwrap();
    let hold = SubmitOptions { hold: Some(true), ..SubmitOptions::default() };
    spooler.submit_fd("large", "", Kind::Text, Fd::from(&open), &hold).await.unwrap();
    let folder = std::fs::File::open(shop.path()).unwrap();
    let refused = spooler.submit_fd("folder", "", Kind::Text, Fd::from(&folder), &options).await.unwrap_err();
    assert!(matches!(refused, CallError::Api(ApiError::InvalidArgument(_))), "{refused:?}");
    let job = calls::outcome(&shop, done.jobs[0].0).await;
    assert_eq!(job.state, JobState::Printed);
}

/// The same interface on a bus: submit, watch, and one daemon at a time.
#[tokio::test]
async fn on_a_message_bus_it_is_the_same_interface() {
    let Some(bus) = Bus::start("on_a_message_bus_it_is_the_same_interface") else { return };
    let printer = VirtualPrinter::start(quick_printer().unwrap()).unwrap();
    let mut shop = Shop::new(&[PrinterEntry::new("counter", printer.addr())], "").unwrap();
    let config = std::fs::read_to_string(shop.config()).unwrap();
    std::fs::write(shop.config(), config.replace("bus = \"none\"", "bus = \"session\"")).unwrap();
    shop.environment.push(("DBUS_SESSION_BUS_ADDRESS".to_owned(), bus.address.clone()));
    shop.start().unwrap();
    let client = Client::connect(Where::Address(bus.address.clone())).await.unwrap();
    let mut changes = client.watch(&JobFilter::default()).await.unwrap();
    let job = submit(&client, "S0001", SHORT).await.unwrap();
    loop {
        let change = tokio::time::timeout(PATIENCE, changes.next()).await.unwrap().unwrap();
        if change.id == job && change.state == JobState::Printed {
            break;
        }
    }
    // Both roads lead to the same jobs, and the uid is the same on both.
    let over_socket = shop.client().await.unwrap();
    assert_eq!(submit(&over_socket, "S0001", SHORT).await.unwrap(), job);
    assert_eq!(client.printers().await.unwrap()[0].name, "counter");
    // A second daemon does not get the name.
    let mut other = Shop::new(&[PrinterEntry::new("counter", printer.addr())], "").unwrap();
    let config = std::fs::read_to_string(other.config()).unwrap();
    std::fs::write(other.config(), config.replace("bus = \"none\"", "bus = \"session\"")).unwrap();
    other.environment = shop.environment.clone();
    let (status, said) = other.start_in_vain().unwrap();
    assert_eq!(status.code(), Some(76), "{said}");
    assert!(said.contains("io.receiptd") && said.contains("twice"), "{said}");
    let job = calls::outcome(&shop, job).await;
    assert_eq!(job.state, JobState::Printed);
    assert!(shop.stop().unwrap().success());
}
