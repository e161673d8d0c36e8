//! The search: no mistake, then one, then two, then three, and all that gives the digest that was presented.

use crate::cause::{Cause, Proven};
use crate::document::Document;
use crate::key::Key;
use crate::keyform::{HmacKey, KeyForm, KeyJoin, forms};
use crate::mistakes::{self, Made, Mistake};
use crate::presented::{Target, targets};
use crate::recipe::{Entry, Recipe};
use std::borrow::Cow;
use std::collections::HashSet;
use std::hash::{BuildHasher as _, RandomState};
use wxpay::SignType;
use wxpay::replay::{Begun, Digest, Sum};

/// So many mistakes at once are looked for.
const DEEPEST: usize = 3;
/// So many fields at once may have been left out.
const MOST_LEFT_OUT: usize = 4;

/// What gives the digest that was presented.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// Which of the keys at hand; `None` where none was used.
    pub key: Option<usize>,
    /// The mistakes, in the order of [`Cause::ALL`]; none where the signature is right.
    pub proven: Vec<Proven>,
}

/// What came of the search.
#[derive(Clone, Debug)]
pub struct Diagnosis {
    /// The signature that would be right, by the first rightful key at hand.
    pub expected: Option<String>,
    /// All that explain what was presented with the fewest mistakes, the likelier ones first. Empty: nothing that is
    /// known does.
    pub explanations: Vec<Explanation>,
    /// Whether it was ended before everything was tried.
    pub ended: bool,
    /// How many digests were taken.
    pub tried: u64,
}

/// A digest that fits a target's length, and what is wrong about it.
struct Way<'t> {
    target: &'t Target,
    digest: Digest,
    /// Hashed a second time, from hex in capitals or not.
    twice: Option<bool>,
    proven: Vec<Proven>,
}

fn ways(targets: &[Target], asked: SignType) -> Vec<Way<'_>> {
    let mut ways = Vec::new();
    for target in targets {
        let mut add = |digest, wrong: Option<Cause>| {
            let mut proven = target.proven.clone();
            proven.extend(wrong.map(|cause| Proven { cause, params: Vec::new() }));
            for (twice, written) in [(None, ""), (Some(true), "twice, from capitals"), (Some(false), "twice, from small letters")] {
                let mut proven = proven.clone();
                if twice.is_some() {
                    proven.push(Proven { cause: Cause::DigestOfDigest, params: vec![("written", written.to_owned())] });
                }
                ways.push(Way { target, digest, twice, proven });
            }
        };
        match (target.bytes.len(), asked) {
            (16, SignType::Md5) => add(Digest::Md5, None),
            (16, SignType::HmacSha256) => add(Digest::Md5, Some(Cause::DigestMd5ForHmac)),
            (20, _) => add(Digest::Sha1, Some(Cause::DigestSha1)),
            (_, asked) => {
                add(Digest::HmacSha256, (asked == SignType::Md5).then_some(Cause::DigestHmacForMd5));
                add(Digest::Sha256, Some(Cause::DigestSha256Plain));
            }
        }
    }
    ways
}

struct Search<'s, 'd> {
    document: &'s Document<'d>,
    keys: &'s [Key],
    ways: Vec<Way<'s>>,
    /// By number of mistakes.
    forms: [Vec<KeyForm>; DEEPEST + 1],
    found: Vec<Explanation>,
    seen: HashSet<u64>,
    hashes: RandomState,
    tried: u64,
    go_on: &'s mut dyn FnMut(u64) -> bool,
    ended: bool,
}

/// Looks for the mistakes that give the signature that was presented. `go_on` is asked now and then with the number of
/// digests taken so far, and ends the search where it says no.
pub fn examine(document: &Document<'_>, keys: &[Key], go_on: &mut dyn FnMut(u64) -> bool) -> Diagnosis {
    examine_to(document, keys, DEEPEST, go_on)
}

