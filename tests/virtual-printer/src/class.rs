//! The USB printer class as a device speaks it: descriptors, and answers to the class's three requests. Pure.
//!
//! USB Printer Class 1.1: class 07, subclass 01; protocol 01 only listens, 02 answers as well. `GET_DEVICE_ID` begins with its length,
//! high byte first, itself included; what else is offered here are the mistakes that real printers make. The layout of
//! the descriptors is FunctionFS' (`include/uapi/linux/usb/functionfs.h` of Linux).

use crate::status::Sensors;

/// Subclass of printers.
const SUBCLASS: u8 = 1;
/// Bulk OUT and bulk IN, as they are numbered in the descriptors.
const ENDPOINT_OUT: u8 = 0x01;
const ENDPOINT_IN: u8 = 0x82;
/// Bytes of the largest packet at full and at high speed: what USB 2.0 (5.8.3) wants of bulk endpoints.
pub(crate) const PACKET_FULL: u16 = 64;
pub(crate) const PACKET_HIGH: u16 = 512;

const DESCRIPTORS_MAGIC_V2: u32 = 3;
const STRINGS_MAGIC: u32 = 2;
const HAS_FULL_SPEED: u32 = 1;
const HAS_HIGH_SPEED: u32 = 2;
/// Requests to "other" as well: `SOFT_RESET` goes there in version 1.0 of the class.
const ALL_RECIPIENTS: u32 = 64;

const DEVICE_TO_HOST: u8 = 0x80;
const TYPE_AND_DIRECTION: u8 = 0xE0;
const TYPE_CLASS: u8 = 0x20;
const GET_DEVICE_ID: u8 = 0;
const GET_PORT_STATUS: u8 = 1;
const SOFT_RESET: u8 = 2;

/// Idle: selected, no error.
const PORT_IDLE: u8 = 0x18;

/// What a device presents itself as, and how it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UsbClass {
    /// Interface class: 7 is a printer's, 255 a vendor's own.
    pub class: u8,
    /// 1 has no IN endpoint, 2 has one.
    pub protocol: u8,
    /// What `GET_DEVICE_ID` answers.
    pub device_id: IdLength,
    /// What `GET_PORT_STATUS` answers.
    pub port_status: PortAnswer,
}

/// A bidirectional printer that answers by the standard, with a port status that always says the same.
impl Default for UsbClass {
    fn default() -> Self {
        Self { class: 7, protocol: 2, device_id: IdLength::Big, port_status: PortAnswer::Constant }
    }
}

/// The length in front of a device id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdLength {
    /// High byte first, its own two bytes counted: the standard.
    Big,
    /// Low byte first.
    Little,
    /// Its own two bytes are not counted.
    Short,
    /// There is no answer: the request is stalled.
    Stall,
}

/// How the port status is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PortAnswer {
    /// 18h whatever happens, as most cheap printers say.
    Constant,
    /// As the printer is.
    Live,
    /// Not: the request is stalled.
    Stall,
}

/// A request on the control pipe that is not a standard one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Setup {
    pub(crate) request_type: u8,
    pub(crate) request: u8,
    /// How many bytes the host takes or gives.
    pub(crate) length: u16,
}

/// What becomes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reaction {
    /// These bytes go to the host.
    Answer(Vec<u8>),
    /// Buffers are cleared, and it is acknowledged.
    SoftReset,
    /// It is refused.
    Stall,
}

impl Setup {
    /// From the eight bytes of the setup stage.
    pub(crate) fn from_bytes(bytes: [u8; 8]) -> Self {
        let [request_type, request, .., low, high] = bytes;
        Self { request_type, request, length: u16::from_le_bytes([low, high]) }
    }

    pub(crate) fn is_to_host(self) -> bool {
        self.request_type & DEVICE_TO_HOST != 0
    }
}

impl UsbClass {
    pub(crate) fn has_input(&self) -> bool {
        self.protocol != 1
    }

    /// What becomes of a request, of a printer with this device id that is in this state.
    pub(crate) fn react(&self, setup: Setup, device_id: &str, sensors: Sensors) -> Reaction {
        const TO_HOST: u8 = DEVICE_TO_HOST | TYPE_CLASS;
        let mut reaction = match (setup.request_type & TYPE_AND_DIRECTION, setup.request) {
            (TO_HOST, GET_DEVICE_ID) => id_answer(device_id, self.device_id),
            (TO_HOST, GET_PORT_STATUS) => match self.port_status {
                PortAnswer::Constant => Reaction::Answer(vec![PORT_IDLE]),
                PortAnswer::Live => Reaction::Answer(vec![port_status(sensors)]),
                PortAnswer::Stall => Reaction::Stall,
            },
            (TYPE_CLASS, SOFT_RESET) => Reaction::SoftReset,
            _ => Reaction::Stall,
        };
        if let Reaction::Answer(bytes) = &mut reaction {
            bytes.truncate(setup.length.into());
        }
        reaction
    }

