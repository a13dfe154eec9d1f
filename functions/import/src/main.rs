//! The Lambda function `import`.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    shared::lambda::start::run(import::parameters, import::handle).await
}
