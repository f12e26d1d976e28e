//! What came off the head or was cut, put on record: paper, log, counters, job marker, triggers.
//!
//! Called at the moment it is done; the time it takes is in `live.rs`.

use crate::faults::When;
use crate::log::What;
use crate::machine::{Strip, StripKind};
use crate::state::State;

impl State {
    /// `rows` rows of a strip came off the head (all of them unless torn).
    pub(crate) fn printed(&mut self, strip: &Strip, rows: usize) {
        let torn = rows < strip.rows();
        let dots = rows as u64;
        self.paper_rows = (self.paper_rows - rows as f64).max(0.0);
        self.counters.fed(rows, strip.ink.min(rows));
        self.strips += 1;
        self.paper.add(strip, rows);
        if strip.kind == StripKind::Line && !torn {
            self.lines += 1;
        }
        for line in &strip.text {
            self.mark_job(line);
        }
        if !self.log.off() {
            let text = strip.text.join("\n");
            self.event(match (strip.kind, &strip.code) {
                _ if torn => What::Torn { dots, text },
                (_, Some((kind, data))) => What::Code { dots, kind: kind.clone(), data: data.clone() },
                (StripKind::Line, _) => What::Line { dots, text },
                (StripKind::Page, _) => What::Page { dots, text },
                (StripKind::Feed, _) => What::Feed { dots },
                (StripKind::Image | StripKind::Code, _) => What::Image { dots },
            });
        }
        if strip.kind == StripKind::Line && !torn {
            let n = self.lines;
            self.fire(When::Line(n));
        }
        self.settle();
    }

    fn mark_job(&mut self, line: &str) {
        if let Some(prefix) = &self.job_marker
            && let Some(at) = line.find(prefix.as_str())
        {
            let token = line[at + prefix.len()..].split_whitespace().next();
            if let Some(token) = token {
                self.job = Some(token.into());
            }
        }
    }

    /// The paper was cut.
    pub(crate) fn cut_done(&mut self, partial: bool) {
        self.cuts += 1;
        self.counters.cut();
        self.paper.cut();
        let cut = self.cuts;
        self.event(What::Cut { cut, partial });
        self.job = None;
        self.fire(When::AfterCut(cut));
        self.settle();
    }
}
