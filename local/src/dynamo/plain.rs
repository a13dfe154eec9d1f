//! Items as plain JSON, for people and reports.

use serde_json::{Map, Value};

/// An item: attribute names to plain values.
pub(super) fn item(item: &Value) -> Value {
    let attributes = item.as_object().into_iter().flatten();
    Value::Object(attributes.map(|(name, typed)| (name.clone(), value(typed))).collect())
}

/// One typed value, `{"S": "a"}`, as plain JSON.
fn value(typed: &Value) -> Value {
    let Some((kind, inner)) = typed.as_object().and_then(|members| members.iter().next()) else {
        return Value::Null;
    };
    match kind.as_str() {
        "N" => number(inner),
        "L" => Value::Array(inner.as_array().into_iter().flatten().map(value).collect()),
        "NS" => Value::Array(inner.as_array().into_iter().flatten().map(number).collect()),
        "M" => inner.as_object().map_or(Value::Null, |members| {
            Value::Object(members.iter().map(|(name, inner)| (name.clone(), value(inner))).collect::<Map<_, _>>())
        }),
        "NULL" => Value::Null,
        _ => inner.clone(),
    }
}

/// DynamoDB has numbers of 38 digits; one that JSON readers would round stays text.
fn number(text: &Value) -> Value {
    let Some(digits) = text.as_str() else {
        return text.clone();
    };
    if let Ok(whole) = digits.parse::<i64>() {
        return Value::from(whole);
    }
    match digits.parse::<f64>() {
        Ok(real) if digits.len() <= 15 => Value::from(real),
        _ => text.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn every_type_has_a_plain_form() {
        let item = json!({
            "s": {"S": "a"}, "n": {"N": "12"}, "r": {"N": "1.5"}, "long": {"N": "12345678901234567890123"},
            "b": {"BOOL": true}, "z": {"NULL": true}, "ss": {"SS": ["x", "y"]}, "ns": {"NS": ["1", "2"]},
            "l": {"L": [{"S": "a"}, {"M": {"k": {"N": "3"}}}]},
        });
        let plain = json!({
            "s": "a", "n": 12, "r": 1.5, "long": "12345678901234567890123", "b": true, "z": null,
            "ss": ["x", "y"], "ns": [1, 2], "l": ["a", {"k": 3}],
        });
        assert_eq!(super::item(&item), plain);
    }
}
