//! What both processes of `two_processes` click, and what the test expects of it.

/// What every order costs.
pub const ORDER_FEN: i64 = 1000;
/// What every refund sends back. Three fit into an order.
pub const REFUND_FEN: i64 = 300;
/// Refunds that are clicked for every order: more than fit.
pub const REFUNDS: u64 = 4;

/// The number of an order.
#[must_use]
pub fn order_no(order: u64) -> String {
    format!("CLICK-{order:04}")
}

/// The number of one of its refunds.
#[must_use]
pub fn refund_no(order: u64, n: u64) -> String {
    format!("BACK-{order:04}-{n}")
}