    /// What FunctionFS wants to be written first: the interface and its endpoints at two speeds.
    pub(crate) fn descriptors(&self) -> Vec<u8> {
        let mut speeds = Vec::new();
        for packet in [PACKET_FULL, PACKET_HIGH] {
            let endpoints = if self.has_input() { 2 } else { 1 };
            speeds.extend([9, 4, 0, 0, endpoints, self.class, SUBCLASS, self.protocol, 0]);
            let addresses = [ENDPOINT_OUT, ENDPOINT_IN];
            for address in addresses.into_iter().take(endpoints.into()) {
                let [low, high] = packet.to_le_bytes();
                speeds.extend([7, 5, address, 2, low, high, 0]);
            }
        }
        // The interface and its endpoints, of each speed.
        let count = if self.has_input() { 3 } else { 2 };
        let length = 5 * 4 + u32::try_from(speeds.len()).unwrap_or(u32::MAX);
        let flags = HAS_FULL_SPEED | HAS_HIGH_SPEED | ALL_RECIPIENTS;
        let head = [DESCRIPTORS_MAGIC_V2, length, flags, count, count];
        [head.map(u32::to_le_bytes).concat(), speeds].concat()
    }

    /// What it wants next: there are none.
    pub(crate) fn strings() -> Vec<u8> {
        [STRINGS_MAGIC, 4 * 4, 0, 0].map(u32::to_le_bytes).concat()
    }
}

fn id_answer(text: &str, length: IdLength) -> Reaction {
    let whole = u16::try_from(text.len() + 2).unwrap_or(u16::MAX);
    let head = match length {
        IdLength::Big => whole.to_be_bytes(),
        IdLength::Little => whole.to_le_bytes(),
        IdLength::Short => (whole - 2).to_be_bytes(),
        IdLength::Stall => return Reaction::Stall,
    };
    Reaction::Answer([&head, text.as_bytes()].concat())
}

/// Bit 5 paper empty, bit 4 selected, bit 3 no error.
fn port_status(sensors: Sensors) -> u8 {
    let paper = if sensors.paper_end { 0x20 } else { 0 };
    let selected = if sensors.offline() { 0 } else { 0x10 };
    let well = if sensors.cutter_error || sensors.hot || sensors.cover_open { 0 } else { 0x08 };
    paper | selected | well
}

#[cfg(test)]
mod tests {
    use super::*;

    const WELL: Sensors = Sensors {
        cover_open: false,
        paper_end: false,
        near_end: false,
        cutter_error: false,
        hot: false,
        drawer_high: true,
    };
    const ID: &str = "MFG:EPSON;MDL:TM-T20;";

    fn ask(class: UsbClass, request_type: u8, request: u8, sensors: Sensors) -> Reaction {
        class.react(Setup::from_bytes([request_type, request, 0, 0, 0, 0, 0xFF, 3]), ID, sensors)
    }

    #[test]
    fn the_device_id_comes_with_each_length_that_printers_send() {
        let id = |device_id| ask(UsbClass { device_id, ..UsbClass::default() }, 0xA1, 0, WELL);
        let with = |head: [u8; 2]| Reaction::Answer([&head, ID.as_bytes()].concat());
        assert_eq!(id(IdLength::Big), with([0, 23]));
        assert_eq!(id(IdLength::Little), with([23, 0]));
        assert_eq!(id(IdLength::Short), with([0, 21]));
        assert_eq!(id(IdLength::Stall), Reaction::Stall);
        // No more than is asked for.
        let short = UsbClass::default().react(Setup::from_bytes([0xA1, 0, 0, 0, 0, 0, 2, 0]), ID, WELL);
        assert_eq!(short, Reaction::Answer(vec![0, 23]));
    }

    #[test]
    fn the_port_status_is_constant_or_alive_or_refused() {
        let port =
            |port_status, sensors| ask(UsbClass { port_status, ..UsbClass::default() }, 0xA1, 1, sensors);
        let empty = Sensors { paper_end: true, ..WELL };
        assert_eq!(port(PortAnswer::Constant, empty), Reaction::Answer(vec![0x18]));
        assert_eq!(port(PortAnswer::Live, WELL), Reaction::Answer(vec![0x18]));
        assert_eq!(port(PortAnswer::Live, empty), Reaction::Answer(vec![0x28]));
        assert_eq!(port(PortAnswer::Live, Sensors { cover_open: true, ..WELL }), Reaction::Answer(vec![0]));
        assert_eq!(port(PortAnswer::Stall, WELL), Reaction::Stall);
    }

    #[test]
    fn a_soft_reset_is_taken_by_both_versions_of_the_class_and_nothing_else_is() {
        for request_type in [0x21, 0x23] {
            assert_eq!(ask(UsbClass::default(), request_type, 2, WELL), Reaction::SoftReset);
        }
        for (request_type, request) in [(0xA1, 2), (0x21, 0), (0x40, 2), (0xA1, 7)] {
            assert_eq!(ask(UsbClass::default(), request_type, request, WELL), Reaction::Stall);
        }
    }

    #[test]
    fn a_unidirectional_printer_has_no_endpoint_to_be_read() {
        let bytes = |protocol| UsbClass { protocol, ..UsbClass::default() }.descriptors();
        let both = bytes(2);
        assert_eq!(both.len(), 20 + 2 * (9 + 7 + 7));
        assert_eq!(both[4..8], 66_u32.to_le_bytes());
        assert_eq!(both[20..29], [9, 4, 0, 0, 2, 7, 1, 2, 0]);
        assert_eq!(both[29..43], [7, 5, 0x01, 2, 64, 0, 0, 7, 5, 0x82, 2, 64, 0, 0]);
        let one = bytes(1);
        assert_eq!((one.len(), one[24], one[27]), (20 + 2 * (9 + 7), 1, 1));
    }
}
