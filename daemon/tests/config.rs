//! The configuration: what is refused says file, line and what is allowed; what is left out has its default;
//! drop-ins are laid over in the order of their names.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests")]

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use receiptd::config::{Bus, Settings, load};
use receiptd_core::evidence::Grade;
use receiptd_core::record::Policy;
use receiptd_document::{Cutter, Head};
use tempfile::TempDir;

/// A folder with `receiptd.toml` of this text, and drop-ins.
fn files(text: &str, drop_ins: &[(&str, &str)]) -> (TempDir, PathBuf) {
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("receiptd.toml");
    fs::write(&file, text).unwrap();
    let folder = dir.path().join("receiptd.toml.d");
    for (name, text) in drop_ins {
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(name), text).unwrap();
    }
    (dir, file)
}

fn settings(text: &str) -> Settings {
    let (_dir, file) = files(text, &[]);
    load(Some(&file)).unwrap()
}

fn refusal(text: &str) -> String {
    let (_dir, file) = files(text, &[]);
    load(Some(&file)).unwrap_err().to_string()
}

#[test]
fn an_empty_file_gives_the_documented_defaults() {
    let settings = settings("");
    assert_eq!(settings.directory, PathBuf::from("/var/lib/receiptd/spool"));
    assert_eq!(settings.api.socket, Some(PathBuf::from("/run/receiptd/api.sock")));
    assert_eq!((settings.api.socket_mode, settings.api.bus), (0o660, Some(Bus::System)));
    assert_eq!(settings.api.operator_group.as_deref(), Some("receipt-operator"));
    assert_eq!(settings.retention.bodies, Duration::from_hours(30 * 24));
    assert_eq!(settings.retention.jobs, Duration::from_hours(180 * 24));
    assert_eq!(settings.core.policy, Policy::Reprint);
    assert_eq!(settings.core.expires_after_ms, None);
    assert_eq!(settings.core.active_jobs_per_uid_max, settings.core.active_jobs_max / 2);
    assert!(settings.printers.is_empty() && settings.bench_flush_delay.is_none());
}

#[test]
fn what_is_set_counts() {
    let settings = settings(
        "[spool]\ndirectory = \"/srv/spool\"\nkeep-bodies-days = 0\nkeep-jobs-days = 7\nkeep-jobs-max = 5\n\
         [api]\nsocket = \"\"\nsocket-mode = \"600\"\nbus = \"session\"\n\
         [jobs]\nwhen-uncertain = \"hold\"\nexpires-after-s = 90\nactive-max = 10\n\
         [log]\nlevel = \"debug\"\n\
         [[printer]]\nname = \"counter\"\nconnect = \"tcp:192.0.2.7\"\nevidence = \"A+\"\npaper = \"58mm\"\n\
         [[printer]]\nname = \"kitchen\"\nconnect = \"tcp:[2001:db8::1]:9101\"\n",
    );
    assert_eq!((settings.retention.bodies, settings.retention.jobs_max), (Duration::ZERO, 5));
    assert_eq!((settings.api.socket, settings.api.socket_mode), (None, 0o600));
    assert_eq!(settings.core.expires_after_ms, Some(90_000));
    assert_eq!((settings.core.active_jobs_max, settings.core.active_jobs_per_uid_max), (10, 5));
    assert_eq!(settings.core.policy, Policy::Hold);
    let [counter, kitchen] = &settings.printers[..] else { panic!("{:?}", settings.printers) };
    assert_eq!((counter.evidence, counter.profile.dots), (Some(Grade::APlus), 384));
    assert_eq!((kitchen.evidence, kitchen.profile.dots), (None, 576));
    let names: Vec<&str> = settings.core.printers.iter().map(|printer| printer.name.as_str()).collect();
    assert_eq!(names, ["counter", "kitchen"]);
}

