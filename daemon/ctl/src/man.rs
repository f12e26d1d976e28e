//! The manual pages: one for the command, one for each verb, made from the command line itself so that they
//! cannot fall behind it. What is not in the command line (exit codes, JSON, files) is written here.

use std::io;

use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use crate::cli;
use crate::exit::MEANINGS;
use crate::text::Lang;

/// The first lines of a page. Without a date: the page must not differ from day to day.
fn title(name: &str) -> Vec<u8> {
    format!(
        ".ie \\n(.g .ds Aq \\(aq\n.el .ds Aq '\n.TH {} 1 \"\" \"receiptd {}\" \"receiptd\"\n",
        name.to_uppercase(),
        env!("CARGO_PKG_VERSION")
    )
    .into_bytes()
}

/// File names and contents of all pages, in English.
///
/// # Errors
/// None in practice: it writes into memory.
pub fn pages() -> io::Result<Vec<(String, Vec<u8>)>> {
    let mut root = cli::command(Lang::En);
    root.build();
    let verbs: Vec<clap::Command> =
        root.get_subcommands().filter(|verb| !verb.is_hide_set()).cloned().collect();
    let mut pages = vec![("receiptctl.1".to_owned(), main_page(root)?)];
    for verb in verbs {
        let name = format!("receiptctl-{}", verb.get_name());
        pages.push((format!("{name}.1"), verb_page(&name, verb)?));
    }
    Ok(pages)
}

fn man(command: clap::Command, title: &str) -> Man {
    Man::new(command).title(title.to_uppercase()).section("1")
}

fn main_page(root: clap::Command) -> io::Result<Vec<u8>> {
    let man = man(root.after_help(""), "receiptctl");
    let mut out = title("receiptctl");
    man.render_name_section(&mut out)?;
    man.render_synopsis_section(&mut out)?;
    description().to_writer(&mut out)?;
    man.render_subcommands_section(&mut out)?;
    man.render_options_section(&mut out)?;
    exit_status().to_writer(&mut out)?;
    rest().to_writer(&mut out)?;
    Ok(out)
}

fn verb_page(name: &str, verb: clap::Command) -> io::Result<Vec<u8>> {
    let below: Vec<clap::Command> = verb.get_subcommands().cloned().collect();
    let man = man(verb.display_name(name.to_owned()), name);
    let mut out = title(name);
    man.render_name_section(&mut out)?;
    man.render_synopsis_section(&mut out)?;
    man.render_description_section(&mut out)?;
    man.render_options_section(&mut out)?;
    for command in below {
        let title = format!("receiptctl {} {}", name.trim_start_matches("receiptctl-"), command.get_name());
        let mut roff = Roff::new();
        roff.control("SH", [title.to_uppercase().as_str()]);
        let about = command.get_about().map(ToString::to_string).unwrap_or_default();
        roff.text([roman(format!("{about}."))]);
        for arg in command.get_arguments().filter(|arg| arg.get_id() != "help" && !arg.is_global_set()) {
            roff.control("TP", []);
            let label = match arg.get_long() {
                Some(long) => format!("--{long}"),
                None => arg
                    .get_value_names()
                    .and_then(|names| names.first())
                    .map(ToString::to_string)
                    .unwrap_or_default(),
            };
            roff.text([bold(label)]);
            roff.text([roman(arg.get_help().map(ToString::to_string).unwrap_or_default())]);
        }
        roff.to_writer(&mut out)?;
    }
    let mut roff = Roff::new();
    roff.control("SH", ["SEE ALSO"]);
    roff.text([bold("receiptctl"), roman("(1) for the common options, the exit codes and the JSON schema.")]);
    roff.to_writer(&mut out)?;
    Ok(out)
}

