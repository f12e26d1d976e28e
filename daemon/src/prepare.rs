//! From a stored body to the bytes of an attempt: pieces, mark, tail.
//!
//! A small cache keeps the bodies that are wanted next, so that the printer never waits for the disk.

use std::collections::VecDeque;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use receiptd_core::ids::JobId;
use receiptd_core::link::{MarkOrder, Part};
use receiptd_core::record::Shape;
use receiptd_document::{
    INIT, Mark, MarkReason, Profile, Rendered, job_line, mark_bytes, tail_without_drawer,
};
use receiptd_printer::session::Slice;
use receiptd_store::{ReadError, Store};

/// Bodies kept at hand: the one under way and the next, for each of a few printers.
const BODIES_MAX: usize = 8;

/// Bytes of bodies kept at hand; the newest stays even when it alone is larger.
const BYTES_MAX: usize = 1 << 20;

/// A body, taken apart.
#[derive(Clone, Debug)]
pub struct Prepared {
    body: Arc<[u8]>,
    tail: Arc<[u8]>,
}

/// Why a body can't be sent.
#[derive(Debug, thiserror::Error)]
pub enum PrepareError {
    /// It is not in the spool.
    #[error("the spool has no body of job {0}")]
    Missing(JobId),
    /// It can't be read.
    #[error("the body of job {0} can't be read: {1}")]
    Read(JobId, ReadError),
    /// It is not what was stored.
    #[error("the body of job {0} can't be understood: {1}")]
    Decode(JobId, receiptd_document::DecodeError),
}

/// The bodies at hand.
#[derive(Debug, Default)]
pub struct Bodies {
    recent: VecDeque<(JobId, Prepared)>,
}

impl Bodies {
    /// Keeps a body that was just accepted, since its attempt may begin at once.
    pub fn remember(&mut self, job: JobId, stored: &[u8]) {
        if let Ok(rendered) = Rendered::decode(stored) {
            self.keep(job, &prepared(rendered));
        }
    }

    /// The body of a job, from here or from the spool.
    ///
    /// # Errors
    /// [`PrepareError`]; the job must wait for a person.
    pub fn get(&mut self, store: &Store, job: JobId) -> Result<Prepared, PrepareError> {
        if let Some((_, prepared)) = self.recent.iter().find(|(id, _)| *id == job) {
            return Ok(prepared.clone());
        }
        let stored = store.body(job.0).map_err(|e| PrepareError::Read(job, e))?;
        let stored = stored.ok_or(PrepareError::Missing(job))?;
        let rendered = Rendered::decode(&stored).map_err(|e| PrepareError::Decode(job, e))?;
        let prepared = prepared(rendered);
        self.keep(job, &prepared);
        Ok(prepared)
    }

    fn keep(&mut self, job: JobId, body: &Prepared) {
        self.recent.push_back((job, body.clone()));
        let bytes = |recent: &VecDeque<(JobId, Prepared)>| {
            recent.iter().map(|(_, p)| p.body.len() + p.tail.len()).sum::<usize>()
        };
        while self.recent.len() > BODIES_MAX || (self.recent.len() > 1 && bytes(&self.recent) > BYTES_MAX) {
            self.recent.pop_front();
        }
    }
}

fn prepared(rendered: Rendered) -> Prepared {
    Prepared { body: rendered.body.into(), tail: rendered.tail.into() }
}

impl Prepared {
    /// The bytes of one part. The first begins with the mark, or where there is none with the number of the job or with
    /// `ESC @`. The tail of a marked copy does not open the drawer again.
    pub fn part(
        &self,
        job: JobId,
        shape: &Shape,
        part: Part,
        mark: Option<&MarkOrder>,
        profile: &Profile,
    ) -> Vec<Slice> {
        let Part::Body(k) = part else {
            return vec![match mark {
                Some(_) => Slice::from(tail_without_drawer(&self.tail)),
                None => Slice::whole(Arc::clone(&self.tail)),
            }];
        };
        let mut bytes = Vec::with_capacity(2);
        if k == 0 {
            bytes.push(Slice::from(match mark {
                Some(order) => mark_of(order, profile),
                None if profile.job_number => job_line(&job.to_string(), profile),
                None => INIT.to_vec(),
            }));
        }
        let end_of = |k: u16| shape.parts.get(usize::from(k)).map_or(self.body.len(), |p| p.end as usize);
        let begin = if k == 0 { 0 } else { end_of(k - 1) };
        bytes.extend(Slice::new(Arc::clone(&self.body), begin..end_of(k)));
        bytes
    }
}

fn mark_of(order: &MarkOrder, profile: &Profile) -> Vec<u8> {
    let at = Timestamp::from_millisecond(i64::try_from(order.original_at.0).unwrap_or(i64::MAX))
        .unwrap_or(Timestamp::UNIX_EPOCH)
        .to_zoned_datetime(TimeZone::system());
    let mark = Mark {
        copy_number: order.copy_number,
        job_number: &order.original.to_string(),
        time: &crate::clock::date_time(&at),
        reason: if order.requested { MarkReason::Requested } else { MarkReason::Uncertain },
    };
    mark_bytes(&mark, profile)
}
