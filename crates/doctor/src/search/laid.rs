//! A string laid out. Most mistakes are in one field, so that most strings of a search differ from another one in one
//! piece: they are put together from it, from the block on where they begin to differ.

use super::md5::BLOCK;
use crate::mistakes::Mistake;
use crate::recipe::{Entry, Order, Recipe};
use std::ops::Range;

/// A recipe's string, and where its pieces are.
pub(super) struct Laid<'d> {
    pub(super) recipe: Recipe<'d>,
    /// Up to where the key belongs.
    pub(super) bytes: Vec<u8>,
    /// The places in the recipe of the entries that enter, in their order.
    order: Vec<usize>,
    /// Where each of them ends in `bytes`.
    ends: Vec<usize>,
    /// What stands between them.
    between: Vec<u8>,
}

impl<'d> Laid<'d> {
    /// A recipe whose text is known; `None` where it cannot be put together from pieces.
    pub(super) fn new(recipe: Recipe<'d>, text: &str) -> Option<Self> {
        // Each piece by itself must have the bytes that it has in the whole.
        if recipe.is_whole() {
            return None;
        }
        let order = recipe.sorted();
        let between = recipe.bytes(recipe.join.between, false).into_owned();
        let (mut bytes, mut ends) = (Vec::with_capacity(text.len() + BLOCK), Vec::with_capacity(order.len()));
        let mut piece = String::new();
        for (number, at) in order.iter().enumerate() {
            if number > 0 {
                bytes.extend_from_slice(&between);
            }
            piece.clear();
            recipe.entries[*at].write(recipe.join.equals, &mut piece);
            bytes.extend_from_slice(&recipe.bytes(&piece, false));
            ends.push(bytes.len());
        }
        Some(Self { recipe, bytes, order, ends, between })
    }

    /// How many fields a mistake that is in all of them adds; `None` where what comes of it cannot be laid out.
    pub(super) fn adds(mistake: &Mistake<'d>, base: &Recipe<'d>) -> Option<usize> {
        let mut nothing = base.with(Vec::new());
        mistake.make(&mut nothing);
        (!nothing.is_whole()).then_some(nothing.entries.len())
    }

    /// Where a piece ends that has so many before it and itself; 0 for none.
    fn end(&self, pieces: usize) -> usize {
        pieces.checked_sub(1).map_or(0, |last| self.ends[last])
    }

    /// Pieces that follow each other, without what is before the first one.
    fn pieces(&self, pieces: Range<usize>) -> &[u8] {
        if pieces.is_empty() {
            return &[];
        }
        let between = if pieces.start > 0 { self.between.len() } else { 0 };
        &self.bytes[self.end(pieces.start) + between..self.end(pieces.end)]
    }

    /// The piece of an entry of the recipe, if it enters.
    fn piece_of(&self, entry: usize) -> Option<usize> {
        // Mostly they stand in the same order.
        if self.order.get(entry) == Some(&entry) {
            return Some(entry);
        }
        self.order.iter().position(|at| *at == entry)
    }

    /// Before which piece a new entry stands, where the piece `gone` is no more. `None` where it is not plain.
    fn place(&self, gone: Option<usize>, new: &Entry<'d>) -> Option<usize> {
        let (order, entries) = (self.recipe.order, &self.recipe.entries);
        if let Some(gone) = gone {
            let old = &entries[self.order[gone]];
            let stays = match order {
                Order::Document => old.place == new.place,
                Order::Value => false,
                _ => *old.name == *new.name,
            };
            if stays {
                return Some(gone);
            }
        }
        let at = self.order.partition_point(|at| order.compare(&entries[*at], new).is_lt());
        let mut behind = (at..self.order.len()).filter(|piece| Some(*piece) != gone);
        // Of two that are alike the one that is first in the recipe is first.
        let alike = behind.next().is_some_and(|next| order.compare(&entries[self.order[next]], new).is_eq());
        (!alike).then_some(at)
    }

