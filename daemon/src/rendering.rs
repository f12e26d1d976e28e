//! From a submission to copies for the spool: rendered, drawn by another program where the printer's font lacks something, with
//! the template that fits, and within the bounds of the spool.

use std::sync::Arc;
use std::time::Duration;

use receiptd_api::{ApiError, Kind, SubmitOptions};
use receiptd_core::plan;
use receiptd_core::record::{ContentHash, PartPlan, Shape, Tail};
use receiptd_core::request::NewCopy;
use receiptd_document::{Made, NoTypesetter, Profile, Rendered, Source};
use receiptd_render_client::{Helper, Limits};
use receiptd_store::limits::{BATCH_BYTES_MAX, BODY_BYTES_MAX};
use receiptd_templates::Loaded;
use tokio::sync::Semaphore;

use crate::cards::without_cards;
use crate::sameness::printed_hash;
use crate::{convert, ipc, templates};

/// Bytes of all copies of a submission: they are one batch of the spool, and its records need room beside them.
const SUBMISSION_BYTES_MAX: usize = BATCH_BYTES_MAX - (64 << 10);

/// Documents that are being drawn at the same time, each on a thread of its own: so many that the program that draws never
/// waits for the next one. All threads that wait are shared with the printers, which must find one free.
const DRAWINGS_MAX: usize = 2;

/// How long a document waits for its turn to be drawn. Callers on D-Bus wait 25 s for an answer.
const DRAWING_TURN_WAIT: Duration = Duration::from_secs(10);

/// How long after its idle time the program that draws is gone for sure.
const TIDY_AFTER: Duration = Duration::from_secs(2);

/// A document that was rendered.
pub struct Ready {
    /// Its copies, in order.
    pub copies: Vec<NewCopy>,
    /// How many card numbers were masked in it, if there were any.
    pub masked: Option<u32>,
    /// What it counts as if there were any. The template is not part of it: a retry is the same document after a campaign
    /// has ended, too.
    pub printed: Option<ContentHash>,
}

/// Renders documents. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Renderer {
    drawer: Arc<Helper>,
    drawings: Arc<Semaphore>,
}

impl Default for Renderer {
    fn default() -> Self {
        Self { drawer: Arc::default(), drawings: Arc::new(Semaphore::new(DRAWINGS_MAX)) }
    }
}

impl Renderer {
    /// The copies of a document for a printer, with the template of these that fits today, if there are any.
    ///
    /// # Errors
    /// What is wrong with the document, or who can't draw it now.
    pub async fn rendered(
        &self,
        request: &ipc::SubmitRequest,
        printer: &str,
        profile: &Profile,
        loaded: Option<Arc<Loaded>>,
    ) -> Result<Ready, ApiError> {
        let made = match at_once(request, profile, loaded.as_deref())? {
            Rendering::Made(made) => made,
            Rendering::ToDraw { undrawn } => self.drawn(request, profile, loaded, undrawn).await?,
        };
        ready(made, request, printer, profile)
    }

    /// Renders a document with lines that have to be drawn, which may take a while: on a thread where that harms nobody.
    /// What it is like `undrawn`, if it can be printed like that, is the answer where nobody can draw it.
    ///
    /// # Errors
    /// As [`Self::rendered`].
    pub async fn drawn(
        &self,
        request: &ipc::SubmitRequest,
        profile: &Profile,
        loaded: Option<Arc<Loaded>>,
        undrawn: Option<Box<Made>>,
    ) -> Result<Made, ApiError> {
        let drawn = self.draw(request, profile.clone(), loaded).await;
        // The receipt itself needs nobody who draws, and is not refused for the want of one.
        drawn.or_else(|error| undrawn.map(|made| *made).ok_or(error))
    }

    async fn draw(
        &self,
        request: &ipc::SubmitRequest,
        profile: Profile,
        loaded: Option<Arc<Loaded>>,
    ) -> Result<Made, ApiError> {
        let busy = |why: &str| ApiError::Busy(format!("{why}; hand the document in again later"));
        let turn = Arc::clone(&self.drawings).acquire_owned();
        let permit = match tokio::time::timeout(DRAWING_TURN_WAIT, turn).await {
            Ok(Ok(permit)) => permit,
            Ok(Err(_)) | Err(_) => return Err(busy("other documents are being drawn")),
        };
        let drawer = Arc::clone(&self.drawer);
        let (kind, document) = (request.kind, request.document.clone());
        let rendered = tokio::task::spawn_blocking(move || {
            // The permit belongs to the thread: it goes on counting when nobody waits for the answer any more.
            let _permit = permit;
            let source = match kind {
                Kind::Text => Source::Text(std::str::from_utf8(&document).unwrap_or_default()),
                Kind::Json => Source::Json(&document),
                _ => Source::Raw(&document),
            };
            templates::render(source, &profile, &drawer.for_document(), loaded.as_deref(), templates::today())
        });
        let rendered = rendered.await.map_err(|error| {
            log::error!("drawing a document failed: {error}");
            busy("the document could not be drawn")
        })?;
        self.tidy_later();
        rendered.map_err(|e| document_error(&e))
    }

