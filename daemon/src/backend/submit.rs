//! How a document becomes jobs: its key looked up, rendered, drawn where it has to be, and the core asked. What the answer is, and
//! whether it was accepted before in the core's memory, is the core's decision.

use receiptd_api::{ApiError, Submitted, Uncertain};
use receiptd_core::record::{KeyHash, KeyRecord, Policy};
use receiptd_core::request::{Answer, Request, Submission};
use receiptd_document::{Made, Profile};

use super::{Daemon, answered, unexpected, who};
use crate::cards::without_cards;
use crate::rendering::{self, Ready, Rendering};
use crate::sameness::{content_hash, key_hash};
use crate::shell::Answered;
use crate::{convert, ipc};

/// A submission that the core was asked to print.
struct Asked {
    answer: Answered,
    /// How many card numbers were masked in it.
    masked: Option<u32>,
}

/// How far a submission has come.
enum Way {
    Asked(Asked),
    /// The spool knows its key.
    Known(KeyRecord),
    /// It has to be drawn.
    ToDraw {
        undrawn: Option<Box<Made>>,
    },
}

/// What a submission that had to wait has become.
enum Waited {
    /// It was accepted before.
    Before(Submitted),
    Asked(Asked),
}

impl Daemon {
    /// Accepts a document, or says what became of it when it was handed in before.
    pub(super) async fn submitted(
        &self,
        caller: ipc::Caller,
        request: ipc::SubmitRequest,
    ) -> Result<Submitted, ApiError> {
        let asked = match self.ask_to_print(&caller, &request)? {
            Way::Asked(asked) => asked,
            // Rare, and has room of its own: this future is made for each submission.
            way => match Box::pin(self.wait_to_print(&caller, &request, way)).await? {
                Waited::Before(submitted) => return Ok(submitted),
                Waited::Asked(asked) => asked,
            },
        };
        drop(request);
        match answered(asked.answer).await? {
            Answer::Accepted { jobs, existed } => {
                let masked = asked.masked.filter(|_| !existed);
                if let (Some(count), Some((job, _))) = (masked, jobs.first()) {
                    log::info!(receiptd_job = job.0; "job {job}: card numbers masked: {count}");
                }
                let jobs = jobs.into_iter().map(|(job, copy)| (job.0, copy)).collect();
                Ok(Submitted { jobs, existed, masked })
            }
            other => Err(unexpected(&other)),
        }
    }

    /// Asks the core to print a document, or says what has to be waited for before.
    fn ask_to_print(&self, caller: &ipc::Caller, request: &ipc::SubmitRequest) -> Result<Way, ApiError> {
        // A key that is not known here must not become durable before the core is asked, which forgets it then: nothing
        // waits in between.
        let hash = key_hash(caller.uid, &request.key);
        match self.known_key(&hash)? {
            Some(known) => Ok(Way::Known(known)),
            None => self.render_and_ask(caller, request, hash, None, None),
        }
    }

    /// The same for a document that was drawn already if it is `made`, and then nothing has to be waited for.
    fn render_and_ask(
        &self,
        caller: &ipc::Caller,
        request: &ipc::SubmitRequest,
        key_hash: KeyHash,
        known: Option<KeyRecord>,
        made: Option<Made>,
    ) -> Result<Way, ApiError> {
        let (printer, profile) = self.printer_and_profile(&request.printer)?;
        let made = match made {
            Some(made) => made,
            None => match rendering::at_once(request, &profile, Some(&self.shell.templates()))? {
                Rendering::Made(made) => made,
                Rendering::ToDraw { undrawn } => return Ok(Way::ToDraw { undrawn }),
            },
        };
        let Ready { copies, masked, printed } = rendering::ready(made, request, &printer, &profile)?;
        let content = printed.unwrap_or_else(|| content_hash(&printer, request));
        let submission = Submission {
            content,
            key: without_cards(request.key.clone()),
            key_hash,
            known,
            printer,
            copies,
            hold: request.options.hold == Some(true),
            expires_after_ms: request
                .options
                .expires_after_s
                .filter(|s| *s > 0)
                .map(|s| u64::from(s) * 1_000),
            policy: request.options.policy.map(|policy| match policy {
                Uncertain::Hold => Policy::Hold,
                _ => Policy::Reprint,
            }),
        };
        Ok(Way::Asked(Asked { answer: self.shell.ask(who(caller), Request::Submit(submission)), masked }))
    }

