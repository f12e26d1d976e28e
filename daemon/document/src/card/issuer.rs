//! Whether digits are a card number: length, issuer, check digit.
//!
//! The ranges are those of ISO/IEC 7812 as the schemes publish them, with the lengths in use. Numbers of 8 to 12
//! digits that the standard allows too are left out: on receipts they are reference and voucher numbers (field 37
//! has 12 digits), and no scheme on payment terminals issues such cards.

/// Digits of the shortest card number that is looked for: an old Visa.
pub(super) const DIGITS_MIN: usize = 13;

/// Digits of the longest (ISO/IEC 7812).
pub(super) const DIGITS_MAX: usize = 19;

/// Digits that tell the issuer here; the standard now has 8, which begin with the same six.
pub(super) const PREFIX_DIGITS: usize = 6;

/// First and last six digits of a scheme's numbers, and the lengths that they have.
pub(super) struct Range {
    pub(super) first: u32,
    pub(super) last: u32,
    pub(super) lengths: &'static [u8],
}

const fn range(first: u32, last: u32, lengths: &'static [u8]) -> Range {
    Range { first, last, lengths }
}

const LONG: &[u8] = &[16, 17, 18, 19];

pub(super) const RANGES: &[Range] = &[
    // Mir; Mastercard's second range.
    range(220_000, 220_499, LONG),
    range(222_100, 272_099, &[16]),
    // Diners Club: 300-305, 3095, 36, 38, 39.
    range(300_000, 305_999, &[14, 16]),
    range(309_500, 309_599, &[14, 16]),
    range(340_000, 349_999, &[15]),
    range(352_800, 358_999, LONG),
    range(360_000, 369_999, &[14, 16, 17, 18, 19]),
    range(370_000, 379_999, &[15]),
    range(380_000, 399_999, &[14, 16]),
    // Visa.
    range(400_000, 499_999, &[13, 16, 18, 19]),
    // Maestro (50, 56-58), Elo and RuPay inside them; Mastercard (51-55).
    range(500_000, 509_999, LONG),
    range(510_000, 559_999, &[16]),
    range(560_000, 589_999, LONG),
    // Discover, RuPay and domestic Chinese cards (60), UnionPay (62), Maestro, Discover and others.
    range(600_000, 619_999, LONG),
    range(620_000, 629_999, LONG),
    range(630_000, 639_999, LONG),
    range(640_000, 659_999, LONG),
    range(670_000, 679_999, LONG),
    // UnionPay (810000-817199) and RuPay (81, 82).
    range(810_000, 829_999, LONG),
    // Domestic Chinese cards of before UnionPay's own range, such as ICBC 9558, ABC 95599, BOC 95566.
    range(955_000, 955_999, LONG),
    // Troy.
    range(979_200, 979_299, &[16]),
];

/// For each pair of digits the first range that begins with it or a higher one.
static BY_PAIR: [u8; 100] = {
    let mut table = [0; 100];
    let mut pair = 0;
    let mut range = 0;
    while pair < table.len() {
        while range < RANGES.len() && RANGES[range].last / 10_000 < pair as u32 {
            range += 1;
        }
        table[pair] = range as u8;
        pair += 1;
    }
    table
};

/// The lengths that card numbers have which begin with these [`PREFIX_DIGITS`] digits.
pub(super) fn lengths(prefix: u32) -> &'static [u8] {
    let mut range = BY_PAIR.get((prefix / 10_000) as usize).map_or(RANGES.len(), |range| usize::from(*range));
    while let Some(known) = RANGES.get(range) {
        if prefix <= known.last {
            return if prefix < known.first { &[] } else { known.lengths };
        }
        range += 1;
    }
    &[]
}

/// Check sums (Luhn) of all digits of a chain up to one of them: those of any part of it are differences of two.
///
/// Which digits are counted twice depends on how many follow, so both sums are kept. They count modulo a number that is a
/// multiple of ten, since only their last figure matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sums {
    /// If the last digit is counted once.
    once: u8,
    /// If it is counted twice.
    twice: u8,
}

/// What the sums count modulo: with 9 more it still fits.
const SUMS: u8 = 240;

impl Sums {
    /// Of no digits.
    pub(super) const NONE: Self = Self { once: 0, twice: 0 };

