//! A cloud that stays up.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use super::{page, print};
use crate::cloud::Cloud;
use crate::gateway::{Identities, Place, USER};

/// How old the status page may be.
const PAGE_EVERY: Duration = Duration::from_secs(1);

/// Serves until somebody presses Ctrl-C.
pub(super) async fn until_interrupted(cloud: &Cloud) -> Result<(), String> {
    let page = Arc::new(RwLock::new(String::new()));
    let shown = Arc::clone(&page);
    cloud.gateway.set_page(Arc::new(move || shown.read().unwrap_or_else(PoisonError::into_inner).clone()));
    print::exports(&cloud.gateway.url(), &Identities::access_key(USER), &Place::default().region);
    let refresh = async {
        loop {
            let report = super::report(cloud).await?;
            *page.write().unwrap_or_else(PoisonError::into_inner) = page::html(&report);
            tokio::time::sleep(PAGE_EVERY).await;
        }
    };
    tokio::select! {
        ended = refresh => ended,
        interrupted = tokio::signal::ctrl_c() => interrupted.map_err(|error| error.to_string()),
    }
}
