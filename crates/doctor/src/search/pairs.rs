//! Which mistakes are tried alone and together, and how the strings are come by.

use super::laid::{Laid, Local, Spliced};
use super::weigh::Making;
use super::{FEW_FIELDS, MOST_FOUND, Search};
use crate::mistakes::{Mistake, Reach, Slot};
use crate::recipe::Recipe;
use std::rc::Rc;

/// A mistake that stands for all that are alike.
struct Standing<'d> {
    at: usize,
    /// What it does to its field, if it is in one.
    local: Option<Local<'d>>,
    /// How many fields it adds, if it is in all and does with each the same.
    adds: Option<usize>,
}

impl<'d> Standing<'d> {
    fn new(at: usize, mistake: &Mistake<'d>, base: &Recipe<'d>) -> Self {
        let local = Local::of(mistake, base);
        let whole = local.is_none() && mistake.is_apart();
        let adds = whole.then(|| Laid::adds(mistake, base)).flatten();
        Self { at, local, adds }
    }
}

/// A recipe with mistakes, its string written, and laid out where that is possible.
struct Begun<'d> {
    recipe: Recipe<'d>,
    text: String,
    laid: Option<Laid<'d>>,
}

/// What is written over and over.
#[derive(Default)]
struct Sheet {
    text: String,
    end: Vec<u8>,
}

