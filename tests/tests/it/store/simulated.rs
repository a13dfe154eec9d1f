//! The simulation's table does what the real one does: the same random calls to both, and the same answers.
//!
//! What the simulation proves it proves over a table in memory. Here that one is held against DynamoDB.

use shared::clock::Time;
use shared::expiry::Noticed;
use shared::operation::{Ending, Event, Operation, Remedy, Standing, State, Try};
use shared::ports::{
    Change, Due, Extension, Fence, History, Judgement, LookAt, Mark, Memory, Pass, Products, Protection, Store,
};
use shared::remediation::Slot;
use shared::request::Kind;
use steward_simulation::table::Table;
use steward_tests::at;

use super::{Bench, bench, claimed, import, operation, takeover};

/// How many calls a run makes, and how many runs there are.
const CALLS: usize = 250;
const RUNS: u64 = 4;

struct Both {
    bench: Bench,
    table: Table,
    chance: fastrand::Rng,
    /// The operations that there may be.
    operations: Vec<Operation>,
    now: Time,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_calls_are_answered_as_by_dynamodb() {
    for seed in 0..RUNS {
        let mut both = Both::new(seed).await;
        for number in 0..CALLS {
            let (call, real, simulated) = both.call().await;
            assert_eq!(real, simulated, "seed {seed}, call {number}: {call}");
            both.compare(&format!("seed {seed}, call {number}: {call}")).await;
        }
    }
}

impl Both {
    async fn new(seed: u64) -> Self {
        let (bench, table) = (bench().await, Table::default());
        let mut operations = Vec::new();
        for (number, id) in ["pp-a", "pp-b"].into_iter().enumerate() {
            operations.push(operation(id, "n0", at(0)));
            let action = serde_json::json!({ "provisionedProductId": id, "serviceActionId": "act-a" });
            operations.push(claimed(Kind::ExecuteAction, action, "n0", at(0)));
            operations.push(import(&format!("stack-{number}"), "n0", at(0)));
        }
        Self { bench, table, chance: fastrand::Rng::with_seed(seed), operations, now: at(0) }
    }

    fn one(&mut self) -> Operation {
        let place = self.chance.usize(..self.operations.len());
        let one = self.operations[place].clone();
        self.table.operation(&one.id).cloned().unwrap_or(one)
    }

    fn instant(&mut self) -> Time {
        at(self.chance.i64(0..400))
    }

    fn product(&mut self) -> String {
        ["pp-a", "pp-b", "pp-c"][self.chance.usize(..3)].to_owned()
    }

    fn maybe<T>(&mut self, of: T) -> Option<T> {
        self.chance.bool().then_some(of)
    }

    /// Most fences hold.
    fn fence(&mut self, operation: &Operation) -> Fence {
        let mut fence = Fence::of(operation);
        match self.chance.u8(..8) {
            0 => fence.nonce = None,
            1 => fence.nonce = Some("another".to_owned()),
            2 => fence.attempt += 1,
            3 => fence.states = vec![State::Submitting, State::Waiting],
            _ => {}
        }
        fence
    }

    fn change(&mut self, of: &Operation) -> Change {
        let states =
            [State::Submitting, State::Submitted, State::Waiting, State::Waiting, State::Skipped, State::Failed];
        let state = states[self.chance.usize(..states.len())];
        let attempt = of.standing.attempt + u32::from(self.chance.u8(..4) == 0);
        let standing = Standing { state, attempt, open: self.chance.bool(), kept: self.chance.bool(), ..of.standing };
        let (due, retry) = (self.instant(), self.instant());
        let tried = Try {
            at: self.now,
            attempt,
            what: "Lost".to_owned(),
            record_id: None,
            code: self.maybe("C".to_owned()),
            message: None,
        };
        let record = format!("rec-{}", self.chance.u8(..3));
        let product = self.product();
        let protection = Protection { by: "a".to_owned(), reason: "b".to_owned(), until: None };
        Change {
            due_at: state.is_live().then_some(due),
            retry_at: (state == State::Waiting).then_some(retry),
            product_id: self.maybe(product),
            record_id: self.maybe(record),
            why: self.maybe("why".to_owned()),
            polled: self.chance.bool().then_some((self.now, 3)),
            stalled: self.chance.bool().then_some(true),
            token: (attempt != of.standing.attempt).then(|| format!("token-{attempt}")),
            restart_trying: self.chance.bool(),
            ending: (self.chance.u8(..8) == 0).then_some(Ending { event: Event::Rejected, why: None, error: None }),
            history: Some(if self.chance.bool() { History::Append(tried) } else { History::Whole(vec![tried]) }),
            protection: (self.chance.u8(..6) == 0).then_some(protection),
            ..Change::to(standing, self.now)
        }
    }

