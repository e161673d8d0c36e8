//! The search: no mistake, then one, then two, then three, and all that gives the digest that was presented.

use crate::cause::{Cause, Proven};
use crate::document::{Document, Kind};
use crate::key::Key;
use crate::keyform::{KeyForm, KeyJoin, forms};
use crate::mistakes::{self, Mistake, Reach, Slot};
use crate::presented::{self, Way, ways};
use crate::recipe::Recipe;
use domain::Secret;
use queue::{Hit, Queue};
use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::rc::Rc;
use weigh::{Making, Marks, Roots};
use wxpay::replay::{Digest, Running, Sum};

mod app_id;
mod beside;
mod drops;
mod kept;
mod laid;
mod md5;
mod pairs;
mod queue;
mod weigh;

/// So many mistakes at once are looked for.
const DEEPEST: usize = 3;
/// A document with so many fields has so few mistakes that all are tried with all.
const FEW_FIELDS: usize = 8;
/// So many strings at most, or a document is not small enough for all of its mistakes to be tried with each other.
const FEW_STRINGS: usize = 65_000;
/// No search takes in more bytes, whatever the document: about a second.
const MOST_WORK: u64 = 768 << 20;
/// So many bytes are taken in before it is asked whether to go on: about a tenth of a millisecond.
const ASKED_EVERY: u64 = 128 << 10;
/// So many explanations are listed at most.
const MOST_FOUND: usize = 64;

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
    /// The signature that would be right, by the rightful key that the first explanation names, else by the
    /// first one at hand; `None` where none is.
    pub expected: Option<String>,
    /// All that explain what was presented with the fewest mistakes, the likelier ones first. Empty: nothing
    /// that is known does.
    pub explanations: Vec<Explanation>,
    /// Whether it was ended before everything was tried.
    pub ended: bool,
    /// How many digests were taken.
    pub tried: u64,
}

impl Diagnosis {
    /// Whether the signature is right as it is, by a key that should have signed.
    #[must_use]
    pub fn is_right(&self) -> bool {
        self.explanations.first().is_some_and(|explanation| explanation.proven.is_empty())
    }
}

/// Looks for the mistakes that give the signature that was presented: up to three at once. `go_on` is asked
/// every tenth of a millisecond or so with the number of digests taken so far, and ends the search where it
/// says no. By itself the search ends within about a second, whatever the document.
pub fn examine(document: &Document<'_>, keys: &[Key], go_on: &mut dyn FnMut(u64) -> bool) -> Diagnosis {
    examine_to(document, keys, DEEPEST, go_on)
}

/// As [`examine`], but for so many mistakes at once at most: with 0 it only says whether the signature is
/// right.
pub fn examine_to(
    document: &Document<'_>,
    keys: &[Key],
    deepest: usize,
    go_on: &mut dyn FnMut(u64) -> bool,
) -> Diagnosis {
    if app_id::lacks_app_id(document) {
        return app_id::examine(document, keys, deepest, go_on);
    }
    let mut search = Search::new(document, keys, go_on);
    search.run(deepest.min(DEEPEST));
    let mut explanations = search.found;
    explanations.sort_by_cached_key(|one| {
        let causes: Vec<Cause> = one.proven.iter().map(|proven| proven.cause).collect();
        let said: usize =
            one.proven.iter().flat_map(|proven| &proven.params).map(|(_, said)| parts(said)).sum();
        (causes, said, one.key)
    });
    let named = explanations.first().and_then(|one| one.key).filter(|key| keys[*key].rightful);
    let rightful = named.or_else(|| keys.iter().position(|key| key.rightful));
    let expected = match document.kind {
        Kind::Jssdk => Some(own(document, "")),
        _ => rightful.map(|key| own(document, keys[key].text())),
    };
    Diagnosis { expected, explanations, ended: search.ended, tried: search.tried }
}

/// How many things a parameter names.
fn parts(said: &str) -> usize {
    1 + said.matches(", ").count()
}

/// The right signature by a key.
pub(crate) fn own(document: &Document<'_>, key: &str) -> String {
    let mut text = String::new();
    Recipe::right(document).write(&mut text);
    let mut running = Running::new(presented::right(document.kind, document.asked), key.as_bytes());
    running.take(text.as_bytes());
    let rest: &[&[u8]] = if document.kind == Kind::Jssdk { &[] } else { &[b"&key=", key.as_bytes()] };
    presented::written(document.kind, &running.end(rest))
}