/// As [`examine`], but for so many mistakes at once at most.
pub fn examine_to(
    document: &Document<'_>,
    keys: &[Key],
    deepest: usize,
    go_on: &mut dyn FnMut(u64) -> bool,
) -> Diagnosis {
    let targets = targets(document.presented);
    let ways = ways(&targets, document.asked);
    let hmac = ways.iter().any(|way| way.digest == Digest::HmacSha256);
    let mut search = Search {
        document,
        keys,
        ways,
        forms: [0, 1, 2, 3].map(|mistakes| forms(keys, hmac, mistakes)),
        found: Vec::new(),
        seen: HashSet::new(),
        hashes: RandomState::new(),
        tried: 0,
        go_on,
        ended: false,
    };
    search.run();
    let rightful = keys.iter().find(|key| key.rightful);
    let expected = rightful.map(|key| {
        let digest = match document.asked {
            SignType::Md5 => Digest::Md5,
            SignType::HmacSha256 => Digest::HmacSha256,
        };
        let text = right(document).text();
        Begun::new(digest, text.as_bytes()).end(&[b"&key=", key.text().as_bytes()], key.text().as_bytes()).hex(true)
    });
    let mut explanations = search.found;
    for explanation in &mut explanations {
        explanation.proven.sort_by_key(|proven| proven.cause);
    }
    explanations.sort_by_cached_key(|one| {
        let causes: Vec<Cause> = one.proven.iter().map(|proven| proven.cause).collect();
        (causes, one.key)
    });
    explanations.dedup();
    Diagnosis { expected, explanations, ended: search.ended, tried: search.tried }
}

fn right<'d>(document: &Document<'d>) -> Recipe<'d> {
    Recipe::right(document.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())))
}

