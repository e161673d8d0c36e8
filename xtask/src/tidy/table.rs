//! The import table, read from `ARCHITECTURE.md`, so that the page and the check cannot differ.

use std::collections::{BTreeMap, BTreeSet};

/// What one room may use.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Room {
    /// Rooms that its product code may use.
    pub(crate) may_use: BTreeSet<String>,
    /// Rooms that only its tests may use.
    pub(crate) in_tests: BTreeSet<String>,
    /// What it must never know, in words. May be empty.
    pub(crate) never_knows: String,
}

/// Who may use a crate from outside.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Outsider {
    /// Rooms whose product code may use it.
    pub(crate) only_in: BTreeSet<String>,
    /// Rooms whose tests may use it too.
    pub(crate) in_tests: BTreeSet<String>,
    /// Why it is kept there, in words that continue "because".
    pub(crate) because: String,
}

/// Both tables of the chapter "Who may use whom".
#[derive(Debug, Default)]
pub(crate) struct Table {
    /// By the room's name.
    pub(crate) rooms: BTreeMap<String, Room>,
    /// By the crate's name. A crate that is not here may be used by any room.
    pub(crate) outsiders: BTreeMap<String, Outsider>,
}

const ROOMS: &str = "| room | may use | in tests also | must never know |";
const OUTSIDERS: &str = "| crate | only in | in tests also | because |";

impl Table {
    /// Reads both tables from the text of `ARCHITECTURE.md`.
    ///
    /// # Errors
    /// A sentence that says which table is missing, or which row has another shape or names an unknown room.
    pub(crate) fn parse(page: &str) -> Result<Self, String> {
        let mut table = Self::default();
        for [names, may_use, in_tests, never_knows] in rows(page, ROOMS)? {
            let room = Room {
                may_use: list(may_use),
                in_tests: list(in_tests),
                never_knows: never_knows.to_owned(),
            };
            table.rooms.insert(names.to_owned(), room);
        }
        for [names, only_in, in_tests, because] in rows(page, OUTSIDERS)? {
            for name in list(names) {
                let outsider = Outsider {
                    only_in: list(only_in),
                    in_tests: list(in_tests),
                    because: because.to_owned(),
                };
                table.outsiders.insert(name, outsider);
            }
        }
        let rooms = table.rooms.values().flat_map(|room| room.may_use.iter().chain(&room.in_tests));
        let outsiders = table.outsiders.values().flat_map(|row| row.only_in.iter().chain(&row.in_tests));
        match rooms.chain(outsiders).find(|name| !table.rooms.contains_key(*name)) {
            Some(name) => {
                Err(format!("ARCHITECTURE.md: `{name}` is named in an import table but has no row"))
            }
            None => Ok(table),
        }
    }
}

/// The rows under `heading`, each as its four cells.
fn rows<'a>(page: &'a str, heading: &str) -> Result<Vec<[&'a str; 4]>, String> {
    let mut lines = page.lines().skip_while(|line| *line != heading);
    if lines.next().is_none() {
        return Err(format!("ARCHITECTURE.md: the table `{heading}` is missing"));
    }
    lines
        .skip(1) // the rule under the heading
        .take_while(|line| line.starts_with('|'))
        .map(|line| {
            let cells: Vec<&str> = line.trim().trim_matches('|').split('|').map(str::trim).collect();
            <[&str; 4]>::try_from(cells).map_err(|_| format!("ARCHITECTURE.md: not four cells: {line}"))
        })
        .collect()
}

fn list(cell: &str) -> BTreeSet<String> {
    cell.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_itself_is_read() {
        let table = Table::parse(include_str!("../../../ARCHITECTURE.md")).unwrap();
        assert!(table.rooms["domain"].may_use.is_empty());
        assert!(table.rooms["console"].may_use.contains("ledger"));
        assert!(!table.rooms["ledger"].may_use.contains("wxpay"));
        assert_eq!(table.outsiders["rusqlite"].only_in, list("ledger"));
        assert_eq!(table.outsiders["serde_json"], table.outsiders["serde"]);
    }

    #[test]
    fn a_page_with_a_fault_is_refused() {
        let rule = "|---|---|---|---|";
        for (page, expected) in [
            (String::new(), "is missing"),
            (format!("{ROOMS}\n{rule}\n| domain | | |\n"), "not four cells"),
            (format!("{ROOMS}\n{rule}\n| domain | | | |\n"), "is missing"),
            (format!("{ROOMS}\n{rule}\n| a | b | | |\n\n{OUTSIDERS}\n{rule}\n"), "`b` is named"),
        ] {
            let refused = Table::parse(&page).unwrap_err();
            assert!(refused.contains(expected), "{page:?} gave {refused:?}");
        }
    }
}
