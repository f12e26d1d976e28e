//! The same receipt without paper: for whom paper is not enough, or not there.
//!
//! Everything is made from a [`Page`], which is read from the final bytes of a copy. So what a customer gets on a
//! phone is what the printer was given, whatever the app had handed in, and nothing that the paper does not show.
//!
//! | made by | what it is |
//! |---|---|
//! | [`text`] | plain text, aligned as on paper |
//! | [`html`] | one file for a browser, without script and without anything from outside |
//! | [`paint`] | the paper to the dot, for PNG |
//! | [`link`] | a short signed name of a receipt, for a QR code |
//!
//! Everything is pure: no I/O, no clock, no randomness. Left to others: who may see a receipt, where it is sent,
//! and fonts, which are too large for the daemon: painting asks for glyphs ([`paint::Glyphs`]).

mod bitmap;
mod cells;
mod codes;
pub mod html;
pub mod limits;
pub mod link;
pub mod page;
pub mod paint;
mod seen;
pub mod text;

pub use bitmap::Bitmap;
pub use codes::{Bars, Matrix};
pub use page::Page;

/// What is said around a receipt, beside what stands on it. Card numbers are masked by whoever knows these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Facts<'a> {
    /// What the receipt is called. Empty: its first line.
    pub title: &'a str,
    /// The number of the job.
    pub job: Option<&'a str>,
    /// When it was accepted, as it shall be shown.
    pub time: Option<&'a str>,
}
