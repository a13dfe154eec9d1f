//! The Lambda function `terminate`.

use std::process::ExitCode;

use shared::config::Sending;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    shared::lambda::start::run(Sending::read, terminate::handle).await
}
