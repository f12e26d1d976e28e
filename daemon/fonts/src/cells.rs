//! Cells of characters: how many columns of a fixed grid each takes. Receipts are laid out in such columns.

use unicode_width::UnicodeWidthChar;

/// A character that joins its neighbours into one picture.
const JOINER: char = '\u{200d}';

/// Cells of each character of a text: combining marks and what joins characters none, Hanzi and emoji two, others one.
///
/// A line that begins with a combining mark has one cell for it. No tabs and line ends.
pub fn cells(text: &str) -> impl Iterator<Item = u8> + '_ {
    let mut previous = None;
    text.chars().map(move |character| {
        let before = previous.replace(character);
        if is_ignorable(character)
            || before == Some(JOINER)
            || is_skin(character) && before.is_some_and(is_emoji)
        {
            return 0;
        }
        match character.width().unwrap_or(0) {
            0 => u8::from(before.is_none()),
            1 => 1,
            _ => 2,
        }
    })
}

/// Modifiers of the colour of the skin: part of the emoji before them.
const fn is_skin(character: char) -> bool {
    matches!(character, '\u{1f3fb}'..='\u{1f3ff}')
}

/// Emoji and other pictures, roughly.
pub(crate) const fn is_emoji(character: char) -> bool {
    matches!(character, '\u{1f000}'..='\u{1faff}' | '\u{2600}'..='\u{27bf}' | '\u{2b00}'..='\u{2bff}')
}

/// Characters that are not seen, by design (`Default_Ignorable_Code_Point` of Unicode).
#[must_use]
pub const fn is_ignorable(character: char) -> bool {
    matches!(
        character,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fff8}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// Characters that leave no ink though a font has them: blanks, and the empty pattern of Braille.
pub(crate) fn is_blank(character: char) -> bool {
    character.is_whitespace() || is_ignorable(character) || character == '\u{2800}'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(text: &str) -> usize {
        cells(text).map(usize::from).sum()
    }

    #[test]
    fn letters_take_one_hanzi_and_emoji_two_marks_none() {
        assert_eq!(sum("abc"), 3);
        assert_eq!(sum("𠮷野家"), 6);
        assert_eq!(sum("😀"), 2);
        assert_eq!(sum("สวัสดี"), 4);
        assert_eq!(sum("مرحبا"), 5);
        assert_eq!(sum("e\u{301}"), 1);
        assert_eq!(sum("\u{301}"), 1);
    }

    #[test]
    fn a_family_and_a_shade_of_skin_are_one_picture() {
        assert_eq!(sum("👨\u{200d}👩\u{200d}👧"), 2);
        assert_eq!(sum("👍🏽"), 2);
        assert_eq!(sum("❤\u{fe0f}"), 1);
        assert_eq!(sum("🇨🇳"), 2);
    }
}