impl<'d> Search<'_, 'd> {
    /// Every single mistake with as many more in key and digest as the depth has left.
    pub(super) fn singles(&mut self, base: &Recipe<'d>) {
        let mut text = String::new();
        let mistakes = Rc::clone(&self.mistakes);
        for (at, mistake) in mistakes.iter().enumerate() {
            let Mistake { cost, reach, .. } = *mistake;
            // Where more is wrong, one stands for all that are alike.
            if cost > self.depth || reach >= Reach::Lone || cost < self.depth && self.alike[at] != at {
                continue;
            }
            let mut recipe = base.clone();
            mistake.make(&mut recipe);
            recipe.write(&mut text);
            let many = self.depth > 2 || !self.is_small;
            let plain = cost > 1 || many && reach == Reach::Alone || reach == Reach::Part && self.depth > 2;
            self.weigh_whole(&recipe, &text, &Making::of(&[(at, mistake)], plain));
            if self.ended {
                return;
            }
        }
    }

    /// Whether two mistakes are tried together, and if so whether with plain keys only.
    fn joined(&self, one: usize, other: usize, few: bool) -> Option<bool> {
        let [a, b] = [one, other].map(|at| &self.mistakes[at]);
        let left = self.depth.checked_sub(a.cost + b.cost)?;
        let (near, far) = (a.reach.min(b.reach), a.reach.max(b.reach));
        let small = self.is_small && self.depth == 2;
        let plain = match (near, far, left) {
            (_, Reach::Idle, _) => self.wakes(one, other).then_some(true),
            (Reach::Whole, Reach::Whole, _) => Some(false),
            (Reach::Whole, Reach::Part, _) => Some(true),
            (Reach::Part, Reach::Part, 0) => Some(true),
            (Reach::Part, Reach::Part, _) if few => Some(true),
            (Reach::Whole, Reach::Alone, 0) => Some(true),
            (Reach::Part, Reach::Alone, 0) if few || small => Some(true),
            (Reach::Alone, Reach::Alone, 0) if small => Some(true),
            _ => None,
        }?;
        let fits = a.agrees(b) && a.only.zip(b.only).is_none_or(|(a, b)| a == b);
        fits.then_some(plain)
    }

    /// Whether one of the two changes names or which fields enter, so that another order may matter.
    fn wakes(&self, one: usize, other: usize) -> bool {
        let slots = [one, other].map(|at| self.mistakes[at].slot);
        let reach = self.mistakes[one].reach.min(self.mistakes[other].reach);
        let changes = |slot| {
            use Slot::{Add, Document, Empty, Names, Sign, SignType};
            matches!(slot, Document | Add | SignType | Sign | Empty | Names)
        };
        slots.into_iter().any(changes) && reach != Reach::Alone
    }

    /// Those that stand for all that are alike, in the order in which they are made.
    pub(super) fn standing(&self) -> Vec<usize> {
        let mut all: Vec<usize> = (0..self.mistakes.len()).filter(|at| self.alike[*at] == *at).collect();
        all.sort_by_key(|at| self.mistakes[*at].slot);
        all
    }

    /// Makes a mistake, lays out what comes of it, and marks it for all that begin like it.
    fn begin(&mut self, base: &Recipe<'d>, mistake: &Mistake<'d>) -> Begun<'d> {
        let mut recipe = base.clone();
        mistake.make(&mut recipe);
        let mut text = String::new();
        recipe.write(&mut text);
        self.mark(&recipe.bytes(&text, true));
        let laid = Laid::new(recipe.clone(), &text);
        Begun { recipe, text, laid }
    }

    /// Tries a text with the mistakes of `begun` and one more, written as a whole; if it is another text then.
    fn write(&mut self, begun: &mut Begun<'d>, more: &Mistake<'d>, making: &Making, sheet: &mut Sheet) {
        if more.slot >= Slot::Join {
            return self.join(begun, more, making, sheet);
        }
        let mut recipe = begun.recipe.clone();
        more.make(&mut recipe);
        recipe.write(&mut sheet.text);
        if sheet.text != begun.text || recipe.join != begun.recipe.join {
            self.weigh_whole(&recipe, &sheet.text, making);
        }
    }

    /// The same where the fields stay and only the signs between them or the bytes are others.
    fn join(&mut self, begun: &mut Begun<'d>, more: &Mistake<'d>, making: &Making, sheet: &mut Sheet) {
        let Begun { recipe, text, .. } = begun;
        let (join, charset) = (recipe.join, recipe.charset);
        more.make(recipe);
        if recipe.join != join {
            recipe.write(&mut sheet.text);
            self.weigh_whole(recipe, &sheet.text, making);
        } else if recipe.charset != charset {
            self.weigh_whole(recipe, text, making);
        }
        (recipe.join, recipe.charset) = (join, charset);
    }

    pub(super) fn pairs(&mut self, base: &Recipe<'d>) {
        let mistakes = Rc::clone(&self.mistakes);
        let standing = |at: usize| Standing::new(at, &mistakes[at], base);
        let standing: Vec<Standing<'d>> = self.standing().into_iter().map(standing).collect();
        let mut sheet = Sheet::default();
        for place in 0..standing.len() {
            let mut begun = None;
            self.before_others(base, &standing[place..], &mut begun, &mut sheet);
            self.behind_local(base, &standing[..=place], &mut begun, &mut sheet);
            if self.ended {
                return;
            }
        }
    }

    /// The first one of these, and after it each of the others.
    fn before_others(
        &mut self,
        base: &Recipe<'d>,
        standing: &[Standing<'d>],
        begun: &mut Option<Begun<'d>>,
        sheet: &mut Sheet,
    ) {
        let mistakes = Rc::clone(&self.mistakes);
        let few = self.document.fields.len() <= FEW_FIELDS;
        let Some((one, others)) = standing.split_first() else { return };
        for other in others {
            // Of these two the other one is laid out, when its turn comes.
            let later = one.local.is_some() && other.adds.is_some();
            let Some(plain) = self.joined(one.at, other.at, few).filter(|_| !later) else { continue };
            let begun = match begun {
                Some(begun) => begun,
                None => begun.insert(self.begin(base, &mistakes[one.at])),
            };
            let more = &mistakes[other.at];
            let making = Making::of(&[(one.at, &mistakes[one.at]), (other.at, more)], plain);
            let spliced = match (&begun.laid, &other.local) {
                (Some(laid), Some(local)) if making.is_plain(self.depth) => {
                    laid.then(more, local, base, self.marks.most(), &mut sheet.end)
                }
                _ => Spliced::Not,
            };
            match (spliced, &begun.laid) {
                (Spliced::Same, _) => {}
                (Spliced::From(before), Some(laid)) => {
                    self.weigh(&laid.recipe, (before, &sheet.end), &making);
                }
                _ => self.write(begun, more, &making, sheet),
            }
            if self.ended {
                return;
            }
        }
    }

    /// The last one of these, which is in all fields, and before it each that is in one.
    fn behind_local(
        &mut self,
        base: &Recipe<'d>,
        standing: &[Standing<'d>],
        begun: &mut Option<Begun<'d>>,
        sheet: &mut Sheet,
    ) {
        let mistakes = Rc::clone(&self.mistakes);
        let few = self.document.fields.len() <= FEW_FIELDS;
        let Some((one, others)) = standing.split_last() else { return };
        let Some(adds) = one.adds else { return };
        let whole = &mistakes[one.at];
        for other in others {
            let Some(local) = &other.local else { continue };
            let Some(plain) = self.joined(other.at, one.at, few) else { continue };
            let begun = match begun {
                Some(begun) => begun,
                None => begun.insert(self.begin(base, whole)),
            };
            let making = Making::of(&[(other.at, &mistakes[other.at]), (one.at, whole)], plain);
            let spliced = match &begun.laid {
                Some(laid) if making.is_plain(self.depth) => {
                    laid.before((whole, adds), local, base, self.marks.most(), &mut sheet.end)
                }
                _ => Spliced::Not,
            };
            match (spliced, &begun.laid) {
                (Spliced::Same, _) => {}
                (Spliced::From(before), Some(laid)) => {
                    self.weigh(&laid.recipe, (before, &sheet.end), &making);
                }
                _ => {
                    let mut recipe = base.clone();
                    mistakes[other.at].make(&mut recipe);
                    whole.make(&mut recipe);
                    recipe.write(&mut sheet.text);
                    self.weigh_whole(&recipe, &sheet.text, &making);
                }
            }
            if self.ended {
                return;
            }
        }
    }

    /// Triples of whole mistakes only: one for each field would be millions.
    pub(super) fn triples(&mut self, base: &Recipe<'d>) {
        let few = self.document.fields.len() <= FEW_FIELDS;
        let reach = if few { Reach::Part } else { Reach::Whole };
        let mistakes = Rc::clone(&self.mistakes);
        let mut whole = self.standing();
        whole.retain(|at| mistakes[*at].reach <= reach && mistakes[*at].cost == 1);
        let standing = |at: usize| Standing::new(at, &mistakes[at], base);
        let whole: Vec<Standing<'d>> = whole.into_iter().map(standing).collect();
        let mut sheet = Sheet::default();
        for (place, one) in whole.iter().enumerate() {
            let mut first = base.clone();
            mistakes[one.at].make(&mut first);
            for (middle, two) in whole.iter().enumerate().skip(place + 1) {
                if self.joined(one.at, two.at, few).is_some() {
                    self.third(base, &first, [one.at, two.at], &whole[middle + 1..], &mut sheet);
                }
                if self.ended {
                    return;
                }
            }
        }
    }

    /// After one mistake, which `first` has, and another one, each of the third ones.
    fn third(
        &mut self,
        base: &Recipe<'d>,
        first: &Recipe<'d>,
        [one, two]: [usize; 2],
        thirds: &[Standing<'d>],
        sheet: &mut Sheet,
    ) {
        let few = self.document.fields.len() <= FEW_FIELDS;
        let mistakes = Rc::clone(&self.mistakes);
        let mut begun: Option<Begun<'d>> = None;
        for three in thirds {
            if self.joined(one, three.at, few).is_none() || self.joined(two, three.at, few).is_none() {
                continue;
            }
            let begun = match &mut begun {
                Some(begun) => begun,
                None => begun.insert(self.begin(first, &mistakes[two])),
            };
            let more = &mistakes[three.at];
            let all = [one, two, three.at].map(|at| (at, &mistakes[at]));
            let making = Making::of(&all, false);
            let spliced = match (&begun.laid, &three.local) {
                (Some(laid), Some(local)) => laid.then(more, local, base, self.marks.most(), &mut sheet.end),
                _ => Spliced::Not,
            };
            match (spliced, &begun.laid) {
                (Spliced::Same, _) => {}
                (Spliced::From(before), Some(laid)) => {
                    self.weigh(&laid.recipe, (before, &sheet.end), &making);
                }
                _ => self.write(begun, more, &making, sheet),
            }
            if self.ended {
                return;
            }
        }
    }

    /// Where something was found with mistakes that stand for others, tries the others.
    pub(super) fn twins(&mut self, base: &Recipe<'d>) {
        let mut text = String::new();
        let mistakes = Rc::clone(&self.mistakes);
        base.write(&mut text);
        self.mark(text.as_bytes());
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
                let set: Vec<_> = set.into_iter().map(|at| (at, &mistakes[at])).collect();
                set.iter().for_each(|(_, mistake)| mistake.make(&mut recipe));
                recipe.write(&mut text);
                self.weigh_whole(&recipe, &text, &Making::of(&set, false));
            }
        }
    }
}
