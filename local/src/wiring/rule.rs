//! Rules, as they are looked at and switched on and off.

use std::sync::atomic::{AtomicBool, Ordering};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{DEFAULT_BUS, Inner};
use crate::api::{Answer, Call};
use crate::gateway::Place;
use crate::template::id_of;
use crate::template::resources::{Rule, Target};

/// The most that one answer lists.
const PAGE_MAX: usize = 100;

/// A rule, and whether it is at work.
pub(super) struct RuleState {
    bus: String,
    rule: Rule,
    enabled: AtomicBool,
}

impl RuleState {
    pub(super) fn new(rule: &Rule) -> Self {
        let bus = rule.event_bus_name.as_deref().map_or(DEFAULT_BUS, id_of).to_owned();
        Self { bus, rule: rule.clone(), enabled: AtomicBool::new(true) }
    }

    /// Lets it be at work, or not.
    pub(super) fn switch(&self, enabled: bool) {
        self.enabled.store(enabled, Ordering::SeqCst);
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Named {
    name: String,
    #[serde(default)]
    event_bus_name: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TargetsOf {
    rule: String,
    #[serde(default)]
    event_bus_name: Option<String>,
    #[serde(default)]
    next_token: Option<String>,
    #[serde(default)]
    limit: Option<usize>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct List {
    #[serde(default)]
    name_prefix: String,
    #[serde(default)]
    event_bus_name: Option<String>,
    #[serde(default)]
    next_token: Option<String>,
    #[serde(default)]
    limit: Option<usize>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Bus {
    #[serde(default)]
    name: Option<String>,
}

impl Inner {
    /// The ARN of a rule, by its logical id.
    pub(super) fn rule_arn(&self, rule: &str) -> String {
        let Place { account, region } = &self.place;
        match self.rules.get(rule).map(|state| state.bus.as_str()) {
            Some(bus) if bus != DEFAULT_BUS => format!("arn:aws:events:{region}:{account}:rule/{bus}/{rule}"),
            _ => format!("arn:aws:events:{region}:{account}:rule/{rule}"),
        }
    }

    pub(super) fn is_enabled(&self, rule: &str) -> bool {
        self.rules.get(rule).is_none_or(|state| state.enabled.load(Ordering::SeqCst))
    }

    /// A call about rules or buses; `None`: it is about something else.
    pub(super) fn call_of_rules(&self, call: &Call) -> Option<Answer> {
        let answer = match call.operation.as_str() {
            "ListRules" => read(call).and_then(|list| self.list_rules(&list)),
            "DescribeRule" => read(call).and_then(|named| self.describe_rule(&named)),
            "ListTargetsByRule" => read(call).and_then(|of| self.list_targets(&of)),
            "EnableRule" => read(call).and_then(|named| self.switch_rule(&named, true)),
            "DisableRule" => read(call).and_then(|named| self.switch_rule(&named, false)),
            "DescribeEventBus" => read(call).and_then(|bus| self.describe_bus(&bus)),
            "ListEventBuses" => read(call).and_then(|list| self.list_buses(&list)),
            _ => return None,
        };
        Some(answer.map_or_else(|refusal| refusal, |body| Answer::ok(&body)))
    }

    fn list_rules(&self, list: &List) -> Result<Value, Answer> {
        let bus = self.bus(list.event_bus_name.as_deref())?;
        let of_bus = self.rules.iter().filter(|(id, state)| state.bus == bus && id.starts_with(&list.name_prefix));
        let rules: Vec<Value> = of_bus.map(|(id, state)| self.shown(id, state)).collect();
        page("Rules", &rules, list.next_token.as_deref(), list.limit)
    }

    fn describe_rule(&self, named: &Named) -> Result<Value, Answer> {
        let (id, state) = self.rule(&named.name, named.event_bus_name.as_deref())?;
        let mut shown = self.shown(id, state);
        shown["CreatedBy"] = json!(self.place.account);
        Ok(shown)
    }

    fn list_targets(&self, of: &TargetsOf) -> Result<Value, Answer> {
        let (_, state) = self.rule(&of.rule, of.event_bus_name.as_deref())?;
        let targets: Vec<Value> = state.rule.targets.iter().map(target).collect();
        page("Targets", &targets, of.next_token.as_deref(), of.limit)
    }

    fn switch_rule(&self, named: &Named, enabled: bool) -> Result<Value, Answer> {
        let (_, state) = self.rule(&named.name, named.event_bus_name.as_deref())?;
        state.switch(enabled);
        Ok(json!({}))
    }

    fn describe_bus(&self, bus: &Bus) -> Result<Value, Answer> {
        let name = self.bus(bus.name.as_deref())?;
        Ok(json!({ "Name": name, "Arn": self.bus_arn(name) }))
    }

    fn list_buses(&self, list: &List) -> Result<Value, Answer> {
        let named = self.buses.keys().filter(|name| name.starts_with(&list.name_prefix));
        let buses: Vec<Value> = named.map(|name| json!({ "Name": name, "Arn": self.bus_arn(name) })).collect();
        page("EventBuses", &buses, list.next_token.as_deref(), list.limit)
    }

    /// A bus by its name or ARN; the account's own, if none is named.
    fn bus<'a>(&'a self, named: Option<&str>) -> Result<&'a str, Answer> {
        let name = named.map_or(DEFAULT_BUS, id_of);
        let known = self.buses.get_key_value(name).map(|(name, _)| name.as_str());
        known.ok_or_else(|| absent(&format!("Event bus {name} does not exist.")))
    }

    fn rule<'a>(&'a self, name: &str, bus: Option<&str>) -> Result<(&'a str, &'a RuleState), Answer> {
        let bus = self.bus(bus)?;
        let found = self.rules.get_key_value(name).filter(|(_, state)| state.bus == bus);
        let found = found.map(|(id, state)| (id.as_str(), state));
        found.ok_or_else(|| absent(&format!("Rule {name} does not exist on EventBus {bus}.")))
    }

    fn bus_arn(&self, name: &str) -> String {
        let Place { account, region } = &self.place;
        format!("arn:aws:events:{region}:{account}:event-bus/{name}")
    }

    fn shown(&self, id: &str, state: &RuleState) -> Value {
        let enabled = state.enabled.load(Ordering::SeqCst);
        let mut shown = json!({
            "Name": id,
            "Arn": self.rule_arn(id),
            "State": if enabled { "ENABLED" } else { "DISABLED" },
            "EventBusName": state.bus,
        });
        if let Some(pattern) = &state.rule.event_pattern {
            shown["EventPattern"] = json!(pattern.to_string());
        }
        if let Some(schedule) = &state.rule.schedule_expression {
            shown["ScheduleExpression"] = json!(schedule);
        }
        shown
    }
}

/// A target as the service shows it.
fn target(target: &Target) -> Value {
    let mut shown = json!({ "Id": target.id, "Arn": target.arn });
    if let Some(transformer) = &target.input_transformer {
        shown["InputTransformer"] =
            json!({ "InputPathsMap": transformer.input_paths_map, "InputTemplate": transformer.input_template });
    }
    if let Some(role) = &target.role_arn {
        shown["RoleArn"] = json!(role);
    }
    if let Some(config) = &target.dead_letter_config {
        shown["DeadLetterConfig"] = json!({ "Arn": config.arn });
    }
    if let Some(policy) = &target.retry_policy {
        shown["RetryPolicy"] = json!({
            "MaximumRetryAttempts": policy.maximum_retry_attempts,
            "MaximumEventAgeInSeconds": policy.maximum_event_age_in_seconds,
        });
    }
    shown
}

fn read<T: DeserializeOwned>(call: &Call) -> Result<T, Answer> {
    let body: &[u8] = if call.body.is_empty() { b"{}" } else { &call.body };
    serde_json::from_slice(body).map_err(|error| invalid(&format!("The request cannot be read: {error}")))
}

/// A part of a list. A token is the number of those before it.
fn page(member: &str, rows: &[Value], token: Option<&str>, limit: Option<usize>) -> Result<Value, Answer> {
    let start = token.map_or(Ok(0), str::parse).map_err(|_| invalid("Invalid NextToken."))?;
    let limit = limit.unwrap_or(PAGE_MAX);
    if limit == 0 || limit > PAGE_MAX {
        return Err(invalid(&format!(
            "1 validation error detected: Value '{limit}' at 'limit' failed to satisfy constraint: Member must have value \
             between 1 and {PAGE_MAX}"
        )));
    }
    let shown: Vec<&Value> = rows.iter().skip(start).take(limit).collect();
    let end = start.saturating_add(shown.len());
    let mut answer = json!({ member: shown });
    if end < rows.len() {
        answer["NextToken"] = json!(end.to_string());
    }
    Ok(answer)
}

fn absent(message: &str) -> Answer {
    Answer::error(400, "ResourceNotFoundException", message)
}

fn invalid(message: &str) -> Answer {
    Answer::error(400, "ValidationException", message)
}
