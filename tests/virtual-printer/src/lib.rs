//! A faithful ESC/POS receipt printer in software.
//!
//! It listens on TCP as a printer on port 9100 does, or is a USB device by the kernel's printer gadget or by FunctionFS, takes ESC/POS apart byte by byte, prints in simulated
//! real time onto paper that can be looked at (PNG, text) and read (event log), and answers status requests as
//! the chosen model would: also wrongly, late or never. Paper ends, covers open, cutters jam and the power
//! goes, by command or by a deterministic script.
//!
//! ```no_run
//! use std::{io::Write, net::TcpStream, time::Duration};
//! use virtual_printer::{Config, VirtualPrinter};
//!
//! let printer = VirtualPrinter::start(Config::new("epson-tm-t88vi")?)?;
//! TcpStream::connect(printer.addr())?.write_all(b"Hello\n\x1dV\x42\0")?;
//! printer.wait_for(|s| s.cuts == 1, Duration::from_secs(5))?;
//! assert_eq!(printer.paper_text(), "Hello\n--- cut ---\n");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | module | does |
//! |---|---|
//! | [`command`], [`parser`], `decode`, [`realtime`] | bytes to commands; real-time commands on reception |
//! | `interpreter`, `graphics`, `modes`, `line`, `page` | commands to strips of paper and requests |
//! | `bitmap`, `glyphs`, `text`, `symbols` | dots of characters and codes |
//! | `buffer`, `live`, `io`, `stream`, `gadget`, `function_fs`, `endpoints`, `class`, `timer`, `state`, `reception`, `printed`, `replies`, `strike`, `status`, `counters` | the machine in time |
//! | `paper`, `log`, `record` | what is left of it |
//! | [`faults`], `control`, `printer`, `config`, `model`, `render` | how it is used |

pub mod bitmap;
mod buffer;
mod class;
pub mod command;
mod config;
mod control;
mod counters;
mod decode;
mod endpoints;
mod error;
pub mod faults;
mod function_fs;
mod gadget;
pub mod glyphs;
mod graphics;
mod interpreter;
mod io;
mod line;
mod live;
mod log;
mod machine;
mod model;
mod modes;
mod page;
mod paper;
pub mod parser;
mod printed;
mod printer;
pub mod realtime;
mod reception;
mod record;
mod render;
mod replies;
mod snapshot;
mod state;
mod status;
mod stream;
mod strike;
mod symbols;
mod text;
mod timer;

pub use class::{IdLength, PortAnswer, UsbClass};
pub use config::{Config, Speed};
pub use error::Error;
pub use faults::{Fault, Halt, Trigger, When};
pub use gadget::UsbConfig;
pub use line::Look;
pub use log::{Event, What};
pub use model::{Answer, Head, Model, Second};
pub use printer::{Handle, Timeout, VirtualPrinter};
pub use record::{Printed, Run};
pub use render::{Rendered, render};
pub use snapshot::Snapshot;
