//! Reaching the daemon: connecting as the options say, asking again when that helps, paging, and cleaning what
//! strangers wrote before it meets a terminal.

use std::time::Duration;

use receiptd_api::{CallError, Client, JobFilter, JobInfo, PrinterInfo, ProbeReport, Retry, Where, names};

use crate::failure::Failure;
use crate::table::clean;

/// The waits before a refused call is made again, in ms: the interface asks to begin with 200 ms. Together a
/// little over ten seconds, in which a restart of the daemon is over.
const RETRY_WAITS_MS: &[u64] = &[200, 400, 800, 1600, 3200, 5000];

/// A connection that is made again when it broke.
#[derive(Debug)]
pub struct Daemon {
    to: Where,
    client: Client,
}

impl Daemon {
    /// Connects.
    ///
    /// # Errors
    /// The daemon cannot be reached.
    pub async fn connect(to: &Where) -> Result<Self, Failure> {
        let client = Client::connect(to.clone()).await?;
        Ok(Self { to: to.clone(), client })
    }

    /// The connection.
    pub const fn client(&self) -> &Client {
        &self.client
    }

    /// Connects again, in place of a broken connection.
    ///
    /// # Errors
    /// The daemon cannot be reached.
    pub async fn reconnect(&mut self) -> Result<(), Failure> {
        self.client = Client::connect(self.to.clone()).await?;
        Ok(())
    }

    /// Makes a call that may be made twice without harm (it reads, or it carries a key), again while the daemon
    /// says that this helps, over a new connection if the old one broke.
    ///
    /// # Errors
    /// The last refusal.
    pub async fn call<T>(
        &mut self,
        call: impl AsyncFn(&Client) -> Result<T, CallError>,
    ) -> Result<T, Failure> {
        let mut waits = RETRY_WAITS_MS.iter();
        loop {
            let failure = match call(&self.client).await {
                Ok(answer) => return Ok(answer),
                Err(error) if error.retry() == Retry::Same => Failure::Call(error),
                Err(error) => return Err(error.into()),
            };
            let Some(wait) = waits.next() else { return Err(failure) };
            tokio::time::sleep(Duration::from_millis(*wait)).await;
            if matches!(failure, Failure::Call(CallError::Disconnected(_))) {
                // If this fails the next call says so, and the loop goes on to its bound.
                let _ = self.reconnect().await;
            }
        }
    }

    /// One job with its story.
    ///
    /// # Errors
    /// The daemon's.
    pub async fn job(&mut self, id: u64) -> Result<JobInfo, Failure> {
        let mut job = self.call(async |client| client.spooler().get_job(id).await).await?;
        clean_job(&mut job);
        Ok(job)
    }

    /// One page of jobs and the cursor of the next.
    ///
    /// # Errors
    /// The daemon's.
    pub async fn page(&mut self, filter: &JobFilter) -> Result<(Vec<JobInfo>, String), Failure> {
        let (mut jobs, next) = self.call(async |client| client.spooler().list_jobs(filter).await).await?;
        jobs.iter_mut().for_each(clean_job);
        Ok((jobs, next))
    }

    /// All pages, each handed to `each` as it comes: the whole may be longer than memory should hold.
    ///
    /// # Errors
    /// The daemon's, or those of `each`.
    pub async fn pages(
        &mut self,
        filter: &JobFilter,
        mut each: impl FnMut(&[JobInfo]) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let mut filter = JobFilter { limit: Some(names::PAGE_JOBS_MAX), ..filter.clone() };
        loop {
            let (jobs, next) = self.page(&filter).await?;
            each(&jobs)?;
            // A cursor that does not move would never end.
            if next.is_empty() || filter.after.as_deref() == Some(&next) {
                return Ok(());
            }
            filter.after = Some(next);
        }
    }

    /// All printers, the default one first.
    ///
    /// # Errors
    /// The daemon's.
    pub async fn printers(&mut self) -> Result<Vec<PrinterInfo>, Failure> {
        let mut printers = self.call(async |client| client.printers().await).await?;
        printers.iter_mut().for_each(clean_printer);
        Ok(printers)
    }
}

/// Takes control characters out of everything in a job that a stranger may have written.
pub fn clean_job(job: &mut JobInfo) {
    for text in [&mut job.key, &mut job.printer, &mut job.title, &mut job.copy] {
        *text = clean(text);
    }
    for text in [&mut job.reason, &mut job.paused_reason].into_iter().flatten() {
        *text = clean(text);
    }
    for item in &mut job.story {
        item.event = clean(&item.event);
        item.params.values_mut().for_each(|value| *value = clean(value));
    }
}

/// The same for what a printer says of itself.
pub fn clean_printer(printer: &mut PrinterInfo) {
    for text in [
        &mut printer.name,
        &mut printer.paper,
        &mut printer.grade,
        &mut printer.model,
        &mut printer.serial,
        &mut printer.endpoint,
    ] {
        *text = clean(text);
    }
    printer.reasons.iter_mut().for_each(|reason| *reason = clean(reason));
}

/// The same for what a probe brought to light. The draft of the quirk is not touched: its form is the daemon's.
pub fn clean_probe(report: &mut ProbeReport) {
    for text in [
        &mut report.printer,
        &mut report.endpoint,
        &mut report.grade,
        &mut report.model,
        &mut report.serial,
        &mut report.firmware,
    ] {
        *text = clean(text);
    }
    for text in [
        &mut report.reason,
        &mut report.usb_id,
        &mut report.usb_serial,
        &mut report.usb_port,
        &mut report.usb_interface,
        &mut report.usb_device_id,
    ]
    .into_iter()
    .flatten()
    {
        *text = clean(text);
    }
    for answer in &mut report.answers {
        answer.when = clean(&answer.when);
        answer.asked = clean(&answer.asked);
        for text in [&mut answer.value, &mut answer.verdict].into_iter().flatten() {
            *text = clean(text);
        }
    }
}

/// A key for a submission whose caller did not bring one: unique enough that two never meet, and short enough to
/// be read out over the telephone.
pub fn generated_key(now_ms: u64) -> String {
    use std::hash::{BuildHasher, Hasher, RandomState};
    let mut hasher = RandomState::new().build_hasher();
    hasher.write_u64(now_ms);
    hasher.write_u32(std::process::id());
    format!("ctl-{now_ms}-{:08x}", hasher.finish() as u32)
}
