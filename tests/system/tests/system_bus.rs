//! The system bus with the policy that the project ships: who may own the name, and who may do what over it.
//!
//! The bus is a `dbus-daemon` of the test's own, as closed as a real system bus is, plus the shipped file as it
//! is. That file names the user `receiptd`, and the daemon asks for the group `receipt-operator`: both are made
//! for the processes of this test alone, in a mount namespace in which `/etc/passwd` and `/etc/group` have more
//! lines. The machine's own users, buses and files stay untouched. Needs root.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests")]

use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use receiptd_system_tests::calls::{SHORT, slip};
use receiptd_system_tests::disk::is_root;
use receiptd_system_tests::{PrinterEntry, Shop, quick_printer};
use serde_json::Value;
use virtual_printer::{Handle, VirtualPrinter};

/// User and group numbers that no machine gives to people.
const DAEMON: u32 = 61_101;
const ANN: u32 = 61_102;
const BEN: u32 = 61_103;
const TECHNICIAN: u32 = 61_104;
const OPERATORS: u32 = 61_110;

/// The users and groups beside the machine's own, each with its number.
const USERS: [(&str, u32); 4] =
    [("receiptd", DAEMON), ("rt-ann", ANN), ("rt-ben", BEN), ("rt-technician", TECHNICIAN)];

/// What is essential in the configuration of a system bus: nobody owns a name and nobody calls anything, unless
/// a service's own file says so.
const CLOSED_BUS: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <auth>EXTERNAL</auth>
  <listen>unix:path=SOCKET</listen>
  <policy context="default">
    <allow user="*"/>
    <deny own="*"/>
    <deny send_type="method_call"/>
    <allow send_type="signal"/>
    <allow send_requested_reply="true" send_type="method_return"/>
    <allow send_requested_reply="true" send_type="error"/>
    <allow receive_type="method_call"/>
    <allow receive_type="method_return"/>
    <allow receive_type="error"/>
    <allow receive_type="signal"/>
    <allow send_destination="org.freedesktop.DBus" send_interface="org.freedesktop.DBus"/>
    <allow send_destination="org.freedesktop.DBus" send_interface="org.freedesktop.DBus.Introspectable"/>
    <allow send_destination="org.freedesktop.DBus" send_interface="org.freedesktop.DBus.Properties"/>
  </policy>
  <includedir>SERVICES</includedir>
</busconfig>
"#;

/// Bind-mounts the two user files for itself and becomes the rest of its arguments.
const WITH_USERS: &str = r#"mount --bind "$1/passwd" /etc/passwd && mount --bind "$1/group" /etc/group || exit 99
shift; exec "$@""#;

/// polkit's own policy for the bus, its daemon, and the folders in which it looks for actions and for rules.
const POLKIT_ON_BUS: &str = "/usr/share/dbus-1/system.d/org.freedesktop.PolicyKit1.conf";
const POLKITD: &str = "/usr/lib/polkit-1/polkitd";
const WITH_POLKIT: &str = r#"mount --bind "$1/passwd" /etc/passwd && mount --bind "$1/group" /etc/group || exit 99
mount --bind "$1/actions" /usr/share/polkit-1/actions && mount --bind "$1/rules.d" /etc/polkit-1/rules.d || exit 99
shift; exec "$@""#;

/// A rule as an administrator writes it.
const ANN_MAY: &str = r#"polkit.addRule(function (action, subject) {
    if (action.id == "io.receiptd.operate" && subject.user == "rt-ann") { return polkit.Result.YES; }
});
"#;

/// A folder with the programs, the users and the bus; the bus ends with it.
struct Premises {
    shop: Shop,
    bus: Option<Child>,
    polkit: Option<Child>,
    programs: PathBuf,
}

