//! A spool whose file system is full, becomes read-only, or fails to write: named refusals, nothing accepted is lost,
//! and the daemon recovers by itself as far as the kernel lets it.

use std::io;
use std::time::{Duration, Instant};

use receiptd_api::{ApiError, CallError, Client};
use receiptd_system_tests::app::{App, Figures};
use receiptd_system_tests::calls::{SHORT, name, submit};
use receiptd_system_tests::{PATIENCE, Reach as _};
use virtual_printer::Fault;

use super::{Plan, ensure, wait};
use crate::terminal::Terminal;

/// Where the spool is.
const SPOOL: &str = "/var/lib/receiptd/spool";

/// The device of its file system: a mapping of the machine's second disk, whose manners can be changed at any time.
const DEVICE: &str = "/dev/mapper/spool";

/// Size of that file system, sectors: 64 MB.
pub(super) const SECTORS: u64 = 131_072;

/// How long the disk fails to write: longer than several of the store's own tries (every 2 s).
const BAD: Duration = Duration::from_secs(8);

/// A disk that does what it should.
fn sound() -> String {
    format!("0 {SECTORS} linear /dev/vdb 0")
}

/// Stops the daemon and gives the spool an empty file system of its own, on a device with this table.
pub(super) fn mount(terminal: &Terminal, table: &str, make: &str, options: &str) -> io::Result<()> {
    terminal.machine.must(&format!(
        "set -e; systemctl stop receiptd; rm -rf {SPOOL}; mkdir -p {SPOOL}
         modprobe -a dm_mod dm-flakey dm-log-writes; dmsetup create spool --table '{table}'
         mke2fs -q -F -t ext4 -m 0 {make} {DEVICE}; mount -o {options} {DEVICE} {SPOOL}
         chown receiptd:receiptd {SPOOL}; chmod 700 {SPOOL}"
    ))?;
    Ok(())
}

/// Takes the spool's file system away, whatever starts the daemon meanwhile.
pub(super) fn take_away(terminal: &Terminal) -> io::Result<()> {
    terminal.machine.must(&format!(
        "for try in $(seq 100); do umount {SPOOL} && break; sleep 0.2; done; ! mountpoint -q {SPOOL}"
    ))?;
    Ok(())
}

/// What a terminal does when it is switched on again: the file system is checked and mounted.
fn bring_back(terminal: &Terminal) -> io::Result<()> {
    // 1: errors were corrected.
    terminal.machine.must(&format!(
        "e2fsck -fy {DEVICE} > /tmp/e2fsck 2>&1; [ $? -le 1 ] || {{ cat /tmp/e2fsck; exit 1; }}"
    ))?;
    terminal.machine.must(&format!("mount {DEVICE} {SPOOL}"))?;
    Ok(())
}

/// Puts the spool back where it was, on the file system of everything else.
pub(super) fn unmount(terminal: &Terminal) -> io::Result<()> {
    terminal.machine.must("systemctl stop receiptd")?;
    take_away(terminal)?;
    terminal.machine.must("dmsetup remove --retry spool")?;
    terminal.fresh()
}

/// After a scenario that broke off: the disk behaves again and the spool is where it was, empty.
pub(super) fn tidy_up(terminal: &mut Terminal) -> io::Result<()> {
    terminal.printer.fault(Fault::PowerOn);
    if !terminal.machine.is_on() {
        terminal.machine.boot()?;
    }
    terminal.machine.must(&format!(
        "systemctl stop receiptd; ! mountpoint -q {SPOOL} || umount -l {SPOOL}; ! [ -e {DEVICE} ] || dmsetup remove -f --retry spool"
    ))?;
    terminal.fresh()
}

/// Waits for what becomes of all slips, and holds the promises against it.
pub(super) fn settle(terminal: &Terminal, app: &mut App) -> io::Result<Figures> {
    terminal.printer.fault(Fault::PowerOn);
    wait(async {
        let client = terminal.client().await.map_err(io::Error::other)?;
        app.hand_in(&client, 0).await;
        let jobs = app.settle(terminal).await;
        terminal.printer.wait_for(|s| s.idle, PATIENCE).map_err(io::Error::other)?;
        Ok::<_, io::Error>(app.verify(&jobs, &client, &terminal.printer).await)
    })?
}

