//! Intrinsics, as far as the template uses them.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use yaml_serde::Value as Yaml;

use super::{TemplateError, names};
use crate::gateway::Place;

/// What intrinsics are resolved by.
#[derive(Debug)]
pub(super) struct Resolver {
    parameters: BTreeMap<String, Value>,
    place: Place,
    conditions: BTreeMap<String, bool>,
    types: BTreeMap<String, String>,
    /// Of the resources that have a say in how they are called.
    own_names: BTreeMap<String, String>,
    /// The buses of the rules that are not on the default one.
    buses: BTreeMap<String, String>,
}

type Resolved = Result<Value, TemplateError>;

impl Resolver {
    pub(super) fn new(parameters: BTreeMap<String, Value>, place: Place) -> Self {
        let (conditions, types, own_names, buses) = Default::default();
        Self { parameters, place, conditions, types, own_names, buses }
    }

    /// Evaluates all conditions.
    pub(super) fn conditions(&mut self, section: Option<&Yaml>) -> Result<(), TemplateError> {
        for (name, condition) in section.and_then(Yaml::as_mapping).into_iter().flatten() {
            let name = name.as_str().unwrap_or_default();
            let place = format!("Conditions.{name}");
            let holds = self.value(condition, &place)?;
            let holds = holds.as_bool().ok_or_else(|| TemplateError::new(place, "is neither true nor false"))?;
            self.conditions.insert(name.to_owned(), holds);
        }
        Ok(())
    }

    /// Learns what there is to refer to.
    pub(super) fn resources(&mut self, resources: &yaml_serde::Mapping) -> Result<(), TemplateError> {
        for (id, resource) in resources {
            let id = id.as_str().unwrap_or_default();
            let kind = resource.get("Type").and_then(Yaml::as_str);
            let kind = kind.ok_or_else(|| TemplateError::new(id, "has no Type"))?;
            self.types.insert(id.to_owned(), kind.to_owned());
        }
        let property = |resource: &Yaml, name: &str| resource.get("Properties")?.get(name).cloned();
        for (id, resource) in resources {
            let id = id.as_str().unwrap_or_default();
            let named = names::NAMED.iter().find(|(kind, _)| self.type_of(id) == Some(kind));
            if let Some((name, value)) = named.and_then(|(_, name)| Some((name, property(resource, name)?))) {
                let value = self.text(&value, &format!("{id}.Properties.{name}"))?;
                self.own_names.insert(id.to_owned(), value);
            }
        }
        for (id, resource) in resources {
            let id = id.as_str().unwrap_or_default();
            if self.type_of(id) == Some("AWS::Events::Rule")
                && let Some(bus) = property(resource, "EventBusName")
            {
                let bus = self.text(&bus, &format!("{id}.Properties.EventBusName"))?;
                self.buses.insert(id.to_owned(), super::id_of(&bus).to_owned());
            }
        }
        Ok(())
    }

    /// The type of a resource.
    pub(super) fn type_of(&self, id: &str) -> Option<&str> {
        self.types.get(id).map(String::as_str)
    }

    /// A value with all its intrinsics resolved.
    pub(super) fn value(&self, yaml: &Yaml, place: &str) -> Resolved {
        Ok(match yaml {
            Yaml::Null => Value::Null,
            Yaml::Bool(flag) => Value::Bool(*flag),
            Yaml::Number(number) => {
                serde_json::to_value(number).map_err(|error| TemplateError::new(place, error.to_string()))?
            }
            Yaml::String(text) => Value::String(text.clone()),
            Yaml::Sequence(items) => {
                let resolve = |(i, item)| self.member(item, &format!("{place}[{i}]")).transpose();
                Value::Array(items.iter().enumerate().filter_map(resolve).collect::<Result<_, _>>()?)
            }
            Yaml::Mapping(members) => {
                let mut object = Map::new();
                for (name, value) in members {
                    let name = name.as_str().ok_or_else(|| TemplateError::new(place, "a name that is no text"))?;
                    if name.starts_with("Fn::") || name == "Ref" {
                        return Err(TemplateError::new(place, format!("{name} is written short here, as !{name}")));
                    }
                    if let Some(value) = self.member(value, &format!("{place}.{name}"))? {
                        object.insert(name.to_owned(), value);
                    }
                }
                Value::Object(object)
            }
            Yaml::Tagged(tagged) => self.intrinsic(&tagged.tag.to_string(), &tagged.value, place)?,
        })
    }

    /// A member of a list or a map, unless it is `!Ref AWS::NoValue`.
    fn member(&self, yaml: &Yaml, place: &str) -> Result<Option<Value>, TemplateError> {
        match yaml {
            Yaml::Tagged(tagged) if tagged.tag == "!If" => self.member(self.branch(&tagged.value, place)?, place),
            Yaml::Tagged(tagged) if tagged.tag == "!Ref" && tagged.value.as_str() == Some("AWS::NoValue") => Ok(None),
            _ => self.value(yaml, place).map(Some),
        }
    }

