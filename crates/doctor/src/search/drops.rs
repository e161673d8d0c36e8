//! Several fields left out at once: tens of thousands of strings, which begin alike and so are digested as a
//! tree.

use super::md5::{self, BEGUN};
use super::queue::{Hit, Made, Sought};
use super::{Search, behind, end};
use crate::mistakes::{Mistake, Reach, Slot};
use crate::recipe::Recipe;
use wxpay::replay::{Digest, Running};

/// So many fields at once may have been left out, with so many in the document at most.
const SIZES: [(usize, usize); 3] = [(2, 100), (3, 60), (4, 40)];

/// Of so many fields four are left out with whatever else is wrong.
const SMALL: usize = 12;

/// What the tree is made of.
struct Tree<'t, 'd> {
    recipe: &'t Recipe<'d>,
    /// What was made besides.
    made: Made,
    /// The whole string.
    bytes: Vec<u8>,
    /// Where each field begins in it, behind what is between them, and where it ends.
    fields: Vec<(usize, usize)>,
    /// The places of the fields in the document; none for those that were added.
    places: Vec<Option<usize>>,
}

/// How the strings of a tree end: the way to the signature, how many mistakes the keys have, which of their
/// forms.
struct Ends {
    way: usize,
    mistakes: usize,
    forms: std::ops::Range<usize>,
}

/// A digest that has taken in the beginning of a string.
#[derive(Clone)]
enum Begun {
    Md5(md5::Running),
    Other(Running),
}

impl Begun {
    fn take(&mut self, bytes: &[u8]) {
        match self {
            Self::Md5(running) => running.take(bytes),
            Self::Other(running) => running.take(bytes),
        }
    }
}

impl<'t, 'd> Tree<'t, 'd> {
    fn new(recipe: &'t Recipe<'d>, made: Made) -> Self {
        let (mut bytes, mut fields) = (Vec::new(), Vec::new());
        for (at, (between, field)) in recipe.pieces().into_iter().enumerate() {
            bytes.extend_from_slice(&recipe.bytes(between, at == 0));
            let begin = bytes.len();
            bytes.extend_from_slice(&recipe.bytes(&field, at == 0));
            fields.push((begin, bytes.len()));
        }
        Self { recipe, made, bytes, fields, places: recipe.places() }
    }

    /// Fields from one to before another, the first one of the string without what stands before it.
    fn part(&self, from: usize, to: usize, first: bool) -> &[u8] {
        if from == to {
            return &[];
        }
        let begin = if first || from == 0 { self.fields[from].0 } else { self.fields[from - 1].1 };
        &self.bytes[begin..self.fields[to - 1].1]
    }
}

