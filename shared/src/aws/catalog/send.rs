//! The four calls that act: with the stored token, nothing after the lease, retried inside the SDK on throttling alone.

use std::error::Error;
use std::marker::PhantomData;

use aws_sdk_servicecatalog::config::Builder;
use aws_sdk_servicecatalog::operation::execute_provisioned_product_plan::ExecuteProvisionedProductPlanError;
use aws_sdk_servicecatalog::operation::execute_provisioned_product_service_action::ExecuteProvisionedProductServiceActionError;
use aws_sdk_servicecatalog::operation::import_as_provisioned_product::ImportAsProvisionedProductError;
use aws_sdk_servicecatalog::operation::terminate_provisioned_product::TerminateProvisionedProductError;
use aws_sdk_servicecatalog::types::RecordDetail;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::{ServiceCatalog, record};
use crate::aws::classify::{RetryThrottlesOnly, call_error};
use crate::aws::send_until::SendUntil;
use crate::ports::{CallError, Record, Stamp};
use crate::request::{ExecuteAction, Import, Terminate};

impl ServiceCatalog {
    pub(super) async fn send_termination(
        &self,
        product_id: &str,
        request: &Terminate,
        stamp: Stamp<'_>,
    ) -> Result<Record, CallError> {
        let answer = self
            .client
            .terminate_provisioned_product()
            .provisioned_product_id(product_id)
            .terminate_token(stamp.token)
            .ignore_errors(request.ignore_errors)
            .retain_physical_resources(request.retain_physical_resources)
            .set_accept_language(request.accept_language.clone())
            .customize()
            .interceptor(self.until(stamp))
            .config_override(throttles_only::<TerminateProvisionedProductError>())
            .send()
            .await;
        accepted(answer.map_err(|error| call_error(&error))?.record_detail)
    }

    pub(super) async fn send_action(&self, request: &ExecuteAction, stamp: Stamp<'_>) -> Result<Record, CallError> {
        // None at all, not an empty map: the model wants 1 to 200 of them.
        let parameters = (!request.parameters.is_empty()).then(|| request.parameters.clone().into_iter().collect());
        let answer = self
            .client
            .execute_provisioned_product_service_action()
            .provisioned_product_id(&request.provisioned_product_id)
            .service_action_id(&request.service_action_id)
            .set_parameters(parameters)
            .execute_token(stamp.token)
            .set_accept_language(request.accept_language.clone())
            .customize()
            .interceptor(self.until(stamp))
            .config_override(throttles_only::<ExecuteProvisionedProductServiceActionError>())
            .send()
            .await;
        accepted(answer.map_err(|error| call_error(&error))?.record_detail)
    }

    pub(super) async fn send_plan(
        &self,
        plan_id: &str,
        accept_language: Option<&str>,
        stamp: Stamp<'_>,
    ) -> Result<Record, CallError> {
        let answer = self
            .client
            .execute_provisioned_product_plan()
            .plan_id(plan_id)
            .idempotency_token(stamp.token)
            .set_accept_language(accept_language.map(str::to_owned))
            .customize()
            .interceptor(self.until(stamp))
            .config_override(throttles_only::<ExecuteProvisionedProductPlanError>())
            .send()
            .await;
        accepted(answer.map_err(|error| call_error(&error))?.record_detail)
    }

    pub(super) async fn send_import(&self, request: &Import, stamp: Stamp<'_>) -> Result<Record, CallError> {
        let answer = self
            .client
            .import_as_provisioned_product()
            .product_id(&request.product_id)
            .provisioning_artifact_id(&request.provisioning_artifact_id)
            .provisioned_product_name(&request.provisioned_product_name)
            .physical_id(&request.physical_id)
            .idempotency_token(stamp.token)
            .set_accept_language(request.accept_language.clone())
            .customize()
            .interceptor(self.until(stamp))
            .config_override(throttles_only::<ImportAsProvisionedProductError>())
            .send()
            .await;
        let record = accepted(answer.map_err(|error| call_error(&error))?.record_detail)?;
        // What it makes is protected together with the record: without its id it is as good as no answer.
        if record.product_id.is_none() {
            return Err(CallError::Unknown("accepted without a provisioned product's id".to_owned()));
        }
        Ok(record)
    }

    fn until(&self, stamp: Stamp<'_>) -> SendUntil {
        SendUntil { until: stamp.send_until, clock: self.clock }
    }
}

fn throttles_only<E>() -> Builder
where
    E: Error + ProvideErrorMetadata + Send + Sync + std::fmt::Debug + 'static,
{
    Builder::new().retry_classifier(RetryThrottlesOnly::<E>(PhantomData))
}

/// Accepted, but without a record to follow: as good as no answer.
fn accepted(detail: Option<RecordDetail>) -> Result<Record, CallError> {
    detail.and_then(record).ok_or_else(|| CallError::Unknown("accepted without a record id".to_owned()))
}
