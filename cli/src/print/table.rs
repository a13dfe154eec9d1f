//! Tables: as wide as the terminal, or, where there is none, one row a line.

use std::io::{IsTerminal as _, stdout};

use comfy_table::ContentArrangement;
use comfy_table::presets::NOTHING;

/// A table in the making.
pub(crate) struct Table(comfy_table::Table);

impl Table {
    /// One with these columns.
    pub(crate) fn new(columns: &[&str]) -> Self {
        let mut table = plain();
        table.set_header(columns);
        Self(table)
    }

    /// Adds a row.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.0.add_row(cells.into_iter().map(|cell| if cell.is_empty() { "-".to_owned() } else { cell }));
    }

    /// Prints it. A row that begins with a state is coloured by it, after it was laid out.
    pub(crate) fn print(&self) {
        for line in self.0.trim_fmt().lines() {
            let word = line.split_whitespace().next().unwrap_or_default();
            super::line(&line.replacen(word, &super::state(word), 1));
        }
    }
}

/// Prints names and what they are; those without a value are left out.
pub(crate) fn facts<'a>(facts: impl IntoIterator<Item = (&'a str, Option<String>)>) {
    let mut table = plain();
    for (name, value) in facts {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            table.add_row([format!("  {name}"), value]);
        }
    }
    super::line(&table.trim_fmt());
}

fn plain() -> comfy_table::Table {
    let mut table = comfy_table::Table::new();
    table.load_style(NOTHING);
    if let (true, Some((width, _))) = (stdout().is_terminal(), terminal_size::terminal_size()) {
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width.0);
    }
    table
}
