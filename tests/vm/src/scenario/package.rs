//! The package: what is there once it is installed, what an upgrade, a removal and a purge leave.

use std::io;

use receiptd_api::{Document, JobFilter, JobState, Kind, SubmitOptions};
use receiptd_system_tests::calls::{self, SHORT, name, submit};
use receiptd_system_tests::paper::{assert_all_there, assert_order, prints};
use receiptd_system_tests::{PATIENCE, Reach as _};
use virtual_printer::{Fault, What};

use super::{Plan, ensure, wait};
use crate::terminal::{Terminal, as_version};

/// The exposure that `systemd-analyze security` may find, in tenths.
const EXPOSURE_MAX: &str = "15";

pub(super) fn installed(terminal: &mut Terminal, _plan: &Plan) -> io::Result<String> {
    let machine = &terminal.machine;
    terminal.start()?;
    machine
        .must("systemctl is-enabled receiptd && getent passwd receiptd && getent group receipt-operator")?;
    machine.must("test \"$(stat -c %U:%a /var/lib/receiptd)\" = receiptd:700")?;
    machine.must("busctl get-property io.receiptd /io/receiptd/Spooler1 io.receiptd.Spooler1 StoreState")?;
    machine.must("test \"$(ps -o user= -C receiptd)\" = receiptd")?;
    let exposure = machine.must(&format!(
        "systemd-analyze security receiptd.service --threshold={EXPOSURE_MAX} --no-pager | tail -1"
    ))?;
    machine
        .must(&format!("systemd-analyze security receiptd.service --threshold={EXPOSURE_MAX} > /dev/null"))?;
    let sent = wait(async {
        let client = terminal.client().await.map_err(io::Error::other)?;
        let job = submit(&client, &name(9001), SHORT).await.map_err(io::Error::other)?;
        Ok::<_, io::Error>(calls::outcome(terminal, job).await)
    })??;
    ensure(sent.state == JobState::Printed, || format!("the first slip is not printed: {sent:?}"))?;
    // What a technician asks the journal: by its fields and not by words.
    machine.must(
        "journalctl --sync && \
         journalctl -q -u receiptd -o cat RECEIPTD_PRINTER=counter RECEIPTD_STATE=ready | grep -q 'printer counter: ready'",
    )?;
    Ok(format!("{}; the first slip is {} ({:?})", exposure.trim(), sent.state, sent.grade))
}

/// A receipt with a line of letters that no Chinese printer has, 26 mm long: enough for an answer to be judged by the clock.
const LACKING: &str = "above\nZażółć gęślą jaźń\nbelow\n1\n2\n3\n4\n";

pub(super) fn drawn(terminal: &mut Terminal, _plan: &Plan) -> io::Result<String> {
    let first = terminal.printer.events().len();
    let job = wait(async {
        let client = terminal.client().await.map_err(io::Error::other)?;
        let (document, options) = (Document(LACKING.as_bytes()), SubmitOptions::default());
        let submitted = client.spooler().submit("drawn", "", Kind::Text, document, &options).await;
        let id = submitted.map_err(io::Error::other)?.jobs.first().map_or(0, |(id, _)| *id);
        Ok::<_, io::Error>(calls::outcome(terminal, id).await)
    })??;
    ensure(job.state == JobState::Printed, || format!("it is not printed: {job:?}"))?;
    let events = terminal.printer.events();
    let drawn = events.iter().skip(first).filter(|event| matches!(event.what, What::Image { .. })).count();
    ensure(drawn > 0, || format!("nothing was drawn: {:?}", events.get(first..)))?;
    let user = terminal.machine.must("ps -o user= -C receiptd-render")?;
    ensure(user.trim() == "receiptd", || format!("receiptd-render runs as {user}"))?;
    let exec = terminal.machine.must(
        "grep -E 'NoNewPrivs|Seccomp:' /proc/$(pgrep -x receiptd-render)/status | tr -s '\\t\\n' ' '",
    )?;
    Ok(format!("a line of Polish, drawn by receiptd-render as {} ({})", user.trim(), exec.trim()))
}

pub(super) fn activation(terminal: &mut Terminal, _plan: &Plan) -> io::Result<String> {
    let machine = &terminal.machine;
    const CALL: &str = "busctl call io.receiptd /io/receiptd/Spooler1 io.receiptd.Spooler1 ListPrinters";
    machine.must("systemctl stop receiptd")?;
    ensure(terminal.unit("ActiveState")? == "inactive", || "the daemon does not stop".to_owned())?;
    machine.must(CALL)?;
    ensure(terminal.unit("ActiveState")? == "active", || "a call does not start the daemon".to_owned())?;
    // Who disables it wants it off.
    machine.must("systemctl disable --now receiptd")?;
    ensure(machine.run(CALL)?.code != 0, || "a call starts a disabled daemon".to_owned())?;
    machine.must("systemctl enable --now receiptd")?;
    Ok("a call starts a stopped daemon, and not a disabled one".to_owned())
}

/// Reloads, and waits until the daemon says that it did: systemctl returns when the signal is sent.
const RELOAD: &str = "said() { journalctl -u receiptd -o cat --no-pager | grep -c SIGHUP; }; before=$(said); \
    systemctl reload receiptd; for try in $(seq 300); do [ \"$(said)\" -gt \"$before\" ] && exit 0; sleep 0.2; done; \
    echo 'waited 60 s for the daemon to read its configuration again'; exit 1";

