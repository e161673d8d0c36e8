//! Whether a signed document can be read in a second way.
//!
//! The string to sign joins `k=v` with `&` and escapes nothing. So a value that holds `&name=` can make two
//! documents share one string and therefore one signature: a payment of one fen whose `attach` spells out
//! another order's number and amount proves that other payment too, to whoever is handed the other document.
//!
//! A second reading cuts the string at other `&name=`, keeps the chosen names ascending (or the string would
//! not have been joined in that order) and no value empty (or it would not have been joined at all). It takes
//! at least one mark that stands inside a value. It is dangerous when it has every field that the message
//! must have and another value for one that identifies or values the payment, or when text from inside a value
//! swallows such a field.

use crate::Fields;
use crate::fields::{Field, MAX_FIELDS, is_name};
use crate::sign::is_signed;
use std::borrow::Cow;

/// What a document is: that decides which fields it must have and which ones must not change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MessageKind {
    /// A payment's notice.
    PaymentNotice,
    /// The callback of a static QR code (Native mode 1).
    NativeCallback,
    /// A request of unified order.
    UnifiedOrderRequest,
    /// Its reply.
    UnifiedOrderReply,
    /// A request to charge a payer's code.
    MicropayRequest,
    /// Its reply.
    MicropayReply,
    /// The reply to an order's query.
    OrderQueryReply,
    /// A request for a refund.
    RefundRequest,
    /// Its reply.
    RefundReply,
    /// The reply to a refund's query.
    RefundQueryReply,
    /// Any other signed document. Each field that identifies or values and stands in it is taken as mandatory.
    Other,
}

/// Another document with the same string to sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Its fields, ascending. Neither empty fields nor `sign` are among them.
    pub fields: Fields<'static>,
}

/// Whether a second reading exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ambiguity {
    /// There is none.
    None,
    /// There is one, but it changes nothing that counts, or lacks what the message must have. Many shops put
    /// `a=1&b=2` into `attach`: worth a warning, no more.
    Harmless {
        /// The field whose value holds the mark.
        field: String,
    },
    /// There is one that would pass for a document of this kind and says something else of the payment. The
    /// signature proves neither of the two: ask by a query.
    Dangerous {
        /// The first field whose value is taken apart.
        field: String,
        /// The fields that the other document has with another value, or lacks, in order.
        changed: Vec<String>,
        /// The other document. `None` where the marks are too many to spell one out.
        reading: Option<Reading>,
    },
}

impl Ambiguity {
    /// Whether it is [`Dangerous`](Self::Dangerous).
    #[must_use]
    pub const fn is_dangerous(&self) -> bool {
        matches!(self, Self::Dangerous { .. })
    }
}

/// Marks inside values beyond this are not weighed but called dangerous; no honest document has so many.
const MAX_MARKS: usize = 1024;

impl MessageKind {
    /// The fields without which nobody takes the document for one of this kind.
    const fn mandatory(self) -> &'static [&'static str] {
        match self {
            Self::PaymentNotice => &[
                "appid",
                "bank_type",
                "cash_fee",
                "mch_id",
                "nonce_str",
                "openid",
                "out_trade_no",
                "result_code",
                "return_code",
                "time_end",
                "total_fee",
                "trade_type",
                "transaction_id",
            ],
            Self::NativeCallback => &["appid", "mch_id", "nonce_str", "openid", "product_id"],
            Self::UnifiedOrderRequest => &[
                "appid",
                "body",
                "mch_id",
                "nonce_str",
                "notify_url",
                "out_trade_no",
                "spbill_create_ip",
                "total_fee",
                "trade_type",
            ],
            Self::UnifiedOrderReply => {
                &["appid", "mch_id", "nonce_str", "prepay_id", "result_code", "return_code", "trade_type"]
            }
            Self::MicropayRequest => &[
                "appid",
                "auth_code",
                "body",
                "mch_id",
                "nonce_str",
                "out_trade_no",
                "spbill_create_ip",
                "total_fee",
            ],
            Self::MicropayReply => &[
                "appid",
                "bank_type",
                "cash_fee",
                "mch_id",
                "nonce_str",
                "openid",
                "out_trade_no",
                "result_code",
                "return_code",
                "time_end",
                "total_fee",
                "trade_type",
                "transaction_id",
            ],
            Self::OrderQueryReply => {
                &["appid", "mch_id", "nonce_str", "out_trade_no", "result_code", "return_code", "trade_state"]
            }
            Self::RefundRequest => {
                &["appid", "mch_id", "nonce_str", "out_refund_no", "refund_fee", "total_fee"]
            }
            Self::RefundReply => &[
                "appid",
                "mch_id",
                "nonce_str",
                "out_refund_no",
                "out_trade_no",
                "refund_fee",
                "refund_id",
                "result_code",
                "return_code",
                "total_fee",
                "transaction_id",
            ],
            Self::RefundQueryReply => &[
                "appid",
                "mch_id",
                "nonce_str",
                "out_trade_no",
                "refund_count",
                "result_code",
                "return_code",
                "total_fee",
                "transaction_id",
            ],
            Self::Other => &[],
        }
    }
}

