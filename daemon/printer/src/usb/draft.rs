//! The draft of a `[[quirk]]` entry: what was measured of a printer, in the form that [`super::quirks`] reads, ready for
//! a person to complete. Pure.
//!
//! What only a person can know (what misbehaves, who says so, the ids of a printer that was not on USB) is marked
//! `TODO`. What was not seen is a comment with its reason, never a setting: an entry must change nothing that nobody
//! wants changed.

use super::attached::{Attached, CLASS_VENDOR};
use super::device_id::DeviceId;
use super::quirks::Quirk;

/// A printer on USB that is open, and how it is treated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// Its ids, its place and its interface.
    pub attached: Attached,
    /// Its IEEE 1284 device id, if it tells.
    pub device_id: Option<DeviceId>,
    /// What is known of it.
    pub quirk: Quirk,
}

/// What an entry is drafted from.
#[derive(Clone, Copy, Debug)]
pub struct Measured<'a> {
    /// The device; `None` for a printer that was not reached over USB.
    pub device: Option<&'a Device>,
    /// What it calls itself in the stream (`GS I`), if it does.
    pub name: &'a str,
    /// What was measured, in one sentence or several.
    pub story: &'a str,
    /// Who measured, with what, when.
    pub source: &'a str,
    /// Whether anything came from it.
    pub heard: Heard,
    /// Its port status when it was idle, if it answered.
    pub port_status: Option<u8>,
}

/// Whether a printer said anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// It did.
    Something,
    /// Not a byte that was understood.
    Nothing,
}

/// What replaces what only a person can know.
pub const PLACEHOLDER: &str = "TODO";

/// The entry, as TOML with comments.
pub fn draft(measured: &Measured<'_>) -> String {
    let mut out = String::from(
        "# Drafted by: receiptctl printers probe. To try it out, put it into /etc/receiptd/quirks.d/ and restart \
         receiptd.\n# Before you contribute it, replace each TODO.\n[[quirk]]\n",
    );
    let mut line = |line: String| {
        out.push_str(&line);
        out.push('\n');
    };
    match measured.device {
        Some(device) => {
            line(format!("vendor = 0x{:04x}", device.attached.vendor));
            line(format!("product = 0x{:04x}", device.attached.product));
        }
        None => {
            line(format!(
                "# {PLACEHOLDER}: it was not probed over USB; put in the ids of its USB port (lsusb)."
            ));
            line("vendor = 0x0000".to_owned());
            line("product = 0x0000".to_owned());
        }
    }
    line(format!("name = {}", quoted(&name(measured))));
    let story = format!("{PLACEHOLDER}: what misbehaves, and what this entry changes. {}", measured.story);
    line(format!("story = {}", quoted(&story)));
    line(format!(
        "source = {}",
        quoted(&format!("{}; {PLACEHOLDER}: your name, or a link", measured.source))
    ));
    if let Some(device) = measured.device {
        settings(device, &mut line);
        hints(device, measured, &mut line);
    }
    out
}

/// What it is: by its own word, else by its descriptors.
fn name(measured: &Measured<'_>) -> String {
    let device = measured.device;
    let names = [
        measured.name.trim().to_owned(),
        device
            .and_then(|d| d.device_id.as_ref())
            .map(|id| id.to_string().trim().to_owned())
            .unwrap_or_default(),
        device.map(|d| d.attached.name.trim().to_owned()).unwrap_or_default(),
    ];
    let known = names.into_iter().find(|name| !name.is_empty());
    known.unwrap_or_else(|| format!("{PLACEHOLDER}: what stands on the printer"))
}

/// What it was treated with, so that the entry says the whole.
fn settings(device: &Device, line: &mut impl FnMut(String)) {
    let (quirk, usual) = (&device.quirk, Quirk::default());
    let flags = [
        ("read", quirk.read, usual.read),
        ("vendor-class", device.attached.function.class[0] == CLASS_VENDOR, usual.vendor_class),
        ("set-interface", quirk.set_interface, usual.set_interface),
        ("reattach", quirk.reattach, usual.reattach),
        ("device-id", quirk.device_id, usual.device_id),
        ("port-status", quirk.port_status, usual.port_status),
    ];
    for (key, value, _) in flags.into_iter().filter(|(_, value, usual)| value != usual) {
        line(format!("{key} = {value}"));
    }
    if quirk.close_delay_ms != usual.close_delay_ms {
        line(format!("close-delay-ms = {}", quirk.close_delay_ms));
    }
}

