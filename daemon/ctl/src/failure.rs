//! Why the command did not do what was asked: one type, from which the sentence, the next step, the JSON form and
//! the exit code follow.
//!
//! It prints nothing; that is the business of `out`.

use std::io;
use std::path::PathBuf;

use receiptd_api::{ApiError, CallError, ConnectError, Retry};
use receiptd_document::DocumentError;
use receiptd_paperless::link::LinkError;
use receiptd_store::{OfflineError, OpenError};
use receiptd_templates::Problem;

use crate::exit::Exit;
use crate::text::{self, Lang, Text, errors};

/// Why the command failed.
#[derive(Debug)]
pub enum Failure {
    /// The daemon could not be reached.
    Connect(ConnectError),
    /// The daemon refused, or did not answer.
    Call(CallError),
    /// A file cannot be read.
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file cannot be written.
    FileWrite {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file is larger than a document may be.
    TooLarge {
        /// Which.
        path: PathBuf,
        /// What is allowed.
        max: usize,
    },
    /// A file that should be text is not.
    NotText {
        /// Which.
        path: PathBuf,
    },
    /// The document was checked here and found wrong.
    Document(DocumentError),
    /// The document has no such copy.
    NoCopy {
        /// The copy that was asked for.
        copy: &'static str,
        /// Those that there are.
        there: String,
    },
    /// PNG and PDF are not written on a terminal.
    Terminal,
    /// The program that shows receipts is not installed.
    NoPress,
    /// The program that shows receipts failed.
    Press {
        /// How.
        why: String,
    },
    /// There is no link, or it is not to be believed.
    Link(LinkError),
    /// The file of a link's key is not one.
    Key {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        why: Text,
    },
    /// No printer has this name.
    NoPrinter(String),
    /// No printer model has this name.
    NoModel {
        /// The name.
        id: String,
        /// Those that may have been meant; empty if none is near.
        near: String,
    },
    /// A file of printer models is wrong.
    Models {
        /// Which.
        path: PathBuf,
        /// What, where, and what is allowed.
        why: String,
    },
    /// No template has this name.
    NoTemplate {
        /// The name.
        name: String,
        /// Those that there are.
        there: String,
    },
    /// A file is not a template.
    Template(Box<Problem>),
    /// A receipt can't have its template on this paper.
    TemplateUnfit {
        /// The template.
        name: String,
        /// Why.
        error: Box<DocumentError>,
    },
    /// No job has this key.
    NoKey(String),
    /// No user of this machine has this name.
    NoUser(String),
    /// A tool for the stopped daemon's store failed.
    Store {
        /// Where.
        dir: PathBuf,
        /// Why.
        source: OfflineError,
    },
    /// Standard output cannot be written.
    Output(io::Error),
    /// The runtime could not be set up.
    Runtime(io::Error),
    /// Ctrl-C.
    Interrupted,
}

impl From<ConnectError> for Failure {
    fn from(error: ConnectError) -> Self {
        Self::Connect(error)
    }
}

impl From<CallError> for Failure {
    fn from(error: CallError) -> Self {
        Self::Call(error)
    }
}

impl From<zbus::Error> for Failure {
    fn from(error: zbus::Error) -> Self {
        Self::Call(error.into())
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

/// What is told about a failure.
#[derive(Debug, PartialEq, Eq)]
pub struct Report {
    /// Its name, for programs.
    pub code: String,
    /// Whether it makes sense to ask again: `never`, `same` or `after-person`.
    pub retry: &'static str,
    /// What went wrong, in English.
    pub message: String,
    /// What went wrong, in Chinese.
    pub message_zh: String,
    /// The next step.
    pub next: Option<Text>,
    /// How the command ends.
    pub exit: Exit,
}

impl Report {
    /// What went wrong, in a language.
    pub fn message(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.message,
            Lang::Zh => &self.message_zh,
        }
    }
}

const fn retry_word(retry: Retry) -> &'static str {
    match retry {
        Retry::Never => "never",
        Retry::Same => "same",
        Retry::AfterPerson => "after-person",
    }
}

impl Failure {
    /// Whether the reader of the output has gone: then the command ends quietly.
    pub fn is_broken_pipe(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }

