//! What a record is about.

use std::time::Duration;

use crate::catalog::settings::Settings;
use serde::{Deserialize, Serialize};

/// The kinds of records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// A new product.
    Provision,
    /// A change of a product.
    Update,
    /// The end of a product.
    Terminate,
    /// A service action on a product.
    Action,
    /// A stack becomes a product.
    Import,
    /// Another owner or launch role.
    Properties,
    /// A plan for a new product, executed.
    PlannedProvision,
    /// A plan for an existing product, executed.
    PlannedUpdate,
}

impl Kind {
    /// The operation that makes such records; tokens are remembered by it.
    #[must_use]
    pub fn operation(self) -> &'static str {
        match self {
            Self::Provision => "ProvisionProduct",
            Self::Update => "UpdateProvisionedProduct",
            Self::Terminate => "TerminateProvisionedProduct",
            Self::Action => "ExecuteProvisionedProductServiceAction",
            Self::Import => "ImportAsProvisionedProduct",
            Self::Properties => "UpdateProvisionedProductProperties",
            Self::PlannedProvision | Self::PlannedUpdate => "ExecuteProvisionedProductPlan",
        }
    }

    /// The record's type on the wire.
    pub(in crate::catalog) fn record_type(self, settings: &Settings) -> &str {
        match self {
            Self::Provision => "PROVISION_PRODUCT",
            Self::Update => "UPDATE_PROVISIONED_PRODUCT",
            Self::Terminate => "TERMINATE_PROVISIONED_PRODUCT",
            Self::Action => &settings.action_record_type,
            Self::Import => &settings.import_record_type,
            Self::Properties => &settings.properties_record_type,
            Self::PlannedProvision => &settings.planned_provision_record_type,
            Self::PlannedUpdate => &settings.planned_update_record_type,
        }
    }

    /// How long it takes, at AWS.
    pub(in crate::catalog) fn takes(self, settings: &Settings) -> Duration {
        match self {
            Self::Provision | Self::PlannedProvision => settings.provision,
            Self::Update | Self::PlannedUpdate => settings.update,
            Self::Terminate => settings.termination,
            Self::Action => settings.action,
            Self::Import => settings.import,
            // It is done when the call is.
            Self::Properties => Duration::ZERO,
        }
    }

    /// Whether such a record is the product's last provisioning record: one that leaves the stack alone never is.
    #[must_use]
    pub fn provisions(self) -> bool {
        !matches!(self, Self::Action | Self::Properties)
    }

    /// What the stack tells when the work begins.
    pub(in crate::catalog) fn stack_begins(self) -> Option<&'static str> {
        match self {
            Self::Provision | Self::PlannedProvision => Some("CREATE_IN_PROGRESS"),
            Self::Update | Self::PlannedUpdate => Some("UPDATE_IN_PROGRESS"),
            Self::Terminate => Some("DELETE_IN_PROGRESS"),
            Self::Import => Some("IMPORT_IN_PROGRESS"),
            Self::Action | Self::Properties => None,
        }
    }

    /// What the stack tells when the work is done, or has failed.
    pub(in crate::catalog) fn stack_ends(self, is_well: bool) -> &'static [&'static str] {
        match (self, is_well) {
            (Self::Provision | Self::PlannedProvision, true) => &["CREATE_COMPLETE"],
            (Self::Provision | Self::PlannedProvision, false) => &["ROLLBACK_IN_PROGRESS", "ROLLBACK_COMPLETE"],
            (Self::Update | Self::PlannedUpdate, true) => &["UPDATE_COMPLETE"],
            (Self::Update | Self::PlannedUpdate, false) => &["UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE"],
            (Self::Terminate, true) => &["DELETE_COMPLETE"],
            (Self::Terminate, false) => &["DELETE_FAILED"],
            (Self::Import, true) => &["IMPORT_COMPLETE"],
            (Self::Import, false) => &["IMPORT_ROLLBACK_IN_PROGRESS", "IMPORT_ROLLBACK_COMPLETE"],
            (Self::Action | Self::Properties, _) => &[],
        }
    }
}
