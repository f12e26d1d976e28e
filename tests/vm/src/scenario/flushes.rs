//! Every state that the disk may be in when the power fails: the kernel logs what a busy daemon writes, and the spool is
//! opened as it was after each flush. What had been acknowledged by then must be there.
//!
//! The log is taken in the machine and read outside, where opening is quick. No root is needed: e2fsck repairs the file
//! system as the kernel would by mounting it, debugfs takes the files out.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use receiptd_store::{Options, Store, Table, offline};
use receiptd_system_tests::Reach as _;
use receiptd_system_tests::app::App;
use receiptd_system_tests::calls::{SHORT, name, submit};

use super::disk::{SECTORS, mount, settle, take_away};
use super::{Plan, ensure, wait};
use crate::terminal::Terminal;
use crate::writelog::WriteLog;

/// How long the daemon is busy.
const BUSY: Duration = Duration::from_secs(60);

/// Slips at most: a roll of paper is enough for about 1,100, and all of them are printed in the end. On an idle machine
/// that is some ten seconds.
const SLIPS_MAX: usize = 400;

/// Apps that hand slips in at the same time.
const APPS: usize = 3;

/// What a mark begins with that says that a job was acknowledged.
const ACKNOWLEDGED: &str = "ack-";

pub(super) fn flushes(terminal: &mut Terminal, plan: &Plan) -> io::Result<String> {
    mount(terminal, &format!("0 {SECTORS} log-writes /dev/vdb /dev/vdc"), "", "defaults")?;
    terminal.machine.must("dmsetup message spool 0 mark mounted")?;
    terminal.start()?;
    let mut app = App::at(&terminal.printer);
    busy(terminal, &mut app)?;
    let figures = settle(terminal, &mut app)?;
    terminal.machine.must("systemctl stop receiptd")?;
    take_away(terminal)?;
    terminal.machine.must("dmsetup remove --retry spool && sync")?;
    terminal.fresh()?;

    let log = WriteLog::read(&terminal.machine.log_disk())?;
    let folder = tempfile::tempdir_in(terminal.machine.path())?;
    let begun = log.entries.iter().position(|entry| entry.mark.as_deref() == Some("mounted"));
    let begun = begun.ok_or_else(|| io::Error::other("the log has no beginning"))?;
    let flushes = log.entries[begun..].iter().filter(|entry| entry.is_flush()).count();
    // Spread evenly, if all would take too long.
    let step = flushes.div_ceil(plan.flushes.max(1)).max(1);
    let skipped = terminal.dice.below(step as u64) as usize;
    let image = folder.path().join("disk");
    let disk = File::create(&image)?;
    disk.set_len(SECTORS * 512)?;
    let mut seen = Seen::default();
    let (mut flush, mut acknowledged) = (0, Vec::new());
    for (number, entry) in log.entries.iter().enumerate() {
        log.replay(entry, &disk)?;
        if let Some(id) = entry.mark.as_deref().and_then(|mark| mark.strip_prefix(ACKNOWLEDGED)) {
            acknowledged.push(id.parse().map_err(io::Error::other)?);
        }
        if number > begun && entry.is_flush() {
            if flush % step == skipped {
                seen.open(&image, folder.path(), &acknowledged).map_err(|why| {
                    let of = acknowledged.len();
                    io::Error::other(format!("after entry {number}, flush {flush}, {of} acknowledged: {why}"))
                })?;
            }
            flush += 1;
        }
    }
    ensure(acknowledged.len() == app.acknowledged.len(), || {
        format!("{} of {} acknowledgements are in the log", acknowledged.len(), app.acknowledged.len())
    })?;
    Ok(format!(
        "{} s at most, {} writes, {flushes} flushes; the spool was opened after {} of them: {} times its last group was torn, {} \
         times sled was built anew, {} acknowledgements looked up, 0 missing; in the end {figures}",
        BUSY.as_secs(),
        log.entries.len(),
        seen.opened,
        seen.torn,
        seen.rebuilt,
        seen.looked_up
    ))
}

