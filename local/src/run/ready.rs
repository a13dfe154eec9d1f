//! A file that says, to a program, that everything can be called, and where.

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::cloud::Cloud;
use crate::gateway::{Identities, Place, USER};

/// The file. It is there only while the cloud is.
#[derive(Debug)]
pub(super) struct Ready {
    file: PathBuf,
}

impl Ready {
    /// Takes away what another run has left: whoever waits for the file must not read of an end that is long closed.
    pub(super) fn new(file: &Path) -> Result<Self, String> {
        match std::fs::remove_file(file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(format!("{}: {error}", file.display())),
            _ => Ok(Self { file: file.to_owned() }),
        }
    }

    /// Writes it, whole at once: whoever sees it can read it.
    pub(super) fn tell(&self, cloud: &Cloud) -> Result<(), String> {
        let Place { account, region } = Place::default();
        let url = cloud.gateway.url();
        let text = json!({
            "endpoint": url,
            "account": account,
            "region": region,
            "pid": std::process::id(),
            "environment": {
                "AWS_ENDPOINT_URL": url,
                "AWS_ACCESS_KEY_ID": Identities::access_key(USER),
                "AWS_SECRET_ACCESS_KEY": "local",
                "AWS_REGION": region,
                "AWS_DEFAULT_REGION": region,
            },
        });
        let mut unfinished = self.file.clone().into_os_string();
        unfinished.push(".new");
        let written = std::fs::write(&unfinished, format!("{text:#}\n"));
        let written = written.and_then(|()| std::fs::rename(&unfinished, &self.file));
        written.map_err(|error| format!("{}: {error}", self.file.display()))
    }
}

impl Drop for Ready {
    fn drop(&mut self) {
        // One that is gone already is as good.
        drop(std::fs::remove_file(&self.file));
    }
}
