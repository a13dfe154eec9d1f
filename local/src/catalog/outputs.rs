//! `GetProvisionedProductOutputs`.

use serde_json::{Value, json};

use super::Catalog;
use super::input::{ID, Input, NAME, Refused, page, up_to};
use super::model::Output;
use super::records::with_next;

const MOST: usize = 20;

impl Catalog {
    /// The outputs of the last success. A key that there is not is left out. Access levels do not apply to it: AWS names
    /// it among the operations without those conditions.
    pub(super) fn outputs(&self, input: &Input) -> Result<Value, Refused> {
        let id = input.text("ProvisionedProductId", ID)?;
        let name = input.text("ProvisionedProductName", NAME)?;
        let keys = input.texts("OutputKeys", 60, up_to(usize::MAX))?;
        // Before anything is looked for: what is wrong with a request is wrong whatever it asks for.
        input.page_size(MOST)?;
        input.page_start()?;
        let state = self.lock();
        let product = state.named(id.as_deref(), name.as_deref(), &self.place)?;
        let gone = || Refused::not_found("Provisioned product", id.as_deref().or(name.as_deref()).unwrap_or_default());
        let product = product.ok_or_else(gone)?;
        if product.last_successful_record_id.is_empty() {
            let text = format!("Provisioned product {} has no successful provisioning record.", product.id);
            return Err(Refused::invalid(text));
        }
        let stack = product.stack.as_deref().map(Output::of_stack);
        let is_asked = |output: &&Output| keys.is_empty() || keys.contains(&output.key);
        let outputs: Vec<Value> = stack.iter().chain(&product.outputs).filter(is_asked).map(Output::wire).collect();
        let (shown, next) = page(&outputs, input, MOST)?;
        Ok(with_next(json!({ "Outputs": shown }), next))
    }
}
