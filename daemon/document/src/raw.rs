//! Raw ESC/POS: printed as it is, after it was read from end to end (see [`crate::scan`]).
//!
//! Three things are changed: card numbers are masked (see [`crate::card`]), a last line that is not ended is ended (the fence behind it would otherwise
//! vouch for a line that is still in the printer's buffer), and a dot of a picture is set where its data
//! are a real-time command. No feed and no cut are added.

use crate::seal::{Draft, seal};
use crate::{CopyLabel, DocumentError, Profile, Rendered};

pub(crate) fn render(bytes: &[u8], profile: &Profile) -> Result<Rendered, DocumentError> {
    seal(
        Draft {
            bytes: bytes.to_vec(),
            copy: CopyLabel::Single,
            title: "",
            cut_is_content: true,
            masked: 0,
            drawn: Vec::new(),
        },
        profile,
    )
}