fn description() -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", ["DESCRIPTION"]);
    for text in [
        "receiptd owns the receipt printer and the receipts: what it accepted survives a crash and a power cut, and \
         has a known fate. receiptctl is how a technician asks for that fate, and how an integrator hands in \
         receipts and settles what only a person can know.",
        "A job is one copy of a receipt to be put on paper. It is 'printed' only when the printer itself said so; \
         the grade (A+, A, B) tells how. A printer that cannot say so leaves its jobs 'sent' (C, D). A job of which \
         nobody knows whether it is on paper is 'uncertain'; it is printed again with the mark DUPLICATE, or waits \
         for a person, as the policy says.",
        "Output is in Chinese or English, by the locale. Times are local.",
    ] {
        roff.control("PP", []);
        roff.text([roman(text)]);
    }
    roff
}

fn exit_status() -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", ["EXIT STATUS"]);
    for (exit, meaning) in MEANINGS {
        roff.control("TP", ["5"]);
        roff.text([bold((*exit as u8).to_string())]);
        roff.text([roman(*meaning)]);
    }
    roff.control("PP", []);
    roff.text([roman(
        "Of several copies the worst counts: 5 before 4, before 9, before 6, before 0. A closed pipe ends the \
         command quietly with 0.",
    )]);
    roff
}

/// The types of objects and what they are.
const JSON_TYPES: &[(&str, &str)] = &[
    (
        "job",
        "jobs, job, store export: id, key, printer, state, final, grade, cut, title, copy, owner_uid, accepted_ms, finished_ms, attempts, duplicate, reprint_of, bytes, lines, length_mm, progress_line, paused_reason, reason, body_available, story, advice, advice_zh. story (job, outcome, store export) is a list of at_ms, event, attempt, params, text, text_zh; advice is a list of sentences.",
    ),
    ("change", "watch, print --wait, reprint --wait: a job that changed, with the keys of job."),
    (
        "outcome",
        "print --wait, reprint --wait: a job that has ended or needs a person, with the keys of job.",
    ),
    ("submitted", "print: key, existed, masked (card numbers), jobs (each with id and copy)."),
    (
        "checked",
        "print --dry-run, one for each copy: kind, copy, title, lines, length_mm, bytes, masked (card numbers).",
    ),
    (
        "preview",
        "preview, template preview: format, copies (a list), length_mm, bytes, output (the file, or null), content (text and HTML, unless there is a file).",
    ),
    (
        "validated",
        "validate, one for each copy of a sound document and one for each that is not: file, sound, kind, copy, title, lines, length_mm, bytes, masked (card numbers), code, message, message_zh.",
    ),
    (
        "template-checked",
        "template check, one for each file: file, name (null if it is not sound), sound, fits (a list of papers: 80mm, 58mm), line and column in the file, code, message, message_zh (null if there is nothing to say).",
    ),
    (
        "template",
        "template list: name, merchant (a list; empty for all), for, copies (lists), parts (each with position, from, until (days, or null), lines, printed (on that day)).",
    ),
    (
        "link",
        "link make, link verify: url, payload, key_number, time_ms, hash, shop, currency, minor (units), copy (of the document, if one was given and it is the one).",
    ),
    ("reprint", "reprint: key, reprint_of, id."),
    ("done", "cancel, hold, release, resolve: verb, id."),
    (
        "printer",
        "printers: name, default, state, reasons, online, paper, grade, model, serial, endpoint, queue_length, current_job, since_ms.",
    ),
    (
        "probe",
        "printers probe: printer, endpoint, complete, reason, grade, model, serial, firmware, length_mm, bytes, taken_us, usb_id, usb_serial, usb_port, usb_interface, usb_device_id, answers (a list of when, asked, answered, after_us, value, verdict), entry (TOML). Names that end in _us are microseconds.",
    ),
    ("printer-change", "watch: a printer that changed, with the keys of printer."),
    ("can-print", "can-print: printer, length_mm, can, reasons, queue_ahead, wait_ms, paper, grade."),
    (
        "model",
        "printers models: id, name, story, source, dots, dpi, feed_units, columns, font_a_width, line_dots, kanji, code_pages, hanzi_width, cutter, native_qr, native_barcode, head, beep, feed_before_cut_dots: the keys of receiptd.toml(5).",
    ),
    (
        "status",
        "status: version, api_version, store_state, warnings (sentences about the configuration), printers (each with the keys of printer), queued, sending, uncertain, held.",
    ),
    (
        "store-check",
        "store check: dir, sound, records, journal_bytes, last_batch, applied_batch, journal_damage, index_damage, quarantined.",
    ),
    ("store-rebuild", "store rebuild: dir, records, last_batch, journal_damage, quarantined, lost."),
    (
        "store, row, body, end",
        "store export: the head; a row that is not a job, with table, key, content, unreadable; a stored receipt, with job and bytes; the end, with records and damaged_places.",
    ),
    (
        "error",
        "on standard error, for every failure: code, retry (never, same: with the same key; after-person), message, message_zh, next, next_zh, exit.",
    ),
];

