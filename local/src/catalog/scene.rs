//! Setting a scene, and looking at what became of it: what no caller of the service can do.

use std::collections::VecDeque;

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::Catalog;
use super::accept::Stack;
use super::model::{Execution, Kind, Provisioned, Record, Script, passing};
use super::settings::Settings;
use super::state::State;
use crate::gateway::Place;

/// A provisioned product to begin with.
#[derive(Clone, Debug)]
pub struct NewProduct {
    /// Its id; none: a new one.
    pub id: Option<String>,
    /// Its name.
    pub name: String,
    /// `CFN_STACK` ...
    pub product_type: String,
    /// Key and value.
    pub tags: Vec<(String, String)>,
    /// When it was provisioned.
    pub created_at: DateTime<Utc>,
    /// Who provisioned it.
    pub user_arn: String,
    /// How its next records are to end.
    pub scripts: Vec<Script>,
    /// The product, `prod-...`.
    pub product_id: String,
    /// The version, `pa-...`.
    pub artifact_id: String,
    /// Key and value of each provisioning parameter.
    pub parameters: Vec<(String, String)>,
    /// The ARN of the stack that it was made from; none: one that the service made.
    pub stack: Option<String>,
}

impl NewProduct {
    /// A product of a `CloudFormation` stack.
    #[must_use]
    pub fn new(id: &str, name: &str, created_at: DateTime<Utc>) -> Self {
        Self {
            id: Some(id.to_owned()),
            name: name.to_owned(),
            product_type: "CFN_STACK".to_owned(),
            tags: Vec::new(),
            created_at,
            user_arn: "arn:aws:iam::111122223333:user/jo".to_owned(),
            scripts: Vec::new(),
            product_id: "prod-sandbox000001".to_owned(),
            artifact_id: "pa-sandbox0000001".to_owned(),
            parameters: Vec::new(),
            stack: None,
        }
    }

    /// The same with a tag.
    #[must_use]
    pub fn tag(mut self, key: &str, value: &str) -> Self {
        self.tags.push((key.to_owned(), value.to_owned()));
        self
    }

    /// The same, of that version of a product on offer.
    #[must_use]
    pub fn of(self, product_id: &str, artifact_id: &str) -> Self {
        Self { product_id: product_id.to_owned(), artifact_id: artifact_id.to_owned(), ..self }
    }

    /// The same, adopted with that stack.
    #[must_use]
    pub fn stack(self, arn: &str) -> Self {
        Self { stack: Some(arn.to_owned()), ..self }
    }

    /// The same with a provisioning parameter.
    #[must_use]
    pub fn parameter(mut self, key: &str, value: &str) -> Self {
        self.parameters.push((key.to_owned(), value.to_owned()));
        self
    }

    /// The same, its next records ending so.
    #[must_use]
    pub fn scripts(self, scripts: impl IntoIterator<Item = Script>) -> Self {
        Self { scripts: scripts.into_iter().collect(), ..self }
    }
}

impl Catalog {
    /// Adds a product that is AVAILABLE, provisioned by a record of the past. Gives that record's id.
    #[expect(clippy::must_use_candidate, reason = "called for what it does")]
    pub fn add(&self, new: NewProduct) -> String {
        self.lock().add(new, &self.place)
    }

    /// Adds many of them at once.
    pub fn add_all(&self, new: impl IntoIterator<Item = NewProduct>) {
        let mut state = self.lock();
        for new in new {
            state.add(new, &self.place);
        }
    }

    /// Changes a product as if it had always been so: its status, its outputs ...
    pub fn change_product(&self, id: &str, edit: impl FnOnce(&mut Provisioned)) {
        let mut state = self.lock();
        if let Some(at) = state.product(id).map(|product| product.created_at) {
            state.change(id, at, edit);
        }
    }

    /// Takes a product away, as somebody else's termination long ago would have.
    pub fn remove(&self, id: &str) {
        self.lock().change(id, DateTime::UNIX_EPOCH, |product| product.gone = true);
    }

    /// An update by its owner, from now on: the product is `UNDER_CHANGE` while it takes. Gives the record's id.
    #[expect(clippy::must_use_candidate, reason = "called for what it does")]
    pub fn update(&self, id: &str, tags: Option<Vec<(String, String)>>) -> Option<String> {
        // What is due before it comes before it.
        self.settle();
        self.update_of(id, self.clock.now(), Script::Succeed, |product| {
            if let Some(tags) = tags {
                product.tags = tags;
            }
        })
    }

    /// An update by its owner that fails with these words, from now on. Gives the record's id.
    #[expect(clippy::must_use_candidate, reason = "called for what it does")]
    pub fn update_that_fails(&self, id: &str, words: &str) -> Option<String> {
        self.settle();
        let script = Script::Fail(vec![("1".to_owned(), words.to_owned())]);
        self.update_of(id, self.clock.now(), script, |_| {})
    }

    /// An update that began then and never ends: its engine does not answer. Gives the record's id.
    #[expect(clippy::must_use_candidate, reason = "called for what it does")]
    pub fn update_without_end(&self, id: &str, since: DateTime<Utc>, words: &str) -> Option<String> {
        self.update_of(id, since, Script::Never, |product| product.status_message = Some(words.to_owned()))
    }

