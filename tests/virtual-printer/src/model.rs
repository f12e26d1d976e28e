//! Printer models as data: what each can do, how fast, and where it lies.
//!
//! The models are in `models.toml`, embedded; a test or a user may build another by changing fields.

use crate::error::Error;
use serde::Deserialize;
use std::collections::BTreeMap;

const MODELS: &str = include_str!("models.toml");

/// One printer model.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Model {
    /// The name it is chosen by.
    #[serde(skip)]
    pub name: String,
    /// One line for people.
    pub about: String,
    /// Dots across the head.
    pub dots: usize,
    /// What prints.
    pub head: Head,
    /// Dots per inch across the paper. 203 dpi is 8 dots/mm.
    pub dpi: u32,
    /// Rows per inch along the paper.
    pub dpi_down: u32,
    /// Vertical motion units per inch after power on; 0 = rows.
    pub feed_units: u32,
    /// Paper speed, mm/s.
    pub speed_mm_s: f64,
    /// Receive buffer, bytes.
    pub buffer_bytes: usize,
    /// Time of one cut, ms; 0 = no cutter.
    pub cutter_ms: u64,
    /// Distance from head to cutter, dots.
    pub cutter_distance: usize,
    /// Length of a new roll, mm.
    pub roll_mm: f64,
    /// The near-end sensor reports this much paper left, mm; 0 = no such sensor.
    pub near_end_mm: f64,
    /// Fonts it has, for people.
    pub fonts: Vec<String>,
    /// Has Hanzi.
    pub kanji: bool,
    /// Is in Kanji mode after power on and `ESC @`.
    pub kanji_default: bool,
    /// Makes QR codes itself (`GS ( k`).
    pub qr: bool,
    /// Makes bar codes itself (`GS k`).
    pub barcode: bool,
    /// Knows `GS ( L` / `GS 8 L`.
    pub graphics: bool,
    /// Has page mode.
    pub page_mode: bool,
    /// Answers `DLE EOT`.
    pub dle_eot: bool,
    /// Knows `GS a`.
    pub asb: bool,
    /// `GS a` value after power on.
    pub asb_default: u8,
    /// Fourth ASB byte when idle.
    pub asb_byte4: u8,
    /// When `GS r` (and `ESC v`) is answered.
    pub gs_r: Answer,
    /// When `GS ( H` fn 48 is answered.
    pub process_id: Answer,
    /// Answers `DLE DC4` fn 8 with `37 25 00` and clears.
    pub clear: bool,
    /// Carries out `DLE ENQ`.
    pub dle_enq: bool,
    /// Answers `GS g 2`.
    pub counters: bool,
    /// Counters reach non-volatile memory only this often while running, s (T81 App. G.1: 2 to 4 min).
    pub counter_save_s: u64,
    /// Drawer connector pin 3 is high with the drawer closed.
    pub drawer_high: bool,
    /// `CR` acts as `LF`.
    pub cr_is_lf: bool,
    /// XON and XOFF appear in the answers.
    pub xonxoff: bool,
    /// What happens to a second connection.
    pub second: Second,
    /// A process id that is due while nobody is connected is kept for the next connection (USB-like).
    pub holds_reply: bool,
    /// One-byte answers of `GS I n` by n.
    pub id_bytes: BTreeMap<String, u8>,
    /// Text answers of `GS I n` by n, sent as `5F text 00`.
    pub id_texts: BTreeMap<String, String>,
}

/// What prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Head {
    /// A row of heaters.
    Thermal,
    /// Nine pins, two rows of the paper's 1/144 inch apart, on a carriage that stops each 1/160 inch. A pin marks two by
    /// two of these. It has no `GS v 0`, `GS !`, `GS B`, and of `ESC *` only eight dots (Epson TM-U220).
    NinePin,
}

/// When an ordered request is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// Never.
    None,
    /// In order, after what was before it has come off the head.
    Printed,
    /// As soon as it is received: a lie that a probe must find out.
    Received,
}

/// What happens to a second TCP connection while one is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Second {
    /// Accepted, and not read until the first is closed.
    Wait,
    /// Accepted and closed at once.
    Refuse,
}

impl Default for Model {
    fn default() -> Self {
        Self {
            name: String::new(),
            about: String::new(),
            dots: 576,
            head: Head::Thermal,
            dpi: 203,
            dpi_down: 203,
            feed_units: 0,
            speed_mm_s: 200.0,
            buffer_bytes: 65_536,
            cutter_ms: 400,
            cutter_distance: 112,
            roll_mm: 80_000.0,
            near_end_mm: 2_500.0,
            fonts: vec!["A 12x24".into(), "B 9x17".into()],
            kanji: true,
            kanji_default: false,
            qr: true,
            barcode: true,
            graphics: true,
            page_mode: true,
            dle_eot: true,
            asb: true,
            asb_default: 0,
            asb_byte4: 0,
            gs_r: Answer::Printed,
            process_id: Answer::None,
            clear: false,
            dle_enq: true,
            counters: false,
            counter_save_s: 120,
            drawer_high: true,
            cr_is_lf: false,
            xonxoff: false,
            second: Second::Wait,
            holds_reply: false,
            id_bytes: BTreeMap::new(),
            id_texts: BTreeMap::new(),
        }
    }
}

impl Model {
    /// The embedded model of this name.
    pub fn named(name: &str) -> Result<Model, Error> {
        let mut all = Self::all()?;
        match all.iter().position(|m| m.name == name) {
            Some(i) => Ok(all.swap_remove(i)),
            None => Err(Error::UnknownModel {
                name: name.into(),
                known: all.iter().map(|m| m.name.as_str()).collect::<Vec<_>>().join(", "),
            }),
        }
    }

    /// All embedded models, by name.
    pub fn all() -> Result<Vec<Model>, Error> {
        let table: BTreeMap<String, Model> =
            toml::from_str(MODELS).map_err(|e| Error::ModelData(e.to_string()))?;
        Ok(table.into_iter().map(|(name, m)| Model { name, ..m }).collect())
    }

    /// Dot rows in one millimetre, as a real number (8 at 203 dpi: printers round 203.2).
    pub fn dots_per_mm(&self) -> f64 {
        if self.dpi_down == 203 { 8.0 } else { f64::from(self.dpi_down) / 25.4 }
    }

    /// Has a cutter.
    pub fn has_cutter(&self) -> bool {
        self.cutter_ms > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_model_loads_and_is_plausible() {
        let all = Model::all().unwrap();
        assert!(all.len() >= 5);
        for m in &all {
            assert_eq!(Model::named(&m.name).unwrap(), *m);
            assert!(m.dots % 8 == 0 && m.speed_mm_s > 0.0 && m.buffer_bytes >= 128, "{}", m.name);
            let per_mm = if m.head == Head::Thermal { 8.0 } else { 5.669 };
            assert!((m.dots_per_mm() - per_mm).abs() < 0.01, "{}", m.name);
        }
    }

    #[test]
    fn an_unknown_model_is_refused_with_the_list() {
        let error = Model::named("nothing").unwrap_err().to_string();
        assert!(error.contains("epson-tm-t88vi"), "{error}");
    }
}
