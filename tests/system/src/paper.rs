//! What came out of a printer, read from its own log of what its head printed, and the promises held against it.
//!
//! Slips are those of [`crate::calls::slip`]: each line names its slip, the first and the last say so.

#![expect(clippy::panic, reason = "called by tests only: what fails here fails the test")]

use std::collections::BTreeMap;

use virtual_printer::{Event, Handle, What};

/// A printer whose record of what came off its head can be read.
pub trait Recorded {
    /// What came out so far.
    fn recorded(&self) -> Vec<Event>;
}

impl Recorded for Handle {
    fn recorded(&self) -> Vec<Event> {
        self.events()
    }
}

/// The mark of a duplicate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    /// Which copy it says that it is.
    pub number: u32,
    /// The job that it says is the original.
    pub job: u64,
    /// The time that it says the original was accepted.
    pub time: String,
    /// Whether somebody asked for it.
    pub requested: bool,
}

/// One time that a slip was printed, wholly or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Print {
    /// Which slip.
    pub name: String,
    /// Its mark.
    pub mark: Option<Mark>,
    /// Its inner lines.
    pub lines: Vec<u32>,
    /// Whether it is all there: from its first to its last line, and nothing twice.
    pub complete: bool,
    /// Whether it was cut off.
    pub cut: bool,
}

/// Reads the events of a printer.
pub fn prints(events: &[Event]) -> Vec<Print> {
    let mut prints: Vec<Print> = Vec::new();
    let mut mark: Option<Mark> = None;
    for event in events {
        let text = match &event.what {
            What::Line { text, .. } => text.trim(),
            What::Cut { .. } => {
                if let Some(last) = prints.last_mut() {
                    last.cut = true;
                }
                continue;
            }
            _ => continue,
        };
        if let Some(number) = after(text, "DUPLICATE No.") {
            mark = Some(Mark { number: number as u32, ..Mark::default() });
        } else if let Some(mark) = &mut mark
            && let Some(job) = after(text, "Job: ")
        {
            mark.job = job;
        } else if let Some(mark) = &mut mark
            && let Some((_, time)) = text.split_once("Time: ")
        {
            mark.time = time.trim().to_owned();
        } else if text.contains("Reprint on request")
            && let Some(mark) = &mut mark
        {
            mark.requested = true;
        } else if let Some((name, what)) = text.split_once(' ').filter(|(name, _)| is_name(name)) {
            line(&mut prints, &mut mark, name, what);
        }
    }
    prints
}

fn line(prints: &mut Vec<Print>, mark: &mut Option<Mark>, name: &str, what: &str) {
    if what == "BEGIN" {
        prints.push(Print {
            name: name.to_owned(),
            mark: mark.take(),
            lines: Vec::new(),
            complete: false,
            cut: false,
        });
        return;
    }
    let Some(print) = prints.last_mut().filter(|print| print.name == name && !print.complete) else {
        panic!("\"{name} {what}\" came out where {:?} was being printed", prints.last());
    };
    if let Some(count) = after(what, "END of ") {
        print.complete = print.lines.iter().copied().eq(1..=count as u32);
        assert!(print.complete, "{name} has the lines {:?} of {count}", print.lines);
    } else if let Some(number) = after(what, "line ") {
        print.lines.push(number as u32);
    }
}

fn is_name(word: &str) -> bool {
    word.len() == 5 && word.starts_with(|c: char| c.is_ascii_uppercase()) && word[1..].parse::<u32>().is_ok()
}

fn after(text: &str, what: &str) -> Option<u64> {
    let (_, rest) = text.split_once(what)?;
    let digits = rest.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok()
}

/// Takes away the marks that are another slip's: those of attempts of which nothing but the mark came out.
pub fn without_strays(mut prints: Vec<Print>, job_of: impl Fn(&str) -> Option<u64>) -> Vec<Print> {
    for print in &mut prints {
        let job = job_of(&print.name);
        print.mark = print.mark.take().filter(|mark| Some(mark.job) == job);
    }
    prints
}

/// The prints of each slip, in the order of the paper.
pub fn by_name(prints: &[Print]) -> BTreeMap<&str, Vec<&Print>> {
    let mut names: BTreeMap<&str, Vec<&Print>> = BTreeMap::new();
    for print in prints {
        names.entry(&print.name).or_default().push(print);
    }
    names
}

/// P2: of each slip at most the first print is unmarked, and the numbers of the marks rise.
pub fn assert_no_second_without_mark(prints: &[Print]) {
    for (name, prints) in by_name(prints) {
        let mut highest = 0;
        for print in &prints {
            let number = print.mark.as_ref().map_or(1, |mark| mark.number);
            assert!(number > highest, "{name} came out as {:?}", numbers(&prints));
            highest = number;
        }
    }
}

fn numbers(prints: &[&Print]) -> Vec<Option<u32>> {
    prints.iter().map(|print| print.mark.as_ref().map(|mark| mark.number)).collect()
}

/// P1: each of these slips is on paper, whole.
pub fn assert_all_there<'a>(prints: &[Print], names: impl IntoIterator<Item = &'a str>) {
    let there = by_name(prints);
    for name in names {
        let whole = there.get(name).is_some_and(|prints| prints.iter().any(|print| print.complete));
        assert!(whole, "{name} was accepted and is not on paper: {:?}", there.get(name));
    }
}

/// P6: the slips first came out in this order.
pub fn assert_order<'a>(prints: &[Print], names: impl IntoIterator<Item = &'a str>) {
    let mut seen: Vec<&str> = Vec::new();
    for print in prints {
        if !seen.contains(&print.name.as_str()) {
            seen.push(&print.name);
        }
    }
    let names: Vec<&str> = names.into_iter().collect();
    assert_eq!(seen, names, "the order on paper");
}
