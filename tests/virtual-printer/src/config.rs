//! How a virtual printer is to be set up.

use crate::error::Error;
use crate::faults::Trigger;
use crate::gadget::UsbConfig;
use crate::model::Model;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;

/// How fast the head is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Speed {
    /// As the model says.
    Model,
    /// Millimetres a second.
    MmPerSecond(f64),
    /// Everything takes no time, cuts too.
    Max,
}

impl FromStr for Speed {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text {
            "model" => Ok(Speed::Model),
            "max" | "inf" | "0" => Ok(Speed::Max),
            _ => match text.parse::<f64>() {
                Ok(v) if v > 0.0 && v.is_finite() => Ok(Speed::MmPerSecond(v)),
                _ => Err(Error::Script(format!("speed {text:?}: mm/s, max or model expected"))),
            },
        }
    }
}

/// The set-up of one printer. [`Config::new`] gives one for tests: any free port, no files, no waiting.
#[derive(Clone, Debug)]
pub struct Config {
    /// The model; change fields for a printer that does not exist.
    pub model: Model,
    /// Where to listen; port 0 = any.
    pub listen: SocketAddr,
    /// On USB instead, as this device.
    pub usb: Option<UsbConfig>,
    /// How fast it prints.
    pub speed: Speed,
    /// Length of the first roll, mm; `None` = the model's, infinite = endless.
    pub roll_mm: Option<f64>,
    /// Where `log.jsonl`, `paper.txt` and `paper.png` go; `None` = memory only.
    pub out: Option<PathBuf>,
    /// Go on with the log and paper in `out`.
    pub append: bool,
    /// Draw and keep the paper.
    pub keep_paper: bool,
    /// Canvas kept in memory, mm; older paper goes to numbered PNGs.
    pub canvas_mm: f64,
    /// Keep the log.
    pub keep_log: bool,
    /// Events kept in memory.
    pub log_limit: usize,
    /// A word starting with this names the job on the paper.
    pub job_marker: Option<String>,
    /// Scripted faults.
    pub script: Vec<Trigger>,
    /// Font file; `None` = the first known one that is installed.
    pub font: Option<PathBuf>,
    /// Control socket.
    pub control: Option<PathBuf>,
    /// Kernel receive buffer of a connection, bytes: small, so that the model's buffer is what counts.
    pub socket_buffer: usize,
}

impl Config {
    /// The embedded model `name` at infinite speed on a free port of the loopback interface.
    pub fn new(name: &str) -> Result<Config, Error> {
        Ok(Self::for_model(Model::named(name)?))
    }

    /// The same for a model of one's own.
    pub fn for_model(model: Model) -> Config {
        Config {
            model,
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            usb: None,
            speed: Speed::Max,
            roll_mm: None,
            out: None,
            append: false,
            keep_paper: true,
            canvas_mm: 10_000.0,
            keep_log: true,
            log_limit: 200_000,
            job_marker: None,
            script: Vec::new(),
            font: None,
            control: None,
            socket_buffer: 16_384,
        }
    }

    /// With another speed.
    #[must_use]
    pub fn speed(mut self, speed: Speed) -> Self {
        self.speed = speed;
        self
    }

    /// With a roll of this length in mm.
    #[must_use]
    pub fn roll(mut self, mm: f64) -> Self {
        self.roll_mm = Some(mm);
        self
    }

    /// With a scripted fault.
    #[must_use]
    pub fn when(mut self, trigger: Trigger) -> Self {
        self.script.push(trigger);
        self
    }

    /// Dot rows a second; `None` = infinitely many.
    pub(crate) fn rows_per_second(&self) -> Option<f64> {
        let mm = match self.speed {
            Speed::Model => self.model.speed_mm_s,
            Speed::MmPerSecond(v) => v,
            Speed::Max => return None,
        };
        Some(mm * self.model.dots_per_mm())
    }
}