/// What the reply to a query has besides, once the order was paid.
const PAID: &[&str] =
    &["bank_type", "cash_fee", "openid", "time_end", "total_fee", "trade_type", "transaction_id"];

/// Whether a field identifies a payment, or says what it is worth or where it stands.
fn counts(name: &str) -> bool {
    const NAMES: &[&str] = &[
        "appid",
        "auth_code",
        "cash_fee",
        "cash_fee_type",
        "code_url",
        "coupon_fee",
        "fee_type",
        "mch_id",
        "mweb_url",
        "notify_url",
        "openid",
        "out_trade_no",
        "prepay_id",
        "product_id",
        "rate_value",
        "recall",
        "result_code",
        "return_code",
        "settlement_total_fee",
        "total_fee",
        "trade_state",
        "trade_type",
        "transaction_id",
    ];
    // Families with numbered members: out_refund_no_0, refund_fee_1, coupon_refund_fee_0_1 …
    const FAMILIES: &[&str] = &[
        "cash_refund_fee",
        "coupon_fee_",
        "coupon_refund_fee",
        "out_refund_no",
        "refund_fee",
        "refund_id",
        "refund_status",
        "settlement_refund_fee",
        "sub_",
    ];
    NAMES.contains(&name) || FAMILIES.iter().any(|family| name.starts_with(family))
}

/// The fields of an order that WeChat Pay tells again: in its notice, in the reply to a query, in that to a scan.
const TOLD_AGAIN: [&str; 2] = ["attach", "device_info"];

/// The field of an order about to be made whose text could be read as a field that counts once WeChat Pay tells it
/// again, signed, among fields that the order does not have: `A&bank_type=CFT&cash_fee=1&…` in `attach` is harmless
/// in the order and a second payment in its notice.
///
/// In `attach` it is `&name=` with the name of a field that counts. That is enough: before `attach` comes only
/// `appid`, everything between it and `cash_fee` (in what tells of a payment) or `mch_id` (in anything) counts for
/// nothing, and to get past those two a text has to bring them along itself. Names that begin with `sub_` come after
/// both and are taken only where they are protocol. In `device_info`, which stands further back, it is any `&name=`:
/// a terminal's name has none.
#[must_use]
pub fn told_again(order: &Fields<'_>) -> Option<&'static str> {
    let counts = |name: &str| {
        let provider = ["sub_mch_id", "sub_appid", "sub_openid"];
        if name.starts_with("sub_") { provider.contains(&name) } else { counts(name) }
    };
    TOLD_AGAIN.into_iter().find(|field| {
        let text = order.get(field).unwrap_or_default();
        let mut marks = text.split('&').skip(1).filter_map(|part| part.split_once('='));
        marks.any(|(name, _)| if *field == "attach" { counts(name) } else { is_name(name) })
    })
}

/// What the protocol assumes where the field is not sent.
fn default_of(name: &str) -> Option<&'static str> {
    matches!(name, "fee_type" | "cash_fee_type" | "refund_fee_type").then_some("CNY")
}

/// A place where a field may begin.
struct Mark<'s> {
    /// Where the field before it would end: the byte of its `&`.
    at: usize,
    name: &'s str,
    /// Where its value begins.
    value: usize,
    /// The index of the field inside whose value it stands; `None` for a field's own beginning.
    inside: Option<usize>,
}

