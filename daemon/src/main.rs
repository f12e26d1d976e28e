//! receiptd: arguments, logging, exit codes. Everything else is in the library.

use std::process::ExitCode;

use receiptd::args::{Args, Stop};
use receiptd::config::{self, Settings};
use receiptd::logging;
use receiptd::reload::Source;
use receiptd::{run, templates};
use receiptd_printer::usb::udev;

/// Wrong arguments, as of most commands.
const EXIT_USAGE: u8 = 2;
/// `EX_CONFIG`.
const EXIT_CONFIG: u8 = 78;

fn main() -> ExitCode {
    let args = match Args::read(std::env::args_os().skip(1)) {
        Ok(args) => args,
        Err(Stop::Told(text)) => {
            print!("{text}");
            return ExitCode::SUCCESS;
        }
        Err(Stop::Wrong(why)) => {
            eprintln!("{why}");
            return ExitCode::from(EXIT_USAGE);
        }
    };
    if args.print_udev_rules {
        print!("{}", udev::rules());
        return ExitCode::SUCCESS;
    }
    let settings = match config::load(args.config.as_deref()) {
        Ok(settings) => settings,
        Err(why) => {
            eprintln!("receiptd: {why}");
            if cfg!(target_os = "android") && !args.check_config && !args.print_hwdb {
                // init of Android shows standard error to nobody.
                logging::start(log::LevelFilter::Error);
                log::error!("{why}");
            }
            return ExitCode::from(EXIT_CONFIG);
        }
    };
    if args.print_hwdb {
        print!("{}", udev::hwdb(&settings.quirks));
        return ExitCode::SUCCESS;
    }
    if args.check_config {
        print!("{}", summary(&settings));
        let wrong = templates::wrong(&settings);
        for wrong in &wrong {
            eprintln!("receiptd: {wrong}; receipts would be printed without it");
        }
        return if wrong.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(EXIT_CONFIG) };
    }
    let level = match args.verbose {
        0 => None,
        1 => Some(log::LevelFilter::Debug),
        _ => Some(log::LevelFilter::Trace),
    };
    let source = Source { file: args.config, level };
    logging::start(source.level(&settings));
    match run::run(&settings, &source) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            log::error!("{why}");
            ExitCode::from(why.exit_code())
        }
    }
}

fn summary(settings: &Settings) -> String {
    use std::fmt::Write as _;
    let mut text = String::from("the configuration is in order\n");
    let _ = writeln!(text, "spool: {}", settings.directory.display());
    let _ = match &settings.api.socket {
        Some(socket) => {
            writeln!(text, "socket: {} (mode {:04o})", socket.display(), settings.api.socket_mode)
        }
        None => writeln!(text, "socket: none"),
    };
    let _ = writeln!(
        text,
        "bus: {}",
        settings.api.bus.map_or("none", |bus| match bus {
            config::Bus::System => "system",
            config::Bus::Session => "session",
        })
    );
    for printer in &settings.printers {
        let evidence = printer.evidence.map_or("found out".to_owned(), |g| format!("{g}, vouched for"));
        let _ = writeln!(
            text,
            "printer {}: {}, {} dots, evidence {evidence}",
            printer.name, printer.endpoint, printer.profile.dots
        );
    }
    for template in settings.templates.templates.iter() {
        let (name, parts) = (template.name(), template.parts().len());
        let _ = writeln!(text, "template {name}: {parts} {}", if parts == 1 { "part" } else { "parts" });
    }
    if settings.printers.is_empty() {
        text.push_str("no printer is configured: nothing can be accepted until there is one ([[printer]])\n");
    }
    text
}
