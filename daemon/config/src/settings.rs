//! What the daemon runs with: complete and checked.

use std::collections::BTreeSet;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use receiptd_core::config::{CoreConfig, PrinterConfig};
use receiptd_core::evidence::Grade;
use receiptd_core::limits::PRINTERS_MAX;
use receiptd_core::record::Policy;
use receiptd_document::card::{KEEP_FIRST_MAX, KEEP_LAST_MAX};
use receiptd_document::models::Paper;
use receiptd_document::{CardRule, CopyRules, LABEL_CHARS_MAX, Profile};
use receiptd_printer::address::Address;
use receiptd_printer::usb::{Quirks, UsbAddress};
use receiptd_templates::Loaded;

use crate::fragment::{BusWord, Cards, Copies, EvidenceWord, Fragment, LevelWord, PolicyWord, Printer};
use crate::models::Models;

/// Where a printer is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// Raw TCP.
    Tcp(Address),
    /// USB.
    Usb(UsbAddress),
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => write!(f, "tcp:{address}"),
            Self::Usb(address) => address.fmt(f),
        }
    }
}

/// One printer.
#[derive(Clone, Debug, PartialEq)]
pub struct PrinterSettings {
    /// Its name, 1 to 64 letters, digits, `-`, `_` and `.`.
    pub name: String,
    /// Where it is.
    pub endpoint: Endpoint,
    /// The evidence that the integrator vouches for.
    pub evidence: Option<Grade>,
    /// Paper and commands.
    pub profile: Profile,
}

/// The bus to be on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bus {
    /// The system bus.
    System,
    /// The session bus.
    Session,
}

/// How callers reach the daemon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiSettings {
    /// The peer-to-peer socket.
    pub socket: Option<PathBuf>,
    /// Its mode, permission bits.
    pub socket_mode: u32,
    /// Its group.
    pub socket_group: Option<String>,
    /// The bus.
    pub bus: Option<Bus>,
    /// Members may touch everybody's jobs.
    pub operator_group: Option<String>,
}

/// How long what is kept.
#[derive(Clone, Copy, Debug)]
pub struct Retention {
    /// Bodies of finished jobs: as long a reprint works.
    pub bodies: Duration,
    /// Records of finished jobs: as long their fate can be read.
    pub jobs: Duration,
    /// Finished jobs at most.
    pub jobs_max: usize,
}

/// Everything.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The spool's directory.
    pub directory: PathBuf,
    /// Added to each flush of the journal, for benches.
    pub bench_flush_delay: Option<Duration>,
    /// How long what is kept.
    pub retention: Retention,
    /// How callers reach the daemon.
    pub api: ApiSettings,
    /// What is logged.
    pub log_level: log::LevelFilter,
    /// What the core must know, the printers' names included.
    pub core: CoreConfig,
    /// What is known of misbehaving USB printers.
    pub quirks: Quirks,
    /// What is done with card numbers, on every printer.
    pub cards: CardRule,
    /// What differs between the copies of a card slip, on every printer.
    pub copies: CopyRules,
    /// The printers, the default one first.
    pub printers: Vec<PrinterSettings>,
    /// The templates, and what is wrong with those that are not sound.
    pub templates: Arc<Loaded>,
}

/// Where local quirks are when nothing else is said.
const DEFAULT_QUIRKS: &str = "/etc/receiptd/quirks.d";

const DAY: Duration = Duration::from_hours(24);

