//! From credentials to a [`Caller`]: who it is, and whether it is an operator.

use std::sync::Arc;

use log::warn;

use super::backend::Caller;
use super::groups;

/// The rule by which a user is an operator.
#[derive(Debug, Clone)]
pub struct Operators {
    own_uid: u32,
    group: Option<String>,
}

/// What the kernel or the bus says of a client.
#[derive(Debug, Clone, Default)]
pub(super) struct Credentials {
    pub uid: u32,
    /// The groups that are known to be the client's: at least the primary one.
    pub gids: Vec<u32>,
}

impl Operators {
    /// Root, the user this process runs as, and the members of `group` if there is one.
    pub(super) fn new(group: Option<String>) -> Self {
        Self { own_uid: rustix::process::geteuid().as_raw(), group: group.filter(|name| !name.is_empty()) }
    }

    /// The caller with these credentials. Reads two small files.
    pub(super) fn caller(&self, credentials: &Credentials) -> Caller {
        let uid = credentials.uid;
        let user = groups::user(uid).unwrap_or_else(|error| {
            warn!("the user database cannot be read, so users have no names: {error}");
            None
        });
        let operator = uid == 0 || uid == self.own_uid || self.in_group(credentials, user.as_ref());
        let name = user.map_or_else(|| format!("uid {uid}"), |user| user.name);
        Caller { uid, operator, name: Arc::from(name) }
    }

    fn in_group(&self, credentials: &Credentials, user: Option<&groups::User>) -> bool {
        let Some(name) = &self.group else { return false };
        match groups::group(name) {
            Ok(Some(group)) => {
                credentials.gids.contains(&group.gid)
                    || user.is_some_and(|user| user.gid == group.gid || group.members.contains(&user.name))
            }
            Ok(None) => {
                warn!("there is no group {name}, so only root and the daemon's user are operators");
                false
            }
            Err(error) => {
                warn!("the group database cannot be read, so nobody is in {name}: {error}");
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_are_root_the_daemon_and_the_group() {
        let caller = |group: Option<&str>, uid, gids| {
            let operators = Operators { own_uid: 4242, group: group.map(str::to_owned) };
            operators.caller(&Credentials { uid, gids })
        };
        assert!(caller(None, 0, vec![0]).operator);
        assert!(caller(None, 4242, vec![1]).operator);
        assert!(!caller(None, 4243, vec![0]).operator);
        assert!(!caller(Some("no such group"), 4243, vec![0]).operator);
        assert!(caller(Some("777"), 4243, vec![5, 777]).operator);
        assert!(!caller(Some("777"), 4243, vec![5]).operator);
        assert_eq!(&*caller(None, 4243, vec![]).name, "uid 4243");
    }

    #[test]
    fn who_is_not_an_operator_sees_the_own_jobs_only() {
        let mut caller = Caller { uid: 7, operator: false, name: "x".into() };
        assert!(caller.may_see(7) && !caller.may_see(8));
        caller.operator = true;
        assert!(caller.may_see(8));
    }
}
