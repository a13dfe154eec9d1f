//! Whether what a scene names is there, and what it says can be.

use std::collections::{BTreeMap, BTreeSet};

use super::apply::text_of;
use super::fault::{Fault, absent, among, fault, like, past};
use super::format::{Action, Does, Ending, File, Later, Plan, Portfolio, Product, Provisioned, Stack, Status};
use crate::catalog::parameters_of;

/// What identifiers look like, behind their prefix.
const ID: &str = "[a-z0-9]{1,40}";
/// What names of provisioned products and of stacks look like.
const NAME: &str = "[a-zA-Z0-9][a-zA-Z0-9._-]{0,127}";
/// What the last part of a stack's ARN looks like.
const GUID: &str = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
/// What owners look like.
const OWNER: &str = "[a-zA-Z0-9+=,.@_-]{1,64}|arn:[a-z0-9-]+:(iam|sts)::[0-9]{12}:.+";
/// The types of provisioned products.
const TYPES: [&str; 6] =
    ["CFN_STACK", "CFN_STACKSET", "CONTROL_TOWER_ACCOUNT", "EXTERNAL", "TERRAFORM_CLOUD", "TERRAFORM_OPEN_SOURCE"];
/// The statuses of stacks.
const STACK_STATUSES: [&str; 9] = [
    "CREATE_COMPLETE",
    "CREATE_FAILED",
    "CREATE_IN_PROGRESS",
    "DELETE_FAILED",
    "IMPORT_COMPLETE",
    "ROLLBACK_COMPLETE",
    "UPDATE_COMPLETE",
    "UPDATE_IN_PROGRESS",
    "UPDATE_ROLLBACK_COMPLETE",
];

/// The first thing that is wrong, and where.
pub(super) fn check(file: &File) -> Result<(), Fault> {
    let mut known = Known::default();
    for (place, product) in each("products", &file.products, |product| &product.name) {
        known.product(&place, product)?;
    }
    for (place, portfolio) in each("portfolios", &file.portfolios, |portfolio| &portfolio.name) {
        known.portfolio(&place, portfolio)?;
    }
    for (place, action) in each("actions", &file.actions, |action| &action.name) {
        known.action(&place, action)?;
    }
    for (place, stack) in each("stacks", &file.stacks, |stack| &stack.name) {
        known.stack(&place, stack)?;
    }
    for (place, provisioned) in each("provisioned", &file.provisioned, |provisioned| &provisioned.name) {
        known.provisioned(&place, provisioned)?;
    }
    for (place, plan) in each("plans", &file.plans, |plan| &plan.id) {
        known.plan(&place, plan)?;
    }
    for (number, later) in file.later.iter().enumerate() {
        known.later(&format!("later[{number}]"), later)?;
    }
    Ok(())
}

/// Each with its place: `provisioned[3] (web)`.
fn each<'a, T>(
    list: &'a str,
    all: &'a [T],
    name: impl Fn(&T) -> &str + 'a,
) -> impl Iterator<Item = (String, &'a T)> + 'a {
    all.iter().enumerate().map(move |(number, one)| (format!("{list}[{number}] ({})", name(one)), one))
}

/// What has been seen so far.
#[derive(Default)]
struct Known<'a> {
    ids: BTreeSet<&'a str>,
    /// The names of the parameters of each version's template.
    versions: BTreeMap<&'a str, Vec<String>>,
    products: BTreeSet<&'a str>,
    stacks: BTreeSet<&'a str>,
    /// The name of the product that each stack became.
    taken: BTreeMap<&'a str, &'a str>,
    names: BTreeSet<&'a str>,
    /// Whether each provisioned product is of a stack; the version that it is of.
    provisioned: BTreeMap<&'a str, (bool, &'a str)>,
}

impl<'a> Known<'a> {
    fn product(&mut self, place: &str, product: &'a Product) -> Result<(), Fault> {
        self.id(place, "prod", &product.id)?;
        past(&format!("{place}.created"), product.created)?;
        if product.versions.is_empty() {
            return fault(format!("{place}.versions"), "a product has a version at least");
        }
        for (version_place, version) in each("versions", &product.versions, |version| &version.name) {
            let place = format!("{place}.{version_place}");
            self.id(&place, "pa", &version.id)?;
            let text = text_of(version.template.as_ref()).map_err(|problem| (format!("{place}.template"), problem))?;
            let parameters = parameters_of(&text).map_err(|problem| (format!("{place}.template"), problem))?;
            self.versions.insert(&version.id, parameters);
        }
        self.products.insert(&product.id);
        Ok(())
    }

