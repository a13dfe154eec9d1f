//! Rejected requests, kept for people to look at.

use serde_dynamo::aws_sdk_dynamodb_1::to_item;

use super::keys::{self, Item, number, text};
use super::{DynamoStore, trouble};
use crate::ports::{Rejection, StoreError};

impl DynamoStore {
    /// Keeps a rejection in an item of its own, beside whatever it contradicts. The same message again is the same item.
    pub(super) async fn keep(&self, rejection: &Rejection) -> Result<(), StoreError> {
        let mut item: Item = to_item(rejection).map_err(trouble)?;
        item.insert(keys::KEY.to_owned(), text(keys::rejected(&self.scope, &rejection.id)));
        item.insert(keys::TTL.to_owned(), number(self.ttl(rejection.at)));
        let put = self.client.put_item().table_name(&self.table).set_item(Some(item));
        // The only put without a condition: its content is its key.
        put.send().await.map(|_| ()).map_err(trouble)
    }
}
