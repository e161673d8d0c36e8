//! A value of JSON, written anew by a program that lays it out another way.

use super::{Made, Reach, Slot, how};
use crate::cause::Cause;

/// How deep it may be.
const DEEPEST: usize = 32;

pub(super) fn add<'d>(made: &mut Made<'d>, name: &'d str, value: &'d str) {
    let Some(tree) = Reader { text: value, at: 0 }.document() else { return };
    let mut known = vec![value.to_owned()];
    for (written, layout, sorted) in [
        ("compact", COMPACT, false),
        ("with blanks", SPACED, false),
        ("compact, keys sorted", COMPACT, true),
        ("with blanks, keys sorted", SPACED, true),
    ] {
        let mut new = String::with_capacity(value.len() * 2);
        tree.write(&mut new, layout, sorted);
        if !known.contains(&new) {
            known.push(new.clone());
            let cause = (Cause::ValuesJsonEscaped, how(written));
            made.one(cause, (Slot::Value, Reach::Part), name, move |_| new.clone());
        }
    }
}

/// Between a key and its value, and between members.
type Layout = (&'static str, &'static str);
const COMPACT: Layout = (":", ",");
/// As Python writes it.
const SPACED: Layout = (": ", ", ");

/// Texts and numbers are kept as they are written.
enum Tree<'v> {
    Object(Vec<(&'v str, Tree<'v>)>),
    Array(Vec<Tree<'v>>),
    Word(&'v str),
}

impl Tree<'_> {
    fn write(&self, out: &mut String, layout: Layout, sorted: bool) {
        let (colon, comma) = layout;
        match self {
            Self::Word(word) => out.push_str(word),
            Self::Array(items) => {
                out.push('[');
                for (at, item) in items.iter().enumerate() {
                    out.push_str(if at == 0 { "" } else { comma });
                    item.write(out, layout, sorted);
                }
                out.push(']');
            }
            Self::Object(members) => {
                let mut members: Vec<_> = members.iter().collect();
                if sorted {
                    members.sort_by_key(|(key, _)| *key);
                }
                out.push('{');
                for (at, (key, value)) in members.into_iter().enumerate() {
                    out.push_str(if at == 0 { "" } else { comma });
                    out.push_str(key);
                    out.push_str(colon);
                    value.write(out, layout, sorted);
                }
                out.push('}');
            }
        }
    }
}

struct Reader<'v> {
    text: &'v str,
    at: usize,
}

impl<'v> Reader<'v> {
    fn document(mut self) -> Option<Tree<'v>> {
        let tree = self.value(0)?;
        self.blanks();
        (self.at == self.text.len()).then_some(tree)
    }

    fn blanks(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
    }

    /// Takes `sign` if it stands here, blanks before it.
    fn takes(&mut self, sign: char) -> bool {
        self.blanks();
        let here = self.text[self.at..].starts_with(sign);
        self.at += if here { sign.len_utf8() } else { 0 };
        here
    }

    fn value(&mut self, depth: usize) -> Option<Tree<'v>> {
        if depth > DEEPEST {
            return None;
        }
        if self.takes('{') {
            let mut members = Vec::new();
            while !self.takes('}') {
                if !members.is_empty() && !self.takes(',') {
                    return None;
                }
                let key = self.string()?;
                if !self.takes(':') {
                    return None;
                }
                members.push((key, self.value(depth + 1)?));
            }
            Some(Tree::Object(members))
        } else if self.takes('[') {
            let mut items = Vec::new();
            while !self.takes(']') {
                if !items.is_empty() && !self.takes(',') {
                    return None;
                }
                items.push(self.value(depth + 1)?);
            }
            Some(Tree::Array(items))
        } else if self.text[self.at..].starts_with('"') {
            self.string().map(Tree::Word)
        } else {
            let rest = &self.text[self.at..];
            let len = rest.find([',', ']', '}', ' ', '\t', '\r', '\n', '"', ':']).unwrap_or(rest.len());
            self.at += len;
            (len > 0).then(|| Tree::Word(&rest[..len]))
        }
    }

    /// A text with its quotes.
    fn string(&mut self) -> Option<&'v str> {
        self.blanks();
        let rest = &self.text[self.at..];
        let inside = rest.strip_prefix('"')?;
        let mut escaped = false;
        let end = inside.find(|letter| {
            let ends = letter == '"' && !escaped;
            escaped = letter == '\\' && !escaped;
            ends
        })?;
        self.at += end + 2;
        Some(&rest[..end + 2])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str, layout: Layout, sorted: bool) -> Option<String> {
        let mut out = String::new();
        Reader { text, at: 0 }.document()?.write(&mut out, layout, sorted);
        Some(out)
    }

    #[test]
    fn json_is_laid_out_anew_and_its_texts_stay() {
        let text = r#"{ "b":[1, {"y":"a , \" : b"}],"a": "\u5c0f" ,"c":1.50}"#;
        for (layout, sorted, expected) in [
            (COMPACT, false, r#"{"b":[1,{"y":"a , \" : b"}],"a":"\u5c0f","c":1.50}"#),
            (SPACED, false, r#"{"b": [1, {"y": "a , \" : b"}], "a": "\u5c0f", "c": 1.50}"#),
            (COMPACT, true, r#"{"a":"\u5c0f","b":[1,{"y":"a , \" : b"}],"c":1.50}"#),
        ] {
            assert_eq!(written(text, layout, sorted).as_deref(), Some(expected));
        }
    }

    #[test]
    fn what_is_no_json_is_left_alone() {
        let deep = "[".repeat(100_000);
        for text in ["", "{", "{\"a", "{\"a\"}", "{\"a\":}", "[1,]x", "{}{}", "{\"a\\", &deep] {
            assert_eq!(written(text, COMPACT, false), None, "{:?}", text.get(..9));
        }
    }
}
