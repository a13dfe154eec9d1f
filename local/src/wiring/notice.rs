//! Notices: what a rule makes of an event for people, on a topic.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::WiringError;
use crate::template::resources::InputTransformer;

/// What a topic got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// When.
    pub at: DateTime<Utc>,
    /// The topic's logical id.
    pub topic: String,
    /// The rule that told it.
    pub rule: String,
    /// What it got.
    pub text: String,
}

/// A piece of a template.
#[derive(Debug, PartialEq, Eq)]
enum Piece<'a> {
    Text(&'a str),
    /// A value of the event, by its name in the map.
    Value(&'a str),
}

/// Checks that each value that a template wants is one of the map's, and each of those is wanted.
pub(super) fn check(rule: &str, transformer: &InputTransformer) -> Result<(), WiringError> {
    let wanted = pieces(&transformer.input_template).filter_map(|piece| match piece {
        Piece::Value(name) => Some(name),
        Piece::Text(_) => None,
    });
    let wanted: Vec<&str> = wanted.collect();
    let known = &transformer.input_paths_map;
    if let Some(name) = wanted.iter().find(|name| !known.contains_key(**name)) {
        return Err(WiringError(format!("{rule}: the notice wants <{name}>, which its paths do not name")));
    }
    if let Some(name) = known.keys().find(|name| !wanted.contains(&name.as_str())) {
        return Err(WiringError(format!("{rule}: the notice never says <{name}>")));
    }
    if transformer.input_template.contains('\\') {
        return Err(WiringError(format!("{rule}: a backslash in a notice is not known")));
    }
    match known.values().find(|path| !path.starts_with("$.")) {
        Some(path) => Err(WiringError(format!("{rule}: the path {path} is not known; it begins with \"$.\""))),
        None => Ok(()),
    }
}

/// What a transformer makes of an event. Within quotes a value stands as it is, elsewhere as JSON. A value that the event has
/// not is nothing within quotes and `null` elsewhere: the latter is a guess, which our templates do without.
pub(super) fn transformed(transformer: &InputTransformer, event: &Value) -> String {
    let mut text = String::new();
    let mut is_quoted = false;
    for piece in pieces(&transformer.input_template) {
        match piece {
            Piece::Text(part) => {
                is_quoted ^= part.matches('"').count() % 2 == 1;
                text.push_str(part);
            }
            Piece::Value(name) => {
                let path = transformer.input_paths_map.get(name).map_or("", String::as_str);
                let value = event.pointer(&path.trim_start_matches('$').replace('.', "/")).unwrap_or(&Value::Null);
                match value {
                    Value::Null if is_quoted => {}
                    Value::String(value) if is_quoted => text.push_str(value),
                    value => text.push_str(&value.to_string()),
                }
            }
        }
    }
    text
}

fn pieces(template: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = template;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        if let Some((name, after)) = rest.strip_prefix('<').and_then(|inner| inner.split_once('>')) {
            rest = after;
            return Some(Piece::Value(name));
        }
        let end = rest[1..].find('<').map_or(rest.len(), |at| at + 1);
        let (text, after) = rest.split_at(end);
        rest = after;
        Some(Piece::Text(text))
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;

    fn transformer(paths: &[(&str, &str)], template: &str) -> InputTransformer {
        let paths = paths.iter().map(|&(name, path)| (name.to_owned(), path.to_owned()));
        InputTransformer { input_paths_map: paths.collect::<BTreeMap<_, _>>(), input_template: template.to_owned() }
    }

    #[test]
    fn a_value_stands_as_it_is_within_quotes_and_as_json_elsewhere() {
        let event = json!({ "detail": { "why": "it is \"gone\"", "count": 2 } });
        let paths = [("why", "$.detail.why"), ("count", "$.detail.count"), ("owner", "$.detail.owner")];
        let plain = transformer(&paths, "\"<why>, <count> times.\"\n\"Owner: <owner>\"");
        assert_eq!(transformed(&plain, &event), "\"it is \"gone\", 2 times.\"\n\"Owner: \"");
        let object = transformer(&paths, "{\"title\": \"<count> <owner>\", \"text\": <why>}");
        let text = transformed(&object, &event);
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), json!({ "title": "2 ", "text": "it is \"gone\"" }));
    }

    #[test]
    fn a_notice_says_what_its_paths_name_and_nothing_else() {
        let error =
            |paths: &[(&str, &str)], template| check("R", &transformer(paths, template)).unwrap_err().to_string();
        assert!(error(&[], "\"<why>\"").contains("wants <why>"));
        assert!(error(&[("why", "$.detail.why"), ("id", "$.id")], "\"<why>\"").contains("never says <id>"));
        assert!(error(&[("why", "detail.why")], "\"<why>\"").contains("begins with"));
        assert!(error(&[("why", "$.detail.why")], "\"\\\"<why>\\\"\"").contains("backslash"));
        check("R", &transformer(&[("why", "$.detail.why")], "\"<why>\"")).unwrap();
    }
}
