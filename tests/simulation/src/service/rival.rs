//! What others do with the products.

use shared::clock::Time;

use super::{Fortune, Product, Service, stack_of};

impl Service {
    /// Makes a product that is there already.
    pub(crate) fn add(&mut self, now: Time, id: &str, created_at: Time, expires_at: Option<Time>, protect: bool) {
        let record = format!("rec-made-{id}");
        let mut product = Product {
            id: id.to_owned(),
            name: format!("name-{id}"),
            status: "AVAILABLE",
            created_at,
            last_record: record.clone(),
            last_provisioning_record: record,
            expires_at,
            is_protected: protect,
            stack: stack_of(id),
            rows: Vec::new(),
            is_gone: false,
        };
        // Shown for long.
        product.show(created_at.min(now - chrono::TimeDelta::days(1)));
        self.products.insert(id.to_owned(), product);
    }

    /// Somebody updates a product, with its tags; gives the record, if the service accepts.
    pub(crate) fn update(
        &mut self,
        now: Time,
        id: &str,
        expires_at: Option<Time>,
        protect: bool,
        fortune: &Fortune,
    ) -> Option<String> {
        let product = self.products.get_mut(id).filter(|product| product.is_at_rest())?;
        (product.expires_at, product.is_protected) = (expires_at, protect);
        Some(self.begin(now, id, "UPDATE_PROVISIONED_PRODUCT", fortune))
    }

    /// Somebody terminates a product; gives the record, if the service accepts.
    pub(crate) fn terminate_by_hand(&mut self, now: Time, id: &str, fortune: &Fortune) -> Option<String> {
        let _ = self.products.get(id).filter(|product| product.is_at_rest())?;
        Some(self.begin(now, id, "TERMINATE_PROVISIONED_PRODUCT", fortune))
    }
}

impl Product {
    pub(crate) fn is_at_rest(&self) -> bool {
        !self.is_gone && self.status != "UNDER_CHANGE"
    }
}