/// Hands slips in and marks each acknowledgement in the log.
fn busy(terminal: &Terminal, app: &mut App) -> io::Result<()> {
    let (mut marks, mut input) = UnixStream::pair()?;
    // One shell for all of them: to start one takes longer than to set a mark. It prints something for each, since a
    // command that is silent for long counts as dead.
    let script = "while read -r mark; do dmsetup message spool 0 mark \"$mark\" && echo || exit 1; done";
    std::thread::scope(|scope| {
        let marker = scope.spawn(move || terminal.machine.run_with(script, &mut input, None));
        let made = Cell::new(app.made);
        let results = wait(async {
            let until = tokio::time::Instant::now() + BUSY;
            let one = || one(terminal, &made, marks.try_clone(), until);
            // As many as APPS says.
            let (a, b, c) = tokio::join!(one(), one(), one());
            [a, b, c]
        });
        // Its end is the end of the shell.
        marks.flush()?;
        drop(marks);
        let marked = marker.join().map_err(|_| io::Error::other("the marks can't be set"))??;
        ensure(marked.code == 0, || format!("a mark can't be set: {}", marked.text))?;
        app.made = made.get();
        let results: [io::Result<BTreeMap<String, u64>>; APPS] = results?;
        for acknowledged in results {
            app.acknowledged.extend(acknowledged?);
        }
        Ok(())
    })
}

/// One app.
async fn one(
    terminal: &Terminal,
    made: &Cell<usize>,
    marks: io::Result<UnixStream>,
    until: tokio::time::Instant,
) -> io::Result<BTreeMap<String, u64>> {
    let mut marks = marks?;
    let client = terminal.client().await.map_err(io::Error::other)?;
    let mut acknowledged = BTreeMap::new();
    while tokio::time::Instant::now() < until && made.get() < SLIPS_MAX {
        made.set(made.get() + 1);
        let name = name(made.get());
        let job = submit(&client, &name, SHORT).await.map_err(io::Error::other)?;
        marks.write_all(format!("{ACKNOWLEDGED}{job}\n").as_bytes())?;
        acknowledged.insert(name, job);
    }
    Ok(acknowledged)
}

/// What was seen when the spool was opened.
#[derive(Debug, Default)]
struct Seen {
    opened: usize,
    torn: usize,
    rebuilt: usize,
    looked_up: usize,
}

impl Seen {
    /// Opens the spool on the disk `image` as a daemon does after a power cut, and looks for these jobs.
    fn open(&mut self, image: &Path, folder: &Path, acknowledged: &[u64]) -> io::Result<()> {
        let (copy, spool) = (folder.join("copy"), folder.join("spool"));
        fs::copy(image, &copy)?;
        // 1: it was repaired, which is what a mount does with the journal.
        let checked = Command::new("e2fsck").arg("-fy").arg(&copy).output()?;
        ensure(checked.status.code().is_some_and(|code| code <= 1), || {
            format!("e2fsck: {}", String::from_utf8_lossy(&checked.stdout))
        })?;
        if spool.exists() {
            fs::remove_dir_all(&spool)?;
        }
        fs::create_dir(&spool)?;
        let request = format!("rdump / {}", spool.display());
        let dumped = Command::new("debugfs").arg("-R").arg(request).arg(&copy).output()?;
        ensure(dumped.status.success(), || String::from_utf8_lossy(&dumped.stderr).into_owned())?;

        let (store, report) = Store::open(Options::new(&spool)).map_err(io::Error::other)?;
        self.opened += 1;
        self.torn += usize::from(report.torn_tail);
        self.rebuilt += usize::from(report.rebuilt.is_some());
        ensure(!report.lost && report.journal_damage.is_empty(), || format!("{report:?}"))?;
        for id in acknowledged {
            let key = id.to_be_bytes();
            let mut found = false;
            for table in [Table::Active, Table::Job] {
                found |= store.get(table, &key).map_err(io::Error::other)?.is_some();
            }
            let body = store.body(*id).map_err(io::Error::other)?;
            ensure(found && body.is_some(), || {
                format!("job {id}: its record is {}, its body {}", is(found), is(body.is_some()))
            })?;
            self.looked_up += 1;
        }
        store.close().map_err(io::Error::other)?;
        drop(store);
        let check = offline::check(&spool).map_err(io::Error::other)?;
        ensure(check.is_clean(), || format!("{check:?}"))
    }
}

fn is(there: bool) -> &'static str {
    if there { "there" } else { "lost" }
}
