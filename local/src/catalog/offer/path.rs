//! Launch paths: how a caller comes to a product.

use super::{Offer, Portfolio};

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

    /// The first way of a caller to a product.
    pub(in crate::catalog) fn launch_path(&self, product_id: &str, caller_arn: &str) -> Option<String> {
        self.launch_paths(product_id, caller_arn).first().map(|path| path.id.to_owned())
    }
}
