//! The index that the search reads. It lags, and is kept in order: with many products a page must cost what it shows.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::de::Deserializer;
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};

use super::model::Provisioned;

/// The products as they were a while ago.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// Each change of a product, in order: when, and what it was then.
    versions: Vec<(DateTime<Utc>, Arc<Provisioned>)>,
    /// Those that are not shown yet.
    waiting: BTreeSet<(DateTime<Utc>, usize)>,
    /// The latest that was shown of each product, gone ones too: what came before it is never shown again.
    latest: HashMap<String, usize>,
    /// The living, by id.
    shown: BTreeMap<String, Arc<Provisioned>>,
    /// The same as a list, so that a late page costs no more than the first.
    ordered: Vec<Arc<Provisioned>>,
    until: DateTime<Utc>,
}

impl Index {
    /// Keeps what a product has become.
    pub(super) fn keep(&mut self, product: &Provisioned, at: DateTime<Utc>) {
        self.waiting.insert((at, self.versions.len()));
        self.versions.push((at, Arc::new(product.clone())));
    }

    /// How many changes are kept.
    pub(super) fn len(&self) -> usize {
        self.versions.len()
    }

    /// Never shows what a product has become since there were `before` changes.
    pub(super) fn hide(&mut self, id: &str, before: usize) {
        for (place, (at, product)) in self.versions.iter_mut().enumerate().skip(before) {
            if product.id == id && self.waiting.remove(&(*at, place)) {
                *at = DateTime::<Utc>::MAX_UTC;
                self.waiting.insert((*at, place));
            }
        }
    }

    /// Shows what was so by `until`.
    pub(super) fn show(&mut self, until: DateTime<Utc>) {
        // The lag has grown: what was shown is not any more.
        if until < self.until {
            self.waiting = self.versions.iter().enumerate().map(|(place, (at, _))| (*at, place)).collect();
            self.latest.clear();
            self.shown.clear();
            self.ordered.clear();
        }
        self.until = until;
        let mut is_changed = false;
        while let Some((_, place)) = self.waiting.first().copied().filter(|(at, _)| *at <= until) {
            self.waiting.pop_first();
            self.take(place);
            is_changed = true;
        }
        if is_changed {
            self.ordered = self.shown.values().map(Arc::clone).collect();
        }
    }

    /// The living, in the order of their ids.
    pub(super) fn ordered(&self) -> &[Arc<Provisioned>] {
        &self.ordered
    }

    /// The living, by id.
    pub(super) fn shown(&self) -> &BTreeMap<String, Arc<Provisioned>> {
        &self.shown
    }

    fn take(&mut self, place: usize) {
        let Some((_, product)) = self.versions.get(place) else { return };
        if self.latest.get(&product.id).is_some_and(|shown| *shown > place) {
            return;
        }
        self.latest.insert(product.id.clone(), place);
        if product.gone {
            self.shown.remove(&product.id);
        } else {
            self.shown.insert(product.id.clone(), Arc::clone(product));
        }
    }
}

/// What may still be shown: of each product the version that is shown, and those that come after it.
impl Serialize for Index {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let places: BTreeSet<usize> =
            self.latest.values().copied().chain(self.waiting.iter().map(|(_, place)| *place)).collect();
        let versions = places.into_iter().filter_map(|place| self.versions.get(place));
        serializer.collect_seq(versions.map(|(at, product)| (at, &**product)))
    }
}

impl<'de> Deserialize<'de> for Index {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut index = Self::default();
        for (at, product) in Vec::<(DateTime<Utc>, Provisioned)>::deserialize(deserializer)? {
            index.keep(&product, at);
        }
        Ok(index)
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::gateway::Place;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds)
    }

    fn product(name: &str) -> Provisioned {
        Provisioned::new("pp-a", name, at(0), &Place::default())
    }

    fn shown(index: &mut Index, until: i64) -> Vec<&str> {
        index.show(at(until));
        assert_eq!(index.ordered().len(), index.shown().len());
        index.ordered().iter().map(|product| product.name.as_str()).collect()
    }

    #[test]
    fn what_is_shown_follows_the_changes_and_goes_back_with_a_longer_lag() {
        let mut index = Index::default();
        index.keep(&product("first"), at(10));
        index.keep(&product("second"), at(20));
        index.keep(&Provisioned { gone: true, ..product("second") }, at(30));
        for (until, expected) in
            [(9, vec![]), (10, vec!["first"]), (29, vec!["second"]), (30, vec![]), (15, vec!["first"]), (40, vec![])]
        {
            assert_eq!(shown(&mut index, until), expected, "{until}");
        }
    }

    #[test]
    fn what_is_read_again_shows_the_same_and_what_never_is_to_be_shown_stays_hidden() {
        let mut index = Index::default();
        index.keep(&product("first"), at(10));
        index.keep(&product("second"), at(20));
        index.keep(&product("third"), at(30));
        index.keep(&product("hidden"), at(40));
        index.hide("pp-a", 3);
        index.show(at(20));
        let text = serde_json::to_string(&index).unwrap();
        let mut again: Index = serde_json::from_str(&text).unwrap();
        assert_eq!(again.len(), 3, "the first is never shown again");
        for (until, expected) in [(20, vec!["second"]), (50, vec!["third"])] {
            assert_eq!(shown(&mut again, until), expected, "{until}");
        }
    }

    #[test]
    fn a_later_change_holds_even_if_it_is_said_to_be_of_long_ago() {
        let mut index = Index::default();
        index.keep(&product("first"), at(10));
        index.keep(&Provisioned { gone: true, ..product("first") }, at(0));
        assert_eq!(shown(&mut index, 5), Vec::<&str>::new());
        assert_eq!(shown(&mut index, 15), Vec::<&str>::new());
    }
}
