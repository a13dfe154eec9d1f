//! Stacks that are no longer what their templates say, and who tells so.

use serde_json::Value;

use super::model::Provisioned;
use super::{Catalog, events};

impl Catalog {
    /// Lets a product's stack drift, and `CloudFormation` find it out: the event is on the default bus. Gives the
    /// detection's id. A product without a stack has nothing that could drift, and nothing is told.
    #[expect(clippy::must_use_candidate, reason = "called for what it does")]
    pub fn drift(&self, product_id: &str) -> String {
        let detection = events::new_uuid();
        let now = self.clock.now();
        self.drift_so(product_id, |stack| events::drift(stack, &detection, now, &self.place));
        detection
    }

    /// Lets a product's stack drift, and the rule of AWS Config find it out.
    pub fn config_drift(&self, product_id: &str) {
        let now = self.clock.now();
        self.drift_so(product_id, |stack| events::config_drift(stack, now, &self.place));
    }

    fn drift_so(&self, product_id: &str, told: impl FnOnce(&str) -> Value) {
        // What is due before it comes before it.
        self.settle();
        let mut state = self.lock();
        let stack = state.living(product_id).and_then(|product| product.stack.clone());
        let Some(stack) = stack else { return };
        state.change(product_id, self.clock.now(), |product: &mut Provisioned| product.drifted = true);
        drop(state);
        (self.emit)(told(&stack));
    }
}
