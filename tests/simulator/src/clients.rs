//! The apps: they submit with keys, lose replies and ask again, change their minds, and forget.

use receiptd_core::ids::{JobId, Ticket};
use receiptd_core::record::{KeyHash, Policy};
use receiptd_core::request::{Answer, Caller, ListFilter, NewCopy, Refusal, Request, Submission};
use receiptd_core::survey::{Road, SurveyPage};

use crate::clock::SECOND;
use crate::printer::link::{PAGE_LINE_BYTES, PAGE_LINE_DOTS};
use crate::receipt::Receipt;
use crate::rng::Rng;
use crate::world::{Event, World};

/// Patience of an app before it asks again, microseconds.
const PATIENCE_US: u64 = 6 * SECOND;

/// Something that an app wants printed.
#[derive(Clone, Debug)]
pub struct Wish {
    submission: Submission,
    /// Ids, once it was told.
    jobs: Vec<JobId>,
    /// It waits for an answer until then.
    patient_until: Option<u64>,
    given_up: bool,
}

/// A copy that a person asked for.
#[derive(Clone, Debug)]
pub struct CopyWish {
    job: JobId,
    key: String,
    key_hash: KeyHash,
    answered: bool,
}

/// An app.
#[derive(Debug)]
pub struct Client {
    caller: Caller,
    left: u64,
    wishes: Vec<Wish>,
    copies: Vec<CopyWish>,
}

/// What an open ticket is about.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Who asked.
    pub client: usize,
    /// What.
    pub request: Request,
    wish: Option<usize>,
    copy: Option<usize>,
}

impl Client {
    /// An app; the first one is a person with the operator's rights.
    pub fn new(index: usize, receipts: u64) -> Self {
        let caller = Caller { uid: 1_000 + index as u32, operator: index == 0 };
        Self { caller, left: receipts, wishes: Vec::new(), copies: Vec::new() }
    }

    /// Whether it has nothing to ask again.
    pub fn content(&self) -> bool {
        self.wishes.iter().all(|w| !w.jobs.is_empty() || w.given_up) && self.copies.iter().all(|c| c.answered)
    }

    fn known_job(&self, rng: &mut Rng) -> Option<JobId> {
        let jobs: Vec<JobId> = self.wishes.iter().flat_map(|w| w.jobs.iter().copied()).collect();
        rng.pick(&jobs)
    }
}

fn hash(uid: u32, key: &str) -> KeyHash {
    let mut hash = [0; 16];
    hash[..4].copy_from_slice(&uid.to_be_bytes());
    for (at, byte) in key.bytes().enumerate() {
        hash[4 + at % 12] ^= byte.rotate_left((at / 12) as u32);
    }
    hash
}

/// A survey with a page of 14 lines.
fn survey(printer: u64) -> Request {
    let dots = 14 * PAGE_LINE_DOTS;
    let page = SurveyPage {
        body: vec![0; 14 * PAGE_LINE_BYTES as usize].into(),
        tail: vec![0; PAGE_LINE_BYTES as usize].into(),
        dots,
        paper_dots: dots + PAGE_LINE_DOTS,
    };
    Request::Survey { printer: format!("p{printer}"), road: Road::Network, page }
}

impl World {
    /// An app does something.
    pub(crate) fn client_acts(&mut self, index: usize) {
        let again = self.now_us() + 1 + self.rng.below(self.scenario.think_us);
        self.queue.at(again, Event::Client(index));
        if !self.daemon_listens() {
            return;
        }
        if self.ask_again(index) || self.calm {
            return;
        }
        match self.rng.below(100) {
            0..40 => self.wish(index),
            40..50 => self.ask_known(index),
            50..54 => self.ask_conflict(index),
            _ => self.meddle(index),
        }
    }

    /// Repeats what was not answered; true when there was something.
    fn ask_again(&mut self, index: usize) -> bool {
        let now = self.now_us();
        let client = &self.clients[index];
        let open = client.wishes.iter().position(|w| {
            w.jobs.is_empty() && !w.given_up && w.patient_until.is_none_or(|until| until <= now)
        });
        if let Some(wish) = open {
            self.submit(index, wish);
            return true;
        }
        if let Some(copy) = client.copies.iter().position(|c| !c.answered)
            && self.rng.permille(500)
        {
            self.reprint(index, copy);
            return true;
        }
        false
    }

    fn wish(&mut self, index: usize) {
        let rng = &mut self.rng;
        let client = &mut self.clients[index];
        if client.left == 0 {
            return;
        }
        client.left -= 1;
        let key = format!("m1/t{index}/{:06}", client.wishes.len());
        let copies = if rng.permille(600) { 1 } else { rng.between(2, 3) };
        let copies: Vec<NewCopy> = (0..copies)
            .map(|_| {
                self.receipts += 1;
                let receipt = Receipt::any(self.receipts, rng);
                NewCopy {
                    copy: "customer".into(),
                    title: "sale".into(),
                    body: receipt.to_body(),
                    shape: receipt.shape(),
                }
            })
            .collect();
        let mut content = [0; 32];
        content[..8].copy_from_slice(&self.receipts.to_be_bytes());
        let printer = rng.below(self.scenario.printers.len() as u64);
        let submission = Submission {
            key_hash: hash(client.caller.uid, &key),
            key,
            content,
            known: None,
            printer: if printer == 0 && rng.permille(500) { String::new() } else { format!("p{printer}") },
            copies,
            hold: rng.permille(50),
            expires_after_ms: rng.permille(100).then(|| rng.between(0, 120_000)),
            policy: rng.permille(150).then_some(Policy::Hold),
        };
        client.wishes.push(Wish { submission, jobs: Vec::new(), patient_until: None, given_up: false });
        let wish = client.wishes.len() - 1;
        self.submit(index, wish);
    }

