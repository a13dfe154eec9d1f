//! Launch paths, by which a caller comes to a product: `ListLaunchPaths`.

use serde_json::{Value, json};

use super::{Offer, Portfolio};
use crate::api::Caller;
use crate::catalog::Catalog;
use crate::catalog::input::{self, Input, Refused, page};
use crate::catalog::records::with_next;
use crate::catalog::tags;

/// The way through one portfolio.
#[derive(Clone, Copy, Debug)]
pub(in crate::catalog) struct Path<'a> {
    /// `lpv3-...`.
    pub(in crate::catalog) id: &'a str,
    /// Its portfolio; the path has its name and its tags.
    pub(in crate::catalog) portfolio: &'a Portfolio,
}

impl Offer {
    /// All ways of a caller to a product.
    pub(in crate::catalog) fn launch_paths(&self, product_id: &str, caller_arn: &str) -> Vec<Path<'_>> {
        self.portfolios
            .iter()
            .filter(|portfolio| portfolio.principals.iter().any(|principal| principal.is(caller_arn)))
            .filter_map(|portfolio| {
                let (_, id) = portfolio.products.iter().find(|(product, _)| product == product_id)?;
                Some(Path { id, portfolio })
            })
            .collect()
    }

    /// The way of a caller to a product through the portfolio of that name.
    pub(in crate::catalog) fn launch_path_by_name(
        &self,
        product_id: &str,
        name: &str,
        caller_arn: &str,
    ) -> Result<String, Refused> {
        let paths = self.launch_paths(product_id, caller_arn);
        let named = paths.iter().find(|path| path.portfolio.name == name);
        match (named, paths.as_slice()) {
            (_, []) => Err(no_paths(product_id)),
            (Some(path), _) => Ok(path.id.to_owned()),
            (None, _) => Err(Refused::invalid(format!("Invalid PathName: {name}"))),
        }
    }

    /// What a path tags products with that come by it.
    pub(in crate::catalog) fn tags_of_path(&self, path_id: &str) -> Vec<(String, String)> {
        let leads = |portfolio: &&Portfolio| portfolio.products.iter().any(|(_, id)| id == path_id);
        self.portfolios.iter().find(leads).map(|portfolio| portfolio.tags.clone()).unwrap_or_default()
    }

    /// The first way of a caller to a product.
    pub(in crate::catalog) fn launch_path(&self, product_id: &str, caller_arn: &str) -> Option<String> {
        self.launch_paths(product_id, caller_arn).first().map(|path| path.id.to_owned())
    }
}

/// What those get whom no path leads to a product, administrators and seekers of what is not there among them.
pub(in crate::catalog) fn no_paths(product_id: &str) -> Refused {
    Refused::new("ResourceNotFoundException", format!("No launch paths found for resource: {product_id}"))
}

impl Catalog {
    pub(super) fn list_launch_paths(&self, input: &Input, caller: &Caller) -> Result<Value, Refused> {
        let product_id = input.required("ProductId", input::ID)?;
        input.page_size(20)?;
        input.page_start()?;
        let state = self.lock();
        let paths = state.offer.launch_paths(&product_id, &caller.arn);
        if paths.is_empty() {
            return Err(no_paths(&product_id));
        }
        let summary = |path: &Path<'_>| {
            json!({
                "Id": path.id,
                "ConstraintSummaries": [],
                "Tags": tags::shown(&path.portfolio.tags),
                "Name": path.portfolio.name,
            })
        };
        let summaries: Vec<Value> = paths.iter().map(summary).collect();
        let (shown, next) = page(&summaries, input, 20)?;
        Ok(with_next(json!({ "LaunchPathSummaries": shown }), next))
    }
}
