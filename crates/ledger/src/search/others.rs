//! The shorter lists: refunds, and the exchanges with the gateway. They are read from the file each time.

use super::fold::folded;
use crate::ledger::Ledger;
use crate::table::{evidence, exchange, operation, payment, refund};
use crate::{Exchange, LedgerError, Operation, Refund, RefundEvidence};
use domain::{Fen, OperationState, OutTradeNo, RefundState, Timestamp};
use memchr::memmem::Finder;
use rusqlite::types::Value;
use rusqlite::{Connection, params};

/// Which of a merchant's refunds. What is empty or `None` leaves all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RefundsWanted {
    /// The merchant; one must be named.
    pub merchant: String,
    /// Anywhere in out_refund_no, refund_id, out_trade_no or the reason, from one character on, in letters of any case.
    pub text: String,
    /// A [`RefundState`] word; `unknown`, `rejected` or `not_sent` of one that so far is only asked for.
    pub states: Vec<String>,
    /// Made at or after this.
    pub from: Option<Timestamp>,
    /// Made before this.
    pub to: Option<Timestamp>,
}

/// A refund in a list: known to WeChat Pay, or only asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedRefund {
    /// As WeChat Pay has it; `None` where only the request is known.
    pub refund: Option<Refund>,
    /// The request that made it.
    pub request: Option<Operation>,
    /// The order's amount.
    pub total: Option<Fen>,
    /// What each source says of it.
    pub evidences: Vec<RefundEvidence>,
}

/// A window onto the refunds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RefundListing {
    /// How many fit.
    pub total: usize,
    /// What of those went back or is on the way.
    pub refunded: Fen,
    /// Those in the window, newest first.
    pub rows: Vec<ListedRefund>,
}

/// The word for a refund that is only asked for.
#[must_use]
pub const fn requested_state(state: OperationState) -> &'static str {
    match state {
        OperationState::Intended | OperationState::Unknown => "unknown",
        OperationState::NotSent => "not_sent",
        OperationState::Rejected => "rejected",
        OperationState::Confirmed => RefundState::Processing.as_str(),
    }
}

/// Where a refund is in the order of the list, and which it is.
struct Place {
    created: i64,
    /// Of `refunds`, or of `operations`.
    known: bool,
    id: i64,
}

fn places(
    conn: &Connection,
    wanted: &RefundsWanted,
    reason: &dyn Fn(&str) -> Option<String>,
) -> rusqlite::Result<(Vec<Place>, i128)> {
    let needle = folded(&wanted.text);
    let finder = Finder::new(&needle);
    let holds = |text: &str| finder.find(&folded(text)).is_some();
    // A request is only looked into for its reason.
    let mut statement = conn.prepare_cached(
        "SELECT 1, r.id, r.created_ms, r.state, r.refund_fen, r.out_refund_no, r.refund_id, r.out_trade_no,
            CASE WHEN ?2 THEN (SELECT o.request_params FROM operations o WHERE o.id = r.operation_id) END
         FROM refunds r WHERE r.merchant = ?1
         UNION ALL
         SELECT 0, o.row_id, o.created_ms, o.state, o.amount_fen, o.number, NULL, o.out_trade_no,
            CASE WHEN ?2 THEN o.request_params END
         FROM operations o WHERE o.merchant = ?1 AND o.kind = 'refund' AND NOT EXISTS (SELECT 1 FROM refunds r
            WHERE r.merchant = o.merchant AND r.out_refund_no = o.number)",
    )?;
    let mut rows = statement.query(params![wanted.merchant, !needle.is_empty()])?;
    let (mut places, mut refunded) = (Vec::new(), 0_i128);
    while let Some(row) = rows.next()? {
        let place = Place { known: row.get(0)?, id: row.get(1)?, created: row.get(2)? };
        let state = row.get_ref(3)?.as_str()?;
        let state = if place.known { state } else { state.parse().map_or("unknown", requested_state) };
        let fits = (wanted.states.is_empty() || wanted.states.iter().any(|known| known == state))
            && wanted.from.is_none_or(|from| place.created >= from.millis())
            && wanted.to.is_none_or(|to| place.created < to.millis());
        if !fits {
            continue;
        }
        let mut found = needle.is_empty();
        for column in 5..8 {
            found |= !found && row.get_ref(column)?.as_str_or_null()?.is_some_and(holds);
        }
        if !found && let Some(request) = row.get_ref(8)?.as_str_or_null()? {
            // Where nothing is escaped, what is not in the whole is not in the reason.
            let may = request.contains('&') || holds(request);
            found = may && reason(request).is_some_and(|reason| holds(&reason));
        }
        if found {
            let back = [RefundState::Success, RefundState::Processing].map(RefundState::as_str);
            refunded += if back.contains(&state) { i128::from(row.get::<_, i64>(4)?) } else { 0 };
            places.push(place);
        }
    }
    places.sort_unstable_by_key(|place| std::cmp::Reverse((place.created, place.known, place.id)));
    Ok((places, refunded))
}

