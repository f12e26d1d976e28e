//! Where the program that draws is.

use std::path::{Path, PathBuf};

/// Name of the program that draws.
pub const PROGRAM: &str = "receiptd-render";

/// Environment variable that says where it is, for development and for unusual installations.
pub const PROGRAM_VARIABLE: &str = "RECEIPTD_RENDER";

/// Where it is installed by the package.
const INSTALLED: &str = "/usr/libexec/receiptd";

/// The program: what [`PROGRAM_VARIABLE`] says; else beside the running program, in `../libexec/receiptd` of it, or in
/// `/usr/libexec/receiptd`.
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
    let places: Vec<PathBuf> = places.into_iter().flatten().map(|folder| folder.join(PROGRAM)).collect();
    match places.iter().find(|place| place.is_file()) {
        Some(found) => Ok(found.clone()),
        None => {
            let places: Vec<String> = places.iter().map(|place| place.display().to_string()).collect();
            Err(format!("it is not in {}", places.join(", ")))
        }
    }
}
