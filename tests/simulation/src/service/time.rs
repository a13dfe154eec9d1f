//! What happens at the service as time goes by.

use shared::clock::Time;

use super::{Record, Service};

impl Service {
    /// Ends a record whose time has come; gives it.
    pub(crate) fn end(&mut self, now: Time, id: &str) -> Option<Record> {
        let record = self.records.get_mut(id).filter(|record| !record.has_ended)?;
        record.has_ended = true;
        let record = record.clone();
        let after = self.status_after.get(id).copied().unwrap_or("AVAILABLE");
        if let Some(product) = self.products.get_mut(&record.product_id) {
            match (record.of_type, record.fails) {
                ("TERMINATE_PROVISIONED_PRODUCT", false) | ("IMPORT_PROVISIONED_PRODUCT", true) => {
                    product.is_gone = true;
                }
                (_, true) => product.status = after,
                (_, false) => product.status = "AVAILABLE",
            }
            product.show(now);
        }
        if let Some(plan) = record.plan.as_ref().and_then(|plan| self.plans.get_mut(plan)) {
            plan.status = if record.fails { "EXECUTE_FAILED" } else { "EXECUTE_SUCCESS" };
        }
        Some(record)
    }
}
