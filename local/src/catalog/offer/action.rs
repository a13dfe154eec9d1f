//! Service actions.

/// A service action: an automation document that users of a product may run on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::catalog) struct Action {
    /// `act-...`.
    pub(in crate::catalog) id: String,
    pub(in crate::catalog) name: String,
    pub(in crate::catalog) description: String,
    pub(in crate::catalog) definition: Definition,
    /// The products' versions that have it: product and artifact.
    pub(super) associated: Vec<(String, String)>,
}

/// What a service action runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::catalog) struct Definition {
    /// The document's name or ARN.
    pub(in crate::catalog) name: String,
    pub(in crate::catalog) version: String,
    /// A role's ARN or `LAUNCH_ROLE`; none: the caller's own permissions.
    pub(in crate::catalog) assume_role: Option<String>,
    /// JSON text: a list of `{"Name": .., "Type": "TARGET" | "TEXT_VALUE"}`.
    pub(in crate::catalog) parameters: Option<String>,
}

impl Action {
    /// Whether a product's version has it.
    pub(super) fn is_of(&self, product_id: &str, artifact_id: &str) -> bool {
        self.associated.iter().any(|(product, artifact)| product == product_id && artifact == artifact_id)
    }
}
