//! What the service shows.

use chrono::SecondsFormat;
use shared::clock::Time;
use shared::plan::Plan;
use shared::ports::{CallError, Described, Page, Record as Seen, Refusal, SearchRow, ServiceAction, Sought};
use shared::request::ProductRef;
use shared::retry::after;

use super::act::MADE_FROM;
use super::{ANOTHER_ARTIFACT, ARTIFACT, Product, REPAIR, RESTART, Record, Service, refused};

/// How many products a page of the search has.
const PAGE: usize = 3;

impl Service {
    pub(crate) fn describe(&self, product: &ProductRef) -> Option<Described> {
        let found = match product {
            ProductRef::Id(id) => self.products.get(id),
            ProductRef::Name(name) => self.products.values().find(|product| product.name == *name && !product.is_gone),
        };
        let product = found.filter(|product| !product.is_gone)?;
        Some(Described {
            id: product.id.clone(),
            name: Some(product.name.clone()),
            product_type: Some("CFN_STACK".to_owned()),
            status: product.status.to_owned(),
            status_message: None,
            created_at: Some(product.created_at),
            last_record_id: Some(product.last_record.clone()),
            last_provisioning_record_id: Some(product.last_provisioning_record.clone()),
        })
    }

    pub(crate) fn search(&self, now: Time, sought: &Sought<'_>) -> Option<SearchRow> {
        let shown = self.products.values().filter_map(|product| product.shown(now, self.settings.search_lag));
        match sought {
            Sought::Product(id) => shown.into_iter().find(|row| row.id == *id).cloned(),
            Sought::Stack(stack) => shown.into_iter().find(|row| row.physical_id.as_deref() == Some(*stack)).cloned(),
        }
    }

    pub(crate) fn list(&self, now: Time, page: Option<&str>) -> Page {
        let shown: Vec<&SearchRow> =
            self.products.values().filter_map(|product| product.shown(now, self.settings.search_lag)).collect();
        let from = page.and_then(|page| page.parse().ok()).unwrap_or(0_usize);
        let rows: Vec<SearchRow> = shown.iter().skip(from).take(PAGE).map(|row| (*row).clone()).collect();
        let next = (from + PAGE < shown.len()).then(|| (from + PAGE).to_string());
        Page { rows, next, total: Some(shown.len() as u64), answered_at: Some(now) }
    }

    pub(crate) fn actions(artifact_id: &str) -> Result<Vec<ServiceAction>, CallError> {
        if artifact_id != ARTIFACT {
            return Err(refused(Refusal::NotFound, "ResourceNotFoundException", "no such version"));
        }
        let action = |id: &str, name: &str| ServiceAction { id: id.to_owned(), name: name.to_owned() };
        Ok(vec![action(RESTART, "restart"), action(REPAIR, "remediate-drift")])
    }

    pub(crate) fn plan(&self, now: Time, plan_id: &str) -> Option<Plan> {
        let plan = self.plans.get(plan_id)?;
        let is_late = plan.executed_at.is_some_and(|at| after(at, self.settings.status_lag) > now);
        let status = if is_late { "CREATE_SUCCESS" } else { plan.status };
        Some(Plan { status: status.to_owned(), ..plan.content.clone() })
    }

    pub(crate) fn record(&self, now: Time, id: &str) -> Option<Seen> {
        let record = self.records.get(id)?;
        record.unreadable_until.is_none_or(|until| until <= now).then(|| self.seen(now, record))
    }

    pub(crate) fn history(&self, now: Time, product_id: &str, since: Time) -> Vec<Seen> {
        let is_shown = |record: &&Record| {
            record.product_id == product_id
                && record.created_at >= since
                && after(record.created_at, self.settings.history_lag) <= now
                && (!record.is_hidden || record.unreadable_until.is_none_or(|until| until <= now))
        };
        let mut records: Vec<&Record> = self.records.values().filter(is_shown).collect();
        records.sort_by_key(|record| std::cmp::Reverse(record.created_at));
        records.into_iter().map(|record| self.seen(now, record)).collect()
    }

    pub(super) fn seen(&self, _: Time, record: &Record) -> Seen {
        let errors =
            if record.has_failed() { vec![("1".to_owned(), "it did not work".to_owned())] } else { Vec::new() };
        let status = match (record.has_ended, record.fails) {
            (false, _) => record.running,
            (true, true) => "FAILED",
            (true, false) => "SUCCEEDED",
        };
        Seen {
            id: record.id.clone(),
            status: status.to_owned(),
            record_type: Some(record.of_type.to_owned()),
            product_type: Some("CFN_STACK".to_owned()),
            product_id: Some(record.product_id.clone()),
            product_name: self.products.get(&record.product_id).map(|product| product.name.clone()),
            artifact_id: Some(if record.token.is_none() { ANOTHER_ARTIFACT } else { ARTIFACT }.to_owned()),
            created_at: Some(record.created_at),
            errors,
        }
    }
}

impl Product {
    /// Lets the search show it as it is now, once the index has come so far.
    pub(super) fn show(&mut self, now: Time) {
        let row = (!self.is_gone).then(|| self.row());
        self.rows.push((now, row));
    }

    fn shown(&self, now: Time, lag: std::time::Duration) -> Option<&SearchRow> {
        let version = self.rows.iter().rev().find(|(at, _)| after(*at, lag) <= now);
        version.and_then(|(_, row)| row.as_ref())
    }

    fn row(&self) -> SearchRow {
        let mut tags = Vec::new();
        if let Some(at) = self.expires_at {
            tags.push(("expires-at".to_owned(), at.to_rfc3339_opts(SecondsFormat::Millis, true)));
        }
        if self.is_protected {
            tags.push(("steward:protect".to_owned(), "true".to_owned()));
        }
        SearchRow {
            id: self.id.clone(),
            physical_id: Some(self.stack.clone()),
            product_id: Some(MADE_FROM.to_owned()),
            artifact_id: Some(ARTIFACT.to_owned()),
            name: Some(self.name.clone()),
            tags,
            last_provisioning_record_id: Some(self.last_provisioning_record.clone()),
            is_under_change: self.status == "UNDER_CHANGE",
            product_type: Some("CFN_STACK".to_owned()),
            status: Some(self.status.to_owned()),
            status_message: None,
            created_at: Some(self.created_at),
            last_record_id: Some(self.last_record.clone()),
            product_name: Some("web".to_owned()),
            owner: None,
        }
    }
}
