//! What was measured, against what was wanted: lines while it runs, a table or JSON at the end.

use serde::Serialize;

use crate::stats::short;

/// What is wanted of a value.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Bound {
    /// No more than this.
    AtMost(f64),
    /// No less than this.
    AtLeast(f64),
    /// Told for comparison only.
    Told,
}

/// One figure.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// Which bench it is of.
    pub bench: &'static str,
    /// What was measured.
    pub what: String,
    /// The figure.
    pub value: f64,
    /// Its unit.
    pub unit: &'static str,
    /// What is wanted.
    pub bound: Bound,
    /// Whether that is so; absent where nothing is wanted.
    pub met: Option<bool>,
    /// What it is made of: ranges, ratios, the other side of the comparison.
    pub note: String,
}

impl Row {
    /// A figure with its judgement.
    pub fn new(
        bench: &'static str,
        what: impl Into<String>,
        (value, unit): (f64, &'static str),
        bound: Bound,
        note: impl Into<String>,
    ) -> Self {
        let met = match bound {
            Bound::AtMost(most) => Some(value <= most),
            Bound::AtLeast(least) => Some(value >= least),
            Bound::Told => None,
        };
        Self { bench, what: what.into(), value, unit, bound, met, note: note.into() }
    }

    fn target(&self) -> String {
        match self.bound {
            Bound::AtMost(most) => format!("<= {} {}", short(most), self.unit),
            Bound::AtLeast(least) => format!(">= {} {}", short(least), self.unit),
            Bound::Told => String::new(),
        }
    }

    fn line(&self) -> String {
        let verdict = match self.met {
            Some(true) => "met",
            Some(false) => "NOT MET",
            None => "",
        };
        let measured = format!("{} {}", short(self.value), self.unit);
        format!(
            "{:<12} {:<58} {measured:>14}  {:<16} {verdict:<7}  {}",
            self.bench,
            self.what,
            self.target(),
            self.note
        )
    }
}

/// Everything measured in a run.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// The machine and the moment, for whoever compares two reports.
    pub machine: Vec<String>,
    /// The figures.
    pub rows: Vec<Row>,
    /// What was left out, and why.
    pub skipped: Vec<String>,
    /// What should have run and failed.
    pub failed: Vec<String>,
    #[serde(skip)]
    json: bool,
}

impl Report {
    /// An empty one; with `json` only the end is printed to standard output.
    pub fn new(json: bool, machine: Vec<String>) -> Self {
        let report = Self { json, machine, ..Self::default() };
        for line in &report.machine {
            report.tell(line);
        }
        report
    }

    fn tell(&self, line: &str) {
        if self.json {
            eprintln!("{line}");
        } else {
            println!("{line}");
        }
    }

    /// Adds a figure.
    pub fn row(&mut self, row: Row) {
        self.tell(&row.line());
        self.rows.push(row);
    }

    /// Says that something was left out.
    pub fn skip(&mut self, bench: &str, why: &str) {
        let line = format!("{bench:<12} left out: {why}");
        self.tell(&line);
        self.skipped.push(line);
    }

    /// Says that a bench failed.
    pub fn fail(&mut self, bench: &str, why: &str) {
        let line = format!("{bench:<12} FAILED: {why}");
        self.tell(&line);
        self.failed.push(line);
    }

    /// The end; true if everything ran. Targets that were missed are figures, not failures.
    pub fn finish(&self) -> bool {
        let missed: Vec<&Row> = self.rows.iter().filter(|row| row.met == Some(false)).collect();
        if self.json {
            match serde_json::to_string_pretty(self) {
                Ok(text) => println!("{text}"),
                Err(why) => eprintln!("the report can't be written: {why}"),
            }
        } else {
            let judged = self.rows.iter().filter(|row| row.met.is_some()).count();
            println!("\n{} of {judged} targets met", judged - missed.len());
            for row in &missed {
                println!("not met: {}", row.line());
            }
            self.failed.iter().for_each(|line| println!("{line}"));
        }
        self.failed.is_empty()
    }
}
