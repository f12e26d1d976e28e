//! What the search has to find, said over a whole text at once and one digit at a time: what the quick one, which forgets and
//! skips as it goes, is compared with. They share the tables of issuers and of zeros, and nothing else.

use proptest::prelude::*;

use super::finder::{Between, Found, Gap, What};
use super::issuer::{DIGITS_MAX, DIGITS_MIN, PREFIX_DIGITS, RANGES, is_other_number, is_own_figure};
use super::text::ZEROS;

/// A number with the right check digit that begins like this.
fn card(prefix: &str, more: &str) -> String {
    let fits = |number: &String| is_luhn(&number.bytes().map(|digit| digit - b'0').collect::<Vec<_>>());
    (0..10).map(|digit| format!("{prefix}{more}{digit}")).find(fits).unwrap()
}

fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[0-9]{1,6}",
        2 => "[0-9]{7,20}",
        3 => ("(4|51|62|37|9558|2720|36|81)", "[0-9]{10,14}").prop_map(|(prefix, more)| card(&prefix, &more)),
        // The same in groups, evenly or anyhow.
        3 => ("(4|51|62|37|9558|2720|36|81)", "[0-9]{10,14}", "[ \\n.-]|  ", 1..7_usize).prop_map(|(prefix, more, gap, size)| {
            card(&prefix, &more).as_bytes().chunks(size).map(|part| std::str::from_utf8(part).unwrap()).collect::<Vec<_>>().join(&gap)
        }),
        8 => "[ \\n.:/,-]|  |\t| - |\n\n",
        1 => "[=D^a-zA-Z\u{1}]|CVV2|CVC:|cvn |安全码|[商４·²\u{301}]",
        1 => "(20(2[0-9])(0[1-9]|1[0-2])[0-2][0-9])|1[3-9][0-9]{9}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2000, ..ProptestConfig::default() })]

    /// The quick search finds exactly what the simple one does, at the same places.
    #[test]
    fn quick_and_simple_find_the_same(pieces in proptest::collection::vec(piece(), 0..24)) {
        let text = pieces.concat();
        prop_assert_eq!(super::find(&text), find(&text), "{:?}", text);
    }
}

proptest! {
    // Each is as much text as a thousand of those above.
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 60, ..ProptestConfig::default() })]

    /// Also in figures without end, which are looked at in pieces.
    #[test]
    fn quick_and_simple_find_the_same_in_tables(
        pieces in proptest::collection::vec("[0-9]|[4-6]|[0-9]{1,5}", 500..1600),
        gaps in proptest::collection::vec("[ \n-]|  ", 1..4),
    ) {
        let text: String = pieces.iter().zip(gaps.iter().cycle()).flat_map(|(piece, gap)| [piece.as_str(), gap]).collect();
        prop_assert_eq!(super::find(&text), find(&text), "{:?}", text);
    }
}

/// What is found in a text; places are offsets in bytes.
fn find(text: &str) -> Vec<Found> {
    let tokens = text.char_indices().filter_map(|(at, character)| Some((token(character)?, at as u64)));
    let tokens: Vec<(Token, u64)> = tokens.collect();
    let mut found = Vec::new();
    for chain in chains(&tokens) {
        let first = &chain.groups[0].digits;
        if chain.secret && matches!(first.len(), 3 | 4) {
            found.push(Found { what: What::Secret, digits: first.clone() });
        }
        if numbers(&chain.groups, &mut found)
            && is_track(&tokens[chain.end..])
            && let Some(last) = found.last_mut()
        {
            last.what = What::Track;
        }
    }
    found
}

/// What a character is to the search.
#[derive(Clone, Copy)]
enum Token {
    Digit(u8),
    Between(Between),
    Other(char),
}

/// None: it takes no room on paper, or stands above the digit before it.
fn token(character: char) -> Option<Token> {
    if let Some(digit) = digit_of(character) {
        return Some(Token::Digit(digit));
    }
    Some(match character {
        ' ' | '\u{a0}' | '\u{3000}' | '\u{2000}'..='\u{200a}' | '\u{202f}' => Token::Between(Between::Space),
        '\t' => Token::Between(Between::Wide),
        '\n' => Token::Between(Between::Line),
        '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '－' | '_' | '＿' | '~' => {
            Token::Between(Between::Dash)
        }
        '.' | ':' | '：' | '·' | '/' | '・' | ',' | '、' | '|' | '．' | '，' | '／' => {
            Token::Between(Between::Sign(character))
        }
        '\u{fe00}'..='\u{fe0f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{ad}' => return None,
        '\u{300}'..='\u{36f}' | '\u{20d0}'..='\u{20ff}' | '\u{202a}'..='\u{202e}' | '\u{61c}' => return None,
        '\u{180b}'..='\u{180f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' => return None,
        '\u{fe20}'..='\u{fe2f}' | '\u{e0000}'..='\u{e0fff}' => return None,
        control if control.is_control() => return None,
        other => Token::Other(other),
    })
}

