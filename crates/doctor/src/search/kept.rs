//! Few fields signed out of many: too many are gone to try them by what is missing, so that it is tried what is there.

use super::md5::BEGUN;
use super::queue::{Hit, Made, Sought};
use super::{Search, behind, end};
use crate::cause::{Cause, Proven};
use crate::recipe::Recipe;
use wxpay::replay::{Digest, Running};

/// The fields that programs sign if they sign no others, the likelier ones first.
const FIRST: [&str; 30] = [
    "out_trade_no",
    "total_fee",
    "mch_id",
    "appid",
    "nonce_str",
    "transaction_id",
    "body",
    "notify_url",
    "trade_type",
    "openid",
    "spbill_create_ip",
    "result_code",
    "return_code",
    "time_end",
    "attach",
    "cash_fee",
    "out_refund_no",
    "refund_fee",
    "bank_type",
    "fee_type",
    "is_subscribe",
    "sign_type",
    "prepay_id",
    "product_id",
    "auth_code",
    "device_info",
    "sub_mch_id",
    "sub_appid",
    "return_msg",
    "trade_state",
];

/// Of so many fields, those that are signed first, every set is tried; of a document with no more that is all there is.
const LIKELY: usize = 12;
/// Of all fields every set of so many is tried, in documents with so many fields at most.
const FEW: usize = 3;
const FEW_OF: usize = 40;
/// Documents with more fields are no messages.
const MOST: usize = 100;

/// Which fields of the string are in it.
type Set = u128;

/// The fields of the right string.
struct Pieces<'s> {
    /// What stands before each field, if one does, and the field.
    fields: Vec<(Vec<u8>, Vec<u8>)>,
    names: Vec<&'s str>,
    /// Where each stands in the document.
    places: Vec<usize>,
}

impl<'d> Search<'_, 'd> {
    /// Five fields or more left out, or all but one, which counts as two mistakes.
    pub(super) fn kept(&mut self, base: &Recipe<'d>) {
        let Some(pieces) = self.pieces(base) else { return };
        let (sets, mut text) = (sets(&pieces), Vec::new());
        // Those that wait are not of these sets.
        self.settle();
        for way in 0..self.ways.len() {
            if self.ways[way].proven.len() != self.floor || self.ways[way].again.is_some() {
                continue;
            }
            for (number, set) in sets.iter().enumerate() {
                self.set(base, &pieces, *set, (way, number), &mut text);
                if self.ended {
                    break;
                }
            }
        }
        for hit in self.queue.hits() {
            let Some(set) = usize::try_from(hit.sought.number).ok().and_then(|number| sets.get(number))
            else {
                continue;
            };
            let form = &self.forms[0][hit.sought.form];
            let mut proven = vec![Proven { cause: Cause::FieldsLeftOut, params: pieces.params(*set) }];
            proven.extend(form.proven.iter().chain(&self.ways[hit.way].proven).cloned());
            self.explains(form.key, proven);
        }
    }

    fn pieces(&self, base: &Recipe<'d>) -> Option<Pieces<'d>> {
        let places: Vec<usize> = base.places().into_iter().flatten().collect();
        let bytes = |text: &str| base.bytes(text, false).into_owned();
        let pieces = base.pieces();
        let fields: Vec<_> =
            pieces.iter().map(|(_, field)| (bytes(base.join.between), bytes(field))).collect();
        let name = |place: &usize| self.document.fields.get(*place).map(|(name, _)| name.as_str());
        let names: Vec<_> = places.iter().filter_map(name).collect();
        let whole = fields.len() == names.len() && (2..=MOST).contains(&fields.len());
        whole.then_some(Pieces { fields, names, places })
    }

    /// Has the digests of a set's string looked for.
    fn set(
        &mut self,
        base: &Recipe<'d>,
        pieces: &Pieces<'d>,
        set: Set,
        (way, number): (usize, usize),
        text: &mut Vec<u8>,
    ) {
        text.clear();
        let mut rest = set;
        while rest != 0 {
            let (between, field) = &pieces.fields[rest.trailing_zeros() as usize];
            if rest != set {
                text.extend_from_slice(between);
            }
            text.extend_from_slice(field);
            rest &= rest - 1;
        }
        let (digest, target) = (self.ways[way].digest, &self.ways[way].target);
        for (at, form) in self.forms[0].iter().enumerate().filter(|(_, form)| form.plain) {
            let made = Made::NOTHING;
            let sought = Sought { made, rest: 0, form: at, ways: 1 << way, number: number as u64 };
            self.tried += 1;
            match (digest, behind(base, form)) {
                (Digest::Md5, Some([join, key])) => self.queue.push(BEGUN, 0, &[text, &join, &key], sought),
                (_, behind) => {
                    let hmac_key = form.hmac_key.expose().as_bytes();
                    let begun = self.roots.hmac(0, at).filter(|_| digest == Digest::HmacSha256).cloned();
                    let mut running = begun.unwrap_or_else(|| Running::new(digest, hmac_key));
                    if let Some([join, key]) = behind {
                        self.queue.begin(running, [text, &[]]);
                        self.queue.end(&[&join, &key], sought);
                        continue;
                    }
                    running.take(text);
                    if end(&running, digest, base, form).bytes() == target {
                        self.queue.hit(Hit { sought, way });
                    }
                }
            }
        }
        self.works((text.len() + 64) * self.forms[0].len());
    }
}

