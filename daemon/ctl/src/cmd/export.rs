//! `receiptctl store export`: the rows of the store as readable JSON lines.
//!
//! The store writes its rows in hexadecimal; this reads them as they come and puts the core's records in their
//! place. Receipts are shown by their size alone, unless `--raw` asks for the rows as they are.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use receiptd_core::record::{self, Counters, JobRecord, KeyRecord, PrinterRecord, Unreadable};
use receiptd_store::offline;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::cmd::{Context, store};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::json as schema;
use crate::text::messages as m;
use crate::users::Users;

/// Exports the store in `dir`.
///
/// # Errors
/// The store is in use, missing, or cannot be read; the output cannot be written.
pub fn run(dir: &Path, output: Option<&Path>, raw: bool, context: &mut Context) -> Result<Exit, Failure> {
    let users = context.out.style.users.clone();
    let mut target: Box<dyn Write> = match output {
        Some(path) => {
            let failed = |source| Failure::FileWrite { path: path.to_owned(), source };
            Box::new(BufWriter::new(File::create(path).map_err(failed)?))
        }
        None => Box::new(BufWriter::new(io::stdout())),
    };
    let result = store::patiently(context, || {
        if raw {
            offline::export(dir, &mut target)
        } else {
            offline::export(dir, &mut Decoder::new(&mut target, users))
        }
    });
    let report = match result {
        Ok(report) => report,
        Err(receiptd_store::OfflineError::Output(source)) => {
            return Err(match output {
                Some(path) => Failure::FileWrite { path: path.to_owned(), source },
                None => Failure::Output(source),
            });
        }
        Err(source) => return Err(Failure::Store { dir: dir.to_owned(), source }),
    };
    target.flush()?;
    let values = [("records", &*report.records.to_string()), ("places", &*report.damaged_places.to_string())];
    let text = if report.damaged_places == 0 { m::EXPORTED } else { m::EXPORTED_DAMAGED };
    context.out.hint(&context.out.style.fill(text, &values));
    Ok(if report.damaged_places == 0 { Exit::Ok } else { Exit::Damaged })
}

/// Takes the store's lines and passes on readable ones.
struct Decoder<W> {
    out: W,
    users: Users,
    line: Vec<u8>,
}

/// A line of the store's export.
#[derive(Deserialize)]
#[serde(untagged)]
enum Line {
    Row { table: String, key: String, value: String },
    Body { body: u64, bytes: String },
    Other(Value),
}

/// A stored receipt: that it is there, and its size.
#[derive(Serialize)]
struct Body {
    r#type: &'static str,
    job: u64,
    bytes: usize,
}

/// A row that is not a job.
#[derive(Serialize)]
struct Row<'a> {
    r#type: &'static str,
    table: &'a str,
    key: &'a str,
    content: Value,
    unreadable: Option<String>,
}

impl<W: Write> Decoder<W> {
    fn new(out: W, users: Users) -> Self {
        Self { out, users, line: Vec::new() }
    }

    fn pass_on(&mut self) -> io::Result<()> {
        let line = std::mem::take(&mut self.line);
        match serde_json::from_slice(&line)? {
            Line::Row { table, key, value } => self.row(&table, &key, &value),
            Line::Body { body, bytes } => {
                self.put(&Body { r#type: "body", job: body, bytes: bytes.len() / 2 })
            }
            Line::Other(mut value) => {
                if let Some(object) = value.as_object_mut() {
                    let end = object.remove("end").is_some();
                    object.insert("type".to_owned(), if end { "end" } else { "store" }.into());
                }
                self.put(&value)
            }
        }
    }

    fn row(&mut self, table: &str, key: &str, value: &str) -> io::Result<()> {
        let bytes = unhex(value).unwrap_or_default();
        let content = match table {
            "job" | "active" => match record::decode::<JobRecord>(&bytes) {
                Ok(record) => {
                    let mut job = crate::record::job(&record);
                    crate::client::clean_job(&mut job);
                    let users = self.users.clone();
                    return self.put(&schema::Job::stored(&job).with_story(&job.story, &users));
                }
                Err(why) => Err(why),
            },
            "idem" => record::decode::<KeyRecord>(&bytes)
                .map(|found| json!({ "jobs": found.jobs().map(|job| job.0).collect::<Vec<_>>() })),
            "printer" => record::decode::<PrinterRecord>(&bytes).map(|found| {
                json!({
                    "maker": found.identity.maker,
                    "model": found.identity.model,
                    "serial": found.identity.serial,
                    "firmware": found.identity.firmware,
                    "abilities": found.abilities,
                })
            }),
            "meta" if unhex(key).as_deref() == Some(record::COUNTERS_KEY) => {
                record::decode::<Counters>(&bytes)
                    .map(|found| json!({ "next_job": found.next_job, "next_id": found.next_id }))
            }
            _ => Ok(json!({ "hex": value })),
        };
        let (content, unreadable) = match content {
            Ok(content) => (content, None),
            Err(why) => (json!({ "hex": value }), Some(explain(why))),
        };
        self.put(&Row { r#type: "row", table, key, content, unreadable })
    }

    fn put(&mut self, value: &impl Serialize) -> io::Result<()> {
        serde_json::to_writer(&mut self.out, value)?;
        self.out.write_all(b"\n")
    }
}

fn explain(why: Unreadable) -> String {
    match why {
        Unreadable::Empty => "it is empty".to_owned(),
        Unreadable::Later(layout) => format!("a later version wrote it (layout {layout})"),
        Unreadable::Malformed => "it is malformed".to_owned(),
    }
}

impl<W: Write> Write for Decoder<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(part);
            if part.ends_with(b"\n") {
                self.pass_on()?;
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    text.as_bytes()
        .chunks(2)
        .map(|pair| match pair {
            [high, low] => u8::try_from(digit(*high)? * 16 + digit(*low)?).ok(),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_is_read_and_nonsense_is_not() {
        assert_eq!(unhex("00ff7a"), Some(vec![0, 0xff, 0x7a]));
        assert_eq!((unhex("0"), unhex("zz"), unhex("")), (None, None, Some(vec![])));
    }

    #[test]
    fn what_cannot_be_decoded_is_shown_as_it_is() {
        let mut out = Vec::new();
        let mut decoder = Decoder::new(&mut out, Users::default());
        let lines = "{\"format\":\"receiptd-store\",\"version\":1}\n{\"table\":\"job\",\"key\":\"00\",\"value\":\"09ff\"}\n";
        decoder.write_all(lines.as_bytes()).expect("writes");
        let text = String::from_utf8(out).expect("text");
        assert!(text.contains("\"type\":\"store\""), "{text}");
        assert!(text.contains("a later version wrote it (layout 9)") && text.contains("09ff"), "{text}");
    }
}
