#![doc = include_str!("contract.md")]
#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod admit;
pub mod condition;
pub mod config;
mod engine;
pub mod evidence;
pub mod faults;
pub mod ids;
pub mod job;
pub mod limits;
pub mod link;
pub mod plan;
mod printer;
mod printing;
pub mod record;
pub mod recovery;
pub mod request;
pub mod retention;
mod session;
mod start;
pub mod story;
pub mod survey;
pub mod time;

pub use engine::{Class, Core, Input, Output, StoreFault};
pub use printer::PrinterView;
pub use start::Spooled;
