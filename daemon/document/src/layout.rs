//! Breaking text into lines that fit: columns of Font A, a Hanzi taking two.
//!
//! Lines are slices of the text, nothing is copied. Words stay whole where they can, a Hanzi always does,
//! and closing punctuation does not begin a line. Indentation at the beginning of a text stays; blanks
//! at a break are dropped. What the characters are in bytes is left to [`crate::charset`].

use std::borrow::Cow;

use unicode_width::UnicodeWidthChar;

use crate::charset::{Charset, Glyph, glyph};
use crate::eight;

/// Columns between tab stops.
const TAB: usize = 8;

/// Joins the characters around it into one picture.
const JOINER: char = '\u{200d}';

/// Widths of one paper: how many columns a Hanzi takes, and which other characters are as wide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cells {
    pub(crate) hanzi: usize,
    pub(crate) charset: Charset,
}

impl Cells {
    /// Columns of a character behind another. A combining mark has none, but for one that begins a line: that one has to
    /// stand somewhere.
    pub(crate) fn of(self, previous: Option<char>, character: char) -> usize {
        match character {
            ' '..='~' | '\u{a0}' => 1,
            _ if previous == Some(JOINER) => 0,
            _ if is_hanzi(character) => self.hanzi,
            _ => self.of_other(previous, character),
        }
    }

    fn of_other(self, previous: Option<char>, character: char) -> usize {
        if is_ignorable(character)
            || is_skin(character) && previous.is_some_and(|before| before.width() == Some(2))
        {
            return 0;
        }
        match glyph(character, self.charset) {
            Ok(Glyph::Two(_)) => return self.hanzi,
            Ok(Glyph::Paged) => return 1,
            Ok(Glyph::One(_)) | Err(_) => {}
        }
        match character.width() {
            Some(0) => usize::from(previous.is_none()),
            Some(2) => self.hanzi,
            _ => 1,
        }
    }

    /// Whether a line may break before and behind a character, as it may around a Hanzi.
    fn breaks(self, character: char) -> bool {
        !character.is_ascii()
            && (is_hanzi(character)
                || matches!(glyph(character, self.charset), Ok(Glyph::Two(_)))
                || character.width() == Some(2))
    }

    /// The columns of each character of a text.
    pub(crate) fn each(self, text: &str) -> impl Iterator<Item = usize> + '_ {
        let mut previous = None;
        text.chars().map(move |character| self.of(previous.replace(character), character))
    }

    /// Columns of a text without tabs and line ends.
    pub(crate) fn columns(self, text: &str) -> usize {
        // Up to the last character of ASCII before the first that is none: it is what stands before that one.
        let ascii = eight::not_printable(text.as_bytes()).map_or(text.len(), |at| at.saturating_sub(1));
        ascii + text.get(ascii..).map_or(0, |rest| self.each(rest).sum())
    }

    /// Lines of at most `width` columns. At least one, which may be empty. A character that is wider than
    /// `width` has a line for itself; callers see to it that there is none.
    pub(crate) const fn wrap(self, text: &str, width: usize) -> Wrap<'_> {
        Wrap { rest: Some(text), width, cells: self }
    }

    /// Tabs to spaces, up to the next of the stops at every eight columns.
    pub(crate) fn expand_tabs(self, line: &str) -> Cow<'_, str> {
        if eight::first(line.as_bytes(), b'\t').is_none() {
            return Cow::Borrowed(line);
        }
        let mut expanded = String::with_capacity(line.len() + TAB);
        let mut column = 0;
        let mut previous = None;
        for character in line.chars() {
            if character == '\t' {
                let stop = (column / TAB + 1) * TAB;
                expanded.extend(std::iter::repeat_n(' ', stop - column));
                column = stop;
            } else {
                expanded.push(character);
                column += self.of(previous, character);
            }
            previous = Some(character);
        }
        Cow::Owned(expanded)
    }
}

/// Bytes for each column of a line up to which a text is measured as a whole: as many as any character has.
const MEASURED_PER_COLUMN: usize = 4;

/// See [`Cells::wrap`].
#[derive(Debug, Clone)]
pub(crate) struct Wrap<'a> {
    rest: Option<&'a str>,
    width: usize,
    cells: Cells,
}

impl<'a> Iterator for Wrap<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let text = self.rest.take()?;
        let Some((end, next)) = self.break_of(text) else { return Some(text) };
        let (line, rest) = (text.get(..end)?, text.get(next..)?);
        // Blanks at the very end make no line of their own.
        self.rest = (!rest.is_empty()).then_some(rest);
        Some(line)
    }
}

