//! Every request accounted for: where it ended, what was carried out for it, and what was told of it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Instant;

use serde_json::Value;
use shared::ports::ProductItem;
use steward_local::catalog::Execution;
use steward_local::run::report::{OperationRow, RejectedRow, rows};

use super::mix::{End, Sort};
use super::send::Sent;
use super::watch::Watch;
use super::{LOOK_EVERY, PATIENCE, number_in};
use crate::world::{World, is_live};

/// What is known of one request.
#[derive(Default)]
struct Traces {
    operations: Vec<OperationRow>,
    rejected: Vec<RejectedRow>,
    /// Whether a worker died so that nobody knew whether its call had left.
    may_have_left: bool,
    executions: Vec<Execution>,
    item: Option<ProductItem>,
}

/// What there is of ended work.
#[derive(Clone, Debug, Default)]
pub(super) struct Ended {
    /// Operations, by kind.
    pub(super) operations: BTreeMap<String, usize>,
    /// Operations, by state.
    pub(super) states: BTreeMap<String, usize>,
    /// Messages that never became one.
    pub(super) rejected: usize,
    /// Operations that were refused when a call might have left already: failed, instead of rejected or skipped.
    pub(super) refused_late: usize,
    /// Calls that the service carried out.
    pub(super) executions: usize,
    /// By request, the digest of the message that was rejected.
    pub(super) digests: HashMap<usize, String>,
}

/// What is not as it must be; and what there is.
pub(super) async fn judge(world: &World, requests: &[Sent], watch: &mut Watch) -> (Vec<String>, Ended) {
    let items = items(world).await;
    watch.look(world);
    let (operations, rejected) = rows(&items);
    let mut ended = Ended { rejected: rejected.len(), ..Ended::default() };
    for row in &operations {
        *ended.operations.entry(row.kind.clone()).or_default() += 1;
        *ended.states.entry(row.state.clone()).or_default() += 1;
    }
    let executions = world.cloud.catalog.executions();
    ended.executions = executions.len();
    let (mut wrong, mut traces) = (Vec::new(), BTreeMap::<usize, Traces>::new());
    let by_id: HashMap<&str, usize> =
        operations.iter().filter_map(|row| Some((row.id.as_str(), number_in(&row.subject)?))).collect();
    for row in rejected {
        let beside = row.operation.as_deref().and_then(|id| by_id.get(id).copied());
        match beside.or_else(|| number_in(&row.body)) {
            Some(number) => {
                ended.digests.insert(number, row.body_sha256.clone());
                traces.entry(number).or_default().rejected.push(row);
            }
            None => wrong.push(format!("nobody asked for what was rejected: {row:?}")),
        }
    }
    for row in operations {
        match number_in(&row.subject) {
            Some(number) => traces.entry(number).or_default().operations.push(row),
            None => wrong.push(format!("nobody asked for {row:?}")),
        }
    }
    for one in executions {
        let subject = one.asked["PhysicalId"].as_str().unwrap_or(&one.product_id);
        match number_in(subject) {
            Some(number) => traces.entry(number).or_default().executions.push(one),
            None => wrong.push(format!("nobody asked for {one:?}")),
        }
    }
    for item in items.iter().filter(|item| item["sent"] == true) {
        if let Some(number) = item["subject"].as_str().and_then(number_in) {
            traces.entry(number).or_default().may_have_left = true;
        }
    }
    for item in &items {
        let id = item["pk"].as_str().and_then(|pk| pk.strip_prefix("product#"));
        if let Some(number) = id.and_then(number_in) {
            traces.entry(number).or_default().item = serde_json::from_value(item.clone()).ok();
        }
    }
    let succeeded: BTreeSet<String> = world
        .cloud
        .catalog
        .records()
        .into_iter()
        .filter(|record| record.status == "SUCCEEDED")
        .map(|record| record.id)
        .collect();
    for (number, request) in requests.iter().enumerate() {
        let found = traces.remove(&number).unwrap_or_default();
        ended.refused_late += usize::from(found.end(request.sort) != request.sort.end());
        let problems = found.problems(request.sort, number, watch, &succeeded);
        wrong.extend(problems.into_iter().map(|problem| format!("{number}, {:?}: {problem}", request.sort)));
    }
    wrong.extend(traces.into_keys().map(|number| format!("{number}: nobody asked for it")));
    for (name, queue) in world.cloud.wiring.queues() {
        if !queue.is_empty() {
            wrong.push(format!("{name} holds {} messages, the first: {:?}", queue.len(), queue.messages().first()));
        }
    }
    (wrong, ended)
}

