//! Fonts of the system: what they cover, lines of text as placed glyphs, and their pictures in black and white.
//!
//! ```no_run
//! use receiptd_fonts::{Canvas, Fonts, Grid, Look, cells};
//!
//! let mut fonts = Fonts::default();
//! let text = "𠮷野家 مرحبا ไทย 😀";
//! let cells: Vec<u8> = cells(text).collect();
//! let line = fonts.line(text, &cells, Grid::FONT_A);
//! let mut picture = Canvas::new(576, 30);
//! fonts.draw(&line, Grid::FONT_A, Look::PLAIN, &mut picture, (0, 0));
//! ```
//!
//! - [`Fonts`] finds fonts in folders, and reads of them only what a text needs.
//! - [`Fonts::line`] makes a text a [`Line`]: its [`Run`]s have the font, the numbers of the glyphs and their places, in the
//!   order in which they are seen. That is what a PDF needs; with [`Face::read`] and [`Face::index`] a subset of the font
//!   is embedded, and [`Face::outline`] gives the curves.
//! - [`Fonts::draw`] draws a line, exact to the dot, into a [`Canvas`].
//! - [`cells()`] is how many columns of a receipt each character takes.
//!
//! What no font has is drawn as a box with the code of the character in it: nothing is lost, no `?` comes out, and no font
//! at all is no error here.
//!
//! Texts and fonts come from strangers: every size is bounded ([`limits`]), what is damaged in a font counts as not there.
//! Wrapping, styles of a receipt and what is printed natively are left to others.

mod canvas;
mod cells;
mod codes;
mod draw;
mod emoji;
mod face;
mod folders;
mod library;
pub mod limits;
mod line;

pub use canvas::{Canvas, Fill};
pub use cells::{cells, is_ignorable};
pub use draw::Look;
pub use face::Face;
pub use folders::DEFAULT_FOLDERS;
pub use harfrust::font::glyph::outline::PathSink;
pub use library::{FaceId, Fonts};
pub use line::{Glyph, Grid, Line, Run};