impl Premises {
    /// `None`, and it says why, where this machine can't do it.
    fn open(test: &str, printer: &Handle) -> Option<Self> {
        if !is_root(test) {
            return None;
        }
        let shop = Shop::new(&[PrinterEntry::new("counter", printer.addr())], "").unwrap();
        let path = shop.path().to_owned();
        fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
        let lines = |file: &str, more: String| fs::read_to_string(file).unwrap_or_default() + "\n" + &more;
        let users = USERS.map(|(name, id)| format!("{name}:x:{id}:{id}::/:/bin/false\n")).concat();
        let groups = USERS.map(|(name, id)| format!("{name}:x:{id}:\n")).concat()
            + &format!("receipt-operator:x:{OPERATORS}:rt-technician\n");
        fs::write(path.join("passwd"), lines("/etc/passwd", users)).unwrap();
        fs::write(path.join("group"), lines("/etc/group", groups)).unwrap();
        let mut premises = Self { programs: path.clone(), shop, bus: None, polkit: None };
        match premises.as_seen_with_users().arg("id").arg("receiptd").output() {
            Ok(output) if output.status.success() => {}
            other => {
                eprintln!(
                    "SKIPPED: {test} needs a mount namespace and the programs unshare and id: {other:?}"
                );
                return None;
            }
        }
        if !premises.start_bus() {
            eprintln!("SKIPPED: {test} needs dbus-daemon");
            return None;
        }
        // Other users reach neither the build's folder nor the spool.
        for name in ["receiptd", "receiptctl"] {
            let program = path.join(name);
            fs::copy(premises.shop.program(name).get_program(), &program).unwrap();
            fs::set_permissions(&program, Permissions::from_mode(0o755)).unwrap();
        }
        let runner = premises.runner("receiptd", DAEMON);
        let shop = &mut premises.shop;
        let config = fs::read_to_string(shop.config()).unwrap();
        let config = config
            .replace("bus = \"none\"", "bus = \"system\"\noperator-group = \"receipt-operator\"")
            .replace(&format!("socket = \"{}\"", shop.socket().display()), "socket = \"\"");
        fs::write(shop.config(), config).unwrap();
        fs::create_dir(shop.spool()).unwrap();
        std::os::unix::fs::chown(shop.spool(), Some(DAEMON), Some(DAEMON)).unwrap();
        shop.environment.push(("DBUS_SYSTEM_BUS_ADDRESS".to_owned(), address(&path)));
        shop.runner = runner;
        Some(premises)
    }