/// Hands in so many slips, all of which must be accepted.
fn hand_in(terminal: &Terminal, app: &mut App, slips: usize) -> io::Result<()> {
    wait(async {
        let client = terminal.client().await.map_err(io::Error::other)?;
        app.hand_in(&client, slips).await;
        ensure(app.unacknowledged.is_empty(), || "the spool does not work".to_owned())
    })?
}

/// One slip that must be refused, with this error.
fn refused(terminal: &Terminal, what: &str, by: impl Fn(&ApiError) -> bool) -> io::Result<()> {
    wait(async {
        let client = terminal.client().await.map_err(io::Error::other)?;
        let told = submit(&client, &name(5001), SHORT).await;
        let named = matches!(&told, Err(CallError::Api(error)) if by(error));
        ensure(named, || format!("{what}: {told:?}"))
    })?
}

pub(super) fn full(terminal: &mut Terminal, _plan: &Plan) -> io::Result<String> {
    mount(terminal, &sound(), "", "defaults")?;
    terminal.start()?;
    let mut app = App::at(&terminal.printer);
    hand_in(terminal, &mut app, 3)?;
    terminal.machine.must(&format!("dd if=/dev/zero of={SPOOL}/ballast bs=64k 2>/dev/null; sync"))?;
    refused(terminal, "full", |error| matches!(error, ApiError::StoreFull(_)))?;
    terminal.machine.must(&format!("rm {SPOOL}/ballast; sync"))?;
    until_ok(terminal, PATIENCE)?;
    hand_in(terminal, &mut app, 2)?;
    let figures = settle(terminal, &mut app)?;
    unmount(terminal)?;
    Ok(format!("refused by name when full, and recovered: {figures}"))
}

/// The kernel makes a file system read-only when it finds it damaged; it stays so until it is checked and mounted again.
pub(super) fn read_only(terminal: &mut Terminal, _plan: &Plan) -> io::Result<String> {
    mount(terminal, &sound(), "", "errors=remount-ro")?;
    terminal.start()?;
    let mut app = App::at(&terminal.printer);
    hand_in(terminal, &mut app, 2)?;
    wait(app.settle(terminal))?;
    terminal.printer.fault(Fault::PowerOff);
    hand_in(terminal, &mut app, 2)?;
    let machine = &terminal.machine;
    machine
        .must(&format!("echo damaged > /sys/fs/ext4/$(basename $(readlink -f {DEVICE}))/trigger_fs_error"))?;
    ensure(is_read_only(terminal)?, || "the kernel did not make the file system read-only".to_owned())?;
    refused(terminal, "read-only", |error| matches!(error, ApiError::StoreFailed(_)))?;
    let seen = wait(async {
        let client = terminal.client().await.map_err(io::Error::other)?;
        client
            .spooler()
            .get_job(*app.acknowledged.values().next_back().unwrap_or(&0))
            .await
            .map_err(io::Error::other)
    })??;
    // A daemon that is started there says what is wrong, and goes on trying.
    machine.run("systemctl --no-block restart receiptd")?;
    machine.must(
        "timeout 60 sh -c 'until [ \"$(systemctl show receiptd -P NRestarts)\" -ge 1 ]; do sleep 0.2; done'",
    )?;
    let log = terminal.log()?;
    ensure(log.contains("Read-only file system"), || format!("the log does not name it: {log}"))?;
    take_away(terminal)?;
    bring_back(terminal)?;
    // Not started by us: systemd does.
    machine.must("timeout 60 sh -c 'until systemctl -q is-active receiptd; do sleep 0.2; done'")?;
    hand_in(terminal, &mut app, 2)?;
    let figures = settle(terminal, &mut app)?;
    unmount(terminal)?;
    Ok(format!(
        "refused by name, a waiting job can still be asked for ({}), the start fails with its reason and comes by itself \
         when the disk is mounted again: {figures}",
        seen.state
    ))
}

