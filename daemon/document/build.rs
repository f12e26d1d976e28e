//! Makes `profiles.toml` into Rust: the daemon then looks a model up without parsing anything, and its texts, which only
//! people read, are a table of their own that the linker drops from a program that shows none.
//!
//! And makes the table of the characters that GB18030 writes with two bytes. It is asked of `encoding_rs` here and not
//! when a receipt is printed, since that crate keeps all its encodings together: 100 KB of Big5, Japanese and Korean would
//! be in each program.

use std::error::Error;
use std::fmt::Write as _;
use std::ops::RangeInclusive;
use std::path::Path;
use std::{env, fs};

use encoding_rs::{EncoderResult, GB18030};
use toml::{Table, Value};

/// Keys of an entry that are texts for people.
const TEXTS: [&str; 4] = ["id", "name", "story", "source"];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=profiles.toml");
    let file: Table = fs::read_to_string("profiles.toml")?.parse()?;
    let models = file.get("model").and_then(Value::as_array).ok_or("profiles.toml has no [[model]]")?;
    let mut profiles = String::new();
    let mut texts = String::new();
    for model in models {
        let model = model.as_table().ok_or("a model is a table")?;
        let text = |key: &str| {
            let text = model.get(key).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
            text.ok_or_else(|| format!("profiles.toml: {key} is missing in {model}"))
        };
        let mut fields = String::new();
        for (key, value) in model.iter().filter(|(key, _)| !TEXTS.contains(&key.as_str()) && *key != "paper")
        {
            writeln!(fields, "{}: {}, ", key.replace('-', "_"), literal(key, value)?)?;
        }
        let paper = text("paper")?.strip_suffix("mm").ok_or("paper = \"..mm\"")?;
        writeln!(profiles, "({:?}, || Profile {{ {fields} ..Profile::mm{paper}() }}),", text("id")?)?;
        writeln!(texts, "({:?}, {:?}, {:?}),", text("name")?, text("story")?, text("source")?)?;
    }
    let count = models.len();
    let code = format!(
        "type Built = (&'static str, fn() -> Profile);\n\
         static PROFILES: [Built; {count}] = [{profiles}];\n\
         static TEXTS: [(&str, &str, &str); {count}] = [{texts}];\n"
    );
    let out = env::var("OUT_DIR")?;
    fs::write(Path::new(&out).join("models.rs"), code)?;
    fs::write(Path::new(&out).join("gb18030.rs"), gb18030()?)?;
    Ok(())
}

/// The characters with two bytes: the Hanzi in one row from `FIRST_HANZI`, the others in order, each with its bytes. Those
/// of private use are left out: no font has them.
fn gb18030() -> Result<String, Box<dyn Error>> {
    const HANZI: RangeInclusive<char> = '\u{4e00}'..='\u{9fa5}';
    let (mut hanzi, mut others) = (String::new(), String::new());
    for character in ('\u{80}'..='\u{ffff}').filter(|c| !('\u{e000}'..='\u{f8ff}').contains(c)) {
        let bytes = two_bytes(character);
        if HANZI.contains(&character) {
            let [lead, trail] = bytes.ok_or_else(|| format!("{character} has no two bytes"))?;
            write!(hanzi, "[{lead},{trail}],")?;
        } else if let Some([lead, trail]) = bytes {
            writeln!(others, "({}, [{lead}, {trail}]),", u32::from(character))?;
        }
    }
    Ok(format!(
        "const FIRST_HANZI: u16 = {};\n\
         static HANZI: [[u8; 2]; {}] = [{hanzi}];\n\
         static OTHERS: [(u16, [u8; 2]); {}] = [{others}];\n",
        u32::from(*HANZI.start()),
        HANZI.count(),
        others.lines().count(),
    ))
}

fn two_bytes(character: char) -> Option<[u8; 2]> {
    let (mut utf8, mut out) = ([0; 4], [0; 4]);
    let (result, _, written) = GB18030.new_encoder().encode_from_utf8_without_replacement(
        character.encode_utf8(&mut utf8),
        &mut out,
        true,
    );
    matches!((result, written), (EncoderResult::InputEmpty, 2)).then_some([out[0], out[1]])
}

/// A value as Rust writes it. A word is a variant of its key's type; what does not exist the compiler refuses.
fn literal(key: &str, value: &Value) -> Result<String, String> {
    match (key, value) {
        (_, Value::Integer(_) | Value::Boolean(_)) => Ok(value.to_string()),
        ("code-pages", Value::Table(pages)) => {
            let pages = pages.iter().map(|(page, number)| format!("pages.{page} = Some({number}); "));
            Ok(format!("{{ let mut pages = CodePages::NONE; {} pages }}", pages.collect::<String>()))
        }
        ("kanji", Value::String(word)) => Ok(format!("KanjiMode::{}", pascal(word))),
        ("cutter", Value::String(word)) => Ok(format!("Cutter::{}", pascal(word))),
        ("head", Value::String(word)) => Ok(format!("Head::{}", pascal(word))),
        _ => Err(format!("profiles.toml: {key} = {value} is no value of a profile")),
    }
}

fn pascal(word: &str) -> String {
    word.split('-')
        .map(|part| {
            part.chars().take(1).flat_map(char::to_uppercase).chain(part.chars().skip(1)).collect::<String>()
        })
        .collect()
}
