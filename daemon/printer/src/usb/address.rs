//! Which of the attached printers is meant, as configured.
//!
//! `usb`: the only one. `usb:04b8:0e03`: the only one with these ids. `usb:04b8:0e03:J5KF000123`: the one with
//! that serial number, in whatever port. `usb@1-2.3`, `usb:04b8:0e03@1-2.3`: the one in that port, for printers
//! that have no serial number of their own.

use std::fmt;
use std::str::FromStr;

use super::attached::Attached;
use crate::limits::{USB_PORTS_MAX, USB_SERIAL_CHARS_MAX};

/// A printer on USB, by what is known of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UsbAddress {
    /// Vendor and product.
    pub ids: Option<(u16, u16)>,
    /// The serial number of its USB descriptor.
    pub serial: Option<String>,
    /// The port it is plugged into, as the kernel names it: bus, `-`, ports of the hubs on the way.
    pub port: Option<String>,
}

/// Why a text is no [`UsbAddress`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a printer on USB: expected usb, usb:VENDOR:PRODUCT, usb:VENDOR:PRODUCT:SERIAL or usb@PORT")]
pub struct UsbAddressError;

/// Why no single printer is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoChoice {
    /// None is attached that fits.
    None,
    /// Several are.
    Several,
}

impl UsbAddress {
    /// Whether it may mean this one.
    pub fn fits(&self, printer: &Attached) -> bool {
        self.ids.is_none_or(|ids| ids == (printer.vendor, printer.product))
            && self.serial.as_ref().is_none_or(|serial| printer.serial.as_ref() == Some(serial))
            && self.port.as_ref().is_none_or(|port| *port == printer.port)
    }

    /// The one that is meant.
    ///
    /// # Errors
    /// None or several fit.
    pub fn pick<'a>(&self, attached: &'a [Attached]) -> Result<&'a Attached, NoChoice> {
        let mut fitting = attached.iter().filter(|printer| self.fits(printer));
        match (fitting.next(), fitting.next()) {
            (Some(one), None) => Ok(one),
            (None, _) => Err(NoChoice::None),
            (Some(_), Some(_)) => Err(NoChoice::Several),
        }
    }
}

impl FromStr for UsbAddress {
    type Err = UsbAddressError;

    fn from_str(text: &str) -> Result<Self, UsbAddressError> {
        let rest = text.strip_prefix("usb").ok_or(UsbAddressError)?;
        // A serial number may contain an '@'; what follows the last one is a port only if it looks like one.
        let (rest, port) = match rest.rsplit_once('@') {
            Some((rest, port)) if is_port(port) => (rest, Some(port.to_owned())),
            _ => (rest, None),
        };
        if rest.is_empty() {
            return Ok(Self { port, ..Self::default() });
        }
        let mut fields = rest.strip_prefix(':').ok_or(UsbAddressError)?.splitn(3, ':');
        let ids = Some((hex(fields.next())?, hex(fields.next())?));
        let serial = fields.next().map(str::to_owned);
        let fits = |serial: &String| {
            (1..=USB_SERIAL_CHARS_MAX).contains(&serial.chars().count())
                && !serial.chars().any(char::is_control)
        };
        if serial.as_ref().is_some_and(|serial| !fits(serial)) {
            return Err(UsbAddressError);
        }
        Ok(Self { ids, serial, port })
    }
}

/// Four hexadecimal digits, as `lsusb` shows them.
fn hex(text: Option<&str>) -> Result<u16, UsbAddressError> {
    let text = text.filter(|t| t.len() == 4 && t.bytes().all(|b| b.is_ascii_hexdigit()));
    text.and_then(|t| u16::from_str_radix(t, 16).ok()).ok_or(UsbAddressError)
}

/// `1-2.3`: a bus, and the way through its hubs.
fn is_port(text: &str) -> bool {
    let number = |t: &str| t.parse::<u8>().is_ok_and(|n| n > 0) && !t.starts_with(['0', '+']);
    text.split_once('-').is_some_and(|(bus, ports)| {
        bus.parse::<u16>().is_ok_and(|n| n > 0 && n < 1_000)
            && !bus.starts_with(['0', '+'])
            && ports.split('.').count() <= USB_PORTS_MAX
            && ports.split('.').all(number)
    })
}

impl fmt::Display for UsbAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("usb")?;
        if let Some((vendor, product)) = self.ids {
            write!(f, ":{vendor:04x}:{product:04x}")?;
        }
        if let Some(serial) = &self.serial {
            write!(f, ":{serial}")?;
        }
        if let Some(port) = &self.port {
            write!(f, "@{port}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::attached::tests::printer;
    use super::*;

    #[test]
    fn what_people_write_is_understood_and_written_back() {
        let texts = [
            "usb",
            "usb@1-2",
            "usb@12-1.4.2",
            "usb:04b8:0e03",
            "usb:04b8:0e03@3-1",
            "usb:04b8:0e03:J5KF000123",
            "usb:04b8:0e03:A:B@C",
            "usb:04b8:0e03:J5@KF@3-1",
        ];
        for text in texts {
            assert_eq!(text.parse::<UsbAddress>().unwrap().to_string(), text);
        }
        let full: UsbAddress = "usb:04B8:0e03:J5@KF@3-1".parse().unwrap();
        assert_eq!(full.ids, Some((0x04b8, 0x0e03)));
        assert_eq!((full.serial.as_deref(), full.port.as_deref()), (Some("J5@KF"), Some("3-1")));
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let texts = [
            "",
            "usb:",
            "usb:04b8",
            "usb:4b8:e03",
            "usb:04b8:0e0g",
            "usb:+4b8:0e03",
            "usb:04b8:0e03:",
            "usb:04b8:0e03:\n",
            "usb@",
            "usb@1",
            "usb@0-1",
            "usb@1-0",
            "usb@1-+1",
            "usb@1-1.2.3.4.5.6.7.8",
            "usbx",
            "usb1",
            "USB",
        ];
        for text in texts {
            assert_eq!(text.parse::<UsbAddress>(), Err(UsbAddressError), "{text:?}");
        }
    }

    #[test]
    fn one_printer_is_meant_or_it_is_said_why_not() {
        let one = printer(0x04b8, 0x0e03, Some("A"), "1-1");
        let twin = printer(0x04b8, 0x0e03, Some("B"), "1-2");
        let mute = [printer(0x0416, 0x5011, None, "1-3"), printer(0x0416, 0x5011, None, "1-4")];
        let all = [one.clone(), twin.clone(), mute[0].clone(), mute[1].clone()];
        let pick = |text: &str, list: &[Attached]| text.parse::<UsbAddress>().unwrap().pick(list).cloned();
        assert_eq!(pick("usb", &[]), Err(NoChoice::None));
        assert_eq!(pick("usb", std::slice::from_ref(&one)), Ok(one.clone()));
        assert_eq!(pick("usb", &all), Err(NoChoice::Several));
        assert_eq!(pick("usb:04b8:0e03", &all), Err(NoChoice::Several));
        assert_eq!(pick("usb:04b8:0e03:B", &all), Ok(twin.clone()));
        assert_eq!(pick("usb:04b8:0e03:C", &all), Err(NoChoice::None));
        // Two without a serial number are told apart by their port.
        assert_eq!(pick("usb:0416:5011", &all), Err(NoChoice::Several));
        assert_eq!(pick("usb:0416:5011@1-4", &all), Ok(mute[1].clone()));
        // A serial number goes with its printer from port to port.
        let moved = Attached { port: "2-7".into(), ..twin };
        assert_eq!(pick("usb:04b8:0e03:B", &[one, moved.clone()]), Ok(moved));
    }
}
