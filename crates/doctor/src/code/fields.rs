//! The parameters of a program as fields.

use super::pairs::{Group, Pair, Purpose, Value};
use super::program::Program;
use crate::reading::{Format, Reading, Special};
use wxpay::Fields;

/// Longest expression that is kept, in characters.
const LONGEST: usize = 200;

pub(super) fn read(program: &Program<'_>) -> Option<Reading> {
    let most = program.groups.iter().map(Group::known).max().filter(|known| *known >= 2)?;
    let group = program.groups.iter().find(|group| group.known() == most)?;
    let mut reading = Reading {
        format: Format::Code,
        undone: Vec::new(),
        fields: Fields::new(),
        key_pasted: false,
        unquoted: Vec::new(),
        expressions: Vec::new(),
        special: (group.purpose == Purpose::Jssdk).then_some(Special::Jssdk),
    };
    for pair in group.pairs.iter().take(256) {
        take(program, pair, &mut reading);
    }
    Some(reading)
}

fn take(program: &Program<'_>, pair: &Pair<'_>, reading: &mut Reading) {
    let (literal, bare) = match pair.value {
        Value::Text(text) => (Some(text), false),
        Value::Bare(text) => (Some(text), true),
        Value::Expr(_) | Value::Same | Value::Slot(_) | Value::Prose(_) => (None, false),
    };
    if pair.name == "key" {
        reading.key_pasted |= literal.is_some();
        return;
    }
    let Some(text) = literal else {
        let said = match pair.value {
            Value::Expr(span) => program.source(span),
            Value::Slot(text) | Value::Prose(text) => text,
            _ => pair.name,
        };
        let said = said.chars().take(LONGEST).collect();
        reading.expressions.push((pair.name.to_owned(), said));
        return;
    };
    // The second of two equal names, and what XML cannot carry, is no field.
    if reading.fields.add(pair.name.to_owned(), text.to_owned()).is_ok() && bare {
        reading.unquoted.push(pair.name.to_owned());
    }
}
