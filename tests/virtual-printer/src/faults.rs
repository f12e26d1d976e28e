//! Faults and when they strike: by command, or by a script of deterministic triggers.
//!
//! This module is about words: what faults there are, how they are written, how a script is read. What they do
//! to the printer is in `state.rs`.

use crate::error::Error;
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// Something that happens to the printer.
///
/// As text (`load_paper 2000`, `mute on`) in scripts and on the command line, as JSON
/// (`{"cmd":"load_paper","mm":2000}`) on the control socket.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "cmd", rename_all = "snake_case")]
pub enum Fault {
    /// The roll ends now.
    PaperEnd,
    /// A roll is put in, mm long (the model's new roll without a number).
    LoadPaper {
        /// Length in mm.
        #[serde(default)]
        mm: Option<f64>,
    },
    /// The cover is opened.
    CoverOpen,
    /// The cover is closed.
    CoverClose,
    /// Something sits in the cutter: the next cut fails and stops the printer.
    CutterJam,
    /// It is removed; the printer goes on with the cut.
    CutterClear,
    /// The head is too hot for this long; the printer pauses and recovers by itself.
    Overheat {
        /// Milliseconds.
        ms: u64,
    },
    /// The power goes: connections, buffers and answers are lost.
    PowerOff,
    /// The power comes back.
    PowerOn,
    /// The cable is pulled: connections are lost, the printer goes on with what it has.
    Unplug,
    /// The cable is put in again.
    Plug,
    /// Answers nothing.
    Mute {
        /// On or off.
        on: bool,
    },
    /// The next n answers are lost.
    DropReplies {
        /// How many.
        n: u32,
    },
    /// Every answer is late by this much.
    DelayReplies {
        /// Milliseconds; 0 = off.
        ms: u64,
    },
    /// The printer does not read from its socket.
    Stall {
        /// On or off.
        on: bool,
    },
    /// The connection is reset (TCP RST).
    ResetConnection,
    /// The next connection first gets these bytes.
    StaleBytes {
        /// In hexadecimal.
        hex: String,
    },
    /// XON and XOFF appear among the answers.
    Xonxoff {
        /// On or off.
        on: bool,
    },
    /// Every answer is replaced by these bytes; empty = off.
    Garbage {
        /// In hexadecimal.
        hex: String,
    },
    /// The feed button is pressed: one line of paper, also while idle.
    FeedButton,
    /// The bulk OUT endpoint is halted before the next packet but one; on USB by FunctionFS.
    HaltOut {
        /// For how long.
        #[serde(default)]
        how: Halt,
    },
    /// The same of bulk IN: before the next answer.
    HaltIn {
        /// For how long.
        #[serde(default)]
        how: Halt,
    },
}

/// For how long an endpoint is halted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Halt {
    /// Until the host clears it.
    #[default]
    Once,
    /// Again, whenever the host has cleared it.
    On,
    /// No longer, once the host has cleared it.
    Off,
}

impl FromStr for Fault {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let mut words = text.split_whitespace();
        let name = words.next().unwrap_or_default();
        let arg = words.next();
        if words.next().is_some() {
            return Err(Error::Script(format!("fault {text:?}: too many words")));
        }
        let number = |what: &str| {
            arg.and_then(|a| a.parse::<u64>().ok())
                .ok_or_else(|| Error::Script(format!("fault {text:?}: {what} missing or not a number")))
        };
        let on = || match arg {
            None | Some("on") => Ok(true),
            Some("off") => Ok(false),
            Some(_) => Err(Error::Script(format!("fault {text:?}: on or off expected"))),
        };
        let halt = || match arg {
            None => Ok(Halt::Once),
            Some("on") => Ok(Halt::On),
            Some("off") => Ok(Halt::Off),
            Some(_) => Err(Error::Script(format!("fault {text:?}: nothing, on or off expected"))),
        };
        let hex = || {
            let hex = arg.unwrap_or_default().to_string();
            unhex(&hex).map(|_| hex)
        };
        let fault = match name {
            "paper_end" => Fault::PaperEnd,
            "load_paper" => match arg {
                None => Fault::LoadPaper { mm: None },
                Some(mm) => Fault::LoadPaper {
                    mm: Some(mm.parse().map_err(|_| Error::Script(format!("fault {text:?}: mm expected")))?),
                },
            },
            "cover_open" => Fault::CoverOpen,
            "cover_close" => Fault::CoverClose,
            "cutter_jam" => Fault::CutterJam,
            "cutter_clear" => Fault::CutterClear,
            "overheat" => Fault::Overheat { ms: number("milliseconds")? },
            "power_off" => Fault::PowerOff,
            "power_on" => Fault::PowerOn,
            "unplug" => Fault::Unplug,
            "plug" => Fault::Plug,
            "mute" => Fault::Mute { on: on()? },
            "drop_replies" => Fault::DropReplies { n: u32::try_from(number("count")?).unwrap_or(u32::MAX) },
            "delay_replies" => Fault::DelayReplies { ms: number("milliseconds")? },
            "stall" => Fault::Stall { on: on()? },
            "reset_connection" => Fault::ResetConnection,
            "stale_bytes" => Fault::StaleBytes { hex: hex()? },
            "xonxoff" => Fault::Xonxoff { on: on()? },
            "garbage" => Fault::Garbage { hex: hex()? },
            "feed_button" => Fault::FeedButton,
            "halt_out" => Fault::HaltOut { how: halt()? },
            "halt_in" => Fault::HaltIn { how: halt()? },
            _ => return Err(Error::Script(format!("there is no fault {name:?}"))),
        };
        Ok(fault)
    }
}