/// The table, once nothing in it is on its way, or when that does not come.
async fn items(world: &World) -> Vec<Value> {
    let began = Instant::now();
    loop {
        let items = world.cloud.dynamo.scan(&world.cloud.table).await.expect("the table answers");
        if !rows(&items).0.iter().any(is_live) || began.elapsed() > PATIENCE {
            return items;
        }
        tokio::time::sleep(LOOK_EVERY * 10).await;
    }
}

impl Traces {
    /// Where a request of this sort ends: what may have been sent is never said to have been rejected or skipped.
    fn end(&self, sort: Sort) -> End {
        match sort.end() {
            End::Operation("rejected" | "skipped") if self.may_have_left => End::Operation("failed"),
            end => end,
        }
    }

    fn problems(&self, sort: Sort, number: usize, watch: &Watch, succeeded: &BTreeSet<String>) -> Vec<String> {
        let mut problems = Vec::new();
        let mut check = |is_well: bool, words: String| {
            if !is_well {
                problems.push(words);
            }
        };
        let states: Vec<&str> = self.operations.iter().map(|row| row.state.as_str()).collect();
        let told = watch.end(number);
        let ids: Vec<(&str, usize)> =
            told.iter().flat_map(|told| &told.ids).map(|(kind, ids)| (kind.as_str(), ids.len())).collect();
        let expected = match self.end(sort) {
            End::Operation(state) => {
                check(states == [state], format!("ended as {states:?}: {:?}", self.operations));
                detail_type(state)
            }
            End::Answer(kind) => {
                check(states.is_empty(), format!("became {:?}", self.operations));
                Some(kind)
            }
            End::Rejection => {
                check(states.is_empty(), format!("became {:?}", self.operations));
                None
            }
        };
        let expected: Vec<(&str, usize)> = expected.into_iter().map(|kind| (kind, 1)).collect();
        // What was rejected holds no place: when its trigger comes again, it is judged anew.
        let first = Some(("Operation Rejected", 1)).filter(|_| self.end(sort) != sort.end());
        let ids: Vec<(&str, usize)> = ids.into_iter().filter(|told| Some(*told) != first).collect();
        check(ids == expected, format!("was told as {told:?}"));

        let of_rejections = self
            .rejected
            .iter()
            .map(|row| watch.rejection(&row.body_sha256).map_or(0, |told| told.ids.values().map(BTreeSet::len).sum()));
        check(
            of_rejections.clone().all(|ids| ids == 1),
            format!("its rejection is not told once: {:?}", self.rejected),
        );
        let rejections = usize::from(sort.end() == End::Rejection);
        let is_known = |row: &RejectedRow| sort.is_refused_again() && row.operation.is_some();
        let unknown = self.rejected.iter().filter(|row| !is_known(row)).count();
        check(unknown == rejections, format!("was rejected: {:?}", self.rejected));

        let tokens: BTreeSet<&str> = self.executions.iter().map(|one| one.token.as_str()).collect();
        check(tokens.len() == self.executions.len(), format!("a token was executed twice: {:?}", self.executions));
        check(self.executions.len() == sort.executions(), format!("was executed: {:?}", self.executions));
        let effects = self.executions.iter().filter(|one| succeeded.contains(&one.record_id)).count();
        let wanted = usize::from(sort.end() == End::Operation("succeeded"));
        check(effects == wanted, format!("has {effects} effects: {:?}", self.executions));

        let item = self.item.as_ref();
        let extensions = item.map_or(0, |item| item.extensions.len());
        let extended = usize::from(matches!(sort, Sort::Extension | Sort::ExtendedMeanwhile));
        check(extensions == extended, format!("was extended: {item:?}"));
        let is_protected = item.is_some_and(|item| item.protection.is_some());
        // Who adopts a stack has it protected.
        check(sort == Sort::Import || is_protected == (sort == Sort::Protection), format!("is protected: {item:?}"));
        problems
    }
}

fn detail_type(state: &str) -> Option<&'static str> {
    match state {
        "succeeded" => Some("Operation Succeeded"),
        "failed" => Some("Operation Failed"),
        "rejected" => Some("Operation Rejected"),
        _ => None,
    }
}
