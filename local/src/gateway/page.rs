//! What a browser sees at the endpoint's address.

use std::fmt::Write;

use axum::body::Bytes;

use super::Shared;
use crate::api::Answer;

/// A table of the calls so far: what there is where nobody has registered a site.
pub(super) fn answer(shared: &Shared) -> Answer {
    let html = calls(shared);
    let headers = [("content-type", "text/html; charset=utf-8"), ("cache-control", "no-store")];
    Answer {
        status: 200,
        headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
        body: Bytes::from(html),
    }
}

/// Names of callers, services and operations are letters and digits, so nothing needs escaping.
fn calls(shared: &Shared) -> String {
    let mut rows = String::new();
    for (caller, counts) in shared.ledger.counts() {
        for (operation, count) in counts {
            let _ = write!(rows, "<tr><td>{caller}</td><td>{operation}</td><td>{count}</td></tr>");
        }
    }
    format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Local cloud</title>\
         <h1>Local cloud</h1><p>An endpoint for the AWS CLI and every SDK (<code>AWS_ENDPOINT_URL</code>): {}, sts.</p>\
         <table><thead><tr><th>caller</th><th>operation</th><th>calls</th></tr></thead><tbody>{rows}</tbody></table></html>",
        shared.service_names().join(", ")
    )
}
