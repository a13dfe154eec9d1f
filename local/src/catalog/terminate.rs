//! `TerminateProvisionedProduct`.

use serde_json::Value;

use super::accept::{Acting, Admitted, Course, Stack, answer};
use super::input::{Input, NAME_OR_ARN, Refused, TOKEN};
use super::model::{Kind, Provisioned, Script};
use super::{Catalog, input};
use crate::api::Caller;

impl Catalog {
    pub(super) fn terminate(&self, input: &Input, caller: &Caller) -> Result<Value, Refused> {
        let name = input.text("ProvisionedProductName", NAME_OR_ARN)?;
        let id = input.text("ProvisionedProductId", input::ID)?;
        let token = input.required("TerminateToken", TOKEN)?;
        let ignore_errors = input.flag("IgnoreErrors")?;
        let retain = input.flag("RetainPhysicalResources")?;
        let asked = input.asked("TerminateToken");

        let mut state = self.lock();
        let product = state.named(id.as_deref(), name.as_deref(), &self.place)?.cloned();
        let acting = Acting { kind: Kind::Terminate, caller, token: &token, asked: &asked };
        let gone = || Refused::not_found("Provisioned product", id.as_deref().or(name.as_deref()).unwrap_or_default());
        let busy = |product: &Provisioned| {
            let (code, text) = &state.settings.refused_terminate;
            product.is_changing().then(|| Refused::new(code, text.clone()))
        };
        let product = match state.admit(acting, product, gone, busy)? {
            Admitted::Before(record) => return Ok(answer(&record)),
            Admitted::Now(product) => product,
        };
        let script = state.next_script(Kind::Terminate, &product);
        let fails = matches!(script, Script::Fail(_));
        state.change(&product.id, self.clock.now(), |product| product.stack_kept = retain || (ignore_errors && fails));
        let course = if ignore_errors && fails {
            // The stack fails all the same: only the record does not.
            Course { stack: Stack::Fails, ..Course::of(Script::Succeed) }
        } else {
            Course::of(script)
        };
        let stack = if retain { Stack::Untouched } else { course.stack };
        Ok(self.accept(&mut state, acting, *product, Course { stack, ..course }))
    }
}
