//! Where a program is that helps: the one that draws, and `receiptd-press`.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Name of the program that draws.
pub const PROGRAM: &str = "receiptd-render";

/// Environment variable that says where it is, for development and for unusual installations.
pub const PROGRAM_VARIABLE: &str = "RECEIPTD_RENDER";

/// Where they are installed by the package.
const INSTALLED: &str = "/usr/libexec/receiptd";

/// A program: what the environment variable says, if that is not empty; else beside the running program, in
/// `../libexec/receiptd` of it, or in `/usr/libexec/receiptd`.
///
/// # Errors
/// It is in none of these places; they are named.
pub fn find(program: &str, variable: &str) -> Result<PathBuf, String> {
    look(program, std::env::var_os(variable), std::env::current_exe().ok().as_deref())
}

fn look(program: &str, named: Option<OsString>, running: Option<&Path>) -> Result<PathBuf, String> {
    if let Some(named) = named.filter(|named| !named.is_empty()) {
        return Ok(named.into());
    }
    let beside = running.and_then(Path::parent);
    let places = [
        beside.map(Path::to_owned),
        beside.and_then(Path::parent).map(|prefix| prefix.join("libexec/receiptd")),
        Some(INSTALLED.into()),
    ];
    let places: Vec<PathBuf> = places.into_iter().flatten().map(|folder| folder.join(program)).collect();
    match places.iter().find(|place| place.is_file()) {
        Some(found) => Ok(found.clone()),
        None => {
            let places: Vec<String> = places.iter().map(|place| place.display().to_string()).collect();
            Err(format!("it is not in {}", places.join(", ")))
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::expect_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn it_is_looked_for_where_it_is_named_and_then_beside_the_program_that_asks() {
        let name = "receiptd-nowhere";
        assert_eq!(look(name, Some("/x/press".into()), None), Ok("/x/press".into()));
        let missing = look(name, None, Some(Path::new("/a/bin/receiptctl"))).expect_err("missing");
        assert!(
            missing.contains("/a/bin/receiptd-nowhere, /a/libexec/receiptd/receiptd-nowhere"),
            "{missing}"
        );
        let dir = tempfile::tempdir().expect("dir");
        let (bin, within) = (dir.path().join("bin"), dir.path().join("libexec/receiptd"));
        let own = bin.join("receiptctl");
        std::fs::create_dir_all(&bin).expect("folder");
        std::fs::create_dir_all(&within).expect("folder");
        std::fs::write(within.join(name), "").expect("file");
        assert_eq!(look(name, None, Some(&own)), Ok(within.join(name)));
        std::fs::write(bin.join(name), "").expect("file");
        assert_eq!(look(name, Some("".into()), Some(&own)), Ok(bin.join(name)));
    }
}
