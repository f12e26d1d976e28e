//! Who may touch what, with real users on the real bus.

use std::io;

use super::{Plan, ensure};
use crate::terminal::Terminal;

pub(super) fn rights(terminal: &mut Terminal, _plan: &Plan) -> io::Result<String> {
    let machine = &terminal.machine;
    terminal.start()?;
    for (user, more) in [("ann", ""), ("bob", ""), ("olga", "-G receipt-operator")] {
        machine.must(&format!("id {user} 2>/dev/null || useradd {more} {user}"))?;
    }
    // Over the bus only: the socket is tested without a machine.
    let call = |user: &str, call: &str| {
        machine.run(&format!(
            "setpriv --reuid={user} --regid={user} --init-groups \
             busctl call io.receiptd /io/receiptd/Spooler1 io.receiptd.Spooler1 {call}"
        ))
    };
    let done = call("ann", "Submit 'sssaya{sv}' ann-1 '' text 2 72 105 1 hold b true")?;
    ensure(done.code == 0, || format!("ann can't submit: {}", done.text))?;
    let id = done.text.split_whitespace().nth(5).unwrap_or_default().to_owned();
    let done = call("bob", &format!("GetJob t {id}"))?;
    ensure(done.code != 0 && done.text.contains("no such job"), || {
        format!("bob sees ann's job {id}: {}", done.text)
    })?;
    let done = call("bob", &format!("Cancel ts {id} mine"))?;
    ensure(done.code != 0, || format!("bob cancels ann's job: {}", done.text))?;
    let done = call("olga", &format!("Cancel ts {id} 'olga said so'"))?;
    ensure(done.code == 0, || format!("the operator can't cancel ann's job: {}", done.text))?;
    let done = call("ann", &format!("GetJob t {id}"))?;
    ensure(done.text.contains("olga said so"), || format!("ann does not see why: {}", done.text))?;
    let done = machine.run(
        "setpriv --reuid=bob --regid=bob --clear-groups busctl call org.freedesktop.DBus /org/freedesktop/DBus \
         org.freedesktop.DBus RequestName su io.receiptd 4",
    )?;
    ensure(done.code != 0, || format!("bob may own the daemon's name: {}", done.text))?;
    Ok("bob neither sees nor touches ann's job nor takes the daemon's name; an operator cancels it"
        .to_owned())
}