pub(super) fn reload(terminal: &mut Terminal, _plan: &Plan) -> io::Result<String> {
    let machine = &terminal.machine;
    terminal.start()?;
    let pid = terminal.unit("MainPID")?;
    let allowed = |count: usize| {
        wait(async {
            let client = terminal.client().await.map_err(io::Error::other)?;
            let mut last = Ok(0);
            for n in 0..count {
                last = submit(&client, &name(8000 + n), SHORT).await;
            }
            for job in
                calls::all_jobs(&client, JobFilter { active_only: Some(true), ..JobFilter::default() }).await
            {
                // One that ended meanwhile needs no cancelling.
                let _ = client.spooler().cancel(job.id, "test").await;
            }
            Ok::<_, io::Error>(last.is_ok())
        })?
    };
    terminal.printer.fault(Fault::PowerOff);
    terminal.configure("[jobs]\nactive-max = 2\n[log]\nlevel = \"debug\"")?;
    machine.must(RELOAD)?;
    ensure(!allowed(3)?, || "a bound that was read again does not count".to_owned())?;
    terminal.configure("[jobs]\nactive-max = \"many\"")?;
    machine.must(RELOAD)?;
    let log = terminal.log()?;
    ensure(log.contains("active-max"), || format!("a wrong configuration is not named: {log}"))?;
    ensure(!allowed(3)?, || "a wrong configuration changed a bound".to_owned())?;
    terminal.configure("")?;
    machine.must(RELOAD)?;
    ensure(allowed(3)?, || "a bound that is gone still counts".to_owned())?;
    terminal.printer.fault(Fault::PowerOn);
    ensure(terminal.unit("MainPID")? == pid, || "a reload was a restart".to_owned())?;
    Ok("bounds follow the file; a wrong file is named and changes nothing".to_owned())
}

pub(super) fn upgrade(terminal: &mut Terminal, _plan: &Plan) -> io::Result<String> {
    const EACH: usize = 5;
    terminal.fresh()?;
    terminal.printer.fault(Fault::PowerOff);
    let before = terminal.printer.events().len();
    let newer = as_version(&terminal.deb, "9.0.0", terminal.machine.path())?;
    let mut ids = Vec::new();
    let mut names = Vec::new();
    let mut versions = Vec::new();
    for deb in [None, Some(newer), Some(terminal.deb.clone())] {
        if let Some(deb) = deb {
            terminal.install(&deb)?;
        }
        terminal.start()?;
        versions.push(terminal.machine.must("dpkg-query -W -f '${Version}' receiptd")?);
        let (there, new) = wait(async {
            let client = terminal.client().await.map_err(io::Error::other)?;
            let queued = JobFilter { active_only: Some(true), limit: Some(500), ..JobFilter::default() };
            let there: Vec<u64> = calls::all_jobs(&client, queued).await.iter().map(|job| job.id).collect();
            let mut new = Vec::new();
            for n in names.len()..names.len() + EACH {
                let name = name(7000 + n);
                let id = submit(&client, &name, SHORT).await.map_err(io::Error::other)?;
                new.push((id, name));
            }
            Ok::<_, io::Error>((there, new))
        })??;
        ensure(there == ids, || format!("queued {ids:?}; after the change of the package {there:?}"))?;
        for (id, name) in new {
            ids.push(id);
            names.push(name);
        }
    }
    terminal.printer.fault(Fault::PowerOn);
    let jobs = wait(calls::outcomes(terminal, ids.clone()))?;
    let unmarked = jobs.values().all(|job| job.state == JobState::Printed && job.duplicate == 0);
    ensure(unmarked, || format!("{jobs:#?}"))?;
    terminal.printer.wait_for(|s| s.idle, PATIENCE).map_err(io::Error::other)?;
    let paper = prints(&terminal.printer.events()[before..]);
    assert_all_there(&paper, names.iter().map(String::as_str));
    assert_order(&paper, names.iter().map(String::as_str));
    Ok(format!("{} jobs queued over the versions {} came out once, in order", ids.len(), versions.join(", ")))
}

pub(super) fn purge(terminal: &mut Terminal, _plan: &Plan) -> io::Result<String> {
    let machine = &terminal.machine;
    const SPOOL: &str = "test -d /var/lib/receiptd/spool/journal";
    machine.must(&format!("DEBIAN_FRONTEND=noninteractive dpkg -r receiptd && {SPOOL}"))?;
    machine.must("! systemctl is-active --quiet receiptd && ! test -e /usr/bin/receiptd")?;
    machine.must(&format!("DEBIAN_FRONTEND=noninteractive dpkg -P receiptd && {SPOOL}"))?;
    terminal.install(&terminal.deb)?;
    terminal.start()?;
    // A person says yes.
    machine.must("echo 'receiptd receiptd/purge-receipts boolean true' | debconf-set-selections")?;
    machine.must("DEBIAN_FRONTEND=noninteractive dpkg -P receiptd && ! test -e /var/lib/receiptd")?;
    terminal.configure("")?;
    terminal.install(&terminal.deb)?;
    terminal.start()?;
    Ok("removed and purged, the receipts stay; purged with \"yes\", they are gone".to_owned())
}