impl Wrap<'_> {
    /// Where the first line ends and where the next begins, in bytes. None if all of it fits.
    fn break_of(&self, text: &str) -> Option<(usize, usize)> {
        // Most texts are short: no character has more columns than bytes when a Hanzi has up to three.
        if text.len() <= self.width && self.cells.hanzi <= 2 {
            return None;
        }
        // Not of a long one: what is left of it would be measured for each of its lines.
        if text.len() <= MEASURED_PER_COLUMN * self.width && self.cells.columns(text) <= self.width {
            return None;
        }
        let mut column = 0;
        let mut best = None;
        let mut previous = None;
        // End of the words so far, without the blanks behind them.
        let mut words = 0;
        for (at, character) in text.char_indices() {
            if let Some(previous) = previous
                && words > 0
                && character != ' '
                && self.may_break(previous, character)
            {
                best = Some((words, at));
            }
            column += self.cells.of(previous, character);
            if column > self.width {
                if character == ' ' {
                    let next =
                        text.get(at..).map_or(at, |rest| text.len() - rest.trim_start_matches(' ').len());
                    return Some((words, next));
                }
                // One character at least, or there would be no end.
                let hard = if at == 0 { character.len_utf8() } else { at };
                return Some(best.unwrap_or((hard, hard)));
            }
            if character != ' ' {
                words = at + character.len_utf8();
            }
            previous = Some(character);
        }
        None
    }

    /// Whether a line may end between two characters, of which the second is no blank.
    fn may_break(&self, previous: char, next: char) -> bool {
        const NOT_FIRST: &str = "，。、；：？！）》〉」』】〕”’…—·％℃";
        const NOT_LAST: &str = "（《〈「『【〔“‘￥¥$(";
        if previous == ' ' {
            return true;
        }
        if !self.cells.breaks(previous) && !self.cells.breaks(next) {
            return false;
        }
        self.cells.of(Some(previous), next) > 0
            && !NOT_FIRST.contains(next)
            && !matches!(next, ',' | '.' | ';' | ':' | '?' | '!' | ')' | '%')
            && !NOT_LAST.contains(previous)
    }
}

/// Hanzi, kana, and fullwidth forms: as wide as a Hanzi whoever draws them. Not all that are, only those that are so
/// common that they need no further look.
const fn is_hanzi(character: char) -> bool {
    matches!(character, '\u{3000}'..='\u{3029}' | '\u{3041}'..='\u{3096}' | '\u{30a0}'..='\u{9fff}' | '\u{ff01}'..='\u{ff5e}')
}

/// Modifiers of the colour of the skin, a part of the emoji before them.
const fn is_skin(character: char) -> bool {
    matches!(character, '\u{1f3fb}'..='\u{1f3ff}')
}

/// Characters that are not seen and take no room, of those to which others give a width.
const fn is_ignorable(character: char) -> bool {
    matches!(character, '\u{ad}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CodePages, KanjiMode};

    const CELLS: Cells =
        Cells { hanzi: 2, charset: Charset { kanji: KanjiMode::Gb18030, pages: CodePages::NONE } };

    fn wrap(text: &str, width: usize) -> Vec<&str> {
        CELLS.wrap(text, width).collect()
    }

    proptest::proptest! {
        #[test]
        fn columns_are_the_sum_of_the_characters(text in "[a ~\u{4e2d}\u{301}\u{200d}\u{1f44d}\u{1f3fd}]{0,20}") {
            proptest::prop_assert_eq!(CELLS.columns(&text), CELLS.each(&text).sum::<usize>());
        }
    }

    #[test]
    fn short_texts_are_one_line() {
        assert_eq!(wrap("", 8), [""]);
        assert_eq!(wrap("abcdefgh", 8), ["abcdefgh"]);
        assert_eq!(wrap("中文测试", 8), ["中文测试"]);
    }

    /// By the square of its length, this would take hours.
    #[test]
    fn a_line_of_a_megabyte_is_wrapped_as_it_is_read() {
        for character in ["x", "é", "中"] {
            let text = character.repeat((1 << 20) / character.len());
            let lines = CELLS.wrap(&text, 2).count();
            assert!(lines >= (1 << 20) / 6, "{lines} lines of {character}");
        }
    }

    #[test]
    fn words_stay_whole_where_they_can() {
        assert_eq!(wrap("one two three", 8), ["one two", "three"]);
        assert_eq!(wrap("one two   three", 7), ["one two", "three"]);
        assert_eq!(wrap("abcdefghij", 4), ["abcd", "efgh", "ij"]);
        assert_eq!(wrap("  indented text", 10), ["  indented", "text"]);
        assert_eq!(wrap("abc     ", 4), ["abc"]);
    }

    #[test]
    fn hanzi_break_anywhere_but_not_apart() {
        assert_eq!(wrap("中文测试", 5), ["中文", "测试"]);
        assert_eq!(wrap("abc中文", 4), ["abc", "中文"]);
        assert_eq!(wrap("金额128.00元", 8), ["金额", "128.00元"]);
    }

    #[test]
    fn closing_punctuation_does_not_begin_a_line() {
        assert_eq!(wrap("谢谢惠顾。", 8), ["谢谢惠", "顾。"]);
        assert_eq!(wrap("（谢谢）再见", 6), ["（谢", "谢）再", "见"]);
        // Only punctuation: it has to go somewhere.
        assert_eq!(wrap("。。。。", 4), ["。。", "。。"]);
    }

    #[test]
    fn tabs_go_to_the_stops() {
        assert_eq!(CELLS.expand_tabs("a\tb\t\tc"), "a       b               c");
        assert_eq!(CELLS.expand_tabs("中\tb"), "中      b");
        assert_eq!(CELLS.expand_tabs("abc"), "abc");
    }
}