/// What a person may want to set after having looked.
fn hints(device: &Device, measured: &Measured<'_>, line: &mut impl FnMut(String)) {
    if device.attached.function.input.is_some() && measured.heard == Heard::Nothing {
        line("# read = false  # nothing was heard from it; only if reading disturbs it".to_owned());
    }
    if device.device_id.is_none() && device.quirk.device_id {
        line("# device-id = false  # it told none; only if asking disturbs it".to_owned());
    }
    if let Some(byte) = measured.port_status.filter(|_| !device.quirk.port_status) {
        line(format!("# port-status = true  # it said {byte:02x}h; only if you saw it change without paper"));
    }
}

/// A basic string of TOML 1.0.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => out.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use std::fs;

    use proptest::prelude::*;

    use super::super::attached::tests::printer;
    use super::super::quirks::Quirks;
    use super::*;

    const NOTHING: Measured<'_> = Measured {
        device: None,
        name: "",
        story: "It answered nothing.",
        source: "receiptctl printers probe, receiptd 0.1.0, 2026-11-27",
        heard: Heard::Nothing,
        port_status: None,
    };

    fn device(vendor: u16, product: u16) -> Device {
        Device { attached: printer(vendor, product, None, "1-2"), device_id: None, quirk: Quirk::default() }
    }

    /// What the daemon makes of the entry in its local folder.
    fn loaded(text: &str) -> Quirks {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("50-drafted.toml"), text).unwrap();
        Quirks::load(folder.path()).unwrap()
    }

    #[test]
    fn a_draft_is_read_from_the_local_folder_and_says_how_the_printer_was_treated() {
        let mut device = device(0x04b8, 0xABCD);
        device.attached.function.class = [CLASS_VENDOR, 0, 0];
        device.quirk = Quirk {
            vendor_class: true,
            set_interface: false,
            reattach: false,
            close_delay_ms: 1_000,
            port_status: true,
            ..Quirk::default()
        };
        device.device_id = DeviceId::from_text(b"MFG:ACME;MDL:80;");
        let text = draft(&Measured { device: Some(&device), ..NOTHING });
        let quirk = loaded(&text).of(0x04b8, 0xABCD);
        assert_eq!(quirk, Quirk { name: Some("ACME 80".into()), ..device.quirk.clone() });
        assert!(text.contains("# read = false") && !text.contains("# device-id"), "{text}");
    }

    #[test]
    fn what_only_a_person_can_know_is_marked_and_what_was_not_seen_changes_nothing() {
        let text = draft(&Measured { name: "EPSON TM-T88VI", heard: Heard::Something, ..NOTHING });
        let quirks = loaded(&text);
        let entry = quirks.entries().last().unwrap();
        assert_eq!((entry.vendor, entry.product), (0, Some(0)));
        for text in [&entry.story, &entry.source] {
            assert!(text.contains(PLACEHOLDER), "{text}");
        }
        let plain = device(0xABCD, 1);
        let text = draft(&Measured { device: Some(&plain), port_status: Some(0x18), ..NOTHING });
        let quirk = loaded(&text).of(0xABCD, 1);
        let name = Some(format!("{PLACEHOLDER}: what stands on the printer"));
        assert_eq!(quirk, Quirk { name, ..Quirk::default() });
        assert!(text.contains("18h") && text.contains("# device-id = false"), "{text}");
    }

    proptest! {
        #[test]
        fn whatever_a_printer_calls_itself_the_entry_can_be_read(name in ".{0,80}", story in ".{0,200}") {
            let text = draft(&Measured { name: &name, story: &story, ..NOTHING });
            let quirks = loaded(&text);
            let entry = quirks.entries().last().unwrap();
            prop_assert!(entry.story.ends_with(&story));
            if !name.trim().is_empty() {
                prop_assert_eq!(entry.name.as_deref(), Some(name.trim()));
            }
        }
    }
}
