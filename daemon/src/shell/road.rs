//! A printer's road: its link, the session on it, and the commands that the link could not take yet.

use std::collections::VecDeque;

use receiptd_core::ids::SessionId;
use receiptd_document::Profile;
use receiptd_printer::session::{Link, SendError, Session, WireCommand};

/// A printer's road and what is on it.
pub(super) struct Road {
    pub(super) link: Box<dyn Link + Send>,
    pub(super) session: Option<(SessionId, Session)>,
    pub(super) profile: Profile,
    pub(super) endpoint: String,
    /// Commands that the link could not take yet.
    pub(super) waiting: VecDeque<WireCommand>,
    /// The session that was over when the road was last looked at, although its end had not been told.
    pub(super) over: Option<SessionId>,
}

impl Road {
    /// Where the printer is: the very one, where the configuration leaves it open.
    pub(super) fn place(&self) -> String {
        self.link.place().unwrap_or_else(|| self.endpoint.clone())
    }

    /// Why nothing can be printed over it any more although nobody said so.
    pub(super) fn stuck(&mut self) -> Option<String> {
        let over = self.session.as_ref().filter(|(_, session)| session.is_over()).map(|(id, _)| *id);
        let untold = over.is_some() && over == self.over;
        self.over = over;
        self.link.stuck().or_else(|| untold.then(|| "its session ended without a word".to_owned()))
    }

    /// Gives the link what it can take; the rest follows at its next event.
    pub(super) fn send_waiting(&mut self) {
        let Some((_, session)) = &self.session else {
            self.waiting.clear();
            return;
        };
        while let Some(command) = self.waiting.pop_front() {
            match session.send(command.clone()) {
                Ok(()) => {}
                Err(SendError::Full) => {
                    self.waiting.push_front(command);
                    return;
                }
                // Its last event is on the way and tells the core.
                Err(SendError::Ended) => {
                    self.waiting.clear();
                    return;
                }
            }
        }
    }
}
