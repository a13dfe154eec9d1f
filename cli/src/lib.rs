//! The operator's command: what Steward does and why, what is stuck, and how to mend or stop it.
//!
//! `arguments` says what can be asked; each file of `command/` answers one of it; `aws/` finds the deployment and is the only place
//! that names its services; `print/` is what people and scripts see. What is decided is decided in the crate that the functions
//! share: a request is checked, an end is weighed and a plan is judged by the very code that acts on them.

pub mod arguments;
mod aws;
mod command;
mod print;
mod problem;

use std::process::ExitCode;

use arguments::{Arguments, Command};

/// Does what was asked; gives the exit code that says how it went.
pub async fn run(arguments: Arguments) -> ExitCode {
    let Arguments { global, command } = arguments;
    let answer = match command {
        Command::Completions { shell } => {
            print::completions(shell);
            Ok(ExitCode::SUCCESS)
        }
        command => Box::pin(command::run(global, command)).await,
    };
    answer.unwrap_or_else(|problem| {
        print::problem(&problem);
        problem.exit_code()
    })
}
