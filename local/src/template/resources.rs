//! The resources that the local cloud emulates, with every property that the template may give them. A property that is
//! not here is an error.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// `AWS::Events::EventBus`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Bus {
    /// Its name.
    pub name: String,
}

/// `AWS::SQS::Queue`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Queue {
    /// Seconds before a message can be received first.
    #[serde(default)]
    pub delay_seconds: u64,
    /// Seconds for which a received message is hidden.
    #[serde(default = "thirty")]
    pub visibility_timeout: u64,
    /// Seconds after which a message is dropped.
    #[serde(default = "four_days")]
    pub message_retention_period: u64,
    /// Where messages go that are received too often.
    #[serde(default)]
    pub redrive_policy: Option<RedrivePolicy>,
    /// Encryption: nothing to emulate.
    #[serde(default)]
    pub sqs_managed_sse_enabled: bool,
}

fn thirty() -> u64 {
    30
}

fn four_days() -> u64 {
    345_600
}

/// Where messages go that are received too often.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RedrivePolicy {
    /// The dead-letter queue's ARN.
    pub dead_letter_target_arn: String,
    /// How often is often enough.
    pub max_receive_count: u32,
}

/// `AWS::Events::Rule`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Rule {
    /// The bus; absent: the default one.
    #[serde(default)]
    pub event_bus_name: Option<String>,
    /// What it matches.
    #[serde(default)]
    pub event_pattern: Option<Value>,
    /// When it fires.
    #[serde(default)]
    pub schedule_expression: Option<String>,
    /// Where it delivers.
    pub targets: Vec<Target>,
}

/// Where a rule delivers.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Target {
    /// Its name within the rule.
    pub id: String,
    /// A queue, a function or a topic.
    pub arn: String,
    /// What it gets instead of the event.
    #[serde(default)]
    pub input_transformer: Option<InputTransformer>,
    /// With whose rights: a bus is the only target that needs a role.
    #[serde(default)]
    pub role_arn: Option<String>,
    /// Where goes what cannot be delivered.
    #[serde(default)]
    pub dead_letter_config: Option<DeadLetterConfig>,
    /// How long delivery is tried.
    #[serde(default)]
    pub retry_policy: Option<RetryPolicy>,
}

/// A text with values of the event in it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct InputTransformer {
    /// By name, where in the event a value is: `$.detail.why`.
    pub input_paths_map: BTreeMap<String, String>,
    /// The text: `<name>` stands for a value.
    pub input_template: String,
}

/// Where goes what cannot be delivered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DeadLetterConfig {
    /// The queue.
    pub arn: String,
}

/// How long delivery is tried.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct RetryPolicy {
    /// How often at the most.
    pub maximum_retry_attempts: u32,
    /// How old at the most.
    pub maximum_event_age_in_seconds: u64,
}

/// `AWS::Lambda::EventSourceMapping`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct EventSourceMapping {
    /// The queue's ARN.
    pub event_source_arn: String,
    /// The function.
    pub function_name: String,
    /// How many messages an invocation gets at the most.
    pub batch_size: usize,
    /// `ReportBatchItemFailures`: whether an answer names the messages that failed.
    #[serde(default)]
    pub function_response_types: Vec<String>,
    /// How many invocations run at the same time.
    #[serde(default)]
    pub scaling_config: Option<ScalingConfig>,
}

/// How many invocations run at the same time.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ScalingConfig {
    /// At least 2.
    pub maximum_concurrency: usize,
}

/// `AWS::Serverless::Function`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Function {
    /// What it does.
    pub description: String,
    /// Its folder.
    pub code_uri: String,
    /// `bootstrap`.
    pub handler: String,
    /// `provided.al2023`.
    pub runtime: String,
    /// The processor.
    pub architectures: Vec<String>,
    /// Megabytes.
    pub memory_size: u64,
    /// Seconds.
    pub timeout: u64,
    /// Its role's ARN.
    pub role: String,
    /// Where its logs go.
    pub logging_config: Value,
    /// `Active` or `PassThrough`: nothing to emulate.
    pub tracing: String,
    /// Its environment.
    pub environment: Environment,
}

/// A function's environment.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Environment {
    /// By name.
    pub variables: BTreeMap<String, String>,
}

/// `AWS::IAM::Role`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Role {
    /// Who may take it.
    pub assume_role_policy_document: Value,
    /// What else it allows, if anything: nothing here needs it.
    #[serde(default)]
    pub managed_policy_arns: Vec<String>,
    /// What it allows.
    pub policies: Vec<InlinePolicy>,
}

/// `AWS::IAM::ManagedPolicy`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ManagedPolicy {
    /// What it is for.
    #[serde(default)]
    pub description: String,
    /// What it says.
    pub policy_document: PolicyDocument,
}

/// A policy of a role.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct InlinePolicy {
    /// Its name.
    pub policy_name: String,
    /// What it says.
    pub policy_document: PolicyDocument,
}

/// What a policy says.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct PolicyDocument {
    /// `2012-10-17`.
    pub version: String,
    /// Its statements.
    pub statement: Vec<Statement>,
}

/// One statement of a policy.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Statement {
    /// Its name.
    #[serde(default)]
    pub sid: Option<String>,
    /// `Allow` or `Deny`.
    pub effect: String,
    /// Actions, with wildcards.
    #[serde(deserialize_with = "one_or_many")]
    pub action: Vec<String>,
    /// Resources, with wildcards.
    #[serde(deserialize_with = "one_or_many")]
    pub resource: Vec<String>,
    /// When it counts.
    #[serde(default)]
    pub condition: Option<Value>,
}

/// `AWS::Lambda::Permission`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Permission {
    /// `lambda:InvokeFunction`.
    pub action: String,
    /// The function.
    pub function_name: String,
    /// Who may.
    pub principal: String,
    /// On whose behalf.
    pub source_arn: String,
}

/// `AWS::Logs::LogGroup`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct LogGroup {
    /// Days.
    pub retention_in_days: Value,
}

fn one_or_many<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum OneOrMany {
        One(String),
        Many(Vec<String>),
    }
    Ok(match OneOrMany::deserialize(deserializer)? {
        OneOrMany::One(one) => vec![one],
        OneOrMany::Many(many) => many,
    })
}
