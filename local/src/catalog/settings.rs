//! What nobody has published about the real service: settings, each with a default that is written down.

use std::collections::BTreeMap;
use std::time::Duration;

/// How long an idempotency token is remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenMemory {
    /// While the record that it made is not at its end: what AWS says of `TerminateToken`. The default.
    WhileRunning,
    /// For ever: the record is given again even after its end.
    ForEver,
    /// Not at all.
    None,
}

/// Which check comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StateCheck {
    /// The product's state: a repeated call is refused because of its own record.
    BeforeToken,
    /// The token: a repeated call gets its own record. The default.
    AfterToken,
}

/// What a known token with other members gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenMismatch {
    /// `InvalidParametersException`. The default.
    Refuse,
    /// The record that the token made, whatever is asked now.
    Replay,
}

/// What a caller gets that may not touch a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccessDeniedAs {
    /// `AccessDeniedException`. The default.
    AccessDenied,
    /// `ResourceNotFoundException`, as if there were no such product.
    NotFound,
}

/// What a caller may touch and see.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AccessLevel {
    /// Everything in the account.
    #[default]
    Account,
    /// What its role has provisioned.
    Role,
    /// What it has provisioned itself.
    User,
}

/// What becomes of the product of an import that fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailedImport {
    /// There is no such product any more; the stack is free again. The default.
    Gone,
    /// The product is in ERROR, and holds the stack.
    Error,
}

/// The codes of refused imports. AWS says what is refused, but not how; these are the exceptions of the model that fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportRefusals {
    /// A product has the name or the stack. `DuplicateResourceException` by default.
    pub duplicate: String,
    /// Another import is in progress. `InvalidStateException` by default.
    pub busy: String,
    /// The stack's status allows none. `InvalidStateException` by default.
    pub stack_status: String,
    /// The stack's template is not the version's. `InvalidParametersException` by default.
    pub template: String,
    /// There is no such stack. `InvalidParametersException` by default.
    pub unknown_stack: String,
}

impl Default for ImportRefusals {
    fn default() -> Self {
        let (state, parameters) = ("InvalidStateException", "InvalidParametersException");
        Self {
            duplicate: "DuplicateResourceException".to_owned(),
            busy: state.to_owned(),
            stack_status: state.to_owned(),
            template: parameters.to_owned(),
            unknown_stack: parameters.to_owned(),
        }
    }
}