impl<'d> Search<'_, 'd> {
    fn run(&mut self) {
        if self.ways.is_empty() {
            return;
        }
        let base = right(self.document);
        let plain = base.text();
        let mut singles = mistakes::all(self.document);
        // Those that change nothing here explain nothing.
        singles.retain(|mistake| {
            let mut recipe = base.clone();
            mistake.make(&mut recipe);
            let text = recipe.text();
            text != plain || recipe.charset != base.charset && *recipe.bytes(&text) != *base.bytes(&text)
        });
        let singles = singles;
        let joining: Vec<usize> = (0..singles.len()).filter(|at| singles[*at].joins).collect();
        let pairs = subsets(self.document, 2..=2);
        for depth in 0..=DEEPEST {
            self.weigh(&base, &[], depth);
            for mistake in singles.iter().chain(&pairs) {
                self.weigh(&base, &[mistake], depth);
            }
            if depth >= 2 {
                self.pairs(&base, &singles, &joining, depth);
            }
            if depth == 2 && self.found.is_empty() {
                for mistake in subsets(self.document, 3..=MOST_LEFT_OUT) {
                    self.weigh(&base, &[&mistake], 1);
                }
            }
            if depth >= 3 {
                self.triples(&base, &singles, &joining, depth);
            }
            if !self.found.is_empty() || self.ended {
                return;
            }
        }
    }

    fn pairs(&mut self, base: &Recipe<'d>, singles: &[Mistake<'d>], joining: &[usize], depth: usize) {
        for (at, one) in joining.iter().enumerate() {
            for other in &joining[at + 1..] {
                let (one, other) = (&singles[*one], &singles[*other]);
                if one.slot != other.slot {
                    self.weigh(base, &[one, other], depth);
                }
            }
        }
    }

    /// Triples of whole mistakes only: one for each field would be millions.
    fn triples(&mut self, base: &Recipe<'d>, singles: &[Mistake<'d>], joining: &[usize], depth: usize) {
        let whole: Vec<usize> =
            joining.iter().copied().filter(|at| singles[*at].slot != mistakes::Slot::Drop).collect();
        for (at, one) in whole.iter().enumerate() {
            for (middle, two) in whole.iter().enumerate().skip(at + 1) {
                for three in &whole[middle + 1..] {
                    let [a, b, c] = [&singles[*one], &singles[*two], &singles[*three]];
                    if a.slot != b.slot && b.slot != c.slot && a.slot != c.slot {
                        self.weigh(base, &[a, b, c], depth);
                    }
                }
                if self.ended {
                    return;
                }
            }
        }
    }

    /// Makes these mistakes on the way to the string and takes every digest that has so many mistakes altogether.
    fn weigh(&mut self, base: &Recipe<'d>, made: &[&Mistake<'d>], depth: usize) {
        let fitting = |search: &Self| {
            search.ways.iter().any(|way| {
                (depth.checked_sub(made.len() + way.proven.len()))
                    .is_some_and(|rest| !search.forms[rest].is_empty())
            })
        };
        if self.ended || depth < made.len() || !fitting(self) {
            return;
        }
        let mut ordered: Vec<&&Mistake<'d>> = made.iter().collect();
        ordered.sort_by_key(|mistake| mistake.slot);
        let mut recipe = base.clone();
        for mistake in ordered {
            mistake.make(&mut recipe);
        }
        let text = recipe.text();
        let bytes = recipe.bytes(&text);
        let hash = self.hashes.hash_one(&bytes);
        if made.len() < 2 {
            self.seen.insert(hash);
        } else if made.len() == depth && !self.seen.insert(hash) {
            // What fewer mistakes give, or others did.
            return;
        }
        let mut hits = Vec::new();
        for way in &self.ways {
            let Some(rest) = depth.checked_sub(made.len() + way.proven.len()) else { continue };
            if self.forms[rest].is_empty() {
                continue;
            }
            let begun = Begun::new(way.digest, &bytes);
            for form in &self.forms[rest] {
                self.tried += 1;
                let sum = self.digest(way, form, &recipe, &begun);
                if sum.bytes() == way.target.bytes {
                    let key = (form.key != usize::MAX).then_some(form.key);
                    let mut proven: Vec<Proven> = made.iter().map(|mistake| mistake.proven.clone()).collect();
                    proven.extend(form.proven.iter().chain(&way.proven).cloned());
                    hits.push(Explanation { key, proven });
                }
            }
        }
        self.found.extend(hits);
        if self.tried / 4096 != (self.tried.saturating_sub(512)) / 4096 {
            self.ended = !(self.go_on)(self.tried);
        }
    }

    fn digest(&self, way: &Way<'_>, form: &KeyForm, recipe: &Recipe<'d>, begun: &Begun<'_>) -> Sum {
        let hmac_key = match form.hmac {
            HmacKey::Same => form.text.as_bytes(),
            HmacKey::Stored(other) => self.keys[other].text().as_bytes(),
            HmacKey::Word(word) => word.as_bytes(),
        };
        let whole = |text: String| way.digest.of(&recipe.bytes(&text), hmac_key);
        let sum = match form.join {
            KeyJoin::Behind(before) => begun.end(&[&recipe.bytes(before), &recipe.bytes(&form.text)], hmac_key),
            KeyJoin::Nowhere => begun.end(&[], hmac_key),
            KeyJoin::Sorted => {
                let mut with = recipe.clone();
                with.entries.push(Entry {
                    name: Cow::Borrowed("key"),
                    value: Cow::Owned(form.text.clone()),
                    kept: true,
                });
                whole(with.text())
            }
            KeyJoin::First => {
                whole(format!("key{}{}{}{}", recipe.join.equals, form.text, recipe.join.between, recipe.text()))
            }
        };
        match way.twice {
            None => sum,
            Some(capitals) => way.digest.of(sum.hex(capitals).as_bytes(), hmac_key),
        }
    }
}

/// Mistakes that leave out so many fields at once.
fn subsets<'d>(document: &Document<'d>, sizes: std::ops::RangeInclusive<usize>) -> Vec<Mistake<'d>> {
    let names: Vec<&'d str> = (document.fields.iter())
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, _)| name.as_str())
        .collect();
    let mut made = Made { list: Vec::new() };
    for size in sizes {
        if size >= names.len() {
            break;
        }
        let mut places: Vec<usize> = (0..size).collect();
        loop {
            mistakes::leave_out(&mut made, places.iter().map(|at| names[*at]).collect(), false);
            // The next places, the last one first.
            let Some(at) = (0..size).rev().find(|at| places[*at] < names.len() - size + at) else { break };
            places[at] += 1;
            for later in at + 1..size {
                places[later] = places[later - 1] + 1;
            }
        }
    }
    made.list
}
