//! Documents that are not ESC/POS at all, told by how they begin.
//!
//! A PDF that is sent to a receipt printer as it is prints metres of rubbish. The scanner would refuse
//! most of them too, but "unknown command at offset 9" helps nobody.

use crate::DocumentError;

const RENDER: &str = "render it to text or a picture, or send a JSON receipt";
const TEXT: &str = "send it as text";
const LANGUAGE: &str = "this daemon drives ESC/POS printers only";

/// What a format begins with, its name, and what to do.
const FORMATS: [(&[u8], &str, &str); 18] = [
    (b"%PDF", "a PDF", RENDER),
    (b"%!", "PostScript", RENDER),
    (b"\x89PNG", "a PNG picture", "put it into a logo line of a JSON receipt"),
    (b"\xff\xd8\xff", "a JPEG picture", "convert it to PNG and put it into a logo line of a JSON receipt"),
    (b"GIF8", "a GIF picture", "convert it to PNG and put it into a logo line of a JSON receipt"),
    (b"PK\x03\x04", "a zip archive (or an office document)", RENDER),
    (b"\xd0\xcf\x11\xe0", "an office document", RENDER),
    (b"\x1f\x8b", "gzip", "send it uncompressed"),
    (b"<!DOCTYPE", "HTML", RENDER),
    (b"<!doctype", "HTML", RENDER),
    (b"<html", "HTML", RENDER),
    (b"<?xml", "XML", RENDER),
    (b"{\"", "JSON", "send it as a JSON receipt"),
    (b"\xef\xbb\xbf", "UTF-8 text with a byte order mark", TEXT),
    (b"\xff\xfe", "UTF-16 text", TEXT),
    (b"\x1b%-12345X", "PJL", LANGUAGE),
    (b"^XA", "ZPL", LANGUAGE),
    (b"RaS", "CUPS raster", LANGUAGE),
];

/// Refuses what begins like another format.
pub(super) fn refuse(bytes: &[u8]) -> Result<(), DocumentError> {
    // JSON and HTML may have white space in front.
    let trimmed = bytes.trim_ascii_start();
    for (magic, format, instead) in FORMATS {
        if bytes.starts_with(magic) || trimmed.starts_with(magic) {
            return Err(DocumentError::NotEscpos { format, instead });
        }
    }
    // JSON that is laid out over lines.
    if let [b'{', rest @ ..] = trimmed
        && rest.trim_ascii_start().first() == Some(&b'"')
        && trimmed.trim_ascii_end().last() == Some(&b'}')
    {
        return Err(DocumentError::NotEscpos { format: "JSON", instead: "send it as a JSON receipt" });
    }
    Ok(())
}
