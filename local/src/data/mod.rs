//! A directory in which a cloud keeps what it knows from one run to the next.
//!
//! `state.json` holds the catalog, the messages and what is still to happen; it is written whole, beside the one before, and
//! takes its place when it is on the disk. DynamoDB keeps `dynamodb.sqlite` by itself, write by write. `lock` is held by
//! the process that uses the directory, and let go by the system when that process ends, however it ends.

mod file;
mod keeper;
#[cfg(test)]
mod tests;

use std::fs::{File, OpenOptions, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use thiserror::Error;

pub(crate) use file::Saved;

const STATE: &str = "state.json";
/// A state that is not whole yet.
const UNFINISHED: &str = "state.json.new";
const DATABASE: &str = "dynamodb.sqlite";
const LOCK: &str = "lock";
/// There while a new directory is set up, until its first state is on the disk.
const MARK: &str = "setting-up";

/// A directory that cannot be used, or a state that cannot be saved in it.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("--data {}: {problem}", .dir.display())]
pub struct DataError {
    dir: PathBuf,
    problem: String,
}

/// The directory, locked for as long as this value lives.
#[derive(Debug)]
pub struct Data {
    dir: PathBuf,
    /// Held, never read.
    _lock: File,
    saved: Option<Saved>,
}

impl Data {
    /// Opens a directory, or makes it.
    ///
    /// # Errors
    /// If another process uses it, if it holds something else, or if its state cannot be read: it never begins anew by itself.
    pub fn open(dir: &Path) -> Result<Self, DataError> {
        let wrong = |problem: String| DataError { dir: dir.to_owned(), problem };
        let io = |error: std::io::Error| wrong(error.to_string());
        std::fs::create_dir_all(dir).map_err(io)?;
        let is_there = |name: &str| dir.join(name).try_exists().map_err(io);
        if !is_there(LOCK)? && !is_there(STATE)? && std::fs::read_dir(dir).map_err(io)?.next().is_some() {
            let text = "it holds something else; accepted: a directory that is new or empty, or that --data has made";
            return Err(wrong(text.to_owned()));
        }
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(dir.join(LOCK)).map_err(io)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(wrong("another process uses it".to_owned())),
            Err(TryLockError::Error(error)) => return Err(io(error)),
        }
        let saved = match std::fs::read(dir.join(STATE)) {
            Ok(bytes) => Some(Saved::read(&bytes).map_err(|problem| wrong(format!("{STATE} {problem}")))?),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(wrong(format!("{STATE}: {error}"))),
        };
        let has_database = is_there(DATABASE)?;
        if saved.is_some() && !has_database {
            return Err(wrong(format!("{DATABASE} is missing; put it back, or take another directory")));
        }
        if saved.is_none() {
            if has_database && !is_there(MARK)? {
                return Err(wrong(format!("{STATE} is missing; put it back, or take another directory")));
            }
            // Set up and not come to its first state: nothing is lost that anybody has seen.
            for file in [DATABASE, "dynamodb.sqlite-wal", "dynamodb.sqlite-shm", UNFINISHED] {
                match std::fs::remove_file(dir.join(file)) {
                    Err(error) if error.kind() != ErrorKind::NotFound => return Err(io(error)),
                    _ => {}
                }
            }
            File::create(dir.join(MARK)).map_err(io)?;
        }
        Ok(Self { dir: dir.to_owned(), _lock: lock, saved })
    }

    /// The name of the scene that it began with; none: it is new.
    #[must_use]
    pub fn scene(&self) -> Option<&str> {
        self.saved.as_ref().map(|saved| saved.scene.as_str())
    }

    /// Where it is.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// What was saved.
    pub(crate) fn saved(&self) -> Option<&Saved> {
        self.saved.as_ref()
    }

    /// DynamoDB's file.
    pub(crate) fn database(&self) -> PathBuf {
        self.dir.join(DATABASE)
    }

    /// Saves a state in the place of the one before.
    pub(crate) fn write(&self, text: &[u8]) -> Result<(), DataError> {
        file::replace(&self.dir, UNFINISHED, STATE, text)
            .and_then(|()| match std::fs::remove_file(self.dir.join(MARK)) {
                Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            })
            .map_err(|error| self.wrong(format!("{STATE} cannot be saved: {error}")))
    }

    /// An error with the directory's name.
    pub(crate) fn wrong(&self, problem: String) -> DataError {
        DataError { dir: self.dir.clone(), problem }
    }
}
