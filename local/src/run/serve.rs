//! A cloud that stays up.

use std::sync::Arc;

use super::cases::Case;
use super::print;
use crate::cloud::Cloud;
use crate::gateway::{Identities, Place, USER};
use crate::page;

/// The port of a cloud that stays up, unless another one is asked for: the same each time, so that a page or a terminal
/// that is still open finds the next one.
pub(super) const PORT: u16 = 4612;

/// Serves until somebody presses Ctrl-C.
pub(super) async fn until_interrupted(cloud: &Arc<Cloud>, samples: Vec<Case>) -> Result<(), String> {
    page::open(cloud, samples);
    print::exports(&cloud.gateway.url(), &Identities::access_key(USER), &Place::default().region);
    tokio::signal::ctrl_c().await.map_err(|error| error.to_string())
}
