//! The commands that a document must not contain, each with the reason and what to do instead.
//!
//! Three kinds: those whose reply the daemon would take for the answer to its own question, those that
//! change what outlives the document (settings, counters, NV memory), and those that act at once instead
//! of in order.

/// A command that a document must not contain.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    /// Name as in Epson's ESC/POS reference.
    pub(crate) command: &'static str,
    pub(crate) why: &'static str,
    pub(crate) instead: &'static str,
}

const REPLIES: &str = "its reply would be taken for the answer to a question of the daemon";
const LEAVE_OUT: &str = "leave it out";
const ASK_DAEMON: &str = "leave it out and ask the daemon for the status of the printer or of the job";
const PERMANENT: &str = "it changes memory of the printer that outlives the document";
const SETTINGS_TOOL: &str = "leave it out and use the maker's tool";

macro_rules! refused {
    ($($name:ident: $command:literal, $why:expr, $instead:expr;)*) => {
        $(pub(super) static $name: Refused = Refused { command: $command, why: $why, instead: $instead };)*
    };
}

refused! {
    DLE_EOT: "DLE EOT", REPLIES, ASK_DAEMON;
    DLE_ENQ: "DLE ENQ", "it makes the printer print a line again or drop its buffer, at once", LEAVE_OUT;
    DLE_DC4_PULSE: "DLE DC4 1 (drawer pulse in real time)",
        "it acts on arrival, before what stands in front of it is printed, and again with every attempt",
        "use ESC p m t1 t2, which acts in its place";
    DLE_DC4_OFF: "DLE DC4 2 (power off)", "it switches the printer off", LEAVE_OUT;
    DLE_DC4_CLEAR: "DLE DC4 8 (clear buffers)",
        "it drops what the printer has not printed yet", "leave it out and cancel the job at the daemon";
    DLE_DC4: "DLE DC4", "it acts on arrival, not in its place in the document", LEAVE_OUT;
    ESC_PERIPHERAL: "ESC = (select peripheral)",
        "a deselected printer silently drops everything that follows", LEAVE_OUT;
    ESC_U: "ESC u", REPLIES, ASK_DAEMON;
    ESC_V: "ESC v", REPLIES, ASK_DAEMON;
    GS_ASB: "GS a (automatic status back)", "the daemon sets it and reads the reports", ASK_DAEMON;
    GS_INK_ASB: "GS j (automatic status back for ink)", REPLIES, ASK_DAEMON;
    GS_ID: "GS I (printer ID)", REPLIES, ASK_DAEMON;
    GS_STATUS: "GS r (status)", REPLIES, ASK_DAEMON;
    GS_COUNTER_RESET: "GS g 0 (reset counter)",
        "the counters are evidence, and each reset wears the NV memory", LEAVE_OUT;
    GS_COUNTER: "GS g 2 (counter)", REPLIES, ASK_DAEMON;
    GS_TEST: "GS ( A (test print)", "it prints a page of its own and resets the printer", LEAVE_OUT;
    GS_USER_NV: "GS ( C (NV user memory)", PERMANENT, SETTINGS_TOOL;
    GS_REAL_TIME: "GS ( D (enable real-time commands)",
        "it enables power-off and the drawer pulse in real time", LEAVE_OUT;
    GS_SETUP: "GS ( E (set-up)", PERMANENT, SETTINGS_TOOL;
    GS_ADJUST: "GS ( F (adjustment values)", PERMANENT, SETTINGS_TOOL;
    GS_RESPONSE: "GS ( H (response request)",
        "it is how the daemon proves that a line was printed", ASK_DAEMON;
    GS_CUSTOMISE: "GS ( M (customise)", PERMANENT, SETTINGS_TOOL;
    GS_GRAPHICS_REPLY: "GS ( L / GS 8 L (query of graphics memory)", REPLIES, LEAVE_OUT;
    GS_GRAPHICS_NV: "GS ( L / GS 8 L (write NV graphics)", PERMANENT,
        "leave it out and send the picture with GS v 0";
    GS_SYMBOL_REPLY: "GS ( k fn 82 (size of the symbol)", REPLIES, LEAVE_OUT;
    GS_MACRO: "GS : / GS ^ (macro)",
        "what a macro prints does not stand where it is printed, so no line of it can be proved",
        "write the commands out";
    GS_WAIT: "GS z 0 (wait for online recovery)", "the daemon decides what happens after an error", LEAVE_OUT;
    FS_NV_IMAGE: "FS q (define NV bit image)", PERMANENT, "leave it out and send the picture with GS v 0";
    FS_NV: "FS g (NV user memory)", PERMANENT, SETTINGS_TOOL;
    FS_ASB: "FS ( e (automatic status back)", "the daemon sets it and reads the reports", ASK_DAEMON;
    FS_RECEIPT: "FS ( E (receipt enhancement)", PERMANENT, SETTINGS_TOOL;
    FS_LABEL: "FS ( L (label and black mark)", "it replies, and stores the paper layout", SETTINGS_TOOL;
}
