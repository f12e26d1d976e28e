//! What can go wrong when a virtual printer is set up or used, and what the caller can do about it.

use std::path::PathBuf;

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such model; the message lists those there are.
    #[error("there is no printer model {name:?}; there are: {known}")]
    UnknownModel {
        /// What was asked for.
        name: String,
        /// Names of the models there are.
        known: String,
    },
    /// The embedded model data or a model file does not parse.
    #[error("printer model data: {0}")]
    ModelData(String),
    /// The TCP address cannot be listened on.
    #[error("cannot listen on {addr}: {source}")]
    Listen {
        /// The address.
        addr: String,
        /// Why.
        source: std::io::Error,
    },
    /// A file or socket path cannot be used.
    #[error("{}: {source}", path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A fault script, a fault or a control command is not understood.
    #[error("{0}")]
    Script(String),
    /// PNG could not be written.
    #[error("PNG: {0}")]
    Png(#[from] png::EncodingError),
    /// Anything else the system refused.
    #[error("{what}: {source}")]
    System {
        /// What was tried.
        what: &'static str,
        /// Why not.
        source: std::io::Error,
    },
    /// The printer has no such thing (for example saving paper with `keep_paper` off).
    #[error("{0}")]
    NotKept(&'static str),
}

impl Error {
    /// For `map_err` on file operations.
    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Error {
        let path = path.into();
        move |source| Error::File { path, source }
    }

    /// For `map_err` on other system calls.
    pub(crate) fn system<E: Into<std::io::Error>>(what: &'static str) -> impl FnOnce(E) -> Error {
        move |source| Error::System { what, source: source.into() }
    }
}
