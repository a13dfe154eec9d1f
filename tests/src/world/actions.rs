//! What scenarios of service actions and of drift ask of the world.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use steward_local::catalog::NewAction;
use steward_local::run::report::OperationRow;
use steward_local::wiring::DEFAULT_BUS;

use super::{PATIENCE, RESTART, World, action_requested, is_live};

impl World {
    /// Puts a service action on offer, for every product that is not of another version. It has one parameter.
    pub fn offer(&self, id: &str, name: &str) {
        let any = self.product("any");
        self.cloud.catalog.offer_action(NewAction {
            id: id.to_owned(),
            name: name.to_owned(),
            document: format!("Acme-{name}"),
            version: "1".to_owned(),
            parameters: Some(r#"[{"Name": "Password", "Type": "TEXT_VALUE"}]"#.to_owned()),
            associated: vec![(any.product_id, any.artifact_id)],
            ..NewAction::default()
        });
    }

    /// Asks for [`RESTART`] on a product.
    pub async fn restart(&self, id: &str) -> Value {
        let event = action_requested(&json!({ "provisionedProductId": id, "serviceActionId": RESTART }));
        self.put(&event).await;
        event
    }

    /// The stack of a product, by ARN: what drift is about.
    ///
    /// # Panics
    /// If it has none.
    #[must_use]
    pub fn stack(&self, id: &str) -> String {
        self.cloud.catalog.product(id).and_then(|product| product.stack).expect("a product with a stack")
    }

    /// Lets a product drift; gives the event that `CloudFormation` has published.
    ///
    /// # Panics
    /// If it is not published.
    pub async fn drift(&self, id: &str) -> Value {
        let detection = self.cloud.catalog.drift(id);
        let began = Instant::now();
        loop {
            let seen = self.cloud.wiring.seen().into_iter().map(|seen| seen.event);
            if let Some(event) = seen.into_iter().find(|event| event["detail"]["stack-drift-detection-id"] == detection)
            {
                return event;
            }
            assert!(began.elapsed() < PATIENCE, "the drift of {id} is not told");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Lets the default bus deliver an event of AWS's own again.
    pub async fn deliver(&self, event: &Value) {
        self.cloud.wiring.put(DEFAULT_BUS, event.clone()).await;
    }

    /// Waits until the operation that a drift event led to has come to its end.
    ///
    /// # Panics
    /// If it does not in time.
    pub async fn drift_ended(&self, event: &Value) -> OperationRow {
        let detail = &event["detail"];
        let stack = detail["stack-id"].as_str().expect("drift of a stack");
        let trigger = format!("drift:{}", detail["stack-drift-detection-id"].as_str().expect("found by a detection"));
        self.until(stack, |row| row.trigger == trigger && !is_live(row)).await
    }
}
