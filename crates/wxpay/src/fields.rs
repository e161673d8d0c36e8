use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;

/// A field of a flat document.
#[derive(Clone, PartialEq, Eq)]
pub struct Field<'a> {
    /// The name, as written: names are case-sensitive.
    pub name: Cow<'a, str>,
    /// The value with entities and CDATA undone: what is signed.
    pub value: Cow<'a, str>,
}

/// A flat document: named values, each name once, in the order of the document.
///
/// This is what is signed, sent, received and verified. Fields nobody has heard of are kept like all others,
/// because they belong to the signature.
#[derive(Clone, Default)]
pub struct Fields<'a> {
    list: Vec<Field<'a>>,
    /// Indices into `list` by the bytes of the names: signing and look-up need that order. Empty where `list` itself
    /// has it, as most documents have.
    sorted: Vec<u16>,
}

/// Why a field was not taken into a document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FieldsError {
    /// A second field of the same name. Two readers would disagree about which one counts.
    #[error("the field {name} stands in the document twice")]
    Duplicate {
        /// The name.
        name: String,
    },
    /// More than 256 fields.
    #[error("a document has at most 256 fields")]
    TooMany,
    /// The name is not one XML element name of letters, digits, `_`, `-` and `.`.
    #[error("{name:?} cannot be the name of a field")]
    Name {
        /// The name.
        name: String,
    },
    /// The value has a character that XML cannot carry, such as NUL.
    #[error("the field {name} has a control character at byte {at}, which XML cannot carry")]
    Character {
        /// The field.
        name: String,
        /// Byte offset into the value.
        at: usize,
    },
}

/// Most fields a document may have.
pub(crate) const MAX_FIELDS: usize = 256;

pub(crate) fn is_name(name: &str) -> bool {
    let first = name.as_bytes().first();
    first.is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_')
        && name.len() <= 128
        && name.bytes().all(is_name_byte)
}

/// Whether it can be part of a name.
pub(crate) const fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

/// Whether XML 1.0 allows the character.
pub(crate) fn is_xml_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

impl<'a> Fields<'a> {
    /// A document without fields.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a list in which each name is greater than the one before.
    pub(crate) fn from_ascending(list: Vec<Field<'a>>) -> Self {
        debug_assert!(list.windows(2).all(|pair| pair[0].name.as_bytes() < pair[1].name.as_bytes()));
        Self { list, sorted: Vec::new() }
    }

    /// Takes a list that was read from a document. `Err` gives it back with the index of the second of two equal
    /// names.
    pub(crate) fn from_list(list: Vec<Field<'a>>) -> Result<Self, (Vec<Field<'a>>, usize)> {
        debug_assert!(list.len() <= MAX_FIELDS);
        // WeChat sends fields in order or nearly so. If they ascend, no two are equal either.
        if list.windows(2).all(|pair| pair[0].name.as_bytes() < pair[1].name.as_bytes()) {
            return Ok(Self::from_ascending(list));
        }
        let mut sorted: Vec<u16> = (0..).take(list.len()).collect();
        let name = |index: u16| list[usize::from(index)].name.as_bytes();
        sorted.sort_by(|a, b| name(*a).cmp(name(*b)));
        let twin = sorted.windows(2).filter(|pair| name(pair[0]) == name(pair[1]));
        if let Some(second) = twin.map(|pair| usize::from(pair[1])).min() {
            return Err((list, second));
        }
        Ok(Self { list, sorted })
    }

    /// Adds a field at the end.
    ///
    /// # Errors
    /// [`FieldsError`] for a name that stands here already or is no element name, a value with a character
    /// that XML cannot carry, or the 257th field.
    pub fn add(
        &mut self,
        name: impl Into<Cow<'a, str>>,
        value: impl Into<Cow<'a, str>>,
    ) -> Result<(), FieldsError> {
        let (name, value) = (name.into(), value.into());
        if self.list.len() >= MAX_FIELDS {
            return Err(FieldsError::TooMany);
        }
        if !is_name(&name) {
            return Err(FieldsError::Name { name: name.into_owned() });
        }
        if let Some((at, _)) = value.char_indices().find(|(_, c)| !is_xml_char(*c)) {
            return Err(FieldsError::Character { name: name.into_owned(), at });
        }
        match self.position(&name) {
            Ok(_) => Err(FieldsError::Duplicate { name: name.into_owned() }),
            Err(place) => {
                let index = u16::try_from(self.list.len()).map_err(|_| FieldsError::TooMany)?;
                if place < self.list.len() {
                    self.order_apart();
                }
                if !self.sorted.is_empty() {
                    self.sorted.insert(place, index);
                }
                self.list.push(Field { name, value });
                Ok(())
            }
        }
    }

    /// Writes the order down, before `list` loses it.
    fn order_apart(&mut self) {
        if self.sorted.is_empty() {
            self.sorted = (0..).take(self.list.len()).collect();
        }
    }