#[test]
fn what_is_wrong_is_named_with_file_line_and_what_is_allowed() {
    for (text, says) in [
        ("[spool]\ndirektory = \"/srv\"\n", &["receiptd.toml", "line 2", "direktory", "directory"][..]),
        ("\n\n[sporl]\n", &["line 3", "sporl"]),
        ("[spool]\nkeep-bodies-days = \"many\"\n", &["line 2", "keep-bodies-days"]),
        ("[spool]\nkeep-bodies-days = -1\n", &["line 2"]),
        ("[api]\nbus = \"school\"\n", &["line 2", "school", "system"]),
        ("[api]\nsocket = \"/run/x", &["line 2"]),
        ("[api\n", &["line 1"]),
        ("[[printer]]\nconnect = \"tcp:a\"\n", &["name"]),
        ("[[printer]]\nname = \"a\"\n", &["\"a\"", "connect"]),
        ("[[printer]]\nname = \"a b\"\nconnect = \"tcp:a\"\n", &["a b", "letters"]),
        ("[[printer]]\nname = \"a\"\nconnect = \"lpt1\"\n", &["lpt1", "tcp:HOST"]),
        ("[[printer]]\nname = \"a\"\nconnect = \"tcp:h:0x1\"\n", &["0x1"]),
        ("[[printer]]\nname = \"a\"\nconnect = \"usb:4b8\"\n", &["\"a\"", "usb:4b8", "usb:VENDOR:PRODUCT"]),
        (
            "[[printer]]\nname = \"a\"\nconnect = \"usb\"\n[[printer]]\nname = \"b\"\nconnect = \"usb\"\n",
            &["\"a\"", "\"b\"", "port"],
        ),
        (
            "[[printer]]\nname = \"a\"\nconnect = \"tcp:h\"\n[[printer]]\nname = \"b\"\nconnect = \"tcp:h:9100\"\n",
            &["\"a\"", "\"b\"", "tcp:h", "once"],
        ),
        ("[usb]\nquirks = \"/x\"\n", &["line 2", "quirks-directory"]),
        ("[[printer]]\nname = \"a\"\nconnect = \"tcp:h\"\nevidence = \"E\"\n", &["line 4", "E", "A+"]),
        ("[[printer]]\nname = \"a\"\nconnect = \"tcp:h\"\ndots = 3\n", &["\"a\"", "3"]),
        (
            "[[printer]]\nname = \"a\"\nconnect = \"tcp:h\"\n[[printer]]\nname = \"a\"\nconnect = \"tcp:i\"\n",
            &["two printers", "\"a\""],
        ),
        ("[spool]\nkeep-bodies-days = 9\nkeep-jobs-days = 8\n", &["keep-bodies-days", "9", "8"]),
        ("[api]\nsocket-mode = \"999\"\n", &["socket-mode", "999", "0660"]),
        ("[jobs]\nactive-max = 0\n", &["jobs.active-max", "0", "1 to"]),
        ("[jobs]\nactive-max = 10\nactive-per-user-max = 11\n", &["active-per-user-max", "11", "1 to 10"]),
    ] {
        let said = refusal(text);
        for word in says {
            assert!(said.contains(word), "{word:?} is not in what was said of {text:?}:\n{said}");
        }
    }
}

#[test]
fn a_pipe_among_the_files_is_refused_and_not_waited_for() {
    let make_pipe = |path: PathBuf| {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
    };
    let (dir, file) = files("", &[]);
    make_pipe(dir.path().join("receiptd.toml.d/10-pipe.toml"));
    let said = load(Some(&file)).unwrap_err().to_string();
    assert!(said.contains("10-pipe.toml is not a file"), "{said}");

    let quirks = TempDir::new().unwrap();
    make_pipe(quirks.path().join("pipe.toml"));
    let said = refusal(&format!("[usb]\nquirks-directory = \"{}\"\n", quirks.path().display()));
    assert!(said.contains("pipe.toml: it is not a file"), "{said}");
}

#[test]
fn drop_ins_are_laid_over_in_the_order_of_their_names() {
    let (_dir, file) = files(
        "[jobs]\nactive-max = 1\n[[printer]]\nname = \"counter\"\nconnect = \"tcp:a\"\ndots = 384\n",
        &[
            ("20-b.toml", "[jobs]\nactive-max = 20\n"),
            ("10-a.toml", "[jobs]\nactive-max = 10\n[[printer]]\nname = \"counter\"\nconnect = \"tcp:b\"\n"),
            ("30-kitchen.toml", "[[printer]]\nname = \"kitchen\"\nconnect = \"tcp:c\"\n"),
            ("40-ignored.toml.bak", "not toml at all"),
        ],
    );
    let settings = load(Some(&file)).unwrap();
    assert_eq!(settings.core.active_jobs_max, 20);
    let printers: Vec<(String, u16)> =
        settings.printers.iter().map(|p| (format!("{} {:?}", p.name, p.endpoint), p.profile.dots)).collect();
    assert_eq!(printers.len(), 2);
    assert!(printers[0].0.starts_with("counter") && printers[0].0.contains("\"b\""), "{printers:?}");
    assert_eq!(printers[0].1, 384, "what a drop-in does not say stays");
}

