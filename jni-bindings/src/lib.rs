//! receiptd for Java: the native half of `io.receiptd`.
//!
//! ```text
//!  Java: ReceiptPrinter -> NativeBridge
//!                 natives     the way in and out; one error policy
//!                    |
//!    frame, convert  |  operation         bytes of BOUNDARY.md <-> types of receiptd_api
//!                    v
//!  handles --> remote --> follow          one road per handle: connects, repeats, listens
//!                 |          |
//!              worker      upcall         one event loop, and who turns it
//!                 v
//!            receiptd_api::Client         as for receiptctl
//! ```
//! Nothing is decided here about receipts, and no class of the Java API is known but two: `NativeBridge` and
//! `ReceiptException`. Executors, futures and listeners live in Java.

mod convert;
mod follow;
mod frame;
mod handles;
mod hosted;
mod limits;
mod logging;
mod natives;
mod operation;
mod refusal;
mod remote;
mod upcall;
mod worker;
