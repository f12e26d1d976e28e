//! A field that is known to be a card number: masked as a rule says, whatever its digits are.
//!
//! Nothing has to be found here, so no range and no check digit is asked for.

use super::{CardAction, CardFound, CardRule, Shown};

/// Digits of a card number, of which some may be masked already (ISO/IEC 7812; old cards had 8).
const DIGITS: std::ops::RangeInclusive<usize> = 8..=19;

/// A card number, masked.
pub(crate) struct MaskedNumber {
    /// As it may be shown.
    pub(crate) shown: Shown,
    /// It was handed in whole.
    pub(crate) was_whole: bool,
    /// The rule refuses it.
    pub(crate) refused: Option<CardFound>,
}

/// Masks a card number. Blanks and hyphens are left out. `None` if it is none.
pub(crate) fn mask_number(text: &str, rule: CardRule) -> Option<MaskedNumber> {
    let mut places = Vec::with_capacity(*DIGITS.end());
    for character in text.trim().chars() {
        match character {
            '0'..='9' | '*' => places.push(character),
            // Fullwidth digits of a Chinese input method.
            '０'..='９' => places.push(char::from_u32(u32::from(character) - 0xfee0)?),
            'x' | 'X' | '•' | '＊' => places.push('*'),
            ' ' | '-' | '\u{a0}' => {}
            _ => return None,
        }
        if places.len() > *DIGITS.end() {
            return None;
        }
    }
    if !DIGITS.contains(&places.len()) {
        return None;
    }
    let was_whole = places.iter().all(char::is_ascii_digit);
    let (first, last) = (usize::from(rule.keep_first.min(super::KEEP_FIRST_MAX)), rule.keep_last);
    let end = places.len().saturating_sub(usize::from(last.min(super::KEEP_LAST_MAX)));
    // Of a short number nothing but the last stays: what is hidden must not be guessed from what is left.
    let first = if end < first + 4 { 0 } else { first };
    for place in places.get_mut(first..end).unwrap_or_default() {
        *place = '*';
    }
    let refused = (was_whole && rule.action == CardAction::Refuse).then_some(CardFound::Number);
    Some(MaskedNumber { shown: Shown(places.into_iter().collect()), was_whole, refused })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, rule: CardRule) -> Option<(String, bool)> {
        mask_number(text, rule).map(|masked| (masked.shown.to_string(), masked.was_whole))
    }

    #[test]
    fn a_number_is_masked_by_its_copys_rule() {
        let whole = "6228 4800-12345671234";
        let same = |text: &str| Some((text.to_owned(), true));
        assert_eq!(shown(whole, CardRule::MASK), same("622848*********1234"));
        let last = CardRule { keep_first: 0, ..CardRule::MASK };
        assert_eq!(shown(whole, last), same("***************1234"));
        let none = CardRule { keep_first: 0, keep_last: 0, ..CardRule::MASK };
        assert_eq!(shown("4111111111111111", none), same("****************"));
        // A rule that shows too much shows what is allowed.
        let much = CardRule { keep_first: 19, keep_last: 19, ..CardRule::MASK };
        assert_eq!(shown(whole, much), same("622848*********1234"));
    }

    #[test]
    fn one_that_is_masked_already_stays_so() {
        let last = CardRule { keep_first: 0, ..CardRule::MASK };
        assert_eq!(shown("622848******1234", CardRule::MASK), Some(("622848******1234".into(), false)));
        assert_eq!(shown("622848xxxxxx1234", last), Some(("************1234".into(), false)));
        assert_eq!(shown("************", CardRule::MASK), Some(("************".into(), false)));
        let refuse = CardRule { action: CardAction::Refuse, ..CardRule::MASK };
        assert!(mask_number("622848******1234", refuse).unwrap().refused.is_none());
        assert!(mask_number("6228480000001234", refuse).unwrap().refused.is_some());
    }

    #[test]
    fn a_short_number_shows_its_end_only() {
        assert_eq!(shown("12345678", CardRule::MASK).unwrap().0, "****5678");
        assert_eq!(shown("1234567890123", CardRule::MASK).unwrap().0, "*********0123");
        assert_eq!(shown("12345678901234", CardRule::MASK).unwrap().0, "123456****1234");
    }

    #[test]
    fn what_is_no_card_number_is_refused() {
        for text in ["", "1234567", "12345678901234567890", "6222 a", "６２２２", "卡号"] {
            assert!(mask_number(text, CardRule::MASK).is_none(), "{text}");
        }
        assert!(mask_number("６２２８４８０００００１２３４５", CardRule::MASK).unwrap().was_whole);
    }
}
