//! The Lambda function `execute-action`.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    shared::lambda::start::run(execute_action::parameters, execute_action::handle).await
}
