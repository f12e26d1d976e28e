//! Where in a document an error is: the path of `serde_path_to_error`, without its code.
//!
//! That crate reads a document a second time, with code of its own for each type of the receipt, which was an eighth of
//! what the daemon's program had of them. Here the place where the parser stopped is looked up in the text instead. What lies
//! before it is sound JSON, or the error would not be one of shape; where exactly the parser stops, `serde_json` does
//! not promise, so a test compares the two for every change to a document that it can think of.

use std::borrow::Cow;

/// What the parser had read last.
#[derive(Debug, Clone, Copy)]
enum Last<'a> {
    /// Nothing, or a colon: a value is next.
    Nothing,
    /// A bracket that opens a list or an object.
    Begin,
    /// The key of an object.
    Key,
    /// A value that is no list and no object.
    Value,
    /// A comma.
    Comma,
    /// The end of a list or an object; where in it its last value stood.
    End(Step<'a>),
}

/// A step of a path.
#[derive(Debug, Clone, Copy)]
enum Step<'a> {
    /// In a list, from 0.
    Index(usize),
    /// In an object: the key as it is written, with its quotation marks; empty before there is one.
    Key(&'a [u8]),
}

/// The path of an error of shape: `$.lines[3].text.size`, or `$` for the whole.
///
/// `read` is what the parser had read, `words` is what it says.
pub(super) fn path(read: &[u8], words: &str) -> String {
    let (mut steps, last, string) = walk(read);
    let says = |begins: &[&str]| begins.iter().any(|begin| words.starts_with(begin));
    let of_name = says(&["invalid type: unit variant"]);
    let of_whole = says(&["missing field", "duplicate field", "invalid length"]);
    // A type that looks at what there is refuses a list or an object behind its bracket; one that wants an object
    // refuses a list before it.
    let of_bracket =
        says(&["invalid type: map", "invalid type: sequence"]) && !words.ends_with("expected an object");
    match last {
        Last::Key if !says(&["unknown field"]) => drop(steps.pop()),
        Last::Begin | Last::Comma if of_bracket => drop(steps.pop()),
        // The parser looks behind the comma before it tells of a name; of others it stops before what it can't take.
        Last::Comma if !of_name => {
            if let Some(Step::Index(index)) = steps.last_mut() {
                *index += 1;
            }
        }
        // A value that was refused when it had been read is told behind the end of what it stands in.
        Last::End(step) if !of_whole && !of_bracket => steps.push(step),
        _ => {}
    }
    if of_name {
        steps.push(Step::Key(string));
    }
    let mut path = String::from("$");
    for step in steps {
        match step {
            Step::Index(index) => path.push_str(&format!("[{index}]")),
            Step::Key(key) => {
                path.push('.');
                path.push_str(&serde_json::from_slice::<Cow<'_, str>>(key).unwrap_or_default());
            }
        }
    }
    path
}

/// The steps to where the text ends, what is last in it, and its last string.
fn walk(text: &[u8]) -> (Vec<Step<'_>>, Last<'_>, &[u8]) {
    let mut steps = Vec::new();
    let mut last = Last::Nothing;
    let mut string: &[u8] = &[];
    let mut rest = text;
    while let Some(first) = rest.first() {
        let mut length = 1;
        match first {
            b' ' | b'\n' | b'\r' | b'\t' => {}
            b':' => last = Last::Nothing,
            b',' => last = Last::Comma,
            b'}' | b']' => {
                if let Some(step) = steps.pop() {
                    last = Last::End(step);
                }
            }
            begin => {
                if let (Last::Comma, Some(Step::Index(index))) = (last, steps.last_mut()) {
                    *index += 1;
                }
                last = match begin {
                    b'{' => {
                        steps.push(Step::Key(&[]));
                        Last::Begin
                    }
                    b'[' => {
                        steps.push(Step::Index(0));
                        Last::Begin
                    }
                    b'"' => {
                        length = string_length(rest);
                        string = rest.get(..length).unwrap_or_default();
                        match steps.last_mut() {
                            Some(Step::Key(key)) if matches!(last, Last::Begin | Last::Comma) => {
                                *key = string;
                                Last::Key
                            }
                            _ => Last::Value,
                        }
                    }
                    _ => {
                        length =
                            rest.iter().position(|byte| b" \n\r\t,:}]".contains(byte)).unwrap_or(rest.len());
                        Last::Value
                    }
                };
            }
        }
        rest = rest.get(length..).unwrap_or_default();
    }
    (steps, last, string)
}

/// Bytes of the string that a text begins with, with its quotation marks.
fn string_length(text: &[u8]) -> usize {
    let mut escaped = false;
    for (at, byte) in text.iter().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
#[path = "place_tests.rs"]
mod tests;
