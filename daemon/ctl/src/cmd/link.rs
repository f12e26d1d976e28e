//! `receiptctl link`: makes the signed link to a receipt, and verifies one.
//!
//! For an integrator who hosts receipts: what stands in the link, and how it is signed, is
//! `receiptd_paperless::link` and `docs/paperless.md`.

use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use receiptd_api::Kind;
use receiptd_document::{CopyLabel, Profile, Rendered};
use receiptd_paperless::link::{self, Amount, Link};
use serde::Serialize;

use crate::cmd::Context;
use crate::document;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::table::{Cell, labelled};
use crate::text::messages as m;
use crate::text::{errors, say, words};
use crate::time::date_time;

/// Bytes of a key file that are read: more is none.
const KEY_FILE_BYTES_MAX: u64 = 1024;

/// What to do.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub what: What,
}

/// What can be done.
#[derive(Debug, clap::Subcommand)]
pub enum What {
    /// Make the link of a receipt
    Make(Make),
    /// Say whether a link is genuine, and what it says
    Verify(Verify),
}

/// A link that is to be made.
#[derive(Debug, clap::Args)]
pub struct Make {
    /// The document; - is standard input
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    #[allow(rustdoc::bare_urls, reason = "it is shown as it is on the terminal")]
    /// The address, for example https://r.example.com/{payload}
    #[arg(long, value_name = "URL")]
    pub template: String,
    /// The key: 64 to 128 hexadecimal digits in a file that nobody else can read
    #[arg(long, value_name = "FILE")]
    pub key_file: PathBuf,
    /// The number of the key, for a host that has several
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub key_number: u8,
    /// Merchant and terminal, as the host names them
    #[arg(long, value_name = "NAME", default_value = "", hide_default_value = true)]
    pub shop: String,
    /// Currency and smallest units, for example CNY12800 for 128.00
    #[arg(long, value_name = "AMOUNT", value_parser = amount)]
    pub amount: Option<Amount>,
    /// The time of the receipt, in Unix seconds [default: now]
    #[arg(long, value_name = "SECONDS")]
    pub time: Option<u64>,
    /// What it is [default: by the extension .json or .txt, else raw; standard input is looked at]
    #[arg(long, value_name = "KIND", value_parser = document::kind_parser())]
    pub kind: Option<Kind>,
    /// The paper it is laid out for: 80mm, 76mm, 58mm, or a model of `receiptctl printers models`
    #[arg(long, value_name = "PROFILE", default_value = "80mm", hide_possible_values = true, value_parser = document::profile_parser())]
    pub profile: Profile,
    /// The copy that it names [default: the customer's, else the first]
    #[arg(long, value_name = "COPY", value_parser = document::copy_parser())]
    pub copy: Option<CopyLabel>,
}

/// A link that is to be verified.
#[derive(Debug, clap::Args)]
pub struct Verify {
    /// The address, or the payload in it
    #[arg(value_name = "LINK")]
    pub link: String,
    /// The key
    #[arg(long, value_name = "FILE")]
    pub key_file: PathBuf,
    /// The template it was made with
    #[arg(long, value_name = "URL")]
    pub template: Option<String>,
    /// Also say whether it names this document
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// The paper that is laid out for: 80mm, 76mm, 58mm, or a model of `receiptctl printers models`
    #[arg(long, value_name = "PROFILE", default_value = "80mm", hide_possible_values = true, value_parser = document::profile_parser())]
    pub profile: Profile,
}

/// A link (`"link"`).
#[derive(Debug, Serialize)]
struct LinkJson<'a> {
    r#type: &'static str,
    url: Option<&'a str>,
    payload: &'a str,
    key_number: u8,
    time_ms: u64,
    hash: String,
    shop: &'a str,
    currency: Option<String>,
    minor: Option<u64>,
    copy: Option<&'a str>,
}

/// Reads `CNY12800`.
fn amount(text: &str) -> Result<Amount, String> {
    let wrong = || "three capital letters and smallest units, for example CNY12800".to_owned();
    let (currency, minor) = text.split_at_checked(3).ok_or_else(wrong)?;
    let currency: [u8; 3] = currency.as_bytes().try_into().map_err(|_| wrong())?;
    let digits = !minor.is_empty() && minor.bytes().all(|byte| byte.is_ascii_digit());
    match minor.parse() {
        Ok(minor) if digits && currency.iter().all(u8::is_ascii_uppercase) => Ok(Amount { currency, minor }),
        _ => Err(wrong()),
    }
}

/// Does it.
///
/// # Errors
/// A file cannot be read, the document or an argument is wrong, or the link is not genuine.
pub fn run(args: &Args, context: &mut Context) -> Result<Exit, Failure> {
    match &args.what {
        What::Make(args) => make(args, context),
        What::Verify(args) => verify(args, context),
    }
}

