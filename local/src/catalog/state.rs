//! All that the service knows.

use std::collections::{BTreeMap, HashMap, VecDeque};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::index::Index;
use super::mishaps::Mishaps;
use super::model::{Execution, Provisioned, Record, Script};
use super::offer::Offer;
use super::plans::Plan;
use super::settings::Settings;
use super::stacks::Stacks;

/// Everything, under one lock.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct State {
    /// Those of the process, not of its past.
    #[serde(skip)]
    pub(super) settings: Settings,
    pub(super) offer: Offer,
    pub(super) products: Vec<Provisioned>,
    pub(super) records: Vec<Record>,
    /// The places of those records to which something may still happen.
    #[serde(skip)]
    pub(super) running: Vec<usize>,
    pub(super) executions: Vec<Execution>,
    pub(super) plans: Vec<Plan>,
    pub(super) stacks: Stacks,
    /// What the search shows.
    pub(super) index: Index,
    /// How the records of products that are not there yet are to end, by the product's name.
    pub(super) scripts: BTreeMap<String, VecDeque<Script>>,
    /// What goes wrong with records on purpose, whatever is scripted: for as long as this process lives.
    #[serde(skip)]
    pub(super) mishaps: Mishaps,
    #[serde(skip)]
    places: Places,
    made: u64,
}

/// Where in their lists things are: with many of them a call must cost what it asks for.
#[derive(Debug, Default)]
struct Places {
    /// The latest product of each id.
    products: HashMap<String, usize>,
    /// Each record, by its id.
    records: HashMap<String, usize>,
    /// The records that a token made, in order.
    tokens: HashMap<String, Vec<usize>>,
}

impl State {
    pub(super) fn new(settings: Settings, now: DateTime<Utc>) -> Self {
        let (products, records, running, executions, plans, stacks, index, scripts, mishaps, places) =
            Default::default();
        let offer = Offer::starter(now);
        Self {
            settings,
            offer,
            products,
            records,
            running,
            executions,
            plans,
            stacks,
            index,
            scripts,
            mishaps,
            places,
            made: 0,
        }
    }

    /// Finds everything's place again, once the rest was read.
    pub(super) fn place(&mut self) {
        let Self { products, records, running, places, stacks, .. } = self;
        *places = Places::default();
        running.clear();
        for (place, product) in products.iter().enumerate() {
            places.products.insert(product.id.clone(), place);
        }
        for (place, record) in records.iter().enumerate() {
            if !record.steps.is_empty() {
                running.push(place);
            }
            places.records.insert(record.id.clone(), place);
            places.tokens.entry(record.token.clone()).or_default().push(place);
        }
        stacks.place();
    }

    /// A new id: thirteen lower-case letters and digits behind the prefix.
    pub(super) fn new_id(&mut self, prefix: &str) -> String {
        self.made += 1;
        format!("{prefix}-{:0>13}", radix36(self.made))
    }

    pub(super) fn living(&self, id: &str) -> Option<&Provisioned> {
        self.product(id).filter(|product| !product.gone)
    }

    /// A product, living or gone.
    pub(super) fn product(&self, id: &str) -> Option<&Provisioned> {
        self.products.get(*self.places.products.get(id)?)
    }

    pub(super) fn product_mut(&mut self, id: &str) -> Option<&mut Provisioned> {
        self.products.get_mut(*self.places.products.get(id)?)
    }

    pub(super) fn record(&self, id: &str) -> Option<&Record> {
        self.records.get(*self.places.records.get(id)?)
    }

    pub(super) fn record_mut(&mut self, id: &str) -> Option<&mut Record> {
        self.records.get_mut(*self.places.records.get(id)?)
    }

    /// The records that a token made, the latest first.
    pub(super) fn made_by(&self, token: &str) -> impl Iterator<Item = &Record> {
        let places = self.places.tokens.get(token).into_iter().flatten();
        places.rev().filter_map(|place| self.records.get(*place))
    }

    pub(super) fn living_by_name(&self, name: &str) -> Option<&Provisioned> {
        self.products.iter().find(|product| product.name == name && !product.gone)
    }

    /// Takes a record in.
    pub(super) fn keep_record(&mut self, record: Record) {
        let place = self.records.len();
        if !record.steps.is_empty() {
            self.running.push(place);
        }
        self.places.records.insert(record.id.clone(), place);
        self.places.tokens.entry(record.token.clone()).or_default().push(place);
        self.records.push(record);
    }

    /// Takes a product in.
    pub(super) fn enter(&mut self, product: Provisioned, now: DateTime<Utc>) {
        self.keep_stack(&product);
        self.index.keep(&product, now);
        self.places.products.insert(product.id.clone(), self.products.len());
        self.products.push(product);
    }

    /// Changes a product, and keeps what it has become for the index.
    pub(super) fn change(&mut self, id: &str, now: DateTime<Utc>, edit: impl FnOnce(&mut Provisioned)) {
        let Some(place) = self.places.products.get(id) else { return };
        if let Some(product) = self.products.get_mut(*place) {
            edit(product);
            self.index.keep(product, now);
        }
    }
}

fn radix36(mut number: u64) -> String {
    let mut digits = Vec::new();
    while number > 0 {
        let digit = u32::try_from(number % 36).unwrap_or_default();
        digits.extend(char::from_digit(digit, 36));
        number /= 36;
    }
    digits.iter().rev().collect()
}
