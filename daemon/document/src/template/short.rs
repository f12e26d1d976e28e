//! The short forms of lines that a template has beside those of a receipt: a logo from a file, and the codes that a shop
//! prints most: its network, a coupon, its membership.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use toml::de::{DeTable, DeValue};

use super::Date;
use super::error::{TemplateError, Words};
use super::parse::date;
use super::source::{Fields, Source, Value, json_fields, json_text};
use crate::limits::{TEMPLATE_LOGOS_BYTES_MAX, TEMPLATE_NAME_BYTES_MAX};

const WIFI_KEYS: &str = "ssid, password, security, hidden, text, size, level";
const COUPON_KEYS: &str = "data, text, valid-from, valid-until, size, level";
const MEMBER_KEYS: &str = "data, text, size, level";

/// Bytes of a network's name (IEEE 802.11, 9.4.2.2).
const SSID_BYTES_MAX: usize = 32;

/// Bytes of a password of WPA (IEEE 802.11, annex J.4): 64 are a key in hexadecimal digits.
const WPA_BYTES: std::ops::RangeInclusive<usize> = 8..=64;

/// The pictures beside a template.
pub(super) struct Logos<'l> {
    read: &'l mut dyn FnMut(&str) -> Result<Vec<u8>, String>,
    left: usize,
}

impl<'l> Logos<'l> {
    pub(super) fn new(read: &'l mut dyn FnMut(&str) -> Result<Vec<u8>, String>) -> Self {
        Self { read, left: TEMPLATE_LOGOS_BYTES_MAX }
    }

    fn base64(&mut self, file: &str) -> Result<String, Words> {
        let letters = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if file.is_empty()
            || file.len() > TEMPLATE_NAME_BYTES_MAX
            || file.starts_with('.')
            || !file.chars().all(letters)
        {
            return Err(Words::new(
                format!(
                    "it has to be the name of a file beside the template, without a folder: 1 to \
                     {TEMPLATE_NAME_BYTES_MAX} letters, digits, '-', '_' and '.'"
                ),
                format!(
                    "应为模板旁的文件名，不含目录：1 至 {TEMPLATE_NAME_BYTES_MAX} 个字母、数字、“-”、“_”或“.”"
                ),
            ));
        }
        let bytes = (self.read)(file).map_err(|why| Words::new(why.clone(), why))?;
        self.left = self.left.checked_sub(bytes.len()).ok_or_else(|| {
            Words::new(
                format!("the logos of a template may have {TEMPLATE_LOGOS_BYTES_MAX} bytes together"),
                format!("一个模板的全部图片合计最多 {TEMPLATE_LOGOS_BYTES_MAX} 字节"),
            )
        })?;
        Ok(STANDARD.encode(bytes))
    }
}

/// Where a line stands.
pub(super) struct Context<'s> {
    pub(super) source: Source<'s>,
    pub(super) path: String,
    /// The last day of its part.
    pub(super) until: Option<Date>,
}

/// Writes a line as lines of a receipt. `out` is told of each whether it was made from a short form.
pub(super) fn write(
    key: &str,
    value: &Value<'_>,
    context: &Context<'_>,
    logos: &mut Logos<'_>,
    out: &mut dyn FnMut(String, bool),
) -> Result<(), TemplateError> {
    match (key, value.get_ref()) {
        ("logo", DeValue::String(file)) => {
            let logo = logo(file, &DeTable::new(), value, context, logos)?;
            out(logo, true);
        }
        ("logo", DeValue::Table(table)) if table.contains_key("file") => {
            let file = table.iter().find(|(key, _)| key.get_ref() == "file").map(|(_, value)| value);
            let Some(DeValue::String(name)) = file.map(|file| file.get_ref()) else {
                let spot = context.source.spot(value.span(), context.path.clone());
                let allowed = Words::new(
                    "a table whose key file is the name of a file beside the template",
                    "表，其中 file 为模板旁的文件名",
                );
                return Err(TemplateError::Value { spot, allowed });
            };
            out(logo(name, table, value, context, logos)?, false);
        }
        ("wifi", DeValue::Table(table)) => wifi(table, value, context, out)?,
        ("coupon", DeValue::Table(table)) => coupon(table, value, context, out)?,
        ("member", DeValue::Table(table)) => {
            let fields = Fields::new(context.source, table, context.path.clone(), MEMBER_KEYS)?;
            let data = needed(&fields, value, "data", DATA)?;
            code(&fields, data, out);
            text(fields.text("text")?.unwrap_or_default(), out);
        }
        ("wifi" | "coupon" | "member", _) => {
            let spot = context.source.spot(value.span(), context.path.clone());
            return Err(TemplateError::Value { spot, allowed: Words::new("a table", "表") });
        }
        (key, content) => {
            let mut line = String::from("{");
            json_text(key, &mut line);
            line.push(':');
            super::source::json(content, &mut line);
            line.push('}');
            out(line, false);
        }
    }
    Ok(())
}

