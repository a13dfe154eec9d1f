//! From a drifted stack to its provisioned product, and to the action that repairs it.

use super::{Action, What};
use crate::judge::Verdict;
use crate::operation::{Notice, Remedy};
use crate::ports::{Bus, CallError, Catalog, Refusal, SearchRow, Sought, Store};
use crate::request::{ProductRef, Remediate, rules};
use crate::workflow::Edges;

/// The tag with which a product names its own remediation: an action's id.
const REMEDIATION_TAG: &str = "steward:remediation";

/// What a drifted stack comes to.
#[derive(Debug)]
pub(super) struct Resolved {
    pub(super) what: What,
    pub(super) notice: Notice,
}

impl Resolved {
    fn nothing(verdict: Verdict) -> Self {
        Self { what: What::Nothing(verdict), notice: Notice::default() }
    }
}

impl Action {
    /// Finds product and action. The search only proposes: what it shows is compared with what was asked.
    pub(super) async fn resolve<C: Catalog, S: Store, B: Bus>(
        &self,
        edges: &Edges<C, S, B>,
        drifted: &Remediate,
    ) -> Result<Resolved, CallError> {
        let named = drifted.named_product();
        let sought = named.map_or(Sought::Stack(&drifted.stack), Sought::Product);
        let Some(row) = edges.catalog.search(sought).await? else {
            return match named {
                Some(id) => not_shown(edges, id).await,
                None => Ok(Resolved::nothing(Verdict::Needless("no provisioned product has this stack".to_owned()))),
            };
        };
        if row.physical_id.as_ref().is_some_and(|stack| *stack != drifted.stack) {
            let why = format!("{} has another stack by now: {}", row.id, row.physical_id.unwrap_or_default());
            return Ok(Resolved::nothing(Verdict::Needless(why)));
        }
        let notice =
            Notice { name: row.name.clone(), product_name: row.product_name.clone(), owner: row.owner.clone() };
        let what = match self.action_for(edges, &row).await? {
            Ok(remedy) => What::Remedy(remedy),
            Err(why) => What::Nothing(Verdict::Needless(why)),
        };
        Ok(Resolved { what, notice })
    }

    /// The action that the product's tag names, else the one of the agreed name that its version offers.
    async fn action_for<C: Catalog, S: Store, B: Bus>(
        &self,
        edges: &Edges<C, S, B>,
        row: &SearchRow,
    ) -> Result<Result<Remedy, String>, CallError> {
        let remedy = |action: &str, artifact: Option<&str>| Remedy {
            provisioned_product_id: row.id.clone(),
            provisioning_artifact_id: artifact.map(str::to_owned),
            service_action_id: action.to_owned(),
        };
        if let Some((_, action)) = row.tags.iter().find(|(key, _)| key == REMEDIATION_TAG) {
            let action = action.trim();
            return Ok(if rules::ID.holds(action) {
                Ok(remedy(action, None))
            } else {
                let accepted = rules::ID.accepted();
                Err(format!(
                    "its tag {REMEDIATION_TAG} is {action:?}; accepted: the id of a service action, {accepted}"
                ))
            });
        }
        let (Some(product), Some(artifact)) = (&row.product_id, &row.artifact_id) else {
            return Ok(Err(format!("the search shows no version of {}", row.id)));
        };
        let actions = match self.shelf.actions(edges, product, artifact).await {
            Ok(actions) => actions,
            // Products outlive what they were made from.
            Err(CallError::Refused { refusal: Refusal::NotFound, .. }) => {
                return Ok(Err(format!(
                    "its version {artifact} of {product} is not on offer any more, and no tag names an action"
                )));
            }
            Err(error) => return Err(error),
        };
        let named = actions.iter().find(|action| action.name == self.remediation_name);
        Ok(named.map(|action| remedy(&action.id, Some(artifact))).ok_or_else(|| {
            format!(
                "its version {artifact} has no service action named `{}`, and no tag names another",
                self.remediation_name
            )
        }))
    }
}

/// The search does not show a product whose stack is there: it lags, or the product is gone.
async fn not_shown<C: Catalog, S: Store, B: Bus>(edges: &Edges<C, S, B>, id: &str) -> Result<Resolved, CallError> {
    let product = edges.catalog.describe(&ProductRef::Id(id.to_owned())).await?;
    Ok(Resolved::nothing(match product {
        Some(_) => Verdict::NotNow(format!("the search does not show {id} yet")),
        None => Verdict::Needless(format!("{id} is gone, or Steward may not see it")),
    }))
}
