//! The Lambda function `terminate`.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    shared::lambda::start::run(terminate::parameters, terminate::handle).await
}
