//! All that the service knows.

use std::collections::{BTreeMap, VecDeque};

use chrono::{DateTime, Utc};

use super::model::{Execution, Provisioned, Record, Script};
use super::offer::Offer;
use super::plans::Plan;
use super::settings::Settings;
use super::stacks::KnownStack;

/// Everything, under one lock.
#[derive(Debug)]
pub(super) struct State {
    pub(super) settings: Settings,
    pub(super) offer: Offer,
    pub(super) products: Vec<Provisioned>,
    pub(super) records: Vec<Record>,
    pub(super) executions: Vec<Execution>,
    pub(super) plans: Vec<Plan>,
    pub(super) stacks: Vec<KnownStack>,
    /// Each change of a product, for the index that lags behind: when, and what it was then.
    pub(super) versions: Vec<(DateTime<Utc>, Provisioned)>,
    /// How the records of products that are not there yet are to end, by the product's name.
    pub(super) scripts: BTreeMap<String, VecDeque<Script>>,
    made: u64,
}

impl State {
    pub(super) fn new(settings: Settings, now: DateTime<Utc>) -> Self {
        let (products, records, executions, plans, stacks, versions, scripts) = Default::default();
        let offer = Offer::starter(now);
        Self { settings, offer, products, records, executions, plans, stacks, versions, scripts, made: 0 }
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

    /// Takes a product in.
    pub(super) fn enter(&mut self, product: Provisioned, now: DateTime<Utc>) {
        self.keep_stack(&product);
        self.versions.push((now, product.clone()));
        self.products.push(product);
    }

    /// Changes a product, and keeps what it has become for the index.
    pub(super) fn change(&mut self, id: &str, now: DateTime<Utc>, edit: impl FnOnce(&mut Provisioned)) {
        if let Some(product) = self.products.iter_mut().find(|product| product.id == id) {
            edit(product);
            self.versions.push((now, product.clone()));
        }
    }

    /// The products as the index shows them: as they were before its lag.
    pub(super) fn indexed(&self, until: DateTime<Utc>) -> Vec<Provisioned> {
        let mut shown: Vec<Provisioned> = Vec::new();
        for (_, version) in self.versions.iter().filter(|(at, _)| *at <= until) {
            match shown.iter_mut().find(|product| product.id == version.id) {
                Some(product) => *product = version.clone(),
                None => shown.push(version.clone()),
            }
        }
        shown.retain(|product| !product.gone);
        shown
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