/// The disk fails to write for a while, below a file system without a journal and below one with it.
pub(super) fn failing(terminal: &mut Terminal, _plan: &Plan) -> io::Result<String> {
    let mut told = Vec::new();
    for (kind, make) in [("without a journal", "-O ^has_journal"), ("with a journal", "")] {
        mount(terminal, &sound(), make, "defaults")?;
        terminal.start()?;
        let mut app = App::at(&terminal.printer);
        hand_in(terminal, &mut app, 3)?;
        manners(terminal, &format!("0 {SECTORS} flakey /dev/vdb 0 0 3600 1 error_writes"))?;
        let tries = hand_in_vain(terminal, &mut app)?;
        manners(terminal, &sound())?;
        // A file system with a journal gives up for good when that can't be written: then only mounting it again helps,
        // which is what a terminal does at its next start.
        let read_only = is_read_only(terminal)?;
        let alone = if read_only {
            "did not recover before it was mounted again: the kernel had made it read-only"
        } else {
            until_ok(terminal, PATIENCE)?;
            hand_in(terminal, &mut app, 2)?;
            "recovered by itself"
        };
        // What counts is what is on the disk, not what the kernel still remembers.
        terminal.machine.must("systemctl kill -s KILL receiptd; systemctl stop receiptd")?;
        take_away(terminal)?;
        bring_back(terminal)?;
        terminal.start()?;
        let figures = settle(terminal, &mut app)?;
        unmount(terminal)?;
        told.push(format!("{kind}: {tries}, {alone}: {figures}"));
    }
    Ok(told.join("; "))
}

/// Whether the kernel lets nobody write to the spool's file system. Its mount options tell only after somebody tried.
fn is_read_only(terminal: &Terminal) -> io::Result<bool> {
    let tried = terminal.machine.run(&format!("touch {SPOOL}/try && rm {SPOOL}/try"))?;
    Ok(tried.code != 0 && tried.text.contains("Read-only file system"))
}

/// Changes how the disk behaves, under a mounted file system.
fn manners(terminal: &Terminal, table: &str) -> io::Result<()> {
    terminal.machine.must(&format!(
        "dmsetup suspend --noflush --nolockfs spool && dmsetup load spool --table '{table}' && dmsetup resume spool"
    ))?;
    Ok(())
}

/// Hands slips in while the disk fails; what became of them. One that is accepted counts like any other.
fn hand_in_vain(terminal: &Terminal, app: &mut App) -> io::Result<String> {
    let (mut refused, mut gone) = (0, 0);
    let accepted = app.acknowledged.len();
    let until = Instant::now() + BAD;
    while Instant::now() < until {
        wait(async {
            // A daemon that ends because of it is as good as one that refuses: systemd starts it again.
            let Ok(client) = terminal.client().await else {
                gone += 1;
                tokio::time::sleep(Duration::from_millis(200)).await;
                return Ok(());
            };
            app.made += 1;
            let name = name(app.made);
            match submit(&client, &name, SHORT).await {
                Ok(job) => {
                    app.acknowledged.insert(name, job);
                }
                Err(CallError::Api(ApiError::StoreFailed(_))) => {
                    refused += 1;
                    app.unacknowledged.push(name);
                }
                Err(CallError::Api(other)) => {
                    return Err(io::Error::other(format!("refused with another error: {other:?}")));
                }
                Err(_) => {
                    gone += 1;
                    app.unacknowledged.push(name);
                }
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
            Ok(())
        })??;
    }
    ensure(refused > 0, || "nothing was refused: the disk did not fail".to_owned())?;
    let accepted = app.acknowledged.len() - accepted;
    Ok(format!(
        "{accepted} accepted, {refused} refused by name, {gone} without an answer in {} s",
        BAD.as_secs()
    ))
}

/// Waits until the store works; the daemon itself looks every few seconds.
fn until_ok(terminal: &Terminal, limit: Duration) -> io::Result<()> {
    let look = async {
        loop {
            let client: Client = terminal.client().await.map_err(io::Error::other)?;
            if client.spooler().properties().await.map_err(io::Error::other)?.0.store_state == "ok" {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    wait(async {
        tokio::time::timeout(limit, look)
            .await
            .unwrap_or_else(|_| Err(io::Error::other("waited for the store to work again")))
    })?
}
