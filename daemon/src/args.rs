//! The command line: five options, and words for whoever mistypes one.
//!
//! The help is written out (`args/help.txt`, and shorter `args/help-short.txt`), since what makes it from a description
//! has a thirtieth of the daemon's size. A test holds it and the options together.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

use lexopt::Arg;
use receiptd_document::models::near;

/// What the daemon is asked for.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Args {
    /// Read this configuration instead of `/etc/receiptd/receiptd.toml`.
    pub config: Option<PathBuf>,
    /// Check the configuration, say what it means, and end.
    pub check_config: bool,
    /// Print the udev rules that come with this program, and end.
    pub print_udev_rules: bool,
    /// Print the udev hardware database made from the quirks, the local ones included, and end.
    pub print_hwdb: bool,
    /// Log more: 1 for decisions, 2 and more for everything (never a receipt's content).
    pub verbose: u8,
}

/// Why there is nothing to do.
#[derive(Debug, PartialEq, Eq)]
pub enum Stop {
    /// A text was asked for; it goes to standard output.
    Told(&'static str),
    /// The arguments are wrong.
    Wrong(Wrong),
}

/// What is wrong with the arguments.
#[derive(Debug, PartialEq, Eq)]
pub enum Wrong {
    /// There is no such option, and nothing but options is taken.
    Unknown(String),
    /// An option lacks its value.
    ValueMissing(&'static str),
    /// An option that takes no value has one.
    Value {
        /// The option.
        option: String,
        /// The value.
        value: String,
    },
    /// An option that counts once stands twice.
    Twice(&'static str),
}

/// Options with a long name, the hidden ones aside.
const LONG: [&str; 5] = ["config", "check-config", "verbose", "help", "version"];

const HELP_SHORT: &str = include_str!("args/help-short.txt");
const HELP: &str = include_str!("args/help.txt");
const VERSION: &str = concat!("receiptd ", env!("CARGO_PKG_VERSION"), "\n");

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut usage = Some("[OPTIONS]".to_owned());
        match self {
            Self::Unknown(argument) => {
                write!(f, "error: unexpected argument '{argument}' found")?;
                let name = argument.strip_prefix("--").unwrap_or_default();
                if let Some(meant) = near(name, LONG.into_iter()).first().filter(|_| !name.is_empty()) {
                    write!(f, "\n\n  tip: a similar argument exists: '--{meant}'")?;
                    usage = Some(format!("--{meant}"));
                }
            }
            Self::ValueMissing(option) => {
                write!(f, "error: a value is required for '{option}' but none was supplied")?;
                usage = None;
            }
            Self::Value { option, value } => {
                write!(f, "error: unexpected value '{value}' for '{option}' found; no more were expected")?;
                usage = Some(option.clone());
            }
            Self::Twice(option) => write!(f, "error: the argument '{option}' cannot be used multiple times")?,
        }
        if let Some(usage) = usage {
            write!(f, "\n\nUsage: receiptd {usage}")?;
        }
        f.write_str("\n\nFor more information, try '--help'.")
    }
}

impl Args {
    /// Reads the arguments behind the program's name.
    ///
    /// # Errors
    /// A text was asked for, or they are wrong.
    pub fn read(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, Stop> {
        let mut args = Self::default();
        let mut parser = lexopt::Parser::from_args(arguments);
        while let Some(argument) = parser.next().map_err(wrong)? {
            match argument {
                Arg::Short('c') | Arg::Long("config") => {
                    let value = parser.value().map_err(wrong)?;
                    if value.is_empty() {
                        return Err(Stop::Wrong(Wrong::ValueMissing("--config <FILE>")));
                    }
                    if args.config.replace(value.into()).is_some() {
                        return Err(Stop::Wrong(Wrong::Twice("--config <FILE>")));
                    }
                }
                Arg::Long("check-config") => once(&mut args.check_config, "--check-config")?,
                Arg::Long("print-udev-rules") => once(&mut args.print_udev_rules, "--print-udev-rules")?,
                Arg::Long("print-hwdb") => once(&mut args.print_hwdb, "--print-hwdb")?,
                Arg::Short('v') | Arg::Long("verbose") => args.verbose = args.verbose.saturating_add(1),
                Arg::Short('h') => return Err(Stop::Told(HELP_SHORT)),
                Arg::Long("help") => return Err(Stop::Told(HELP)),
                Arg::Short('V') | Arg::Long("version") => return Err(Stop::Told(VERSION)),
                other => return Err(unknown(other)),
            }
        }
        Ok(args)
    }
}

fn once(flag: &mut bool, option: &'static str) -> Result<(), Stop> {
    if std::mem::replace(flag, true) { Err(Stop::Wrong(Wrong::Twice(option))) } else { Ok(()) }
}

fn unknown(argument: Arg<'_>) -> Stop {
    Stop::Wrong(Wrong::Unknown(match argument {
        Arg::Short(letter) => format!("-{letter}"),
        Arg::Long(name) => format!("--{name}"),
        Arg::Value(value) => value.to_string_lossy().into_owned(),
    }))
}

fn wrong(error: lexopt::Error) -> Stop {
    use lexopt::Error;
    Stop::Wrong(match error {
        // Only one option takes a value.
        Error::MissingValue { .. } => Wrong::ValueMissing("--config <FILE>"),
        Error::UnexpectedValue { option, value } => {
            Wrong::Value { option, value: value.to_string_lossy().into_owned() }
        }
        other => Wrong::Unknown(other.to_string()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(arguments: &[&str]) -> Result<Args, Stop> {
        Args::read(arguments.iter().map(OsString::from))
    }

    #[track_caller]
    fn refused(arguments: &[&str]) -> String {
        match read(arguments) {
            Err(Stop::Wrong(wrong)) => wrong.to_string(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn every_way_to_write_an_option_is_understood() {
        assert_eq!(read(&[]), Ok(Args::default()));
        for way in [&["-c", "/x y"][..], &["-c/x y"], &["-c=/x y"], &["--config", "/x y"], &["--config=/x y"]]
        {
            assert_eq!(read(way), Ok(Args { config: Some("/x y".into()), ..Args::default() }));
        }
        let all = read(&["-vv", "--verbose", "--check-config", "--print-hwdb", "--print-udev-rules"]);
        let wanted = Args {
            check_config: true,
            print_hwdb: true,
            print_udev_rules: true,
            verbose: 3,
            ..Args::default()
        };
        assert_eq!(all, Ok(wanted));
        assert_eq!(read(&["-vc", "x"]).unwrap().verbose, 1);
    }

    #[test]
    fn what_is_wrong_is_said_with_what_is_allowed() {
        let end = "\n\nFor more information, try '--help'.";
        let usage = format!("\n\nUsage: receiptd [OPTIONS]{end}");
        for (arguments, words) in [
            (
                &["--chekc-config"][..],
                format!(
                    "error: unexpected argument '--chekc-config' found\n\n  tip: a similar argument exists: \
                     '--check-config'\n\nUsage: receiptd --check-config{end}"
                ),
            ),
            (&["--qqq"], format!("error: unexpected argument '--qqq' found{usage}")),
            (&["x"], format!("error: unexpected argument 'x' found{usage}")),
            (&["-vx"], format!("error: unexpected argument '-x' found{usage}")),
            (&["-c"], format!("error: a value is required for '--config <FILE>' but none was supplied{end}")),
            (
                &["--config="],
                format!("error: a value is required for '--config <FILE>' but none was supplied{end}"),
            ),
            (
                &["--check-config=1"],
                format!(
                    "error: unexpected value '1' for '--check-config' found; no more were expected\n\n\
                     Usage: receiptd --check-config{end}"
                ),
            ),
            (
                &["-c", "a", "-c", "b"],
                format!("error: the argument '--config <FILE>' cannot be used multiple times{usage}"),
            ),
            (
                &["--check-config", "--check-config"],
                format!("error: the argument '--check-config' cannot be used multiple times{usage}"),
            ),
        ] {
            assert_eq!(refused(arguments), words);
        }
    }

    #[test]
    fn the_help_names_every_option_and_ends_the_reading() {
        assert_eq!(read(&["--help", "--no-such"]), Err(Stop::Told(HELP)));
        assert_eq!(read(&["-vh"]), Err(Stop::Told(HELP_SHORT)));
        assert!(read(&["-V"]) == read(&["--version"]) && VERSION.starts_with("receiptd 0"));
        for name in LONG {
            let option = format!("--{name}");
            assert!(HELP.contains(&option) && HELP_SHORT.contains(&option), "{option}");
            // It exists: with a value it is wrong in another way, or read.
            assert!(!matches!(read(&[&option]), Err(Stop::Wrong(Wrong::Unknown(_)))), "{option}");
        }
        let lines = HELP.lines().chain(HELP_SHORT.lines());
        assert!(lines.filter(|line| line.trim_start().starts_with('-')).count() == 2 * LONG.len());
        assert!(HELP.lines().all(|line| line.chars().count() <= 100), "a terminal in a shop is narrow");
    }
}
