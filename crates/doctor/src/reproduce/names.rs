//! Names in the place of those that the protocol does not have: what a program calls its own fields is nobody's business.
//!
//! A letter stands for a letter of the same kind, the same name always for the same other one in whatever capitals and
//! with whatever underscores: mistakes with the spelling and the order of names stay what they are.

use super::dummy::Dice;
use crate::cause::Proven;
use crate::document::Document;
use std::collections::{BTreeMap, HashSet};
use wxpay::api::fields::ALL;

/// Names that the protocol has beside those of its tables.
const ALSO: [&str; 8] =
    ["key", "sign", "paySign", "signType", "sub_appid", "sub_mch_id", "sub_openid", "ticket"];

/// So many other names are thought of for one, until one has its place among the others.
const ROLLS: u64 = 64;

/// Longer runs of digits are no number of a field.
const MOST_DIGITS: usize = 2;

/// The names of one document.
pub(super) struct Names {
    salt: u64,
    known: HashSet<String>,
    /// For the letters of a name which of the other ones was taken.
    rolls: BTreeMap<String, u64>,
}

/// The letters of a name.
fn letters(name: &str) -> String {
    name.chars().filter(|letter| letter.is_alphabetic()).flat_map(char::to_lowercase).collect()
}

/// The letters of every name that the protocol has.
fn known() -> HashSet<String> {
    let documented = ALL.iter().flat_map(|message| message.fields).map(|field| field.name);
    documented.chain(ALSO).map(letters).collect()
}

impl Names {
    pub(super) fn of(document: &Document<'_>, salt: u64) -> Self {
        let fields = document.fields.iter().chain(document.beside.unwrap_or_default());
        let mut own: Vec<&str> = fields.map(|(name, _)| name.as_str()).collect();
        own.sort_unstable();
        own.dedup();
        let mut names = Self { salt, known: known(), rolls: BTreeMap::new() };
        let (known, unknown): (Vec<&str>, Vec<&str>) = own.into_iter().partition(|name| names.is_known(name));
        for name in unknown {
            let place = |name: &str| known.partition_point(|other| *other < name);
            let fits = |roll: &u64| place(&names.other(name, *roll)) == place(name);
            let roll = (0..ROLLS).find(fits).unwrap_or_default();
            names.rolls.entry(letters(name)).or_insert(roll);
        }
        names
    }

    /// Whether everybody may see it: it is the protocol's, however it is spelt.
    fn is_known(&self, name: &str) -> bool {
        name.bytes().filter(u8::is_ascii_digit).count() <= 2 * MOST_DIGITS
            && self.known.contains(&letters(name))
    }

    /// The name in the place of this one.
    pub(super) fn name(&self, name: &str) -> String {
        if self.is_known(name) {
            return name.to_owned();
        }
        let roll = self.rolls.get(&letters(name)).copied().unwrap_or_default();
        self.other(name, roll)
    }

    fn other(&self, name: &str, roll: u64) -> String {
        let mut dice = Dice::new(self.salt ^ (roll << 8), &letters(name));
        let digits: String = name.chars().filter(char::is_ascii_digit).collect();
        let mut numbers = Dice::new(self.salt, &digits);
        let letter = |letter: char| match letter {
            '0'..='9' if digits.len() <= MOST_DIGITS => letter,
            '0'..='9' => numbers.other_in('0', 10, letter),
            'A'..='Z' => dice.other_in('a', 26, letter.to_ascii_lowercase()).to_ascii_uppercase(),
            'a'..='z' => dice.other_in('a', 26, letter),
            other if other.is_alphanumeric() => dice.other_in('a', 26, other),
            other => other,
        };
        name.chars().map(letter).collect()
    }

    /// The mistakes as they are with these names.
    pub(super) fn proven(&self, proven: &[Proven]) -> Vec<Proven> {
        let all = |names: &str| names.split(", ").map(|name| self.name(name)).collect::<Vec<_>>().join(", ");
        let param = |(name, said): &(&'static str, String)| match *name {
            "field" | "fields" | "from" | "to" => (*name, all(said)),
            _ => (*name, said.clone()),
        };
        let one = |one: &Proven| Proven { cause: one.cause, params: one.params.iter().map(param).collect() };
        proven.iter().map(one).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Kind;
    use wxpay::SignType;

    #[test]
    fn names_of_nobody_else_get_others_in_their_places() {
        let names = [
            "appid",
            "body",
            "coupon_fee_0",
            "nonce_str",
            "secret_customer_1",
            "secretCustomer2",
            "total_fee",
        ];
        let fields: Vec<_> = names.iter().map(|name| ((*name).to_owned(), "1".to_owned())).collect();
        let document = Document::new(Kind::Plain, &fields, "", SignType::Md5);
        let dummies = Names::of(&document, 0);
        let given: Vec<String> = names.iter().map(|name| dummies.name(name)).collect();
        for (name, given) in names.iter().zip(&given) {
            let own = name.starts_with("secret");
            assert_eq!(own, name != given, "{given}");
            assert!(!own || !given.to_lowercase().contains("secret"), "{given}");
        }
        let mut sorted = given.clone();
        sorted.sort();
        assert_eq!((&sorted[0], &sorted[6]), (&given[0], &given[6]), "{given:?}");
        let spelt = dummies.name("SECRET_CUSTOMER_1");
        assert_eq!(spelt, given[4].to_uppercase());
        let all = vec![("fields", "body, secret_customer_1".to_owned()), ("written", "secret".to_owned())];
        let proven = dummies.proven(&[Proven { cause: crate::Cause::FieldsLeftOut, params: all }]);
        assert_eq!(proven[0].params[0].1, format!("body, {}", given[4]));
        assert_eq!(proven[0].params[1].1, "secret");
    }
}
