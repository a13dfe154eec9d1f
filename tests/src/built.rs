//! The functions as they ship, built for a benchmark.

use std::error::Error;
use std::path::PathBuf;
use std::process::Command;

use steward_local::run::build::own_variables;

use crate::root;

/// Builds functions in the benchmark's own profile; gives the folder.
///
/// # Errors
/// If one cannot be built.
pub fn built(functions: &[&str]) -> Result<PathBuf, Box<dyn Error>> {
    build(functions.iter().flat_map(|function| ["--package", function]))
}

/// Builds an example of this package; gives its file.
///
/// # Errors
/// If it cannot be built.
pub fn example(name: &str) -> Result<PathBuf, Box<dyn Error>> {
    let bins = build(["--package", env!("CARGO_PKG_NAME"), "--example", name])?;
    Ok(bins.join("examples").join(name))
}

fn build<'a>(what: impl IntoIterator<Item = &'a str>) -> Result<PathBuf, Box<dyn Error>> {
    let this = std::env::current_exe()?;
    // target/release/deps/<bench>: the bench profile has no folder of its own.
    let bins = this.ancestors().nth(2).ok_or("the benchmark is in no target folder")?.to_owned();
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root()).arg("build").args(what);
    for name in own_variables() {
        cargo.env_remove(name);
    }
    // `cargo bench --profile dev` says what is wrong sooner.
    if bins.ends_with("release") {
        cargo.arg("--release");
    }
    if cargo.status()?.success() { Ok(bins) } else { Err("cargo could not build what is measured".into()) }
}
