//! What the doctor looks at: rules, mappings, portfolios.

use std::collections::BTreeSet;

use aws_sdk_eventbridge::Client as Events;
use aws_sdk_eventbridge::types::RuleState;
use aws_sdk_lambda::Client as Lambda;
use aws_sdk_servicecatalog::Client as Catalog;

use super::Session;
use crate::problem::{Problem, aws};

/// A rule.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    /// Its name in the template.
    pub(crate) logical_id: String,
    /// Its bus.
    pub(crate) bus: String,
    /// Its name.
    pub(crate) name: String,
    /// Whether it is at work.
    pub(crate) is_enabled: bool,
}

/// What feeds a function from a queue.
#[derive(Clone, Debug)]
pub(crate) struct Mapping {
    /// Its id.
    pub(crate) id: String,
    /// `Enabled`, `Disabled` ...
    pub(crate) state: String,
}

impl Session {
    /// All rules of the stack.
    pub(crate) async fn rules(&self) -> Result<Vec<Rule>, Problem> {
        let of_stack = self.deployment.resources(&self.config).await?;
        let rules = of_stack.iter().filter(|resource| resource.kind == "AWS::Events::Rule");
        // The physical id of a rule on a bus of its own is `bus|name`.
        let named: Vec<(&str, &str, &str)> = rules
            .map(|rule| {
                let (bus, name) = rule.physical_id.split_once('|').unwrap_or(("default", &rule.physical_id));
                (bus, name, rule.logical_id.as_str())
            })
            .collect();
        let buses: BTreeSet<&str> = named.iter().map(|(bus, ..)| *bus).collect();
        let mut enabled = BTreeSet::new();
        for bus in buses {
            let of_bus = self.enabled_rules(bus).await?;
            enabled.extend(of_bus.into_iter().map(|name| (bus, name)));
        }
        let rule = |(bus, name, logical_id): (&str, &str, &str)| Rule {
            logical_id: logical_id.to_owned(),
            bus: bus.to_owned(),
            name: name.to_owned(),
            is_enabled: enabled.contains(&(bus, name.to_owned())),
        };
        Ok(named.into_iter().map(rule).collect())
    }

    /// The rules of a bus that are at work.
    async fn enabled_rules(&self, bus: &str) -> Result<Vec<String>, Problem> {
        let client = Events::new(&self.config);
        let (mut from, mut names) = (None, Vec::new());
        loop {
            let answer = client.list_rules().event_bus_name(bus).set_next_token(from).send().await;
            let answer = answer.map_err(|error| aws(&format!("list the rules of the bus {bus}"), &error))?;
            let enabled = answer.rules().iter().filter(|rule| rule.state() == Some(&RuleState::Enabled));
            names.extend(enabled.filter_map(|rule| rule.name().map(str::to_owned)));
            from = answer.next_token;
            if from.is_none() {
                return Ok(names);
            }
        }
    }

    /// What feeds a function, by the output that names it.
    pub(crate) async fn mappings(&self, output: &str) -> Result<Vec<Mapping>, Problem> {
        let name = self.deployment.output(output)?;
        let answer = Lambda::new(&self.config).list_event_source_mappings().function_name(name).send().await;
        let answer = answer.map_err(|error| aws(&format!("read what feeds {name}"), &error))?;
        let mapping = |mapping: &aws_sdk_lambda::types::EventSourceMappingConfiguration| Mapping {
            id: mapping.uuid().unwrap_or_default().to_owned(),
            state: mapping.state().unwrap_or("unknown").to_owned(),
        };
        Ok(answer.event_source_mappings().iter().map(mapping).collect())
    }

    /// The portfolios that a role has been given, of those of the account.
    pub(crate) async fn portfolios_of(&self, role: &str) -> Result<Vec<String>, Problem> {
        let client = Catalog::new(&self.config);
        let mut pages = client.list_portfolios().into_paginator().send();
        let mut found = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| aws("list the portfolios", &error))?;
            for id in page.portfolio_details().iter().filter_map(|portfolio| portfolio.id()) {
                if Self::has(&client, id, role).await? {
                    found.push(id.to_owned());
                }
            }
        }
        Ok(found)
    }

    /// Whether a portfolio is given to a role.
    async fn has(client: &Catalog, portfolio: &str, role: &str) -> Result<bool, Problem> {
        let mut pages = client.list_principals_for_portfolio().portfolio_id(portfolio).into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| aws(&format!("list who has {portfolio}"), &error))?;
            if page.principals().iter().any(|principal| principal.principal_arn() == Some(role)) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
