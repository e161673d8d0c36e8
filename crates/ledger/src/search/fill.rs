//! From the file into memory: everything once, and then what the journal says has changed.

use super::arena::Arena;
use super::block::{END, Line};
use super::fold::fold_into;
use crate::table::{Cells, evidence};
use crate::window::{Proof, counts, notice_due};
use domain::evidence::Source;
use domain::{CivilTime, OperationState, OrderState, Timestamp, TradeType};
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher as _, RandomState};

/// After so many entries of the journal it is quicker to read everything again.
const TOO_MANY: i64 = 100_000;
/// Between two looks whether to go on.
const STRIDE: usize = 4096;

/// What a line is made of. The asking operation's state matters only to orders of which nothing was heard.
const COLUMNS: &str = "id, out_trade_no, transaction_id, body, attach, openid, state, trade_type, total_fen, \
     refunded_fen, created_ms, time_end, disagreements <> '' OR conflict, CASE WHEN state = 'unpaid' THEN \
     (SELECT o.state FROM operations o WHERE o.id = payments.operation_id) END";

/// The journal's last row.
pub(super) fn head(conn: &Connection) -> rusqlite::Result<i64> {
    conn.prepare_cached("SELECT ifnull(max(seq), 0) FROM journal")?.query_row([], |row| row.get(0))
}

/// How many payments a merchant has.
pub(super) fn count(conn: &Connection, merchant: &str) -> rusqlite::Result<i64> {
    conn.prepare_cached("SELECT count(*) FROM payments WHERE merchant = ?1")?
        .query_row([merchant], |row| row.get(0))
}

/// Ids in the order of a list, without a filter.
pub(super) fn plain_ids(
    conn: &Connection,
    merchant: &str,
    offset: usize,
    limit: usize,
) -> rusqlite::Result<Vec<i64>> {
    let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    conn.prepare_cached(
        "SELECT id FROM payments WHERE merchant = ?1 ORDER BY created_ms DESC, id DESC LIMIT ?2 OFFSET ?3",
    )?
    .query_map(params![merchant, number(limit), number(offset)], |row| row.get(0))?
    .collect()
}

/// What the three sources say of a payment: each one's state, as far as there is one.
type Said = [Option<OrderState>; 3];

/// What stands beside a payment in other tables.
#[derive(Default)]
struct Beside {
    said: Said,
    unresolved: bool,
    /// Numbers of its refunds.
    refunds: Vec<String>,
}

/// Makes the line of a row of [`COLUMNS`].
fn line(
    row: &Row<'_>,
    arena: &mut Arena,
    beside: impl FnOnce(&str) -> Beside,
    line: &mut Line,
) -> rusqlite::Result<()> {
    line.clear();
    line.id = row.get(0)?;
    let number = row.get_ref(1)?.as_str()?;
    let beside = beside(number);
    line.number(0, number);
    if let Some(number) = row.get_ref(2)?.as_str_or_null()? {
        line.number(1, number);
    }
    for (column, word) in (3..).zip(0..3) {
        let Some(text) = row.get_ref(column)?.as_str_or_null()? else { continue };
        let start = line.text.len();
        fold_into(text, &mut line.text);
        match arena.words[word].place(&line.text[start..]) {
            Some(place) => {
                line.words[word] = place;
                line.text.truncate(start);
            }
            None => line.text.push(END),
        }
    }
    for number in &beside.refunds {
        fold_into(number, &mut line.text);
        line.text.push(END);
    }
    let mut cells = Cells::from(row, 6);
    let state: OrderState = cells.word()?;
    let kind: Option<TradeType> = cells.maybe_word()?;
    line.total = cells.take()?;
    line.refunded = cells.take()?;
    line.created = cells.take()?;
    let time_end: Option<CivilTime> = cells.maybe_civil()?;
    let disagrees: bool = cells.take()?;
    let asked: Option<OperationState> = cells.maybe_word()?;
    let told_of = beside.said.iter().any(Option::is_some);
    let counting = beside.said.map(|said| said.is_some_and(|said| counts(said, state)));
    let proof = Proof::of(state, asked, told_of, counting, kind);
    line.flag(&proof, kind, disagrees, beside.unresolved);
    line.paid = time_end.filter(|_| state.was_paid()).map(|paid| paid.timestamp().millis());
    let created = Timestamp::from_millis(line.created);
    line.due = proof.awaits_notice().then(|| notice_due(time_end, created));
    Ok(())
}