/// The document as its string.
struct Text<'f> {
    string: String,
    fields: Vec<(&'f str, &'f str)>,
}

impl<'f> Text<'f> {
    fn new(fields: &'f Fields<'_>) -> Self {
        let fields: Vec<_> = fields.sorted().filter(|(name, value)| is_signed(name, value)).collect();
        let mut string = String::with_capacity(fields.iter().map(|(n, v)| n.len() + v.len() + 2).sum());
        for (name, value) in &fields {
            for part in [if string.is_empty() { "" } else { "&" }, *name, "=", *value] {
                string.push_str(part);
            }
        }
        Self { string, fields }
    }

    /// Every place where a field may begin, in order; `Err` is the field with one mark too many.
    fn marks(&self) -> Result<Vec<Mark<'_>>, usize> {
        let mut marks = Vec::with_capacity(self.fields.len());
        let mut start = 0;
        let mut inner = 0;
        for (index, (name, value)) in self.fields.iter().enumerate() {
            let begin = start + name.len() + 1;
            marks.push(Mark {
                at: start.saturating_sub(1),
                name: &self.string[start..start + name.len()],
                value: begin,
                inside: None,
            });
            for and in memchr::memchr_iter(b'&', value.as_bytes()) {
                // A name has at most 128 bytes, so there is no point in looking further for its `=`.
                let rest = &self.string.as_bytes()[begin + and + 1..begin + value.len()];
                let rest = &rest[..rest.len().min(129)];
                let Some(len) = memchr::memchr(b'=', rest) else { continue };
                let from = begin + and + 1;
                let Some(name) = self.string.get(from..from + len).filter(|name| is_name(name)) else {
                    continue;
                };
                if name == "sign" {
                    continue;
                }
                inner += 1;
                if inner > MAX_MARKS {
                    return Err(index);
                }
                marks.push(Mark { at: begin + and, name, value: from + len + 1, inside: Some(index) });
            }
            start = begin + value.len() + 1;
        }
        Ok(marks)
    }

    fn value(&self, name: &str) -> Option<&'f str> {
        let place = self.fields.binary_search_by(|(other, _)| other.as_bytes().cmp(name.as_bytes())).ok()?;
        Some(self.fields[place].1)
    }

    /// Whether `value` (`None`: absent) says something else of a field that counts.
    ///
    /// Values are compared up to their first `&`: no field that counts can hold one, and a careless reader takes
    /// `100&u=x` for the number 100. What merely has more text glued to its end says the same, or nothing.
    fn differs(&self, name: &str, value: Option<&str>) -> bool {
        fn head(value: &str) -> &str {
            value.split('&').next().unwrap_or_default()
        }
        counts(name)
            && value.map(head).or(default_of(name)) != self.value(name).map(head).or(default_of(name))
    }
}

/// Finds out whether another document has the same string to sign.
///
/// The work is bounded: at most 1,024 marks inside values are weighed against each other, and a document with
/// more is called dangerous.
#[must_use]
pub fn second_readings(fields: &Fields<'_>, kind: MessageKind) -> Ambiguity {
    // Nearly every document ends here.
    if !fields.iter().any(|(_, value)| memchr::memchr(b'&', value.as_bytes()).is_some()) {
        return Ambiguity::None;
    }
    let text = Text::new(fields);
    let own = |index: usize| text.fields[index].0.to_owned();
    let marks = match text.marks() {
        Ok(marks) => marks,
        Err(index) => {
            return Ambiguity::Dangerous { field: own(index), changed: Vec::new(), reading: None };
        }
    };
    let Some(harmless) = first_usable(&text, &marks) else { return Ambiguity::None };
    let search =
        |mandatory: &[&str], must: &dyn Fn(&str) -> bool| Search::new(&text, &marks, mandatory, must).run();
    let found = match kind {
        MessageKind::Other => {
            let mandatory: Vec<_> =
                text.fields.iter().map(|(name, _)| *name).filter(|name| counts(name)).collect();
            search(&mandatory, &|_| true)
        }
        MessageKind::OrderQueryReply => {
            let base = kind.mandatory();
            let paid = matches!(text.value("trade_state"), Some("SUCCESS" | "REFUND"));
            if paid {
                let all: Vec<_> = base.iter().chain(PAID).copied().collect();
                // Either it stays a paid order with everything such a reply has, or it becomes another state.
                search(&all, &|_| true).or_else(|| search(base, &|name| name == "trade_state"))
            } else {
                search(base, &|_| true)
            }
        }
        _ => search(kind.mandatory(), &|_| true),
    };
    match found {
        Some(path) => dangerous(&text, &marks, &path),
        None => Ambiguity::Harmless { field: own(harmless) },
    }
}