    fn printer_and_profile(&self, name: &str) -> Result<(String, Profile), ApiError> {
        let unknown = || convert::refusal(&receiptd_core::request::Refusal::UnknownPrinter);
        let printer = self.shell.printer_name(name).ok_or_else(unknown)?;
        let profile = self.shell.profile(&printer).ok_or_else(unknown)?;
        Ok((printer, profile))
    }

    /// Waits for what has to be waited for before the core is asked. Its key is looked up again once it is drawn, and what
    /// was drawn is not drawn again for the core; to tell whether a document with card numbers is the one of before, it is.
    async fn wait_to_print(
        &self,
        caller: &ipc::Caller,
        request: &ipc::SubmitRequest,
        mut way: Way,
    ) -> Result<Waited, ApiError> {
        let hash = key_hash(caller.uid, &request.key);
        let mut drawn = None;
        loop {
            way = match way {
                Way::Asked(asked) => return Ok(Waited::Asked(asked)),
                Way::Known(known) => {
                    if let Some(submitted) = self.submitted_before(caller, &known, request).await? {
                        return Ok(Waited::Before(submitted));
                    }
                    self.render_and_ask(caller, request, hash, Some(known), drawn.take())?
                }
                Way::ToDraw { undrawn } => {
                    let (_, profile) = self.printer_and_profile(&request.printer)?;
                    let loaded = Some(self.shell.templates());
                    let made = self.renderer.drawn(request, &profile, loaded, undrawn).await?;
                    // Meanwhile the same submission may have been printed, and be known by now.
                    match self.known_key(&hash)? {
                        Some(known) => {
                            drawn = Some(made);
                            Way::Known(known)
                        }
                        None => self.render_and_ask(caller, request, hash, None, Some(made))?,
                    }
                }
            }
        }
    }

    /// The answer to a submission whose key the spool knows. The document is not rendered again: since then its
    /// printer may have got another configuration, or none. `None` when not all of its jobs are there (yet).
    async fn submitted_before(
        &self,
        caller: &ipc::Caller,
        known: &KeyRecord,
        request: &ipc::SubmitRequest,
    ) -> Result<Option<Submitted>, ApiError> {
        let named = self.shell.printer_name(&request.printer).unwrap_or_else(|| request.printer.clone());
        let mut same = known.content == content_hash(&named, request);
        if !same && request.printer.is_empty() {
            // Whoever names no printer means the one that was the default then.
            let then = self.look(caller, known.first).await.ok();
            same = then.is_some_and(|record| known.content == content_hash(&record.printer, request));
        }
        same = same || self.masked_before(caller, known, request).await;
        if !same {
            let conflict = receiptd_core::request::Refusal::KeyConflict { job: known.first };
            return Err(convert::refusal(&conflict));
        }
        let mut jobs = Vec::new();
        for job in known.jobs() {
            match self.look(caller, job).await {
                Ok(record) => jobs.push((job.0, record.copy.to_string())),
                Err(ApiError::UnknownJob(_)) => return Ok(None),
                Err(other) => return Err(other),
            }
        }
        Ok(Some(Submitted { jobs, existed: true, masked: None }))
    }