fn make(args: &Make, context: &mut Context) -> Result<Exit, Failure> {
    let key = read_key(&args.key_file)?;
    let document = document::read(&args.file, args.kind)?;
    let copies = document.chosen(&args.profile, args.copy, None)?;
    let customer = copies.iter().find(|copy| copy.copy == CopyLabel::Customer);
    let Some(copy) = customer.or(copies.first()) else { return Ok(Exit::Refused) };
    let link = Link {
        key: args.key_number,
        time_s: args.time.unwrap_or(context.now_ms() / 1000),
        hash: link::hash(&copy.body, &copy.tail),
        shop: args.shop.clone(),
        amount: args.amount,
    };
    let payload = link.sign(&key).map_err(Failure::Link)?;
    let url = link::url(&args.template, &payload).map_err(Failure::Link)?;
    if context.out.style.json {
        context.out.json(&json(&link, Some(&url), &payload, Some(copy.copy.as_str())))?;
    } else {
        context.out.line(&url)?;
        context.out.flush()?;
    }
    Ok(Exit::Ok)
}

fn verify(args: &Verify, context: &mut Context) -> Result<Exit, Failure> {
    let key = read_key(&args.key_file)?;
    let payload = link::payload_of(&args.link, args.template.as_deref());
    let link = Link::verify(payload, &key).map_err(Failure::Link)?;
    let copies: Option<Vec<Rendered>> = match &args.file {
        Some(file) => Some(document::read(file, None)?.copies(&args.profile, None)?),
        None => None,
    };
    let named = |copies: &[Rendered]| {
        copies.iter().find(|copy| link::hash(&copy.body, &copy.tail) == link.hash).map(|copy| copy.copy)
    };
    let copy = copies.as_deref().and_then(named);
    if context.out.style.json {
        context.out.json(&json(&link, None, payload, copy.map(CopyLabel::as_str)))?;
    } else {
        show(&link, context)?;
    }
    let style = context.out.style.clone();
    match (copies, copy) {
        (Some(_), None) => {
            if !style.json {
                context.out.line(style.say(m::LINK_OTHER))?;
                context.out.flush()?;
            }
            Ok(Exit::Refused)
        }
        (_, Some(copy)) if !style.json => {
            let copy = say(words::COPIES, style.lang, copy.as_str());
            context.out.line(&style.fill(m::LINK_MATCHES, &[("copy", &copy)]))?;
            context.out.flush()?;
            Ok(Exit::Ok)
        }
        _ => Ok(Exit::Ok),
    }
}

fn show(link: &Link, context: &mut Context) -> Result<(), Failure> {
    let style = context.out.style.clone();
    context.out.line(style.say(m::LINK_TRUE))?;
    let amount = link.amount.map_or_else(String::new, |amount| {
        format!("{} {}", String::from_utf8_lossy(&amount.currency), amount.minor)
    });
    let rows = [
        (style.say(m::L_TIME), Cell::from(date_time(link.time_s.saturating_mul(1000), &style.tz))),
        (style.say(m::L_HASH), Cell::from(hex(&link.hash))),
        (style.say(m::L_SHOP), Cell::from(link.shop.clone())),
        (style.say(m::L_AMOUNT), Cell::from(amount)),
        (style.say(m::L_KEY_NUMBER), Cell::from(link.key.to_string())),
    ];
    context.out.lines(&labelled(&rows, style.color))?;
    context.out.flush()
}

fn json<'a>(link: &'a Link, url: Option<&'a str>, payload: &'a str, copy: Option<&'a str>) -> LinkJson<'a> {
    LinkJson {
        r#type: "link",
        url,
        payload,
        key_number: link.key,
        time_ms: link.time_s.saturating_mul(1000),
        hash: hex(&link.hash),
        shop: &link.shop,
        currency: link.amount.map(|amount| String::from_utf8_lossy(&amount.currency).into_owned()),
        minor: link.amount.map(|amount| amount.minor),
        copy,
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Reads a key from a file that nobody else can read: who has it can make links.
fn read_key(path: &Path) -> Result<Vec<u8>, Failure> {
    let failed = |source| Failure::File { path: path.to_owned(), source };
    let wrong = |why| Failure::Key { path: path.to_owned(), why };
    let file = File::open(path).map_err(failed)?;
    if file.metadata().map_err(failed)?.mode() & 0o077 != 0 {
        return Err(wrong(errors::KEY_MODE));
    }
    let mut text = String::new();
    file.take(KEY_FILE_BYTES_MAX).read_to_string(&mut text).map_err(failed)?;
    let text = text.trim().as_bytes();
    let pairs = text.chunks(2).map(|pair| {
        let digits = std::str::from_utf8(pair).ok().filter(|_| pair.iter().all(u8::is_ascii_hexdigit))?;
        u8::from_str_radix(digits, 16).ok()
    });
    let key: Option<Vec<u8>> = pairs.collect();
    key.filter(|_| text.len().is_multiple_of(2) && (64..=128).contains(&text.len()))
        .ok_or_else(|| wrong(errors::KEY_TEXT))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_a_currency_and_smallest_units() {
        assert_eq!(amount("CNY12800"), Ok(Amount { currency: *b"CNY", minor: 12_800 }));
        for wrong in
            ["", "CNY", "12800", "cny1", "CNY1.00", "CNY-1", "CNY+1", "元元元1", "CNY99999999999999999999"]
        {
            assert!(amount(wrong).is_err(), "{wrong}");
        }
    }
}