/// Another document with the same string to sign as one whose second readings are [`Ambiguity::Harmless`]: the one
/// that the first mark inside a value makes, with every field behind it that can still be told apart.
#[must_use]
pub fn harmless_reading(fields: &Fields<'_>) -> Option<Reading> {
    let text = Text::new(fields);
    let marks = text.marks().ok()?;
    let inner = marks.iter().position(|mark| is_usable(mark, &text, &marks))?;
    let mut path: Vec<usize> =
        (0..inner).filter(|at| marks[*at].inside.is_none() && marks[*at].name < marks[inner].name).collect();
    // Nothing would be left of a field whose value begins with the mark.
    if path.last().is_some_and(|last| marks[*last].value >= marks[inner].at) {
        path.pop();
    }
    path.push(inner);
    let mut last = &marks[inner];
    for (at, mark) in marks.iter().enumerate().skip(inner + 1) {
        if mark.name > last.name && mark.at > last.value && mark.value < text.string.len() {
            path.push(at);
            last = mark;
        }
    }
    match dangerous(&text, &marks, &path) {
        Ambiguity::Dangerous { reading, .. } => reading,
        Ambiguity::None | Ambiguity::Harmless { .. } => None,
    }
}

/// The field with the first mark that can begin a field of some other reading.
fn first_usable(text: &Text<'_>, marks: &[Mark<'_>]) -> Option<usize> {
    marks.iter().filter(|mark| is_usable(mark, text, marks)).find_map(|mark| mark.inside)
}

/// Whether a mark inside a value can begin a field of some other reading.
fn is_usable(mark: &Mark<'_>, text: &Text<'_>, marks: &[Mark<'_>]) -> bool {
    marks.first().is_some_and(|first| {
        mark.inside.is_some()
            && mark.name.as_bytes() > first.name.as_bytes()
            && mark.at > first.value
            && mark.value < text.string.len()
    })
}

fn dangerous(text: &Text<'_>, marks: &[Mark<'_>], path: &[usize]) -> Ambiguity {
    let mut list = Vec::with_capacity(path.len());
    let mut changed = Vec::new();
    let mut inside = None;
    for (place, index) in path.iter().enumerate() {
        let mark = &marks[*index];
        let end = path.get(place + 1).map_or(text.string.len(), |next| marks[*next].at);
        let value = &text.string[mark.value..end];
        inside = inside.or(mark.inside);
        if text.differs(mark.name, Some(value)) {
            changed.push(mark.name.to_owned());
        }
        list.push(Field { name: Cow::Owned(mark.name.to_owned()), value: Cow::Owned(value.to_owned()) });
    }
    for (name, _) in &text.fields {
        if !list.iter().any(|field| field.name == *name) && text.differs(name, None) {
            changed.push((*name).to_owned());
        }
    }
    changed.sort_unstable();
    let field = inside.map(|index| text.fields[index].0.to_owned()).unwrap_or_default();
    let reading = Fields::from_list(list).ok().map(|fields| Reading { fields });
    Ambiguity::Dangerous { field, changed, reading }
}

/// What has been gathered on the way to a mark: a mark from inside a value, and a difference that counts.
const INNER: usize = 1;
const DIFFERS: usize = 2;
const WAYS: usize = 4;

struct Search<'t, 'f> {
    text: &'t Text<'f>,
    marks: &'t [Mark<'t>],
    /// For each mark, how many mandatory names are below its name, and how many not above it.
    mandatory: Vec<(usize, usize)>,
    /// The same for the names whose vanishing would count.
    lost: Vec<(usize, usize)>,
    all: (usize, usize),
    must: &'t dyn Fn(&str) -> bool,
}

