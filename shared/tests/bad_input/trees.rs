//! JSON, bent: a member less, a member twice, another value, another name, other places.

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};

use crate::samples::TREES;

/// What no [`Value`] holds stands in it as a word, and in the text as itself.
const WORDS: [(&str, &str); 4] = [
    (r"\u0001twice\u0001", ""),
    (r"\u0001lone\u0001", r"\ud800"),
    (r"\u0001swapped\u0001", r"\udc00\ud800"),
    (r#""\u0001endless\u0001""#, "1e999"),
];

/// One way to bend.
#[derive(Clone, Debug)]
pub(crate) enum Bend {
    Delete(Index),
    Twice(Index, Value),
    Replace(Index, Value),
    Rename(Index, String),
    Nest(Index, usize),
    Swap(Index, Index),
    /// A part of another sample.
    Splice(Index, Index, Index),
}

/// Some ways at once.
pub(crate) fn bends() -> impl Strategy<Value = Vec<Bend>> {
    let at = any::<Index>;
    let bend = prop_oneof![
        1 => at().prop_map(Bend::Delete),
        1 => (at(), value()).prop_map(|(at, value)| Bend::Twice(at, value)),
        4 => (at(), value()).prop_map(|(at, value)| Bend::Replace(at, value)),
        1 => (at(), name()).prop_map(|(at, name)| Bend::Rename(at, name)),
        1 => (at(), prop_oneof![1..4_usize, 120..200_usize]).prop_map(|(at, deep)| Bend::Nest(at, deep)),
        1 => (at(), at()).prop_map(|(a, b)| Bend::Swap(a, b)),
        2 => (at(), at(), at()).prop_map(|(at, sample, part)| Bend::Splice(at, sample, part)),
    ];
    prop::collection::vec(bend, 1..4)
}

/// A sample, bent.
pub(crate) fn bent(sample: &Value, bends: &[Bend]) -> String {
    let mut tree = sample.clone();
    for bend in bends {
        tree = bend_one(tree, bend);
    }
    WORDS.iter().fold(tree.to_string(), |text, (word, meant)| text.replace(word, meant))
}

fn bend_one(mut tree: Value, bend: &Bend) -> Value {
    let places = places(&tree);
    let place = |at: &Index| at.get(&places).as_str();
    match bend {
        Bend::Delete(at) => {
            if let Some((name, Value::Object(members))) = parent(&mut tree, place(at)) {
                members.remove(&name);
            }
        }
        Bend::Twice(at, value) => {
            if let Some((name, Value::Object(members))) = parent(&mut tree, place(at)) {
                members.insert(format!("\u{1}twice\u{1}{name}"), value.clone());
            }
        }
        Bend::Replace(at, value) => put(&mut tree, place(at), value.clone()),
        Bend::Rename(at, other) => {
            if let Some((name, Value::Object(members))) = parent(&mut tree, place(at)) {
                let value = members.remove(&name).unwrap_or_default();
                members.insert(other.clone(), value);
            }
        }
        Bend::Nest(at, deep) => {
            let value = tree.pointer(place(at)).cloned().unwrap_or_default();
            let nested = (0..*deep)
                .fold(value, |value, level| if level % 2 == 0 { json!([value]) } else { json!({"a": value}) });
            put(&mut tree, place(at), nested);
        }
        Bend::Swap(a, b) => {
            let (a, b) = (place(a), place(b));
            let (of_a, of_b) = (tree.pointer(a).cloned(), tree.pointer(b).cloned());
            put(&mut tree, a, of_b.unwrap_or_default());
            put(&mut tree, b, of_a.unwrap_or_default());
        }
        Bend::Splice(at, sample, part) => {
            let other = sample.get(&TREES);
            let part = other.pointer(part.get::<String>(&self::places(other))).cloned();
            put(&mut tree, place(at), part.unwrap_or_default());
        }
    }
    tree
}

/// Every place in a tree, the root first.
fn places(tree: &Value) -> Vec<String> {
    let mut places = vec![String::new()];
    let mut at = 0;
    while let Some(place) = places.get(at).cloned() {
        at += 1;
        match tree.pointer(&place) {
            Some(Value::Object(members)) => {
                let escaped = |name: &String| name.replace('~', "~0").replace('/', "~1");
                places.extend(members.keys().map(|name| format!("{place}/{}", escaped(name))));
            }
            Some(Value::Array(items)) => places.extend((0..items.len()).map(|at| format!("{place}/{at}"))),
            _ => {}
        }
        // What was bent before may be deep.
        if places.len() > 400 {
            break;
        }
    }
    places
}

fn put(tree: &mut Value, place: &str, value: Value) {
    if let Some(old) = tree.pointer_mut(place) {
        *old = value;
    }
}

fn parent<'a>(tree: &'a mut Value, place: &str) -> Option<(String, &'a mut Value)> {
    let (parent, name) = place.rsplit_once('/')?;
    Some((name.replace("~1", "/").replace("~0", "~"), tree.pointer_mut(parent)?))
}