fn listed(conn: &Connection, merchant: &str, place: &Place) -> rusqlite::Result<ListedRefund> {
    let total = |number: &OutTradeNo| -> rusqlite::Result<Option<Fen>> {
        Ok(payment::get(conn, merchant, number)?.and_then(|payment| payment.total))
    };
    if !place.known {
        let request = operation::by_row_id(conn, place.id)?;
        let total = total(&request.out_trade_no)?;
        return Ok(ListedRefund { refund: None, request: Some(request), total, evidences: Vec::new() });
    }
    let sql = format!("SELECT {} FROM refunds WHERE id = ?1", refund::COLUMNS);
    let row = conn.prepare_cached(&sql)?.query_row([place.id], Refund::from_row)?;
    let number = row.out_refund_no.as_str();
    Ok(ListedRefund {
        request: operation::by_number(conn, merchant, domain::OperationKind::Refund, number)?,
        evidences: evidence::list(conn, merchant, evidence::REFUND, number)?,
        total: total(&row.out_trade_no)?,
        refund: Some(row),
    })
}

/// Which of a merchant's exchanges. What is empty leaves all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExchangesWanted {
    /// The merchant; one must be named.
    pub merchant: String,
    /// Anywhere in the path, the code or the order's number, from one character on, in letters of any case.
    pub text: String,
    /// With one of these outcomes.
    pub outcomes: Vec<String>,
    /// To one of these paths.
    pub apis: Vec<String>,
}

impl ExchangesWanted {
    fn clause(&self) -> (String, Vec<Value>) {
        let mut sql = "FROM exchanges WHERE merchant = ?".to_owned();
        let mut values = vec![Value::Text(self.merchant.clone())];
        for (column, words) in [("outcome", &self.outcomes), ("api", &self.apis)] {
            if !words.is_empty() {
                sql += &format!(" AND {column} IN ({})", vec!["?"; words.len()].join(", "));
                values.extend(words.iter().cloned().map(Value::Text));
            }
        }
        (sql, values)
    }
}

impl Ledger {
    /// A window of at most `limit` rows onto the refunds that fit, newest first, from the row `offset` on. `reason`
    /// reads the reason out of a request.
    ///
    /// # Errors
    /// Where the ledger cannot be read.
    pub fn list_refunds(
        &self,
        wanted: &RefundsWanted,
        (offset, limit): (usize, usize),
        reason: &dyn Fn(&str) -> Option<String>,
    ) -> Result<RefundListing, LedgerError> {
        self.query(|conn| {
            let (places, refunded) = places(conn, wanted, reason)?;
            let shown = places.iter().skip(offset).take(limit);
            Ok(RefundListing {
                total: places.len(),
                refunded: Fen::new(i64::try_from(refunded).unwrap_or(i64::MAX)),
                rows: shown.map(|place| listed(conn, &wanted.merchant, place)).collect::<Result<_, _>>()?,
            })
        })
    }

    /// A window of at most `limit` rows onto the exchanges that fit, newest first, from the row `offset` on, and how
    /// many fit altogether. `number` reads the order's number out of a request.
    ///
    /// # Errors
    /// Where the ledger cannot be read.
    pub fn list_exchanges(
        &self,
        wanted: &ExchangesWanted,
        (offset, limit): (usize, usize),
        number: &dyn Fn(&[u8]) -> Option<String>,
    ) -> Result<(usize, Vec<Exchange>), LedgerError> {
        let (clause, mut values) = wanted.clause();
        let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        self.query(|conn| {
            let columns = exchange::COLUMNS;
            if wanted.text.is_empty() {
                let total: i64 = conn
                    .prepare_cached(&format!("SELECT count(*) {clause}"))?
                    .query_row(rusqlite::params_from_iter(&values), |row| row.get(0))?;
                values.extend([count(limit), count(offset)].map(Value::Integer));
                let rows = conn
                    .prepare_cached(&format!("SELECT {columns} {clause} ORDER BY id DESC LIMIT ? OFFSET ?"))?
                    .query_map(rusqlite::params_from_iter(values), Exchange::from_row)?
                    .collect::<Result<_, _>>()?;
                return Ok((usize::try_from(total).unwrap_or(0), rows));
            }
            let needle = folded(&wanted.text);
            let finder = Finder::new(&needle);
            let holds = |text: &str| finder.find(&folded(text)).is_some();
            let sql = format!("SELECT id, api, err_code, request {clause} ORDER BY id DESC");
            let mut statement = conn.prepare_cached(&sql)?;
            let mut rows = statement.query(rusqlite::params_from_iter(values))?;
            let mut ids: Vec<i64> = Vec::new();
            while let Some(row) = rows.next()? {
                let mut found = holds(row.get_ref(1)?.as_str()?);
                found = found || row.get_ref(2)?.as_str_or_null()?.is_some_and(holds);
                if !found {
                    let request = row.get_ref(3)?.as_blob()?;
                    // Numbers are ASCII and never escaped: most requests need not be read.
                    let may = finder.find(&request.to_ascii_lowercase()).is_some();
                    found = may && number(request).is_some_and(|number| holds(&number));
                }
                if found {
                    ids.push(row.get(0)?);
                }
            }
            let shown = ids.iter().skip(offset).take(limit);
            let rows: Vec<Option<Exchange>> =
                shown.map(|id| exchange::get(conn, *id)).collect::<Result<_, _>>()?;
            Ok((ids.len(), rows.into_iter().flatten().collect()))
        })
    }
}
