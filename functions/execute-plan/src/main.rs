//! The Lambda function `execute-plan`.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    shared::lambda::start::run(execute_plan::parameters, execute_plan::handle).await
}