impl<'t, 'f> Search<'t, 'f> {
    fn new(
        text: &'t Text<'f>,
        marks: &'t [Mark<'t>],
        mandatory: &[&str],
        must: &'t dyn Fn(&str) -> bool,
    ) -> Self {
        let lost: Vec<_> = (text.fields.iter().map(|(name, _)| *name))
            .filter(|name| must(name) && text.differs(name, None))
            .collect();
        let ranks = |names: &[&str]| -> Vec<(usize, usize)> {
            let rank = |mark: &Mark<'_>| {
                let below = names.iter().filter(|name| name.as_bytes() < mark.name.as_bytes()).count();
                let up_to = names.iter().filter(|name| name.as_bytes() <= mark.name.as_bytes()).count();
                (below, up_to)
            };
            marks.iter().map(rank).collect()
        };
        Self {
            text,
            marks,
            mandatory: ranks(mandatory),
            lost: ranks(&lost),
            all: (mandatory.len(), lost.len()),
            must,
        }
    }

    /// What choosing the field at `from`, with nothing between it and `to` (`None`: the end), adds to what was
    /// gathered. `None` if no reading can do that.
    fn step(&self, from: usize, to: Option<usize>) -> Option<usize> {
        let here = &self.marks[from];
        let (end, mandatory, lost) = match to {
            Some(to) => {
                let next = &self.marks[to];
                if here.name.as_bytes() >= next.name.as_bytes() {
                    return None;
                }
                (next.at, self.mandatory[to].0, self.lost[to].0)
            }
            None => (self.text.string.len(), self.all.0, self.all.1),
        };
        if end <= here.value || mandatory != self.mandatory[from].1 {
            return None;
        }
        let value = &self.text.string[here.value..end];
        let other = (self.must)(here.name) && self.text.differs(here.name, Some(value));
        // A field of the document is gone and text from inside a value stands before its place. Gluing two of
        // the document's own fields together does not count: that can be done to any document, and leaves a
        // value that nobody takes.
        let swallowed = here.inside.is_some() && lost != self.lost[from].1;
        Some(if other || swallowed { DIFFERS } else { 0 })
    }

    /// The marks of a reading that has every mandatory name, a mark from inside a value, and a difference.
    fn run(&self) -> Option<Vec<usize>> {
        // before[mark][way]: the mark chosen before it and what had been gathered there.
        let mut before: Vec<[Option<(usize, usize)>; WAYS]> = vec![[None; WAYS]; self.marks.len()];
        let inner = |mark: usize| if self.marks[mark].inside.is_some() { INNER } else { 0 };
        // Names below the first one cannot be had at all.
        if self.marks.is_empty() || self.mandatory[0].0 > 0 {
            return None;
        }
        before[0][inner(0)] = Some((0, inner(0)));
        for to in 1..self.marks.len() {
            for from in 0..to {
                if before[from].iter().all(Option::is_none) {
                    continue;
                }
                let Some(gain) = self.step(from, Some(to)) else { continue };
                for way in 0..WAYS {
                    if before[from][way].is_some() {
                        before[to][way | gain | inner(to)].get_or_insert((from, way));
                    }
                }
            }
        }
        for last in 0..self.marks.len() {
            let Some(gain) = self.step(last, None) else { continue };
            for way in (0..WAYS).filter(|way| before[last][*way].is_some()) {
                if way | gain == INNER | DIFFERS {
                    return Some(trace(&before, last, way)).filter(|path| path.len() <= MAX_FIELDS);
                }
            }
        }
        None
    }
}

fn trace(before: &[[Option<(usize, usize)>; WAYS]], last: usize, way: usize) -> Vec<usize> {
    let mut path = vec![last];
    let (mut mark, mut way) = (last, way);
    while mark != 0 {
        let Some((from, earlier)) = before[mark][way] else { break };
        (mark, way) = (from, earlier);
        path.push(mark);
    }
    path.reverse();
    path
}

#[cfg(test)]
mod tests;