const DATA: (&str, &str) = ("the content of the code", "二维码的内容");

/// How a JPEG begins in base64 (ff d8 ff): anything else has to be a PNG.
const JPEG_BEGIN: &str = "/9j/";

/// A logo line: what the table says, and the picture.
fn logo(
    file: &str,
    table: &DeTable<'_>,
    value: &Value<'_>,
    context: &Context<'_>,
    logos: &mut Logos<'_>,
) -> Result<String, TemplateError> {
    let picture = logos.base64(file).map_err(|why| {
        let spot = context.source.spot(value.span(), context.path.clone());
        let file = file.chars().filter(|c| !c.is_control()).take(TEMPLATE_NAME_BYTES_MAX).collect();
        TemplateError::Logo { spot, file, why }
    })?;
    let kind = if picture.starts_with(JPEG_BEGIN) { "jpeg" } else { "png" };
    let mut line = format!("{{\"logo\":{{\"{kind}_base64\":\"{picture}\"");
    if table.len() > 1 {
        line.push(',');
        json_fields(table, &["file"], &mut line);
    }
    line.push_str("}}");
    Ok(line)
}

/// A text that must be there and not be empty.
fn needed<'t>(
    fields: &Fields<'t, '_>,
    value: &Value<'_>,
    key: &str,
    (en, zh): (&'static str, &'static str),
) -> Result<&'t str, TemplateError> {
    match fields.text(key)? {
        Some(text) if !text.is_empty() => Ok(text),
        _ => Err(fields.wrong(key, fields.get(key).unwrap_or(value), Words::new(en, zh))),
    }
}

/// A QR code in the middle. Its size and level are checked by the reader of receipts.
fn code(fields: &Fields<'_, '_>, data: &str, out: &mut dyn FnMut(String, bool)) {
    let mut line = String::from("{\"qr\":{\"data\":");
    json_text(data, &mut line);
    for key in ["size", "level"] {
        if let Some(value) = fields.get(key) {
            line.push_str(&format!(",\"{key}\":"));
            super::source::json(value.get_ref(), &mut line);
        }
    }
    line.push_str("}}");
    out(line, true);
}

/// A text in the middle, if there is any.
fn text(text: &str, out: &mut dyn FnMut(String, bool)) {
    if text.trim().is_empty() {
        return;
    }
    let mut line = String::from("{\"text\":{\"align\":\"center\",\"text\":");
    json_text(text, &mut line);
    line.push_str("}}");
    out(line, true);
}