/// The settings. They can be changed while the service runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// How long tokens are remembered.
    pub token_memory: TokenMemory,
    /// Whether the product's state or the token is looked at first.
    pub state_check: StateCheck,
    /// What a known token with other members gives.
    pub token_mismatch: TokenMismatch,
    /// The code and the text of a termination that is refused because something else is going on. Published nowhere;
    /// `InvalidParametersException` by default, the one that hides best among real mistakes.
    pub refused_terminate: (String, String),
    /// How long after a change the search still shows what was before. Nothing by default.
    pub search_lag: Duration,
    /// How long after its creation a record is missing in the record history. Nothing by default.
    pub history_lag: Duration,
    /// How long after the stack's end the record ends. Five seconds by default.
    pub record_lag: Duration,
    /// Whether a new record is `CREATED` (the default, seen in 2025) or `IN_PROGRESS` (seen in 2016).
    pub first_status: &'static str,
    /// What a caller gets that may not touch a product.
    pub access_denied_as: AccessDeniedAs,
    /// What callers may touch, by name; who is not here may touch everything.
    pub access_levels: BTreeMap<String, AccessLevel>,
    /// How long a termination takes, at AWS.
    pub termination: Duration,
    /// How long an update takes, at AWS.
    pub update: Duration,
    /// How long a provisioning takes, at AWS.
    pub provision: Duration,
    /// How long a service action takes, at AWS.
    pub action: Duration,
    /// How long an import takes, at AWS.
    pub import: Duration,
    /// The type of a service action's record. Published nowhere; `EXECUTE_PROVISIONED_PRODUCT_SERVICE_ACTION` by
    /// default.
    pub action_record_type: String,
    /// The type of an import's record. Published nowhere; `IMPORT_PROVISIONED_PRODUCT` by default.
    pub import_record_type: String,
    /// The type of the record of an executed plan for a new product. Published nowhere; `PROVISION_PRODUCT` by default:
    /// the change set is a provisioning.
    pub planned_provision_record_type: String,
    /// The type of the record of an executed plan for an existing product. Published nowhere;
    /// `UPDATE_PROVISIONED_PRODUCT` by default.
    pub planned_update_record_type: String,
    /// Whether a service action may be executed on a product in ERROR. Published nowhere; not so by default.
    pub action_in_error: bool,
    /// The type of the record of a change of owner or launch role. Published nowhere;
    /// `UPDATE_PROVISIONED_PRODUCT_PROPERTIES` by default.
    pub properties_record_type: String,
    /// The code and the text of an update that is refused because of the product's status. Published nowhere;
    /// `InvalidParametersException` by default, one of the two codes that the model has.
    pub refused_update: (String, String),
    /// Whether a product in ERROR may be updated. Terraform's provider treats it like one that is TAINTED, so it may by
    /// default; others terminate it instead.
    pub update_in_error: bool,
    /// Whether updates may change tags even where no constraint of the launch path says so. They may not by default.
    pub tag_updates: bool,
    /// The key of a record's output that holds the id of the automation's execution. Published nowhere;
    /// `AutomationExecutionId` by default.
    pub automation_output: String,
    /// How long it takes to make a plan's change set, at AWS: seen in the samples of the command line's manual.
    pub change_set: Duration,
    /// How long a plan's status is behind its execution: it says `CREATE_SUCCESS` for a while, and `EXECUTE_IN_PROGRESS`
    /// when the record has ended already. Five seconds by default.
    pub plan_lag: Duration,
    /// The code of the refusal of a second plan for a product. Published nowhere; `InvalidStateException` by default.
    pub second_plan: String,
    /// The code of the refusal to execute a plan again. Published nowhere; `InvalidStateException` by default, the only
    /// one of the model that fits.
    pub second_execution: String,
    /// What becomes of the product of an import that fails.
    pub failed_import: FailedImport,
    /// The codes of refused imports.
    pub import_refusals: ImportRefusals,
}

impl Default for Settings {
    fn default() -> Self {
        let busy = "Provisioned product is currently UNDER_CHANGE and cannot be terminated.";
        Self {
            token_memory: TokenMemory::WhileRunning,
            state_check: StateCheck::AfterToken,
            token_mismatch: TokenMismatch::Refuse,
            refused_terminate: ("InvalidParametersException".to_owned(), busy.to_owned()),
            search_lag: Duration::ZERO,
            history_lag: Duration::ZERO,
            record_lag: Duration::from_secs(5),
            first_status: "CREATED",
            access_denied_as: AccessDeniedAs::AccessDenied,
            access_levels: BTreeMap::new(),
            // Terraform's own acceptance tests need about two and a half minutes to create and delete one.
            termination: Duration::from_mins(2),
            update: Duration::from_mins(4),
            provision: Duration::from_mins(4),
            action: Duration::from_mins(1),
            import: Duration::from_mins(1),
            action_record_type: "EXECUTE_PROVISIONED_PRODUCT_SERVICE_ACTION".to_owned(),
            import_record_type: "IMPORT_PROVISIONED_PRODUCT".to_owned(),
            planned_provision_record_type: "PROVISION_PRODUCT".to_owned(),
            planned_update_record_type: "UPDATE_PROVISIONED_PRODUCT".to_owned(),
            properties_record_type: "UPDATE_PROVISIONED_PRODUCT_PROPERTIES".to_owned(),
            refused_update: (
                "InvalidParametersException".to_owned(),
                "Provisioned product is not in a status in which it can be updated.".to_owned(),
            ),
            update_in_error: true,
            tag_updates: false,
            action_in_error: false,
            automation_output: "AutomationExecutionId".to_owned(),
            change_set: Duration::from_secs(9),
            plan_lag: Duration::from_secs(5),
            second_plan: "InvalidStateException".to_owned(),
            second_execution: "InvalidStateException".to_owned(),
            failed_import: FailedImport::Gone,
            import_refusals: ImportRefusals::default(),
        }
    }
}
