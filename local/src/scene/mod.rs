//! Scenes: what a cloud that stays up begins with, described in a file. docs/local-cloud.md has the format.

mod apply;
mod check;
mod fault;
mod format;
mod later;
mod pairs;
mod table;
#[cfg(test)]
mod tests;
mod when;

use std::path::Path;

use thiserror::Error;

use format::File;
pub use later::{Later, Pending};

/// The scene that is there to look at.
const DEMO: &str = include_str!("../../scenes/demo.yaml");
/// More than this is no scene.
const BYTES_MAX: u64 = 4 * 1024 * 1024;

/// A scene that cannot be used.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{scene}: {problem}")]
pub struct SceneError {
    /// The file.
    scene: String,
    /// Where in it, and what is wrong there.
    problem: String,
}

/// A scene: read, and found to be in order.
#[derive(Clone, Debug)]
pub struct Scene {
    name: String,
    file: File,
}

impl Scene {
    /// Nothing at all.
    #[must_use]
    pub fn empty() -> Self {
        Self { name: "empty".to_owned(), file: File::default() }
    }

    /// The scene that is there to look at.
    ///
    /// # Errors
    /// None: a test reads it.
    pub fn demo() -> Result<Self, SceneError> {
        Self::parse("demo", DEMO)
    }

    /// Reads a scene from a file.
    ///
    /// # Errors
    /// If the file cannot be read, or is not a scene: the one thing that is wrong first.
    pub fn read(path: &Path) -> Result<Self, SceneError> {
        let name = path.display().to_string();
        let wrong = |problem: String| SceneError { scene: name.clone(), problem };
        let size = std::fs::metadata(path).map_err(|error| wrong(error.to_string()))?.len();
        if size > BYTES_MAX {
            return Err(wrong(format!("it has {size} bytes; a scene has {BYTES_MAX} at most")));
        }
        Self::parse(&name, &std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?)
    }

    /// Reads a scene from a text; `name` is what errors call it.
    ///
    /// # Errors
    /// If it is not a scene.
    pub fn parse(name: &str, text: &str) -> Result<Self, SceneError> {
        let wrong = |problem: String| SceneError { scene: name.to_owned(), problem };
        // A file of comments alone is an empty scene.
        let file: Option<File> = yaml_serde::from_str(text).map_err(|error| wrong(error.to_string()))?;
        let file = file.unwrap_or_default();
        check::check(&file).map_err(|(place, problem)| wrong(format!("{place}: {problem}")))?;
        Ok(Self { name: name.to_owned(), file })
    }

    /// What errors call it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}
