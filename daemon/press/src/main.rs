//! The program `receiptd-press`: a question on standard input, a receipt as text, HTML, PNG or PDF on standard output.
//!
//! It is started by `receiptctl` and by the Java library, and takes no arguments. It ends with 1 and a sentence on standard error if it was
//! asked something else.

use std::io::{Read as _, Write as _};
use std::process::ExitCode;

use receiptd_fonts::Fonts;
use receiptd_press::answer;
use receiptd_press::limits::REQUEST_BYTES_MAX;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("receiptd-press: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn std::error::Error>> {
    let mut question = Vec::new();
    std::io::stdin().lock().take(REQUEST_BYTES_MAX + 1).read_to_end(&mut question)?;
    if question.len() as u64 > REQUEST_BYTES_MAX {
        return Err(format!("the question has more than {REQUEST_BYTES_MAX} bytes").into());
    }
    let made = answer(&question, &mut Fonts::default())?;
    let mut out = std::io::stdout().lock();
    out.write_all(&made)?;
    out.flush()?;
    Ok(())
}
