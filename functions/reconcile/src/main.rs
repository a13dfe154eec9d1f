//! The Lambda function `reconcile`.

use std::process::ExitCode;

use shared::config::Following;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    shared::lambda::start::run(Following::read, reconcile::handle).await
}
