//! The Lambda function `sweep`.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    shared::lambda::start::run(sweep::parameters, sweep::handle).await
}
