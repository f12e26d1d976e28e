//! The daemon in the app's own process: feature `in-process`. Without it the library only knows the other road.

use crate::refusal::{Fail, Refusal};
use crate::remote::Place;

#[cfg(feature = "in-process")]
pub use here::{Daemon, start};
#[cfg(not(feature = "in-process"))]
pub use nowhere::{Daemon, start};

#[cfg(feature = "in-process")]
mod here {
    use std::os::fd::AsFd;
    use std::path::Path;
    use std::sync::Arc;

    use receiptd::hosted::Hosted;
    use receiptd_api::{ApiError, CallError};

    use super::{Fail, Place, Refusal};
    use crate::operation::duplicate;

    /// The daemon of a handle.
    pub struct Daemon(Arc<Hosted>);

    /// Starts it, and says how it is reached. Blocks until it answers.
    ///
    /// # Errors
    /// Why it can't live in that folder or with that configuration.
    pub fn start(folder: &str, configuration: &str) -> Result<(Daemon, Place), Refusal> {
        let hosted = Hosted::start(Path::new(folder), configuration)
            .map_err(|why| Refusal::cannot_open(why.to_string()))?;
        let hosted = Arc::new(hosted);
        let ours = Arc::clone(&hosted);
        let connect = move || {
            ours.connect().map_err(|why| {
                Refusal::from(&CallError::Disconnected(format!(
                    "the daemon in this process has ended: {why}"
                )))
            })
        };
        Ok((Daemon(hosted), Place::Hosted(Box::new(connect))))
    }

    impl Daemon {
        /// Takes in a printer.
        ///
        /// # Errors
        /// It is not a printer that can be used; the message says why.
        pub fn attach(&self, node: i32, name: &str) -> Result<u64, Fail> {
            let refused = |why: String| Refusal::from(&CallError::Api(ApiError::InvalidArgument(why)));
            // -1 is what Android gives for a connection that was closed.
            if node < 0 {
                return Err(refused("the connection to the USB device is closed".to_owned()).into());
            }
            let node = duplicate(node).map_err(|why| refused(format!("the descriptor: {why}")))?;
            self.0.attach(node.as_fd(), name).map_err(|why| refused(why.to_string()).into())
        }

        /// Gives it up.
        pub fn detach(&self, key: u64) {
            self.0.detach(key);
        }

        /// Ends the daemon in order.
        pub fn shut_down(&self) {
            self.0.shut_down();
        }
    }
}

#[cfg(not(feature = "in-process"))]
mod nowhere {
    use super::{Fail, Place, Refusal};

    /// There is none, and never one of these.
    pub enum Daemon {}

    /// Always refused.
    ///
    /// # Errors
    /// The feature is not there.
    pub fn start(_: &str, _: &str) -> Result<(Daemon, Place), Refusal> {
        let why = "this build of the native library reaches a daemon in another process only: it has no daemon of its own";
        Err(Refusal::cannot_open(why.to_owned()))
    }

    impl Daemon {
        /// Not possible.
        ///
        /// # Errors
        /// None: there is no such daemon.
        pub fn attach(&self, _: i32, _: &str) -> Result<u64, Fail> {
            match *self {}
        }

        /// Not possible.
        pub fn detach(&self, _: u64) {
            match *self {}
        }

        /// Not possible.
        pub fn shut_down(&self) {
            match *self {}
        }
    }
}