    fn mark(&mut self) -> Mark {
        let (expires_at, then) = (self.instant(), self.instant());
        let judgement = Judgement { expires_at, judged_at: self.now, ..Judgement::default() };
        let noticed = Noticed { expires_at, seen_at: self.now, warned_at: None, lead: Some(5) };
        let look_at = [LookAt::AsItIs, LookAt::Then(then), LookAt::Never][self.chance.usize(..3)];
        // Nobody marks nothing.
        let judgement = if look_at == LookAt::AsItIs { Some(judgement) } else { self.maybe(judgement) };
        Mark { judgement, noticed: self.maybe(noticed), look_at, ..Mark::default() }
    }

    /// One call to both: in words, and what each has answered.
    async fn call(&mut self) -> (String, String, String) {
        self.now += chrono::TimeDelta::milliseconds(self.chance.i64(0..4_000));
        let (now, one, product) = (self.now, self.one(), self.product());
        let due_at = self.table.item(&product).and_then(|item| item.due_at);
        let nonce = format!("n{}", self.chance.u8(..3));
        match self.chance.u8(..15) {
            0 | 1 => {
                let new = Operation { nonce, created_at: now, ..one };
                let place = self.chance.usize(..self.operations.len());
                let fresh = Operation { nonce: new.nonce, created_at: now, ..self.operations[place].clone() };
                let real = self.bench.store.claim(&fresh).await.unwrap();
                (format!("claim {}", fresh.subject), words(&real), words(&self.table.claim(now, &fresh)))
            }
            2 | 3 => {
                let takeover = takeover(&nonce, self.instant());
                let real = self.bench.store.take_over(&one.id, takeover.clone()).await.unwrap();
                let simulated = self.table.take_over(now, &one.id, &takeover).unwrap();
                (format!("take over {one:?} at {takeover:?}"), words(&real), words(&simulated))
            }
            4..=6 => {
                let (fence, change) = (self.fence(&one), self.change(&one));
                let real = self.bench.store.write(&one.id, &fence, &change).await.unwrap();
                let simulated = self.table.write(now, &one.id, &fence, &change);
                (format!("write {fence:?} {change:?}"), words(&real), words(&simulated))
            }
            7 => {
                let (fence, change) = (self.fence(&one), self.change(&one));
                let record = format!("rec-{}", self.chance.u8(..3));
                let real = self.bench.store.adopt(&one.id, &fence, &change, &record).await.unwrap();
                let simulated = self.table.adopt(now, &one.id, &fence, &change, &record);
                (format!("adopt {record} {fence:?} {change:?}"), words(&real), words(&simulated))
            }
            8 => {
                let remedy = Remedy {
                    provisioned_product_id: product.clone(),
                    provisioning_artifact_id: None,
                    service_action_id: "act-a".to_owned(),
                };
                let change =
                    Change { product_id: Some(product), remedy: Some(remedy), protection: None, ..self.change(&one) };
                let slot = Slot { owner: one.id.clone(), taken_at: at(3), in_vain: 1, left_alone: false };
                let (fence, from) = (self.fence(&one), self.one().id);
                let from = self.maybe(from);
                let store = &self.bench.store;
                let real = store.take_remediation_slot(&one.id, &fence, &change, &slot, from.as_ref()).await;
                let simulated = self.table.take_remediation_slot(now, (&one.id, &fence), &change, &slot, from.as_ref());
                let [real, simulated] = [real, simulated].map(|answer| words(&answer.map_err(|_| "from nobody")));
                (format!("slot {from:?} {fence:?}"), real, simulated)
            }
            9 => {
                if self.chance.bool() {
                    let real = self.bench.store.take_import_slot(&one.id).await.unwrap();
                    return ("import slot".to_owned(), words(&real), words(&self.table.take_import_slot(&one.id)));
                }
                let real = self.bench.store.pass_import_slot(&one.id).await.unwrap();
                ("pass".to_owned(), words(&real), words(&self.table.pass_import_slot(&one.id)))
            }
            10 => {
                let (fence, due, retry) = (self.fence(&one), self.instant(), self.instant());
                let retry = self.maybe(retry);
                let real = self.bench.store.postpone(&one.id, &fence, due, retry).await.unwrap();
                let simulated = self.table.postpone(now, &one.id, &fence, due, retry);
                (format!("postpone {fence:?}"), words(&real), words(&simulated))
            }
            11 => {
                let (fence, due, before) = (self.fence(&one), self.instant(), self.instant());
                let before = self.maybe(before);
                let real = self.bench.store.take_look(&one.id, &fence, before, now, due).await.unwrap();
                let simulated = self.table.take_look(now, &one.id, &fence, (before, now), due);
                (format!("look {fence:?} {before:?}"), words(&real), words(&simulated))
            }
            12 => {
                let (mark, other) = (self.mark(), self.instant());
                let known = if self.chance.u8(..3) == 0 { Some(other) } else { due_at };
                let real = self.bench.store.mark(&product, known, &mark).await.unwrap();
                (format!("mark {known:?} {mark:?}"), words(&real), words(&self.table.mark(now, &product, known, &mark)))
            }
            13 => {
                let (id, until) = (format!("e{}", self.chance.u8(..4)), self.instant());
                let extension = Extension { id, until, by: "a".to_owned(), reason: "b".to_owned(), at: now };
                let lease = self.table.item(&product).and_then(|item| item.lease_until);
                let known = if self.chance.u8(..3) == 0 { Some(until) } else { lease };
                let list = [extension];
                let real = self.bench.store.extend(&product, known, &list).await.unwrap();
                let simulated = self.table.extend(now, &product, known, &list).unwrap();
                (format!("extend {known:?}"), words(&real), words(&simulated))
            }
            _ => self.rarer(product).await,
        }
    }