/// All of a merchant's payments; `None` if `go_on` ended it.
pub(super) fn all(
    conn: &Connection,
    merchant: &str,
    go_on: &dyn Fn() -> bool,
) -> rusqlite::Result<Option<Arena>> {
    let mut arena = Arena::new();
    if count(conn, merchant)? == 0 {
        return Ok(Some(arena));
    }
    // By a hash of the number: the numbers themselves would be more than all that is kept.
    let hashes = RandomState::new();
    let mut said: HashMap<u64, u16> = HashMap::new();
    let mut statement =
        conn.prepare("SELECT number, source, state FROM evidence WHERE merchant = ?1 AND subject = ?2")?;
    let mut rows = statement.query([merchant, evidence::PAYMENT])?;
    let mut turn = 0;
    while let Some(row) = rows.next()? {
        turn += 1;
        if turn % STRIDE == 0 && !go_on() {
            return Ok(None);
        }
        let mut cells = Cells::from(row, 1);
        let (source, state): (Source, OrderState) = (cells.word()?, cells.word()?);
        let place = OrderState::ALL.iter().position(|known| *known == state).unwrap_or(0);
        let bits = u16::try_from(place + 1).unwrap_or(1) << (4 * source as u32);
        *said.entry(hashes.hash_one(row.get_ref(0)?.as_str()?)).or_default() |= bits;
    }
    let unresolved = unresolved(conn, merchant)?;
    let mut refunds = refunds(conn, merchant)?;
    let mut statement =
        conn.prepare(&format!("SELECT {COLUMNS} FROM payments WHERE merchant = ?1 ORDER BY created_ms, id"))?;
    let mut rows = statement.query([merchant])?;
    let mut next = Line::default();
    while let Some(row) = rows.next()? {
        turn += 1;
        if turn % STRIDE == 0 && !go_on() {
            return Ok(None);
        }
        let beside = |number: &str| {
            let bits = said.get(&hashes.hash_one(number)).copied().unwrap_or(0);
            let of = |source: u32| usize::from(bits >> (4 * source) & 0xf).checked_sub(1);
            Beside {
                said: [0, 1, 2].map(|source| of(source).and_then(|at| OrderState::ALL.get(at).copied())),
                unresolved: !unresolved.is_empty() && unresolved.contains(number),
                refunds: if refunds.is_empty() {
                    Vec::new()
                } else {
                    refunds.remove(number).unwrap_or_default()
                },
            }
        };
        line(row, &mut arena, beside, &mut next)?;
        arena.push(&next);
    }
    arena.finish();
    Ok(Some(arena))
}

fn unresolved(conn: &Connection, merchant: &str) -> rusqlite::Result<HashSet<String>> {
    conn.prepare_cached(
        "SELECT out_trade_no FROM operations WHERE state IN ('intended', 'unknown') AND merchant = ?1",
    )?
    .query_map([merchant], |row| row.get(0))?
    .collect()
}

/// The numbers of refunds by order: those that were asked for and those that WeChat Pay told of.
fn refunds(conn: &Connection, merchant: &str) -> rusqlite::Result<HashMap<String, Vec<String>>> {
    let mut numbers: HashMap<String, Vec<String>> = HashMap::new();
    let mut statement = conn.prepare_cached(
        "SELECT out_trade_no, out_refund_no, refund_id FROM refunds WHERE merchant = ?1
         UNION ALL
         SELECT out_trade_no, number, NULL FROM operations WHERE merchant = ?1 AND kind = 'refund'",
    )?;
    let mut rows = statement.query([merchant])?;
    while let Some(row) = rows.next()? {
        let of: &mut Vec<String> = numbers.entry(row.get(0)?).or_default();
        let both: [Option<String>; 2] = [row.get(1)?, row.get(2)?];
        for number in both.into_iter().flatten() {
            if !of.contains(&number) {
                of.push(number);
            }
        }
    }
    Ok(numbers)
}

