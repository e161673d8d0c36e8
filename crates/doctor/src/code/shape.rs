//! Which bracket belongs to which, and which function a word stands in.

use super::token::{Kind, Scan, Token};

/// A stretch of tokens: from the first to before the second.
pub(super) type Span = (usize, usize);

const NONE: u32 = u32::MAX;

/// How far is looked out through brackets and back for the head of a function.
const FAR: usize = 48;

/// Statements with a bracket and a block that are no functions.
const STATEMENTS: &[&str] =
    &["if", "for", "while", "switch", "catch", "foreach", "with", "synchronized", "using", "lock"];

pub(super) struct Shape {
    partner: Vec<u32>,
    parent: Vec<u32>,
    /// Python's functions.
    defs: Vec<Span>,
}

impl Shape {
    pub(super) fn new(scan: &Scan<'_>) -> Self {
        let partner = partners(&scan.tokens);
        let mut parent = vec![NONE; scan.tokens.len()];
        let mut stack: Vec<u32> = Vec::new();
        for index in 0..scan.tokens.len() {
            let number = u32::try_from(index).unwrap_or(NONE);
            let other = partner[index];
            let closes = other != NONE && other < number;
            if closes {
                stack.pop();
            }
            parent[index] = stack.last().copied().unwrap_or(NONE);
            if other != NONE && !closes {
                stack.push(number);
            }
        }
        Self { partner, parent, defs: defs(scan) }
    }

    /// The other bracket of a pair.
    pub(super) fn partner(&self, index: usize) -> Option<usize> {
        self.partner.get(index).filter(|other| **other != NONE).map(|other| *other as usize)
    }

    /// The bracket that a token stands directly in.
    pub(super) fn parent(&self, index: usize) -> Option<usize> {
        self.parent.get(index).filter(|other| **other != NONE).map(|other| *other as usize)
    }

    /// The token after `index` at its level: behind the bracket that may open there.
    pub(super) fn next(&self, index: usize) -> usize {
        self.partner(index).filter(|close| *close > index).unwrap_or(index) + 1
    }

    /// What stands in a bracket, split at its commas. None of it has brackets of its own cut apart.
    pub(super) fn entries(&self, scan: &Scan<'_>, open: usize) -> Vec<Span> {
        let mut list = Vec::new();
        let Some(close) = self.partner(open).filter(|close| *close > open) else { return list };
        let (mut start, mut at) = (open + 1, open + 1);
        while at < close {
            if scan.is(at, ",") {
                list.push((start, at));
                start = at + 1;
            }
            at = self.next(at);
        }
        list.push((start, close));
        list.retain(|(start, end)| start < end);
        list
    }

    /// The function that a token stands in, its head included. A function given as an argument belongs to the one
    /// around it, if there is one.
    pub(super) fn function_of(&self, scan: &Scan<'_>, index: usize) -> Option<Span> {
        let mut found = self.def_of(index);
        let mut at = index;
        for _ in 0..FAR {
            let Some(open) = self.parent(at) else { break };
            if let Some(head) = self.head(scan, open) {
                let close = self.partner(open).unwrap_or(open);
                let argument = self.parent(open).is_some_and(|around| scan.is(around, "("));
                found = Some((head, close + 1));
                if !argument {
                    break;
                }
            }
            at = open;
        }
        found
    }

    fn def_of(&self, index: usize) -> Option<Span> {
        let until = self.defs.partition_point(|(start, _)| *start <= index);
        self.defs[..until].iter().rev().take(FAR).find(|(_, end)| index < *end).copied()
    }

    /// Where the head of a function begins, if the bracket at `open` is a function's.
    fn head(&self, scan: &Scan<'_>, open: usize) -> Option<usize> {
        if !scan.is(open, "{") {
            return None;
        }
        let mut at = open;
        for _ in 0..12 {
            at = at.checked_sub(1)?;
            let token = scan.get(at)?;
            if token.is(")") {
                let opening = self.partner(at)?;
                let name = opening.checked_sub(1).and_then(|before| scan.get(before));
                let statement =
                    name.is_some_and(|name| name.kind == Kind::Ident && STATEMENTS.contains(&name.text));
                return (!statement).then_some(opening.saturating_sub(1));
            }
            let in_a_head = token.is_any(&["=>", ":", "<", ">", ",", ".", "?", "[", "]", "*", "|"]);
            if !in_a_head && token.kind != Kind::Ident {
                return None;
            }
            if token.is_word("else") || token.is_word("try") || token.is_word("class") {
                return None;
            }
            if token.is("=>")
                && at
                    .checked_sub(1)
                    .and_then(|before| scan.get(before))
                    .is_some_and(|before| before.kind == Kind::Ident)
            {
                return Some(at - 1);
            }
        }
        None
    }
}