struct Search<'s, 'd> {
    document: &'s Document<'d>,
    keys: &'s [Key],
    ways: Vec<Way>,
    /// The digests that fit, each with the ways by it that have so many mistakes besides the floor's, a bit for each.
    digests: Vec<(Digest, [u64; DEEPEST + 1])>,
    /// By number of mistakes.
    forms: [Vec<KeyForm>; DEEPEST + 1],
    roots: Roots,
    mistakes: Rc<[Mistake<'d>]>,
    /// For each mistake the likeliest one of its slot that gives the same string by itself.
    alike: Vec<usize>,
    /// Whether all mistakes are tried with each other, and with each of the keys' forms.
    is_small: bool,
    /// How many mistakes every way to what was presented has: such as small letters. They are in addition.
    floor: usize,
    /// How many mistakes are looked for now.
    depth: usize,
    found: Vec<Explanation>,
    /// What was made where something was found.
    hits: Vec<Vec<usize>>,
    marks: Marks,
    queue: Queue,
    tried: u64,
    work: u64,
    asked: u64,
    go_on: &'s mut dyn FnMut(u64) -> bool,
    ended: bool,
}

/// For each digest the ways by it, by the number of mistakes that they have besides the floor's.
fn digests(ways: &[Way], floor: usize) -> Vec<(Digest, [u64; DEEPEST + 1])> {
    let mut all: Vec<(Digest, [u64; DEEPEST + 1])> = Vec::new();
    // What was presented is read in at most four ways, each as two digests, each of them taken once or twice.
    for (at, way) in ways.iter().enumerate().take(64) {
        let place = all.iter().position(|(digest, _)| *digest == way.digest);
        let place = place.unwrap_or_else(|| {
            all.push((way.digest, [0; DEEPEST + 1]));
            all.len() - 1
        });
        if let Some(ways) = all[place].1.get_mut(way.proven.len() - floor) {
            *ways |= 1 << at;
        }
    }
    all
}

impl<'s, 'd> Search<'s, 'd> {
    fn new(document: &'s Document<'d>, keys: &'s [Key], go_on: &'s mut dyn FnMut(u64) -> bool) -> Self {
        let ways = ways(document.presented, document.kind, document.asked);
        let floor = ways.iter().map(|way| way.proven.len()).min().unwrap_or(0);
        let digests = digests(&ways, floor);
        Search {
            document,
            keys,
            floor,
            roots: Roots::new(&digests),
            queue: Queue::new(&ways),
            digests,
            ways,
            forms: Default::default(),
            mistakes: Rc::from([]),
            alike: Vec::new(),
            is_small: false,
            depth: 0,
            found: Vec::new(),
            hits: Vec::new(),
            marks: Marks::default(),
            tried: 0,
            work: 0,
            asked: ASKED_EVERY,
            go_on,
            ended: false,
        }
    }

    fn run(&mut self, deepest: usize) {
        if self.ways.is_empty() && self.document.beside.is_none() {
            return;
        }
        self.forms(0);
        let base = Recipe::right(self.document);
        let mut text = String::new();
        base.write(&mut text);
        self.mark(text.as_bytes());
        self.weigh_whole(&base, &text, &Making::NOTHING);
        self.settle();
        for depth in 1..=deepest {
            if !self.found.is_empty() || self.ended {
                return;
            }
            self.depth = depth;
            self.forms(depth);
            if depth == 2 {
                let standing = self.standing().len();
                let strings = standing * standing / 2 * self.forms[0].len() + standing * self.forms[1].len();
                self.is_small = strings <= FEW_STRINGS;
            }
            self.mark(text.as_bytes());
            self.weigh_whole(&base, &text, &Making::NOTHING);
            if depth == 1 {
                self.reused();
                self.prepare(&base, &text, deepest);
            } else {
                self.singles(&base);
                self.pairs(&base);
                self.losses(&base);
            }
            if depth == 2 {
                self.kept(&base);
            }
            if depth >= 3 {
                self.triples(&base);
            }
            self.settle();
            self.twins(&base);
            self.settle();
        }
    }

    /// Makes the keys' forms of so many mistakes.
    fn forms(&mut self, mistakes: usize) {
        let hmac = self.digests.iter().any(|(digest, _)| *digest == Digest::HmacSha256);
        self.forms[mistakes] = forms(self.keys, hmac, self.document.kind, mistakes);
        if hmac {
            self.roots.take(&self.forms, mistakes);
        }
    }

