//! The shape of what callers send: lengths and words. What it *means* is the backend's business.

use receiptd_api::names::{
    DOCUMENT_BYTES_MAX, KEY_BYTES_MAX, PAGE_JOBS_DEFAULT, PAGE_JOBS_MAX, TEXT_BYTES_MAX,
};
use receiptd_api::{ApiError, JobFilter, JobState, Kind, Outcome, Purpose, SubmitOptions, Uncertain};

use crate::cards::without_cards;

fn invalid(message: String) -> ApiError {
    ApiError::InvalidArgument(message)
}

/// The parts of a submission beside the document.
pub(super) fn submission(
    key: &str,
    printer: &str,
    kind: Kind,
    options: &SubmitOptions,
) -> Result<(), ApiError> {
    self::key(key)?;
    text("printer", printer)?;
    if kind == Kind::Other {
        return Err(invalid("kind: one of json, text, raw".to_owned()));
    }
    if options.policy == Some(Uncertain::Other) {
        return Err(invalid("options.policy: reprint or hold".to_owned()));
    }
    if options.purpose == Some(Purpose::Other) {
        return Err(invalid("options.purpose: training or test".to_owned()));
    }
    text("options.title", options.title.as_deref().unwrap_or_default())
}

/// The document itself.
pub(super) fn document(bytes: usize) -> Result<(), ApiError> {
    if bytes > DOCUMENT_BYTES_MAX {
        return Err(ApiError::TooLarge(format!(
            "document: it has {bytes} bytes, and at most {DOCUMENT_BYTES_MAX} are taken, by SubmitFd too"
        )));
    }
    if bytes == 0 {
        return Err(ApiError::InvalidDocument("document: it is empty".to_owned()));
    }
    Ok(())
}

/// A caller's key.
pub(super) fn key(key: &str) -> Result<(), ApiError> {
    if key.is_empty() || key.len() > KEY_BYTES_MAX {
        return Err(invalid(format!("key: 1 to {KEY_BYTES_MAX} bytes, not {}", key.len())));
    }
    if key.chars().any(char::is_control) {
        return Err(invalid("key: no control characters".to_owned()));
    }
    Ok(())
}

/// A text a caller sends along.
pub(super) fn text(what: &str, text: &str) -> Result<(), ApiError> {
    if text.len() > TEXT_BYTES_MAX {
        return Err(ApiError::TooLarge(format!(
            "{what}: at most {TEXT_BYTES_MAX} bytes, not {}",
            text.len()
        )));
    }
    Ok(())
}

/// What a person saw.
pub(super) fn outcome(outcome: Outcome) -> Result<(), ApiError> {
    if outcome == Outcome::Other {
        return Err(invalid("outcome: printed or not-printed".to_owned()));
    }
    Ok(())
}

/// A filter; the one returned has its limit set.
pub(super) fn filter(mut filter: JobFilter) -> Result<JobFilter, ApiError> {
    for (what, value) in
        [("filter.printer", &filter.printer), ("filter.key", &filter.key), ("filter.after", &filter.after)]
    {
        text(what, value.as_deref().unwrap_or_default())?;
    }
    if filter.state == Some(JobState::Other) {
        let words: Vec<_> = JobState::ALL.iter().map(|state| state.as_str()).collect();
        return Err(invalid(format!("filter.state: one of {}", words.join(", "))));
    }
    let limit = filter.limit.unwrap_or(PAGE_JOBS_DEFAULT);
    if limit == 0 || limit > PAGE_JOBS_MAX {
        return Err(invalid(format!("filter.limit: 1 to {PAGE_JOBS_MAX}, not {limit}")));
    }
    filter.limit = Some(limit);
    // Keys are listed without card numbers, so they are looked for without.
    filter.key = filter.key.map(without_cards);
    Ok(filter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_are_checked_and_the_message_names_the_argument() {
        let options = SubmitOptions::default();
        assert_eq!(submission("k", "", Kind::Json, &options), Ok(()));
        for (key, kind, options, named) in [
            ("", Kind::Json, SubmitOptions::default(), "key"),
            ("a\nb", Kind::Json, SubmitOptions::default(), "key"),
            ("k", Kind::Other, SubmitOptions::default(), "kind"),
            (
                "k",
                Kind::Json,
                SubmitOptions { policy: Some(Uncertain::Other), ..Default::default() },
                "policy",
            ),
            (
                "k",
                Kind::Json,
                SubmitOptions { purpose: Some(Purpose::Other), ..Default::default() },
                "purpose",
            ),
        ] {
            let error = submission(key, "", kind, &options).expect_err(named);
            assert!(error.message().contains(named), "{error}");
        }
        assert!(matches!(document(0), Err(ApiError::InvalidDocument(_))));
        assert_eq!(document(DOCUMENT_BYTES_MAX), Ok(()));
        assert!(matches!(document(DOCUMENT_BYTES_MAX + 1), Err(ApiError::TooLarge(_))));
        assert_eq!(filter(JobFilter::default()).expect("a good filter").limit, Some(PAGE_JOBS_DEFAULT));
        assert!(filter(JobFilter { limit: Some(501), ..Default::default() }).is_err());
        assert!(filter(JobFilter { state: Some(JobState::Other), ..Default::default() }).is_err());
    }
}
