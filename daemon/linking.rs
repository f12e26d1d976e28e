//! Makes the programs smaller where linker and C library are known to know how. Elsewhere a program is larger and does the
//! same. A part of the build scripts of both.
//!
//! **Packed relocations.** A program that may be loaded anywhere says of each pointer in its tables that it must be moved, 24
//! bytes each, 110 KB in the daemon and 150 KB in `receiptctl`; packed it is 1 KB, and so much less to read at each start.
//!
//! **Equal functions are one.** What generic code becomes for two types is often the same, to the byte: 40 KB in the daemon. Rust
//! promises nobody that two functions have two addresses.

use std::env;
use std::path::Path;
use std::process::Command;

/// The first C library that unpacks them: 2.36, as in Debian 12. With an older one the program would not start.
const GLIBC_MIN: (u32, u32) = (2, 36);

/// Tells the linker.
pub fn make_small() {
    let is = |name: &str, wanted: &str| env::var(name).is_ok_and(|value| value == wanted);
    // Of a foreign machine's C library nothing is known here. The linkers of other processors came to it later.
    let native = env::var("HOST").is_ok() && env::var("HOST") == env::var("TARGET");
    let gnu = is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu");
    if native && gnu && is("CARGO_CFG_TARGET_ARCH", "x86_64") && glibc() >= Some(GLIBC_MIN) {
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
        if links_with_lld() {
            println!("cargo::rustc-link-arg-bins=-Wl,--icf=all");
        }
    }
}

/// Whether the linker is the one that rustc brings along: its own choice on this processor since 1.90, if nobody has chosen
/// another. A distribution's rustc has none and takes the system's linker, which does not know the option.
fn links_with_lld() -> bool {
    let chosen = env::var("CARGO_ENCODED_RUSTFLAGS").is_ok_and(|flags| flags.contains("link"))
        || env::var("RUSTC_LINKER").is_ok();
    let rustc = env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let told = Command::new(rustc).args(["--print", "sysroot"]).output();
    let sysroot = told.ok().and_then(|told| String::from_utf8(told.stdout).ok()).unwrap_or_default();
    let lld = Path::new(sysroot.trim()).join("lib/rustlib/x86_64-unknown-linux-gnu/bin/gcc-ld/ld.lld");
    !chosen && lld.exists()
}

/// The version of this machine's C library, as `getconf` tells it: "glibc 2.36".
fn glibc() -> Option<(u32, u32)> {
    let told = Command::new("getconf").arg("GNU_LIBC_VERSION").output().ok()?;
    let told = String::from_utf8(told.stdout).ok()?;
    let (major, minor) = told.trim().strip_prefix("glibc ")?.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}
