//! A printer that is what a profile of receiptd says.

use receiptd_document::{Cutter, Head, KanjiMode, Profile};
use virtual_printer::Model;

pub fn model(profile: &Profile) -> Model {
    let name = match profile.head {
        Head::Thermal => "epson-tm-t88vi",
        Head::NinePin => "epson-tm-u220b",
    };
    let usual = Model::named(name).unwrap();
    let dpi = match profile.head {
        Head::Thermal => (profile.dpi.into(), profile.dpi.into(), profile.feed_units.into()),
        Head::NinePin => (usual.dpi, usual.dpi_down, usual.feed_units),
    };
    Model {
        dpi: dpi.0,
        dpi_down: dpi.1,
        feed_units: dpi.2,
        dots: profile.dots.into(),
        kanji: profile.kanji != KanjiMode::None,
        qr: profile.native_qr,
        barcode: profile.native_barcode,
        cutter_distance: profile.grid().rows(profile.feed_before_cut_dots.into()) as usize,
        cutter_ms: if profile.cutter == Cutter::None { 0 } else { 400 },
        ..usual
    }
}
