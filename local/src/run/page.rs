//! The status page: what a browser sees of a cloud that stays up.

use std::fmt::Write as _;

use super::report::Report;

/// The page as HTML; it loads itself anew every two seconds.
pub(super) fn html(report: &Report) -> String {
    let mut page = String::from(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta http-equiv=\"refresh\" content=\"2\">\
         <title>Steward's local cloud</title><style>body{font:14px system-ui;margin:2em}table{border-collapse:collapse;\
         margin-bottom:2em}td,th{text-align:left;padding:.25em .75em;border-bottom:1px solid #ddd}</style></head><body>\
         <h1>Steward's local cloud</h1>",
    );
    let operations = report.operations.iter().map(|row| {
        [
            row.kind.clone(),
            row.provisioned_product_id.clone().unwrap_or_else(|| row.subject.clone()),
            row.state.clone(),
            row.attempts.to_string(),
            row.record_id.clone().unwrap_or_default(),
            row.reason.clone().unwrap_or_default(),
        ]
    });
    table(&mut page, "Operations", ["kind", "product", "state", "attempt", "record", "why"], operations);
    let products = report
        .products
        .iter()
        .map(|row| [row.id.clone(), row.name.clone(), row.status.clone(), row.terminations.to_string()]);
    table(&mut page, "Provisioned products", ["id", "name", "status", "terminations"], products);
    page.push_str("</body></html>");
    page
}

fn table<const N: usize>(page: &mut String, title: &str, head: [&str; N], rows: impl Iterator<Item = [String; N]>) {
    // Writing to a string cannot fail.
    let _ = write!(page, "<h2>{title}</h2><table><tr>");
    for name in head {
        let _ = write!(page, "<th>{name}</th>");
    }
    page.push_str("</tr>");
    for row in rows {
        page.push_str("<tr>");
        for cell in row {
            let _ = write!(page, "<td>{}</td>", escaped(&cell));
        }
        page.push_str("</tr>");
    }
    page.push_str("</table>");
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
