//! A seeded simulator around receiptd's core: one number is one life of a terminal, exactly repeatable.
//!
//! Clock, disk, printers, cables, apps and everybody's mishaps are simulated; the core is the real one. After
//! every step the promises of the design are checked against what truly happened: what lies on the disk, and
//! what came off the head.
//!
//! | module | is |
//! |---|---|
//! | [`rng`], [`clock`] | chance and time |
//! | [`scenario`] | what kind of life a seed is |
//! | [`disk`] | the spool, and what a crash leaves of it |
//! | [`printer`] | printers, their paper, and the cables to them |
//! | [`clients`], [`receipt`] | apps, and what they want printed |
//! | [`mishaps`] | what goes wrong |
//! | `daemon`, `counter` | the shell around the core; the shop's counter |
//! | [`world`], `settle` | one life, and its end |
//! | [`check`] | the promises |
//! | [`coverage`], [`trace`] | what happened |
//! | [`run`] | many lives |

pub mod check;
pub mod clients;
pub mod clock;
mod counter;
pub mod coverage;
mod daemon;
pub mod disk;
pub mod mishaps;
pub mod printer;
pub mod receipt;
pub mod rng;
pub mod run;
pub mod scenario;
mod settle;
pub mod trace;
pub mod world;
