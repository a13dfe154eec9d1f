//! What the service is asked to do.

use shared::clock::Time;
use shared::ports::{CallError, Record as Seen, Refusal};
use shared::request::{ExecuteAction, Import};
use shared::retry::after;

use super::{Execution, Fortune, PRODUCT, Product, RESTART, Record, Service, refused};
use crate::weather::TokenMemory;

type Answer = Result<Seen, CallError>;

/// A call, and what it would do.
struct Wanted<'a> {
    token: &'a str,
    record_type: &'static str,
    plan: Option<&'a str>,
}

impl Service {
    pub(crate) fn terminate(&mut self, now: Time, product_id: &str, token: &str, fortune: &Fortune) -> Answer {
        let record_type = "TERMINATE_PROVISIONED_PRODUCT";
        self.on_product(now, product_id, &Wanted { token, record_type, plan: None }, fortune)
    }

    pub(crate) fn execute_action(
        &mut self,
        now: Time,
        request: &ExecuteAction,
        token: &str,
        fortune: &Fortune,
    ) -> Answer {
        if !matches!(request.service_action_id.as_str(), super::REPAIR | RESTART) {
            return Err(refused(Refusal::NotFound, "ResourceNotFoundException", "no such action"));
        }
        let record_type = "EXECUTE_PROVISIONED_PRODUCT_SERVICE_ACTION";
        let wanted = Wanted { token, record_type, plan: None };
        self.on_product(now, &request.provisioned_product_id, &wanted, fortune)
    }

    pub(crate) fn execute_plan(&mut self, now: Time, plan_id: &str, token: &str, fortune: &Fortune) -> Answer {
        if !self.settings.state_first
            && let Some(known) = self.remembered(now, token)
        {
            return Ok(known);
        }
        let Some(plan) = self.plans.get(plan_id) else {
            return Err(refused(Refusal::NotFound, "ResourceNotFoundException", "no such plan"));
        };
        if plan.status != "CREATE_SUCCESS" {
            if let Some(known) = self.remembered(now, token) {
                return Ok(known);
            }
            return Err(refused(Refusal::Busy, "InvalidStateException", "the plan cannot be executed"));
        }
        let product_id = plan.content.provisioned_product_id.clone().unwrap_or_default();
        let record_type = "UPDATE_PROVISIONED_PRODUCT";
        let wanted = Wanted { token, record_type, plan: Some(plan_id) };
        let answer = self.on_product(now, &product_id, &wanted, fortune)?;
        if let Some(plan) = self.plans.get_mut(plan_id) {
            (plan.status, plan.executed_at) = ("EXECUTE_IN_PROGRESS", Some(now));
        }
        Ok(answer)
    }

    pub(crate) fn import(&mut self, now: Time, request: &Import, token: &str, fortune: &Fortune) -> Answer {
        if !self.settings.state_first
            && let Some(known) = self.remembered(now, token)
        {
            return Ok(known);
        }
        let is_import = |record: &&Record| record.of_type == "IMPORT_PROVISIONED_PRODUCT" && !record.has_ended;
        if self.records.values().any(|record| is_import(&record)) {
            return Err(refused(Refusal::Busy, "InvalidStateException", "another import is in progress"));
        }
        if let Some(known) = self.remembered(now, token) {
            return Ok(known);
        }
        let is_taken = |product: &Product| {
            !product.is_gone
                && (product.name == request.provisioned_product_name || product.stack == request.physical_id)
        };
        if self.products.values().any(is_taken) {
            return Err(refused(Refusal::Invalid, "DuplicateResourceException", "the name or the stack is taken"));
        }
        if !self.stacks.contains(&request.physical_id) {
            return Err(refused(Refusal::NotFound, "ResourceNotFoundException", "no such stack"));
        }
        let id = format!("pp-i{}", self.next());
        let product = Product {
            id: id.clone(),
            name: request.provisioned_product_name.clone(),
            status: "AVAILABLE",
            created_at: now,
            last_record: String::new(),
            last_provisioning_record: String::new(),
            expires_at: None,
            is_protected: false,
            stack: request.physical_id.clone(),
            rows: Vec::new(),
            is_gone: false,
        };
        self.products.insert(id.clone(), product);
        let wanted = Wanted { token, record_type: "IMPORT_PROVISIONED_PRODUCT", plan: None };
        Ok(self.execute(now, &id, &wanted, fortune))
    }

