//! Building the function binaries that the run starts.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Instant;

use tokio::process::Command;

use super::print;

/// The repository: where this crate was built from.
pub(super) fn root() -> Result<PathBuf, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    root.canonicalize()
        .map_err(|error| format!("the repository is not where it was built: {}: {error}", root.display()))
}

/// The variables in which cargo has told this program of its own package. A cargo that it starts must not pass them on: build
/// scripts that ask for them would all run again, and what depends on theirs would be built twice.
pub fn own_variables() -> impl Iterator<Item = OsString> {
    let names = std::env::vars_os().map(|(name, _)| name);
    names.filter(|name| {
        name.to_str().is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_"))
    })
}

/// Builds the functions beside this very program, in its profile; gives the folder.
pub(super) async fn functions(root: &Path) -> Result<PathBuf, String> {
    let this = std::env::current_exe().map_err(|error| format!("this program cannot find itself: {error}"))?;
    let bins = this.parent().unwrap_or(Path::new(".")).to_owned();
    let began = Instant::now();
    print::building();
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo);
    // The whole workspace's binaries: the same features, and so the same build, as this program's own.
    build.current_dir(root).args(["build", "--workspace", "--bins"]).stdin(Stdio::null());
    for name in own_variables() {
        build.env_remove(name);
    }
    if bins.ends_with("release") {
        build.arg("--release");
    }
    let status = build.status().await.map_err(|error| format!("cargo could not be started: {error}"))?;
    if !status.success() {
        return Err("the functions could not be built; see cargo's words above".to_owned());
    }
    print::built(began.elapsed());
    Ok(bins)
}