/// The numbers of the merchant's payments that the journal speaks of after a row; `None` where too much happened.
fn changed(
    conn: &Connection,
    merchant: &str,
    (after, head): (i64, i64),
) -> rusqlite::Result<Option<HashSet<String>>> {
    // Fewer entries than before: another journal.
    if head < after || head - after > TOO_MANY {
        return Ok(None);
    }
    let mut numbers = HashSet::new();
    let mut statement =
        conn.prepare_cached("SELECT kind, subject FROM journal WHERE seq > ?1 AND seq <= ?2")?;
    let mut rows = statement.query([after, head])?;
    while let Some(row) = rows.next()? {
        let kind = row.get_ref(0)?.as_str()?;
        if matches!(kind, "restore" | "salvage" | "migrate") {
            return Ok(None);
        }
        let subject = row.get_ref(1)?.as_str()?;
        let Some((of, rest)) = subject.split_once(':') else { continue };
        let ours = || rest.strip_prefix(merchant).and_then(|rest| rest.strip_prefix(':'));
        let number = match of {
            "payment" => ours().map(str::to_owned),
            "evidence" => ours()
                .and_then(|rest| rest.strip_prefix("payment:"))
                .and_then(|rest| rest.rsplit_once(':'))
                .map(|(number, _)| number.to_owned()),
            "refund" => match ours() {
                Some(number) => conn
                    .prepare_cached(
                        "SELECT out_trade_no FROM refunds WHERE merchant = ?1 AND out_refund_no = ?2",
                    )?
                    .query_row([merchant, number], |row| row.get(0))
                    .optional()?,
                None => None,
            },
            "operation" => conn
                .prepare_cached("SELECT out_trade_no FROM operations WHERE id = ?1 AND merchant = ?2")?
                .query_row([rest, merchant], |row| row.get(0))
                .optional()?,
            _ => None,
        };
        numbers.extend(number);
    }
    Ok(Some(numbers))
}

/// The payments that are new or changed after a row of the journal; `None` where it is quicker to read all.
pub(super) fn changes(
    conn: &Connection,
    merchant: &str,
    span: (i64, i64),
    arena: &mut Arena,
) -> rusqlite::Result<Option<Vec<Line>>> {
    let Some(numbers) = changed(conn, merchant, span)? else { return Ok(None) };
    let mut lines = Vec::with_capacity(numbers.len());
    let mut statement = conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM payments WHERE merchant = ?1 AND out_trade_no = ?2"
    ))?;
    for number in numbers {
        let beside = beside(conn, merchant, &number)?;
        let mut rows = statement.query([merchant, number.as_str()])?;
        let Some(row) = rows.next()? else { continue };
        let mut new = Line::default();
        line(row, arena, |_| beside, &mut new)?;
        lines.push(new);
    }
    Ok(Some(lines))
}

/// What stands beside one payment.
fn beside(conn: &Connection, merchant: &str, number: &str) -> rusqlite::Result<Beside> {
    let mut beside = Beside::default();
    let told: Vec<crate::PaymentEvidence> = evidence::list(conn, merchant, evidence::PAYMENT, number)?;
    for told in told {
        beside.said[told.source as usize] = Some(told.state);
    }
    beside.unresolved = conn
        .prepare_cached(
            "SELECT 1 FROM operations
             WHERE state IN ('intended', 'unknown') AND merchant = ?1 AND out_trade_no = ?2 LIMIT 1",
        )?
        .exists([merchant, number])?;
    let mut statement = conn.prepare_cached(
        "SELECT out_refund_no, refund_id FROM refunds WHERE merchant = ?1 AND out_trade_no = ?2
         UNION ALL
         SELECT number, NULL FROM operations WHERE merchant = ?1 AND out_trade_no = ?2 AND kind = 'refund'",
    )?;
    let mut rows = statement.query([merchant, number])?;
    while let Some(row) = rows.next()? {
        let both: [Option<String>; 2] = [row.get(0)?, row.get(1)?];
        for number in both.into_iter().flatten() {
            if !beside.refunds.contains(&number) {
                beside.refunds.push(number);
            }
        }
    }
    Ok(beside)
}
