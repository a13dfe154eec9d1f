//! Intrinsics, as far as outputs need them.

use std::cell::Cell;
use std::collections::BTreeMap;

use serde_json::Value;

use super::Template;
use crate::catalog::model::Output;

/// Values within values. Whoever goes deeper goes round in circles.
const DEEPEST: u32 = 24;

/// A stack: a template with the values of its parameters, and what pseudo parameters stand for.
#[derive(Clone, Debug)]
pub(in crate::catalog) struct Stack {
    pub(in crate::catalog) template: Template,
    /// The values that were given; where there is none, the default counts.
    pub(in crate::catalog) parameters: BTreeMap<String, String>,
    pub(in crate::catalog) account: String,
    pub(in crate::catalog) region: String,
    pub(in crate::catalog) name: String,
    /// Its ARN.
    pub(in crate::catalog) id: String,
    /// How deep the resolution is at present.
    pub(in crate::catalog) depth: Cell<u32>,
}

impl Stack {
    /// Its outputs. Those whose condition does not hold are not there.
    pub(in crate::catalog) fn outputs(&self) -> Vec<Output> {
        let outputs = self.template.outputs.iter().filter(|(_, output)| self.is_made(output));
        outputs
            .map(|(key, output)| {
                let words = output.get("Description").and_then(Value::as_str).unwrap_or_default();
                Output::new(key, &self.text(output.get("Value").unwrap_or(&Value::Null)), words)
            })
            .collect()
    }

    /// Its resources: logical id, type and physical id.
    pub(in crate::catalog) fn resources(&self) -> Vec<(String, String, String)> {
        let resources = self.template.resources.iter().filter(|(_, resource)| self.is_made(resource));
        resources
            .map(|(id, resource)| {
                let kind = resource.get("Type").and_then(Value::as_str).unwrap_or_default();
                (id.clone(), kind.to_owned(), self.physical_id(id, resource))
            })
            .collect()
    }

    fn is_made(&self, part: &Value) -> bool {
        part.get("Condition").and_then(Value::as_str).is_none_or(|name| self.holds_by_name(name))
    }

    /// The name that the template gives to a resource, or one that is made of the stack's.
    fn physical_id(&self, id: &str, resource: &Value) -> String {
        let kind = resource.get("Type").and_then(Value::as_str).unwrap_or_default();
        let noun = kind.rsplit("::").next().unwrap_or_default();
        let properties = resource.get("Properties");
        let named = [format!("{noun}Name"), "Name".to_owned()];
        let name = named.iter().find_map(|member| properties?.get(member.as_str()));
        name.map_or_else(|| format!("{}-{id}", self.name), |name| self.text(name))
    }

    fn reference(&self, name: &str) -> String {
        let pseudo = match name {
            "AWS::AccountId" => Some(self.account.as_str()),
            "AWS::Region" => Some(self.region.as_str()),
            "AWS::Partition" => Some("aws"),
            "AWS::StackName" => Some(self.name.as_str()),
            "AWS::StackId" => Some(self.id.as_str()),
            "AWS::URLSuffix" => Some("amazonaws.com"),
            "AWS::NoValue" => Some(""),
            _ => None,
        };
        if let Some(text) = pseudo {
            return text.to_owned();
        }
        if let Some(parameter) = self.template.parameters.iter().find(|parameter| parameter.key == name) {
            let given = self.parameters.get(name).or(parameter.default.as_ref());
            return given.cloned().unwrap_or_default();
        }
        self.template.resources.get(name).map(|resource| self.physical_id(name, resource)).unwrap_or_default()
    }

    /// An attribute: an ARN in a form that serves most types, anything else made of the physical id.
    fn attribute(&self, id: &str, attribute: &str) -> String {
        let Some(resource) = self.template.resources.get(id) else { return String::new() };
        let physical = self.physical_id(id, resource);
        if attribute != "Arn" {
            return format!("{physical}.{attribute}");
        }
        let kind = resource.get("Type").and_then(Value::as_str).unwrap_or_default().to_lowercase();
        match kind.split("::").nth(1) {
            Some("s3") => format!("arn:aws:s3:::{physical}"),
            Some("iam") => {
                let noun = kind.rsplit("::").next().unwrap_or_default();
                format!("arn:aws:iam::{}:{noun}/{physical}", self.account)
            }
            service => format!("arn:aws:{}:{}:{}:{physical}", service.unwrap_or_default(), self.region, self.account),
        }
    }

