//! Rules and hardware database for udev, made from the quirks.
//!
//! The rules give each printer of class 07/01, and each device that the database names, to the daemon's group, a
//! stable name under `/dev/receipt/`, and tell systemd to start the daemon. Nothing is run from udev.

use std::fmt::Write as _;

use super::quirks::Quirks;

/// The group that the daemon runs as.
pub const GROUP: &str = "receiptd";

/// `70-receiptd.hwdb`: which devices are receipt printers, by their ids.
pub fn hwdb(quirks: &Quirks) -> String {
    let mut text = String::from(
        "# Made from daemon/printer/quirks.toml by: receiptd --print-hwdb\n\
         # A test keeps the two equal. Local additions: /etc/udev/hwdb.d.\n",
    );
    for entry in quirks.entries() {
        let which = match entry.product {
            Some(product) => format!("v{:04X}p{product:04X}*", entry.vendor),
            None => format!("v{:04X}p*", entry.vendor),
        };
        let quirk = quirks.of(entry.vendor, entry.product.unwrap_or_default());
        let _ = write!(text, "\n# {}\n", entry.source.replace('\n', " "));
        let _ = writeln!(text, "usb:{which}");
        if quirk.vendor_class {
            let _ = writeln!(text, " ID_RECEIPT_PRINTER=1");
        }
        if quirk.ignore {
            let _ = writeln!(text, " ID_RECEIPT_PRINTER=0");
        }
        if let Some(name) = &entry.name {
            let _ = writeln!(text, " ID_RECEIPT_PRINTER_NAME={}", name.replace('\n', " "));
        } else if !quirk.vendor_class && !quirk.ignore {
            let _ = writeln!(text, " ID_RECEIPT_PRINTER_KNOWN=1");
        }
    }
    text
}

/// `70-receiptd.rules`.
pub fn rules() -> String {
    format!(
        r#"# Made by: receiptd --print-udev-rules
# A test keeps this file and the program equal. Local changes: a file of a higher number in /etc/udev/rules.d.

ACTION=="remove", GOTO="receiptd_end"
SUBSYSTEM!="usb", GOTO="receiptd_end"
ENV{{DEVTYPE}}!="usb_device", GOTO="receiptd_end"

# The hardware database was asked by 50-udev-default.rules: vendor-class printers are marked 1, look-alikes 0.
# All others are printers if they say so: class 07, subclass 01, any protocol.
ENV{{ID_RECEIPT_PRINTER}}=="", ENV{{ID_USB_INTERFACES}}=="*:0701??:*", ENV{{ID_RECEIPT_PRINTER}}="1"
ENV{{ID_RECEIPT_PRINTER}}!="1", GOTO="receiptd_end"

# The daemon's, and nobody else's: whoever can write to the printer can print a receipt.
GROUP="{GROUP}", MODE="0660"

# A name that stays: by serial number where there is one, and by port always.
ENV{{ID_SERIAL_SHORT}}!="", SYMLINK+="receipt/by-id/$env{{ID_VENDOR_ID}}:$env{{ID_MODEL_ID}}:$env{{ID_SERIAL_SHORT}}"
SYMLINK+="receipt/by-port/$kernel"

# A terminal without its printer need not run the daemon; with it, it does.
TAG+="systemd", ENV{{SYSTEMD_WANTS}}+="receiptd.service"

LABEL="receiptd_end"
"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `UPDATE_GOLDEN=1` writes them anew.
    #[test]
    fn the_committed_files_are_what_is_made() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../udev/");
        let quirks = Quirks::built_in().unwrap();
        for (file, text) in [("70-receiptd.rules", rules()), ("70-receiptd.hwdb", hwdb(&quirks))] {
            let path = format!("{folder}{file}");
            if std::env::var_os("UPDATE_GOLDEN").is_some() {
                std::fs::write(&path, &text).unwrap();
            }
            let committed = std::fs::read_to_string(&path).unwrap_or_default();
            assert!(committed == text, "{path} is not what is made; write it anew with UPDATE_GOLDEN=1");
        }
    }

    #[test]
    fn every_entry_is_in_the_database_and_has_a_property() {
        let quirks = Quirks::built_in().unwrap();
        let text = hwdb(&quirks);
        let records: Vec<&str> = text.split("\n\n").skip(1).collect();
        assert_eq!(records.len(), quirks.entries().len());
        for (record, entry) in records.iter().zip(quirks.entries()) {
            assert!(record.contains(&format!("usb:v{:04X}p", entry.vendor)), "{record}");
            assert!(record.lines().any(|line| line.starts_with(" ID_RECEIPT_PRINTER")), "{record}");
        }
        assert!(text.contains("usb:v04B8p0202*\n ID_RECEIPT_PRINTER=1\n"));
    }
}