    fn on_product(&mut self, now: Time, product_id: &str, wanted: &Wanted<'_>, fortune: &Fortune) -> Answer {
        let known = self.remembered(now, wanted.token);
        if let (false, Some(known)) = (self.settings.state_first, &known) {
            return Ok(known.clone());
        }
        let Some(product) = self.products.get(product_id).filter(|product| !product.is_gone) else {
            return Err(refused(Refusal::NotFound, "ResourceNotFoundException", "no such provisioned product"));
        };
        if matches!(product.status, "UNDER_CHANGE" | "PLAN_IN_PROGRESS") {
            return Err(refused(self.settings.busy, "InvalidParametersException", "the product is under change"));
        }
        match known {
            Some(known) => Ok(known),
            None => Ok(self.execute(now, product_id, wanted, fortune)),
        }
    }

    fn remembered(&self, now: Time, token: &str) -> Option<Seen> {
        let record = self.records.get(self.tokens.get(token)?)?;
        let is_known = match self.settings.memory {
            TokenMemory::ForEver => true,
            TokenMemory::WhileRunning => !record.has_ended,
            TokenMemory::None => false,
        };
        is_known.then(|| self.seen(now, record))
    }

    fn execute(&mut self, now: Time, product_id: &str, wanted: &Wanted<'_>, fortune: &Fortune) -> Seen {
        let record = self.begin(now, product_id, wanted.record_type, fortune);
        let Some(made) = self.records.get_mut(&record) else { return unmade(record) };
        made.token = Some(wanted.token.to_owned());
        made.plan = wanted.plan.map(str::to_owned);
        let made = made.clone();
        self.tokens.insert(wanted.token.to_owned(), record.clone());
        self.executions.push(Execution {
            token: wanted.token.to_owned(),
            record_id: record,
            product_id: product_id.to_owned(),
        });
        self.seen(now, &made)
    }

    /// Makes a record, and what it does to its product until it ends.
    pub(super) fn begin(
        &mut self,
        now: Time,
        product_id: &str,
        record_type: &'static str,
        fortune: &Fortune,
    ) -> String {
        let id = format!("rec-{}", self.next());
        self.records.insert(
            id.clone(),
            Record {
                id: id.clone(),
                product_id: product_id.to_owned(),
                of_type: record_type,
                token: None,
                created_at: now,
                ends_at: after(now, fortune.lasts),
                has_ended: false,
                fails: fortune.fails,
                running: fortune.running,
                unreadable_until: fortune.unreadable_until,
                is_hidden: fortune.is_hidden,
                plan: None,
            },
        );
        self.status_after.insert(id.clone(), fortune.status_after);
        if let Some(product) = self.products.get_mut(product_id) {
            product.status = "UNDER_CHANGE";
            product.last_record.clone_from(&id);
            if record_type != "EXECUTE_PROVISIONED_PRODUCT_SERVICE_ACTION" {
                product.last_provisioning_record.clone_from(&id);
            }
            product.show(now);
        }
        id
    }
}

fn unmade(id: String) -> Seen {
    Seen {
        id,
        status: "CREATED".to_owned(),
        record_type: None,
        product_type: None,
        product_id: None,
        product_name: None,
        artifact_id: None,
        created_at: None,
        errors: Vec::new(),
    }
}

/// What a provisioned product is made from.
pub(super) const MADE_FROM: &str = PRODUCT;