const COUNTER: &str = "[[printer]]\nname = \"a\"\nconnect = \"tcp:h\"\n";

#[test]
fn a_model_says_what_the_printer_is_and_keys_beside_it_win() {
    let settings = settings(&format!("{COUNTER}model = \"epson-tm-u220b\"\ncutter = \"full\"\n"));
    let profile = &settings.printers[0].profile;
    assert_eq!((profile.dots, profile.native_qr), (400, false));
    assert_eq!((profile.head, profile.cutter), (Head::NinePin, Cutter::Full));
}

#[test]
fn a_model_that_is_not_known_is_refused_with_those_near_it() {
    let said = refusal(&format!("{COUNTER}model = \"xprinter-80\"\n"));
    for word in ["\"a\"", "xprinter-80", "near it: xprinter-xp-80", "receiptctl printers models"] {
        assert!(said.contains(word), "{word:?} is not in {said}");
    }
    let said = refusal(&format!("{COUNTER}model = \"sunmi-v2\"\npaper = \"58mm\"\n"));
    assert!(said.contains("both model and paper"), "{said}");
}

#[test]
fn a_drop_in_changes_the_paper_of_one_file_to_the_model_of_another() {
    let main = format!("{COUNTER}paper = \"58mm\"\n");
    let (_dir, file) = files(&main, &[("a.toml", "[[printer]]\nname = \"a\"\nmodel = \"munbyn-itpp047\"\n")]);
    assert_eq!(load(Some(&file)).unwrap().printers[0].profile.dots, 512);
}

#[test]
fn models_of_the_integrator_win_and_a_wrong_one_is_named_with_its_line_if_any_model_is_asked_for() {
    let with = |model: &str, text: &str| {
        let (dir, file) = files(&format!("{COUNTER}{model}"), &[]);
        fs::create_dir(dir.path().join("models.d")).unwrap();
        fs::write(dir.path().join("models.d/ours.toml"), text).unwrap();
        load(Some(&file))
    };
    let head = "[[model]]\nid = \"sunmi-v2\"\nstory = \"seen here\"\nsource = \"the shop\"\n";
    let settings = with("model = \"sunmi-v2\"\n", &format!("{head}native-qr = false\n")).unwrap();
    let profile = &settings.printers[0].profile;
    assert_eq!((profile.dots, profile.native_qr), (384, false));
    let said = with("model = \"sunmi-v2\"\n", &format!("{head}dotz = 1\n")).unwrap_err().to_string();
    assert!(said.contains("ours.toml") && said.contains("line 5") && said.contains("dotz"), "{said}");
    // Nobody asked: nothing is read.
    assert!(with("", "not toml at all").is_ok());
}

#[test]
fn printers_on_usb_are_named_as_much_as_needed() {
    let settings = settings(
        "[[printer]]\nname = \"counter\"\nconnect = \"usb\"\n\
         [[printer]]\nname = \"left\"\nconnect = \"usb:0416:5011@1-2\"\n\
         [[printer]]\nname = \"right\"\nconnect = \"usb:04b8:0e03:J5KF000123\"\n",
    );
    let places: Vec<String> = settings.printers.iter().map(|p| p.endpoint.to_string()).collect();
    assert_eq!(places, ["usb", "usb:0416:5011@1-2", "usb:04b8:0e03:J5KF000123"]);
}

#[test]
fn local_quirks_are_read_and_a_wrong_one_is_named_with_its_line() {
    let dir = TempDir::new().unwrap();
    let quirks = dir.path().join("quirks.d");
    fs::create_dir(&quirks).unwrap();
    let head = "[[quirk]]\nvendor = 0x1234\nstory = \"seen here\"\nsource = \"the shop\"\n";
    fs::write(quirks.join("a.toml"), format!("{head}read = false\n")).unwrap();
    let text = format!("[usb]\nquirks-directory = \"{}\"\n", quirks.display());
    assert!(!settings(&text).quirks.of(0x1234, 1).read);
    fs::write(quirks.join("b.toml"), format!("{head}reed = false\n")).unwrap();
    let said = refusal(&text);
    for word in ["b.toml", "line 5", "reed"] {
        assert!(said.contains(word), "{said}");
    }
}