    async fn rarer(&mut self, product: String) -> (String, String, String) {
        let (now, store, nonce) = (self.now, &self.bench.store, format!("n{}", self.chance.u8(..3)));
        match self.chance.u8(..4) {
            0 => {
                let protection = Protection { by: "a".to_owned(), reason: "b".to_owned(), until: None };
                let protection = self.chance.bool().then_some(protection);
                let asked = at(self.chance.i64(0..400));
                let real = store.protect(&product, protection.as_ref(), asked).await.unwrap();
                let simulated = self.table.protect(now, &product, protection.as_ref(), asked);
                (format!("protect at {asked}"), words(&real), words(&simulated))
            }
            1 => {
                let lease = now + chrono::TimeDelta::seconds(20);
                let real = store.begin_sweep(&nonce, now, lease).await.unwrap();
                ("begin".to_owned(), words(&real), words(&self.table.begin_sweep(&nonce, now, lease)))
            }
            2 => {
                let memory = Memory { pass: Some(Pass::new(at(5))), believed: Some(3), doubted: None, swept_at: None };
                let real = store.end_sweep(&nonce, &memory).await.unwrap();
                ("end".to_owned(), words(&real), words(&self.table.end_sweep(&nonce, &memory)))
            }
            _ => {
                let (window, count) = (["w1", "w2"][self.chance.usize(..2)], self.chance.u32(1..4));
                let real = store.take_places(window, count, 5, at(900)).await.unwrap();
                (format!("{count} places"), words(&real), words(&self.table.take_places(window, count, 5)))
            }
        }
    }

    /// What both hold by now.
    async fn compare(&self, after: &str) {
        let store = &self.bench.store;
        for operation in &self.operations {
            let real = store.operation(&operation.id).await.unwrap();
            assert_eq!(real.as_ref(), self.table.operation(&operation.id), "{after}");
            assert_eq!(store.standing(&operation.id).await.unwrap(), self.table.standing(&operation.id), "{after}");
        }
        for product in ["pp-a", "pp-b", "pp-c"] {
            let (real, simulated) = (store.guard(product).await.unwrap().product, self.table.item(product));
            assert_eq!(real.as_ref(), simulated, "{after}");
            let of_product = |mut rows: Vec<Due>| {
                rows.sort_by_key(|row| row.id.clone());
                rows
            };
            let real = of_product(store.of_product(product, 100).await.unwrap());
            assert_eq!(real, of_product(self.table.of_product(self.now, product, 100)), "{after}");
        }
        let (real, simulated) = (store.due(at(200), 100).await.unwrap(), self.table.due(self.now, at(200), 100));
        assert_eq!(real.len(), simulated.len(), "{after}");
        let ids = |rows: Vec<Due>| {
            rows.into_iter().map(|row| (row.due_at, row.id)).collect::<std::collections::BTreeSet<_>>()
        };
        assert_eq!(ids(real.operations), ids(simulated.operations), "{after}");
    }
}

fn words(answer: &impl std::fmt::Debug) -> String {
    format!("{answer:?}")
}