impl Settings {
    /// Fills in the defaults and checks what is there.
    ///
    /// # Errors
    /// A sentence that names the key, what was found and what is allowed.
    pub(super) fn from_fragment(file: Fragment, mut models: Models) -> Result<Self, String> {
        let mut names = BTreeSet::new();
        if let Some(twice) = file.printer.iter().find(|p| !names.insert(p.name.as_str())) {
            return Err(format!("two printers are named \"{}\"", twice.name));
        }
        let cards = cards(&file.cards)?;
        let copies = copies(&file.copies)?;
        let printers = file
            .printer
            .iter()
            .map(|p| printer(p, cards, &copies, &mut models))
            .collect::<Result<Vec<_>, _>>()?;
        if let Some((name, other, endpoint)) = same(&printers) {
            // The jobs of two would come out between each other, and one take the other's answers for its own.
            let helps = match endpoint {
                Endpoint::Usb(_) => "say which is which with a serial number or a port",
                Endpoint::Tcp(_) => "that is one printer; configure it once",
            };
            return Err(format!(
                "printers \"{name}\" and \"{other}\" are both connect = \"{endpoint}\"; {helps}"
            ));
        }
        if printers.len() > PRINTERS_MAX {
            return Err(format!(
                "{} printers are configured; at most {PRINTERS_MAX} are possible",
                printers.len()
            ));
        }
        let bodies_days = file.spool.keep_bodies_days.unwrap_or(30);
        let jobs_days = file.spool.keep_jobs_days.unwrap_or(180);
        if bodies_days > jobs_days {
            return Err(format!(
                "spool.keep-bodies-days is {bodies_days}, spool.keep-jobs-days is {jobs_days}: \
                 a body can't be kept longer than its job"
            ));
        }
        let defaults = CoreConfig::default();
        let number = |value: Option<u32>, key: &str, default: usize, max: usize| match value {
            None => Ok(default),
            Some(n) if (1..=max as u64).contains(&u64::from(n)) => Ok(n as usize),
            Some(n) => Err(format!("{key} is {n}; 1 to {max} is allowed")),
        };
        let active_max = number(
            file.jobs.active_max,
            "jobs.active-max",
            defaults.active_jobs_max,
            defaults.active_jobs_max,
        )?;
        let share = number(
            file.jobs.active_per_user_max,
            "jobs.active-per-user-max",
            active_max.div_ceil(2),
            active_max,
        )?;
        let jobs_max = number(file.spool.keep_jobs_max, "spool.keep-jobs-max", 100_000, 1_000_000)?;
        let core = CoreConfig {
            printers: printers
                .iter()
                .map(|p| PrinterConfig { name: p.name.clone(), evidence: p.evidence })
                .collect(),
            policy: match file.jobs.when_uncertain {
                Some(PolicyWord::Hold) => Policy::Hold,
                Some(PolicyWord::Reprint) | None => Policy::Reprint,
            },
            expires_after_ms: match file.jobs.expires_after_s {
                None | Some(0) => None,
                Some(s) => Some(u64::from(s) * 1_000),
            },
            active_jobs_max: active_max,
            active_jobs_per_uid_max: share,
            active_bytes_max: file.jobs.active_bytes_max.unwrap_or(defaults.active_bytes_max),
        };
        let socket = file.api.socket.unwrap_or_else(|| receiptd_api::names::DEFAULT_SOCKET.into());
        let mode_text = file.api.socket_mode.unwrap_or_else(|| "0660".to_owned());
        let socket_mode = u32::from_str_radix(&mode_text, 8)
            .ok()
            .filter(|mode| *mode <= 0o777)
            .ok_or_else(|| format!("api.socket-mode is \"{mode_text}\"; three or four octal digits such as \"0660\" are expected"))?;
        let nowhere = socket.as_os_str().is_empty() && matches!(file.api.bus, Some(BusWord::None));
        if nowhere {
            return Err(
                "api.socket is \"\" and api.bus is \"none\": nobody could reach the daemon; set one".into()
            );
        }
        Ok(Self {
            directory: file.spool.directory.unwrap_or_else(|| "/var/lib/receiptd/spool".into()),
            bench_flush_delay: file
                .spool
                .bench_flush_delay_ms
                .filter(|ms| *ms > 0)
                .map(|ms| Duration::from_millis(u64::from(ms))),
            retention: Retention { bodies: DAY * bodies_days, jobs: DAY * jobs_days, jobs_max },
            api: ApiSettings {
                socket: (!socket.as_os_str().is_empty()).then_some(socket),
                socket_mode,
                socket_group: file.api.socket_group.filter(|g| !g.is_empty()),
                bus: match file.api.bus {
                    Some(BusWord::System) | None => Some(Bus::System),
                    Some(BusWord::Session) => Some(Bus::Session),
                    Some(BusWord::None) => None,
                },
                operator_group: file.api.operator_group.or_else(|| Some("receipt-operator".to_owned())),
            },
            log_level: file.log.level.map_or(log::LevelFilter::Info, LevelWord::filter),
            core,
            quirks: Quirks::load(&file.usb.quirks_directory.unwrap_or_else(|| DEFAULT_QUIRKS.into()))
                .map_err(|e| e.to_string())?,
            cards,
            copies,
            printers,
            templates: Arc::default(),
        })
    }
}

/// Two printers that would be one and the same device. One that is reached by two names over TCP is not seen.
fn same(printers: &[PrinterSettings]) -> Option<(&str, &str, &Endpoint)> {
    printers.iter().enumerate().find_map(|(at, printer)| {
        let other = printers.iter().take(at).find(|other| other.endpoint == printer.endpoint)?;
        Some((other.name.as_str(), printer.name.as_str(), &printer.endpoint))
    })
}

