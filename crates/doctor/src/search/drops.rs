//! Several fields left out at once: tens of thousands of strings, which begin alike and so are digested as a tree.

use super::{Search, end};
use crate::cause::{Cause, Proven};
use crate::recipe::Recipe;
use wxpay::replay::{Digest, Running};

/// So many fields at once may have been left out, with so many in the document at most.
const SIZES: [(usize, usize); 3] = [(2, 100), (3, 60), (4, 40)];

/// What the tree is made of.
struct Tree<'t, 'd> {
    recipe: &'t Recipe<'d>,
    text: &'t str,
    /// Where each field ends in the text, what is between them before each but the first.
    ends: Vec<usize>,
    way: usize,
    /// The forms of the keys that end a string.
    forms: std::ops::Range<usize>,
}

impl Tree<'_, '_> {
    /// Fields from one to before another, the first one of the string without what stands before it.
    fn part(&self, from: usize, to: usize, first: bool) -> &[u8] {
        let begin = from.checked_sub(1).map_or(0, |before| self.ends[before]);
        let end = to.checked_sub(1).map_or(0, |last| self.ends[last]);
        let begin =
            if first && from > 0 && from < to { begin + self.recipe.join.between.len() } else { begin };
        &self.text.as_bytes()[begin..end]
    }
}

impl<'d> Search<'_, 'd> {
    /// Two to four fields left out, the fewest first; with the right digest, the rightful keys and nothing else wrong.
    pub(super) fn drops(&mut self, base: &Recipe<'d>) {
        let mut text = String::new();
        base.write(&mut text);
        let mut ends = Vec::new();
        for piece in base.pieces() {
            ends.push(ends.last().copied().unwrap_or(0) + piece.len());
        }
        let ways: Vec<usize> = (0..self.ways.len()).filter(|way| self.ways[*way].proven.is_empty()).collect();
        for (size, most) in SIZES {
            // All left out is no document, all but one hardly.
            if !self.found.is_empty() || self.ended || ends.len() > most || size + 1 >= ends.len() {
                return;
            }
            for &way in &ways {
                let digest = self.ways[way].digest;
                let forms = self.forms[0].len();
                // HMAC has its key before all else, so that each has a tree of its own.
                let step = if digest == Digest::HmacSha256 { 1 } else { forms.max(1) };
                for form in (0..forms).step_by(step) {
                    let begun = match digest {
                        Digest::HmacSha256 => self.begun[0][form].clone(),
                        _ => Running::new(digest, b""),
                    };
                    let forms = form..form + step;
                    let tree = Tree { recipe: base, text: &text, ends: ends.clone(), way, forms };
                    self.grow(&tree, begun, &mut Vec::new(), size);
                }
            }
        }
    }

    /// Leaves out one more field behind those that are `gone`; `begun` has all before the last of them.
    fn grow(&mut self, tree: &Tree<'_, 'd>, mut begun: Running, gone: &mut Vec<usize>, size: usize) {
        let from = gone.last().map_or(0, |last| last + 1);
        // Whether every field so far was left out.
        let mut first = from == gone.len();
        if gone.len() == size {
            self.leaf(tree, begun, gone, first);
            return;
        }
        let last = tree.ends.len() - (size - gone.len());
        for at in from..=last {
            gone.push(at);
            self.grow(tree, begun.clone(), gone, size);
            gone.pop();
            if self.ended {
                return;
            }
            begun.take(tree.part(at, at + 1, first));
            first = false;
        }
    }

    fn leaf(&mut self, tree: &Tree<'_, 'd>, mut begun: Running, gone: &[usize], first: bool) {
        let from = gone.last().map_or(0, |last| last + 1);
        let rest = tree.part(from, tree.ends.len(), first);
        begun.take(rest);
        let way = &self.ways[tree.way];
        let mut hits = Vec::new();
        for at in tree.forms.clone() {
            let form = &self.forms[0][at];
            if end(&begun, way.digest, tree.recipe, form).bytes() == way.target {
                hits.push(form.key);
            }
        }
        self.tried += tree.forms.len() as u64;
        for key in hits {
            let names = tree.recipe.names();
            let names: Vec<&str> = gone.iter().map(|at| names[*at]).collect();
            let params = vec![("fields", names.join(", "))];
            self.explains(key, vec![Proven { cause: Cause::FieldsLeftOut, params }]);
        }
        self.works(rest.len() + 64 * tree.forms.len());
    }
}