    /// Whether the daemon may answer later: it restarts, or the connection broke.
    pub const fn is_gone(&self) -> bool {
        matches!(
            self,
            Self::Connect(ConnectError::NoSocket(_) | ConnectError::NobodyListens(_))
                | Self::Call(
                    CallError::Disconnected(_)
                        | CallError::NotRunning
                        | CallError::Api(ApiError::ShuttingDown(_))
                )
        )
    }

    /// Whether there is no such job (any more), or it is not this user's to see.
    pub const fn is_unknown_job(&self) -> bool {
        matches!(self, Self::Call(CallError::Api(ApiError::UnknownJob(_))))
    }

    /// Whether the daemon may answer once its disk takes again what it has to write.
    pub const fn is_of_the_store(&self) -> bool {
        matches!(
            self,
            Self::Call(CallError::Api(ApiError::StoreFull(_) | ApiError::StoreFailed(_) | ApiError::Busy(_)))
        )
    }

    /// Everything that is told about it.
    pub fn report(&self) -> Report {
        match self {
            Self::Connect(error) => connect(error),
            Self::Call(error) => call(error),
            Self::File { path, source } => {
                let values = [("path", &*path.to_string_lossy()), ("why", &*source.to_string())];
                own("File", Retry::AfterPerson, Exit::Usage, errors::FILE, &values)
            }
            Self::FileWrite { path, source } => {
                let values = [("path", &*path.to_string_lossy()), ("why", &*source.to_string())];
                own("File", Retry::AfterPerson, Exit::Usage, errors::FILE_WRITE, &values)
            }
            Self::TooLarge { path, max } => {
                let values = [("path", &*path.to_string_lossy()), ("max", &*max.to_string())];
                own("TooLarge", Retry::Never, Exit::Refused, errors::TOO_LARGE, &values)
            }
            Self::NotText { path } => {
                let values = [("path", &*path.to_string_lossy())];
                own("NotText", Retry::Never, Exit::Usage, errors::NOT_TEXT, &values)
            }
            Self::Document(error) => Report {
                code: error.code().to_owned(),
                retry: retry_word(Retry::Never),
                message: error.to_string(),
                message_zh: error.message_zh(),
                next: None,
                exit: Exit::Refused,
            },
            Self::NoCopy { copy, there } => own(
                "NoCopy",
                Retry::Never,
                Exit::Refused,
                errors::NO_COPY,
                &[("copy", copy), ("there", there)],
            ),
            Self::Terminal => own("Terminal", Retry::Never, Exit::Usage, errors::TERMINAL, &[]),
            Self::NoPress => own("NoPress", Retry::AfterPerson, Exit::Refused, errors::NO_PRESS, &[]),
            Self::Press { why } => {
                own("Press", Retry::AfterPerson, Exit::Refused, errors::PRESS, &[("why", why)])
            }
            Self::Link(error) => {
                let code = match error {
                    LinkError::Signature => "LinkSignature",
                    LinkError::Payload | LinkError::Version(_) => "LinkPayload",
                    _ => "LinkArgument",
                };
                Report {
                    code: code.to_owned(),
                    retry: retry_word(Retry::Never),
                    message: error.to_string(),
                    message_zh: error.message_zh(),
                    next: text::find(errors::NEXT, code),
                    exit: if code == "LinkArgument" { Exit::Usage } else { Exit::Refused },
                }
            }
            Self::Key { path, why } => {
                let path = path.to_string_lossy();
                Report {
                    message_zh: errors::KEY_FILE.fill(Lang::Zh, &[("path", &path), ("why", why.zh)]),
                    ..own(
                        "KeyFile",
                        Retry::AfterPerson,
                        Exit::Usage,
                        errors::KEY_FILE,
                        &[("path", &path), ("why", why.en)],
                    )
                }
            }
            Self::NoPrinter(name) => own(
                "UnknownPrinter",
                Retry::AfterPerson,
                Exit::Refused,
                errors::NO_PRINTER,
                &[("name", name)],
            ),
            Self::NoModel { id, near } if near.is_empty() => {
                own("UnknownModel", Retry::Never, Exit::Usage, errors::NO_MODEL, &[("id", id)])
            }
            Self::NoModel { id, near } => {
                let values = [("id", &**id), ("near", near)];
                own("UnknownModel", Retry::Never, Exit::Usage, errors::NO_MODEL_NEAR, &values)
            }
            Self::Models { path, why } => {
                let values = [("path", &*path.to_string_lossy()), ("why", why)];
                own("Models", Retry::AfterPerson, Exit::Usage, errors::MODELS, &values)
            }
            Self::NoTemplate { name, there } => {
                let values = [("name", &**name), ("there", if there.is_empty() { "-" } else { there })];
                own("UnknownTemplate", Retry::Never, Exit::Usage, errors::NO_TEMPLATE, &values)
            }
            Self::Template(problem) => {
                let path = problem.path.to_string_lossy();
                let fill = |lang, why: &str| errors::TEMPLATE.fill(lang, &[("path", &path), ("why", why)]);
                Report {
                    message_zh: fill(Lang::Zh, &problem.message_zh()),
                    message: fill(Lang::En, &problem.why.to_string()),
                    ..own("Template", Retry::AfterPerson, Exit::Refused, errors::TEMPLATE, &[])
                }
            }
            Self::TemplateUnfit { name, error } => {
                let fill =
                    |lang, why: &str| errors::TEMPLATE_UNFIT.fill(lang, &[("name", name), ("why", why)]);
                Report {
                    message_zh: fill(Lang::Zh, &error.message_zh()),
                    message: fill(Lang::En, &error.to_string()),
                    ..own("TemplateUnfit", Retry::AfterPerson, Exit::Refused, errors::TEMPLATE_UNFIT, &[])
                }
            }
            Self::NoUser(name) => {
                own("UnknownUser", Retry::Never, Exit::Usage, errors::NO_USER, &[("name", name)])
            }
            Self::NoKey(key) => {
                own("UnknownJob", Retry::Never, Exit::Refused, errors::NO_KEY, &[("key", key)])
            }
            Self::Store { dir, source } => store(&dir.to_string_lossy(), source),
            Self::Output(error) => {
                let why = error.to_string();
                own("Output", Retry::AfterPerson, Exit::Refused, errors::OUTPUT, &[("why", &why)])
            }
            Self::Runtime(error) => {
                let why = error.to_string();
                own("Runtime", Retry::AfterPerson, Exit::Refused, errors::RUNTIME, &[("why", &why)])
            }
            Self::Interrupted => own("Interrupted", Retry::Same, Exit::Interrupted, errors::INTERRUPTED, &[]),
        }
    }
}

fn own(code: &str, retry: Retry, exit: Exit, text: Text, values: &[(&str, &str)]) -> Report {
    Report {
        code: code.to_owned(),
        retry: retry_word(retry),
        message: text.fill(Lang::En, values),
        message_zh: text.fill(Lang::Zh, values),
        next: text::find(errors::NEXT, code),
        exit,
    }
}

fn call(error: &CallError) -> Report {
    let (code, exit) = match error {
        CallError::Api(api) => {
            let code = api.full_name().trim_start_matches(receiptd_api::names::ERROR_PREFIX);
            let exit = if matches!(api, ApiError::NotAllowed(_)) { Exit::NotAllowed } else { Exit::Refused };
            (code, exit)
        }
        CallError::Disconnected(_) => ("Disconnected", Exit::Unreachable),
        CallError::NotRunning => ("NotRunning", Exit::Unreachable),
        CallError::DeniedByBus(_) => ("DeniedByBus", Exit::NotAllowed),
        _ => ("Protocol", Exit::Refused),
    };
    let message = error.to_string();
    let mut message_zh = error.message_zh().into_owned();
    // The daemon's Chinese sentence names the kind of error only; the place is in the English one.
    if matches!(error, CallError::Api(_)) && !message.is_empty() {
        message_zh.push_str(&format!("（{message}）"));
    }
    Report {
        code: code.to_owned(),
        retry: retry_word(error.retry()),
        message,
        message_zh,
        next: text::find(errors::NEXT, code),
        exit,
    }
}

fn connect(error: &ConnectError) -> Report {
    let unreachable =
        |code, text, values: &[(&str, &str)]| own(code, Retry::AfterPerson, Exit::Unreachable, text, values);
    match error {
        ConnectError::NoSocket(path) => {
            unreachable("NoSocket", errors::NO_SOCKET, &[("path", &path.to_string_lossy())])
        }
        ConnectError::NobodyListens(path) => {
            unreachable("NobodyListens", errors::NOBODY_LISTENS, &[("path", &path.to_string_lossy())])
        }
        ConnectError::Denied { path, hint } => {
            let values = [("path", &*path.to_string_lossy()), ("hint", hint.as_str())];
            own("Denied", Retry::AfterPerson, Exit::NotAllowed, errors::DENIED, &values)
        }
        ConnectError::PathTooLong { path, bytes } => {
            let values = [("path", &*path.to_string_lossy()), ("bytes", &*bytes.to_string())];
            own("PathTooLong", Retry::Never, Exit::Usage, errors::PATH_TOO_LONG, &values)
        }
        ConnectError::Timeout(place) => {
            unreachable("ConnectTimeout", errors::CONNECT_TIMEOUT, &[("path", place)])
        }
        ConnectError::NoBus { bus, source } => {
            unreachable("NoBus", errors::NO_BUS, &[("bus", bus), ("why", &source.to_string())])
        }
        ConnectError::Refused { path, source } => {
            let values = [("path", &*path.to_string_lossy()), ("why", &*source.to_string())];
            unreachable("Refused", errors::REFUSED, &values)
        }
        other => unreachable("CannotConnect", errors::CANNOT_CONNECT, &[("why", &other.to_string())]),
    }
}

fn store(dir: &str, error: &OfflineError) -> Report {
    let person = Retry::AfterPerson;
    match error {
        OfflineError::Open(OpenError::LockedBy { pid, .. }) => {
            let pid = pid.map_or_else(|| "?".to_owned(), |pid| pid.to_string());
            own("StoreInUse", person, Exit::Refused, errors::STORE_IN_USE, &[("dir", dir), ("pid", &pid)])
        }
        OfflineError::Open(OpenError::Missing { .. }) => {
            own("StoreMissing", person, Exit::Usage, errors::STORE_MISSING, &[("dir", dir)])
        }
        OfflineError::Open(error) => {
            let values = [("dir", dir), ("why", &*error.to_string())];
            own("StoreOpen", person, Exit::Refused, errors::STORE_OPEN, &values)
        }
        OfflineError::Output(error) => {
            own("Output", person, Exit::Refused, errors::OUTPUT, &[("why", &error.to_string())])
        }
        OfflineError::Io(error) => {
            let values = [("dir", dir), ("why", &*error.to_string())];
            own("StoreRead", person, Exit::Refused, errors::STORE_READ, &values)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_name_has_both_languages_a_next_step_and_a_code() {
        for name in ApiError::NAMES {
            let full = format!("{}{name}", receiptd_api::names::ERROR_PREFIX);
            let error = ApiError::from_name(&full, "why").expect(name);
            let report = Failure::Call(CallError::Api(error)).report();
            assert_eq!(report.code, *name);
            assert!(report.next.is_some(), "{name}");
            assert!(report.message_zh.ends_with("（why）"), "{}", report.message_zh);
            let expected = if *name == "NotAllowed" { Exit::NotAllowed } else { Exit::Refused };
            assert_eq!(report.exit, expected, "{name}");
        }
    }

    #[test]
    fn a_stopped_daemon_is_told_from_a_refusal() {
        let report = Failure::Connect(ConnectError::NoSocket("/run/x".into())).report();
        assert_eq!((report.exit, report.code.as_str()), (Exit::Unreachable, "NoSocket"));
        assert!(report.next.expect("next").zh.contains("systemctl start receiptd"));
    }
}
