//! The search: no mistake, then one, then two, then three, and all that gives the digest that was presented.

use crate::cause::{Cause, Proven};
use crate::document::{Document, Kind};
use crate::key::Key;
use crate::keyform::{KeyForm, KeyJoin, forms};
use crate::mistakes::{self, Mistake, Reach, Slot};
use crate::presented::{self, Way, ways};
use crate::recipe::Recipe;
use domain::Secret;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use wxpay::replay::{Digest, Running, Sum};

mod app_id;
mod drops;
mod kept;

/// So many mistakes at once are looked for.
const DEEPEST: usize = 3;
/// A document with so many fields has so few mistakes that all are tried with all.
const FEW_FIELDS: usize = 8;
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

/// A string that many others begin like, and its digest as it was after each of its blocks.
struct Marks {
    digest: Digest,
    bytes: Vec<u8>,
    after: Vec<Running>,
}

/// So many blocks of a long text are marked.
const MOST_MARKS: usize = 64;

/// MD5 and SHA-256 take in so many bytes at a time.
const BLOCK: usize = 64;

impl Marks {
    /// The digest of a text, begun where it begins to differ.
    fn begin(&self, bytes: &[u8]) -> Running {
        let blocks = self.bytes.chunks_exact(BLOCK).zip(bytes.chunks_exact(BLOCK));
        let same = blocks.take_while(|(one, other)| one == other).count().min(self.after.len() - 1);
        let mut running = self.after[same].clone();
        running.take(&bytes[same * BLOCK..]);
        running
    }
}

struct Search<'s, 'd> {
    document: &'s Document<'d>,
    keys: &'s [Key],
    ways: Vec<Way>,
    /// By number of mistakes.
    forms: [Vec<KeyForm>; DEEPEST + 1],
    /// HMAC begun with each form's key, where forms of that many mistakes were needed.
    begun: [Vec<Running>; DEEPEST + 1],
    mistakes: Vec<Mistake<'d>>,
    /// For each mistake the likeliest one of its slot that gives the same string by itself.
    alike: Vec<usize>,
    /// How many mistakes every way to what was presented has: such as small letters. They are in addition.
    floor: usize,
    /// How many mistakes are looked for now.
    depth: usize,
    found: Vec<Explanation>,
    /// What was made where something was found.
    hits: Vec<Vec<usize>>,
    marks: Option<Marks>,
    tried: u64,
    work: u64,
    asked: u64,
    go_on: &'s mut dyn FnMut(u64) -> bool,
    ended: bool,
}