fn endpoint(name: &str, connect: Option<&str>) -> Result<Endpoint, String> {
    let connect = connect.ok_or_else(|| {
        format!("printer \"{name}\" has no key connect; expected connect = \"usb\" or connect = \"tcp:HOST\"")
    })?;
    let wrong = |e: &dyn fmt::Display| format!("printer \"{name}\": connect is \"{connect}\": {e}");
    if let Some(address) = connect.strip_prefix("tcp:") {
        return address.parse().map(Endpoint::Tcp).map_err(|e| wrong(&e));
    }
    if connect.starts_with("usb") {
        return connect.parse().map(Endpoint::Usb).map_err(|e| wrong(&e));
    }
    Err(format!(
        "printer \"{name}\": connect is \"{connect}\"; expected \"usb\", \"usb:VENDOR:PRODUCT\", \
         \"usb:VENDOR:PRODUCT:SERIAL\", \"usb@PORT\", \"tcp:HOST\" or \"tcp:HOST:PORT\""
    ))
}

fn cards(file: &Cards) -> Result<CardRule, String> {
    let digits = |value: Option<u8>, key: &str, max: u8| match value {
        None => Ok(max),
        Some(n) if n <= max => Ok(n),
        Some(n) => Err(format!("cards.{key} is {n}; 0 to {max} is allowed")),
    };
    Ok(CardRule {
        action: file.action.unwrap_or_default(),
        keep_first: digits(file.keep_first, "keep-first", KEEP_FIRST_MAX)?,
        keep_last: digits(file.keep_last, "keep-last", KEEP_LAST_MAX)?,
    })
}

fn copies(file: &Copies) -> Result<CopyRules, String> {
    let mut rules = CopyRules::USUAL;
    for (name, file, rule) in [
        ("single", &file.single, &mut rules.single),
        ("merchant", &file.merchant, &mut rules.merchant),
        ("customer", &file.customer, &mut rules.customer),
        ("bank", &file.bank, &mut rules.bank),
    ] {
        let digits = |value: Option<u8>, key: &str, max: u8| match value {
            Some(n) if n > max => Err(format!("copies.{name}.{key} is {n}; 0 to {max} is allowed")),
            value => Ok(value),
        };
        rule.keep_first = digits(file.keep_first, "keep-first", KEEP_FIRST_MAX)?;
        rule.keep_last = digits(file.keep_last, "keep-last", KEEP_LAST_MAX)?;
        rule.expiry = file.expiry.unwrap_or(rule.expiry);
        rule.signature = file.signature.unwrap_or(rule.signature);
        if let Some(label) = &file.label {
            let count = label.chars().count();
            if label.trim().is_empty() || count > LABEL_CHARS_MAX || label.chars().any(char::is_control) {
                return Err(format!(
                    "copies.{name}.label has {count} characters; 1 to {LABEL_CHARS_MAX} in one line are allowed"
                ));
            }
            rule.label = Some(label.clone());
        }
    }
    Ok(rules)
}

fn printer(
    file: &Printer,
    cards: CardRule,
    copies: &CopyRules,
    models: &mut Models,
) -> Result<PrinterSettings, String> {
    let name = &file.name;
    let letters = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if name.is_empty() || name.len() > 64 || !name.chars().all(letters) {
        return Err(format!(
            "printer.name is \"{name}\"; 1 to 64 letters, digits, '-', '_' and '.' are allowed"
        ));
    }
    let mut profile = match (&file.model, file.paper) {
        (Some(_), Some(_)) => {
            return Err(format!(
                "printer \"{name}\" has both model and paper; a model says its paper, and the keys dots, cutter and so \
                 on change what it says"
            ));
        }
        (Some(model), None) => models.profile(model).map_err(|e| format!("printer \"{name}\": {e}"))?,
        (None, paper) => paper.unwrap_or(Paper::Mm80).profile(),
    };
    macro_rules! own {
        ($($field:ident),+) => { $(if let Some(value) = file.$field { profile.$field = value; })+ };
    }
    profile.cards = cards;
    profile.copies = copies.clone();
    own!(
        dots,
        dpi,
        feed_units,
        font_a_width,
        line_dots,
        kanji,
        code_pages,
        text,
        hanzi_width,
        cutter,
        native_qr,
        native_barcode,
        head,
        beep,
        feed_before_cut_dots,
        job_number
    );
    profile.check().map_err(|e| format!("printer \"{name}\": {e}"))?;
    Ok(PrinterSettings {
        name: name.clone(),
        endpoint: endpoint(name, file.connect.as_deref())?,
        evidence: match file.evidence {
            None | Some(EvidenceWord::Auto) => None,
            Some(EvidenceWord::APlus) => Some(Grade::APlus),
            Some(EvidenceWord::A) => Some(Grade::A),
            Some(EvidenceWord::B) => Some(Grade::B),
            Some(EvidenceWord::C) => Some(Grade::C),
            Some(EvidenceWord::D) => Some(Grade::D),
        },
        profile,
    })
}
