//! What is on offer.

mod actions;
mod artifacts;
mod associations;
mod portfolios;
mod products;
mod scene;
mod templates;

use serde_json::{Value, json};

use super::Scene;

const PRODUCT: &str = "prod-sandbox000001";
const ARTIFACT: &str = "pa-sandbox0000001";

/// A template of one bucket, as a `data:` URL.
fn template_url() -> String {
    format!("data:application/yaml,{}", TEMPLATE.replace(' ', "%20").replace('\n', "%0A"))
}

const TEMPLATE: &str = "Resources:\n  Bucket:\n    Type: AWS::S3::Bucket\n";

impl Scene {
    /// The answer of a call that must be accepted.
    pub(super) async fn must(&self, operation: &str, body: Value) -> Value {
        self.call(operation, body).await.unwrap_or_else(|refusal| panic!("{operation}: {refusal:?}"))
    }

    /// The refusal's code of a call that must be refused.
    pub(super) async fn refusal(&self, operation: &str, body: Value) -> String {
        self.call(operation, body).await.unwrap_err().0
    }

    /// Creates a portfolio, and gives its id.
    pub(super) async fn portfolio(&self, token: &str) -> String {
        let request = json!({ "DisplayName": "Tools", "ProviderName": "IT", "IdempotencyToken": token });
        let answer = self.must("CreatePortfolio", request).await;
        answer["PortfolioDetail"]["Id"].as_str().unwrap().to_owned()
    }

    /// Creates a service action, and gives its id.
    async fn action(&self, token: &str) -> String {
        let answer = self.must("CreateServiceAction", restart(token)).await;
        answer["ServiceActionDetail"]["ServiceActionSummary"]["Id"].as_str().unwrap().to_owned()
    }
}

/// A service action that restarts instances.
fn restart(token: &str) -> Value {
    json!({
        "Name": "Restart",
        "DefinitionType": "SSM_AUTOMATION",
        "Definition": {
            "Name": "AWS-RestartEC2Instance",
            "Version": "1",
            "Parameters": r#"[{"Name":"InstanceId","Type":"TARGET"},{"Name":"Why","Type":"TEXT_VALUE"}]"#,
        },
        "IdempotencyToken": token,
    })
}
