//! A string's digests, with every key that is tried with it.

use super::md5::{self, BEGUN, BLOCK, State};
use super::queue::{Hit, Made, Sought};
use super::{ASKED_EVERY, DEEPEST, MOST_WORK, Search, behind, end, whole};
use crate::keyform::KeyForm;
use crate::mistakes::Mistake;
use crate::recipe::Recipe;
use std::collections::HashMap;
use wxpay::replay::{Digest, Running};

/// So many blocks of a long text are marked.
const MOST_MARKS: usize = 64;

/// A string that many others begin like, and its digests as they were after each of its blocks.
#[derive(Default)]
pub(super) struct Marks {
    pub(super) bytes: Vec<u8>,
    md5: Vec<State>,
    /// For each root as far as they were asked for.
    others: Vec<Vec<Running>>,
}

impl Marks {
    /// How many blocks of the string are marked.
    pub(super) fn most(&self) -> usize {
        (self.bytes.len() / BLOCK).min(MOST_MARKS)
    }

    /// How many bytes of a text are as they are here, in whole blocks that are marked.
    fn same(&self, bytes: &[u8]) -> usize {
        let blocks = self.bytes.chunks_exact(BLOCK).zip(bytes.chunks_exact(BLOCK));
        blocks.take(MOST_MARKS).take_while(|(one, other)| one == other).count() * BLOCK
    }

    /// A digest that has taken in so many bytes, marked ones.
    fn after(&mut self, root: usize, begun: &Running, bytes: usize) -> Running {
        if self.others.len() <= root {
            self.others.resize_with(root + 1, Vec::new);
        }
        let marks = &mut self.others[root];
        if marks.is_empty() {
            marks.push(begun.clone());
        }
        for block in self.bytes.chunks_exact(BLOCK).take(bytes / BLOCK).skip(marks.len() - 1) {
            let mut next = marks[marks.len() - 1].clone();
            next.take(block);
            marks.push(next);
        }
        marks[bytes / BLOCK].clone()
    }
}

/// Where a digest other than MD5 begins: HMAC with each key of its own.
struct Root {
    digest: Digest,
    begun: Running,
    /// Whether it is worth while to mark strings with it.
    marked: bool,
}

/// All of them.
pub(super) struct Roots {
    all: Vec<Root>,
    /// The roots of HMAC for the keys' forms, by number of mistakes.
    of_forms: [Vec<usize>; DEEPEST + 1],
    /// The forms, those of one root beside each other.
    forms: [Vec<usize>; DEEPEST + 1],
}

impl Roots {
    pub(super) fn new(digests: &[(Digest, [u64; DEEPEST + 1])]) -> Self {
        let keyless =
            digests.iter().filter(|(digest, _)| !matches!(digest, Digest::Md5 | Digest::HmacSha256));
        let root = |(digest, _): &(Digest, _)| Root {
            digest: *digest,
            begun: Running::new(*digest, b""),
            marked: true,
        };
        let all = keyless.map(root).collect();
        Self { all, of_forms: Default::default(), forms: Default::default() }
    }

    /// Takes in the forms of so many mistakes.
    pub(super) fn take(&mut self, forms: &[Vec<KeyForm>; DEEPEST + 1], mistakes: usize) {
        let mut known: HashMap<&str, usize> = HashMap::new();
        for (forms, roots) in forms.iter().zip(&self.of_forms).take(mistakes) {
            known.extend(forms.iter().map(|form| form.hmac_key.expose().as_str()).zip(roots.iter().copied()));
        }
        let roots = forms[mistakes].iter().map(|form| {
            let key = form.hmac_key.expose();
            let root = *known.entry(key).or_insert_with(|| {
                let begun = Running::new(Digest::HmacSha256, key.as_bytes());
                self.all.push(Root { digest: Digest::HmacSha256, begun, marked: false });
                self.all.len() - 1
            });
            self.all[root].marked |= form.plain;
            root
        });
        let roots: Vec<usize> = roots.collect();
        let mut order: Vec<usize> = (0..roots.len()).collect();
        order.sort_by_key(|form| roots[*form]);
        self.of_forms[mistakes] = roots;
        self.forms[mistakes] = order;
    }