    /// Gathers the mistakes that change this document's string, tries each by itself, and finds those that do
    /// the same.
    fn prepare(&mut self, base: &Recipe<'d>, plain: &str, deepest: usize) {
        let own: Vec<(usize, String)> = match self.document.kind {
            Kind::Jssdk => Vec::new(),
            _ => {
                let rightful = (0..self.keys.len()).filter(|at| self.keys[*at].rightful);
                rightful.map(|at| (at, own(self.document, self.keys[at].text()))).collect()
            }
        };
        let mut first: HashMap<(Slot, Option<usize>, u64), usize> = HashMap::new();
        let (mut text, mut kept) = (String::new(), Vec::new());
        let mut all = mistakes::all(self.document, &own);
        all.retain(|mistake| mistake.cost <= deepest);
        // The farthest reaching ones first, so that they stand for those alike; the sort keeps the order
        // else.
        all.sort_by_key(|mistake| (mistake.cost, mistake.reach));
        for mut mistake in all {
            let mut recipe = base.clone();
            mistake.make(&mut recipe);
            recipe.write(&mut text);
            self.works(text.len());
            let bytes = recipe.bytes(&text, true);
            let same = *bytes == *plain.as_bytes() && recipe.join.key == base.join.key;
            // An order that changes nothing may still do so under other names.
            if same && mistake.slot != Slot::Order {
                continue;
            }
            let mut hasher = DefaultHasher::new();
            (&bytes, recipe.join.key, mistake.cost).hash(&mut hasher);
            let at = kept.len();
            let order = mistake.slot == Slot::Order;
            let alike = if order {
                at
            } else {
                *first.entry((mistake.slot, mistake.only, hasher.finish())).or_insert(at)
            };
            mistake.reach = if same { Reach::Idle } else { mistake.reach };
            let tried = !same && mistake.cost == self.depth;
            let making = Making::of(&[(at, &mistake)], false);
            kept.push(mistake);
            self.alike.push(alike);
            if tried {
                self.weigh_whole(&recipe, &text, &making);
            }
            if self.ended {
                break;
            }
        }
        self.mistakes = kept.into();
    }

    /// The order's own signature as the front end's.
    fn reused(&mut self) {
        let front = matches!(self.document.kind, Kind::Jsapi | Kind::App);
        if !front || !self.document.order_beside() || self.document.presented.is_empty() {
            return;
        }
        if self.document.beside("sign").is_some_and(|sign| sign.eq_ignore_ascii_case(self.document.presented))
        {
            let params = vec![("written", AS_IT_STANDS.to_owned())];
            self.found.push(Explanation {
                key: None,
                proven: vec![Proven { cause: Cause::OrderSignReused, params }],
            });
        }
    }

    /// Takes the digests that wait, and notes what was found.
    fn settle(&mut self) {
        for hit in self.queue.hits() {
            self.finds(&hit);
        }
    }

    fn finds(&mut self, Hit { sought, way }: &Hit) {
        let form = &self.forms[sought.rest][sought.form];
        let made = sought.made.mistakes();
        let gone: Vec<&str> = sought.made.gone().filter_map(|place| self.name(place)).collect();
        let left_out = Proven { cause: Cause::FieldsLeftOut, params: vec![("fields", gone.join(", "))] };
        let mut proven: Vec<Proven> = (!gone.is_empty()).then_some(left_out).into_iter().collect();
        proven.extend(made.iter().map(|at| self.mistakes[*at].proven.clone()));
        proven.extend(form.proven.iter().chain(&self.ways[*way].proven).cloned());
        self.explains(form.key, proven);
        // What several fields were left out of stands for nothing else.
        if gone.is_empty() && !self.hits.contains(&made) && self.hits.len() < MOST_FOUND {
            self.hits.push(made);
        }
    }

    fn name(&self, place: usize) -> Option<&'d str> {
        self.document.fields.get(place).map(|(name, _)| name.as_str())
    }

    fn explains(&mut self, key: Option<usize>, mut proven: Vec<Proven>) {
        proven.sort_by_key(|proven| proven.cause);
        let explanation = Explanation { key, proven };
        if self.found.len() < MOST_FOUND && !self.found.contains(&explanation) {
            self.found.push(explanation);
        }
    }
}

/// What is said where the front end's signature is the order's.
pub(crate) const AS_IT_STANDS: &str = "as it stands";

/// What stands behind the fields, the key last; `None` where the key is among them.
fn behind<'t>(recipe: &Recipe<'_>, form: &'t KeyForm) -> Option<[Cow<'t, [u8]>; 2]> {
    let before = match form.join {
        KeyJoin::Right => recipe.join.key,
        KeyJoin::Behind(before) => before,
        KeyJoin::Nowhere => return Some([Cow::Borrowed(&[]), Cow::Borrowed(&[])]),
        KeyJoin::Sorted | KeyJoin::First => return None,
    };
    Some([recipe.bytes(before, false), recipe.bytes(form.text.expose(), false)])
}

/// The whole string, where the key is among the fields or before them.
fn whole(recipe: &Recipe<'_>, form: &KeyForm) -> Secret<String> {
    let (key, mut text) = (form.text.expose(), String::new());
    if form.join == KeyJoin::Sorted {
        let mut with = recipe.clone();
        with.put("key", key.to_owned(), false);
        with.write(&mut text);
        return Secret::new(text);
    }
    recipe.write(&mut text);
    Secret::new(["key", recipe.join.equals, key, recipe.join.between, &text].concat())
}

/// The digest of a string that was begun up to where the key belongs.
pub(crate) fn end(begun: &Running, digest: Digest, recipe: &Recipe<'_>, form: &KeyForm) -> Sum {
    match behind(recipe, form) {
        Some([before, key]) => begun.end(&[&before, &key]),
        None => {
            let text = whole(recipe, form);
            digest.of(&recipe.bytes(text.expose(), true), form.hmac_key.expose().as_bytes())
        }
    }
}
