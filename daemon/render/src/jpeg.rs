//! JPEG to grey.

use std::io::Cursor;

use receiptd_document::{Grey, TypesetError};
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

/// Unpacks a JPEG, baseline or progressive, of any colour space, of at most so many pixels.
///
/// # Errors
/// It has more, which its header says before memory is taken; or it cannot be read.
pub(crate) fn unpack(bytes: &[u8], pixels_max: u64) -> Result<Grey, TypesetError> {
    let unreadable = |detail: String| TypesetError::NoPicture { detail };
    // Strict: half a logo is none.
    let options = DecoderOptions::new_safe().set_strict_mode(true).jpeg_set_out_colorspace(ColorSpace::Luma);
    let mut decoder = JpegDecoder::new_with_options(Cursor::new(bytes), options);
    decoder.decode_headers().map_err(|error| unreadable(error.to_string()))?;
    let (width, height) =
        decoder.dimensions().ok_or_else(|| unreadable("it does not say its size".to_owned()))?;
    if width as u64 * height as u64 > pixels_max {
        return Err(TypesetError::PictureTooLarge { width: width as u32, height: height as u32 });
    }
    let pixels = decoder.decode().map_err(|error| unreadable(error.to_string()))?;
    if pixels.len() != width * height {
        return Err(unreadable("it has another size than it says".to_owned()));
    }
    Ok(Grey { width, height, pixels })
}
