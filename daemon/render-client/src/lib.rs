//! The road to `receiptd-render`, the program that draws what a printer's font lacks.
//!
//! Fonts of 20 MB and texts in all scripts of the world are parsed in a program of its own: it can be killed when it
//! hangs, it may die without harm, and its memory is given back when nobody needs it. Here is what is light: the frames on
//! the socket between the two ([`wire`]), and the [`Helper`], which starts the program when it is needed and asks it.
//!
//! What is drawn, and with which fonts, is left to that program.

mod helper;
mod program;
pub mod wire;

pub use helper::{Drawing, Helper, Limits};
pub use program::{PROGRAM, PROGRAM_VARIABLE, find};
