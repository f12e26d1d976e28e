//! Rendering without anybody who draws: what the printer lacks is refused.

use receiptd_document::{DocumentError, NoTypesetter, Profile, Rendered, Source};

/// Renders a document for a printer whose own font is all there is.
pub fn render(source: Source<'_>, profile: &Profile) -> Result<Vec<Rendered>, DocumentError> {
    receiptd_document::render(source, profile, &NoTypesetter)
}
