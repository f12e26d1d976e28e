//! Names for the user ids in a job's story.
//!
//! Only `/etc/passwd` is read: users of a directory service are shown by number, and where there is no such file
//! (Android) all are.

use std::collections::BTreeMap;

use crate::table::clean;

/// Who is who on this machine.
#[derive(Clone, Debug, Default)]
pub struct Users {
    names: BTreeMap<u32, String>,
}

impl Users {
    /// The users of this machine.
    pub fn of_machine() -> Self {
        Self::parse(&std::fs::read_to_string("/etc/passwd").unwrap_or_default())
    }

    /// The users of a passwd file.
    pub fn parse(passwd: &str) -> Self {
        let mut names = BTreeMap::new();
        for line in passwd.lines() {
            let mut fields = line.split(':');
            if let (Some(name), Some(uid)) = (fields.next(), fields.nth(1))
                && let Ok(uid) = uid.parse()
            {
                names.entry(uid).or_insert_with(|| name.to_owned());
            }
        }
        Self { names }
    }

    /// `payapp (uid 1001)`, or `uid 1001`, or the word itself if it is no number.
    pub fn describe(&self, uid: &str) -> String {
        match uid.parse::<u32>() {
            Err(_) => clean(uid),
            Ok(uid) => match self.names.get(&uid) {
                Some(name) => format!("{} (uid {uid})", clean(name)),
                None => format!("uid {uid}"),
            },
        }
    }

    /// The id of a user given by name or number.
    pub fn uid(&self, name: &str) -> Option<u32> {
        name.parse().ok().or_else(|| self.names.iter().find(|(_, known)| *known == name).map(|(uid, _)| *uid))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_have_names_where_the_machine_knows_them() {
        let users = Users::parse("root:x:0:0::/root:/bin/sh\nbroken\npayapp:x:1001:1001::/:/bin/false\n");
        assert_eq!(users.describe("1001"), "payapp (uid 1001)");
        assert_eq!(users.describe("7"), "uid 7");
        assert_eq!(users.describe("rule"), "rule");
        assert_eq!((users.uid("payapp"), users.uid("12"), users.uid("nobody")), (Some(1001), Some(12), None));
    }
}
