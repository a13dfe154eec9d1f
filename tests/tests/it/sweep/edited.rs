//! A search that answers as a scenario has it.

use std::sync::{Arc, Mutex};

use futures_util::future::BoxFuture;
use serde_json::Value;
use steward_local::api::{Answer, Call, Service};
use steward_local::catalog::Catalog;
use steward_tests::world::World;

/// What is done to the body and the headers of an answer.
pub(crate) type Edit = Box<dyn Fn(&mut Value, &mut Vec<(String, String)>) + Send>;

/// The catalog, its searches answered as a scenario has it.
struct Edited {
    catalog: Catalog,
    edit: Mutex<Edit>,
}

impl Service for Edited {
    fn call(&self, call: Call) -> BoxFuture<'_, Answer> {
        Box::pin(async move {
            let is_search = call.operation == "SearchProvisionedProducts";
            let answer = self.catalog.call(call).await;
            if !is_search {
                return answer;
            }
            let mut body = serde_json::from_slice(&answer.body).unwrap();
            let mut headers = answer.headers;
            (self.edit.lock().unwrap())(&mut body, &mut headers);
            Answer { body: body.to_string().into(), headers, ..answer }
        })
    }
}

/// Lets each search of the world answer as it is edited.
pub(crate) fn edited(world: &World, edit: Edit) {
    let service = Edited { catalog: world.cloud.catalog.clone(), edit: Mutex::new(edit) };
    world.cloud.gateway.register("servicecatalog", Arc::new(service));
}