    /// Writes the string in which the piece `gone` is no more and `new` is, before the piece that is given with it,
    /// over what `out` held: from a block's beginning on, `most` blocks behind the string's own at most. So many bytes
    /// before it are as they are here.
    fn put_together(
        &self,
        gone: Option<usize>,
        new: Option<(usize, &[u8])>,
        most: usize,
        out: &mut Vec<u8>,
    ) -> usize {
        let count = self.order.len();
        let place = new.map_or(count, |(place, _)| place);
        let (gone, kept) = gone.map_or((count, count), |gone| (gone, gone + 1));
        let same = self.end(gone.min(place));
        let before = (same / BLOCK).min(most) * BLOCK;
        out.clear();
        out.extend_from_slice(&self.bytes[before..same]);
        let mut any = gone.min(place) > 0;
        let mut put = |piece: &[u8], is: bool| {
            if is {
                out.extend_from_slice(if any { &self.between } else { &[] });
                out.extend_from_slice(piece);
                any = true;
            }
        };
        let (first, second) =
            if place <= gone { (place..place, place..gone) } else { (kept..place, gone..gone) };
        let last = kept.max(place).min(count)..count;
        put(self.pieces(first.clone()), !first.is_empty());
        if let Some((_, new)) = new {
            put(new, true);
        }
        put(self.pieces(second.clone()), !second.is_empty());
        put(self.pieces(last.clone()), !last.is_empty());
        before
    }
}

/// A mistake in one field, and what becomes of that field where nothing else is wrong.
pub(super) struct Local<'d> {
    /// The field's place in the right recipe.
    gone: Option<usize>,
    new: Option<Entry<'d>>,
}

impl<'d> Local<'d> {
    /// `None` for a mistake that is not in one field.
    pub(super) fn of(mistake: &Mistake<'d>, base: &Recipe<'d>) -> Option<Self> {
        let name = mistake.field.as_deref()?;
        let (gone, mut alone) = base.only(name)?;
        mistake.make(&mut alone);
        (alone.entries.len() <= 1).then(|| Self { gone, new: alone.entries.pop() })
    }
}

/// How a string with one more mistake is come by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spliced {
    /// It has to be written as a whole.
    Not,
    /// It is the same.
    Same,
    /// So many bytes are the same, and the rest was put together.
    From(usize),
}

impl<'d> Laid<'d> {
    /// The string of this recipe with a mistake in one field that is made after all that is wrong here, its end in
    /// `out`. `base` is the right recipe.
    pub(super) fn then(
        &self,
        mistake: &Mistake<'d>,
        local: &Local<'d>,
        base: &Recipe<'d>,
        most: usize,
        out: &mut Vec<u8>,
    ) -> Spliced {
        let Some(name) = mistake.field.as_deref() else { return Spliced::Not };
        let mut named = self.recipe.entries.iter().enumerate().filter(|(_, entry)| *entry.name == *name);
        let here = named.next();
        if named.next().is_some() {
            return Spliced::Not;
        }
        let gone = here.and_then(|(at, _)| self.piece_of(at));
        let as_before = match (here, local.gone) {
            (None, None) => true,
            (Some((_, here)), Some(before)) => here.is(&base.entries[before]),
            _ => false,
        };
        if as_before {
            return self.spliced(gone, local.new.as_ref(), most, out);
        }
        let Some((_, mut alone)) = self.recipe.only(name) else { return Spliced::Not };
        mistake.make(&mut alone);
        if alone.entries.len() > 1 {
            return Spliced::Not;
        }
        self.spliced(gone, alone.entries.first(), most, out)
    }

