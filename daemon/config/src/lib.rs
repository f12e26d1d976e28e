//! The configuration: a file, drop-ins, and what they mean together.
//!
//! Three steps, three types. A fragment is one file as it was written, unknown keys refused with
//! their line. `merged` lays the fragments over each other. [`Settings`] is what the daemon runs with:
//! complete and checked; `models` knows the printer models that it names. Nothing is opened or created here.

mod fragment;
mod load;
mod merged;
mod models;
mod settings;

pub use load::{ConfigError, DEFAULT_FILE, hosted, load};
pub use settings::{ApiSettings, Bus, Endpoint, PrinterSettings, Retention, Settings};
