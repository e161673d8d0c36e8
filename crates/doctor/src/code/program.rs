//! A text taken apart: its words, its brackets, its parameters.

use super::pairs::{Group, Value, groups, statement_end};
use super::shape::{Shape, Span};
use super::token::{Kind, Scan, Token};

pub(super) struct Program<'t> {
    pub(super) src: &'t str,
    pub(super) scan: Scan<'t>,
    pub(super) shape: Shape,
    pub(super) groups: Vec<Group<'t>>,
}

/// Words that only stand in what is about paying with WeChat.
const SIGNALS: &[&str] = &[
    "out_trade_no",
    "mch_id",
    "nonce_str",
    "nonceStr",
    "prepay_id",
    "unifiedorder",
    "paySign",
    "requestPayment",
    "chooseWXPay",
    "WeixinJSBridge",
    "wxpay",
    "WxPay",
    "WXPay",
    "wechat",
    "weixin",
    "微信",
    "&key=",
    "jscode2session",
];

pub(super) fn is_about_wechat_pay(text: &str) -> bool {
    let names = ["stringSignTemp", "Sign", "签名"];
    let signs = text.contains("key=") && names.iter().any(|name| text.contains(name));
    // A string to sign whose `&` before the key was forgotten; others' have no appid beside a total_fee.
    let order = ["key=", "appid=", "total_fee="].iter().all(|name| text.contains(name));
    signs || order || SIGNALS.iter().any(|signal| text.contains(signal))
}

impl<'t> Program<'t> {
    pub(super) fn new(src: &'t str) -> Self {
        let scan = Scan::new(src);
        let shape = Shape::new(&scan);
        let groups = groups(&scan, &shape);
        Self { src, scan, shape, groups }
    }

    pub(super) fn tokens(&self, (start, end): Span) -> &[Token<'t>] {
        self.scan.tokens.get(start..end.min(self.scan.tokens.len())).unwrap_or(&[])
    }

    pub(super) fn all(&self) -> Span {
        (0, self.scan.tokens.len())
    }

    pub(super) fn is(&self, index: usize, sign: &str) -> bool {
        self.scan.is(index, sign)
    }

    pub(super) fn get(&self, index: usize) -> Option<&Token<'t>> {
        self.scan.get(index)
    }

    pub(super) fn back(&self, index: usize, steps: usize) -> Option<&Token<'t>> {
        index.checked_sub(steps).and_then(|at| self.scan.get(at))
    }

    /// Whether one of these names stands there.
    pub(super) fn has_word(&self, span: Span, words: &[&str]) -> bool {
        self.tokens(span).iter().any(|token| token.kind == Kind::Ident && words.contains(&token.text))
    }

    /// Whether a name there has one of these in it, without regard to case.
    pub(super) fn has_part(&self, span: Span, parts: &[&str]) -> bool {
        self.tokens(span).iter().any(|token| token.kind == Kind::Ident && has_part(token.text, parts))
    }

    /// Whether a text there has one of these in it.
    pub(super) fn says(&self, span: Span, parts: &[&str]) -> bool {
        self.tokens(span)
            .iter()
            .any(|token| token.kind == Kind::Str && parts.iter().any(|part| token.text.contains(part)))
    }

    /// The words as they stand in the text.
    pub(super) fn source(&self, span: Span) -> &'t str {
        let tokens = self.tokens(span);
        let (Some(first), Some(last)) = (tokens.first(), tokens.last()) else { return "" };
        self.src.get(first.start..last.end).unwrap_or("")
    }

    /// The rest of the line from a token on, short and without keys.
    pub(super) fn line_from(&self, at: usize) -> String {
        let rest = self.get(at).and_then(|token| self.src.get(token.start..)).unwrap_or_default();
        super::excerpt::value(rest.lines().next().unwrap_or_default())
    }

    /// The function around a token, or what stands around it.
    pub(super) fn region(&self, index: usize) -> Span {
        let around = (index.saturating_sub(300), (index + 300).min(self.scan.tokens.len()));
        self.shape.function_of(&self.scan, index).unwrap_or(around)
    }

    /// The arguments of the call whose bracket opens at `open`.
    pub(super) fn arguments(&self, open: usize) -> Vec<Span> {
        if self.is(open, "(") { self.shape.entries(&self.scan, open) } else { Vec::new() }
    }

    /// What a variable was last set to before `before`, in the same function or outside of any; looked for in the
    /// last thousand or so words only.
    pub(super) fn set_to(&self, name: &str, before: usize) -> Option<Span> {
        let home = self.shape.function_of(&self.scan, before).map_or(0, |span| span.0);
        let first = before.saturating_sub(1500);
        (first..before).rev().find_map(|at| {
            let named = self.get(at).is_some_and(|token| token.kind == Kind::Ident && token.text == name);
            let member = self.back(at, 1).is_some_and(|dot| dot.is_any(&[".", "->", "::"]));
            if !named || member {
                return None;
            }
            let sign = self.sets(at)?;
            let outside = self.shape.parent(at).is_none();
            (at >= home || outside).then(|| (sign + 1, statement_end(&self.scan, &self.shape, sign + 1)))
        })
    }

    /// The sign that sets the name at `at`: `a = …`, `const { a } = …`.
    fn sets(&self, at: usize) -> Option<usize> {
        let sign = |at: usize| self.get(at).is_some_and(|token| token.is_any(&["=", ":="]));
        if sign(at + 1) {
            return Some(at + 1);
        }
        let open = self.shape.parent(at).filter(|open| self.is(*open, "{"))?;
        let close = self.shape.partner(open)?;
        sign(close + 1).then_some(close + 1)
    }

    /// The expression behind a value; a variable is followed one step.
    pub(super) fn expression(&self, pair_token: usize, name: &str, value: Value<'t>) -> Option<Span> {
        let (start, end) = match value {
            Value::Expr(span) => span,
            Value::Same => return self.set_to(name, pair_token),
            _ => return None,
        };
        if end == start + 1
            && let Some(token) = self.get(start).filter(|token| token.kind == Kind::Ident)
        {
            return self.set_to(token.text, pair_token).or(Some((start, end)));
        }
        Some((start, end))
    }
}

pub(super) fn has_part(word: &str, parts: &[&str]) -> bool {
    let word = word.to_ascii_lowercase();
    parts.iter().any(|part| word.contains(part))
}