#[test]
fn the_udev_files_are_printed_for_packagers() {
    for (option, file) in [("--print-udev-rules", "70-receiptd.rules"), ("--print-hwdb", "70-receiptd.hwdb")]
    {
        let (_dir, config) = files("[usb]\nquirks-directory = \"/nonexistent\"\n", &[]);
        let mut program = Command::new(env!("CARGO_BIN_EXE_receiptd"));
        let output = program.arg(option).arg("-c").arg(config).output().unwrap();
        let committed = format!("{}/../udev/{file}", env!("CARGO_MANIFEST_DIR"));
        assert_eq!(String::from_utf8(output.stdout).unwrap(), fs::read_to_string(committed).unwrap());
    }
}

#[test]
fn the_rules_of_copies_are_laid_over_each_other_and_checked() {
    const PRINTER: &str = "[[printer]]\nname = \"a\"\nconnect = \"tcp:192.0.2.7\"\n";
    let (_dir, file) = files(
        &format!("[copies.merchant]\nkeep-first = 0\nexpiry = true\n{PRINTER}"),
        &[("10-label.toml", "[copies.merchant]\nlabel = \"第一联\"\n[copies.bank]\nsignature = false\n")],
    );
    let settings = load(Some(&file)).unwrap();
    let copies = &settings.printers[0].profile.copies;
    assert_eq!(copies, &settings.copies);
    let merchant = &copies.merchant;
    assert_eq!((merchant.keep_first, merchant.keep_last), (Some(0), None));
    assert!(merchant.expiry && merchant.signature && !copies.bank.signature && !copies.customer.signature);
    assert_eq!(merchant.label.as_deref(), Some("第一联"));
    for (wrong, says) in [
        ("[copies.bank]\nkeep-last = 5\n", "copies.bank.keep-last is 5; 0 to 4"),
        ("[copies.customer]\nlabel = \" \"\n", "copies.customer.label"),
        ("[copies.shop]\nlabel = \"a\"\n", "shop"),
        ("[copies.bank]\nlabel = \"a\\nb\"\n", "in one line"),
    ] {
        let said = refusal(wrong);
        assert!(said.contains(says), "{said}");
    }
}

#[test]
fn a_wrong_drop_in_is_named_and_not_the_main_file() {
    let (_dir, file) = files("", &[("10-half.toml", "[spool]\ndirectory = \n")]);
    let said = load(Some(&file)).unwrap_err().to_string();
    assert!(said.contains("10-half.toml") && said.contains("line 2"), "{said}");
}

#[test]
fn a_file_named_by_hand_must_be_there_and_of_sane_size() {
    let dir = TempDir::new().unwrap();
    let said = load(Some(&dir.path().join("none.toml"))).unwrap_err().to_string();
    assert!(said.contains("none.toml"), "{said}");
    let huge = dir.path().join("huge.toml");
    fs::write(&huge, "#".repeat(300_000)).unwrap();
    let said = load(Some(&huge)).unwrap_err().to_string();
    assert!(said.contains("300000") && said.contains("262144"), "{said}");
}

/// Half a configuration, as an editor leaves it in a power cut: refused at once, with `EX_CONFIG`.
#[test]
fn the_daemon_ends_with_78_and_check_config_says_what_it_would_do() {
    let run = |text: &str, arguments: &[&str]| {
        let (_dir, file) = files(text, &[]);
        let output =
            Command::new(env!("CARGO_BIN_EXE_receiptd")).arg("--config").arg(&file).args(arguments).output();
        let output = output.unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    };
    let (code, _, said) = run("[spool]\ndirectory = \"/srv/x\"\n[api]\nsock", &[]);
    assert_eq!(code, Some(78), "{said}");
    assert!(said.contains("receiptd.toml") && said.contains("line 4"), "{said}");
    let (code, said, _) = run("[spool]\ndirectory = \"/srv/x\"\n", &["--check-config"]);
    assert_eq!(code, Some(0));
    assert!(said.contains("in order") && said.contains("/srv/x") && said.contains("no printer"), "{said}");
    let (code, said, _) =
        run("[[printer]]\nname = \"c\"\nconnect = \"tcp:h:9100\"\nevidence = \"A\"\n", &["--check-config"]);
    assert_eq!(code, Some(0));
    assert!(said.contains("printer c: tcp:h:9100") && said.contains("vouched"), "{said}");
    let (code, ..) = run("[nonsense]\n", &["--check-config"]);
    assert_eq!(code, Some(78));
}
