//! How the command is linked.

#[path = "../linking.rs"]
mod linking;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=../linking.rs");
    linking::make_small();
}
