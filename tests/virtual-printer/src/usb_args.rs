//! The options of a printer on USB.

use clap::{Args, ValueEnum};
use virtual_printer::{IdLength, PortAnswer, UsbClass, UsbConfig};

#[derive(Debug, Args)]
pub struct UsbArgs {
    /// Be a USB printer instead, by a function of the kernel's (--function); as root, on a machine with a USB device controller
    /// (modprobe dummy_hcd is one in software).
    #[arg(long, conflicts_with_all = ["listen", "addr_file"])]
    gadget: bool,
    /// The USB device controller; the first free one if not said.
    #[arg(long, requires = "gadget", value_name = "UDC")]
    controller: Option<String>,
    /// Vendor and product id.
    #[arg(long, requires = "gadget", value_name = "VVVV:PPPP", default_value = "0525:a4a8")]
    usb_id: String,
    /// Serial number; none if not said, as many printers have it.
    #[arg(long, requires = "gadget", value_name = "SERIAL")]
    usb_serial: Option<String>,
    /// IEEE 1284 device id; the model's if not said.
    #[arg(long, requires = "gadget", value_name = "MFG:...;MDL:...;")]
    device_id: Option<String>,
    /// How the USB device is made: by the kernel's printer gadget, or by FunctionFS, where the options below apply.
    #[arg(long, requires = "gadget", value_enum, default_value = "printer")]
    function: Function,
    /// USB class of the interface: 7 = printer, 255 = a vendor's own.
    #[arg(long, value_name = "CLASS", default_value = "7")]
    usb_class: u8,
    /// USB protocol of the interface: 1 = unidirectional, no IN endpoint; 2 = bidirectional.
    #[arg(long, value_name = "PROTOCOL", default_value = "2", value_parser = clap::value_parser!(u8).range(1..=2))]
    usb_protocol: u8,
    /// The length in front of the IEEE 1284 device id, or no answer at all.
    #[arg(long, value_enum, value_name = "LENGTH", default_value = "big")]
    device_id_length: DeviceIdLength,
    /// What GET_PORT_STATUS answers: always 18h, the state of the printer, or nothing.
    #[arg(long, value_enum, value_name = "ANSWER", default_value = "constant")]
    port_status: PortStatus,
}

/// The function of the kernel that makes the USB device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Function {
    /// usb_f_printer: class 7, protocol 2, answers everything well
    Printer,
    /// usb_f_fs, FunctionFS: as the options say
    Fs,
}

/// The length in front of a device id.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum DeviceIdLength {
    /// High byte first, itself counted: the standard
    Big,
    /// Low byte first
    Little,
    /// Itself not counted
    Short,
    /// The request is stalled
    Stall,
}

/// What the port status says.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum PortStatus {
    /// Always 18h
    Constant,
    /// As the printer is
    Live,
    /// The request is stalled
    Stall,
}

impl UsbArgs {
    /// The device, or none; what is wrong with the options otherwise.
    pub fn config(self) -> Result<Option<UsbConfig>, String> {
        let class = usb_class(&self)?;
        let ids = usb_ids(&self.usb_id)?;
        let Self { controller, usb_serial: serial, device_id, .. } = self;
        Ok(self.gadget.then_some(UsbConfig { controller, ids, serial, device_id, class }))
    }
}

/// What FunctionFS is to present; the printer gadget has no choice.
fn usb_class(args: &UsbArgs) -> Result<Option<UsbClass>, String> {
    let class = UsbClass {
        class: args.usb_class,
        protocol: args.usb_protocol,
        device_id: match args.device_id_length {
            DeviceIdLength::Big => IdLength::Big,
            DeviceIdLength::Little => IdLength::Little,
            DeviceIdLength::Short => IdLength::Short,
            DeviceIdLength::Stall => IdLength::Stall,
        },
        port_status: match args.port_status {
            PortStatus::Constant => PortAnswer::Constant,
            PortStatus::Live => PortAnswer::Live,
            PortStatus::Stall => PortAnswer::Stall,
        },
    };
    match args.function {
        Function::Fs => Ok(Some(class)),
        Function::Printer if class == UsbClass::default() => Ok(None),
        Function::Printer => Err(
            "--usb-class, --usb-protocol, --device-id-length and --port-status need --gadget --function fs"
                .into(),
        ),
    }
}

fn usb_ids(text: &str) -> Result<(u16, u16), String> {
    let hex = |t: &str| u16::from_str_radix(t, 16).ok().filter(|_| t.len() == 4);
    let ids = text.split_once(':').and_then(|(vendor, product)| Some((hex(vendor)?, hex(product)?)));
    ids.ok_or_else(|| format!("--usb-id {text:?}: expected 0525:a4a8 or its like"))
}
