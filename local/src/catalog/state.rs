//! All that the service knows.

use std::collections::{BTreeMap, VecDeque};

use chrono::{DateTime, Utc};

use super::index::Index;
use super::model::{Execution, Provisioned, Record, Script};
use super::offer::Offer;
use super::plans::Plan;
use super::settings::Settings;
use super::stacks::Stacks;

/// Everything, under one lock.
#[derive(Debug)]
pub(super) struct State {
    pub(super) settings: Settings,
    pub(super) offer: Offer,
    pub(super) products: Vec<Provisioned>,
    pub(super) records: Vec<Record>,
    /// The places of those records to which something may still happen.
    pub(super) running: Vec<usize>,
    pub(super) executions: Vec<Execution>,
    pub(super) plans: Vec<Plan>,
    pub(super) stacks: Stacks,
    /// What the search shows.
    pub(super) index: Index,
    /// How the records of products that are not there yet are to end, by the product's name.
    pub(super) scripts: BTreeMap<String, VecDeque<Script>>,
    made: u64,
}

impl State {
    pub(super) fn new(settings: Settings, now: DateTime<Utc>) -> Self {
        let (products, records, running, executions, plans, stacks, index, scripts) = Default::default();
        let offer = Offer::starter(now);
        Self { settings, offer, products, records, running, executions, plans, stacks, index, scripts, made: 0 }
    }

    /// A new id: thirteen lower-case letters and digits behind the prefix.
    pub(super) fn new_id(&mut self, prefix: &str) -> String {
        self.made += 1;
        format!("{prefix}-{:0>13}", radix36(self.made))
    }

    pub(super) fn living(&self, id: &str) -> Option<&Provisioned> {
        self.products.iter().find(|product| product.id == id && !product.gone)
    }

    pub(super) fn living_by_name(&self, name: &str) -> Option<&Provisioned> {
        self.products.iter().find(|product| product.name == name && !product.gone)
    }

    /// Takes a record in.
    pub(super) fn keep_record(&mut self, record: Record) {
        if !record.steps.is_empty() {
            self.running.push(self.records.len());
        }
        self.records.push(record);
    }

    /// Takes a product in.
    pub(super) fn enter(&mut self, product: Provisioned, now: DateTime<Utc>) {
        self.keep_stack(&product);
        self.index.keep(&product, now);
        self.products.push(product);
    }

    /// Changes a product, and keeps what it has become for the index.
    pub(super) fn change(&mut self, id: &str, now: DateTime<Utc>, edit: impl FnOnce(&mut Provisioned)) {
        if let Some(product) = self.products.iter_mut().find(|product| product.id == id) {
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
