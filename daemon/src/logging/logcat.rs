//! logcat, under the tag `receiptd`. It has time and level itself, and knows no fields: they stand behind the text.

use android_logger::{AndroidLogger, Config};
use log::Log;

use super::{Filtered, OWN, write_text};

pub(super) fn open() -> Box<dyn Log> {
    let config = Config::default().with_tag(OWN).format(|out, record| {
        let mut line = String::new();
        write_text(&mut line, record)?;
        out.write_str(&line)
    });
    Box::new(Filtered(AndroidLogger::new(config)))
}
