//! Who is an operator: the members of one Unix group, read from `/etc/group` and `/etc/passwd`.
//!
//! Limits, on purpose: there is no name service (LDAP, sssd) on this road, because asking one can block for
//! seconds and needs code that is not ours; a terminal has local users. On the bus, the supplementary groups
//! the bus itself reports are used as well, and those do include what a name service knows. Membership is
//! looked up when a client connects, so a change counts from its next connection on.

use std::path::Path;
use std::{fs, io};

/// The group database.
const GROUP_FILE: &str = "/etc/group";
/// The user database.
const PASSWD_FILE: &str = "/etc/passwd";

/// A line of the group database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Group {
    pub gid: u32,
    pub members: Vec<String>,
}

/// A line of the user database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct User {
    pub name: String,
    pub gid: u32,
}

/// The group called `name`, or with that number if `name` is one and no group is called so.
pub(super) fn group(name: &str) -> io::Result<Option<Group>> {
    let text = read(Path::new(GROUP_FILE))?;
    let found = parse_group(&text, name);
    let by_number = || name.parse().ok().map(|gid| Group { gid, members: Vec::new() });
    Ok(found.or_else(by_number))
}

/// The user with that number.
pub(super) fn user(uid: u32) -> io::Result<Option<User>> {
    Ok(parse_user(&read(Path::new(PASSWD_FILE))?, uid))
}

/// A missing file is an empty one: Android and small containers have none.
fn read(path: &Path) -> io::Result<String> {
    match fs::read(path) {
        Ok(bytes) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
        Err(error) => Err(error),
    }
}

fn parse_group(text: &str, name: &str) -> Option<Group> {
    text.lines().find_map(|line| {
        let mut fields = line.split(':');
        if fields.next() != Some(name) {
            return None;
        }
        let gid = fields.nth(1)?.trim().parse().ok()?;
        let members = fields.next().unwrap_or_default();
        let members =
            members.split(',').map(str::trim).filter(|m| !m.is_empty()).map(str::to_owned).collect();
        Some(Group { gid, members })
    })
}

fn parse_user(text: &str, uid: u32) -> Option<User> {
    text.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next().filter(|name| !name.is_empty())?;
        let found: u32 = fields.nth(1)?.trim().parse().ok()?;
        let gid = fields.next()?.trim().parse().ok()?;
        (found == uid).then(|| User { name: name.to_owned(), gid })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_as_the_system_reads_them() {
        let groups = "root:x:0:\nops:x:120:ann, bob\nbroken\nops2:x:no:\n";
        assert_eq!(
            parse_group(groups, "ops"),
            Some(Group { gid: 120, members: vec!["ann".to_owned(), "bob".to_owned()] })
        );
        assert_eq!(parse_group(groups, "ops2"), None);
        assert_eq!(parse_group(groups, "broken"), None);
        assert_eq!(parse_group(groups, ""), None);
        let users = "root:x:0:0:root:/root:/bin/sh\n:x:5:5::\nann:x:1000:120::/home/ann:\n";
        assert_eq!(parse_user(users, 1000), Some(User { name: "ann".to_owned(), gid: 120 }));
        assert_eq!(parse_user(users, 5), None);
    }
}
