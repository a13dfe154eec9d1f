//! What the samples of `import` are about: stacks that no product has.

use super::created;
use crate::catalog::{Catalog, NewOffer, NewProduct, NewStack, SANDBOX_TEMPLATE};

/// Stacks that can become products.
const STACKS: [&str; 9] = ["billing", "orders", "returns", "search", "scratch", "intranet", "stray", "vault", "orphan"];

pub(super) fn set(catalog: &Catalog) {
    let stack = |name: &str, template: &str| NewStack {
        name: name.to_owned(),
        guid: "0a1b2c3d-0000-4000-8000-000000000000".to_owned(),
        status: "CREATE_COMPLETE".to_owned(),
        template: template.to_owned(),
    };
    for name in STACKS {
        catalog.add_stack(stack(name, SANDBOX_TEMPLATE));
    }
    catalog.add_stack(stack("handmade", "{\"Resources\": {\"Queue\": {\"Type\": \"AWS::SQS::Queue\"}}}"));
    catalog.add(NewProduct::new("pp-named00000001", "sandbox-named", created()));
    catalog.offer_product(NewOffer {
        product_id: "prod-closed000001".to_owned(),
        product_name: "For the security team alone".to_owned(),
        artifact_id: "pa-closed0000001".to_owned(),
        artifact_name: "v1".to_owned(),
        template: SANDBOX_TEMPLATE.to_owned(),
        principals: vec!["arn:aws:iam::111122223333:role/security".to_owned()],
    });
}
