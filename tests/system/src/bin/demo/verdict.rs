//! The promises, held against the paper.

use std::collections::BTreeMap;

use receiptd_api::{JobInfo, JobState};

use crate::paper::{Piece, Receipt};

/// What was broken, in words; nothing if all is well. `records` are all acknowledged jobs, by number.
pub fn broken_promises(records: &[JobInfo], pieces: &[Piece]) -> Vec<String> {
    let mut broken = Vec::new();
    let receipts: Vec<Receipt> = pieces.iter().flat_map(Piece::receipts).collect();
    let names: Vec<String> = records.iter().map(name_of).collect();

    let mut seen: BTreeMap<&str, Vec<&Receipt>> = BTreeMap::new();
    for receipt in &receipts {
        seen.entry(&receipt.name).or_default().push(receipt);
    }
    for (record, name) in records.iter().zip(&names) {
        let on_paper = seen.get(name.as_str()).map(Vec::as_slice).unwrap_or_default();
        if !on_paper.iter().any(|r| r.complete) {
            broken.push(format!("P1: {name} (job {}) was accepted and did not come out", record.id));
        }
        if on_paper.iter().filter(|r| r.mark.is_none()).count() > 1 {
            broken.push(format!("P2: {name} came out twice without a mark"));
        }
        if on_paper.len() > 1 && on_paper.last().is_some_and(|r| r.mark != Some(on_paper.len() as u32)) {
            broken.push(format!("P2: the last {name} is not marked as number {}", on_paper.len()));
        }
        if record.state != JobState::Printed {
            broken.push(format!("P3/P5: {name} (job {}) is {} in the end", record.id, record.state));
        }
    }
    let first_times: Vec<&str> = {
        let mut order = Vec::new();
        for receipt in &receipts {
            if !order.contains(&receipt.name.as_str()) {
                order.push(receipt.name.as_str());
            }
        }
        order
    };
    if first_times != names.iter().map(String::as_str).collect::<Vec<_>>() {
        broken.push(format!("P6: the order on paper is {first_times:?}"));
    }
    let interrupted = receipts.iter().filter(|r| !r.complete).count();
    let marked = receipts.iter().filter(|r| r.mark.is_some()).count();
    if (interrupted, marked) == (0, 0) {
        broken.push("the kill came too late: nothing was interrupted, so nothing was shown".into());
    }
    broken
}

fn name_of(record: &JobInfo) -> String {
    match record.copy.as_str() {
        "merchant" | "customer" => format!("sale, {} copy", record.copy),
        _ => record.title.to_uppercase(),
    }
}
