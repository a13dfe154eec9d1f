//! The table, as the sweep asks it, and whoever tells of ends.

use std::collections::HashMap;
use std::future::Future;

use shared::clock::Time;
use shared::operation::OperationId;
use shared::ports::{
    Extension, Items, Kept, Mark, Memory, Pass, Products, Protection, SearchRow, Standpoint, StoreError, Written,
};

use super::Port;
use crate::call::Nature;

type Told<T> = Result<T, StoreError>;

impl Products for Port {
    fn begin_sweep(
        &self,
        nonce: &str,
        now: Time,
        lease_until: Time,
    ) -> impl Future<Output = Told<Option<Memory>>> + Send {
        let nonce = nonce.to_owned();
        let words = || "takes the lease on the sweep".to_owned();
        self.table(Nature::Write, words, move |world, _| Ok(world.table.begin_sweep(&nonce, now, lease_until)))
    }

    fn end_sweep(&self, nonce: &str, memory: &Memory) -> impl Future<Output = Told<Written>> + Send {
        let (nonce, memory) = (nonce.to_owned(), memory.clone());
        let words = || "gives the lease on the sweep back".to_owned();
        self.table(Nature::Write, words, move |world, _| Ok(world.table.end_sweep(&nonce, &memory)))
    }

    fn keep_piece(&self, pass: &Pass, piece: u32, rows: &[SearchRow]) -> impl Future<Output = Told<()>> + Send {
        let (pass, rows) = (pass.clone(), rows.to_vec());
        self.table(
            Nature::Write,
            || format!("keeps piece {piece}"),
            move |world, _| {
                world.table.keep_piece(&pass, piece, &rows);
                Ok(())
            },
        )
    }

    fn piece(&self, pass: &Pass, piece: u32) -> impl Future<Output = Told<Vec<SearchRow>>> + Send {
        let pass = pass.clone();
        self.table(Nature::Read, || format!("reads piece {piece}"), move |world, _| world.table.piece(&pass, piece))
    }

    fn items(&self, ids: &[&str]) -> impl Future<Output = Told<Items>> + Send {
        let ids: Vec<String> = ids.iter().map(|id| (*id).to_owned()).collect();
        let words = || "reads what is said of products".to_owned();
        self.table(Nature::Read, words, move |world, _| Ok(world.table.items(&ids)))
    }

    fn standpoints(&self, ids: &[OperationId]) -> impl Future<Output = Told<HashMap<OperationId, Standpoint>>> + Send {
        let ids = ids.to_vec();
        let words = || "reads how operations stand".to_owned();
        self.table(Nature::Read, words, move |world, _| Ok(world.table.standpoints(&ids)))
    }

    fn mark(&self, id: &str, read_due_at: Option<Time>, mark: &Mark) -> impl Future<Output = Told<Written>> + Send {
        let words = || format!("marks {id}: {:?}, judged {}", mark.look_at, mark.judgement.is_some());
        let (id, mark) = (id.to_owned(), mark.clone());
        self.table(Nature::Write, words, move |world, _| Ok(world.table.mark(world.now, &id, read_due_at, &mark)))
    }

    fn extend(
        &self,
        id: &str,
        read_lease: Option<Time>,
        extensions: &[Extension],
    ) -> impl Future<Output = Told<Kept>> + Send {
        let words = || format!("extends {id}");
        let (id, extensions) = (id.to_owned(), extensions.to_vec());
        self.table(Nature::Write, words, move |world, _| world.table.extend(world.now, &id, read_lease, &extensions))
    }

    fn protect(&self, id: &str, protection: Option<&Protection>, at: Time) -> impl Future<Output = Told<Kept>> + Send {
        let words = || format!("protects {id}: {}", protection.is_some());
        let (id, protection) = (id.to_owned(), protection.cloned());
        self.table(Nature::Write, words, move |world, _| {
            Ok(world.table.protect(world.now, &id, protection.as_ref(), at))
        })
    }
}
