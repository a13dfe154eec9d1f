//! YAML (and JSON, which is YAML) with its short intrinsics written out.

use serde_json::{Map, Value, json};
use yaml_serde::Value as Yaml;

/// Reads a text.
pub(super) fn read(text: &str) -> Result<Value, String> {
    let yaml: Yaml = yaml_serde::from_str(text).map_err(|error| format!("Template format error: {error}"))?;
    plain(&yaml)
}

fn plain(yaml: &Yaml) -> Result<Value, String> {
    Ok(match yaml {
        Yaml::Null => Value::Null,
        Yaml::Bool(flag) => Value::Bool(*flag),
        Yaml::Number(number) => serde_json::to_value(number).map_err(|error| error.to_string())?,
        Yaml::String(text) => Value::String(text.clone()),
        Yaml::Sequence(items) => Value::Array(items.iter().map(plain).collect::<Result<_, _>>()?),
        Yaml::Mapping(members) => {
            let mut object = Map::new();
            for (name, value) in members {
                // Account ids in mappings are often written without quotes.
                let name = match plain(name)? {
                    Value::String(name) => name,
                    other => other.to_string(),
                };
                object.insert(name, plain(value)?);
            }
            Value::Object(object)
        }
        Yaml::Tagged(tagged) => {
            let tag = tagged.tag.to_string();
            let value = plain(&tagged.value)?;
            match (tag.trim_start_matches('!'), &value) {
                (name @ ("Ref" | "Condition"), _) => json!({ name: value }),
                ("GetAtt", Value::String(dotted)) => {
                    let (id, attribute) = dotted.split_once('.').unwrap_or((dotted, ""));
                    json!({ "Fn::GetAtt": [id, attribute] })
                }
                (name, _) => json!({ format!("Fn::{name}"): value }),
            }
        }
    })
}
