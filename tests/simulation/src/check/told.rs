//! What is told.

use serde_json::Value;
use shared::clock::Time;
use shared::outcome::Outgoing;

use crate::world::World;

impl World {
    /// The bus has taken an event.
    pub(crate) fn check_told(&mut self, event: &Outgoing) {
        let text = |name: &str| event.detail.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        match event.detail_type {
            "Operation Succeeded" | "Operation Failed" | "Operation Rejected" => {
                self.ledger.answered += u64::from(text("operation").is_empty());
                self.ledger.ends.entry((text("operation"), text("state"))).or_default().insert(text("id"));
            }
            "Extension Granted" | "Protection Changed" => self.ledger.answered += 1,
            "Provisioned Product Expiring" => {
                if let Ok(at) = text("expiresAt").parse::<Time>() {
                    let key = (text("provisionedProductId"), at.timestamp_millis());
                    self.ledger.warned.entry(key).or_insert(self.now);
                }
            }
            _ => {}
        }
    }
}