    fn portfolio(&mut self, place: &str, portfolio: &'a Portfolio) -> Result<(), Fault> {
        if let Some(id) = &portfolio.id {
            self.id(place, "port", id)?;
        }
        for product in &portfolio.products {
            if !self.products.contains(product.as_str()) {
                return absent(format!("{place}.products"), "product", product, self.products.iter());
            }
        }
        Ok(())
    }

    fn action(&mut self, place: &str, action: &'a Action) -> Result<(), Fault> {
        self.id(place, "act", &action.id)?;
        action.versions.iter().try_for_each(|version| self.version(&format!("{place}.versions"), version).map(drop))
    }

    fn stack(&mut self, place: &str, stack: &'a Stack) -> Result<(), Fault> {
        like(format!("{place}.name"), &stack.name, NAME, "a letter or digit, then letters, digits, `.`, `_` or `-`")?;
        like(format!("{place}.guid"), &stack.guid, GUID, "a UUID in lower case")?;
        among(format!("{place}.status"), &stack.status, &STACK_STATUSES)?;
        match (&stack.template, &stack.version) {
            (Some(_), Some(_)) => return fault(place, "either `template` or `version`, not both"),
            (template, None) => {
                let at = |problem: String| (format!("{place}.template"), problem);
                parameters_of(&text_of(template.as_ref()).map_err(at)?).map_err(at)?;
            }
            (None, Some(version)) => drop(self.version(&format!("{place}.version"), version)?),
        }
        if !self.stacks.insert(&stack.name) {
            return fault(format!("{place}.name"), "another stack has this name");
        }
        Ok(())
    }

    fn provisioned(&mut self, place: &str, one: &'a Provisioned) -> Result<(), Fault> {
        if let Some(id) = &one.id {
            self.id(place, "pp", id)?;
        }
        like(format!("{place}.name"), &one.name, NAME, "a letter or digit, then letters, digits, `.`, `_` or `-`")?;
        if !self.names.insert(&one.name) {
            return fault(format!("{place}.name"), "another provisioned product has this name");
        }
        like(format!("{place}.owner"), &one.owner, OWNER, "the ARN of a user or role, or a user's name")?;
        among(format!("{place}.type"), &one.kind, &TYPES)?;
        past(&format!("{place}.created"), one.created)?;
        let parameters = self.version(&format!("{place}.version"), &one.version)?;
        for (parameter, _) in one.parameters.iter() {
            if !parameters.contains(parameter) {
                return absent(format!("{place}.parameters"), "parameter", parameter, parameters.iter());
            }
        }
        let has_stack = one.kind == "CFN_STACK";
        match (one.since, one.status) {
            (Some(since), Status::UnderChange) => past(&format!("{place}.since"), since)?,
            (Some(_), _) => {
                return fault(format!("{place}.since"), "only a product with `status: UNDER_CHANGE` has it");
            }
            (None, _) => {}
        }
        if one.message.is_some() && one.status == Status::Available {
            return fault(format!("{place}.message"), "a product that is AVAILABLE has none");
        }
        if !has_stack && (one.stack.is_some() || one.drifted) {
            return fault(place, "only a CFN_STACK has `stack` or `drifted`");
        }
        if let Some(stack) = &one.stack {
            if !self.stacks.contains(stack.as_str()) {
                return absent(format!("{place}.stack"), "stack", stack, self.stacks.iter());
            }
            if let Some(other) = self.taken.insert(stack, &one.name) {
                return fault(format!("{place}.stack"), format!("it is the stack of {other}"));
            }
        }
        for (number, ending) in one.records.iter().enumerate() {
            if !matches!(
                ending,
                Ending { fails: Some(_), passes: None, ends: None }
                    | Ending { fails: None, passes: Some(_), ends: None }
                    | Ending { fails: None, passes: None, ends: Some(_) }
            ) {
                let text = "exactly one of `fails: WORDS`, `passes: STATUS`, `ends: true` and `ends: false`";
                return fault(format!("{place}.records[{number}]"), text);
            }
        }
        // One without an id is named by nobody else.
        let id = one.id.as_deref().unwrap_or_default();
        self.provisioned.insert(id, (has_stack, &one.version));
        Ok(())
    }