fn wifi(
    table: &DeTable<'_>,
    value: &Value<'_>,
    context: &Context<'_>,
    out: &mut dyn FnMut(String, bool),
) -> Result<(), TemplateError> {
    let fields = Fields::new(context.source, table, context.path.clone(), WIFI_KEYS)?;
    let ssid = needed(&fields, value, "ssid", ("the name of the network", "网络名称"))?;
    if let Some(value) = fields.get("ssid").filter(|_| ssid.len() > SSID_BYTES_MAX) {
        return Err(fields.wrong(
            "ssid",
            value,
            Words::new(format!("1 to {SSID_BYTES_MAX} bytes"), format!("1 至 {SSID_BYTES_MAX} 字节")),
        ));
    }
    let password = fields.text("password")?;
    let usual = if password.is_some() { "WPA" } else { "nopass" };
    let security = fields.text("security")?.unwrap_or(usual);
    let (fits, en, zh) = match (security, password) {
        ("WPA", Some(password)) => {
            (WPA_BYTES.contains(&password.len()), "8 to 63 characters for WPA", "8 至 63 个字符（WPA）")
        }
        ("WEP", Some(password)) => {
            let fits = matches!(password.len(), 5 | 10 | 13 | 26);
            (fits, "5, 10, 13 or 26 characters for WEP", "5、10、13 或 26 个字符（WEP）")
        }
        ("WPA" | "WEP", None) => (false, "there: the network is not open", "网络的密码：该网络不是开放网络"),
        ("nopass", password) => {
            (password.is_none(), "left out for an open network", "不填：开放网络没有密码")
        }
        _ => {
            let at = fields.get("security").unwrap_or(value);
            let allowed = Words::new(
                "\"WPA\" (for WPA2 and WPA3 too), \"WEP\" or \"nopass\"",
                "\"WPA\"（含 WPA2、WPA3）、\"WEP\" 或 \"nopass\"",
            );
            return Err(fields.wrong("security", at, allowed));
        }
    };
    if !fits {
        let at = fields.get("password").unwrap_or(value);
        return Err(fields.wrong("password", at, Words::new(en, zh)));
    }
    let hidden = match fields.get("hidden") {
        None => false,
        Some(value) => match value.get_ref() {
            DeValue::Boolean(hidden) => *hidden,
            _ => return Err(fields.wrong("hidden", value, Words::new("true or false", "true 或 false"))),
        },
    };
    code(&fields, &wifi_code(ssid, password, security, hidden), out);
    match (fields.text("text")?, password) {
        (Some(own), _) => text(own, out),
        (None, Some(password)) => text(&format!("WiFi: {ssid}\n密码 PASSWORD: {password}"), out),
        (None, None) => text(&format!("WiFi: {ssid}"), out),
    }
    Ok(())
}

/// What a QR code says so that a phone joins a network.
///
/// The form is that of the ZXing project ("Barcode Contents", section "Wi-Fi Network config"), which the cameras of
/// Android and iOS read: `\`, `;`, `,`, `:` and `"` have a `\` before them.
#[must_use]
pub fn wifi_code(ssid: &str, password: Option<&str>, security: &str, hidden: bool) -> String {
    let escaped = |text: &str| {
        let mut out = String::with_capacity(text.len() + 4);
        for character in text.chars() {
            if matches!(character, '\\' | ';' | ',' | ':' | '"') {
                out.push('\\');
            }
            out.push(character);
        }
        out
    };
    let mut code = format!("WIFI:T:{security};S:{};", escaped(ssid));
    if let Some(password) = password {
        code.push_str(&format!("P:{};", escaped(password)));
    }
    if hidden {
        code.push_str("H:true;");
    }
    code.push(';');
    code
}

/// A coupon says until when it is good, and is not given out after that.
fn coupon(
    table: &DeTable<'_>,
    value: &Value<'_>,
    context: &Context<'_>,
    out: &mut dyn FnMut(String, bool),
) -> Result<(), TemplateError> {
    let fields = Fields::new(context.source, table, context.path.clone(), COUPON_KEYS)?;
    let data = needed(&fields, value, "data", DATA)?;
    let (from, until) = (date(&fields, "valid-from")?, date(&fields, "valid-until")?);
    if let (Some(until), Some(at)) = (until, fields.get("valid-until")) {
        if from.is_some_and(|from| until < from) {
            let allowed = Words::new("the day of valid-from or a later one", "valid-from 当日或之后的日期");
            return Err(fields.wrong("valid-until", at, allowed));
        }
        if context.until.is_none_or(|last| until < last) {
            let allowed = Words::new(
                "the until of its part, which has to be there, or a later day: a coupon is not given out when it is over",
                "所在段的 until（必填）当日或之后的日期：已过期的优惠券不应再发出",
            );
            return Err(fields.wrong("valid-until", at, allowed));
        }
    }
    code(&fields, data, out);
    text(fields.text("text")?.unwrap_or_default(), out);
    match (from, until) {
        (Some(from), Some(until)) => {
            text(&format!("有效期 VALID {} - {}", from.printed(), until.printed()), out);
        }
        (None, Some(until)) => text(&format!("有效期至 VALID UNTIL {}", until.printed()), out),
        (Some(from), None) => text(&format!("生效日期 VALID FROM {}", from.printed()), out),
        (None, None) => {}
    }
    Ok(())
}