/// Hexadecimal digits, spaces allowed, to bytes.
pub fn unhex(text: &str) -> Result<Vec<u8>, Error> {
    let digits: Vec<u8> = text.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    let bad = || Error::Script(format!("not hexadecimal: {text:?}"));
    if !digits.len().is_multiple_of(2) {
        return Err(bad());
    }
    digits
        .chunks_exact(2)
        .map(|pair| {
            std::str::from_utf8(pair).ok().and_then(|p| u8::from_str_radix(p, 16).ok()).ok_or_else(bad)
        })
        .collect()
}

/// Bytes to hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// When a scripted fault strikes. All counts start at 1 when the printer was first started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum When {
    /// Line n has come off the head.
    Line(u64),
    /// Cut n is about to begin.
    Cut(u64),
    /// Cut n is done.
    AfterCut(u64),
    /// The n-th `GS ( H` fn 48 was received (perhaps long before it is its turn).
    ProcessId(u64),
    /// The n-th process id answer is about to be sent.
    ProcessIdReply(u64),
    /// Byte n was received; the next one is not read before the fault took effect.
    Byte(u64),
    /// The n-th connection was accepted.
    Connection(u64),
}

/// A scripted fault.
#[derive(Clone, Debug, PartialEq)]
pub struct Trigger {
    /// When.
    pub when: When,
    /// What.
    pub fault: Fault,
    /// That many ms later than `when`.
    pub after_ms: u64,
}

impl Trigger {
    /// At once when `when` comes.
    pub fn at(when: When, fault: Fault) -> Self {
        Self { when, fault, after_ms: 0 }
    }

    /// A whole script: TOML with `[[when]]` tables, or JSON, one object a line.
    pub fn parse_script(text: &str) -> Result<Vec<Trigger>, Error> {
        let bad = |e: String| Error::Script(format!("fault script: {e}"));
        let first = text.lines().map(str::trim).find(|l| !l.is_empty() && !l.starts_with('#'));
        let entries: Vec<Entry> = if first.is_some_and(|l| l.starts_with('{')) {
            text.lines()
                .filter(|l| !l.trim().is_empty())
                .map(serde_json::from_str)
                .collect::<Result<_, _>>()
                .map_err(|e| bad(e.to_string()))?
        } else {
            toml::from_str::<Script>(text).map_err(|e| bad(e.to_string()))?.when
        };
        entries.into_iter().map(Entry::trigger).collect()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Script {
    #[serde(default)]
    when: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    line: Option<u64>,
    cut: Option<u64>,
    after_cut: Option<u64>,
    process_id: Option<u64>,
    process_id_reply: Option<u64>,
    byte: Option<u64>,
    connection: Option<u64>,
    #[serde(rename = "do")]
    fault: String,
    #[serde(default)]
    after_ms: u64,
}

impl Entry {
    fn trigger(self) -> Result<Trigger, Error> {
        let all = [
            self.line.map(When::Line),
            self.cut.map(When::Cut),
            self.after_cut.map(When::AfterCut),
            self.process_id.map(When::ProcessId),
            self.process_id_reply.map(When::ProcessIdReply),
            self.byte.map(When::Byte),
            self.connection.map(When::Connection),
        ];
        let mut given = all.into_iter().flatten();
        match (given.next(), given.next()) {
            (Some(when), None) => Ok(Trigger { when, fault: self.fault.parse()?, after_ms: self.after_ms }),
            _ => Err(Error::Script(format!("fault script: {:?} needs exactly one trigger", self.fault))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_reads_the_same_from_toml_and_json_lines() {
        let toml =
            "[[when]]\nline = 12\ndo = \"paper_end\"\n[[when]]\nbyte = 3\ndo = \"mute off\"\nafter_ms = 5\n";
        let json = "{\"line\":12,\"do\":\"paper_end\"}\n{\"byte\":3,\"do\":\"mute off\",\"after_ms\":5}\n";
        let want = vec![
            Trigger::at(When::Line(12), Fault::PaperEnd),
            Trigger { when: When::Byte(3), fault: Fault::Mute { on: false }, after_ms: 5 },
        ];
        assert_eq!(Trigger::parse_script(toml).unwrap(), want);
        assert_eq!(Trigger::parse_script(json).unwrap(), want);
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for bad in [
            "[[when]]\nline=1\ncut=2\ndo='paper_end'",
            "[[when]]\ndo='paper_end'",
            "[[when]]\nline=1\ndo='explode'",
            "[[when]]\nline=1\ndo='stale_bytes 1'",
            "lines = 2",
        ] {
            assert!(Trigger::parse_script(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_fault_is_the_same_as_text_and_as_json() {
        let json: Fault = serde_json::from_str(r#"{"cmd":"load_paper","mm":50}"#).unwrap();
        assert_eq!(json, "load_paper 50".parse().unwrap());
        let json: Fault = serde_json::from_str(r#"{"cmd":"halt_out"}"#).unwrap();
        assert_eq!(json, "halt_out".parse().unwrap());
        let json: Fault = serde_json::from_str(r#"{"cmd":"halt_in","how":"on"}"#).unwrap();
        assert_eq!(json, "halt_in on".parse().unwrap());
        assert_eq!("overheat 20".parse::<Fault>().unwrap(), Fault::Overheat { ms: 20 });
    }
}