fn partners(tokens: &[Token<'_>]) -> Vec<u32> {
    let mut partner = vec![NONE; tokens.len()];
    let mut stack: Vec<(u32, &str)> = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        let number = u32::try_from(index).unwrap_or(NONE);
        if token.is_any(&["(", "[", "{"]) {
            stack.push((number, token.text));
        }
        let wanted = match token.text {
            ")" if token.kind == Kind::Punct => "(",
            "]" if token.kind == Kind::Punct => "[",
            "}" if token.kind == Kind::Punct => "{",
            _ => continue,
        };
        // What was never closed is passed over, but not the whole text for one bracket too many.
        if let Some(depth) = stack.iter().rev().take(16).position(|(_, open)| *open == wanted) {
            let place = stack.len() - 1 - depth;
            let open = stack[place].0;
            stack.truncate(place);
            partner[index] = open;
            partner[open as usize] = number;
        }
    }
    partner
}

/// Functions of Python: `def` at the start of a line, up to the next line that is indented no deeper.
fn defs(scan: &Scan<'_>) -> Vec<Span> {
    let mut list: Vec<Span> = Vec::new();
    let mut open: Vec<(usize, usize)> = Vec::new();
    let mut line = 0;
    let indent = |token: &Token<'_>| {
        let before = &scan.src[..token.start];
        before.len() - before.rfind('\n').map_or(0, |at| at + 1)
    };
    if !scan.tokens.iter().any(|token| token.is_word("def")) {
        return list;
    }
    for (index, token) in scan.tokens.iter().enumerate() {
        if token.line == line {
            continue;
        }
        line = token.line;
        // A line that begins inside brackets or with a closing one belongs to what is above.
        if token.is_any(&[")", "]", "}"]) {
            continue;
        }
        let depth = indent(token);
        while let Some((place, _)) = open.last().copied().filter(|(_, own)| depth <= *own) {
            list[place].1 = index;
            open.pop();
        }
        let async_def = token.is_word("async") && scan.get(index + 1).is_some_and(|next| next.is_word("def"));
        if (token.is_word("def") || async_def) && open.len() < FAR {
            open.push((list.len(), depth));
            list.push((index, scan.tokens.len()));
        }
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    fn function(src: &str, word: &str) -> String {
        let scan = Scan::new(src);
        let shape = Shape::new(&scan);
        let at = scan.tokens.iter().position(|token| token.text == word).unwrap();
        let Some((start, end)) = shape.function_of(&scan, at) else { return "none".into() };
        src[scan.tokens[start].start..scan.tokens[end - 1].end].to_owned()
    }

    #[test]
    fn functions_of_five_languages_are_found() {
        for (src, expected) in [
            ("class A { b(c) { d.map(e => { X }); } f() {} }", "b(c) { d.map(e => { X }); }"),
            (
                "public String a(B b) throws C { if (d) { X; } } int e() {}",
                "a(B b) throws C { if (d) { X; } }",
            ),
            (
                "func a(b string) string { for _, k := range c { X } }\nfunc d() {}",
                "a(b string) string { for _, k := range c { X } }",
            ),
            (
                "def a(b):\n    for c in d:\n        X\n\n    return e\nf = 1",
                "def a(b):\n    for c in d:\n        X\n\n    return e",
            ),
            ("router.post('/n', async (ctx) => { X })", "(ctx) => { X }"),
            ("if (a) { X }", "none"),
            ("{ ( X", "none"),
        ] {
            let found = function(src, "X");
            assert!(found.ends_with(expected), "{src}: {found}");
        }
    }

    #[test]
    fn a_bracket_too_many_spoils_nothing() {
        let scan = Scan::new("a( [ b } ) c { d }");
        let shape = Shape::new(&scan);
        let at = |word: &str| scan.tokens.iter().position(|token| token.text == word).unwrap();
        assert_eq!(shape.partner(at("(")), Some(at(")")));
        assert_eq!(shape.parent(at("d")), Some(at("{")));
        assert_eq!(shape.parent(at("c")), None);
    }
}
