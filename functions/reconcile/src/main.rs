//! The Lambda function `reconcile`.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    shared::lambda::start::run(reconcile::parameters, reconcile::handle).await
}
