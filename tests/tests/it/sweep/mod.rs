//! Expiry, from the sweep to the end of a product.

mod caps;
mod crashes;
mod edited;
mod ends;
mod left;
mod outdated;
mod reports;
mod search;
mod time;
mod warnings;
mod words;
