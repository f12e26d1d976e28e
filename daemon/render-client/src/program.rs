//! Where a program is that helps: the one that draws, and `receiptd-press`.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Name of the program that draws.
pub const PROGRAM: &str = "receiptd-render";

/// Environment variable that says where it is, for development and for unusual installations.
pub const PROGRAM_VARIABLE: &str = "RECEIPTD_RENDER";

/// Where they are installed by the package.
const INSTALLED: &str = "/usr/libexec/receiptd";

/// The library of an app that hosts the daemon; its programs lie beside it, see [`in_app`].
const LIBRARY: &str = "libreceiptd_jni.so";

/// A program: what the environment variable says, if that is not empty; else beside the running program, in
/// `../libexec/receiptd` of it, or in `/usr/libexec/receiptd`; in an app for Android beside the library.
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
    let mut places: Vec<PathBuf> = places.into_iter().flatten().map(|folder| folder.join(program)).collect();
    if cfg!(target_os = "android") {
        let maps = std::fs::read_to_string("/proc/self/maps").unwrap_or_default();
        places.extend(in_app(program, &maps));
    }
    match places.iter().find(|place| place.is_file()) {
        Some(found) => Ok(found.clone()),
        None => {
            let places: Vec<String> = places.iter().map(|place| place.display().to_string()).collect();
            Err(format!("it is not in {}", places.join(", ")))
        }
    }
}

/// Where it would be in an app, by the files that the app's process has mapped. Of an app's files only libraries are unpacked
/// to where a program may be started, so it has the name of one. A library that was not unpacked is mapped from the app's package,
/// and then there is no program either.
fn in_app(program: &str, maps: &str) -> Option<PathBuf> {
    let path = |line: &str| line.find('/').map(|at| PathBuf::from(&line[at..]));
    let library = maps.lines().filter_map(path).find(|path| path.ends_with(LIBRARY))?;
    Some(library.with_file_name(format!("lib{}.so", program.replace('-', "_"))))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::expect_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn in_an_app_it_lies_beside_the_library() {
        let folder = "/data/app/~~Qx==/com.shop.till-1 2==/lib/arm64";
        let maps = format!(
            "7000-8000 r-xp 00000000 fd:05 10 /system/lib64/libc.so\n9000-a000 rw-p 00000000 00:00 0\n\
             a000-b000 r-xp 00001000 fd:05 11     {folder}/libreceiptd_jni.so\n"
        );
        assert_eq!(in_app(PROGRAM, &maps), Some(format!("{folder}/libreceiptd_render.so").into()));
        assert_eq!(
            in_app(PROGRAM, "a000-b000 r-xp 00000000 fd:05 9 /data/app/com.shop.till/base.apk\n"),
            None
        );
    }

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