    /// Of these digits and one (0 to 9) more.
    pub(super) const fn then(self, digit: u8) -> Self {
        const fn below(sum: u8) -> u8 {
            if sum < SUMS { sum } else { sum - SUMS }
        }
        let doubled = if digit > 4 { digit * 2 - 9 } else { digit * 2 };
        // The digit before the one counted once is counted twice, and the other way round.
        Self { once: below(self.twice + digit), twice: below(self.once + doubled) }
    }

    /// Whether the last so many digits have the right check digit; `before` are the sums of those before them.
    pub(super) const fn fit(self, before: Self, digits: usize) -> bool {
        let before = if digits.is_multiple_of(2) { before.once } else { before.twice };
        self.once.abs_diff(before).is_multiple_of(10)
    }
}

/// Whether it is the number of an article (GS1, 13 digits); the last cards with so many expired decades ago.
pub(super) fn is_article(digits: impl ExactSizeIterator<Item = u8>) -> bool {
    let weights = [1, 3].into_iter().cycle();
    digits.len() == 13
        && digits
            .zip(weights)
            .map(|(digit, weight)| u32::from(digit) * weight)
            .sum::<u32>()
            .is_multiple_of(10)
}

/// The value of some digits.
pub(super) fn value(digits: impl Iterator<Item = u8>) -> u32 {
    digits.fold(0, |value, digit| value * 10 + u32::from(digit))
}

/// Whether the eight digits are a day of our times, YYYYMMDD.
fn is_day(digits: impl Iterator<Item = u8>) -> bool {
    let day = value(digits);
    (1900..2100).contains(&(day / 10_000))
        && (1..=12).contains(&(day / 100 % 100))
        && (1..=31).contains(&(day % 100))
}

/// Whether digits that fit a card are known to be something else: an order number that begins with date and time
/// (YYMMDDhhmmss, which falls into Mastercard's second range for years), or a Chinese identity number (GB 11643: day of birth
/// and a check digit of its own).
pub(super) fn is_other_number(digits: impl ExactSizeIterator<Item = u8> + Clone) -> bool {
    match digits.len() {
        16 => {
            let two = |at: usize| value(digits.clone().skip(at).take(2));
            (20..40).contains(&two(0))
                && (1..=12).contains(&two(2))
                && (1..=31).contains(&two(4))
                && two(6) < 24
                && two(8) < 60
                && two(10) < 60
        }
        18 => {
            // ISO 7064, MOD 11-2.
            let sum = digits.clone().fold(0, |sum, digit| (sum * 2 + u32::from(digit)) % 11);
            sum == 1 && is_day(digits.skip(6).take(8))
        }
        _ => false,
    }
}

/// Whether a group is a figure of its own, which is not the rest of a number: a day, or a Chinese mobile phone.
pub(super) fn is_own_figure(mut digits: impl ExactSizeIterator<Item = u8>) -> bool {
    match digits.len() {
        11 => matches!((digits.next(), digits.next()), (Some(1), Some(3..=9))),
        8 => is_day(digits),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_card(text: &str) -> bool {
        let digits = || text.bytes().map(|digit| digit - b'0');
        let sums = digits().fold(Sums::NONE, Sums::then);
        let length = lengths(value(digits().take(PREFIX_DIGITS)))
            .iter()
            .any(|length| usize::from(*length) == text.len());
        length && sums.fit(Sums::NONE, text.len()) && !is_article(digits())
    }

    #[test]
    fn numbers_that_the_schemes_publish_for_tests_are_cards() {
        for number in [
            "4111111111111111",
            "4012888888881881",
            "5555555555554444",
            "2223003122003222",
            "378282246310005",
            "30569309025904",
            "38520000023237",
            "3530111333300000",
            "6011111111111117",
            "6200000000000005",
            "6205500000000000004",
            "8171999927660000",
            "2200000000000004",
            "6759649826438453",
        ] {
            assert!(is_card(number), "{number}");
        }
    }

    #[test]
    fn other_numbers_are_not() {
        for number in [
            // A wrong check digit, a wrong length, no issuer.
            "4111111111111112",
            "41111111111111",
            "7000000000000005",
            "1234567890123456",
            "0000000000000000",
            // Articles: China, Germany.
            "6901234567892",
            "4006381333931",
        ] {
            assert!(!is_card(number), "{number}");
        }
    }

    #[test]
    fn ranges_ascend_and_do_not_meet() {
        for pair in RANGES.windows(2) {
            assert!(pair[0].last < pair[1].first, "{}", pair[1].first);
        }
    }
}