    /// Takes leave of the program that draws, when it has been idle for so long that it has ended.
    fn tidy_later(&self) {
        let drawer = Arc::clone(&self.drawer);
        tokio::spawn(async move {
            tokio::time::sleep(Limits::DEFAULT.idle + TIDY_AFTER).await;
            drawer.tidy();
        });
    }
}

/// What became of a document that nobody has drawn.
pub enum Rendering {
    /// It needs no drawing.
    Made(Made),
    /// It does: [`Renderer::drawn`].
    ToDraw {
        /// What can be printed where nobody draws, if anything can.
        undrawn: Option<Box<Made>>,
    },
}

/// Renders what needs no drawing.
///
/// # Errors
/// What is wrong with the document.
pub fn at_once(
    request: &ipc::SubmitRequest,
    profile: &Profile,
    loaded: Option<&Loaded>,
) -> Result<Rendering, ApiError> {
    let source = match request.kind {
        Kind::Text => Source::Text(std::str::from_utf8(&request.document).map_err(|e| {
            ApiError::InvalidDocument(format!("the text is no UTF-8 from byte {} on", e.valid_up_to()))
        })?),
        Kind::Json => Source::Json(&request.document),
        _ => Source::Raw(&request.document),
    };
    match templates::render(source, profile, &NoTypesetter, loaded, templates::today()) {
        Err(error) if error.wants_drawing() => Ok(Rendering::ToDraw { undrawn: None }),
        Ok(made) if made.wants_drawing() => Ok(Rendering::ToDraw { undrawn: Some(Box::new(made)) }),
        made => made.map(Rendering::Made).map_err(|e| document_error(&e)),
    }
}

/// The copies of what was rendered, as the spool takes them.
///
/// # Errors
/// They are too large for it.
pub fn ready(
    made: Made,
    request: &ipc::SubmitRequest,
    printer: &str,
    profile: &Profile,
) -> Result<Ready, ApiError> {
    let Made { plain, dressed } = made;
    // Each copy tells of the whole document.
    let masked = plain.iter().map(|copy| copy.masked).max().filter(|count| *count > 0);
    let purpose = request.options.purpose.and_then(convert::purpose);
    let noticed = |copy: Rendered| match purpose {
        Some(purpose) => copy.made_for(purpose, profile),
        None => copy,
    };
    let new = |copies: Vec<Rendered>| -> Vec<NewCopy> {
        copies.into_iter().map(|copy| new_copy(noticed(copy), &request.options)).collect()
    };
    let sized = |copies| {
        let copies = new(copies);
        check_size(&copies).map(|()| copies)
    };
    let (copies, plain) = match templates::worn(dressed, sized) {
        Some(copies) => (copies, masked.map(|_| new(plain))),
        None => (sized(plain)?, None),
    };
    let printed = masked.map(|_| printed_hash(printer, plain.as_ref().unwrap_or(&copies)));
    Ok(Ready { copies, masked, printed })
}

/// What was wrong with a document, in the interface's words.
pub fn document_error(error: &receiptd_document::DocumentError) -> ApiError {
    if error.is_too_much() {
        ApiError::TooLarge(error.to_string())
    } else {
        ApiError::InvalidDocument(error.to_string())
    }
}

fn new_copy(copy: Rendered, options: &SubmitOptions) -> NewCopy {
    let bytes = copy.body.len() as u32;
    let points = copy.fence_points.iter().map(|p| PartPlan { end: p.offset, line: p.line, dots: p.dots });
    // Only the body's paper: its proof is judged by the clock, and the feed before the cut comes behind it.
    let dots = copy.fence_points.last().filter(|p| p.offset == bytes).map_or(copy.dots, |p| p.dots);
    let parts = plan::parts(points, bytes, copy.lines, dots);
    let tail = if copy.tail.is_empty() { Tail::NONE } else { Tail::of(copy.dots.saturating_sub(dots)) };
    let shape = Shape { bytes: bytes + copy.tail.len() as u32, parts, tail };
    let purpose = options.purpose.and_then(convert::purpose);
    let title = match options.title.clone().filter(|t| !t.is_empty()).map(without_cards) {
        Some(title) => purpose.map_or_else(|| title.clone(), |purpose| purpose.titled(&title)),
        None => copy.title.clone(),
    };
    NewCopy { copy: copy.copy.to_string(), title, body: copy.encode().into(), shape }
}

/// What the spool takes: pictures and copies can make much of a small document.
fn check_size(copies: &[NewCopy]) -> Result<(), ApiError> {
    let largest = copies.iter().map(|c| c.body.len()).max().unwrap_or(0);
    if largest > BODY_BYTES_MAX {
        return Err(ApiError::TooLarge(format!(
            "one copy becomes {largest} bytes for the printer; at most {BODY_BYTES_MAX} are possible"
        )));
    }
    let together: usize = copies.iter().map(|c| c.body.len()).sum();
    if together > SUBMISSION_BYTES_MAX {
        return Err(ApiError::TooLarge(format!(
            "the copies become {together} bytes for the printer; at most {SUBMISSION_BYTES_MAX} are possible \
             in one submission"
        )));
    }
    Ok(())
}