impl Pieces<'_> {
    /// What is not in a set, and, where that is more than what is, what is in it.
    fn params(&self, set: Set) -> Vec<(&'static str, String)> {
        let names = |signed: bool| -> Vec<&str> {
            let is = |at: &usize| (set >> at & 1 == 1) == signed;
            (0..self.names.len()).filter(is).map(|at| self.names[at]).collect()
        };
        let (gone, signed) = (names(false), names(true));
        let mut params = vec![("fields", gone.join(", "))];
        if gone.len() > signed.len() {
            params.push(("signed", signed.join(", ")));
        }
        params
    }
}

/// The sets that are tried, each once.
fn sets(pieces: &Pieces<'_>) -> Vec<Set> {
    let all = pieces.names.len();
    let mut sets = likely(pieces);
    sets.extend(runs(&(0..all).collect::<Vec<_>>()));
    let mut by_place: Vec<usize> = (0..all).collect();
    by_place.sort_by_key(|at| pieces.places[*at]);
    sets.extend(runs(&by_place));
    if all <= FEW_OF {
        few(all, 0, FEW, 0, &mut sets);
    }
    // Fewer gone are found by what is gone.
    sets.retain(|set| {
        let signed = set.count_ones() as usize;
        let gone = all - signed;
        gone > 1 && (gone > 4 || signed < 2 || all > FEW_OF && gone > 2)
    });
    sets.sort_unstable();
    sets.dedup();
    sets
}

/// Every set of the fields that are signed first, none among them.
fn likely(pieces: &Pieces<'_>) -> Vec<Set> {
    let rank = |at: &usize| FIRST.iter().position(|name| *name == pieces.names[*at]).unwrap_or(FIRST.len());
    let mut order: Vec<usize> = (0..pieces.names.len()).collect();
    order.sort_by_key(rank);
    let mut sets = vec![0];
    for at in order.into_iter().take(LIKELY) {
        sets.extend(sets.clone().into_iter().map(|set| set | 1 << at));
    }
    sets
}

/// Every run of fields that stand one behind the other, from one on.
fn runs(order: &[usize]) -> Vec<Set> {
    let mut sets = Vec::with_capacity(order.len() * order.len() / 2);
    for from in 0..order.len() {
        let mut set = 0;
        for at in &order[from..] {
            set |= 1 << at;
            sets.push(set);
        }
    }
    sets
}

/// Every set with one to so many `more` fields from one on.
fn few(all: usize, from: usize, more: usize, set: Set, sets: &mut Vec<Set>) {
    for at in from..all {
        sets.push(set | 1 << at);
        if more > 1 {
            few(all, at + 1, more - 1, set | 1 << at, sets);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(names: &[&'static str], places: &[usize]) -> Pieces<'static> {
        let fields = vec![(Vec::new(), Vec::new()); names.len()];
        Pieces { fields, names: names.to_vec(), places: places.to_vec() }
    }

    #[test]
    fn of_a_small_document_every_set_is_tried_once() {
        let small = pieces(&["a", "b", "c", "d", "e", "f"], &[5, 3, 1, 0, 2, 4]);
        let found = sets(&small);
        // All, the one gone of six, and the two to four of six with two or more left are looked for elsewhere.
        let elsewhere = 1 + 6 + 15 + 20 + 15;
        assert_eq!(found.len(), (1 << 6) - elsewhere);
        assert!(found.contains(&0) && found.contains(&0b1000));
    }

    #[test]
    fn of_a_large_document_a_bounded_number_is_tried() {
        let names: Vec<&str> = (0..30).map(|at| FIRST[at]).collect();
        let places: Vec<usize> = (0..30).rev().collect();
        let found = sets(&pieces(&names, &places));
        assert!((8_000..12_000).contains(&found.len()), "{}", found.len());
        let run: Set = (1 << 20) - 1;
        assert!(
            found.contains(&run) && found.contains(&(run << 10)) && found.contains(&(1 | 1 << 17 | 1 << 29))
        );
        let all: Set = (1 << 30) - 1;
        assert!(!found.contains(&all) && !found.contains(&(all >> 4)));
    }

    #[test]
    fn what_was_signed_is_named_where_it_is_less() {
        let five = pieces(&["a", "b", "c", "d", "e"], &[0, 1, 2, 3, 4]);
        assert_eq!(five.params(0b10), [("fields", "a, c, d, e".to_owned()), ("signed", "b".to_owned())]);
        assert_eq!(five.params(0b111), [("fields", "d, e".to_owned())]);
    }
}
