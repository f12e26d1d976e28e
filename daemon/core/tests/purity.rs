//! The core decides and does nothing else: its dependencies and its `#![no_std]` are part of the design.

use std::process::Command;

#[test]
fn the_core_depends_on_what_encodes_and_holds_its_records_and_on_nothing_else() {
    // Asked when it runs: a test that was built by another installation would look for a cargo that is gone.
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["tree", "--offline", "--package", "receiptd-core", "--edges", "normal", "--depth", "1"])
        .args(["--prefix", "none", "--format", "{p}", "--target", "all", "--all-features"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let tree = String::from_utf8(output.stdout).expect("cargo speaks UTF-8");
    let mut names: Vec<&str> = tree
        .lines()
        .filter_map(|l| l.split_whitespace().next())
        .filter(|name| *name != "receiptd-core")
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["postcard", "serde", "smallvec", "smol_str"]);
}

#[test]
fn the_core_has_no_standard_library() {
    let lib = include_str!("../src/lib.rs");
    assert!(lib.lines().any(|line| line == "#![no_std]"));
}