    /// The same where the mistake in one field is made before `whole`, which is all that is wrong here and adds so many
    /// fields.
    pub(super) fn before(
        &self,
        (whole, adds): (&Mistake<'d>, usize),
        local: &Local<'d>,
        base: &Recipe<'d>,
        most: usize,
        out: &mut Vec<u8>,
    ) -> Spliced {
        let mut alone = base.with(local.new.iter().cloned().collect());
        whole.make(&mut alone);
        let left = alone.entries.len().saturating_sub(adds);
        alone.entries.truncate(left);
        if left > 1 {
            return Spliced::Not;
        }
        let place = local.gone.map(|gone| base.entries[gone].place);
        let here = place.and_then(|place| self.recipe.entries.iter().position(|entry| entry.place == place));
        self.spliced(here.and_then(|at| self.piece_of(at)), alone.entries.first(), most, out)
    }

    fn spliced(
        &self,
        gone: Option<usize>,
        new: Option<&Entry<'d>>,
        most: usize,
        out: &mut Vec<u8>,
    ) -> Spliced {
        let Some(new) = new.filter(|new| new.enters()) else {
            return match gone {
                Some(_) => Spliced::From(self.put_together(gone, None, most, out)),
                None => Spliced::Same,
            };
        };
        let Some(place) = self.place(gone, new) else { return Spliced::Not };
        let mut text = String::with_capacity(new.name.len() + new.value.len() + 4);
        new.write(self.recipe.join.equals, &mut text);
        let piece = self.recipe.bytes(&text, false);
        if gone == Some(place) && self.pieces(place..place + 1) == &*piece {
            return Spliced::Same;
        }
        Spliced::From(self.put_together(gone, Some((place, &piece)), most, out))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Document, Kind};
    use crate::mistakes;
    use wxpay::SignType;

    type Pairs = Vec<(String, String)>;

    /// Documents that most mistakes have something to do with.
    fn documents() -> Vec<(Kind, Pairs, Pairs)> {
        let fields = |text: &str| -> Pairs {
            let pairs = text.split('|').filter_map(|pair| pair.split_once('='));
            pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
        };
        let order = "sub_mch_id=1900000109|total_fee=0015|body= 支付 & <a>小 |attach=|appid=wx2421b1c4370ec43b|\
            mch_id=10000100|Z=0|nonce_str=9|a10=1|a9=3|detail={\"a\": \"小\", \"b\":[1.50,2]}|\
            notify_url=https://example.com/?a=%E5%B0%8F&b=c d|sub_appid=|coupon_fee_0=1.50|coupon_id_0=1";
        let beside = "prepay_id=wx20|sign=0A|mch_id=7|extra=1|nonceStr=8|timestamp=2";
        let page = "timeStamp=1414561699|nonceStr=5K8|package=prepay_id=wx2|signType=MD5|appId=wx24";
        let app = "appid=wx24|partnerid=19|prepayid=wx2|package=Sign=WXPay|noncestr=5K8|timestamp=1412";
        let config = "jsapi_ticket=sM4|noncestr=Wm3|timestamp=1414|url=http://a.cn/b?c=d e&f=小#g";
        vec![
            (Kind::Plain, fields(order), Vec::new()),
            (Kind::Plain, fields("a=1|sign_type=|b=|c=0|detail=[]|x= "), fields(beside)),
            (Kind::Jsapi, fields(page), fields(beside)),
            (Kind::App, fields(app), fields(beside)),
            (Kind::Jssdk, fields(config), Vec::new()),
        ]
    }

    /// What is put together is what is written when both mistakes are made one after the other. Whoever adds a mistake
    /// that looks at more than one field says so in `Mistake::is_apart`.
    #[test]
    fn what_is_put_together_is_what_both_mistakes_make() {
        for (kind, fields, beside) in documents() {
            let mut document = Document::new(kind, &fields, "", SignType::Md5);
            document.beside = (!beside.is_empty()).then_some(&beside);
            let base = Recipe::right(&document);
            let mut all = mistakes::all(&document, &[(0, "ABC".to_owned())]);
            all.sort_by_key(|mistake| mistake.slot);
            let (mut text, mut out, mut spliced) = (String::new(), Vec::new(), 0);
            for (at, one) in all.iter().enumerate() {
                let mut begun = base.clone();
                one.make(&mut begun);
                begun.write(&mut text);
                let Some(laid) = Laid::new(begun.clone(), &text) else { continue };
                assert_eq!(begun.bytes(&text, true), laid.bytes, "{:?}", one.proven);
                let Some(adds) = Laid::adds(one, &base) else { continue };
                for (place, other) in all.iter().enumerate().filter(|(_, other)| one.agrees(other)) {
                    let Some(local) = Local::of(other, &base) else { continue };
                    let (mut both, most) = (base.clone(), place % 5);
                    let how = if place > at {
                        one.make(&mut both);
                        other.make(&mut both);
                        laid.then(other, &local, &base, most, &mut out)
                    } else if one.is_apart() {
                        other.make(&mut both);
                        one.make(&mut both);
                        laid.before((one, adds), &local, &base, most, &mut out)
                    } else {
                        continue;
                    };
                    both.write(&mut text);
                    let whole = both.bytes(&text, true);
                    let said = format!("{:?} {:?} {how:?}", one.proven, other.proven);
                    match how {
                        Spliced::Not => continue,
                        Spliced::Same => assert_eq!(*whole, laid.bytes, "{said}"),
                        Spliced::From(before) => {
                            assert!(before <= most * BLOCK && before.is_multiple_of(BLOCK));
                            let together = [&laid.bytes[..before], &out].concat();
                            assert_eq!(*whole, together, "{said}");
                        }
                    }
                    spliced += 1;
                }
            }
            assert!(spliced > 100, "{kind:?}: {spliced}");
        }
    }
}
