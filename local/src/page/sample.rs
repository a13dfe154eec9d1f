//! The sample events, for who wants to publish one.

use serde_json::{Value, json};

use super::reply::Refused;
use crate::cloud::Cloud;
use crate::run::cases::Case;
use crate::run::deliver;

/// All samples: what each is, and what it ends as.
pub(super) fn list(samples: &[Case]) -> Value {
    let samples: Vec<Value> = samples
        .iter()
        .map(|case| {
            let Case { function, name, what, ends_as, .. } = case;
            json!({ "function": function, "name": name, "what": what, "endsAs": ends_as, "subjects": case.subjects() })
        })
        .collect();
    json!({ "samples": samples })
}

/// Publishes one the way it would really come; what is handed to a function directly is answered by it first.
pub(super) async fn publish(cloud: &Cloud, samples: &[Case], function: &str, name: &str) -> Result<Value, Refused> {
    let found = samples.iter().find(|case| case.function == function && case.name == name);
    let unknown = || Refused(404, "there is no such sample; GET /_local/samples lists them".to_owned());
    let case = found.ok_or_else(unknown)?;
    let deliveries = deliver::deliver(cloud, case).await.map_err(|error| Refused(502, error))?;
    Ok(json!({ "function": function, "name": name, "deliveries": deliveries, "subjects": case.subjects() }))
}
