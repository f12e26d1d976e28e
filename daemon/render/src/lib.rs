//! Draws lines of text for receiptd, with the fonts of the system, and unpacks JPEG.
//!
//! The program around it (`receiptd-render`) reads requests from its standard input and writes answers to its standard
//! output, in the frames of [`receiptd_render_client::wire`]. It trusts neither the texts nor the fonts.

mod jpeg;
mod painter;

pub use painter::Painter;
