//! `ProvisionProduct`.

use serde_json::Value;

use super::accept::{Acting, Course, answer};
use super::input::{ARN, ID, Input, NAME, Refused, TOKEN, some, up_to};
use super::model::{Becoming, Kind, Provisioned};
use super::offer::{Artifact, Product, Template};
use super::parameters::{self, Given};
use super::state::State;
use super::{Catalog, preferences, tags};
use crate::api::Caller;

/// The version and the way that a call asks for, by ids or by names.
#[derive(Debug)]
pub(super) struct Wanted {
    pub(super) product_id: Option<String>,
    pub(super) product_name: Option<String>,
    pub(super) artifact_id: Option<String>,
    pub(super) artifact_name: Option<String>,
    path_id: Option<String>,
    path_name: Option<String>,
}

impl Wanted {
    pub(super) fn read(input: &Input) -> Result<Self, Refused> {
        Ok(Self {
            product_id: input.text("ProductId", ID)?,
            product_name: input.text("ProductName", up_to(8191))?,
            artifact_id: input.text("ProvisioningArtifactId", ID)?,
            artifact_name: input.text("ProvisioningArtifactName", up_to(8192))?,
            path_id: input.text("PathId", ID)?,
            path_name: input.text("PathName", some(100))?,
        })
    }

    pub(super) fn product<'a>(&self, state: &'a State) -> Result<&'a Product, Refused> {
        let members = ["ProductId", "ProductName"];
        state.offer.chosen_product(self.product_id.as_deref(), self.product_name.as_deref(), members)
    }

    /// A version that may be used.
    pub(super) fn artifact<'a>(&self, state: &'a State, product: &Product) -> Result<&'a Artifact, Refused> {
        let (id, name) = (self.artifact_id.as_deref(), self.artifact_name.as_deref());
        let artifact = state.offer.chosen_artifact(product, id, name)?;
        if artifact.active {
            return Ok(artifact);
        }
        Err(Refused::invalid(format!("Provisioning artifact {} is not active.", artifact.id)))
    }

    /// The launch path; `own`: the one that the product came by.
    pub(super) fn path(
        &self,
        state: &State,
        product_id: &str,
        own: Option<&str>,
        caller: &Caller,
    ) -> Result<String, Refused> {
        match (&self.path_id, &self.path_name) {
            (Some(_), Some(_)) => Err(Refused::invalid("Only one of PathId and PathName may be provided.")),
            (None, Some(name)) => state.offer.launch_path_by_name(product_id, name, &caller.arn),
            (asked, None) => state.offer.way(product_id, asked.as_deref(), own, &caller.arn),
        }
    }
}

impl Catalog {
    pub(super) fn provision(&self, input: &Input, caller: &Caller) -> Result<Value, Refused> {
        let wanted = Wanted::read(input)?;
        let name = input.required("ProvisionedProductName", NAME)?;
        input.texts("NotificationArns", 5, ARN)?;
        let token = input.required("ProvisionToken", TOKEN)?;
        let tags = tags::read(input)?;
        let given = Given::read(input)?;
        preferences::read(input)?;
        let asked = input.asked("ProvisionToken");

        let mut state = self.lock();
        let state = &mut *state;
        let acting = Acting { kind: Kind::Provision, caller, token: &token, asked: &asked };
        let remembered = state.remembered(acting)?;
        let chosen = self.new_product(state, &wanted, &name, caller);
        if let Some(record) = state.first(remembered, chosen.as_ref().err().cloned())? {
            return Ok(answer(&record));
        }
        let (mut product, template) = chosen?;
        product.id = state.new_id("pp");
        product.token.clone_from(&token);
        product.scripts = state.scripts.remove(&name).unwrap_or_default();
        product.stack = Some(Provisioned::made_stack(&product.id, &self.place));
        product.tags = tags::with(tags, &product.tags);
        product.parameters = parameters::resolved(&given, &[]);

        let course = Template::parse(&template).and_then(|template| {
            parameters::check(&template, &given, &product.parameters)?;
            product.parameters = parameters::values(&template, &product.parameters);
            let becomes = state.becoming(&product, self);
            let mishap = state.mishaps.meet(Kind::Provision, &product);
            let script = mishap.or_else(|| product.scripts.pop_front()).unwrap_or(super::Script::Succeed);
            Ok(Course { becomes: Some(becomes), ..Course::of(script) })
        });
        let course = course.unwrap_or_else(|text| {
            // It came to no stack.
            product.stack = None;
            parameters::refused_by_engine(&text)
        });
        state.enter(product.clone(), self.clock.now());
        Ok(self.accept(state, acting, product, course))
    }

    /// The product that a call would make, and its template.
    fn new_product(
        &self,
        state: &State,
        wanted: &Wanted,
        name: &str,
        caller: &Caller,
    ) -> Result<(Provisioned, String), Refused> {
        let product = wanted.product(state)?;
        let artifact = wanted.artifact(state, product)?;
        let path_id = wanted.path(state, &product.id, None, caller)?;
        if state.living_by_name(name).is_some() {
            return Err(Refused::invalid(format!("A stack named {name} already exists.")));
        }
        let new = Provisioned::new("", name, self.clock.now(), &self.place);
        let new = Provisioned {
            status: "UNDER_CHANGE".to_owned(),
            user_arn: caller.arn.clone(),
            product_id: product.id.clone(),
            product_name: product.name.clone(),
            artifact_id: artifact.id.clone(),
            tags: state.offer.tags_of_path(&path_id),
            path_id: Some(path_id),
            ..new
        };
        Ok((new, artifact.template.clone()))
    }
}

impl State {
    /// What a record makes of a product that is to be so.
    pub(super) fn becoming(&self, product: &Provisioned, catalog: &Catalog) -> Becoming {
        let stack = self.stack_of(product, &catalog.place);
        // Where nothing was given, the defaults count from now on.
        let mut parameters = product.parameters.clone();
        let defaults = stack.iter().flat_map(|stack| parameters::values(&stack.template, &product.parameters));
        parameters.extend(defaults.filter(|(key, _)| !product.parameters.iter().any(|(given, _)| given == key)));
        Becoming {
            artifact_id: product.artifact_id.clone(),
            path_id: product.path_id.clone(),
            parameters,
            outputs: stack.map(|stack| stack.outputs()).unwrap_or_default(),
        }
    }
}