    /// The branch of an `!If` that holds.
    fn branch<'a>(&self, of: &'a Yaml, place: &str) -> Result<&'a Yaml, TemplateError> {
        let branches = of.as_sequence().filter(|items| items.len() == 3);
        let branches = branches.ok_or_else(|| TemplateError::new(place, "!If takes three arguments"))?;
        let name = branches[0].as_str().unwrap_or_default();
        Ok(&branches[if self.holds(name, place)? { 1 } else { 2 }])
    }

    fn holds(&self, name: &str, place: &str) -> Result<bool, TemplateError> {
        let holds = self.conditions.get(name);
        holds.copied().ok_or_else(|| TemplateError::new(place, format!("no condition {name:?}")))
    }

    /// Whether a resource is there: its condition holds, if it has one.
    pub(super) fn exists(&self, id: &str, resource: &Yaml) -> Result<bool, TemplateError> {
        match resource.get("Condition") {
            Some(name) => self.holds(name.as_str().unwrap_or_default(), &format!("{id}.Condition")),
            None => Ok(true),
        }
    }

    fn intrinsic(&self, tag: &str, of: &Yaml, place: &str) -> Resolved {
        match tag {
            "!Ref" => self.reference(&self.text(of, place)?, place),
            "!GetAtt" => self.attribute(&self.text(of, place)?, place),
            "!Sub" => self.substitute(&self.text(of, place)?, place),
            "!Equals" => {
                let [a, b] = self.arguments(of, place)?;
                Ok(Value::Bool(a == b))
            }
            "!Not" => {
                let [condition] = self.arguments(of, place)?;
                let holds = condition.as_bool().ok_or_else(|| TemplateError::new(place, "!Not of no condition"))?;
                Ok(Value::Bool(!holds))
            }
            "!If" => self.value(self.branch(of, place)?, place),
            "!Join" => {
                let [with, parts] = self.arguments(of, place)?;
                Ok(Value::String(texts(&parts, place)?.join(&string(&with, place)?)))
            }
            "!Split" => {
                let [at, whole] = self.arguments(of, place)?;
                Ok(string(&whole, place)?
                    .split(&string(&at, place)?)
                    .map(|part| Value::String(part.to_owned()))
                    .collect())
            }
            other => Err(TemplateError::new(place, format!("the intrinsic {other} is not known to the local cloud"))),
        }
    }

    fn arguments<const N: usize>(&self, of: &Yaml, place: &str) -> Result<[Value; N], TemplateError> {
        let values = self.value(of, place)?;
        let values = values.as_array().cloned().unwrap_or_default();
        values.try_into().map_err(|_| TemplateError::new(place, format!("an intrinsic here takes {N} arguments")))
    }

    fn reference(&self, name: &str, place: &str) -> Resolved {
        let Place { account, region } = &self.place;
        let pseudo = match name {
            "AWS::AccountId" => Some(account.as_str()),
            "AWS::Region" => Some(region.as_str()),
            "AWS::Partition" => Some("aws"),
            "AWS::StackName" => Some(names::STACK),
            "AWS::URLSuffix" => Some("amazonaws.com"),
            _ => None,
        };
        if name == "AWS::StackId" {
            return Ok(Value::String(names::stack_id(&self.place)));
        }
        if let Some(text) = pseudo {
            return Ok(Value::String(text.to_owned()));
        }
        if let Some(value) = self.parameters.get(name) {
            return Ok(value.clone());
        }
        if let Some(own) = self.own_names.get(name) {
            return Ok(Value::String(own.clone()));
        }
        let kind =
            self.type_of(name).ok_or_else(|| TemplateError::new(place, format!("nothing is called {name:?}")))?;
        let bus = self.buses.get(name).map(String::as_str);
        Ok(Value::String(names::reference(kind, name, bus, &self.place)))
    }

    /// What a resource is called outside: what `Ref` gives.
    pub(super) fn physical_id(&self, id: &str) -> Result<String, TemplateError> {
        string(&self.reference(id, id)?, id)
    }

    fn attribute(&self, dotted: &str, place: &str) -> Resolved {
        let (id, attribute) = dotted.split_once('.').unwrap_or((dotted, ""));
        let kind = self.type_of(id).ok_or_else(|| TemplateError::new(place, format!("nothing is called {id:?}")))?;
        let name = self.own_names.get(id).map(String::as_str);
        let bus = self.buses.get(id).map(String::as_str);
        names::attribute(kind, id, attribute, (name, bus), &self.place).map(Value::String).ok_or_else(|| {
            TemplateError::new(place, format!("the attribute {dotted} of a {kind} is not known to the local cloud"))
        })
    }

    fn substitute(&self, text: &str, place: &str) -> Resolved {
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            let (name, after) = after.split_once('}').ok_or_else(|| TemplateError::new(place, "an open ${"))?;
            let value = if name.contains('.') { self.attribute(name, place)? } else { self.reference(name, place)? };
            out.push_str(before);
            out.push_str(&string(&value, place)?);
            rest = after;
        }
        out.push_str(rest);
        Ok(Value::String(out))
    }

    /// A value that must be text.
    pub(super) fn text(&self, yaml: &Yaml, place: &str) -> Result<String, TemplateError> {
        string(&self.value(yaml, place)?, place)
    }
}

fn string(value: &Value, place: &str) -> Result<String, TemplateError> {
    value.as_str().map(str::to_owned).ok_or_else(|| TemplateError::new(place, format!("{value} where text belongs")))
}

fn texts(value: &Value, place: &str) -> Result<Vec<String>, TemplateError> {
    let items = value.as_array().ok_or_else(|| TemplateError::new(place, format!("{value} where a list belongs")))?;
    items.iter().map(|item| string(item, place)).collect()
}
