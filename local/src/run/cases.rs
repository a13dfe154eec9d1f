//! The sample events: files in `events/`, and the tables in its README that say what each ends as.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;
use thiserror::Error;

/// The function that finds what has run out.
const SWEEP: &str = "sweep";

/// A sample that cannot be used.
#[derive(Debug, Error)]
pub enum CaseError {
    /// A file cannot be read.
    #[error("{}: {problem}", .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        problem: String,
    },
    /// The README and the folder do not agree.
    #[error("events/README.md and events/ do not agree: {0}")]
    Table(String),
}

/// One sample event.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// The function's folder: `terminate`.
    pub function: String,
    /// The file's name without its ending.
    pub name: String,
    /// What it is, in the README's words.
    pub what: String,
    /// How many operations (or rejected messages) end in which state.
    pub ends_as: BTreeMap<String, usize>,
    /// What Lambda hands to the function.
    pub payload: Value,
}

/// How a message gets to its function.
#[derive(Clone, Debug, PartialEq)]
pub enum Delivery {
    /// An `EventBridge` event, put on the bus: rules take it to the queue.
    Bus(Value),
    /// Anything else that a queue can carry.
    Queue(String),
    /// What no queue delivers: handed to the function as it is.
    Invoke(Value),
}

impl Case {
    /// How the payload would really come. An SQS batch is taken back to what was sent.
    #[must_use]
    pub fn deliveries(&self) -> Vec<Delivery> {
        let Some(records) = self.payload.get("Records").and_then(Value::as_array).filter(|records| !records.is_empty())
        else {
            return vec![Delivery::Invoke(self.payload.clone())];
        };
        let sent = records.iter().map(|record| {
            record.get("messageId")?;
            let body = record.get("body")?.as_str()?;
            let event = serde_json::from_str::<Value>(body).ok().filter(|body| body.get("detail-type").is_some());
            Some(event.map_or_else(|| Delivery::Queue(body.to_owned()), Delivery::Bus))
        });
        sent.collect::<Option<Vec<_>>>().unwrap_or_else(|| vec![Delivery::Invoke(self.payload.clone())])
    }

    /// The messages, each as the function sees its body.
    #[must_use]
    pub fn bodies(&self) -> Vec<String> {
        match self.payload.get("Records").and_then(Value::as_array) {
            None => vec![self.payload.to_string()],
            Some(records) => records
                .iter()
                .map(|record| match record.get("body").and_then(Value::as_str) {
                    Some(body) => body.to_owned(),
                    // A message without a body is kept whole.
                    None => record.to_string(),
                })
                .collect(),
        }
    }

    /// Whether it starts a sweep: to whatever that finds, nobody else has to ask.
    #[must_use]
    pub fn is_sweep(&self) -> bool {
        self.function == SWEEP && self.payload.get("detail-type").is_some_and(|kind| kind == "Scheduled Event")
    }

    /// What the messages are about, as operations name it: product ids, `name:` and a name, plans, stacks. What is asked of
    /// the sweep leads to no operation.
    #[must_use]
    pub fn subjects(&self) -> Vec<String> {
        if self.function == SWEEP {
            return Vec::new();
        }
        let mut subjects: Vec<String> = self.bodies().iter().filter_map(|body| subject(body)).collect();
        subjects.sort();
        subjects.dedup();
        subjects
    }
}

fn subject(body: &str) -> Option<String> {
    let body: Value = serde_json::from_str(body).ok()?;
    if let Some(inner) = body.get("Message").and_then(Value::as_str) {
        return subject(inner);
    }
    let request = body.get("detail").unwrap_or(&body);
    let text = |name: &str| request.get(name).and_then(Value::as_str);
    let other = ["planId", "physicalId", "stack-id", "resourceId"].into_iter().find_map(text);
    match (text("provisionedProductId"), text("provisionedProductName")) {
        _ if other.is_some() => other.map(str::to_owned),
        (Some(id), None) => Some(id.to_owned()),
        (None, Some(name)) => {
            Some(name.rsplit_once('/').map_or_else(|| format!("name:{name}"), |(_, id)| id.to_owned()))
        }
        _ => None,
    }
}