    fn submit(&mut self, index: usize, wish: usize) {
        let patience = self.now_us() + PATIENCE_US;
        let entry = &mut self.clients[index].wishes[wish];
        entry.patient_until = Some(patience);
        let mut submission = entry.submission.clone();
        submission.known = self.disk.key(submission.key_hash);
        self.ask(index, Request::Submit(submission), Some(wish), None);
    }

    /// The same once more, though it was answered.
    fn ask_known(&mut self, index: usize) {
        let count = self.clients[index].wishes.len() as u64;
        if count > 0 {
            let wish = self.rng.below(count) as usize;
            self.submit(index, wish);
        }
    }

    /// Other content under a key that is in use.
    fn ask_conflict(&mut self, index: usize) {
        let count = self.clients[index].wishes.len() as u64;
        let wish = self.rng.below(count) as usize;
        let Some(wish) = self.clients[index].wishes.get(wish).filter(|w| !w.jobs.is_empty()) else { return };
        let mut submission = wish.submission.clone();
        submission.content[31] = 1;
        submission.known = self.disk.key(submission.key_hash);
        self.ask(index, Request::Submit(submission), None, None);
    }

    fn meddle(&mut self, index: usize) {
        let rng = &mut self.rng;
        // A person has the number from the slip; now and then it is a wrong one.
        let highest = self.check.acknowledged.last().map_or(0, |j| j.0) + 2;
        let stray = JobId(rng.below(highest));
        let known = self.clients[index].known_job(rng);
        let job = if rng.permille(150) { stray } else { known.unwrap_or(stray) };
        let note = String::from("because");
        let request = match rng.below(100) {
            0..12 => Request::Cancel { job, note },
            12..26 => Request::Hold { job, note },
            26..44 => Request::Release { job },
            44..52 => Request::Resolve { job, came_out: rng.permille(500), note },
            52..57 => Request::CanPrint { printer: String::new(), dots: 800, store: Ok(()) },
            57..60 => survey(rng.below(self.scenario.printers.len() as u64)),
            60..68 => Request::List(ListFilter {
                limit: 50,
                newest_first: rng.permille(500),
                unfinished: rng.permille(500),
                ..ListFilter::default()
            }),
            68..84 if self.clients[index].copies.len() < 12 => {
                let key = format!("copy{}/{job}", self.clients[index].copies.len());
                let key_hash = hash(self.clients[index].caller.uid, &key);
                self.clients[index].copies.push(CopyWish { job, key, key_hash, answered: false });
                let copy = self.clients[index].copies.len() - 1;
                self.reprint(index, copy);
                return;
            }
            _ => Request::Look { job },
        };
        if let Request::Cancel { job, .. }
        | Request::Hold { job, .. }
        | Request::Release { job }
        | Request::Resolve { job, .. }
        | Request::Look { job } = request
        {
            self.adopt(job);
        }
        self.ask(index, request, None, None);
    }

    fn reprint(&mut self, index: usize, copy: usize) {
        let CopyWish { job, key, key_hash, .. } = self.clients[index].copies[copy].clone();
        self.adopt(job);
        let root = self.disk.job(job).and_then(|r| r.reprint_of).unwrap_or(job);
        self.adopt(root);
        let request = Request::Reprint {
            job,
            note: String::from("lost"),
            key,
            key_hash,
            known: self.disk.key(key_hash),
            body_kept: self.disk.has_body(root),
        };
        self.ask(index, request, None, Some(copy));
    }

    fn ask(&mut self, client: usize, request: Request, wish: Option<usize>, copy: Option<usize>) {
        self.tickets += 1;
        let ticket = Ticket(self.tickets);
        let caller = self.clients[client].caller;
        let asked = Asked { client, request: request.clone(), wish, copy };
        self.asked.insert(ticket, asked);
        self.tell_request(ticket, caller, request);
    }

    /// An answer reaches the app that asked.
    pub(crate) fn answered(&mut self, asked: &Asked, answer: &Result<Answer, Refusal>) {
        let client = &mut self.clients[asked.client];
        if let Some(wish) = asked.wish.and_then(|w| client.wishes.get_mut(w)) {
            match answer {
                Ok(Answer::Accepted { jobs, .. }) => wish.jobs = jobs.iter().map(|(id, _)| *id).collect(),
                // Room may come; the same key asks again.
                Err(
                    Refusal::QueueFull
                    | Refusal::ShareFull
                    | Refusal::Busy
                    | Refusal::StoreFull
                    | Refusal::StoreFailed
                    | Refusal::ShuttingDown,
                ) => wish.patient_until = None,
                _ => wish.given_up = true,
            }
            if self.calm && matches!(answer, Err(Refusal::QueueFull | Refusal::ShareFull)) {
                wish.given_up = true;
            }
        }
        if let Some(copy) = asked.copy.and_then(|c| client.copies.get_mut(c)) {
            let transient = matches!(
                answer,
                Err(Refusal::StoreFull
                    | Refusal::StoreFailed
                    | Refusal::ShuttingDown
                    | Refusal::QueueFull
                    | Refusal::Busy)
            );
            copy.answered |= !transient || self.calm;
        }
    }
}