    /// The index in `list` of the field that stands at `place` by its name.
    fn index(&self, place: usize) -> usize {
        self.sorted.get(place).map_or(place, |index| usize::from(*index))
    }

    /// The place of the name in their order, or where it belongs.
    fn position(&self, name: &str) -> Result<usize, usize> {
        let (mut from, mut to) = (0, self.list.len());
        while from < to {
            let middle = usize::midpoint(from, to);
            match self.list[self.index(middle)].name.as_bytes().cmp(name.as_bytes()) {
                Ordering::Less => from = middle + 1,
                Ordering::Greater => to = middle,
                Ordering::Equal => return Ok(middle),
            }
        }
        Err(from)
    }

    /// The value of the field, even if it is empty; `None` if there is no such field.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        // Nearly every document is so short that comparing lengths one after the other takes less than halving,
        // each step of which is a guess.
        if self.list.len() <= 64 {
            return self.list.iter().find(|field| *field.name == *name).map(|field| &*field.value);
        }
        let place = self.position(name).ok()?;
        Some(&self.list[self.index(place)].value)
    }

    /// The value of the field if there is one and it is not empty. To the protocol, empty is absent.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|value| !value.is_empty())
    }

    /// Takes the field out and gives its value.
    pub fn remove(&mut self, name: &str) -> Option<Cow<'a, str>> {
        let place = self.position(name).ok()?;
        let index = self.index(place);
        if !self.sorted.is_empty() {
            self.sorted.remove(place);
            for other in &mut self.sorted {
                *other -= u16::from(usize::from(*other) > index);
            }
        }
        Some(self.list.remove(index).value)
    }

    /// The fields in the order of the document.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.list.iter().map(|field| (&*field.name, &*field.value))
    }

    /// The fields by the bytes of their names: upper case before `_` before lower case.
    pub fn sorted(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.list.iter().enumerate().map(|(place, field)| {
            let field = if self.sorted.is_empty() { field } else { &self.list[self.index(place)] };
            (&*field.name, &*field.value)
        })
    }

    /// How many fields there are, empty ones included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The same document, independent of the bytes it was read from.
    #[must_use]
    pub fn into_owned(self) -> Fields<'static> {
        let own = |field: Field<'_>| Field {
            name: Cow::Owned(field.name.into_owned()),
            value: Cow::Owned(field.value.into_owned()),
        };
        Fields { list: self.list.into_iter().map(own).collect(), sorted: self.sorted }
    }
}

/// Equal documents have the same fields; their order does not matter to the protocol.
impl PartialEq for Fields<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.sorted().eq(other.sorted())
    }
}

impl Eq for Fields<'_> {}

/// Names only: values may hold what should not be seen, such as a payer's code.
impl fmt::Debug for Fields<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.list.iter().map(|field| &field.name)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(names: &[&'static str]) -> Fields<'static> {
        let mut fields = Fields::new();
        for name in names {
            fields.add(*name, *name).unwrap();
        }
        fields
    }

    #[test]
    fn both_orders() {
        let fields = fields(&["coupon_id_0", "b", "coupon_fee_0", "_x", "coupon_fee", "Z"]);
        let names = |pairs: &mut dyn Iterator<Item = (&str, &str)>| {
            pairs.map(|(name, _)| name.to_owned()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(names(&mut fields.iter()), "coupon_id_0 b coupon_fee_0 _x coupon_fee Z");
        assert_eq!(names(&mut fields.sorted()), "Z _x b coupon_fee coupon_fee_0 coupon_id_0");
    }

    #[test]
    fn removing_keeps_both_orders() {
        let mut fields = fields(&["c", "a", "d", "b"]);
        assert_eq!(fields.remove("a").as_deref(), Some("a"));
        assert_eq!(fields.remove("a"), None);
        assert_eq!(fields.iter().map(|(name, _)| name).collect::<String>(), "cdb");
        assert_eq!(fields.sorted().map(|(name, _)| name).collect::<String>(), "bcd");
        assert_eq!((fields.get("d"), fields.get("a"), fields.len()), (Some("d"), None, 3));
    }

    #[test]
    fn what_is_refused() {
        let mut fields = fields(&["a"]);
        assert_eq!(fields.add("a", "x"), Err(FieldsError::Duplicate { name: "a".into() }));
        for name in ["", "1a", "a b", "<", "支付", "a:b"] {
            assert_eq!(fields.add(name, "x"), Err(FieldsError::Name { name: name.into() }));
        }
        assert_eq!(fields.add("b", "x\0"), Err(FieldsError::Character { name: "b".into(), at: 1 }));
        assert!(fields.add("b", "微信 😀 \t\r\n").is_ok());
        for index in fields.len()..MAX_FIELDS {
            fields.add(format!("f{index}"), "x").unwrap();
        }
        assert_eq!(fields.add("g", "x"), Err(FieldsError::TooMany));
    }
}
