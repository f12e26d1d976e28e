//! Where a network printer is, as configured.
//!
//! Left to others: looking a name up ([`crate::tcp`]).

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use crate::limits::{HOST_NAME_CHARS_MAX, RAW_PORT};

/// Where a network printer is: `192.0.2.7`, `192.0.2.7:9100`, `[2001:db8::7]:9100`, `printer.lan:9100`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// A number; needs no resolver.
    Number(SocketAddr),
    /// A name, looked up at each session, since DHCP moves printers.
    Name {
        /// The host.
        host: String,
        /// The port.
        port: u16,
    },
}

/// Why a text is no [`Address`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an address of a network printer: expected host, host:port, number or number:port")]
pub struct AddressError;

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let bare = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')).unwrap_or(text);
        let number = text.parse().or_else(|_| bare.parse().map(|ip: IpAddr| SocketAddr::new(ip, RAW_PORT)));
        let address = match number {
            Ok(number) => Self::Number(number),
            Err(_) => {
                let (host, port) = match text.rsplit_once(':') {
                    Some((host, port)) => (host, port.parse().map_err(|_| AddressError)?),
                    None => (text, RAW_PORT),
                };
                let letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
                if host.is_empty() || host.len() > HOST_NAME_CHARS_MAX || !host.chars().all(letter) {
                    return Err(AddressError);
                }
                Self::Name { host: host.to_owned(), port }
            }
        };
        if address.port() == 0 { Err(AddressError) } else { Ok(address) }
    }
}

impl Address {
    /// The port.
    pub fn port(&self) -> u16 {
        match self {
            Self::Number(number) => number.port(),
            Self::Name { port, .. } => *port,
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Name { host, port } => write!(f, "{host}:{port}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_is_understood() {
        let cases = [
            ("192.0.2.7", "192.0.2.7:9100"),
            ("192.0.2.7:515", "192.0.2.7:515"),
            ("2001:db8::7", "[2001:db8::7]:9100"),
            ("[2001:db8::7]", "[2001:db8::7]:9100"),
            ("[2001:db8::7]:9101", "[2001:db8::7]:9101"),
            ("kitchen.lan", "kitchen.lan:9100"),
            ("kitchen_2:9102", "kitchen_2:9102"),
        ];
        for (text, expected) in cases {
            let address: Address = text.parse().unwrap();
            assert_eq!(address.to_string(), expected);
            assert_eq!(matches!(address, Address::Name { .. }), text.starts_with('k'));
            assert_eq!(address.to_string().parse(), Ok(address));
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let long = "a".repeat(254);
        let texts = [
            "",
            ":9100",
            "x:",
            "x:y",
            "x:0",
            "192.0.2.7:0",
            "192.0.2.7:70000",
            "a b",
            "tcp://x",
            "x:1:2",
            "é",
        ];
        for text in texts.into_iter().chain([long.as_str()]) {
            assert_eq!(text.parse::<Address>(), Err(AddressError), "{text:?}");
        }
    }
}
