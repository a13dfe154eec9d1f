//! The operator's command, `steward`.

use std::process::ExitCode;

use clap::Parser as _;
use steward_cli::arguments::Arguments;

#[tokio::main]
async fn main() -> ExitCode {
    steward_cli::run(Arguments::parse()).await
}
