//! The command by itself: its help is its reference, and it completes in every shell.

use std::fmt::Write as _;

use clap::{Command, CommandFactory as _};
use snapbox::cmd::{Command as Run, cargo_bin};
use steward_cli::arguments::Arguments;

/// A command's section, and those of what is below it.
fn section(path: &str, mut command: Command, page: &mut String) {
    let name = format!("{path}{}", command.get_name());
    command = command.bin_name(&name).term_width(100);
    let below: Vec<Command> = command.get_subcommands().filter(|below| below.get_name() != "help").cloned().collect();
    let help = command.render_long_help().to_string();
    let help: Vec<&str> = help.lines().map(str::trim_end).collect();
    // Writing to a string cannot fail.
    let _ = write!(page, "\n## {name}\n\n```text\n{}\n```\n", help.join("\n").trim_end());
    for below in below {
        section(&format!("{name} "), below, page);
    }
}

// One page: every command with all that it takes.
#[test]
fn the_page_is_what_the_command_says_of_itself() {
    let mut page = include_str!("head.md").to_owned();
    // Not built as a whole: the options that hold for all commands would be told with each.
    section("", Arguments::command().term_width(100).disable_help_subcommand(true), &mut page);
    snapbox::assert_data_eq!(page, snapbox::file!["../../docs/cli.md"].raw());
}

#[test]
fn the_arguments_are_sound() {
    Arguments::command().debug_assert();
}

#[test]
fn it_completes_in_every_shell_without_anybody_signed_in() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let run = Run::new(cargo_bin("steward")).env_clear().args(["completions", shell]).output().unwrap();
        let text = String::from_utf8(run.stdout).unwrap();
        assert!(run.status.success() && text.contains("expiring"), "{shell}: {text}");
    }
}

#[test]
fn without_a_command_it_says_what_there_is() {
    let run = Run::new(cargo_bin("steward")).env_clear().output().unwrap();
    assert_eq!(run.status.code(), Some(2));
    let text = String::from_utf8(run.stderr).unwrap();
    assert!(text.contains("Usage: steward") && text.contains("doctor") && text.contains("Exit codes"), "{text}");
}

#[test]
fn whoever_is_not_signed_in_is_told_how() {
    let signed_out = |more: &[(&str, &str)]| {
        let none = [
            ("AWS_EC2_METADATA_DISABLED", "true"),
            ("AWS_CONFIG_FILE", "/dev/null"),
            ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
        ];
        let run = Run::new(cargo_bin("steward")).env_clear().envs(none).envs(more.iter().copied()).arg("list").output();
        let run = run.unwrap();
        (run.status.code(), String::from_utf8(run.stderr).unwrap())
    };
    let (code, text) = signed_out(&[]);
    assert!(code == Some(2) && text.contains("no region: give --region"), "{text}");
    let (code, text) = signed_out(&[("AWS_REGION", "eu-central-1"), ("AWS_ENDPOINT_URL", "http://127.0.0.1:9")]);
    assert!(code == Some(5) && text.contains("aws sso login") && text.lines().count() == 1, "{text}");
    let keys = [("AWS_ACCESS_KEY_ID", "a"), ("AWS_SECRET_ACCESS_KEY", "b"), ("AWS_REGION", "eu-central-1")];
    let (code, text) = signed_out(&[&keys[..], &[("AWS_ENDPOINT_URL", "http://127.0.0.1:9")]].concat());
    assert!(code == Some(5) && text.contains("AWS_ENDPOINT_URL") && text.lines().count() == 1, "{text}");
}
