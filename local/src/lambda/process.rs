//! How a function's process is started, and what the kernel says about it.

use std::process::Stdio;

use tokio::process::Command;

use super::{Function, Setup};
use crate::gateway::Identities;

/// The command that starts a process of `function` with its Runtime API at `api`. Nothing is inherited from this
/// process's environment: what the template does not give, the function does not have.
pub(super) fn command(setup: &Setup, function: &Function, api: &str, stream: &str) -> Command {
    let region = &setup.place.region;
    let memory = function.memory.to_string();
    let group = function.log_group.clone();
    let key = Identities::access_key(&function.name);
    let platform: [(&str, &str); 13] = [
        ("AWS_LAMBDA_FUNCTION_NAME", &function.name),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", &memory),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", &group),
        ("AWS_LAMBDA_LOG_STREAM_NAME", stream),
        ("AWS_LAMBDA_RUNTIME_API", api),
        ("AWS_REGION", region),
        ("AWS_DEFAULT_REGION", region),
        ("AWS_ACCESS_KEY_ID", &key),
        ("AWS_SECRET_ACCESS_KEY", "local"),
        ("AWS_ENDPOINT_URL", &setup.endpoint),
        // As Lambda sets them.
        ("TZ", ":UTC"),
        ("LANG", "en_US.UTF-8"),
    ];
    let mut command = Command::new(&function.program);
    command
        .args(&function.arguments)
        .env_clear()
        .envs(&function.environment)
        .envs(platform)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

/// The most memory that a living process ever had resident, in KiB.
pub(super) async fn peak_rss(pid: u32) -> Option<u64> {
    let status = tokio::fs::read_to_string(format!("/proc/{pid}/status")).await.ok()?;
    peak_in(&status)
}

fn peak_in(status: &str) -> Option<u64> {
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    peak.trim().strip_suffix("kB")?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_peak_is_read_from_the_status() {
        assert_eq!(super::peak_in("Name:\tx\nVmHWM:\t   12345 kB\nVmRSS:\t 1 kB\n"), Some(12_345));
        assert_eq!(super::peak_in("Name:\tx\n"), None);
    }
}