/// Reads all samples below `events`.
///
/// # Errors
/// If a file is unreadable, or the README and the folders do not name the same cases.
pub fn load(events: &Path) -> Result<Vec<Case>, CaseError> {
    let readme = events.join("README.md");
    let mut cases = Vec::new();
    let text = read(&readme)?;
    for (function, rows) in tables(&text) {
        let folder = events.join(&function);
        let mut files: Vec<String> = std::fs::read_dir(&folder)
            .map_err(|error| CaseError::File { path: folder.clone(), problem: error.to_string() })?
            .filter_map(|entry| Some(entry.ok()?.file_name().to_str()?.strip_suffix(".json")?.to_owned()))
            .collect();
        files.sort();
        let mut named: Vec<String> = rows.iter().map(|row| row.name.clone()).collect();
        named.sort();
        if files != named {
            return Err(CaseError::Table(format!("{function}: the folder has {files:?}, the table {named:?}")));
        }
        for row in rows {
            let path = folder.join(format!("{}.json", row.name));
            let payload = serde_json::from_str(&read(&path)?)
                .map_err(|error| CaseError::File { path: path.clone(), problem: error.to_string() })?;
            let ends_as = ends(&row.ends_as).ok_or_else(|| {
                CaseError::Table(format!(
                    "`{}` ends as {:?}; accepted: `nothing`, or counts and states",
                    row.name, row.ends_as
                ))
            })?;
            cases.push(Case { function: function.clone(), name: row.name, what: row.what, ends_as, payload });
        }
    }
    Ok(cases)
}

struct Row {
    name: String,
    what: String,
    ends_as: String,
}

/// The rows below each `## function`.
fn tables(readme: &str) -> Vec<(String, Vec<Row>)> {
    let mut tables: Vec<(String, Vec<Row>)> = Vec::new();
    for line in readme.lines() {
        if let Some(function) = line.strip_prefix("## ") {
            tables.push((function.trim().to_owned(), Vec::new()));
        } else if let (Some((_, rows)), Some(cells)) = (tables.last_mut(), line.strip_prefix("| `")) {
            let cells: Vec<&str> = cells.split('|').map(str::trim).collect();
            if let [name, what, ends_as, ..] = cells[..] {
                let name = name.trim_end_matches('`').to_owned();
                rows.push(Row { name, what: what.to_owned(), ends_as: ends_as.to_owned() });
            }
        }
    }
    tables
}

fn ends(cell: &str) -> Option<BTreeMap<String, usize>> {
    if cell == "nothing" {
        return Some(BTreeMap::new());
    }
    cell.split(',')
        .map(|part| part.trim().split_once(' '))
        .map(|part| part.and_then(|(count, state)| Some((state.to_owned(), count.parse().ok()?))))
        .collect()
}

fn read(path: &Path) -> Result<String, CaseError> {
    std::fs::read_to_string(path).map_err(|error| CaseError::File { path: path.to_owned(), problem: error.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples() -> Vec<Case> {
        load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../events")).unwrap()
    }

    #[test]
    fn the_readme_says_what_each_file_ends_as() {
        let cases = samples();
        let ten = cases.iter().find(|case| case.name == "expired-ten").unwrap();
        assert_eq!(ten.ends_as, BTreeMap::from([("succeeded".to_owned(), 10)]));
        assert_eq!(ten.subjects().len(), 10);
        assert!(cases.iter().any(|case| case.ends_as.is_empty()));
    }

    #[test]
    fn a_message_goes_the_way_it_would_really_come() {
        let way = |name: &str| samples().into_iter().find(|case| case.name == name).unwrap().deliveries();
        assert!(matches!(way("expired")[..], [Delivery::Bus(_)]));
        assert!(matches!(way("bare-in-queue")[..], [Delivery::Queue(_)]));
        assert!(matches!(way("bad-not-json")[..], [Delivery::Queue(_)]));
        for direct in ["scheduler", "requested-direct", "no-message-id", "bad-empty-batch", "bad-body-type"] {
            assert!(matches!(way(direct)[..], [Delivery::Invoke(_)]), "{direct}");
        }
        assert_eq!(way("same-event-twice").len(), 2);
    }

    #[test]
    fn one_sample_starts_a_sweep_and_none_of_the_sweep_is_about_an_operation() {
        let of_sweep: Vec<Case> = samples().into_iter().filter(|case| case.function == SWEEP).collect();
        let starts: Vec<&str> = of_sweep.iter().filter(|case| case.is_sweep()).map(|case| case.name.as_str()).collect();
        assert_eq!(starts, ["schedule"]);
        assert!(of_sweep.len() > 10 && of_sweep.iter().all(|case| case.subjects().is_empty()));
        assert!(
            !samples().iter().any(|case| case.function != SWEEP && case.is_sweep()),
            "reconcile has a schedule too"
        );
    }
}
