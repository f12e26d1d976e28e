//! Packs the relocations of the programs where linker and C library are known to know how: a program that may be loaded
//! anywhere says of each pointer in its tables that it must be moved, 24 bytes each, 110 KB in the daemon and 150 KB in
//! `receiptctl`; packed it is 1 KB, and so much less to read at each start. Elsewhere a program is larger and does the
//! same. A part of the build scripts of both.

use std::env;
use std::process::Command;

/// The first C library that unpacks them: 2.36, as in Debian 12. With an older one the program would not start.
const GLIBC_MIN: (u32, u32) = (2, 36);

/// Tells the linker.
pub fn pack_relocations() {
    let is = |name: &str, wanted: &str| env::var(name).is_ok_and(|value| value == wanted);
    // Of a foreign machine's C library nothing is known here. The linkers of other processors came to it later.
    let native = env::var("HOST").is_ok() && env::var("HOST") == env::var("TARGET");
    let gnu = is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu");
    if native && gnu && is("CARGO_CFG_TARGET_ARCH", "x86_64") && glibc() >= Some(GLIBC_MIN) {
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
}

/// The version of this machine's C library, as `getconf` tells it: "glibc 2.36".
fn glibc() -> Option<(u32, u32)> {
    let told = Command::new("getconf").arg("GNU_LIBC_VERSION").output().ok()?;
    let told = String::from_utf8(told.stdout).ok()?;
    let (major, minor) = told.trim().strip_prefix("glibc ")?.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}
