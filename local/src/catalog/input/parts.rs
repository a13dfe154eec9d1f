//! Members that have members: structures, lists and maps.

use serde_json::{Map, Value};

use super::{Input, Refused, Rule, constraint, missing, wrong_type};

/// Any characters.
const ANY: &str = "[\\s\\S]*";

/// No more characters than that.
pub(in crate::catalog) const fn up_to(most: usize) -> Rule {
    Rule(0, most, ANY)
}

/// Some characters, but no more than that.
pub(in crate::catalog) const fn some(most: usize) -> Rule {
    Rule(1, most, ANY)
}

impl Input {
    /// The value of an enumeration.
    pub(in crate::catalog) fn one_of(&self, name: &str, values: &[&str]) -> Result<Option<String>, Refused> {
        let Some(text) = self.text(name, up_to(usize::MAX))? else { return Ok(None) };
        if values.contains(&text.as_str()) {
            return Ok(Some(text));
        }
        let set = values.join(", ");
        Err(constraint(name, &text, &format!("Member must satisfy enum value set: [{set}]")))
    }

    /// The value of an enumeration that must be there.
    pub(in crate::catalog) fn required_one_of(&self, name: &str, values: &[&str]) -> Result<String, Refused> {
        self.one_of(name, values)?.ok_or_else(|| missing(name))
    }

    /// A number.
    pub(in crate::catalog) fn number(&self, name: &str, least: usize, most: usize) -> Result<Option<usize>, Refused> {
        let given = match self.0.get(name) {
            None | Some(Value::Null) => return Ok(None),
            Some(given) => given,
        };
        if !given.is_i64() && !given.is_u64() {
            return Err(wrong_type(name, given, "an integer"));
        }
        let number = given.as_u64().map(|number| usize::try_from(number).unwrap_or(usize::MAX));
        let limit = match number {
            Some(number) if (least..=most).contains(&number) => return Ok(Some(number)),
            Some(number) if number > most => format!("less than or equal to {most}"),
            _ => format!("greater than or equal to {least}"),
        };
        Err(constraint(name, &given.to_string(), &format!("Member must have value {limit}")))
    }

    /// Whether nothing is in it.
    pub(in crate::catalog) fn is_empty(&self) -> bool {
        self.0.values().all(Value::is_null)
    }

    /// A structure, with members of its own.
    pub(in crate::catalog) fn part(&self, name: &str) -> Result<Option<Self>, Refused> {
        Ok(self.object(name)?.map(|members| Self(members.clone())))
    }

    /// A structure that must be there.
    pub(in crate::catalog) fn required_part(&self, name: &str) -> Result<Self, Refused> {
        self.part(name)?.ok_or_else(|| missing(name))
    }

    /// A list of structures.
    pub(in crate::catalog) fn parts(&self, name: &str, most: usize) -> Result<Vec<Self>, Refused> {
        let part = |value: &Value| match value {
            Value::Object(members) => Ok(Self(members.clone())),
            other => Err(wrong_type(name, other, "a structure")),
        };
        self.list(name, most)?.iter().map(part).collect()
    }

    /// A list of texts.
    pub(in crate::catalog) fn texts(&self, name: &str, most: usize, rule: Rule) -> Result<Vec<String>, Refused> {
        let text = |value: &Value| one(name, value).required(name, rule);
        self.list(name, most)?.iter().map(text).collect()
    }

    /// A map of texts; `keys`: those that there may be, none: any.
    pub(in crate::catalog) fn map(
        &self,
        name: &str,
        keys: &[&str],
        rule: Rule,
    ) -> Result<Option<Vec<(String, String)>>, Refused> {
        let Some(members) = self.object(name)? else { return Ok(None) };
        if members.is_empty() {
            return Err(constraint(name, "{}", "Member must have length greater than or equal to 1"));
        }
        if members.len() > 100 {
            return Err(constraint(name, "{..}", "Member must have length less than or equal to 100"));
        }
        if !keys.is_empty() {
            Self(members.clone()).only(name, keys)?;
        }
        let text = |(key, value): (&String, &Value)| Ok((key.clone(), one(name, value).required(name, rule)?));
        members.iter().map(text).collect::<Result<_, _>>().map(Some)
    }

    /// Refuses members of a map that there may not be.
    pub(in crate::catalog) fn only(&self, name: &str, keys: &[&str]) -> Result<(), Refused> {
        match self.0.keys().find(|key| !keys.contains(&key.as_str())) {
            None => Ok(()),
            Some(key) => {
                let set = keys.join(", ");
                let text = format!("Map keys must satisfy constraint: [Member must satisfy enum value set: [{set}]]");
                Err(constraint(name, key, &text))
            }
        }
    }

    /// Tags: key and value.
    pub(in crate::catalog) fn tags(&self, name: &str, most: usize) -> Result<Vec<(String, String)>, Refused> {
        let tag = |tag: Self| {
            let (key, value) = (tag.required("Key", some(128))?, tag.required("Value", some(256))?);
            for (member, text) in [("Key", &key), ("Value", &value)] {
                if !text.chars().all(is_of_tags) {
                    let text = format!("Member must satisfy regular expression pattern: {TAG_PATTERN}");
                    return Err(constraint(name, member, &text));
                }
            }
            Ok((key, value))
        };
        self.parts(name, most)?.into_iter().map(tag).collect()
    }

    fn list(&self, name: &str, most: usize) -> Result<&[Value], Refused> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(&[]),
            Some(Value::Array(items)) if items.len() <= most => Ok(items),
            Some(Value::Array(items)) => {
                let text = format!("Member must have length less than or equal to {most}");
                Err(constraint(name, &format!("{} items", items.len()), &text))
            }
            Some(other) => Err(wrong_type(name, other, "a list")),
        }
    }
}

const TAG_PATTERN: &str = "^([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*)$";

/// The pattern of tags by hand: the matcher here knows no classes of Unicode.
fn is_of_tags(char: char) -> bool {
    char.is_alphanumeric() || (char.is_whitespace() && !char.is_control()) || "_.:/=+-@".contains(char)
}

/// A value as if it were the only member.
fn one(name: &str, value: &Value) -> Input {
    Input(Map::from_iter([(name.to_owned(), value.clone())]))
}