fn digit_of(character: char) -> Option<u8> {
    const RAISED: [(char, u8); 10] =
        [('⁰', 0), ('¹', 1), ('²', 2), ('³', 3), ('⁴', 4), ('⁵', 5), ('⁶', 6), ('⁷', 7), ('⁸', 8), ('⁹', 9)];
    let of = |zero: &u32| u32::from(character).checked_sub(*zero).filter(|value| *value < 10);
    let raised = RAISED.iter().find(|(raised, _)| *raised == character).map(|(_, value)| *value);
    ZEROS.iter().find_map(of).map(|value| value as u8).or(raised)
}

/// Digits that follow each other, and what stands before them.
struct Group {
    before: Gap,
    digits: Vec<(u8, u64)>,
}

/// Groups that may belong together: there is nothing but joiners between them.
struct Chain {
    groups: Vec<Group>,
    /// A word for a card's secret stands before the first.
    secret: bool,
    /// The token behind the last digit.
    end: usize,
}

fn chains(tokens: &[(Token, u64)]) -> Vec<Chain> {
    let mut chains: Vec<Chain> = Vec::new();
    // What came since the last digit, and the letters since then.
    let (mut gap, mut word) = (Some(Gap::Start), String::new());
    let names_secret =
        |word: &str| ["CVV", "CVC", "CVN", "安全码", "安全碼"].iter().any(|name| word.ends_with(name));
    for (n, (token, at)) in tokens.iter().enumerate() {
        match *token {
            // The 2 of "CVV2" is a part of the word.
            Token::Digit(2)
                if names_secret(&word) && matches!(tokens[n - 1].0, Token::Other(c) if !is_filler(c)) => {}
            Token::Digit(value) => {
                match gap.take() {
                    Some(Gap::Start) => {
                        let groups = vec![Group { before: Gap::Start, digits: Vec::new() }];
                        chains.push(Chain { groups, secret: names_secret(&word), end: n });
                    }
                    Some(before) => {
                        chains.last_mut().unwrap().groups.push(Group { before, digits: Vec::new() });
                    }
                    None => {}
                }
                word.clear();
                let chain = chains.last_mut().unwrap();
                chain.groups.last_mut().unwrap().digits.push((value, *at));
                chain.end = n + 1;
            }
            Token::Between(what) => gap = Some(widened(gap, what)),
            Token::Other(character) => {
                gap = Some(Gap::Start);
                if !is_filler(character) {
                    word.push(character.to_ascii_uppercase());
                }
            }
        }
    }
    chains
}

/// What stands between a word and its digits.
const fn is_filler(character: char) -> bool {
    matches!(character, ':' | '：' | '=' | '＝' | '#' | '.' | '(' | '（' | '*')
}

/// The gap with one more joiner in it. Two signs in a row are something else, and end the chain.
fn widened(gap: Option<Gap>, what: Between) -> Gap {
    match (gap, what) {
        (Some(Gap::Start), _) => Gap::Start,
        (_, Between::Line) | (Some(Gap::Line), _) => Gap::Line,
        (_, Between::Wide) => Gap::Wide,
        (None, Between::Space) => Gap::Space,
        (Some(Gap::Space | Gap::Wide), Between::Space) => Gap::Wide,
        (Some(gap), Between::Space) => gap,
        (Some(Gap::Sign(_)), Between::Dash) => Gap::Start,
        (_, Between::Dash) => Gap::Dash,
        (None | Some(Gap::Space), Between::Sign(sign)) => Gap::Sign(sign),
        (_, Between::Sign(_)) => Gap::Start,
    }
}

/// Whether behind a card number there is what a track has: expiry and service code, seven digits at least.
fn is_track(tokens: &[(Token, u64)]) -> bool {
    let is_space = |token: &(Token, u64)| matches!(token.0, Token::Between(Between::Space));
    let spaced = tokens.first().is_some_and(is_space);
    let [(Token::Other(sign), _), rest @ ..] = &tokens[usize::from(spaced)..] else { return false };
    let more = || rest.iter().filter(|token| !is_space(token)).take(7);
    let seven = || more().count() == 7 && more().all(|token| matches!(token.0, Token::Digit(_)));
    *sign == '^' || *sign == '=' && seven() || matches!(sign, 'D' | 'd') && !spaced && seven()
}

/// The card numbers of a chain; whether it ends with one. A long chain, such as a table of figures, is looked at in pieces
/// that overlap by what a number can span.
fn numbers(groups: &[Group], found: &mut Vec<Found>) -> bool {
    const GROUPS_MAX: usize = 512;
    let mut begin = 0;
    loop {
        let end = (begin + GROUPS_MAX).min(groups.len());
        let ends_with_one = numbers_of_piece(&groups[begin..end], found);
        if end == groups.len() {
            return ends_with_one;
        }
        begin = end - DIGITS_MAX;
    }
}

