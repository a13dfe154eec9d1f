//! Expiry, from the sweep to the end of a product.

mod ends;