/// Values of all kinds, where they least belong.
pub(crate) fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        prop::sample::select(vec![
            json!(null),
            json!(true),
            json!(0),
            json!(-1),
            json!(i64::MIN),
            json!(u64::MAX),
            json!(1.5e300),
            json!([]),
            json!({}),
            json!([[]]),
            json!([null]),
            json!({"": ""}),
        ]),
        text().prop_map(Value::from),
        prop::collection::vec(text(), 0..30).prop_map(Value::from),
    ]
}

fn name() -> impl Strategy<Value = String> {
    let known = ["provisionedProductId", "parameters", "detail", "detail-type", "Type", "Message", "Records", "until"];
    prop_oneof![
        prop::sample::select(known.to_vec()).prop_map(str::to_owned),
        text().prop_map(|text| text.replace("endless", ""))
    ]
}

/// Texts that are no ids, and some that nearly are.
pub(crate) fn text() -> impl Strategy<Value = String> {
    let odd = [
        "",
        " ",
        "\u{1}lone\u{1}",
        "pp-\u{1}swapped\u{1}",
        "\u{1}endless\u{1}",
        "pp-a\u{0}",
        "pp-a\n",
        "\u{202e}a-pp",
        "\u{feff}pp-a",
        "😀",
        "pp-ä",
        "рр-abc",
        "PP-A",
        "never",
        "true",
        "Notification",
        "{\"provisionedProductId\":\"pp-a\"}",
        "9999-12-31T23:59:59Z",
        "+262142-12-31T23:59:59Z",
        "-0001-01-01T00:00:00Z",
        "2026-12-31T23:59:60Z",
        "arn:aws:servicecatalog:eu-central-1:111122223333:stack/web/pp-abc",
        "arn:aws:cloudformation:eu-central-1:111122223333:stack/web/11111111-2222-3333-4444-555555555555",
        "arn:aws:cloudformation:eu-west-1:111122223333:stack/web",
        "arn:::::",
    ];
    let long =
        (prop::sample::select(vec!["x", "é", "😀", "\u{0}", "\\", "pp-"]), prop::sample::select(LENGTHS.to_vec()));
    prop_oneof![
        3 => prop::sample::select(odd.to_vec()).prop_map(str::to_owned),
        1 => long.prop_map(|(of, times)| of.repeat(times)),
        1 => (1..2000_usize).prop_map(|long| {
            format!("arn:aws:servicecatalog:eu-central-1:111122223333:stack/web/pp-{}", "a".repeat(long))
        }),
        1 => "\\PC{0,20}",
    ]
}

/// About each limit.
const LENGTHS: [usize; 12] = [50, 51, 100, 101, 128, 129, 256, 257, 1024, 1025, 1225, 70_000];
