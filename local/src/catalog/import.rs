//! `ImportAsProvisionedProduct`.

use serde_json::Value;

use super::Catalog;
use super::accept::{Acting, Course, answer};
use super::input::{ID, Input, NAME, Refused, TEXT, TOKEN};
use super::model::{Kind, Provisioned, Script};
use super::offer::no_paths;
use super::state::State;
use crate::api::Caller;

/// The statuses of stacks that can become products.
const IMPORTABLE: [&str; 5] =
    ["CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE", "IMPORT_ROLLBACK_COMPLETE"];

/// What a call asks for.
struct Asked {
    product_id: String,
    artifact_id: String,
    name: String,
    stack: String,
    token: String,
}

impl Catalog {
    pub(super) fn import(&self, input: &Input, caller: &Caller) -> Result<Value, Refused> {
        let asked = Asked {
            product_id: input.required("ProductId", ID)?,
            artifact_id: input.required("ProvisioningArtifactId", ID)?,
            name: input.required("ProvisionedProductName", NAME)?,
            stack: input.required("PhysicalId", TEXT)?,
            token: input.required("IdempotencyToken", TOKEN)?,
        };
        let whole = input.asked("IdempotencyToken");

        let mut state = self.lock();
        let state = &mut *state;
        let acting = Acting { kind: Kind::Import, caller, token: &asked.token, asked: &whole };
        let remembered = state.remembered(acting)?;
        if let Some(record) = state.first(remembered, state.is_importing())? {
            let gone = || Refused::not_found("Provisioned product", &record.product.id);
            state.may_touch(caller, &record.product, Kind::Import.operation(), gone)?;
            return Ok(answer(&record));
        }
        let path_id = state.importable(&asked, caller)?;

        let now = self.clock.now();
        let mut product = Provisioned::new(&state.new_id("pp"), &asked.name, now, &self.place);
        "UNDER_CHANGE".clone_into(&mut product.status);
        product.product_name = state.offer.product(&asked.product_id).map(|one| one.name.clone()).unwrap_or_default();
        product.user_arn.clone_from(&caller.arn);
        product.product_id = asked.product_id;
        product.artifact_id = asked.artifact_id;
        product.stack = Some(asked.stack);
        product.path_id = Some(path_id);
        product.token.clone_from(&asked.token);
        product.scripts = state.scripts.remove(&asked.name).unwrap_or_default();
        let mishap = state.mishaps.meet(Kind::Import, &product);
        let script = mishap.or_else(|| product.scripts.pop_front()).unwrap_or(Script::Succeed);
        state.enter(product.clone(), now);
        let becomes = state.becoming(&product, self);
        let course = Course { becomes: Some(becomes), ..Course::of(script) };
        Ok(self.accept(state, acting, product, course))
    }
}

impl State {
    /// Why nothing can be imported now: the account has one import at a time.
    fn is_importing(&self) -> Option<Refused> {
        let record = self.records.iter().find(|record| record.kind == Kind::Import && !record.is_ended())?;
        let text = format!("Another import is in progress: {}.", record.id);
        Some(Refused::new(&self.settings.import_refusals.busy, text))
    }

    /// Whether a stack can become that product, and by which launch path.
    fn importable(&self, asked: &Asked, caller: &Caller) -> Result<String, Refused> {
        let codes = &self.settings.import_refusals;
        let artifact = self.offer.version(&asked.product_id, &asked.artifact_id, None)?;
        // No path can be named here: the first is as good as any.
        let path_id = self.offer.launch_path(&asked.product_id, &caller.arn);
        let path_id = path_id.ok_or_else(|| no_paths(&asked.product_id))?;
        let unknown = || Refused::new(&codes.unknown_stack, format!("Stack {} does not exist.", asked.stack));
        let stack = self.stack(&asked.stack).ok_or_else(unknown)?;
        if self.living_by_name(&asked.name).is_some() {
            let text = format!("A provisioned product named {} already exists.", asked.name);
            return Err(Refused::new(&codes.duplicate, text));
        }
        let holds = |product: &&Provisioned| !product.gone && product.stack.as_ref() == Some(&asked.stack);
        if let Some(product) = self.products.iter().find(holds) {
            let text = format!("Stack {} is provisioned product {} already.", asked.stack, product.id);
            return Err(Refused::new(&codes.duplicate, text));
        }
        if !IMPORTABLE.contains(&stack.status.as_str()) {
            return Err(Refused::new(&codes.stack_status, format!("Stack {} is in {}.", asked.stack, stack.status)));
        }
        if !is_same(&stack.template, &artifact.template) {
            let text = format!("The template of stack {} is not that of {}.", asked.stack, artifact.id);
            return Err(Refused::new(&codes.template, text));
        }
        Ok(path_id)
    }
}

/// Whether two templates are the same: as JSON if both are, else as text.
fn is_same(one: &str, other: &str) -> bool {
    let json = |text| serde_json::from_str::<Value>(text);
    match (json(one), json(other)) {
        (Ok(one), Ok(other)) => one == other,
        _ => one == other,
    }
}
