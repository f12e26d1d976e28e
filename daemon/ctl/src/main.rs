//! The process around the library: arguments in, exit code out.

use std::process::ExitCode;

fn main() -> ExitCode {
    receiptctl::run(std::env::args_os().collect()).into()
}