    /// HMAC begun with a form's key.
    pub(super) fn hmac(&self, mistakes: usize, form: usize) -> Option<&Running> {
        self.of_forms[mistakes].get(form).map(|root| &self.all[*root].begun)
    }
}

/// What was made on the way to a string, and with which keys that is tried.
#[derive(Clone, Copy)]
pub(super) struct Making {
    pub(super) made: Made,
    /// How many mistakes it counts as.
    cost: usize,
    /// The only key that it can have been made with.
    only: Option<usize>,
    /// Whether no key is tried that is written or joined wrongly.
    plain: bool,
}

impl Making {
    pub(super) const NOTHING: Self = Self { made: Made::NOTHING, cost: 0, only: None, plain: false };

    /// These mistakes, with their places.
    pub(super) fn of(mistakes: &[(usize, &Mistake<'_>)], plain: bool) -> Self {
        Self {
            made: Made::of(mistakes.iter().map(|(at, _)| *at)),
            cost: mistakes.iter().map(|(_, mistake)| mistake.cost).sum(),
            only: mistakes.iter().find_map(|(_, mistake)| mistake.only),
            plain,
        }
    }

    /// Whether at this depth only plain keys are tried with it.
    pub(super) const fn is_plain(&self, depth: usize) -> bool {
        self.plain || self.cost >= depth
    }

    fn is_tried_with(&self, form: &KeyForm) -> bool {
        (form.plain || !self.plain) && self.only.is_none_or(|only| form.key == Some(only))
    }
}

/// A text from a block on; so many bytes before it are the marked string's.
pub(super) type Tail<'t> = (usize, &'t [u8]);

impl<'d> Search<'_, 'd> {
    /// Marks a text that those to come begin like. What it has in common with the one before stays marked.
    pub(super) fn mark(&mut self, bytes: &[u8]) {
        let marks = &mut self.marks;
        let same = marks.same(bytes) / BLOCK;
        marks.bytes.clear();
        marks.bytes.extend_from_slice(bytes);
        marks.others.iter_mut().for_each(|marks| marks.truncate(same + 1));
        marks.md5.truncate(same + 1);
        if self.digests.iter().any(|(digest, _)| *digest == Digest::Md5) {
            let mut state = marks.md5.last().copied().unwrap_or(BEGUN);
            if marks.md5.is_empty() {
                marks.md5.push(BEGUN);
            }
            for block in bytes.chunks_exact(BLOCK).take(MOST_MARKS).skip(marks.md5.len() - 1) {
                md5::take(&mut state, block);
                marks.md5.push(state);
            }
        }
    }

    /// Counts what was taken in, and asks now and then whether to go on.
    pub(super) fn works(&mut self, bytes: usize) {
        self.work += bytes as u64;
        if self.work >= self.asked {
            self.asked = self.work + ASKED_EVERY;
            self.ended = self.ended || self.work > MOST_WORK || !(self.go_on)(self.tried);
        }
    }

    /// Takes every digest of a text that has, with what was made on the way to it, as many mistakes as are looked for
    /// now.
    pub(super) fn weigh_whole(&mut self, recipe: &Recipe<'d>, text: &str, making: &Making) {
        let bytes = recipe.bytes(text, true);
        let before = self.marks.same(&bytes);
        self.weigh(recipe, (before, &bytes[before..]), making);
    }

    /// The same for a text of which only the end is at hand. Where not only plain keys are tried, `recipe` is the
    /// text's own; else what joins it and its bytes are.
    pub(super) fn weigh(&mut self, recipe: &Recipe<'d>, tail: Tail<'_>, making: &Making) {
        let Some(left) = self.depth.checked_sub(making.cost) else { return };
        let mut work = tail.1.len();
        for at in 0..self.digests.len() {
            let (digest, ways) = self.digests[at];
            for rest in 0..=left {
                let ways = ways[left - rest];
                if ways != 0 {
                    let asked = Asked { digest, ways, rest };
                    work += match digest {
                        Digest::Md5 => self.md5(recipe, tail, making, asked),
                        _ => self.other(recipe, tail, making, asked),
                    };
                }
            }
        }
        self.works(work);
    }