    fn plan(&mut self, place: &str, plan: &'a Plan) -> Result<(), Fault> {
        self.id(place, "plan", &plan.id)?;
        let version = match (&plan.existing, &plan.new) {
            (Some(id), None) => self.named(&format!("{place}.for"), id)?.1,
            (None, Some(new)) => {
                let place = format!("{place}.new");
                self.id(&place, "pp", &new.id)?;
                like(
                    format!("{place}.name"),
                    &new.name,
                    NAME,
                    "a letter or digit, then letters, digits, `.`, `_` or `-`",
                )?;
                if !self.names.insert(&new.name) {
                    return fault(format!("{place}.name"), "another provisioned product has this name");
                }
                self.version(&format!("{place}.version"), &new.version)?;
                self.provisioned.insert(&new.id, (true, &new.version));
                &new.version
            }
            _ => return fault(place, "exactly one of `for` and `new`"),
        };
        let parameters = self.version(place, version)?;
        for (parameter, _) in plan.parameters.iter() {
            if !parameters.contains(parameter) {
                return absent(format!("{place}.parameters"), "parameter", parameter, parameters.iter());
            }
        }
        for (number, change) in plan.changes.iter().enumerate() {
            let modifies = change.action == Does::Modify;
            if !modifies && (change.replacement.is_some() || !change.properties.is_empty()) {
                let place = format!("{place}.changes[{number}]");
                return fault(place, "only a MODIFY has `replacement` and `properties`");
            }
        }
        Ok(())
    }

    fn later(&self, place: &str, later: &Later) -> Result<(), Fault> {
        let Later { after: _, publish, drift, config_drift, update, fails } = later;
        let given = [publish.is_some(), drift.is_some(), config_drift.is_some(), update.is_some()];
        if given.into_iter().filter(|given| *given).count() != 1 {
            return fault(place, "exactly one of `publish`, `drift`, `config-drift` and `update`");
        }
        if fails.is_some() && update.is_none() {
            return fault(format!("{place}.fails"), "only an `update` has it");
        }
        if let Some(id) = update {
            self.named(&format!("{place}.update"), id)?;
        }
        for (member, id) in [("drift", drift), ("config-drift", config_drift)] {
            let Some(id) = id else { continue };
            let place = format!("{place}.{member}");
            if !self.named(&place, id)?.0 {
                return fault(place, format!("{id} has no stack that could drift"));
            }
        }
        if let Some(event) = publish.as_ref().filter(|event| !event.detail.is_null() && !event.detail.is_object()) {
            return fault(format!("{place}.publish.detail"), format!("{} is no object", event.detail));
        }
        Ok(())
    }

    /// A new identifier of that kind.
    fn id(&mut self, place: &str, prefix: &str, id: &'a str) -> Result<(), Fault> {
        let place = format!("{place}.id");
        like(
            place.clone(),
            id,
            &format!("{prefix}-{ID}"),
            &format!("`{prefix}-` and up to 40 lower-case letters and digits"),
        )?;
        if self.ids.insert(id) { Ok(()) } else { fault(place, format!("{id} is given twice")) }
    }

    /// The parameters of a version that must be there.
    fn version(&self, place: &str, id: &str) -> Result<&[String], Fault> {
        match self.versions.get(id) {
            Some(parameters) => Ok(parameters),
            None => absent(place.to_owned(), "version", id, self.versions.keys()),
        }
    }

    /// A provisioned product that must be there.
    fn named(&self, place: &str, id: &str) -> Result<(bool, &'a str), Fault> {
        let ids = self.provisioned.keys().filter(|id| !id.is_empty());
        match self.provisioned.get(id).filter(|_| !id.is_empty()) {
            Some(known) => Ok(*known),
            None => absent(place.to_owned(), "provisioned product", id, ids),
        }
    }
}