    fn update_of(
        &self,
        id: &str,
        at: DateTime<Utc>,
        script: Script,
        edit: impl FnOnce(&mut Provisioned),
    ) -> Option<String> {
        let mut state = self.lock();
        let record_id = state.new_id("rec");
        let owner = state.living(id)?.user_arn.clone();
        state.change(id, at, |product| {
            "UNDER_CHANGE".clone_into(&mut product.status);
            product.last_record_id.clone_from(&record_id);
            product.last_provisioning_record_id.clone_from(&record_id);
            edit(product);
        });
        let product = state.living(id)?.clone();
        let mut record = past_record(&record_id, Kind::Update, &product, at, &state.settings);
        state.settings.first_status.clone_into(&mut record.status);
        record.caller_arn = owner;
        record.script = script;
        record.plan_steps(Stack::AsRecord, &self.clock, &state.settings);
        state.keep_record(record);
        drop(state);
        self.changed.notify_waiters();
        Some(record_id)
    }

    /// An update that is over before anybody looks.
    #[expect(clippy::must_use_candidate, reason = "called for what it does")]
    pub fn update_at_once(&self, id: &str) -> Option<String> {
        let record_id = self.update(id, None)?;
        let now = self.clock.now();
        let mut state = self.lock();
        if let Some(record) = state.record_mut(&record_id) {
            record.steps.clear();
            "SUCCEEDED".clone_into(&mut record.status);
        }
        state.change(id, now, |product| {
            "AVAILABLE".clone_into(&mut product.status);
            product.last_successful_record_id.clone_from(&record_id);
        });
        Some(record_id)
    }

    /// An update that is over before anybody looks, and that the search never shows.
    #[expect(clippy::must_use_candidate, reason = "called for what it does")]
    pub fn update_unseen(&self, id: &str) -> Option<String> {
        let before = self.lock().index.len();
        let record_id = self.update_at_once(id)?;
        self.lock().index.hide(id, before);
        Some(record_id)
    }

    /// Sets a product's status by hand.
    pub fn set_status(&self, id: &str, status: &str) {
        self.lock().change(id, self.clock.now(), |product| status.clone_into(&mut product.status));
    }

    /// Says how a product's next record after those that are scripted is to end.
    pub fn push_script(&self, id: &str, script: Script) {
        if let Some(product) = self.lock().product_mut(id) {
            product.scripts.push_back(script);
        }
    }

    /// Says how the records of a product that is not there yet are to end, first one first.
    pub fn script_new(&self, name: &str, scripts: impl IntoIterator<Item = Script>) {
        self.lock().scripts.insert(name.to_owned(), scripts.into_iter().collect());
    }

    /// Changes the settings from now on.
    pub fn configure(&self, edit: impl FnOnce(&mut Settings)) {
        edit(&mut self.lock().settings);
    }

    /// The product of this id, living or gone.
    #[must_use]
    pub fn product(&self, id: &str) -> Option<Provisioned> {
        self.settle();
        self.lock().product(id).cloned()
    }

    /// All products, living and gone.
    #[must_use]
    pub fn products(&self) -> Vec<Provisioned> {
        self.settle();
        self.lock().products.clone()
    }

    /// All records.
    #[must_use]
    pub fn records(&self) -> Vec<Record> {
        self.settle();
        self.lock().records.clone()
    }

    /// Every call that was carried out.
    #[must_use]
    pub fn executions(&self) -> Vec<Execution> {
        self.lock().executions.clone()
    }

    /// How long something that takes this long at AWS takes here.
    #[must_use]
    pub fn passing(&self, real: std::time::Duration) -> chrono::TimeDelta {
        passing(&self.clock, real)
    }
}

impl State {
    /// Adds a product; gives the id of the record that provisioned it.
    fn add(&mut self, new: NewProduct, place: &Place) -> String {
        let id = new.id.unwrap_or_else(|| self.new_id("pp"));
        let record_id = self.new_id("rec");
        let product_name = self.offer.product(&new.product_id).map_or("Sandbox", |product| &product.name).to_owned();
        let path_id = self.offer.launch_path(&new.product_id, &new.user_arn);
        let mut product = Provisioned::new(&id, &new.name, new.created_at, place);
        product.stack = new.stack.or(product.stack).filter(|_| new.product_type == "CFN_STACK");
        product.last_record_id.clone_from(&record_id);
        product.last_provisioning_record_id.clone_from(&record_id);
        product.last_successful_record_id.clone_from(&record_id);
        let mut product = Provisioned {
            product_type: new.product_type,
            tags: new.tags,
            user_arn: new.user_arn,
            product_id: new.product_id,
            product_name,
            artifact_id: new.artifact_id,
            token: format!("launch-{record_id}"),
            scripts: new.scripts.into(),
            path_id,
            parameters: new.parameters,
            ..product
        };
        product.outputs = self.stack_of(&product, place).map(|stack| stack.outputs()).unwrap_or_default();
        let record = past_record(&record_id, Kind::Provision, &product, new.created_at, &self.settings);
        self.keep_record(record);
        self.enter(product, new.created_at);
        record_id
    }
}

fn past_record(id: &str, kind: Kind, product: &Provisioned, at: DateTime<Utc>, settings: &Settings) -> Record {
    Record {
        id: id.to_owned(),
        kind,
        record_type: kind.record_type(settings).to_owned(),
        status: "SUCCEEDED".to_owned(),
        created_at: at,
        updated_at: at,
        product: product.clone(),
        errors: Vec::new(),
        token: format!("launch-{id}"),
        caller: "user".to_owned(),
        caller_arn: product.user_arn.clone(),
        asked: Value::Null,
        script: Script::Succeed,
        outputs: Vec::new(),
        automation: None,
        steps: VecDeque::new(),
        before: (product.status.clone(), None),
        becomes: None,
    }
}