fn rest() -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", ["JSON"]);
    roff.text([roman(
        "With --json each line of standard output is one object with a type. Every key of a type is always there, \
         null when there is nothing to say; keys may be added, never renamed or removed. Names that end in _ms are \
         Unix milliseconds or durations in milliseconds. States, reasons, events and errors are the words of the \
         D-Bus interface.",
    )]);
    for (name, meaning) in JSON_TYPES {
        roff.control("TP", []);
        roff.text([bold(*name)]);
        roff.text([roman(*meaning)]);
    }
    roff.control("SH", ["ENVIRONMENT"]);
    for (name, meaning) in [
        ("RECEIPTD_SOCKET", "The daemon's socket, unless --socket or --bus is given."),
        (
            "LC_ALL, LC_MESSAGES, LANG",
            "The language: Chinese if the first that is set begins with zh, else English.",
        ),
        (
            "RECEIPTD_PRESS",
            "The program that shows receipts (text, HTML, PNG, PDF), if it is not where the package puts it.",
        ),
        ("TZ", "The time zone of all times shown."),
        (
            "NO_COLOR",
            "If set and not empty, no colours. There are none anyway unless standard output is a terminal.",
        ),
    ] {
        roff.control("TP", []);
        roff.text([bold(name)]);
        roff.text([roman(meaning)]);
    }
    roff.control("SH", ["FILES"]);
    for (name, meaning) in
        [("/run/receiptd/api.sock", "The daemon's socket."), ("/var/lib/receiptd/spool", "The store.")]
    {
        roff.control("TP", []);
        roff.text([bold(name)]);
        roff.text([roman(meaning)]);
    }
    roff.control("SH", ["EXAMPLES"]);
    for (meaning, command) in [
        (
            "Why did the 14:32 sale not print?",
            "receiptctl jobs --since 14:30 --until 14:35\nreceiptctl job 42",
        ),
        (
            "Print and know the outcome; safe to repeat with the same key:",
            "receiptctl print slip.json --key T1-B7-0042 --wait",
        ),
        (
            "What does this printer really answer? Print a page, and draft an entry for the quirks:",
            "receiptctl printers probe counter --write counter.toml",
        ),
        (
            "What can model = \"...\" in the configuration say, and what does one mean?",
            "receiptctl printers models\nreceiptctl printers models epson-tm-u220b",
        ),
        (
            "Is the folder of templates in order, and how does a receipt look at Christmas?",
            "receiptctl template check\nreceiptctl template preview coffee --date 2026-12-24",
        ),
        ("Ask before the charge:", "receiptctl can-print --length 120 && charge"),
        ("What is uncertain, for a script:", "receiptctl jobs --state uncertain --all --json | jq .id"),
        (
            "Look into the store of a terminal that came back:",
            "systemctl stop receiptd\nreceiptctl store check\nreceiptctl store export --output jobs.jsonl",
        ),
    ] {
        roff.control("PP", []);
        roff.text([roman(meaning)]);
        roff.control("PP", []);
        roff.control("RS", ["4"]);
        roff.control("nf", []);
        for line in command.split('\n') {
            roff.text([roman(line)]);
        }
        roff.control("fi", []);
        roff.control("RE", []);
    }
    roff
}
