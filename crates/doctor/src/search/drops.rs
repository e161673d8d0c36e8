//! Several fields left out at once: tens of thousands of strings, which begin alike and so are digested as a
//! tree.

use super::{Search, end};
use crate::cause::{Cause, Proven};
use crate::mistakes::{Mistake, Reach, Slot};
use crate::recipe::{Charset, Recipe};
use wxpay::replay::{Digest, Running};

/// So many fields at once may have been left out, with so many in the document at most.
const SIZES: [(usize, usize); 3] = [(2, 100), (3, 60), (4, 40)];

/// What the tree is made of.
struct Tree<'t, 'd> {
    recipe: &'t Recipe<'d>,
    /// What was made besides.
    made: &'t [usize],
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

impl<'t, 'd> Tree<'t, 'd> {
    fn new(recipe: &'t Recipe<'d>, made: &'t [usize]) -> Self {
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
            self.drops(&Tree::new(base, &[]), 4, 0);
            return;
        }
        self.drops(&Tree::new(base, &[]), 2, 1);
        for at in self.standing() {
            let Mistake { reach, cost, slot, .. } = self.mistakes[at];
            // A mark before the text cannot be left out with the first field.
            let mut recipe = base.clone();
            self.mistakes[at].make(&mut recipe);
            let marked = recipe.charset == Charset::Utf16Marked;
            if reach == Reach::Whole && cost == 1 && !matches!(slot, Slot::Document | Slot::Drop) && !marked {
                self.drops(&Tree::new(&recipe, &[at]), 3, 0);
            }
        }
    }

    /// So many fields left out at most, the fewest first, with the right digest and keys of so many mistakes.
    fn drops(&mut self, tree: &Tree<'_, 'd>, sizes: usize, mistakes: usize) {
        let ways: Vec<usize> =
            (0..self.ways.len()).filter(|way| self.ways[*way].proven.len() == self.floor).collect();
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
                        Digest::HmacSha256 if self.forms[mistakes][form].plain => {
                            self.begun[mistakes][form].clone()
                        }
                        Digest::HmacSha256 => continue,
                        _ => Running::new(digest, b""),
                    };
                    let ends = Ends { way, mistakes, forms: form..form + step };
                    self.grow(tree, &ends, begun, &mut Vec::new(), size);
                }
            }
        }
    }

    /// Leaves out one more field behind those that are `gone`; `begun` has all before the last of them.
    fn grow(
        &mut self,
        tree: &Tree<'_, 'd>,
        ends: &Ends,
        mut begun: Running,
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

    fn leaf(&mut self, tree: &Tree<'_, 'd>, ends: &Ends, mut begun: Running, gone: &[usize], first: bool) {
        let from = gone.last().map_or(0, |last| last + 1);
        let rest = tree.part(from, tree.fields.len(), first);
        begun.take(rest);
        let way = &self.ways[ends.way];
        let forms = &self.forms[ends.mistakes];
        let mut hits = Vec::new();
        for at in ends.forms.clone() {
            let form = &forms[at];
            if form.plain && end(&begun, way.digest, tree.recipe, form).bytes() == way.target {
                hits.push(at);
            }
        }
        self.tried += ends.forms.len() as u64;
        for at in hits {
            let names: Vec<&str> = gone.iter().filter_map(|at| self.name(tree.places[*at])).collect();
            let params = vec![("fields", names.join(", "))];
            let mut proven = vec![Proven { cause: Cause::FieldsLeftOut, params }];
            let form = &self.forms[ends.mistakes][at];
            proven.extend(tree.made.iter().map(|at| self.mistakes[*at].proven.clone()));
            proven.extend(form.proven.iter().chain(&self.ways[ends.way].proven).cloned());
            self.explains(form.key, proven);
        }
        self.works(rest.len() + 64 * ends.forms.len());
    }

    fn name(&self, place: Option<usize>) -> Option<&'d str> {
        self.document.fields.get(place?).map(|(name, _)| name.as_str())
    }
}
