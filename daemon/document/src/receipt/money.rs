//! Money: a whole number of a currency's smallest unit, and how it is written.
//!
//! Never a float, and never without its currency: 0.1 + 0.2 is a wrong receipt.

use std::fmt;

use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserialize, Deserializer};

/// The largest amount, in minor units: twelve digits, as in EMV's Amount, Authorised (tag 9F02, n 12).
pub const AMOUNT_MAX: u64 = 999_999_999_999;

/// An amount of minor units (1 is 0.01 in CNY, 1 in JPY), at most [`AMOUNT_MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Amount(u64);

impl Amount {
    /// The minor units.
    #[must_use]
    pub const fn minor(self) -> u64 {
        self.0
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        whole(deserializer).and_then(|value: i64| match u64::try_from(value) {
            Ok(minor) if minor <= AMOUNT_MAX => Ok(Self(minor)),
            _ => Err(D::Error::invalid_value(Unexpected::Signed(value), &EXPECTED)),
        })
    }
}

/// A difference in minor units, which may be below zero; its size is at most [`AMOUNT_MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Difference(i64);

impl Difference {
    /// The minor units.
    #[must_use]
    pub const fn minor(self) -> i64 {
        self.0
    }
}

impl<'de> Deserialize<'de> for Difference {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        whole(deserializer).and_then(|value: i64| {
            if value.unsigned_abs() <= AMOUNT_MAX {
                Ok(Self(value))
            } else {
                Err(D::Error::invalid_value(Unexpected::Signed(value), &EXPECTED))
            }
        })
    }
}

const EXPECTED: &str = "a whole number of minor units (12800 for CNY 128.00) of at most 12 digits";

/// A whole number, with an error that says what money is.
fn whole<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    struct Minor;
    impl Visitor<'_> for Minor {
        type Value = i64;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(EXPECTED)
        }

        fn visit_u64<E: Error>(self, value: u64) -> Result<i64, E> {
            i64::try_from(value).map_err(|_| E::invalid_value(Unexpected::Unsigned(value), &self))
        }

        fn visit_i64<E: Error>(self, value: i64) -> Result<i64, E> {
            Ok(value)
        }
    }
    deserializer.deserialize_i64(Minor)
}

/// A currency of ISO 4217.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Currency([u8; 3]);

/// The codes of ISO 4217 for money that is paid with (list one, without funds, metals and codes for testing).
const CODES: &str = "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD \
CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL \
HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD \
MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR \
SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES \
VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG";

/// Those without a minor unit (ISO 4217).
const WHOLE: &str = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF";

/// Those with a thousandth (ISO 4217).
const THOUSANDTHS: &str = "BHD IQD JOD KWD LYD OMR TND";

impl Currency {
    /// The three letters.
    #[must_use]
    pub fn code(&self) -> &str {
        // They were letters when they were read.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// How it is written on a card slip: UnionPay's slips say RMB.
    #[must_use]
    pub fn on_slip(&self) -> &str {
        if &self.0 == b"CNY" { "RMB" } else { self.code() }
    }

    /// Digits behind the point.
    #[must_use]
    pub fn digits(&self) -> u32 {
        let code = self.code();
        if WHOLE.contains(code) {
            0
        } else if THOUSANDTHS.contains(code) {
            3
        } else {
            2
        }
    }

    /// An amount without the currency: `1,234.50`.
    #[must_use]
    pub fn number(&self, minor: i64) -> String {
        let digits = self.digits();
        let unit = 10_u64.pow(digits);
        let (whole, part) = (minor.unsigned_abs() / unit, minor.unsigned_abs() % unit);
        let mut out = String::with_capacity(20);
        if minor < 0 {
            out.push('-');
        }
        let figures = whole.to_string();
        for (at, figure) in figures.chars().enumerate() {
            if at > 0 && (figures.len() - at).is_multiple_of(3) {
                out.push(',');
            }
            out.push(figure);
        }
        if digits > 0 {
            out.push_str(&format!(".{part:0width$}", width = digits as usize));
        }
        out
    }

    /// An amount with its currency, which no line break parts: `RMB 128.00`.
    #[must_use]
    pub fn written(&self, minor: i64) -> String {
        format!("{}\u{a0}{}", self.on_slip(), self.number(minor))
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Code;
        impl Visitor<'_> for Code {
            type Value = Currency;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a currency code of ISO 4217 such as \"CNY\"")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Currency, E> {
                match *text.as_bytes() {
                    [a, b, c] if !text.contains(' ') && CODES.contains(text) => Ok(Currency([a, b, c])),
                    _ => Err(E::invalid_value(Unexpected::Str(text), &self)),
                }
            }
        }
        deserializer.deserialize_str(Code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn currency(code: &str) -> Result<Currency, serde_json::Error> {
        serde_json::from_value(code.into())
    }

    #[test]
    fn amounts_are_written_with_the_digits_of_their_currency() {
        let cny = currency("CNY").unwrap();
        assert_eq!(cny.written(12_800), "RMB\u{a0}128.00");
        assert_eq!(cny.number(5), "0.05");
        assert_eq!(cny.number(-123_456_789), "-1,234,567.89");
        assert_eq!(currency("JPY").unwrap().number(1_000), "1,000");
        assert_eq!(currency("KWD").unwrap().number(1_001), "1.001");
        assert_eq!(currency("EUR").unwrap().written(0), "EUR\u{a0}0.00");
    }

    #[test]
    fn a_currency_is_one_of_iso_4217() {
        for code in ["RMB", "cny", "CN", "CNYX", "D A", "ED ", "", "XAU", "元"] {
            assert!(currency(code).is_err(), "{code}");
        }
        assert_eq!(CODES.split(' ').count(), 157);
        for code in CODES.split(' ') {
            assert_eq!(currency(code).unwrap().code(), code);
        }
        assert!(WHOLE.split(' ').chain(THOUSANDTHS.split(' ')).all(|code| CODES.contains(code)));
    }

    #[test]
    fn money_is_never_a_float_and_bounded() {
        for wrong in ["1.5", "1.0", "\"1\"", "-1", "1000000000000", "1e3", "null"] {
            let error = serde_json::from_str::<Amount>(wrong).unwrap_err().to_string();
            assert!(error.contains("minor units"), "{wrong}: {error}");
        }
        assert_eq!(serde_json::from_str::<Amount>("999999999999").unwrap().minor(), AMOUNT_MAX);
        assert_eq!(serde_json::from_str::<Difference>("-3").unwrap().minor(), -3);
    }
}
