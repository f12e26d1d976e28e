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
const PREFIX_DIGITS: usize = 6;

/// First and last six digits of a scheme's numbers, and the lengths that they have.
struct Range {
    first: u32,
    last: u32,
    lengths: &'static [u8],
}

const fn range(first: u32, last: u32, lengths: &'static [u8]) -> Range {
    Range { first, last, lengths }
}

const LONG: &[u8] = &[16, 17, 18, 19];

const RANGES: &[Range] = &[
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

/// A run of digits that grows by one digit at a time.
///
/// Which digits the check counts twice depends on how many follow, so both sums are kept.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Candidate {
    len: usize,
    prefix: u32,
    /// Check sums if the last digit is counted once, and twice.
    once: u32,
    twice: u32,
    /// Sum of GS1's check digit (weights 1 and 3 from the left) if the run has 13 digits.
    ean: u32,
    /// The lengths that the issuer's numbers have; known from the sixth digit on.
    lengths: &'static [u8],
}

impl Candidate {
    pub(super) fn push(&mut self, digit: u8) {
        let digit = u32::from(digit);
        let doubled = if digit > 4 { digit * 2 - 9 } else { digit * 2 };
        if self.len < PREFIX_DIGITS {
            self.prefix = self.prefix * 10 + digit;
            if self.len == PREFIX_DIGITS - 1 {
                let issuer = RANGES.iter().find(|r| (r.first..=r.last).contains(&self.prefix));
                self.lengths = issuer.map_or(&[], |r| r.lengths);
            }
        }
        // The digit before the one counted once is counted twice, and the other way round.
        (self.once, self.twice) = (self.twice + digit, self.once + doubled);
        self.ean += if self.len.is_multiple_of(2) { digit } else { digit * 3 };
        self.len += 1;
    }

    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// Whether it can still become a card number.
    pub(super) fn may_become(&self) -> bool {
        if self.len < PREFIX_DIGITS {
            // No range begins with these.
            return !matches!(self.first(), 0 | 1 | 7);
        }
        !self.lengths.is_empty()
    }

    const fn first(&self) -> u32 {
        let mut digit = self.prefix;
        while digit > 9 {
            digit /= 10;
        }
        digit
    }

    /// Whether it is one as it stands.
    pub(super) fn is_card(&self) -> bool {
        if self.len < DIGITS_MIN || !self.once.is_multiple_of(10) {
            return false;
        }
        // The number of an article; the last cards with 13 digits expired decades ago.
        if self.len == 13 && self.ean.is_multiple_of(10) {
            return false;
        }
        RANGES
            .iter()
            .any(|r| (r.first..=r.last).contains(&self.prefix) && r.lengths.contains(&(self.len as u8)))
    }
}

/// The value of some digits.
fn value(digits: &[(u8, u64)]) -> u32 {
    digits.iter().fold(0, |value, (digit, _)| value * 10 + u32::from(*digit))
}

/// Whether the eight digits are a day of our times, YYYYMMDD.
fn is_day(digits: &[(u8, u64)]) -> bool {
    let day = value(digits);
    (1900..2100).contains(&(day / 10_000))
        && (1..=12).contains(&(day / 100 % 100))
        && (1..=31).contains(&(day % 100))
}

/// Whether digits that fit a card are known to be something else: an order number that begins with date and time
/// (YYMMDDhhmmss, which falls into Mastercard's second range for years), or a Chinese identity number (GB 11643: day of birth
/// and a check digit of its own).
pub(super) fn is_other_number(digits: &[(u8, u64)]) -> bool {
    match digits.len() {
        16 => {
            let two = |at: usize| digits.get(at..at + 2).map_or(99, value);
            (20..40).contains(&two(0))
                && (1..=12).contains(&two(2))
                && (1..=31).contains(&two(4))
                && two(6) < 24
                && two(8) < 60
                && two(10) < 60
        }
        18 => {
            // ISO 7064, MOD 11-2.
            let sum = digits.iter().fold(0, |sum, (digit, _)| (sum * 2 + u32::from(*digit)) % 11);
            sum == 1 && digits.get(6..14).is_some_and(is_day)
        }
        _ => false,
    }
}

/// Whether a group is a figure of its own, which is not the rest of a number: a day, or a Chinese mobile phone.
pub(super) fn is_own_figure(digits: &[(u8, u64)]) -> bool {
    match digits {
        [(1, _), (3..=9, _), ..] if digits.len() == 11 => true,
        _ if digits.len() == 8 => is_day(digits),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_card(text: &str) -> bool {
        let mut candidate = Candidate::default();
        for digit in text.bytes() {
            candidate.push(digit - b'0');
        }
        candidate.is_card()
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
