//! The stacks of the account: those of provisioned products, and those that somebody else made.

use std::collections::HashMap;

use super::Catalog;
use super::model::Provisioned;
use super::state::State;
use serde::{Deserialize, Serialize};

/// A stack to begin with, which no product has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewStack {
    /// Its name.
    pub name: String,
    /// The last part of its ARN.
    pub guid: String,
    /// `CREATE_COMPLETE` ...
    pub status: String,
    /// The template's text, JSON or YAML.
    pub template: String,
}

/// A stack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownStack {
    /// Its ARN, with the GUID.
    pub arn: String,
    /// `CREATE_COMPLETE` ...
    pub status: String,
    /// The template's text, JSON or YAML.
    pub template: String,
}

/// All stacks, in the order in which they came about.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Stacks {
    all: Vec<KnownStack>,
    #[serde(skip)]
    places: HashMap<String, usize>,
}

impl Stacks {
    fn get(&self, arn: &str) -> Option<&KnownStack> {
        self.all.get(*self.places.get(arn)?)
    }

    fn get_mut(&mut self, arn: &str) -> Option<&mut KnownStack> {
        self.all.get_mut(*self.places.get(arn)?)
    }

    /// Finds the places again, once the list was read.
    pub(super) fn place(&mut self) {
        self.places = self.all.iter().enumerate().map(|(place, stack)| (stack.arn.clone(), place)).collect();
    }

    fn push(&mut self, stack: KnownStack) {
        self.places.insert(stack.arn.clone(), self.all.len());
        self.all.push(stack);
    }
}

impl State {
    pub(super) fn stack(&self, arn: &str) -> Option<&KnownStack> {
        self.stacks.get(arn)
    }

    /// Knows the stack of a product that comes in, unless it is known already.
    pub(super) fn keep_stack(&mut self, product: &Provisioned) {
        let Some(arn) = product.stack.clone().filter(|arn| self.stack(arn).is_none()) else { return };
        // A change set for a new stack makes one that is still to be reviewed.
        let status = if product.status == "AVAILABLE" { "CREATE_COMPLETE" } else { "REVIEW_IN_PROGRESS" };
        let template = self.template_of(product);
        self.stacks.push(KnownStack { arn, status: status.to_owned(), template });
    }

    /// Says what a stack's status is now.
    pub(super) fn tell_stack(&mut self, arn: &str, status: &str) {
        if let Some(stack) = self.stacks.get_mut(arn) {
            status.clone_into(&mut stack.status);
        }
    }

    /// Gives a product's stack the template that the product has by now.
    pub(super) fn renew_stack(&mut self, product_id: &str) {
        let Some(product) = self.living(product_id).cloned() else { return };
        let template = self.template_of(&product);
        if let Some(stack) = product.stack.as_deref().and_then(|arn| self.stacks.get_mut(arn)) {
            stack.template = template;
        }
    }

    fn template_of(&self, product: &Provisioned) -> String {
        let artifact = self.offer.artifact(&product.product_id, &product.artifact_id);
        artifact.map(|artifact| artifact.template.clone()).unwrap_or_default()
    }
}

impl Catalog {
    /// Adds a stack that somebody made without the catalog. Gives its ARN.
    #[expect(clippy::must_use_candidate, reason = "called for what it does")]
    pub fn add_stack(&self, new: NewStack) -> String {
        let (account, region) = (&self.place.account, &self.place.region);
        let arn = format!("arn:aws:cloudformation:{region}:{account}:stack/{}/{}", new.name, new.guid);
        let stack = KnownStack { arn: arn.clone(), status: new.status, template: new.template };
        self.lock().stacks.push(stack);
        arn
    }

    /// Sets a stack's status by hand, as somebody else's work on it would.
    pub fn set_stack_status(&self, arn: &str, status: &str) {
        self.lock().tell_stack(arn, status);
    }

    /// All stacks, those of products among them.
    #[must_use]
    pub fn stacks(&self) -> Vec<KnownStack> {
        self.settle();
        self.lock().stacks.all.clone()
    }
}
