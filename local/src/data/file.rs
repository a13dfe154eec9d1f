//! The file that a state is kept in.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::scene::Pending;
use crate::wiring::Kept;

/// The form of the file; another one has another number.
const VERSION: u64 = 1;

/// A state, as it lies in the file.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Saved {
    version: u64,
    /// The name of the scene that it began with.
    pub(crate) scene: String,
    /// How the table was made.
    pub(crate) table: Value,
    pub(crate) catalog: Box<RawValue>,
    pub(crate) wiring: Kept,
    pub(crate) later: Vec<Pending>,
}

/// Enough of any version to tell which it is.
#[derive(Deserialize)]
struct Version {
    version: u64,
}

impl Saved {
    /// A state of now.
    pub(crate) fn new(scene: String, table: Value, catalog: Box<RawValue>, wiring: Kept, later: Vec<Pending>) -> Self {
        Self { version: VERSION, scene, table, catalog, wiring, later }
    }

    /// Reads the file's text; an error says what is wrong with the file.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, String> {
        let broken =
            |error: serde_json::Error| format!("is broken: {error}; put a copy of it back, or take another directory");
        let Version { version } = serde_json::from_slice(bytes).map_err(broken)?;
        if version != VERSION {
            return Err(format!("is of version {version}, and this program reads version {VERSION} alone"));
        }
        serde_json::from_slice(bytes).map_err(broken)
    }
}

/// Writes a file beside another one, and puts it in its place when it is on the disk.
pub(super) fn replace(dir: &Path, unfinished: &str, name: &str, text: &[u8]) -> std::io::Result<()> {
    let path = dir.join(unfinished);
    let mut file = File::create(&path)?;
    file.write_all(text)?;
    file.sync_all()?;
    drop(file);
    std::fs::rename(&path, dir.join(name))?;
    // The name, too, is on the disk only when its directory is; not every system opens a directory.
    if cfg!(unix) { File::open(dir)?.sync_all() } else { Ok(()) }
}