/// From left to right the longest numbers.
fn numbers_of_piece(groups: &[Group], found: &mut Vec<Found>) -> bool {
    let (mut first, mut ends_with_one) = (0, false);
    while first < groups.len() {
        let most = DIGITS_MAX.min(groups.len() - first);
        let is_one = |count: &usize| {
            is_number(&groups[first..first + count], groups.get(first + count).map(|next| next.before))
        };
        let longest = (1..=most).rev().find(is_one);
        if let Some(count) = longest {
            let digits = groups[first..first + count].iter().flat_map(|group| group.digits.clone()).collect();
            found.push(Found { what: What::Number, digits });
        }
        ends_with_one = longest.is_some();
        first += longest.unwrap_or(1);
    }
    ends_with_one
}

/// Whether groups are one card number; `after` is what follows the last.
fn is_number(groups: &[Group], after: Option<Gap>) -> bool {
    let values = |groups: &[Group]| -> Vec<u8> {
        groups.iter().flat_map(|group| group.digits.iter().map(|(value, _)| *value)).collect()
    };
    let digits = values(groups);
    is_card(&digits)
        && match groups {
            [_] => !is_other_number(digits.iter().copied()),
            [.., last] => {
                let own = is_own_figure(values(std::slice::from_ref(last)).into_iter());
                may_be_joined(groups, own, after)
            }
            [] => false,
        }
}

/// Luhn: from the right every other digit counts twice.
fn is_luhn(digits: &[u8]) -> bool {
    let weighed =
        digits.iter().rev().zip([1, 2].iter().cycle()).map(|(digit, weight)| match digit * weight {
            more @ 10.. => u32::from(more - 9),
            few => u32::from(few),
        });
    weighed.sum::<u32>().is_multiple_of(10)
}

/// Whether digits have the length, the issuer and the check digit of a card, and are no article number, whose 13 digits have
/// another check digit: the last cards of that length expired decades ago.
fn is_card(digits: &[u8]) -> bool {
    let number = |digits: &[u8]| digits.iter().fold(0, |sum, digit| sum * 10 + u32::from(*digit));
    let article: u32 =
        digits.iter().zip([1, 3].iter().cycle()).map(|(d, weight)| u32::from(*d) * weight).sum();
    (DIGITS_MIN..=DIGITS_MAX).contains(&digits.len())
        && is_luhn(digits)
        && !(digits.len() == 13 && article.is_multiple_of(10))
        && RANGES.iter().any(|range| {
            (range.first..=range.last).contains(&number(&digits[..PREFIX_DIGITS]))
                && range.lengths.contains(&(digits.len() as u8))
        })
}

/// Digits of a reference number (field 37 of ISO 8583), which begins like a card number in most of the years.
const REFERENCE_DIGITS: usize = 12;

/// Whether groups may be one number by how they are written; `own` says that the last is a figure of its own, a date or a
/// mobile phone number.
fn may_be_joined(groups: &[Group], own: bool, after: Option<Gap>) -> bool {
    let gaps = || groups.iter().skip(1).map(|group| group.before);
    let lengths: Vec<usize> = groups.iter().map(|group| group.digits.len()).collect();
    let (first, last) = (lengths[0], lengths[lengths.len() - 1]);
    let is_narrow = |gap: &Gap| matches!(gap, Gap::Space | Gap::Dash);
    let is_break = |gap: &Gap| matches!(gap, Gap::Line | Gap::Wide);
    let same = gaps().all(|gap| gap == groups[1].before);
    let narrow = gaps().all(|gap| is_narrow(&gap));
    let torn_once =
        gaps().filter(is_break).count() == 1 && gaps().all(|gap| is_narrow(&gap) || is_break(&gap));
    if (same || narrow || torn_once) && is_embossed(&lengths) {
        return true;
    }
    if torn_once && groups.len() > 2 {
        // With the groups on both sides of the break as one.
        let torn = (1..groups.len()).find(|n| is_break(&groups[*n].before)).unwrap();
        let mut mended = lengths.clone();
        let behind = mended.remove(torn);
        mended[torn - 1] += behind;
        if is_embossed(&mended) {
            return true;
        }
    }
    // The same everywhere: one digit to each box of a form, say. Two phone numbers are even, too.
    let (others, _) = lengths.split_at(lengths.len() - 1);
    if same && (groups.len() > 2 || narrow) && others.iter().all(|length| *length == first) && last <= first {
        return true;
    }
    if narrow {
        // Anyhow, but the minutes of a time and the cents of an amount begin no number, nor does its whole part end one.
        let amount = last <= 3 && matches!(after, Some(Gap::Sign('.' | ':')));
        return !matches!(groups[0].before, Gap::Sign(_)) && !amount;
    }
    // A line or a column that was too narrow.
    let date = own || last <= 4 && matches!(after, Some(Gap::Dash | Gap::Sign(_)));
    torn_once && groups.len() == 2 && first >= 4 && first != REFERENCE_DIGITS && !date
}

/// As cards are embossed: in fours with up to three digits more, 4-6-5 and 4-6-4, 6-13.
fn is_embossed(lengths: &[usize]) -> bool {
    match lengths {
        [4, 6, 4 | 5] | [6, 13] => true,
        [start @ .., 1..=4] => matches!(start.len(), 3 | 4) && start.iter().all(|length| *length == 4),
        _ => false,
    }
}
