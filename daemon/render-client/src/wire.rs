//! Frames between the daemon and the program that draws: four bytes of length (big endian), then a request or an answer
//! as postcard. One request, one answer, in turn.
//!
//! The first byte of a frame is the version of this format. Both programs come from one package; the version is for the
//! moment in which one of them is already the new one.

use std::io::{self, Read, Write};

use receiptd_document::limits::IMAGE_DOTS_MAX;
use receiptd_document::{DrawLine, Grey};
use serde::{Deserialize, Serialize};

/// Version of the frames. Another one is not understood.
pub const VERSION: u8 = 1;

/// Bytes of one request at most: a JPEG as large as a document, or a line of text.
pub const REQUEST_BYTES_MAX: usize = 2 << 20;

/// Bytes of one answer at most: all pixels that the pictures of a document may have, and its frame. The picture of the
/// highest line on the widest paper has 216 × 800.
pub const ANSWER_BYTES_MAX: usize = IMAGE_DOTS_MAX as usize + 64;

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Request<'a> {
    /// Draw a line of text.
    #[serde(borrow)]
    Line(DrawLine<'a>),
    /// Unpack a JPEG.
    Jpeg {
        /// All of it.
        bytes: &'a [u8],
        /// Pixels that it may have.
        pixels_max: u64,
    },
}

/// What is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    /// The rows of a picture.
    Picture(Vec<u8>),
    /// There is no font at all.
    NoFont,
    /// A picture that was unpacked.
    Grey(Grey),
    /// It has more pixels than it may: how many across, and how many rows.
    TooLarge(u32, u32),
    /// It is no picture that can be read: why.
    NoPicture(String),
    /// The request makes no sense: why.
    Refused(String),
}

/// Writes a frame.
///
/// # Errors
/// Of the stream; `InvalidInput` if it would have more than `max` bytes.
pub fn send<T: Serialize>(mut to: impl Write, message: &T, max: usize) -> io::Result<()> {
    let invalid = |what: String| io::Error::new(io::ErrorKind::InvalidInput, what);
    // Length and version first, so that one write carries all.
    let frame = vec![0, 0, 0, 0, VERSION];
    let mut frame = postcard::to_extend(message, frame).map_err(|error| invalid(error.to_string()))?;
    let length = frame.len() - 4;
    if length > max {
        return Err(invalid(format!("a frame of {length} bytes; at most {max} are allowed")));
    }
    if let Some(place) = frame.get_mut(..4) {
        place.copy_from_slice(&(length as u32).to_be_bytes());
    }
    to.write_all(&frame)?;
    to.flush()
}

/// Reads a frame, without its length and version. None at the end of the stream, if that is between two frames.
///
/// # Errors
/// Of the stream; `InvalidData` if it announces more than `max` bytes, or has another version.
pub fn receive(mut from: impl Read, max: usize) -> io::Result<Option<Vec<u8>>> {
    let invalid = |what: String| io::Error::new(io::ErrorKind::InvalidData, what);
    let mut length = [0; 4];
    let mut got = 0;
    while let Some(rest) = length.get_mut(got..)
        && !rest.is_empty()
    {
        match from.read(rest) {
            Ok(0) if got == 0 => return Ok(None),
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(count) => got += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    let length = u32::from_be_bytes(length) as usize;
    if length == 0 || length > max {
        return Err(invalid(format!("a frame of {length} bytes; 1 to {max} are allowed")));
    }
    let mut version = [0];
    from.read_exact(&mut version)?;
    if version != [VERSION] {
        return Err(invalid(format!("version {} of the frames; {VERSION} is spoken here", version[0])));
    }
    let mut frame = vec![0; length - 1];
    from.read_exact(&mut frame)?;
    Ok(Some(frame))
}

/// Understands a frame.
///
/// # Errors
/// `InvalidData` if it is none, or has something behind it.
pub fn understand<'a, T: Deserialize<'a>>(frame: &'a [u8]) -> io::Result<T> {
    let invalid = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_owned());
    match postcard::take_from_bytes(frame) {
        Ok((message, [])) => Ok(message),
        Ok(_) => Err(invalid("bytes behind a message")),
        Err(_) => Err(invalid("not a message")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_arrives_as_it_was_sent_and_the_end_is_between_two() {
        let mut bytes = Vec::new();
        send(&mut bytes, &Answer::NoFont, 100).unwrap();
        send(&mut bytes, &Answer::Picture(vec![1, 2, 3]), 100).unwrap();
        let mut from = &bytes[..];
        let first = receive(&mut from, 100).unwrap().unwrap();
        assert_eq!(understand::<Answer>(&first).unwrap(), Answer::NoFont);
        let second = receive(&mut from, 100).unwrap().unwrap();
        assert_eq!(understand::<Answer>(&second).unwrap(), Answer::Picture(vec![1, 2, 3]));
        assert!(receive(&mut from, 100).unwrap().is_none());
    }

    #[test]
    fn what_is_too_long_cut_off_or_of_another_version_is_an_error() {
        let mut bytes = Vec::new();
        assert!(send(&mut bytes, &Answer::Picture(vec![0; 200]), 100).is_err() && bytes.is_empty());
        send(&mut bytes, &Answer::Picture(vec![0; 200]), 300).unwrap();
        assert!(receive(&bytes[..], 100).is_err());
        assert!(receive(&bytes[..50], 300).is_err());
        assert!(receive(&bytes[..2], 300).is_err());
        bytes[4] = 2;
        assert!(receive(&bytes[..], 300).unwrap_err().to_string().contains("version 2"));
        assert!(receive(&[0xff; 40][..], 300).is_err());
        assert!(understand::<Answer>(&[1, 0]).is_err() && understand::<Answer>(&[77]).is_err());
    }
}
