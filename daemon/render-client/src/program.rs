//! Where the program that draws is.

use std::path::{Path, PathBuf};

/// Name of the program that draws.
pub const PROGRAM: &str = "receiptd-render";

/// Environment variable that says where it is, for development and for unusual installations.
pub const PROGRAM_VARIABLE: &str = "RECEIPTD_RENDER";

/// Where it is installed by the package.
const INSTALLED: &str = "/usr/libexec/receiptd";

/// Its name in an app for Android: of an app's files only libraries are unpacked to where a program may be started.
const IN_APP: &str = "libreceiptd_render.so";

/// The library of an app that hosts the daemon; [`IN_APP`] lies beside it.
const LIBRARY: &str = "libreceiptd_jni.so";

/// The program: what [`PROGRAM_VARIABLE`] says; else beside the running program, in `../libexec/receiptd` of it, or in
/// `/usr/libexec/receiptd`; in an app for Android beside the library.
///
/// # Errors
/// It is in none of these places; they are named.
pub fn find() -> Result<PathBuf, String> {
    if let Some(named) = std::env::var_os(PROGRAM_VARIABLE) {
        return Ok(named.into());
    }
    let running = std::env::current_exe().ok();
    let beside = running.as_deref().and_then(Path::parent);
    let places = [
        beside.map(Path::to_owned),
        beside.and_then(Path::parent).map(|prefix| prefix.join("libexec/receiptd")),
        Some(INSTALLED.into()),
    ];
    let mut places: Vec<PathBuf> = places.into_iter().flatten().map(|folder| folder.join(PROGRAM)).collect();
    if cfg!(target_os = "android") {
        let maps = std::fs::read_to_string("/proc/self/maps").unwrap_or_default();
        places.extend(in_app(&maps));
    }
    match places.iter().find(|place| place.is_file()) {
        Some(found) => Ok(found.clone()),
        None => {
            let places: Vec<String> = places.iter().map(|place| place.display().to_string()).collect();
            Err(format!("it is not in {}", places.join(", ")))
        }
    }
}

/// Where it would be in an app, by the files that the app's process has mapped. A library that was not unpacked is mapped
/// from the app's package, and then there is no program either.
fn in_app(maps: &str) -> Option<PathBuf> {
    let path = |line: &str| line.find('/').map(|at| PathBuf::from(&line[at..]));
    let library = maps.lines().filter_map(path).find(|path| path.ends_with(LIBRARY))?;
    Some(library.with_file_name(IN_APP))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_an_app_it_lies_beside_the_library() {
        let folder = "/data/app/~~Qx==/com.shop.till-1 2==/lib/arm64";
        let maps = format!(
            "7000-8000 r-xp 00000000 fd:05 10 /system/lib64/libc.so\n9000-a000 rw-p 00000000 00:00 0\n\
             a000-b000 r-xp 00001000 fd:05 11     {folder}/libreceiptd_jni.so\n"
        );
        assert_eq!(in_app(&maps), Some(format!("{folder}/libreceiptd_render.so").into()));
        assert_eq!(in_app("a000-b000 r-xp 00000000 fd:05 9 /data/app/com.shop.till/base.apk\n"), None);
    }
}
