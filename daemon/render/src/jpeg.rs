//! JPEG to grey.

use std::io::Cursor;

use receiptd_document::{Grey, TypesetError};
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

/// The longest side that a header can claim.
const SIDE_MAX: usize = 65_535;

/// Unpacks a JPEG, baseline or progressive, of any colour space, of at most so many pixels.
///
/// # Errors
/// It has more, which its header says before memory is taken; or it cannot be read.
pub(crate) fn unpack(bytes: &[u8], pixels_max: u64) -> Result<Grey, TypesetError> {
    let unreadable = |detail: String| TypesetError::NoPicture { detail };
    // Strict: half a logo is none. How large it may be is decided here, by its pixels.
    let options =
        DecoderOptions::new_safe().set_strict_mode(true).set_max_width(SIDE_MAX).set_max_height(SIDE_MAX);
    let mut decoder = JpegDecoder::new_with_options(Cursor::new(bytes), options);
    decoder.decode_headers().map_err(|error| unreadable(error.to_string()))?;
    let (width, height) =
        decoder.dimensions().ok_or_else(|| unreadable("it does not say its size".to_owned()))?;
    if width as u64 * height as u64 > pixels_max {
        return Err(TypesetError::PictureTooLarge { width: width as u32, height: height as u32 });
    }
    // Luma is half of the work, where the picture has it.
    let grey = matches!(decoder.input_colorspace(), Some(ColorSpace::Luma | ColorSpace::YCbCr));
    let space = if grey { ColorSpace::Luma } else { ColorSpace::RGB };
    decoder.set_options(options.jpeg_set_out_colorspace(space));
    let samples = decoder.decode().map_err(|error| unreadable(error.to_string()))?;
    let pixels = if grey { samples } else { samples.chunks_exact(3).map(Grey::luma).collect() };
    if pixels.len() != width * height {
        return Err(unreadable("it has another size than it says".to_owned()));
    }
    Ok(Grey { width, height, pixels })
}
