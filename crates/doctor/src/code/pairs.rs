//! Parameters wherever a program or a text gives them: in objects and maps, calls, assignments, XML in texts, query
//! strings, and lines of prose.

use super::names::{ORDER_SIGNS, WIRE, is_known, plain, same};
use super::shape::{Shape, Span};
use super::token::{Kind, Scan};
use std::collections::BTreeMap;

/// How a name is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// `name: value`
    Bare,
    /// `'name' => value`, `put("name", value)`
    Quoted,
    /// `a.name = value`
    Member,
    /// Of a type that may have another spelling on the wire: `Order{Name: value}`.
    Struct,
    /// `<name>value</name>` in a text.
    Tag,
    /// `name=value&…` in a text.
    Query,
    /// `name: value` in a line of prose.
    Prose,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value<'t> {
    /// A text as it stands.
    Text(&'t str),
    /// A number or another bare word.
    Bare(&'t str),
    /// Tokens of an expression.
    Expr(Span),
    /// The variable of the same name.
    Same,
    /// A place in a text that is filled in: `%s`, `{0}`, `$x`.
    Slot(&'t str),
    /// The rest of a line of prose.
    Prose(&'t str),
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Pair<'t> {
    pub(super) name: &'t str,
    /// Byte at which the name stands.
    pub(super) at: usize,
    /// Token in which or before which the name stands.
    pub(super) token: usize,
    pub(super) style: Style,
    pub(super) value: Value<'t>,
    /// The comment behind it.
    pub(super) note: Option<&'t str>,
    /// In CDATA.
    pub(super) wrapped: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    Object,
    Calls,
    Xml,
    Query,
    Prose,
}

/// What parameters are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// A request on the wire, or what is made from one.
    Order,
    /// What a page or mini program calls the payment with.
    Client,
    /// What an app calls it with.
    App,
    /// `wx.config`.
    Jssdk,
    Other,
}

#[derive(Clone, Debug)]
pub(super) struct Group<'t> {
    pub(super) origin: Origin,
    pub(super) pairs: Vec<Pair<'t>>,
    /// The call it is given to, such as `wx.requestPayment`.
    pub(super) callee: String,
    /// The variable that holds it; empty if none does.
    pub(super) variable: &'t str,
    /// The bracket it stands in.
    pub(super) open: Option<usize>,
    /// Whether something stands in it that is no parameter, or none that can be read.
    pub(super) unread: bool,
    /// What it is for.
    pub(super) purpose: Purpose,
}

/// Most parameters that are kept of a group, as many as a document may have.
const MOST: usize = 256;

impl<'t> Group<'t> {
    pub(super) fn new(origin: Origin) -> Self {
        let (callee, purpose) = (String::new(), Purpose::Other);
        Self { origin, pairs: Vec::new(), callee, variable: "", open: None, unread: false, purpose }
    }

    pub(super) fn get(&self, name: &str) -> Option<&Pair<'t>> {
        self.pairs.iter().find(|pair| same(pair.name, name))
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Whether it is what the payment is called with on the client.
    pub(super) fn is_call(&self) -> bool {
        ["requestPayment", "chooseWXPay", "WeixinJSBridge.invoke"]
            .iter()
            .any(|name| self.callee.ends_with(name))
    }

    fn judged(&self) -> Purpose {
        let names: Vec<String> = self.pairs.iter().map(|pair| plain(pair.name)).collect();
        let has = |name: &str| names.iter().any(|other| other == name);
        let v3 = ["amount", "payer", "description", "mchappid", "partnertradeno", "wxappid", "mchbillno"];
        let rsa = self.get("signType").is_some_and(|pair| pair.value == Value::Text("RSA"));
        if rsa || v3.into_iter().any(has) {
            return Purpose::Other;
        }
        if has("jsapilist") || has("jsapiticket") || has("signature") {
            return Purpose::Jssdk;
        }
        let lower =
            ["prepayid", "noncestr"].iter().all(|name| self.pairs.iter().any(|pair| pair.name == *name));
        if has("partnerid") || lower {
            return Purpose::App;
        }
        let client = ["timestamp", "noncestr", "package", "packagevalue", "signtype", "paysign"];
        if client.into_iter().filter(|name| has(name)).count() >= 3
            && (has("package") || has("packagevalue") || has("paysign"))
        {
            return Purpose::Client;
        }
        let exact = |known: &[&str]| self.pairs.iter().filter(|pair| known.contains(&pair.name)).count();
        let lower: Vec<&str> = WIRE.iter().copied().filter(|name| name.contains('_')).collect();
        if exact(&lower) >= 3 && exact(ORDER_SIGNS) >= 1 { Purpose::Order } else { Purpose::Other }
    }

    /// How many of its names are WeChat Pay's.
    pub(super) fn known(&self) -> usize {
        self.pairs.iter().filter(|pair| is_known(pair.name)).count()
    }
}

/// Every group of parameters, in the order of the text.
pub(super) fn groups<'t>(scan: &Scan<'t>, shape: &Shape) -> Vec<Group<'t>> {
    let mut finder = Finder { scan, shape, groups: Vec::new(), of_variable: BTreeMap::new() };
    for index in 0..scan.tokens.len() {
        finder.object(index);
        finder.put(index);
        finder.setter(index);
        finder.listed(index);
        finder.assigned(index);
    }
    let mut groups = finder.groups;
    groups.extend(super::texts::xml(scan));
    groups.extend(super::texts::queries(scan));
    groups.extend(super::texts::prose(scan, shape));
    for group in &mut groups {
        group.pairs.truncate(MOST);
    }
    groups.retain(|group| group.known() > 0);
    for group in &mut groups {
        group.purpose = group.judged();
    }
    groups.sort_by_key(|group| group.pairs.first().map(|pair| pair.at));
    groups
}

