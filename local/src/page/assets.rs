//! The page's own files. They are in the program: nothing is fetched from anywhere else, and nothing is built.

/// Path, type and text of each; the paths are below `/_local/`.
const FILES: [(&str, &str, &str); 12] = [
    ("colours.css", "text/css", include_str!("web/colours.css")),
    ("page.css", "text/css", include_str!("web/page.css")),
    ("icon.svg", "image/svg+xml", include_str!("web/icon.svg")),
    ("main.js", SCRIPT, include_str!("web/main.js")),
    ("dom.js", SCRIPT, include_str!("web/dom.js")),
    ("store.js", SCRIPT, include_str!("web/store.js")),
    ("words.js", SCRIPT, include_str!("web/words.js")),
    ("timeline.js", SCRIPT, include_str!("web/timeline.js")),
    ("operations.js", SCRIPT, include_str!("web/operations.js")),
    ("log.js", SCRIPT, include_str!("web/log.js")),
    ("faults.js", SCRIPT, include_str!("web/faults.js")),
    ("samples.js", SCRIPT, include_str!("web/samples.js")),
];
const SCRIPT: &str = "text/javascript";

/// The page.
pub(super) const PAGE: &str = include_str!("web/index.html");

/// A file's type and text.
pub(super) fn file(path: &str) -> Option<(&'static str, &'static str)> {
    FILES.iter().find(|(known, ..)| *known == path).map(|(_, kind, text)| (*kind, *text))
}
