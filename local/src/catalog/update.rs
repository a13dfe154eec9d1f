//! `UpdateProvisionedProduct`.

use serde_json::Value;

use super::accept::{Acting, Admitted, Course, answer};
use super::input::{ID, Input, NAME_OR_ARN, Refused, TOKEN};
use super::model::{Kind, Provisioned};
use super::offer::Template;
use super::parameters::{self, Given};
use super::provision::Wanted;
use super::state::State;
use super::{Catalog, preferences, tags};
use crate::api::Caller;

impl Catalog {
    pub(super) fn update_product(&self, input: &Input, caller: &Caller) -> Result<Value, Refused> {
        let name = input.text("ProvisionedProductName", NAME_OR_ARN)?;
        let id = input.text("ProvisionedProductId", ID)?;
        let wanted = Wanted::read(input)?;
        let token = input.required("UpdateToken", TOKEN)?;
        let tags = tags::read(input)?;
        let given = Given::read(input)?;
        preferences::read(input)?;
        let asked = input.asked("UpdateToken");

        let mut state = self.lock();
        let state = &mut *state;
        let acting = Acting { kind: Kind::Update, caller, token: &token, asked: &asked };
        let named = state.named(id.as_deref(), name.as_deref(), &self.place)?.cloned();
        let gone = || Refused::not_found("Provisioned product", id.as_deref().or(name.as_deref()).unwrap_or_default());
        let mut product = match state.admit(acting, named, gone, |product| state.cannot_update(product))? {
            Admitted::Before(record) => return Ok(answer(&record)),
            Admitted::Now(product) => *product,
        };
        let path = product.path_id.as_deref().unwrap_or_default();
        let is_allowed = state.settings.tag_updates || state.offer.allows_tag_updates(&product.product_id, path);
        if !tags.is_empty() && !is_allowed {
            return Err(Refused::invalid("The product's constraints do not allow tag updates."));
        }
        product.tags = tags::with(tags, &product.tags);
        let (artifact_id, template) = version(state, &wanted, &product)?;
        let path_id = wanted.path(state, &product.product_id, product.path_id.as_deref(), caller)?;

        let present = state.stack_of(&product, &self.place).map(|stack| stack.template).unwrap_or_default();
        let previous = parameters::values(&present, &product.parameters);
        let resolved = parameters::resolved(&given, &previous);
        let course = Template::parse(&template).and_then(|template| {
            parameters::check(&template, &given, &resolved)?;
            let mut changed = Provisioned { artifact_id, path_id: Some(path_id), ..product.clone() };
            changed.parameters = parameters::values(&template, &resolved);
            // One that came to no stack gets it now.
            changed.stack.get_or_insert_with(|| Provisioned::made_stack(&product.id, &self.place));
            product.stack.clone_from(&changed.stack);
            let becomes = state.becoming(&changed, self);
            Ok(Course { becomes: Some(becomes), ..Course::of(state.next_script(Kind::Update, &product)) })
        });
        let course = course.unwrap_or_else(|text| parameters::refused_by_engine(&text));
        let (stack, tags) = (product.stack.clone(), product.tags.clone());
        state.change(&product.id, self.clock.now(), |product| (product.stack, product.tags) = (stack, tags));
        Ok(self.accept(state, acting, product, course))
    }
}

impl State {
    /// Why a product cannot be updated now.
    fn cannot_update(&self, product: &Provisioned) -> Option<Refused> {
        let is_fit = match product.status.as_str() {
            "AVAILABLE" | "TAINTED" => true,
            "ERROR" => self.settings.update_in_error,
            _ => false,
        };
        let (code, text) = &self.settings.refused_update;
        (!is_fit).then(|| Refused::new(code, text.clone()))
    }
}

/// The version that a product is to have, and its template. Nothing named: the one that it has.
fn version(state: &State, wanted: &Wanted, present: &Provisioned) -> Result<(String, String), Refused> {
    let product = if wanted.product_id.is_some() || wanted.product_name.is_some() {
        wanted.product(state)?
    } else {
        let id = &present.product_id;
        state.offer.product(id).ok_or_else(|| Refused::not_found("Product", id))?
    };
    if product.id != present.product_id {
        let text = format!("Provisioned product {} is of product {}.", present.id, present.product_id);
        return Err(Refused::invalid(text));
    }
    let artifact = if wanted.artifact_id.is_some() || wanted.artifact_name.is_some() {
        wanted.artifact(state, product)?
    } else {
        // A product may keep a version that no new one may have.
        state.offer.chosen_artifact(product, Some(&present.artifact_id), None)?
    };
    Ok((artifact.id.clone(), artifact.template.clone()))
}