impl<'s, 'd> Search<'s, 'd> {
    fn new(document: &'s Document<'d>, keys: &'s [Key], go_on: &'s mut dyn FnMut(u64) -> bool) -> Self {
        let ways = ways(document.presented, document.kind, document.asked);
        Search {
            document,
            keys,
            floor: ways.iter().map(|way| way.proven.len()).min().unwrap_or(0),
            ways,
            forms: Default::default(),
            begun: Default::default(),
            mistakes: Vec::new(),
            alike: Vec::new(),
            depth: 0,
            found: Vec::new(),
            hits: Vec::new(),
            marks: None,
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
        self.weigh(&base, &text, &[], false);
        for depth in 1..=deepest {
            if !self.found.is_empty() || self.ended {
                return;
            }
            self.depth = depth;
            self.forms(depth);
            self.weigh(&base, &text, &[], false);
            self.mark(text.as_bytes());
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
            self.twins(&base);
        }
    }

    /// Makes the keys' forms of so many mistakes.
    fn forms(&mut self, mistakes: usize) {
        let hmac = self.ways.iter().any(|way| way.digest == Digest::HmacSha256);
        self.forms[mistakes] = forms(self.keys, hmac, self.document.kind, mistakes);
        if hmac {
            let begun = |form: &KeyForm| Running::new(Digest::HmacSha256, form.hmac_key.expose().as_bytes());
            self.begun[mistakes] = self.forms[mistakes].iter().map(begun).collect();
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
        let mut text = String::new();
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
            let at = self.mistakes.len();
            let order = mistake.slot == Slot::Order;
            let alike = if order {
                at
            } else {
                *first.entry((mistake.slot, mistake.only, hasher.finish())).or_insert(at)
            };
            mistake.reach = if same { Reach::Idle } else { mistake.reach };
            let tried = !same && mistake.cost == self.depth;
            self.mistakes.push(mistake);
            self.alike.push(alike);
            if tried {
                self.weigh(&recipe, &text, &[at], false);
            }
            if self.ended {
                return;
            }
        }
    }

    /// The order's own signature as the front end's.
    fn reused(&mut self) {
        if !matches!(self.document.kind, Kind::Jsapi | Kind::App) || self.document.presented.is_empty() {
            return;
        }
        let signs = [self.document.beside("sign"), self.document.beside("paySign")];
        if signs.into_iter().flatten().any(|sign| sign.eq_ignore_ascii_case(self.document.presented)) {
            let params = vec![("written", AS_IT_STANDS.to_owned())];
            self.found.push(Explanation {
                key: None,
                proven: vec![Proven { cause: Cause::OrderSignReused, params }],
            });
        }
    }

    /// Every single mistake with as many more in key and digest as the depth has left.
    fn singles(&mut self, base: &Recipe<'d>) {
        let mut text = String::new();
        for at in 0..self.mistakes.len() {
            let Mistake { cost, reach, .. } = self.mistakes[at];
            // Where more is wrong, one stands for all that are alike.
            if cost > self.depth || reach == Reach::Idle || cost < self.depth && self.alike[at] != at {
                continue;
            }
            let mut recipe = base.clone();
            self.mistakes[at].make(&mut recipe);
            recipe.write(&mut text);
            let plain = reach == Reach::Alone || cost > 1 || reach == Reach::Part && self.depth > 2;
            self.weigh(&recipe, &text, &[at], plain);
            if self.ended {
                return;
            }
        }
    }

    /// Whether two mistakes are tried together, and if so whether with plain keys only.
    fn joined(&self, one: usize, other: usize, few: bool) -> Option<bool> {
        let [a, b] = [one, other].map(|at| &self.mistakes[at]);
        let left = self.depth.checked_sub(a.cost + b.cost)?;
        if !a.agrees(b) || a.only.zip(b.only).is_some_and(|(a, b)| a != b) {
            return None;
        }
        let (near, far) = (a.reach.min(b.reach), a.reach.max(b.reach));
        match (near, far, left) {
            (_, Reach::Idle, _) => self.wakes(one, other).then_some(true),
            (Reach::Whole, Reach::Whole, _) => Some(false),
            (Reach::Whole, Reach::Part, _) => Some(true),
            (Reach::Part, Reach::Part, 0) => Some(true),
            (Reach::Part, Reach::Part, _) if few => Some(true),
            (Reach::Whole, Reach::Alone, 0) => Some(true),
            (Reach::Part, Reach::Alone, 0) if few => Some(true),
            _ => None,
        }
    }

    /// Whether one of the two changes names, so that another order may matter.
    fn wakes(&self, one: usize, other: usize) -> bool {
        let slots = [one, other].map(|at| self.mistakes[at].slot);
        let reach = self.mistakes[one].reach.min(self.mistakes[other].reach);
        let changes =
            |slot| matches!(slot, Slot::Document | Slot::Add | Slot::SignType | Slot::Sign | Slot::Names);
        slots.into_iter().any(changes) && reach != Reach::Alone
    }

    /// Those that stand for all that are alike, in the order in which they are made.
    fn standing(&self) -> Vec<usize> {
        let mut all: Vec<usize> = (0..self.mistakes.len()).filter(|at| self.alike[*at] == *at).collect();
        all.sort_by_key(|at| self.mistakes[*at].slot);
        all
    }

    fn pairs(&mut self, base: &Recipe<'d>) {
        let few = self.document.fields.len() <= FEW_FIELDS;
        let standing = self.standing();
        let (mut before, mut text) = (String::new(), String::new());
        for (place, &one) in standing.iter().enumerate() {
            let mut begun = base.clone();
            self.mistakes[one].make(&mut begun);
            begun.write(&mut before);
            self.mark(&begun.bytes(&before, true));
            for &other in &standing[place + 1..] {
                let Some(plain) = self.joined(one, other, few) else { continue };
                let mut recipe = begun.clone();
                self.mistakes[other].make(&mut recipe);
                recipe.write(&mut text);
                if text != before || recipe.charset != begun.charset || recipe.join != begun.join {
                    self.weigh(&recipe, &text, &[one, other], plain);
                }
                if self.ended {
                    return;
                }
            }
        }
    }

    /// Triples of whole mistakes only: one for each field would be millions.
    fn triples(&mut self, base: &Recipe<'d>) {
        let few = self.document.fields.len() <= FEW_FIELDS;
        let reach = if few { Reach::Part } else { Reach::Whole };
        let mut whole = self.standing();
        whole.retain(|at| self.mistakes[*at].reach <= reach && self.mistakes[*at].cost == 1);
        let (mut before, mut text) = (String::new(), String::new());
        for (place, &one) in whole.iter().enumerate() {
            let mut first = base.clone();
            self.mistakes[one].make(&mut first);
            for (middle, &two) in whole.iter().enumerate().skip(place + 1) {
                if self.joined(one, two, few).is_none() {
                    continue;
                }
                let mut second = first.clone();
                self.mistakes[two].make(&mut second);
                second.write(&mut before);
                for &three in &whole[middle + 1..] {
                    if self.joined(one, three, few).is_none() || self.joined(two, three, few).is_none() {
                        continue;
                    }
                    let mut recipe = second.clone();
                    self.mistakes[three].make(&mut recipe);
                    recipe.write(&mut text);
                    if text != before || recipe.charset != second.charset || recipe.join != second.join {
                        self.weigh(&recipe, &text, &[one, two, three], false);
                    }
                    if self.ended {
                        return;
                    }
                }
            }
        }
    }

    /// Where something was found with mistakes that stand for others, tries the others.
    fn twins(&mut self, base: &Recipe<'d>) {
        let mut text = String::new();
        for made in std::mem::take(&mut self.hits) {
            let mut sets: Vec<Vec<usize>> = vec![Vec::new()];
            for at in &made {
                let same: Vec<usize> =
                    (0..self.alike.len()).filter(|other| self.alike[*other] == self.alike[*at]).collect();
                sets = sets
                    .iter()
                    .flat_map(|set| same.iter().map(|one| [set.as_slice(), &[*one]].concat()))
                    .take(MOST_FOUND)
                    .collect();
            }
            for set in sets {
                let mut recipe = base.clone();
                set.iter().for_each(|at| self.mistakes[*at].make(&mut recipe));
                recipe.write(&mut text);
                self.weigh(&recipe, &text, &set, false);
            }
        }
    }

    /// Marks a text that those to come begin like.
    fn mark(&mut self, bytes: &[u8]) {
        let Some(way) = self.ways.iter().find(|way| way.proven.len() == self.floor) else { return };
        let begun = match way.digest {
            Digest::HmacSha256 => self.begun[0].first().cloned(),
            digest => Some(Running::new(digest, b"")),
        };
        let Some(mut begun) = begun else { return };
        let mut after = vec![begun.clone()];
        for block in bytes.chunks_exact(BLOCK).take(MOST_MARKS) {
            begun.take(block);
            after.push(begun.clone());
        }
        self.marks = Some(Marks { digest: way.digest, bytes: bytes.to_vec(), after });
    }

    /// Counts what was taken in, and asks now and then whether to go on.
    fn works(&mut self, bytes: usize) {
        self.work += bytes as u64;
        if self.work >= self.asked {
            self.asked = self.work + ASKED_EVERY;
            self.ended = self.ended || self.work > MOST_WORK || !(self.go_on)(self.tried);
        }
    }

    /// Takes every digest of a text that has, with what was `made` on the way to it, as many mistakes as are
    /// looked for now; `plain`: with no key that is written or joined wrongly.
    fn weigh(&mut self, recipe: &Recipe<'d>, text: &str, made: &[usize], plain: bool) {
        let cost = made.iter().map(|at| self.mistakes[*at].cost).sum();
        let Some(left) = self.depth.checked_sub(cost) else { return };
        let only = made.iter().find_map(|at| self.mistakes[*at].only);
        let bytes = recipe.bytes(text, true);
        let mut hits: Vec<(usize, usize, usize)> = Vec::new();
        let mut work = text.len();
        let mut running: Option<(Digest, Running)> = None;
        for (place, way) in self.ways.iter().enumerate() {
            let Some(rest) = left.checked_sub(way.proven.len() - self.floor) else { continue };
            for (at, form) in self.forms[rest].iter().enumerate() {
                if plain && !form.plain || only.is_some_and(|only| form.key != Some(only)) {
                    continue;
                }
                let sum = if way.digest == Digest::HmacSha256 {
                    work += bytes.len();
                    let hmac = match &self.marks {
                        // The marks are those of the first rightful key.
                        Some(marks) if rest == 0 && at == 0 && marks.digest == way.digest => {
                            marks.begin(&bytes)
                        }
                        _ => {
                            let mut hmac = self.begun[rest][at].clone();
                            hmac.take(&bytes);
                            hmac
                        }
                    };
                    end(&hmac, way.digest, recipe, form)
                } else {
                    let (_, begun) = match running.take().filter(|(digest, _)| *digest == way.digest) {
                        Some(begun) => running.insert(begun),
                        None => {
                            work += bytes.len();
                            let marks = self.marks.as_ref().filter(|marks| marks.digest == way.digest);
                            let begun = marks.map(|marks| marks.begin(&bytes)).unwrap_or_else(|| {
                                let mut begun = Running::new(way.digest, b"");
                                begun.take(&bytes);
                                begun
                            });
                            running.insert((way.digest, begun))
                        }
                    };
                    end(begun, way.digest, recipe, form)
                };
                self.tried += 1;
                work += 64;
                let sum = way
                    .again
                    .map_or(sum, |again| again.of(&sum, way.digest, form.hmac_key.expose().as_bytes()));
                if sum.bytes() == way.target {
                    hits.push((place, rest, at));
                }
            }
        }
        for (way, rest, form) in hits {
            self.finds(made, way, rest, form);
        }
        self.works(work);
    }

    fn finds(&mut self, made: &[usize], way: usize, rest: usize, form: usize) {
        let form = &self.forms[rest][form];
        let made_proven = made.iter().map(|at| &self.mistakes[*at].proven);
        let proven = made_proven.chain(&form.proven).chain(&self.ways[way].proven).cloned().collect();
        self.explains(form.key, proven);
        if !self.hits.iter().any(|hit| hit == made) && self.hits.len() < MOST_FOUND {
            self.hits.push(made.to_vec());
        }
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

/// The digest of a string that was begun up to where the key belongs.
pub(crate) fn end(begun: &Running, digest: Digest, recipe: &Recipe<'_>, form: &KeyForm) -> Sum {
    let key = form.text.expose();
    let behind = |before: &str| begun.end(&[&recipe.bytes(before, false), &recipe.bytes(key, false)]);
    let whole = |text: String| {
        let text = Secret::new(text);
        digest.of(&recipe.bytes(text.expose(), true), form.hmac_key.expose().as_bytes())
    };
    match form.join {
        KeyJoin::Right => behind(recipe.join.key),
        KeyJoin::Behind(before) => behind(before),
        KeyJoin::Nowhere => begun.end(&[]),
        KeyJoin::Sorted => {
            let mut with = recipe.clone();
            with.put("key", key.to_owned(), false);
            let mut text = String::new();
            with.write(&mut text);
            whole(text)
        }
        KeyJoin::First => {
            let mut text = String::new();
            recipe.write(&mut text);
            whole(["key", recipe.join.equals, key, recipe.join.between, &text].concat())
        }
    }
}