impl<'d> Search<'_, 'd> {
    /// Two to four fields left out, which counts as two mistakes; at the next depth with a whole mistake or
    /// another key besides, but fewer fields.
    pub(super) fn losses(&mut self, base: &Recipe<'d>) {
        if self.depth == 2 {
            self.drops(&Tree::new(base, Made::NOTHING), 4, 0);
            return;
        }
        let few = self.is_small;
        // Four of seventeen fields are three thousand strings, and each is tried a hundred times.
        let most = if few && base.entries.len() <= SMALL { 4 } else { 3 };
        self.drops(&Tree::new(base, Made::NOTHING), if few { most } else { 2 }, 1);
        for at in self.standing() {
            let Mistake { reach, cost, slot, .. } = self.mistakes[at];
            // A mark before the text cannot be left out with the first field.
            let mut recipe = base.clone();
            self.mistakes[at].make(&mut recipe);
            let marked = recipe.is_whole();
            let far = reach == Reach::Whole || few && reach == Reach::Part;
            if far && cost == 1 && !matches!(slot, Slot::Document | Slot::Drop) && !marked {
                self.drops(&Tree::new(&recipe, Made::of([at].into_iter())), most, 0);
            }
        }
    }

    /// So many fields left out at most, the fewest first, with the right digest and keys of so many mistakes.
    fn drops(&mut self, tree: &Tree<'_, 'd>, sizes: usize, mistakes: usize) {
        let ways: Vec<usize> =
            (0..self.ways.len()).filter(|way| self.ways[*way].proven.len() == self.floor).collect();
        self.settle();
        let known = self.found.len();
        for (size, most) in SIZES.into_iter().filter(|(size, _)| *size <= sizes) {
            let fields = tree.fields.len();
            // All left out is no document, all but one hardly.
            if self.found.len() > known || self.ended || fields > most || size + 1 >= fields {
                return;
            }
            for &way in &ways {
                let digest = self.ways[way].digest;
                let forms = self.forms[mistakes].len();
                // HMAC has its key before all else, so that each has a tree of its own.
                let step = if digest == Digest::HmacSha256 { 1 } else { forms.max(1) };
                for form in (0..forms).step_by(step) {
                    let begun = match digest {
                        Digest::HmacSha256 => {
                            let plain = self.forms[mistakes][form].plain || self.is_small;
                            match self.roots.hmac(mistakes, form).filter(|_| plain) {
                                Some(begun) => Begun::Other(begun.clone()),
                                None => continue,
                            }
                        }
                        Digest::Md5 => Begun::Md5(md5::Running::at(BEGUN, 0)),
                        _ => Begun::Other(Running::new(digest, b"")),
                    };
                    let ends = Ends { way, mistakes, forms: form..form + step };
                    self.grow(tree, &ends, begun, &mut Vec::new(), size);
                }
            }
            self.settle();
        }
    }

    /// Leaves out one more field behind those that are `gone`; `begun` has all before the last of them.
    fn grow(
        &mut self,
        tree: &Tree<'_, 'd>,
        ends: &Ends,
        mut begun: Begun,
        gone: &mut Vec<usize>,
        size: usize,
    ) {
        let from = gone.last().map_or(0, |last| last + 1);
        // Whether every field so far was left out.
        let mut first = from == gone.len();
        if gone.len() == size {
            self.leaf(tree, ends, begun, gone, first);
            return;
        }
        let last = tree.fields.len() - (size - gone.len());
        for at in from..=last {
            if tree.places[at].is_some() {
                gone.push(at);
                self.grow(tree, ends, begun.clone(), gone, size);
                gone.pop();
            }
            if self.ended {
                return;
            }
            begun.take(tree.part(at, at + 1, first));
            first = false;
        }
    }

    fn leaf(&mut self, tree: &Tree<'_, 'd>, ends: &Ends, mut begun: Begun, gone: &[usize], first: bool) {
        let from = gone.last().map_or(0, |last| last + 1);
        let rest = tree.part(from, tree.fields.len(), first);
        let made = tree.made.without(gone.iter().filter_map(|at| tree.places[*at]));
        let alone = ends.forms.len() == 1;
        if !alone {
            begun.take(rest);
        }
        let mut waits = false;
        for at in ends.forms.clone() {
            let form = &self.forms[ends.mistakes][at];
            if !form.plain && !self.is_small {
                continue;
            }
            let sought =
                Sought { made, rest: ends.mistakes, form: at, ways: 1 << ends.way, number: self.tried };
            self.tried += 1;
            match (&mut begun, behind(tree.recipe, form)) {
                (Begun::Md5(begun), Some([join, key])) => {
                    let rest = if alone { rest } else { &[] };
                    self.queue.push(begun.state, begun.taken, &[begun.held(), rest, &join, &key], sought);
                }
                // The key is not behind the fields.
                (_, None) => {}
                (Begun::Other(begun), Some([join, key])) if self.queue.takes_others(1 << ends.way) => {
                    if !std::mem::replace(&mut waits, true) {
                        self.queue.begin(begun.clone(), [if alone { rest } else { &[] }, &[]]);
                    }
                    self.queue.end(&[&join, &key], sought);
                }
                (Begun::Other(begun), Some(_)) => {
                    if alone {
                        begun.take(rest);
                    }
                    let way = &self.ways[ends.way];
                    if end(begun, way.digest, tree.recipe, form).bytes() == way.target {
                        self.queue.hit(Hit { sought, way: ends.way });
                    }
                }
            }
        }
        self.works(rest.len() + 64 * ends.forms.len());
    }
}
