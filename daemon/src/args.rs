//! The command line.

use std::path::PathBuf;

use clap::Parser;

/// The receipt daemon: what it accepts is printed, or its fate is known.
///
/// 小票守护进程：凡已受理的小票，必定打印，或其去向可查。
#[derive(Debug, Parser)]
#[command(name = "receiptd", version, max_term_width = 100)]
#[command(
    after_help = "Exit codes: 0 ended as asked; 1 failed while running; 2 wrong arguments; 73 the spool can't be used; \
76 the interface can't be offered; 78 the configuration is wrong.\n\
See receiptd(8), receiptd.toml(5), receiptctl(1)."
)]
pub struct Args {
    /// Read this configuration instead of /etc/receiptd/receiptd.toml
    #[arg(short, long, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Check the configuration, say what it means, and end
    #[arg(long)]
    pub check_config: bool,

    /// Print the udev rules that come with this program, and end
    #[arg(long, hide = true)]
    pub print_udev_rules: bool,

    /// Print the udev hardware database made from the quirks, the local ones included, and end
    #[arg(long, hide = true)]
    pub print_hwdb: bool,

    /// Log more: -v for decisions, -vv for everything (never a receipt's content)
    #[arg(short, long, action = clap::ArgAction::Count)]
    pub verbose: u8,
}
