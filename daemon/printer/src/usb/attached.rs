//! A printer that is plugged in, and which of its interfaces is the printer's.
//!
//! The printer class is 07, subclass 01; protocol 02 is bidirectional, 01 only listens, 03 is IEEE 1284.4,
//! which no receipt printer is known to need (USB Printer Class 1.1, 4.4). Vendor class FF counts only where
//! a quirk says so: it may be anything.

use std::fmt;

use super::quirks::Quirk;

/// Printer class.
pub const CLASS_PRINTER: u8 = 0x07;
/// Vendor-specific class.
pub const CLASS_VENDOR: u8 = 0xFF;
const SUBCLASS_PRINTER: u8 = 0x01;
const PROTOCOL_UNIDIRECTIONAL: u8 = 0x01;
const PROTOCOL_BIDIRECTIONAL: u8 = 0x02;

/// One plugging-in: the same printer plugged in again is another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DeviceKey(pub u64);

/// A printer that is plugged in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attached {
    /// Which plugging-in.
    pub key: DeviceKey,
    /// Vendor id. Often that of the USB chip, not of the printer's maker.
    pub vendor: u16,
    /// Product id.
    pub product: u16,
    /// The serial number of the USB descriptor. Many printers have none, or all the same one.
    pub serial: Option<String>,
    /// Where it is plugged in, as the kernel names it: `1-2.3`.
    pub port: String,
    /// What it calls itself in its USB descriptors, for people.
    pub name: String,
    /// The part of it that prints.
    pub function: Function,
}

/// The interface that prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Function {
    /// Its number.
    pub interface: u8,
    /// The setting of it that is used.
    pub alternate: u8,
    /// Whether there are others.
    pub has_others: bool,
    /// Class, subclass, protocol.
    pub class: [u8; 3],
    /// Bulk OUT: what is printed.
    pub output: u8,
    /// Bulk IN: what the printer says, if it can.
    pub input: Option<Input>,
}

/// A bulk IN endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Input {
    /// Its address.
    pub endpoint: u8,
    /// Bytes of its largest packet; a read must have room for a whole number of them.
    pub packet_bytes: usize,
}

/// One setting of one interface, as the configuration descriptor lists it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Setting {
    /// Interface number.
    pub interface: u8,
    /// Alternate setting.
    pub alternate: u8,
    /// Class, subclass, protocol.
    pub class: [u8; 3],
    /// The first bulk OUT endpoint.
    pub output: Option<u8>,
    /// The first bulk IN endpoint.
    pub input: Option<Input>,
}

/// The setting that prints, if any does: bidirectional before unidirectional before vendor class.
pub fn choose(settings: &[Setting], quirk: &Quirk) -> Option<Function> {
    let rank = |setting: &Setting| match setting.class {
        [CLASS_PRINTER, SUBCLASS_PRINTER, PROTOCOL_BIDIRECTIONAL] => Some(0),
        [CLASS_PRINTER, SUBCLASS_PRINTER, PROTOCOL_UNIDIRECTIONAL] => Some(1),
        [CLASS_VENDOR, _, _] if quirk.vendor_class => Some(2),
        _ => None,
    };
    let usable = settings.iter().filter_map(|s| Some((rank(s)?, s, s.output?)));
    let (_, setting, output) = usable.min_by_key(|(rank, s, _)| (*rank, s.interface, s.alternate))?;
    let same = settings.iter().filter(|s| s.interface == setting.interface).count();
    Some(Function {
        interface: setting.interface,
        alternate: setting.alternate,
        has_others: same > 1,
        class: setting.class,
        output,
        // Whatever a unidirectional interface has there is not the printer's voice.
        input: setting.input.filter(|_| quirk.read && setting.class[2] != PROTOCOL_UNIDIRECTIONAL),
    })
}

/// For people: what is known of it, and how it is told from its like.
impl fmt::Display for Attached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "usb:{:04x}:{:04x}", self.vendor, self.product)?;
        if let Some(serial) = &self.serial {
            write!(f, ":{serial}")?;
        }
        write!(f, "@{}", self.port)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A bidirectional printer.
    pub(crate) fn printer(vendor: u16, product: u16, serial: Option<&str>, port: &str) -> Attached {
        let input = Some(Input { endpoint: 0x81, packet_bytes: 64 });
        let class = [CLASS_PRINTER, SUBCLASS_PRINTER, PROTOCOL_BIDIRECTIONAL];
        let function = Function { interface: 0, alternate: 0, has_others: false, class, output: 1, input };
        Attached {
            key: DeviceKey(0),
            vendor,
            product,
            serial: serial.map(str::to_owned),
            port: port.to_owned(),
            name: String::new(),
            function,
        }
    }

    fn setting(interface: u8, alternate: u8, class: [u8; 3]) -> Setting {
        let input = Some(Input { endpoint: 0x82, packet_bytes: 64 });
        Setting { interface, alternate, class, output: Some(0x01), input }
    }

    #[test]
    fn the_bidirectional_setting_is_preferred_wherever_it_stands() {
        let settings = [
            setting(0, 0, [3, 1, 1]),
            setting(1, 0, [7, 1, 1]),
            setting(1, 1, [7, 1, 3]),
            setting(1, 2, [7, 1, 2]),
        ];
        let chosen = choose(&settings, &Quirk::default()).unwrap();
        assert_eq!((chosen.interface, chosen.alternate, chosen.has_others), (1, 2, true));
        assert_eq!(chosen.input.map(|i| i.endpoint), Some(0x82));
    }

    #[test]
    fn a_unidirectional_printer_is_taken_and_not_read() {
        let chosen = choose(&[setting(0, 0, [7, 1, 1])], &Quirk::default()).unwrap();
        assert_eq!((chosen.input, chosen.has_others), (None, false));
        let mute = Quirk { read: false, ..Quirk::default() };
        assert_eq!(choose(&[setting(0, 0, [7, 1, 2])], &mute).unwrap().input, None);
    }

    #[test]
    fn what_prints_not_is_left_alone() {
        for class in [[7, 1, 3], [7, 2, 2], [3, 1, 1], [0xFF, 0, 0]] {
            assert_eq!(choose(&[setting(0, 0, class)], &Quirk::default()), None);
        }
        let deaf = Setting { output: None, ..setting(0, 0, [7, 1, 2]) };
        assert_eq!(choose(&[deaf], &Quirk::default()), None);
        let known = Quirk { vendor_class: true, ..Quirk::default() };
        assert!(choose(&[setting(0, 0, [0xFF, 0, 0])], &known).is_some_and(|f| f.input.is_some()));
    }
}