    /// A command whose process sees the users of this test.
    fn as_seen_with_users(&self) -> Command {
        let words = self.words_with_users();
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]);
        command
    }

    fn words_with_users(&self) -> Vec<String> {
        let path = self.shop.path().display().to_string();
        let words = ["unshare", "--mount", "--propagation", "private", "sh", "-c", WITH_USERS, "sh", &path];
        words.map(str::to_owned).to_vec()
    }

    /// The words that start a program as a user and with the groups that the test's files give that user.
    fn runner(&self, name: &str, id: u32) -> Vec<String> {
        let mut words = self.words_with_users();
        let switch = ["setpriv".to_owned(), format!("--reuid={name}"), format!("--regid={id}")];
        words.extend(switch);
        words.extend(["--init-groups".to_owned(), "--".to_owned()]);
        words
    }

    fn start_bus(&mut self) -> bool {
        let path = self.shop.path();
        let services = path.join("system.d");
        fs::create_dir(&services).unwrap();
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../systemd/dbus/io.receiptd.conf");
        fs::copy(shipped, services.join("io.receiptd.conf")).unwrap();
        // Where the machine has polkit, its service may be on this bus too.
        let _ = fs::copy(POLKIT_ON_BUS, services.join("polkit.conf"));
        let config = CLOSED_BUS
            .replace("SOCKET", &path.join("bus").display().to_string())
            .replace("SERVICES", &services.display().to_string());
        fs::write(path.join("bus.conf"), config).unwrap();
        let mut command = self.as_seen_with_users();
        command.arg("dbus-daemon").arg(format!("--config-file={}", path.join("bus.conf").display()));
        let command = command.args(["--nofork", "--print-address=1"]).stdout(Stdio::piped());
        let Ok(mut bus) = command.spawn() else { return false };
        let mut address = String::new();
        BufReader::new(bus.stdout.take().unwrap()).read_line(&mut address).unwrap();
        self.bus = Some(bus);
        address.starts_with("unix:")
    }

    /// Starts polkit on that bus with the action that the project ships and a rule. `false` where there is none.
    fn start_polkit(&mut self, rule: &str) -> bool {
        let path = self.shop.path().to_owned();
        for folder in ["actions", "rules.d"] {
            fs::create_dir(path.join(folder)).unwrap();
            fs::set_permissions(path.join(folder), Permissions::from_mode(0o755)).unwrap();
        }
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../systemd/polkit/io.receiptd.policy");
        fs::copy(shipped, path.join("actions/io.receiptd.policy")).unwrap();
        fs::write(path.join("rules.d/50-test.rules"), rule).unwrap();
        if !Path::new(POLKITD).exists() {
            return false;
        }
        let mut command = Command::new("unshare");
        command.args(["--mount", "--propagation", "private", "sh", "-c", WITH_POLKIT, "sh"]);
        command.arg(&path).args([POLKITD, "--no-debug"]).env("DBUS_SYSTEM_BUS_ADDRESS", address(&path));
        self.polkit = Some(command.stdin(Stdio::null()).spawn().unwrap());
        let bus = format!("--bus={}", address(&path));
        let end = std::time::Instant::now() + receiptd_system_tests::PATIENCE;
        let has_owner = ["--print-reply", "--dest=org.freedesktop.DBus", "/org/freedesktop/DBus"];
        let name = ["org.freedesktop.DBus.NameHasOwner", "string:org.freedesktop.PolicyKit1"];
        let question = [&[bus.as_str()], has_owner.as_slice(), &name].concat();
        while std::time::Instant::now() < end {
            let answer = self.run_as(None, Path::new("dbus-send"), &question);
            if String::from_utf8_lossy(&answer.stdout).contains("boolean true") {
                return true;
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        panic!("polkit did not take its name on the bus");
    }

    /// Runs a program on that bus as one of the users, or as root.
    fn run_as(&self, user: Option<(&str, u32)>, program: &Path, arguments: &[&str]) -> Output {
        let words = user.map_or_else(|| self.words_with_users(), |(name, id)| self.runner(name, id));
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]).arg(program).args(arguments).current_dir("/").stdin(Stdio::null());
        command.env("DBUS_SYSTEM_BUS_ADDRESS", address(self.shop.path())).env("LC_ALL", "C.UTF-8");
        command.env_remove("RECEIPTD_SOCKET");
        command.output().unwrap()
    }

    /// `receiptctl --bus system`: its exit code, the JSON lines it wrote, and what it complained of.
    fn receiptctl(&self, user: Option<(&str, u32)>, arguments: &[&str]) -> (i32, Vec<Value>, String) {
        let all = [&["--bus", "system", "--json"], arguments].concat();
        let output = self.run_as(user, &self.programs.join("receiptctl"), &all);
        let text = String::from_utf8(output.stdout).unwrap();
        let lines = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        (output.status.code().unwrap(), lines, String::from_utf8(output.stderr).unwrap())
    }

    /// The ids in a list as this user sees it.
    fn jobs_of(&self, user: Option<(&str, u32)>) -> Vec<u64> {
        let (code, lines, err) = self.receiptctl(user, &["jobs", "--all", "--oldest"]);
        assert_eq!(code, 0, "{err}");
        lines.iter().map(|job| job["id"].as_u64().unwrap()).collect()
    }

    /// Hands in a slip that waits for its release.
    fn hand_in(&self, user: (&str, u32), name: &str) -> u64 {
        let file = self.shop.path().join(format!("{name}.json"));
        fs::write(&file, slip(name, SHORT)).unwrap();
        let arguments = ["print", "--hold", "--key", name, file.to_str().unwrap()];
        let (code, lines, err) = self.receiptctl(Some(user), &arguments);
        assert_eq!(code, 0, "{err}");
        lines[0]["jobs"][0]["id"].as_u64().unwrap_or_else(|| panic!("{lines:?}"))
    }

    /// Asks the bus for the daemon's name as this user; what the bus says.
    fn ask_for_the_name(&self, user: (&str, u32)) -> (bool, String) {
        let bus = format!("--bus={}", address(self.shop.path()));
        let call =
            ["--dest=org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus.RequestName"];
        let name = ["string:io.receiptd", "uint32:0"];
        let arguments = [&[bus.as_str(), "--print-reply"], call.as_slice(), &name].concat();
        let output = self.run_as(Some(user), Path::new("dbus-send"), &arguments);
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

impl Drop for Premises {
    fn drop(&mut self) {
        for mut child in self.polkit.take().into_iter().chain(self.bus.take()) {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn address(folder: &Path) -> String {
    format!("unix:path={}", folder.join("bus").display())
}

#[test]
fn on_a_closed_system_bus_users_have_their_own_jobs_and_operators_all() {
    let test = "on_a_closed_system_bus_users_have_their_own_jobs_and_operators_all";
    let printer = VirtualPrinter::start(quick_printer().unwrap()).unwrap();
    let Some(mut premises) = Premises::open(test, &printer) else { return };
    let (ann, ben, technician) = (("rt-ann", ANN), ("rt-ben", BEN), ("rt-technician", TECHNICIAN));

    // The name is free, and still nobody but the daemon's user gets it: not by asking, not by being a daemon.
    let (owns, said) = premises.ask_for_the_name(ann);
    assert!(!owns && said.contains("AccessDenied"), "{said}");
    let as_ann = premises.runner(ann.0, ann.1);
    let as_daemon = std::mem::replace(&mut premises.shop.runner, as_ann);
    std::os::unix::fs::chown(premises.shop.spool(), Some(ANN), Some(ANN)).unwrap();
    let (status, said) = premises.shop.start_in_vain().unwrap();
    assert!(!status.success() && said.contains("does not let this user own io.receiptd"), "{status}: {said}");
    premises.shop.runner = as_daemon;
    fs::remove_dir_all(premises.shop.spool()).unwrap();
    fs::create_dir(premises.shop.spool()).unwrap();
    std::os::unix::fs::chown(premises.shop.spool(), Some(DAEMON), Some(DAEMON)).unwrap();

    premises.shop.start().unwrap();
    let (owns, said) = premises.ask_for_the_name(ann);
    assert!(!owns && said.contains("AccessDenied"), "{said}");

    // Everybody may hand in, and sees the own jobs only.
    let of_ann = premises.hand_in(ann, "S0001");
    let of_ben = premises.hand_in(ben, "S0002");
    assert_eq!(premises.jobs_of(Some(ann)), [of_ann]);
    assert_eq!(premises.jobs_of(Some(ben)), [of_ben]);
    for user in [Some(technician), None] {
        assert_eq!(premises.jobs_of(user), [of_ann, of_ben], "{user:?} is an operator");
    }
    for arguments in [["cancel", &of_ben.to_string()], ["release", &of_ben.to_string()]] {
        let (code, _, err) = premises.receiptctl(Some(ann), &arguments);
        assert!(code == 1 && err.contains("UnknownJob"), "{arguments:?}: {code} {err}");
    }

    // The owner, a member of the operators' group and root may.
    let second = premises.hand_in(ben, "S0003");
    let third = premises.hand_in(ben, "S0004");
    for (user, job) in [(Some(ben), of_ben), (Some(technician), second), (None, third)] {
        let (code, _, err) = premises.receiptctl(user, &["cancel", &job.to_string(), "--reason", "test"]);
        assert_eq!(code, 0, "{user:?}: {err}");
    }
    let (_, lines, _) = premises.receiptctl(Some(ben), &["jobs", "--all", "--state", "canceled"]);
    assert_eq!(lines.len(), 3, "{lines:?}");
    // And what a user handed in over this bus comes out.
    let (code, _, err) = premises.receiptctl(Some(ann), &["release", &of_ann.to_string()]);
    assert_eq!(code, 0, "{err}");
    printer.wait_for(|seen| seen.cuts == 1, receiptd_system_tests::PATIENCE).unwrap();
    assert!(premises.shop.stop().unwrap().success());
}

#[test]
fn polkit_lets_a_user_act_for_others_where_the_administrators_rule_says_so_and_nobody_else() {
    let test = "polkit_lets_a_user_act_for_others_where_the_administrators_rule_says_so_and_nobody_else";
    let printer = VirtualPrinter::start(quick_printer().unwrap()).unwrap();
    let Some(mut premises) = Premises::open(test, &printer) else { return };
    if !premises.start_polkit(ANN_MAY) {
        eprintln!("SKIPPED: {test} needs polkitd");
        return;
    }
    premises.shop.start().unwrap();
    let (ann, ben, technician) = (("rt-ann", ANN), ("rt-ben", BEN), ("rt-technician", TECHNICIAN));
    let of_ben = premises.hand_in(ben, "S0001");
    let of_technician = premises.hand_in(technician, "S0002");

    // Nobody is there to type a password, and no rule speaks for Ben.
    let (code, _, err) = premises.receiptctl(Some(ben), &["cancel", &of_technician.to_string()]);
    assert!(code == 1 && err.contains("UnknownJob"), "{code} {err}");

    // The rule speaks for Ann, who still sees no list of what others print.
    let (code, _, err) =
        premises.receiptctl(Some(ann), &["cancel", &of_ben.to_string(), "--reason", "wrong amount"]);
    assert_eq!(code, 0, "{err}");
    assert_eq!(premises.jobs_of(Some(ann)), Vec::<u64>::new());
    let (_, lines, _) = premises.receiptctl(Some(ben), &["job", &of_ben.to_string()]);
    let story = lines[0]["story"].to_string();
    assert!(story.contains("wrong amount") && story.contains(&ANN.to_string()), "{}", lines[0]);
    // What does not exist does not come to exist by a right.
    let (code, _, err) = premises.receiptctl(Some(ann), &["cancel", "999"]);
    assert!(code == 1 && err.contains("UnknownJob"), "{code} {err}");
    assert!(premises.shop.stop().unwrap().success());
}
