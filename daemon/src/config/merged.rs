//! Fragments laid over each other: what a later file says wins, printers are told apart by their name.

use super::fragment::{Fragment, Printer};

/// Lays `over` on `base`.
pub(super) fn lay_over(base: &mut Fragment, over: Fragment) {
    macro_rules! later_wins {
        ($($section:ident: $($field:ident),+;)+) => {
            $($(if over.$section.$field.is_some() { base.$section.$field = over.$section.$field; })+)+
        };
    }
    later_wins! {
        spool: directory, keep_bodies_days, keep_jobs_days, keep_jobs_max, bench_flush_delay_ms;
        api: socket, socket_mode, socket_group, bus, operator_group;
        jobs: when_uncertain, expires_after_s, active_max, active_per_user_max, active_bytes_max;
        cards: action, keep_first, keep_last;
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
    later_wins!(
        connect,
        evidence,
        paper,
        dots,
        font_a_width,
        line_dots,
        kanji,
        text,
        cutter,
        native_qr,
        native_barcode,
        feed_before_cut_dots
    );
}
