//! Plans, all pages of them.

use aws_sdk_servicecatalog::operation::describe_provisioned_product_plan::DescribeProvisionedProductPlanError;
use aws_sdk_servicecatalog::types::{
    ProvisionedProductPlanDetails, ResourceChange as Change, ResourceChangeDetail, UpdateProvisioningParameter,
};

use super::read::{next, reading};
use super::{ServiceCatalog, not_found_is_none};
use crate::aws::classify::call_error;
use crate::aws::time;
use crate::operation::{MESSAGE_BYTES_MAX, cut};
use crate::plan::{ChangeDetail, ChangeTarget, Parameter, Plan, ResourceChange};
use crate::ports::CallError;

/// A template has at most 500 resources, and a page at most 20 of their changes. What is longer is not judged by half.
const PAGES_MAX: u32 = 50;

impl ServiceCatalog {
    pub(super) async fn read_plan(&self, plan_id: &str) -> Result<Option<Plan>, CallError> {
        let (mut token, mut changes) = (None, Vec::new());
        for _ in 0..PAGES_MAX {
            let answer = self
                .client
                .describe_provisioned_product_plan()
                .plan_id(plan_id)
                .page_size(20)
                .set_page_token(token)
                .customize()
                .config_override(reading::<DescribeProvisionedProductPlanError>())
                .send()
                .await;
            let answer = match answer {
                Ok(answer) => answer,
                Err(error) => return not_found_is_none(call_error(&error)),
            };
            changes.extend(answer.resource_changes.unwrap_or_default().into_iter().map(change));
            token = next(answer.next_page_token);
            if token.is_none() {
                let details = answer.provisioned_product_plan_details;
                let plan = details.and_then(|details| plan(details, changes));
                let unread = || CallError::Unknown("a plan described without an id or a status".to_owned());
                return plan.map(Some).ok_or_else(unread);
            }
        }
        Err(CallError::Unknown(format!("the plan has more than {} changes", PAGES_MAX * 20)))
    }
}

fn plan(details: ProvisionedProductPlanDetails, changes: Vec<ResourceChange>) -> Option<Plan> {
    Some(Plan {
        id: details.plan_id?,
        status: details.status?.as_str().to_owned(),
        status_message: details.status_message.map(|text| cut(&text, MESSAGE_BYTES_MAX)),
        product_id: details.product_id,
        artifact_id: details.provisioning_artifact_id,
        provisioned_product_id: details.provision_product_id,
        provisioned_product_name: details.provision_product_name,
        updated_at: details.updated_time.as_ref().and_then(time),
        parameters: details.provisioning_parameters.unwrap_or_default().into_iter().map(parameter).collect(),
        changes,
    })
}

fn parameter(of: UpdateProvisioningParameter) -> Parameter {
    Parameter { key: of.key, value: of.value, use_previous_value: of.use_previous_value }
}

fn change(of: Change) -> ResourceChange {
    let word = |text: &str| text.to_owned();
    ResourceChange {
        action: of.action.map(|action| word(action.as_str())),
        logical_resource_id: of.logical_resource_id,
        physical_resource_id: of.physical_resource_id,
        resource_type: of.resource_type,
        replacement: of.replacement.map(|replacement| word(replacement.as_str())),
        scope: of.scope.unwrap_or_default().iter().map(|scope| word(scope.as_str())).collect(),
        details: of.details.unwrap_or_default().into_iter().map(detail).collect(),
    }
}

fn detail(of: ResourceChangeDetail) -> ChangeDetail {
    ChangeDetail {
        target: of.target.map(|target| ChangeTarget {
            attribute: target.attribute.map(|attribute| attribute.as_str().to_owned()),
            name: target.name,
            requires_recreation: target.requires_recreation.map(|recreation| recreation.as_str().to_owned()),
        }),
        evaluation: of.evaluation.map(|evaluation| evaluation.as_str().to_owned()),
        causing_entity: of.causing_entity,
    }
}