struct Finder<'s, 't> {
    scan: &'s Scan<'t>,
    shape: &'s Shape,
    groups: Vec<Group<'t>>,
    /// The group of a variable in a function.
    of_variable: BTreeMap<(&'t str, usize), usize>,
}

/// Calls that put a value under a name.
const PUTS: &[&str] = &[
    "put",
    "set",
    "add",
    "append",
    "Set",
    "Add",
    "SetValue",
    "setValue",
    "setParameter",
    "SetParameter",
    "setParam",
    "addParam",
    "AddParameter",
    "setField",
    "setString",
    "SetString",
    "Append",
    "insert",
    "store",
    "putIfAbsent",
];

/// The name under which others are put in that stand elsewhere.
pub(super) const OTHERS: &str = "...";

/// Words before a bracket that make it no type's.
const NOT_TYPES: &[&str] =
    &["return", "default", "await", "in", "of", "yield", "string", "interface", "any", "array"];

impl<'t> Finder<'_, 't> {
    fn home(&self, index: usize) -> usize {
        self.shape.function_of(self.scan, index).map_or(usize::MAX, |span| span.0)
    }

    fn value(&self, (start, end): Span) -> Value<'t> {
        let start =
            if self.scan.get(start).is_some_and(|token| token.is_word("await")) { start + 1 } else { start };
        let (from, to) = self.unwrapped((start, end));
        match (self.scan.get(from), to.saturating_sub(from)) {
            (Some(token), 1) if token.kind == Kind::Str => super::texts::whole_or_slot(token.text),
            (Some(token), 1) if token.kind == Kind::Number => Value::Bare(token.text),
            (Some(token), 1)
                if ["true", "false", "null", "undefined", "None", "nil"].contains(&token.text) =>
            {
                Value::Bare(token.text)
            }
            _ => Value::Expr((start, end)),
        }
    }

    /// A literal without what only changes its type: `{"x"}` of a list, `String("x")`, `"x".to_string()`, `u"x"`.
    fn unwrapped(&self, (start, end): Span) -> Span {
        let is = |at: usize, sign: &str| self.scan.is(at, sign);
        let literal =
            |at: usize| self.scan.get(at).is_some_and(|t| matches!(t.kind, Kind::Str | Kind::Number));
        let word = |at: usize, words: &[&str]| {
            self.scan.get(at).is_some_and(|t| t.kind == Kind::Ident && words.contains(&t.text))
        };
        let length = end.saturating_sub(start);
        let touches = || match (self.scan.get(start), self.scan.get(start + 1)) {
            (Some(prefix), Some(text)) => prefix.end == text.start,
            _ => false,
        };
        match length {
            // Objective-C's, and those of other languages.
            2 if is(start, "@") && literal(start + 1) => (start + 1, end),
            2 if word(start, &["u", "b", "r", "N", "L"]) && literal(start + 1) && touches() => {
                (start + 1, end)
            }
            3 if (is(start, "{") || is(start, "[")) && literal(start + 1) => (start + 1, start + 2),
            4 if word(start, &["String", "str", "strval", "string", "int", "Integer"])
                && is(start + 1, "(")
                && literal(start + 2) =>
            {
                (start + 2, start + 3)
            }
            // `"x".to_string()`, `[]string{"x"}`, `String.valueOf(1)`, `String::from("x")`.
            5 if literal(start)
                && is(start + 1, ".")
                && word(start + 2, &["to_string", "into", "to_owned", "toString"]) =>
            {
                (start, start + 1)
            }
            6 if is(start, "[") && word(start + 2, &["string"]) && literal(start + 4) => {
                (start + 4, start + 5)
            }
            6 if word(start, &["String", "strconv"])
                && word(start + 2, &["valueOf", "from", "Itoa"])
                && literal(start + 4) =>
            {
                (start + 4, start + 5)
            }
            _ => (start, end),
        }
    }

    fn pair(&self, token: usize, style: Style, value: Value<'t>, end: usize) -> Option<Pair<'t>> {
        let named = self.scan.get(token)?;
        let name = named.text.trim_start_matches('$');
        let at = named.inner;
        Some(Pair { name, at, token, style, value, note: self.scan.comment_after(end), wrapped: false })
    }

    /// `{ name: value }`, `[ 'name' => value ]`, `array(…)`, `dict(name=value)`.
    fn object(&mut self, open: usize) {
        let scan = self.scan;
        let before = open.checked_sub(1).and_then(|before| scan.get(before));
        let called = |names: &[&str]| {
            before.is_some_and(|token| token.kind == Kind::Ident && names.contains(&token.text))
        };
        let (brace, square, round) = (scan.is(open, "{"), scan.is(open, "["), scan.is(open, "("));
        let dict = round && called(&["dict", "Dict"]);
        if !(brace || square || (round && called(&["array"])) || dict) {
            return;
        }
        let Some(close) = self.shape.partner(open).filter(|close| *close > open) else { return };
        // Taken apart, not put together: `const { a, b } = c`.
        if brace && scan.is(close + 1, "=") {
            return;
        }
        let entries = self.shape.entries(scan, open);
        let typed = brace && before.is_some_and(|token| token.kind == Kind::Ident) && !called(NOT_TYPES);
        let mut group = Group::new(Origin::Object);
        for (start, end) in entries {
            if brace && self.has_statement(start, end) {
                return;
            }
            let spread = [("...", 1), ("*", 2)].into_iter().find(|(sign, _)| scan.is(start, sign));
            if let Some((_, length)) = spread.filter(|(sign, n)| scan.is(start + n - 1, sign)) {
                group.pairs.extend(self.spread((start + length, end)));
                continue;
            }
            let sign = |sign: &str| scan.is(start + 1, sign);
            let Some(first) = scan.get(start) else { continue };
            let named = matches!(first.kind, Kind::Ident | Kind::Str);
            let style = match first.kind {
                Kind::Str => Style::Quoted,
                _ if typed => Style::Struct,
                _ => Style::Bare,
            };
            let pair =
                if named && (sign("=>") || (!round && scan.get(start + 1).is_some_and(|t| t.is_colon()))) {
                    self.pair(start, style, self.value((start + 2, end)), end)
                } else if dict && named && sign("=") {
                    self.pair(start, Style::Quoted, self.value((start + 2, end)), end)
                } else if brace
                    && first.is("[")
                    && scan.is(start + 3, "=")
                    && self.shape.partner(start) == Some(start + 2)
                {
                    // Lua's.
                    self.pair(start + 1, Style::Quoted, self.value((start + 4, end)), end)
                } else if brace
                    && first.is("[")
                    && scan.get(start + 1).is_some_and(|name| name.kind == Kind::Str)
                    && scan.is(start + 3, ":")
                    && self.shape.partner(start) == Some(start + 2)
                {
                    self.pair(start + 1, Style::Quoted, self.value((start + 4, end)), end)
                } else if brace && first.is("{") && self.shape.partner(start) == Some(end - 1) {
                    self.couple(start, end)
                } else if brace && !typed && first.kind == Kind::Ident && end == start + 1 {
                    self.pair(start, Style::Bare, Value::Same, end)
                } else {
                    None
                };
            group.unread |= pair.is_none();
            group.pairs.extend(pair);
        }
        if group.pairs.is_empty() {
            return;
        }
        group.open = Some(open);
        group.callee = self.callee(open);
        let number = self.groups.len();
        if let Some(variable) = self.variable(open) {
            group.variable = variable;
            self.of_variable.insert((variable, self.home(open)), number);
        }
        self.groups.push(group);
    }

    /// What stands elsewhere and is put in whole: `...base`, `**base`.
    fn spread(&self, (start, end): Span) -> Option<Pair<'t>> {
        let token = self.scan.get(start)?;
        let (value, at, style) = (Value::Expr((start, end)), token.start, Style::Bare);
        Some(Pair { name: OTHERS, at, token: start, style, value, note: None, wrapped: false })
    }

    /// `Map.of("name", value, …)`, `[("name", value), …]`, `mapOf("name" to value, …)`.
    fn listed(&mut self, open: usize) {
        let scan = self.scan;
        let text = |at: usize| scan.get(at).is_some_and(|token| token.kind == Kind::Str);
        let (round, square) = (scan.is(open, "("), scan.is(open, "["));
        let (flat, coupled) = (round && text(open + 1), (round || square) && scan.is(open + 1, "("));
        if !(flat || coupled) || !(text(open + 1) || text(open + 2)) {
            return;
        }
        let entries = self.shape.entries(scan, open);
        let mut group = Group::new(Origin::Object);
        if coupled {
            for (start, _) in
                entries.iter().filter(|(start, end)| self.shape.partner(*start) == Some(end - 1))
            {
                group.pairs.extend(self.couple(*start, self.shape.next(*start)));
            }
        } else if scan.get(open + 2).is_some_and(|token| token.is_word("to")) {
            for (start, end) in entries.iter().filter(|(start, _)| text(*start)) {
                group.pairs.extend(self.pair(*start, Style::Quoted, self.value((start + 2, *end)), *end));
            }
        } else if scan.get(open.wrapping_sub(1)).is_some_and(|token| token.is_word("of")) {
            for two in entries.chunks_exact(2).filter(|two| text(two[0].0) && two[0].1 == two[0].0 + 1) {
                let (name, value) = (two[0].0, two[1]);
                group.pairs.extend(self.pair(name, Style::Quoted, self.value(value), value.1));
            }
        }
        if group.pairs.is_empty() {
            return;
        }
        group.open = Some(open);
        group.callee = self.callee(open);
        self.groups.push(group);
    }

    /// `request.setAppid("…")`, `$input->SetBody("…")`.
    fn setter(&mut self, index: usize) {
        let scan = self.scan;
        let Some(token) = scan.get(index).filter(|token| token.kind == Kind::Ident) else { return };
        let Some(name) = token.text.strip_prefix("set").or_else(|| token.text.strip_prefix("Set")) else {
            return;
        };
        let dotted =
            index.checked_sub(1).and_then(|dot| scan.get(dot)).is_some_and(|dot| dot.is_any(&[".", "->"]));
        if !dotted || !scan.is(index + 1, "(") || !is_known(name) {
            return;
        }
        let [(start, end)] = self.shape.entries(scan, index + 1)[..] else { return };
        let Some(receiver) = index.checked_sub(2).and_then(|at| scan.get(at)) else { return };
        let receiver = if receiver.kind == Kind::Ident { receiver.text } else { ")" };
        let value = self.value((start, end));
        let (at, style) = (token.start, Style::Struct);
        self.add(receiver, index, Pair { name, at, token: index, style, value, note: None, wrapped: false });
    }

    /// C#'s `{ "name", value }` in a dictionary.
    fn couple(&self, start: usize, end: usize) -> Option<Pair<'t>> {
        let text = self.scan.get(start + 1).is_some_and(|token| token.kind == Kind::Str)
            && self.scan.is(start + 2, ",");
        if text { self.pair(start + 1, Style::Quoted, self.value((start + 3, end - 1)), end) } else { None }
    }

    /// Whether a statement ends in it, so that the bracket holds no parameters.
    fn has_statement(&self, start: usize, end: usize) -> bool {
        let mut at = start;
        while at < end {
            if self.scan.is(at, ";") {
                return true;
            }
            at = self.shape.next(at);
        }
        false
    }

    /// The variable that is set to what begins at `open`.
    fn variable(&self, open: usize) -> Option<&'t str> {
        let back = |steps: usize| open.checked_sub(steps).and_then(|at| self.scan.get(at));
        let named = back(1).is_some_and(|token| token.is_word("array") || token.is_word("dict"));
        let at = if named { 2 } else { 1 };
        let sets = back(at).is_some_and(|token| token.is_any(&["=", ":="]));
        let name = back(at + 1)?;
        (sets && name.kind == Kind::Ident).then_some(name.text)
    }

    /// The call that a bracket is an argument of, as `wx.requestPayment`.
    fn callee(&self, open: usize) -> String {
        let Some(around) = self.shape.parent(open).filter(|around| self.scan.is(*around, "(")) else {
            return String::new();
        };
        let mut parts = Vec::new();
        let mut at = around;
        while parts.len() < 7 {
            let Some(token) = at.checked_sub(1).and_then(|before| self.scan.get(before)) else { break };
            let dot = token.is_any(&[".", "->", "::", "?."]);
            if !(dot || token.kind == Kind::Ident) || dot == (parts.len() % 2 == 0) {
                break;
            }
            parts.push(if dot { "." } else { token.text });
            at -= 1;
        }
        parts.reverse();
        parts.concat().trim_start_matches('.').to_owned()
    }

    /// `map.put("name", value)`.
    fn put(&mut self, index: usize) {
        let scan = self.scan;
        let puts =
            scan.get(index).is_some_and(|token| token.kind == Kind::Ident && PUTS.contains(&token.text));
        let dotted =
            index.checked_sub(1).and_then(|dot| scan.get(dot)).is_some_and(|dot| dot.is_any(&[".", "->"]));
        if !(puts && dotted && scan.is(index + 1, "(")) {
            return;
        }
        let named = scan.get(index + 2).is_some_and(|token| token.kind == Kind::Str);
        // Rust's `"name".to_string()`.
        let owned = scan.is(index + 3, ".") && scan.is(index + 5, "(") && scan.is(index + 6, ")");
        let comma = index + if owned { 7 } else { 3 };
        let Some(close) = self.shape.partner(index + 1).filter(|_| named && scan.is(comma, ",")) else {
            return;
        };
        let Some(receiver) = index.checked_sub(2).and_then(|at| scan.get(at)) else { return };
        let receiver = if receiver.kind == Kind::Ident { receiver.text } else { ")" };
        if let Some(pair) = self.pair(index + 2, Style::Quoted, self.value((comma + 1, close)), close) {
            self.add(receiver, index, pair);
        }
    }

    /// `a.name = value`, `a['name'] = value`.
    fn assigned(&mut self, index: usize) {
        let scan = self.scan;
        let Some(receiver) = scan.get(index).filter(|token| token.kind == Kind::Ident) else { return };
        let (name, sign, style) = if scan.is(index + 1, "[") && scan.is(index + 3, "]") {
            (index + 2, index + 4, Style::Quoted)
        } else if scan.is(index + 1, ".") || scan.is(index + 1, "->") {
            (index + 2, index + 3, Style::Member)
        } else {
            return;
        };
        let kind = if style == Style::Quoted { Kind::Str } else { Kind::Ident };
        if !(scan.is(sign, "=") && scan.get(name).is_some_and(|token| token.kind == kind)) {
            return;
        }
        let end = statement_end(scan, self.shape, sign + 1);
        if let Some(pair) = self.pair(name, style, self.value((sign + 1, end)), end) {
            self.add(receiver.text, index, pair);
        }
    }

    fn add(&mut self, receiver: &'t str, index: usize, pair: Pair<'t>) {
        let key = (receiver, self.home(index));
        let number = *self.of_variable.entry(key).or_insert_with(|| {
            self.groups.push(Group { variable: receiver, ..Group::new(Origin::Calls) });
            self.groups.len() - 1
        });
        if let Some(group) = self.groups.get_mut(number) {
            group.pairs.push(pair);
        }
    }
}

/// Before which token the statement ends that goes on at `start`.
pub(super) fn statement_end(scan: &Scan<'_>, shape: &Shape, start: usize) -> usize {
    let joins = ["+", ".", "?", ":", "&&", "||", "=", "(", "??", "->", "-", "*", "/", "|", "=>", ".="];
    let mut at = start;
    for _ in 0..200 {
        let Some(token) = scan.get(at) else { break };
        if token.is_any(&[";", ",", ")", "]", "}"]) {
            break;
        }
        let last = at.checked_sub(1).and_then(|before| scan.get(before));
        let new_line = at > start && last.is_some_and(|last| last.line < token.line);
        if new_line && !token.is_any(&joins) && !last.is_some_and(|last| last.is_any(&joins)) {
            break;
        }
        at = shape.next(at);
    }
    at.min(scan.tokens.len())
}
