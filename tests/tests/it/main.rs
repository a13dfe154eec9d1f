//! What can only be seen with the whole in hand.

mod store;
