//! Sending a sample the way it would really come.

use super::cases::{Case, Delivery};
use crate::api::Invoke as _;
use crate::cloud::Cloud;
use crate::template::id_of;
use crate::wiring::DEFAULT_BUS;

/// Sends all of it; gives how many deliveries that were. What is handed to a function directly is waited for.
pub(crate) async fn deliver(cloud: &Cloud, case: &Case) -> Result<usize, String> {
    let (id, function) = cloud
        .template
        .functions
        .iter()
        .find(|(_, function)| function.code_uri.trim_end_matches('/').ends_with(&case.function))
        .ok_or_else(|| format!("template.yaml has no function for events/{}", case.function))?;
    let queue = cloud.template.mappings.values().find(|mapping| mapping.function_name == *id);
    let queue = queue.map(|mapping| id_of(&mapping.event_source_arn)).unwrap_or_default();
    let deliveries = case.deliveries();
    let count = deliveries.len();
    for delivery in deliveries {
        match delivery {
            Delivery::Bus(event) => {
                // What AWS itself tells comes over the account's own bus.
                let own = event["source"].as_str().is_some_and(|source| source.starts_with("aws."));
                cloud.wiring.put(if own { DEFAULT_BUS } else { cloud.bus() }, event).await;
            }
            Delivery::Queue(body) => {
                if !cloud.wiring.send(queue, body) {
                    return Err(format!("{} reads from no queue", function.code_uri));
                }
            }
            Delivery::Invoke(payload) => {
                let answer = cloud.functions.invoke(id, payload).await;
                answer.map_err(|error| format!("{}/{}: {error:?}", case.function, case.name))?;
            }
        }
    }
    Ok(count)
}
