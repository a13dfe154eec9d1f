//! `cargo local`: Steward's local cloud.

use std::process::ExitCode;

use clap::Parser as _;
use steward_local::run::{self, Arguments};

#[tokio::main]
async fn main() -> ExitCode {
    run::main(Arguments::parse()).await
}
