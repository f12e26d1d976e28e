//! Fragments laid over each other: what a later file says wins, printers are told apart by their name.

use crate::fragment::{Fragment, Printer};

/// Lays `over` on `base`.
pub(super) fn lay_over(base: &mut Fragment, over: Fragment) {
    macro_rules! later_wins {
        ($($($section:ident).+: $($field:ident),+;)+) => { $(later_wins!(@ ($($section).+) $($field),+);)+ };
        (@ $section:tt $($field:ident),+) => { $(later_wins!(@@ $section $field);)+ };
        (@@ ($($section:ident).+) $field:ident) => {
            if over.$($section).+.$field.is_some() { base.$($section).+.$field = over.$($section).+.$field; }
        };
    }
    later_wins! {
        spool: directory, keep_bodies_days, keep_jobs_days, keep_jobs_max, bench_flush_delay_ms;
        api: socket, socket_mode, socket_group, bus, operator_group;
        jobs: when_uncertain, expires_after_s, active_max, active_per_user_max, active_bytes_max;
        cards: action, keep_first, keep_last;
        copies.single: keep_first, keep_last, expiry, signature, label;
        copies.merchant: keep_first, keep_last, expiry, signature, label;
        copies.customer: keep_first, keep_last, expiry, signature, label;
        copies.bank: keep_first, keep_last, expiry, signature, label;
        usb: quirks_directory;
        log: level;
    }
    for printer in over.printer {
        match base.printer.iter_mut().find(|known| known.name == printer.name) {
            Some(known) => lay_printer_over(known, printer),
            None => base.printer.push(printer),
        }
    }
}

fn lay_printer_over(base: &mut Printer, over: Printer) {
    macro_rules! later_wins {
        ($($field:ident),+) => { $(if over.$field.is_some() { base.$field = over.$field; })+ };
    }
    // A model and a paper are two answers to one question.
    match (&over.model, over.paper) {
        (Some(_), None) => base.paper = None,
        (None, Some(_)) => base.model = None,
        _ => {}
    }
    later_wins!(
        connect,
        evidence,
        model,
        paper,
        dots,
        dpi,
        feed_units,
        font_a_width,
        line_dots,
        kanji,
        code_pages,
        text,
        hanzi_width,
        cutter,
        native_qr,
        native_barcode,
        head,
        beep,
        feed_before_cut_dots,
        job_number
    );
}
