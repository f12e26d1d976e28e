//! `receiptctl man`: writes the manual pages into a directory, for packagers.

use std::path::PathBuf;

use crate::cmd::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::man;

/// Where to.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The directory
    #[arg(value_name = "DIR", default_value = ".")]
    pub dir: PathBuf,
}

/// Writes them.
///
/// # Errors
/// A file cannot be written.
pub fn run(args: &Args, context: &mut Context) -> Result<Exit, Failure> {
    for (name, page) in man::pages()? {
        let path = args.dir.join(name);
        std::fs::write(&path, page).map_err(|source| Failure::FileWrite { path: path.clone(), source })?;
        context.out.hint(&path.to_string_lossy());
    }
    Ok(Exit::Ok)
}
