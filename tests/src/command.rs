//! The operator's command, as a person runs it: the built binary, as a process, against a cloud of one's own.

use std::collections::BTreeSet;
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use steward_local::gateway::{Identities, Place, USER};
use tokio::process::Command;

use crate::root;
use crate::world::{World, bins};

/// How long a command may take on a busy machine.
const PATIENCE: Duration = Duration::from_mins(2);

/// How a command went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ran {
    /// The exit code.
    pub code: i32,
    /// What it printed.
    pub out: String,
    /// What it said beside that.
    pub err: String,
}

impl Ran {
    /// Its document, of a command that was run with `--json`: whatever it has, docs/cli.md names.
    ///
    /// # Panics
    /// If it printed none, or one with a member that is not documented.
    #[must_use]
    pub fn document(&self) -> Value {
        let document = serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"));
        let page = std::fs::read_to_string(root().join("docs/cli.md")).expect("docs/cli.md is readable");
        let unnamed: Vec<&String> =
            members(&document).into_iter().filter(|name| !page.contains(&format!("`{name}`"))).collect();
        assert!(unnamed.is_empty(), "docs/cli.md does not name {unnamed:?}");
        document
    }

    /// What a snapshot holds: all of it.
    #[must_use]
    pub fn shown(&self) -> String {
        let parts = [("", &self.out), ("-- beside:\n", &self.err)];
        let shown: Vec<String> =
            parts.iter().filter(|(_, text)| !text.is_empty()).map(|(head, text)| format!("{head}{text}")).collect();
        format!("{}-- exit code {}", shown.concat(), self.code)
    }
}

/// The members that have one meaning everywhere: what others have written is theirs.
fn members(document: &Value) -> BTreeSet<&String> {
    match document {
        Value::Array(items) => items.iter().flat_map(members).collect(),
        Value::Object(object) => object
            .iter()
            .flat_map(|(name, value)| {
                let is_others = ["detail", "parameters", "remedy", "request", "resourceChanges", "tags"];
                let below = if is_others.contains(&name.as_str()) { BTreeSet::new() } else { members(value) };
                below.into_iter().chain([name])
            })
            .collect(),
        _ => BTreeSet::new(),
    }
}

impl World {
    /// Runs `steward` as the person who may do everything.
    pub async fn steward(&self, arguments: &[&str]) -> Ran {
        self.steward_as(USER, arguments).await
    }

    /// Runs `steward` as a caller that the cloud knows.
    ///
    /// # Panics
    /// If it cannot be run, or does not come to its end.
    pub async fn steward_as(&self, caller: &str, arguments: &[&str]) -> Ran {
        let mut command = Command::new(bins().join("steward"));
        command
            .args(arguments)
            .env_clear()
            .env("AWS_ENDPOINT_URL", self.cloud.gateway.url())
            .env("AWS_ACCESS_KEY_ID", Identities::access_key(caller))
            .env("AWS_SECRET_ACCESS_KEY", "local")
            .env("AWS_REGION", Place::default().region)
            .env("AWS_CONFIG_FILE", "/dev/null")
            .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .stdin(Stdio::null())
            .kill_on_drop(true);
        let ran = tokio::time::timeout(PATIENCE, command.output()).await;
        let ran = ran.unwrap_or_else(|_| panic!("steward {arguments:?} does not end")).expect("steward runs");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("steward prints text");
        Ran { code: ran.status.code().unwrap_or(-1), out: text(ran.stdout), err: text(ran.stderr) }
    }
}
