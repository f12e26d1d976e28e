//! Makes `profiles.toml` into Rust: the daemon then looks a model up without parsing anything, and its texts, which only
//! people read, are a table of their own that the linker drops from a program that shows none.

use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

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
    fs::write(Path::new(&env::var("OUT_DIR")?).join("models.rs"), code)?;
    Ok(())
}

/// A value as Rust writes it. A word is a variant of its key's type; what does not exist the compiler refuses.
fn literal(key: &str, value: &Value) -> Result<String, String> {
    match (key, value) {
        (_, Value::Integer(_) | Value::Boolean(_)) => Ok(value.to_string()),
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
