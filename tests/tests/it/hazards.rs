//! Each hazard of the protocol has a test that bears its number.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use steward_tests::root;

/// What breaks without a rule that prevents it: the number that tests bear, and what it is in a few words.
const HAZARDS: [(&str, &str); 43] = [
    // Wrong deletions and doubled effects.
    ("A1", "a refusal after an unknown outcome renews the attempt"),
    ("A2", "a stranger's record is adopted, or one record twice"),
    ("A3", "an expiry event is obeyed, not judged"),
    ("A4", "tags of an older record decide"),
    ("A5", "a name takes an old request along to the next product"),
    ("A6", "a cool-down that is looked up, not taken"),
    ("A7", "the limit of terminations is walked around"),
    ("A8", "failed terminations clog the limit"),
    ("A9", "an end in the past comes without a warning"),
    // Lost, stuck, in a loop, or without a limit of cost.
    ("B1", "a trigger that is not stable, or missing"),
    ("B2", "the attempt goes backwards, or what was sent loses its place"),
    ("B3", "trying has no end, or too early a one"),
    ("B4", "a change that has just ended is taken for a final refusal"),
    ("B5", "imports starve each other"),
    ("B6", "an operation is sent on its way too often, or never"),
    ("B7", "what cannot be followed blocks the line"),
    ("B8", "a call leaves after its claim"),
    ("B9", "not found hides a product that lives"),
    ("B10", "paused operations storm, or are stuck"),
    ("B11", "an item is deleted by time that is still needed, or judged by its presence"),
    ("B12", "too large for an item or a batch"),
    ("B13", "good messages end in the dead-letter queue"),
    ("B14", "warnings are repeated, or a mark erases a lease"),
    ("B15", "our own write is taken for a rival's"),
    ("B16", "following has no end and no floor"),
    ("B17", "drift of a product that the search does not show is lost"),
    ("B18", "an end is told by whoever has lost the operation"),
    ("B19", "a due instant that nobody can know"),
    ("B20", "a lease shortens, or the unreadable ends"),
    // Of less consequence.
    ("C1", "a second approval of a failed plan is swallowed"),
    ("C2", "an open operation is cancelled"),
    ("C3", "a record is looked at before its wake-up"),
    ("C4", "the stack's event comes before the record's end"),
    ("C5", "nested stacks wake, imported ones do not"),
    ("C6", "what protects is read from a stale or half answer"),
    ("C7", "a plan is sent unread after a wait"),
    ("C8", "an action that may be half done is repeated"),
    ("C9", "a clock that is a day ahead"),
    ("C10", "drift of stacks that are nobody's product costs"),
    ("C11", "a search that shows too little stops everything in silence"),
    ("C12", "an entry that was not taken counts as told"),
    ("C13", "the actions of a version are believed for ever, or asked for each time"),
    ("C14", "of ten deliveries at once nine collide"),
];

/// What stands before a test's own words on a hazard.
const BEARS: &str = "// Hazard ";

fn sources(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            sources(&entry, files);
        } else if entry.extension().is_some_and(|extension| extension == "rs") {
            files.push(entry);
        }
    }
}

/// The numbers that the tests of a file bear.
fn borne_in(file: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(file).unwrap();
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let mut numbers = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let Some(rest) = line.strip_prefix(BEARS) else { continue };
        let (number, words) = rest.split_once(": ").unwrap_or((rest, ""));
        assert!(!words.is_empty(), "{}: {line:?} says nothing", file.display());
        let below = lines[at..].iter().find(|line| !line.starts_with(BEARS)).copied().unwrap_or_default();
        let is_test = below == "#[test]" || below.starts_with("#[tokio::test");
        assert!(is_test, "{}: {line:?} stands above no test", file.display());
        numbers.push(number.to_owned());
    }
    numbers
}

#[test]
fn each_hazard_has_a_test_that_bears_its_number() {
    let mut files = Vec::new();
    for folder in ["shared", "functions", "local/src", "tests"] {
        sources(&root().join(folder), &mut files);
    }
    let borne: BTreeSet<String> = files.iter().flat_map(|file| borne_in(file)).collect();
    let known: BTreeSet<String> = HAZARDS.iter().map(|(number, _)| (*number).to_owned()).collect();
    assert_eq!(known.len(), HAZARDS.len(), "each number once");
    let untried: Vec<_> = HAZARDS.iter().filter(|(number, _)| !borne.contains(*number)).collect();
    assert!(untried.is_empty(), "no test bears {untried:?}");
    let unknown: Vec<_> = borne.difference(&known).collect();
    assert!(unknown.is_empty(), "in no table: {unknown:?}");
}