    /// Has MD5 of a text taken with the keys' forms; so many bytes are taken in.
    fn md5(
        &mut self,
        recipe: &Recipe<'d>,
        (before, bytes): Tail<'_>,
        making: &Making,
        asked: Asked,
    ) -> usize {
        let Self { forms, marks, queue, tried, .. } = self;
        let forms = &forms[asked.rest];
        let begun = md5::Running::at(marks.md5[before / BLOCK], before as u64);
        let mut running = None;
        let mut work = 0;
        for (at, form) in forms.iter().enumerate().filter(|(_, form)| making.is_tried_with(form)) {
            let sought = asked.sought(making, at, *tried);
            *tried += u64::from(asked.ways.count_ones());
            work += BLOCK;
            let Some([join, key]) = behind(recipe, form) else {
                let text = whole(recipe, form);
                let bytes = recipe.bytes(text.expose(), true);
                queue.push(BEGUN, 0, &[&bytes], sought);
                work += bytes.len();
                continue;
            };
            if forms.len() == 1 {
                work += bytes.len();
                queue.push(begun.state, begun.taken, &[bytes, &join, &key], sought);
                continue;
            }
            let running = running.get_or_insert_with(|| {
                work += bytes.len();
                let mut running = begun.clone();
                running.take(bytes);
                running
            });
            queue.push(running.state, running.taken, &[running.held(), &join, &key], sought);
        }
        work
    }

    /// The same with another digest.
    fn other(
        &mut self,
        recipe: &Recipe<'d>,
        (before, bytes): Tail<'_>,
        making: &Making,
        asked: Asked,
    ) -> usize {
        let Self { forms, roots, marks, queue, tried, ways, .. } = self;
        let forms = &forms[asked.rest];
        let keyless = roots.all.iter().position(|root| root.digest == asked.digest);
        let mut work = 0;
        let mut last: Option<(usize, Running)> = None;
        // Few are quicker at once than handed over.
        let waits = self.depth > 1 && queue.takes_others(asked.ways);
        let mut begun_of = None;
        for place in 0..forms.len() {
            let (at, root) = if asked.digest == Digest::HmacSha256 {
                let at = roots.forms[asked.rest][place];
                (at, roots.of_forms[asked.rest][at])
            } else {
                let Some(root) = keyless else { return work };
                (place, root)
            };
            let form = &forms[at];
            if !making.is_tried_with(form) {
                continue;
            }
            let sought = asked.sought(making, at, *tried);
            if waits && let Some([join, key]) = behind(recipe, form) {
                if begun_of != Some(root) {
                    begun_of = Some(root);
                    let Root { begun, marked, .. } = &roots.all[root];
                    if *marked {
                        queue.begin(marks.after(root, begun, before), [bytes, &[]]);
                    } else {
                        queue.begin(begun.clone(), [&marks.bytes[..before], bytes]);
                        work += before;
                    }
                    work += bytes.len();
                }
                queue.end(&[&join, &key], sought);
                *tried += u64::from(asked.ways.count_ones());
                work += BLOCK;
                continue;
            }
            let begun = match last.take().filter(|(same, _)| *same == root) {
                Some(same) => last.insert(same),
                None => {
                    let Root { begun, marked, .. } = &roots.all[root];
                    let mut running = if *marked { marks.after(root, begun, before) } else { begun.clone() };
                    if !*marked {
                        running.take(&marks.bytes[..before]);
                        work += before;
                    }
                    running.take(bytes);
                    work += bytes.len();
                    last.insert((root, running))
                }
            };
            let sum = end(&begun.1, asked.digest, recipe, form);
            work += BLOCK;
            *tried += u64::from(asked.ways.count_ones());
            for (way, one) in ways.iter().enumerate().filter(|(way, _)| asked.ways >> way & 1 == 1) {
                let hmac_key = form.hmac_key.expose().as_bytes();
                let sum = one.again.map_or(sum, |again| again.of(&sum, one.digest, hmac_key));
                if sum.bytes() == one.target {
                    queue.hit(Hit { sought, way });
                }
            }
        }
        work
    }
}

/// With which digest a text is weighed, for which ways, and with how many mistakes in the key.
#[derive(Clone, Copy)]
struct Asked {
    digest: Digest,
    ways: u64,
    rest: usize,
}

impl Asked {
    const fn sought(self, making: &Making, form: usize, number: u64) -> Sought {
        Sought { made: making.made, rest: self.rest, form, ways: self.ways, number }
    }
}
