//! Printers on the machine's USB: virtual ones behind the kernel's printer gadget, or FunctionFS, and its software controller, whose host
//! is the same machine. Their paper is recorded outside.
//!
//! What is done with them, the scenarios tell.

use std::io;
use std::path::Path;
use std::time::Duration;

use crate::machine::Machine;
use crate::paper::Paper;

/// Where the virtual printer lies in the machine.
const PROGRAM: &str = "/usr/local/bin/virtual-printer";

/// Loads the controllers and what else plugging-in would load in its first moment; USB printers are usblp's until somebody
/// else takes them.
const MODULES: &str = "modprobe -a libcomposite usb_f_printer usb_f_fs usblp virtio_console && modprobe dummy_hcd num=2 && \
    udevadm settle";

/// How a printer on USB is made.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// The virtual printer's model.
    pub model: &'static str,
    /// mm/s.
    pub speed: u32,
    /// Vendor and product.
    pub ids: &'static str,
    /// The serial number, if it has one.
    pub serial: Option<&'static str>,
    /// Further options of the virtual printer: what kind of USB device it is.
    pub more: &'static str,
}

/// A printer in the machine. It is not ended when this is dropped: the machine may be off.
#[derive(Debug)]
pub struct UsbPrinter<'a> {
    machine: &'a Machine,
    number: usize,
    paper: Paper,
}

/// Brings what USB printers need into the machine; to be called after each boot.
///
/// # Errors
/// The virtual printer was not built, or the machine lacks something.
pub fn prepare(machine: &Machine) -> io::Result<()> {
    if machine.run(&format!("test -x {PROGRAM}"))?.code != 0 {
        let program = receiptd_system_tests::binaries()?.join("virtual-printer");
        machine.put(&[stripped(&program, machine.path())?], "/root/programs")?;
        // Whole or not at all; and a power cut must not take it.
        machine.must(&format!(
            "install /root/programs/virtual-printer {PROGRAM}.new && sync && mv {PROGRAM}.new {PROGRAM}"
        ))?;
    }
    load_modules(machine)
}

/// Loads what printers on USB need of the kernel.
///
/// # Errors
/// The machine lacks something.
pub fn load_modules(machine: &Machine) -> io::Result<()> {
    machine.must(MODULES).map(drop)
}

/// Ends all printers.
///
/// # Errors
/// The machine can't be reached.
pub fn put_away(machine: &Machine) -> io::Result<()> {
    machine
        .must("systemctl stop 'usb-printer-*'; systemctl reset-failed 'usb-printer-*' 2>/dev/null; true")?;
    Ok(())
}

/// The symbols are most of a program that was built for debugging, and the way into the machine is slow.
fn stripped(program: &Path, folder: &Path) -> io::Result<std::path::PathBuf> {
    let to = folder.join("virtual-printer");
    let done = std::process::Command::new("strip").arg("-o").arg(&to).arg(program).status()?;
    if done.success() { Ok(to) } else { Err(io::Error::other("the virtual printer can't be stripped")) }
}

impl<'a> UsbPrinter<'a> {
    /// Plugs a new printer into controller `number`; returns when it is plugged in, which the host may not have noticed.
    ///
    /// # Errors
    /// It does not start.
    pub fn start(machine: &'a Machine, number: usize, kind: Kind) -> io::Result<Self> {
        let printer = Self { machine, number, paper: machine.paper(number)?.clone() };
        let Kind { model, speed, ids, serial, more } = kind;
        let serial = serial.map(|serial| format!("--usb-serial {serial}")).unwrap_or_default();
        let folder = format!("/run/usb-printer-{number}");
        machine.must(&format!(
            "mkdir -p {folder} && ln -sf /dev/virtio-ports/paper.{number} {folder}/log.jsonl && \
             rm -f {socket} && \
             systemd-run --quiet --collect --unit=usb-printer-{number} {PROGRAM} --gadget \
             --controller dummy_udc.{number} --usb-id {ids} {serial} {more} -m {model} --speed {speed} --roll inf \
             --no-paper --out {folder} --control {socket} && \
             timeout 60 sh -c 'until [ -S {socket} ]; do sleep 0.05; done'",
            socket = printer.socket()
        ))?;
        Ok(printer)
    }

    /// Ends it: it is unplugged, and what it had is gone.
    ///
    /// # Errors
    /// The machine can't be reached.
    pub fn stop(self) -> io::Result<()> {
        self.machine.must(&format!("systemctl stop usb-printer-{}", self.number))?;
        Ok(())
    }

    fn socket(&self) -> String {
        format!("/run/usb-printer-{}/control", self.number)
    }

    /// Does something to it, in the words of `virtual-printer ctl`; what it answers.
    ///
    /// # Errors
    /// It refuses.
    pub fn ctl(&self, words: &str) -> io::Result<String> {
        self.machine.must(&format!("{PROGRAM} ctl {} {words}", self.socket()))
    }

    /// Does something to it when so many more lines have come out.
    ///
    /// # Errors
    /// It refuses.
    pub fn at_line(&self, lines: u64, fault: &str) -> io::Result<()> {
        let line = self.paper.lines() + lines;
        self.ctl(&format!("when line={line} 'do={fault}'")).map(drop)
    }

    /// What came out of it.
    pub fn paper(&self) -> &Paper {
        &self.paper
    }

    /// Waits for a line behind the first so many events that begins with these words.
    ///
    /// # Errors
    /// It does not come in time.
    pub fn wait_for_line(&self, first: usize, text: &str, limit: Duration) -> io::Result<()> {
        let is = |event: &virtual_printer::Event| {
            matches!(&event.what, virtual_printer::What::Line { text: line, .. }
                if line.trim_end().strip_prefix(text).is_some_and(|rest| rest.is_empty() || rest.starts_with(' ')))
        };
        self.paper
            .wait_for(first, is, limit)
            .map_err(|why| io::Error::new(why.kind(), format!("\"{text}\": {why}")))
    }

    /// The port of the bus that it is plugged into, as the kernel names it.
    ///
    /// # Errors
    /// The machine can't be reached.
    pub fn port(&self) -> io::Result<String> {
        let glob = format!("/sys/devices/platform/dummy_hcd.{}/usb*/[0-9]*-1", self.number);
        Ok(self.machine.must(&format!("basename {glob}"))?.trim().to_owned())
    }

    /// The kernel's driver that has its interface.
    ///
    /// # Errors
    /// It is not there.
    pub fn driver(&self) -> io::Result<String> {
        let interface =
            format!("/sys/devices/platform/dummy_hcd.{}/usb*/[0-9]*-1/[0-9]*:1.0/driver", self.number);
        Ok(self.machine.must(&format!("basename \"$(readlink {interface})\""))?.trim().to_owned())
    }
}
