//! The paper as pieces: what lies between two cuts, from the printer's own log of what came off the head.

use std::fmt;

use virtual_printer::{Event, What};

/// What lies between two cuts.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Piece {
    /// Its printed lines.
    pub lines: Vec<String>,
    /// Whether it was cut off.
    pub cut: bool,
}

impl Piece {
    /// The receipts on it, each from its heading to its end; an interrupted one has no end.
    pub fn receipts(&self) -> Vec<Receipt> {
        let mut receipts: Vec<Receipt> = Vec::new();
        let mut mark = None;
        for line in &self.lines {
            if let Some(number) = mark_number(line) {
                mark = Some(number);
            }
            if let Some(name) = heading(line) {
                receipts.push(Receipt { name, mark: mark.take(), complete: false });
            }
            if let Some(receipt) = receipts.last_mut()
                && is_end_of(line, &receipt.name)
            {
                receipt.complete = true;
            }
        }
        receipts
    }
}

/// A receipt on paper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// What it is: `SLIP 3`, or the copy of the sale.
    pub name: String,
    /// The number in its mark.
    pub mark: Option<u32>,
    /// Whether its last line is there.
    pub complete: bool,
}

impl fmt::Display for Piece {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let receipts = self.receipts();
        let names = receipts.iter().map(|r| {
            let mark = r.mark.map(|n| format!(" [重打印 DUPLICATE No.{n}]")).unwrap_or_default();
            let end = if r.complete { "" } else { " (interrupted)" };
            format!("{}{mark}{end}", r.name)
        });
        let names = names.collect::<Vec<_>>().join(", then ");
        write!(f, "{names}{}", if self.cut { "  ✂" } else { "" })
    }
}

/// The pieces, in the order of the paper.
pub fn pieces(events: &[Event]) -> Vec<Piece> {
    let mut pieces = vec![Piece::default()];
    for event in events {
        let Some(last) = pieces.last_mut() else { break };
        match &event.what {
            What::Line { text, .. } => last.lines.push(text.trim().to_owned()),
            What::Cut { .. } => {
                last.cut = true;
                pieces.push(Piece::default());
            }
            _ => {}
        }
    }
    pieces.retain(|piece| piece.cut || !piece.lines.is_empty());
    pieces
}

fn mark_number(line: &str) -> Option<u32> {
    let (_, rest) = line.split_once("DUPLICATE No.")?;
    rest.split_whitespace().next()?.parse().ok()
}

fn heading(line: &str) -> Option<String> {
    if let Some((_, rest)) = line.split_once("张 SLIP ") {
        return Some(format!("SLIP {}", rest.trim()));
    }
    let copies = [("商户存根", "sale, merchant copy"), ("持卡人存根", "sale, customer copy")];
    copies.into_iter().find(|(label, _)| line.contains(label)).map(|(_, name)| name.to_owned())
}

fn is_end_of(line: &str, name: &str) -> bool {
    // The sale's QR code is its last part; its heading alone tells the demo enough.
    name.starts_with("sale") || line == format!("{name} END")
}
