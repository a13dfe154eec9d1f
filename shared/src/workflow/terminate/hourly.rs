//! How many products may be terminated in an hour, whoever asks: counted in the table, for all instances of the function.
//!
//! Places are taken in blocks and kept at hand, so that a batch of ten costs one write, made beside the reads. What an instance
//! still holds when the hour or its life is over is lost: fewer may be terminated than are allowed, never more.

use std::time::Duration;

use tokio::sync::Mutex;
use tracing::warn;

use crate::clock::Time;
use crate::ports::{Places, Store, StoreError};
use crate::workflow::{Edges, metric, window};

const HOUR: Duration = Duration::from_hours(1);
/// The most that one instance holds.
const BLOCK_MAX: u32 = 10;

/// The places of this instance.
#[derive(Debug)]
pub struct Hourly {
    max: u32,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    window: String,
    left: u32,
    /// No more are to be had in this window.
    is_full: bool,
}

impl Hourly {
    /// At most `max` an hour.
    #[must_use]
    pub fn new(max: u32) -> Self {
        Self { max, held: Mutex::default() }
    }

    /// Sees to it that a place is at hand, if there is one. That the table does not answer is found out when it counts.
    pub(super) async fn fetch<C, S: Store, B>(&self, edges: &Edges<C, S, B>) {
        let _ = self.fetched(edges, &mut *self.held.lock().await).await;
    }

    /// Takes a place; gives why there is none.
    ///
    /// # Errors
    /// If the table has to be asked and does not answer.
    pub(super) async fn take<C, S: Store, B>(&self, edges: &Edges<C, S, B>) -> Result<Option<String>, StoreError> {
        // Held while the table is asked: the messages of a batch ask once.
        let mut held = self.held.lock().await;
        let until = self.fetched(edges, &mut held).await?;
        if held.left == 0 {
            metrics::counter!(metric::HELD_BACK).increment(1);
            return Ok(Some(format!(
                "{} provisioned products were terminated in this hour, and no more may be until {until}",
                self.max
            )));
        }
        held.left -= 1;
        Ok(None)
    }

    async fn fetched<C, S: Store, B>(&self, edges: &Edges<C, S, B>, held: &mut Held) -> Result<Time, StoreError> {
        let (window, until) = window(edges.clock.now(), HOUR);
        if held.window != window {
            *held = Held { window, left: 0, is_full: self.max == 0 };
        }
        let mut wanted = (self.max / 5).clamp(1, BLOCK_MAX);
        while held.left == 0 && !held.is_full {
            match edges.store.take_places(&format!("terminations-{}", held.window), wanted, self.max, until).await? {
                Places::Taken => held.left = wanted,
                Places::Left(0) => {
                    warn!("{} terminations are all that may be until {until}", self.max);
                    held.is_full = true;
                }
                Places::Left(left) => wanted = left.min(wanted),
            }
        }
        Ok(until)
    }
}