    fn text(&self, value: &Value) -> String {
        match self.value(value) {
            Value::String(text) => text,
            Value::Null => String::new(),
            Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(","),
            other => other.to_string(),
        }
    }

    /// Goes one step deeper, unless that is too deep.
    fn deeper<T: Default>(&self, step: impl FnOnce() -> T) -> T {
        let depth = self.depth.get();
        if depth > DEEPEST {
            return T::default();
        }
        self.depth.set(depth + 1);
        let found = step();
        self.depth.set(depth);
        found
    }

    fn value(&self, value: &Value) -> Value {
        self.deeper(|| self.value_here(value))
    }

    fn value_here(&self, value: &Value) -> Value {
        match value {
            Value::Array(items) => Value::Array(items.iter().map(|item| self.value(item)).collect()),
            Value::Object(members) => {
                let intrinsic = members.iter().next().filter(|_| members.len() == 1);
                intrinsic.and_then(|(name, of)| self.intrinsic(name, of)).unwrap_or_else(|| {
                    Value::Object(members.iter().map(|(name, member)| (name.clone(), self.value(member))).collect())
                })
            }
            other => other.clone(),
        }
    }

    /// None: no intrinsic that is known here; it stays as it is.
    fn intrinsic(&self, name: &str, of: &Value) -> Option<Value> {
        let at = |index: usize| of.get(index).unwrap_or(&Value::Null);
        Some(match name {
            "Ref" => Value::String(self.reference(of.as_str()?)),
            "Fn::GetAtt" => Value::String(match of {
                Value::String(dotted) => {
                    let (id, attribute) = dotted.split_once('.')?;
                    self.attribute(id, attribute)
                }
                _ => self.attribute(at(0).as_str()?, &self.text(at(1))),
            }),
            "Fn::Sub" => Value::String(match of {
                Value::String(text) => self.substitute(text, &Value::Null),
                _ => self.substitute(at(0).as_str()?, at(1)),
            }),
            "Fn::Join" => {
                let parts = self.value(at(1));
                let parts: Vec<String> = parts.as_array()?.iter().map(plain).collect();
                Value::String(parts.join(at(0).as_str()?))
            }
            "Fn::Split" => self.text(at(1)).split(at(0).as_str()?).map(str::to_owned).collect(),
            "Fn::Select" => {
                let index: usize = self.text(at(0)).parse().ok()?;
                self.value(at(1)).get(index)?.clone()
            }
            "Fn::If" => self.value(if self.holds_by_name(at(0).as_str()?) { at(1) } else { at(2) }),
            "Fn::FindInMap" => {
                let keys: Vec<String> = of.as_array()?.iter().map(|key| self.text(key)).collect();
                keys.iter().try_fold(&self.template.mappings, |map, key| map.get(key))?.clone()
            }
            _ => return None,
        })
    }

    fn substitute(&self, text: &str, own: &Value) -> String {
        let (mut out, mut rest) = (String::new(), text);
        while let Some((before, after)) = rest.split_once("${") {
            let Some((name, after)) = after.split_once('}') else { break };
            out.push_str(before);
            let value = match (own.get(name), name.strip_prefix('!'), name.split_once('.')) {
                (Some(value), _, _) => self.text(value),
                // ${!Literal} is ${Literal}.
                (None, Some(literal), _) => format!("${{{literal}}}"),
                (None, None, Some((id, attribute))) => self.attribute(id, attribute),
                (None, None, None) => self.reference(name),
            };
            out.push_str(&value);
            rest = after;
        }
        out + rest
    }

    fn holds_by_name(&self, name: &str) -> bool {
        let condition = self.template.conditions.get(name);
        condition.is_some_and(|condition| self.deeper(|| self.holds(condition)))
    }

    fn holds(&self, condition: &Value) -> bool {
        let Some((name, of)) = condition.as_object().and_then(|members| members.iter().next()) else { return false };
        let mut all = of.as_array().into_iter().flatten();
        let holds = |one: &Value| self.deeper(|| self.holds(one));
        match name.as_str() {
            "Fn::Equals" => of.as_array().is_some_and(|two| match two.as_slice() {
                [a, b] => self.text(a) == self.text(b),
                _ => false,
            }),
            "Fn::Not" => all.next().is_some_and(|one| !holds(one)),
            "Fn::And" => all.all(holds),
            "Fn::Or" => all.any(holds),
            "Condition" => of.as_str().is_some_and(|name| self.holds_by_name(name)),
            _ => false,
        }
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
