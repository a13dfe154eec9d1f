//! The samples in `events/`: what every bad input is made from.

use std::path::Path;
use std::sync::LazyLock;

use serde_json::Value;
use shared::lambda::payload::{self, Payload};

/// What Lambda hands over, as it is written, of all functions.
pub(crate) static PAYLOADS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let events = Path::new(env!("CARGO_MANIFEST_DIR")).join("../events");
    let mut payloads = Vec::new();
    for function in ["terminate", "execute-action", "execute-plan", "import", "sweep", "reconcile"] {
        let mut files: Vec<_> =
            std::fs::read_dir(events.join(function)).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
        assert!(files.len() > 4, "{function} has only {} samples", files.len());
        files.sort();
        payloads.extend(files.into_iter().map(|file| std::fs::read_to_string(file).unwrap()));
    }
    payloads
});

/// Each message in them, once.
pub(crate) static BODIES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let mut bodies: Vec<String> = PAYLOADS
        .iter()
        .flat_map(|payload| match payload::split(payload) {
            Payload::One(one) => vec![one],
            Payload::Batch(deliveries) => deliveries.into_iter().filter_map(|delivery| delivery.body.ok()).collect(),
        })
        .collect();
    bodies.sort();
    bodies.dedup();
    assert!(bodies.len() > 100, "only {} messages", bodies.len());
    bodies
});

/// Those that are JSON.
pub(crate) static TREES: LazyLock<Vec<Value>> =
    LazyLock::new(|| BODIES.iter().filter_map(|body| serde_json::from_str(body).ok()).collect());
