//! QR codes that were printed as pictures, seen for what they are.
//!
//! Half of the printers draw no QR codes, and get them as raster. On a screen such a code should still be a link that
//! can be tapped. Only a picture that is nothing but a code is taken for one, exact to the dot: so what is painted from it
//! is the same picture.

use receiptd_document::CardRule;

use crate::bitmap::Bitmap;
use crate::codes::Matrix;

/// A code that was seen in a picture.
pub(crate) struct Seen {
    pub(crate) matrix: Matrix,
    pub(crate) data: String,
    /// Dots per module.
    pub(crate) module: u32,
    /// Where it stands in the picture, in dots.
    pub(crate) left: u32,
    pub(crate) top: u32,
}

/// The grid of a picture that may be a code: what is black is a square of modules. Cheap: no data are read.
pub(crate) fn grid(picture: &Bitmap) -> Option<(Matrix, u32, u32, u32)> {
    let (left, right) = picture.ink()?;
    let rows: Vec<u32> =
        (0..picture.height()).filter(|y| (left..right).any(|x| picture.get(x, *y))).collect();
    let (top, bottom) = (*rows.first()?, rows.last()? + 1);
    let width = right - left;
    // The upper left finder begins with seven dark modules.
    let first = (left..right).take_while(|x| picture.get(*x, top)).count() as u32;
    let module = first / 7;
    if module == 0 || !first.is_multiple_of(7) || width != bottom - top || !width.is_multiple_of(module) {
        return None;
    }
    let side = width / module;
    // Versions 1 to 40 (ISO/IEC 18004).
    if !(21..=177).contains(&side) || !(side - 17).is_multiple_of(4) {
        return None;
    }
    let at = |x: u32, y: u32| picture.get(left + x, top + y);
    let matrix = Matrix::of_modules(side, |x, y| at(x * module, y * module));
    let even = (0..width).all(|y| (0..width).all(|x| at(x, y) == matrix.get(x / module, y / module)));
    let finders = [(0, 0), (side - 7, 0), (0, side - 7)].into_iter().all(|(x, y)| is_finder(&matrix, x, y));
    (even && finders).then_some((matrix, module, left, top))
}

/// Reads the code in a picture. None if it is none, or what it says is not for a text: a card number that was hidden
/// among dots must not become one that can be read.
pub(crate) fn see(picture: &Bitmap) -> Option<Seen> {
    let (matrix, module, left, top) = grid(picture)?;
    let simple = rqrr::SimpleGrid::from_func(matrix.side() as usize, |x, y| matrix.get(x as u32, y as u32));
    let (_, data) = rqrr::Grid::new(simple).decode().ok()?;
    let plain = !data.is_empty() && !data.chars().any(char::is_control);
    (plain && CardRule::MASK.mask(&data) == data).then_some(Seen { matrix, data, module, left, top })
}

/// Seven by seven modules: a dark frame, a light one, a dark square.
fn is_finder(matrix: &Matrix, left: u32, top: u32) -> bool {
    (0..7_u32).all(|y| {
        (0..7_u32).all(|x| {
            let ring = x.min(6 - x).min(y.min(6 - y));
            matrix.get(left + x, top + y) == (ring != 1)
        })
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn drawn(data: &[u8], module: u32, left: u32) -> Bitmap {
        let matrix = Matrix::of(data, 49).unwrap();
        let side = matrix.side() * module;
        let mut picture = Bitmap::new(left + side + 3, side + 5);
        for (x, y) in (0..side).flat_map(|y| (0..side).map(move |x| (x, y))) {
            if matrix.get(x / module, y / module) {
                picture.set(left + x, y + 2);
            }
        }
        picture
    }

    #[test]
    fn a_code_is_seen_in_its_picture() {
        for (data, module, left) in
            [("https://example.com/r/1", 5, 56), ("A", 1, 0), ("支付宝 1284.50", 3, 8)]
        {
            let seen = see(&drawn(data.as_bytes(), module, left)).unwrap();
            assert_eq!((seen.data.as_str(), seen.module, seen.left, seen.top), (data, module, left, 2));
            assert_eq!(seen.matrix, Matrix::of(data.as_bytes(), 49).unwrap());
        }
    }

    #[test]
    fn a_picture_that_is_not_exactly_a_code_stays_one() {
        let code = drawn(b"https://example.com/r/1", 5, 8);
        for (x, y) in [(8 + 60, 2 + 63), (0, 0), (8 + 124, 2)] {
            let mut changed = code.clone();
            changed.flip(x, y);
            assert!(see(&changed).is_none(), "{x} {y}");
        }
        assert!(see(&Bitmap::new(100, 100)).is_none());
    }

    #[test]
    fn a_card_number_in_a_picture_does_not_become_text() {
        assert!(grid(&drawn(b"4111111111111111", 4, 0)).is_some());
        assert!(see(&drawn(b"4111111111111111", 4, 0)).is_none());
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// Whatever is in the modules: a code or none.
        #[test]
        fn any_modules_do_no_harm(version in 1..=40_u32, bits in proptest::collection::vec(any::<u64>(), 500)) {
            let side = 17 + 4 * version;
            let mut picture = Bitmap::new(side, side);
            for (x, y) in (0..side).flat_map(|y| (0..side).map(move |x| (x, y))) {
                let corner = |far: bool, at: u32| if far { at.checked_sub(side - 7) } else { Some(at) };
                let finder = [(false, false), (true, false), (false, true)].into_iter().find_map(|(fx, fy)| {
                    let (x, y) = (corner(fx, x)?, corner(fy, y)?);
                    (x < 7 && y < 7).then(|| x.min(6 - x).min(y.min(6 - y)) != 1)
                });
                let index = (y * side + x) as usize;
                if finder.unwrap_or(bits[index / 64 % bits.len()] >> (index % 64) & 1 == 1) {
                    picture.set(x, y);
                }
            }
            // Where the ring around the finder is dark the first run is too long.
            prop_assert!(grid(&picture).is_some() || picture.get(7, 0));
            let _ = see(&picture);
        }
    }
}