    /// Whether it is the same document with card numbers in it. Those are hashed as they are printed, so this one is
    /// rendered again; if its printer has another profile by now, or other fonts draw what that lacks, it is taken
    /// for another document.
    async fn masked_before(
        &self,
        caller: &ipc::Caller,
        known: &KeyRecord,
        request: &ipc::SubmitRequest,
    ) -> bool {
        let Ok(record) = self.look(caller, known.first).await else { return false };
        let named = self.shell.printer_name(&request.printer);
        if !request.printer.is_empty() && named.is_some_and(|named| named != record.printer) {
            return false;
        }
        let Some(profile) = self.shell.profile(&record.printer) else { return false };
        // A template that it asks for may be gone since.
        let ready = self.renderer.rendered(request, &record.printer, &profile, None).await;
        ready.is_ok_and(|ready| ready.printed == Some(known.content))
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::Arc;

    use receiptd_api::{Kind, SubmitOptions};
    use receiptd_core::ids::JobId;
    use receiptd_core::record::{StoreOp, Table, encode};
    use receiptd_core::{Class, Core};
    use receiptd_printer::usb::Handed;
    use receiptd_printer::usb::wire::Bus;
    use receiptd_store::Store;
    use tempfile::TempDir;
    use tokio::sync::oneshot;
    use tokio::task::JoinHandle;

    use super::*;
    use crate::serve::{open, roads};
    use crate::shell::Shell;
    use crate::spool;
    use crate::watchdog::Watchdog;

    /// A daemon with an absent printer, and a caller.
    struct Bench {
        daemon: Daemon,
        store: Store,
        usb: Arc<Handed>,
        heart: JoinHandle<()>,
        caller: ipc::Caller,
        _folder: TempDir,
    }

    impl Bench {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let text = "[[printer]]\nname = \"till\"\nconnect = \"usb\"\n";
            let settings = crate::config::hosted(folder.path(), text).unwrap();
            std::fs::create_dir_all(&settings.directory).unwrap();
            let store = open(&settings).unwrap();
            let usb = Handed::new(settings.quirks.clone());
            let bus = || -> io::Result<Arc<dyn Bus>> { Ok(Arc::clone(&usb) as Arc<dyn Bus>) };
            let spooled = spool::read_at_start(&store).unwrap();
            let core = settings.core.clone();
            let roads = roads(&settings, bus).unwrap();
            let (shell, events) =
                Shell::new(|now| Core::start(core, spooled, now), store.clone(), roads, settings.retention);
            shell.begin();
            let heart = tokio::spawn({
                let shell = shell.clone();
                async move { shell.run(events, Watchdog::NOBODY).await }
            });
            let caller = ipc::Caller { uid: 1000, operator: false, name: "app".into() };
            Self { daemon: Daemon::new(shell), store, usb, heart, caller, _folder: folder }
        }

        fn end(self) {
            self.heart.abort();
            drop(self.daemon);
            self.store.close().unwrap();
            self.usb.shut_down();
        }
    }

    fn text(key: &str, text: &str) -> ipc::SubmitRequest {
        let (key, document) = (key.to_owned(), text.as_bytes().to_vec());
        let options = SubmitOptions::default();
        ipc::SubmitRequest { key, printer: String::new(), kind: Kind::Text, document, options }
    }

    /// How far a submission is that has to be drawn, which is as good undrawn.
    fn to_draw(bench: &Bench) -> Way {
        let (_, profile) = bench.daemon.printer_and_profile("").unwrap();
        let made = rendering::at_once(&text("", "coffee"), &profile, None).unwrap();
        let Rendering::Made(made) = made else { panic!("a word has to be drawn") };
        Way::ToDraw { undrawn: Some(Box::new(made)) }
    }

    /// Drawing takes seconds where the terminal is slow: time enough for the same submission to be accepted by another way,
    /// printed, and forgotten by the core.
    #[tokio::test]
    async fn what_was_accepted_while_it_was_drawn_is_not_accepted_again() {
        let bench = Bench::new();
        let request = text("S1", "coffee");
        let way = to_draw(&bench);
        let first = bench.daemon.submitted(bench.caller.clone(), request.clone()).await.unwrap();
        let waited = bench.daemon.wait_to_print(&bench.caller, &request, way).await.unwrap();
        let Waited::Before(again) = waited else { panic!("the core was asked as if nobody knew it") };
        assert_eq!((again.existed, again.jobs), (true, first.jobs));
        bench.end();
    }

    /// A key outlives the first of its jobs until the last has gone.
    #[tokio::test]
    async fn what_has_to_be_drawn_is_drawn_once_although_its_key_is_known_and_its_jobs_are_gone() {
        let bench = Bench::new();
        let request = text("S2", "\u{1f600}");
        let (hash, content) = (key_hash(bench.caller.uid, "S2"), content_hash("till", &request));
        let value = encode(&KeyRecord { content, first: JobId(9), count: 1 });
        let put = StoreOp::Put { table: Table::Keys, key: hash.to_vec(), value };
        let (stored, is_stored) = oneshot::channel();
        let batch = spool::batch(Class::Progress, vec![put]);
        bench.store.commit(batch, Box::new(move |result| stored.send(result.is_ok()).unwrap())).unwrap();
        assert!(is_stored.await.unwrap());
        let Way::Known(_) = bench.daemon.ask_to_print(&bench.caller, &request).unwrap() else {
            panic!("the key is not known");
        };
        let way = to_draw(&bench);
        let waited = bench.daemon.wait_to_print(&bench.caller, &request, way).await.unwrap();
        let Waited::Asked(asked) = waited else { panic!("its jobs are not gone") };
        let Answer::Accepted { jobs, existed } = answered(asked.answer).await.unwrap() else { panic!() };
        assert!(existed && jobs.iter().map(|(job, _)| job.0).eq([9]), "{jobs:?}");
        bench.end();
    }
}
