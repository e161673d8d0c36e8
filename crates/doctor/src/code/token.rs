//! Words, texts and signs of a program in a language like C, or of prose with programs in it. Tolerant: whatever
//! stands there, every byte is passed once, and nothing is refused.

use super::lost::{Comments, resumes_at};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name, perhaps with `$`.
    Ident,
    /// Digits and what is glued to them.
    Number,
    /// A text in quotes, or a piece of a template.
    Str,
    /// A regular expression between slashes.
    Regex,
    /// An operator or bracket.
    Punct,
    /// A run of letters that are not ASCII.
    Text,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Token<'t> {
    pub(super) kind: Kind,
    /// What it says; of a text in quotes what is inside.
    pub(super) text: &'t str,
    /// Bytes from the start, quotes included.
    pub(super) start: usize,
    pub(super) end: usize,
    /// Where `text` begins.
    pub(super) inner: usize,
    /// From 1.
    pub(super) line: u32,
}

impl Token<'_> {
    pub(super) fn is(&self, sign: &str) -> bool {
        self.kind == Kind::Punct && self.text == sign
    }

    pub(super) fn is_any(&self, signs: &[&str]) -> bool {
        self.kind == Kind::Punct && signs.contains(&self.text)
    }

    pub(super) fn is_word(&self, word: &str) -> bool {
        self.kind == Kind::Ident && self.text == word
    }

    pub(super) fn is_colon(&self) -> bool {
        self.is_any(&[":", "："])
    }
}

/// A comment: where it stands, and how many tokens came before it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Comment<'t> {
    pub(super) text: &'t str,
    pub(super) after: usize,
}

pub(super) struct Scan<'t> {
    pub(super) src: &'t str,
    pub(super) tokens: Vec<Token<'t>>,
    pub(super) comments: Vec<Comment<'t>>,
    /// Where code goes on after a comment that never ended: line breaks that were lost.
    pub(super) lost: Vec<usize>,
    lines: Vec<usize>,
}

impl<'t> Scan<'t> {
    pub(super) fn new(src: &'t str) -> Self {
        let mut scanner = Scanner::new(src);
        while scanner.at < src.len() {
            scanner.step();
        }
        scanner.out
    }

    /// The line of a byte, from 1.
    pub(super) fn line_of(&self, at: usize) -> u32 {
        u32::try_from(self.lines.partition_point(|start| *start <= at)).unwrap_or(u32::MAX)
    }

    /// The lines with the bytes they start at.
    pub(super) fn lines(&self) -> impl Iterator<Item = (usize, &'t str)> {
        let ends = self.lines.iter().skip(1).copied().chain([self.src.len()]);
        self.lines.iter().zip(ends).map(|(start, end)| (*start, &self.src[*start..end]))
    }

    pub(super) fn get(&self, index: usize) -> Option<&Token<'t>> {
        self.tokens.get(index)
    }

    /// Whether the token at `index` is this sign.
    pub(super) fn is(&self, index: usize, sign: &str) -> bool {
        self.get(index).is_some_and(|token| token.is(sign))
    }

    /// The comment that follows right after `tokens` tokens, or after the comma behind them.
    pub(super) fn comment_after(&self, tokens: usize) -> Option<&'t str> {
        let first = self.comments.partition_point(|comment| comment.after < tokens);
        let last = tokens + usize::from(self.is(tokens, ","));
        self.comments[first..].first().filter(|comment| comment.after <= last).map(|comment| comment.text)
    }
}

/// Longer ones first.
const SIGNS: &[&str] = &[
    "===", "!==", "...", "**=", "<=>", "==", "!=", "=>", "->", "&&", "||", "::", ":=", "+=", "-=", ".=",
    "<=", ">=", "++", "--", "??", "?.", "<>",
];

/// Before what a slash begins a regular expression and a backtick a long text.
const BEFORE_VALUE: &[&str] =
    &["(", ",", "=", ":", "[", "!", "&&", "||", "?", "{", "}", ";", "=>", "+", "===", "==", ":=", ".", "+="];

/// Longest name of a text of several lines.
const NAME: usize = 64;

/// How often the end of such a text may be looked for in vain.
const MOST_ENDLESS: usize = 8;

struct Scanner<'t> {
    src: &'t str,
    at: usize,
    out: Scan<'t>,
    /// Brackets that are open, and the depths at which a template goes on.
    open: Vec<u8>,
    templates: Vec<usize>,
    /// How often the end of a text of several lines was looked for in vain.
    endless: usize,
    /// Up to where the search for the end of a `'`, `"`, backtick or block comment has failed.
    failed: [usize; 4],
    crowded: (usize, bool),
}

const fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$')
}

/// Signs of Chinese writing that separate words.
const fn is_wide_sign(c: char) -> bool {
    matches!(
        c,
        '：' | '，'
            | '。'
            | '；'
            | '（'
            | '）'
            | '、'
            | '“'
            | '”'
            | '‘'
            | '’'
            | '【'
            | '】'
            | '！'
            | '？'
    )
}

impl<'t> Scanner<'t> {
    fn new(src: &'t str) -> Self {
        let lines = std::iter::once(0).chain(src.match_indices('\n').map(|(at, _)| at + 1)).collect();
        let out = Scan { src, tokens: Vec::new(), comments: Vec::new(), lost: Vec::new(), lines };
        let (open, templates) = (Vec::new(), Vec::new());
        Self { src, at: 0, out, open, templates, endless: 0, failed: [0; 4], crowded: (0, false) }
    }

    fn byte(&self, at: usize) -> u8 {
        self.src.as_bytes().get(at).copied().unwrap_or(0)
    }

    fn rest(&self) -> &'t str {
        &self.src[self.at..]
    }

    fn push(&mut self, kind: Kind, text: &'t str, (start, end): (usize, usize), inner: usize) {
        let line = match self.out.tokens.last() {
            Some(last) if last.end <= start && !self.src[last.start..start].contains('\n') => last.line,
            _ => self.out.line_of(start),
        };
        self.out.tokens.push(Token { kind, text, start, end, inner, line });
    }

    /// Takes the next `bytes` bytes as a token.
    fn take(&mut self, kind: Kind, bytes: usize) {
        let (start, end) = (self.at, self.at + bytes);
        self.push(kind, &self.src[start..end], (start, end), start);
        self.at = end;
    }

    fn take_sign(&mut self, bytes: usize) {
        match self.byte(self.at) {
            opener @ (b'(' | b'[' | b'{') if self.open.len() < 4096 => self.open.push(opener),
            b')' | b']' | b'}' => {
                self.open.pop();
            }
            _ => {}
        }
        self.take(Kind::Punct, bytes);
    }

    fn step(&mut self) {
        let byte = self.byte(self.at);
        let next = self.byte(self.at + 1);
        let before = if self.at == 0 { b'\n' } else { self.byte(self.at - 1) };
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' => self.at += 1,
            b'<' if next == b'<' && self.long_text() => {}
            b'/' if next == b'/' && before != b':' => self.line_comment(),
            b'/' if next == b'*' => self.block_comment(),
            b'/' if self.value_may_follow() && next != b'>' => self.regex(),
            b'#' if before.is_ascii_whitespace() && next != b'[' => self.plain_comment(),
            b'\'' if before.is_ascii_alphabetic() && next.is_ascii_alphabetic() && !self.prefixed() => {
                self.take_sign(1);
            }
            b'\'' | b'"' => self.quoted(byte),
            b'`' => self.backtick(),
            b'\\' if matches!(next, b'\'' | b'"') => self.escaped_quote(next),
            b'}' if self.templates.last() == Some(&self.open.len()) => self.template_goes_on(),
            b'0'..=b'9' => self.number(),
            _ if is_word_byte(byte) => self.take(Kind::Ident, self.run(is_word_byte)),
            _ if byte.is_ascii() => self.sign(),
            _ => self.other(),
        }
    }

    /// Whether what stands right before is what a language puts before its quotes: `u'…'`, `f'…'`.
    fn prefixed(&self) -> bool {
        let last = self.out.tokens.last();
        last.is_some_and(|last| last.end == self.at && ["u", "b", "r", "f", "rb", "N"].contains(&last.text))
    }

    fn run(&self, belongs: fn(u8) -> bool) -> usize {
        self.rest().bytes().take_while(|byte| belongs(*byte)).count()
    }

    fn number(&mut self) {
        let bytes = self.run(|byte| is_word_byte(byte) || byte == b'.');
        self.take(Kind::Number, bytes);
    }

    fn sign(&mut self) {
        let long = SIGNS.iter().find(|sign| self.rest().starts_with(**sign));
        self.take_sign(long.map_or(1, |sign| sign.len()));
    }

    fn other(&mut self) {
        let rest = self.rest();
        let first = rest.chars().next().map_or(1, char::len_utf8);
        if rest.starts_with(is_wide_sign) {
            return self.take(Kind::Punct, first);
        }
        let bytes = rest.find(|c: char| c.is_ascii() || is_wide_sign(c)).unwrap_or(rest.len());
        self.take(Kind::Text, bytes.max(first));
    }

    /// From the list of lines: looking for it anew at every quote of a very long line takes the square of its length.
    fn line_end(&self) -> usize {
        let next = self.out.lines.partition_point(|start| *start <= self.at);
        self.out.lines.get(next).map_or(self.src.len(), |start| start - 1)
    }

    fn plain_comment(&mut self) {
        let end = self.line_end();
        self.comment(end);
    }

    fn comment(&mut self, end: usize) {
        let after = self.out.tokens.len();
        self.out.comments.push(Comment { text: &self.src[self.at..end], after });
        self.at = end;
    }

    /// Up to the end of the line, or to where code goes on because the line break was lost.
    fn line_comment(&mut self) {
        let end = if self.at < self.crowded.0 { self.crowded.0 } else { self.line_end() };
        if self.crowded.0 != end {
            let start = self.src[..self.at].rfind('\n').map_or(0, |at| at + 1);
            self.crowded = (end, Comments::many_in(&self.src[start..end]));
        }
        let comments = Comments { many: self.crowded.1, open: self.open.last().copied() };
        match resumes_at(self.src, self.at, end, comments) {
            Some(resumed) => {
                if !self.src[resumed..].starts_with("//") {
                    self.out.lost.push(resumed);
                }
                self.comment(resumed);
            }
            None => self.comment(end),
        }
    }

    fn block_comment(&mut self) {
        if self.failed[3] == 0 {
            match self.rest()[2..].find("*/") {
                Some(bytes) => return self.comment(self.at + bytes + 4),
                None => self.failed[3] = 1,
            }
        }
        self.sign();
    }

    /// Whether a value may stand here, by what stands before.
    fn value_may_follow(&self) -> bool {
        self.out.tokens.last().is_some_and(|token| token.is_any(BEFORE_VALUE) || token.is_word("return"))
    }

    fn regex(&mut self) {
        let line = self.rest().as_bytes();
        let mut bytes = 1;
        while bytes < line.len().min(400) {
            match line[bytes] {
                b'\n' => break,
                b'\\' => bytes += 1,
                b'/' => return self.take(Kind::Regex, bytes + 1),
                _ => {}
            }
            bytes += 1;
        }
        self.sign();
    }

    /// The byte of the quote that ends a text begun before `from`, in front of `limit`.
    fn closing(&self, quote: u8, from: usize, limit: usize) -> Option<usize> {
        let bytes = self.src.as_bytes();
        let mut at = from;
        while at < limit.min(bytes.len()) {
            match bytes[at] {
                b'\\' => at += 1,
                byte if byte == quote => return Some(at),
                _ => {}
            }
            at += 1;
        }
        None
    }

    fn text(&mut self, from: usize, to: usize, end: usize) {
        let start = self.at;
        // An escape may have jumped into the middle of a character.
        let text = self.src.get(from..to).unwrap_or("");
        self.push(Kind::Str, text, (start, end), from);
        self.at = end;
    }

    fn quoted(&mut self, quote: u8) {
        let rest = self.rest();
        let triple = if quote == b'"' { "\"\"\"" } else { "'''" };
        if rest.starts_with(triple)
            && let Some(bytes) = rest[3..].find(triple)
        {
            return self.text(self.at + 3, self.at + 3 + bytes, self.at + bytes + 6);
        }
        let slot = usize::from(quote == b'"');
        if self.at < self.failed[slot] {
            return self.take_sign(1);
        }
        // PHP's texts may go over lines; that they hold XML tells them from a stray quote.
        let long = rest[1..].trim_start().starts_with("<xml");
        let limit = if long { self.src.len() } else { self.line_end() };
        match self.closing(quote, self.at + 1, limit) {
            Some(close) => self.text(self.at + 1, close, close + 1),
            None => {
                self.failed[slot] = limit;
                self.take_sign(1);
            }
        }
    }

    /// A text of several lines, up to the line that begins with its name: `<<<XML`, `<<~XML`, `<<-XML`.
    fn long_text(&mut self) -> bool {
        let rest = self.rest();
        let opened = ["<<<", "<<~", "<<-"].iter().find_map(|sign| rest.strip_prefix(sign));
        let Some(named) = opened.filter(|_| self.endless < MOST_ENDLESS) else { return false };
        let named = named.trim_start_matches(' ').trim_start_matches(['"', '\'']);
        let length = named.bytes().take(NAME).take_while(|byte| is_word_byte(*byte)).count();
        let name = &named[..length];
        if !name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_') {
            return false;
        }
        let from = (self.line_end() + 1).min(self.src.len());
        let mut at = from;
        for line in self.src[from..].split_inclusive('\n') {
            let text = line.trim_start();
            let ends =
                text.strip_prefix(name).is_some_and(|rest| !rest.bytes().next().is_some_and(is_word_byte));
            if ends {
                let end = at + (line.len() - text.len()) + name.len();
                self.text(from, at, end);
                return true;
            }
            at += line.len();
        }
        self.endless += 1;
        false
    }

    /// `\'` outside a text: a program that was itself put in quotes.
    fn escaped_quote(&mut self, quote: u8) {
        let mark = if quote == b'"' { "\\\"" } else { "\\'" };
        let from = self.at + 2;
        let bytes = self.src[from..].find([mark.as_bytes()[0] as char, '\n']);
        match bytes.filter(|bytes| self.src[from + bytes..].starts_with(mark)) {
            Some(bytes) => self.text(from, from + bytes, from + bytes + 2),
            None => self.at += 2,
        }
    }

    fn backtick(&mut self) {
        if self.rest().starts_with("```") {
            self.at += 3;
            return;
        }
        // In prose a backtick is closed in its line, or it is none.
        let limit = if self.value_may_follow() { self.src.len() } else { self.line_end() };
        if self.at < self.failed[2] || self.closing(b'`', self.at + 1, limit).is_none() {
            self.failed[2] = self.failed[2].max(limit);
            return self.take_sign(1);
        }
        self.template_piece();
    }

    /// From the backtick or the `}` at hand to the next `${` or the end.
    fn template_piece(&mut self) {
        let from = self.at + 1;
        let bytes = self.src.as_bytes();
        let mut at = from;
        while at < bytes.len() {
            match bytes[at] {
                b'\\' => at += 1,
                b'`' => return self.text(from, at, at + 1),
                b'$' if bytes.get(at + 1) == Some(&b'{') && self.templates.len() < 32 => {
                    self.text(from, at, at);
                    // As if the pieces were added together.
                    self.push(Kind::Punct, "+", (at, at), at);
                    self.push(Kind::Punct, "(", (at, at + 2), at);
                    self.at = at + 2;
                    self.templates.push(self.open.len());
                    return;
                }
                _ => {}
            }
            at += 1;
        }
        self.text(from, bytes.len(), bytes.len());
    }

    fn template_goes_on(&mut self) {
        self.templates.pop();
        let at = self.at;
        self.push(Kind::Punct, ")", (at, at + 1), at);
        self.push(Kind::Punct, "+", (at, at + 1), at);
        self.template_piece();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(src: &str) -> Vec<String> {
        Scan::new(src).tokens.iter().map(|token| token.text.to_owned()).collect()
    }

    #[test]
    fn languages_are_cut_into_words() {
        for (src, expected) in [
            ("a = 'b' // c\nd", "a|=|b|d"),
            ("url = \"http://x//y\"", "url|=|http://x//y"),
            ("地址:https://x.y/z 好", "地址|:|https|:|//|x|.|y|/|z|好"),
            ("{ \\'a\\': \\'b\\' }", "{|a|:|b|}"),
            ("`${k}=${f(v)}`", "|+|(|k|)|+|=|+|(|f|(|v|)|)|+|"),
            ("don't", "don|'|t"),
            ("x.replace(/(\\d+)/, '/')", "x|.|replace|(|/(\\d+)/|,|/|)"),
            ("$a['b'] = 1; # c", "$a|[|b|]|=|1|;"),
            ("\"\"\"a\nb\"\"\" c", "a\nb|c"),
            ("15s/3m", "15s|/|3m"),
            ("/* a */ b /* c", "b|/|*|c"),
            ("a：b", "a|：|b"),
            ("$x = <<<XML\n<xml>\n  XML;\n$y", "$x|=|<xml>\n|;|$y"),
            ("x = <<~'A'\nb\nA\nc", "x|=|b\n|c"),
            ("a <<<B\nc", "a|<|<|<|B|c"),
        ] {
            assert_eq!(words(src).join("|"), expected, "{src}");
        }
    }

    #[test]
    fn lines_are_counted_from_one() {
        let scan = Scan::new("a\n\n`b\n`\nc = `d\ne` f");
        let lines: Vec<(&str, u32)> = scan.tokens.iter().map(|token| (token.text, token.line)).collect();
        assert_eq!(lines.first(), Some(&("a", 1)));
        assert_eq!(lines.last(), Some(&("f", 6)));
    }

    #[test]
    fn a_comment_whose_line_break_was_lost_ends_where_code_goes_on() {
        let src =
            "const p = {appid: c.a, // 小程序idmch_id: c.b, // 商户idbody, // 描述total_fee: 1, // 金额};";
        assert_eq!(
            words(src).join(" "),
            "const p = { appid : c . a , mch_id : c . b , body , total_fee : 1 , } ;"
        );
        assert!(!Scan::new(src).lost.is_empty());
        let kept = "total_fee: 1, // 金额 total_fee: 单位分\nbody: 'x'";
        assert!(Scan::new(kept).lost.is_empty());
        assert_eq!(words(kept).join(" "), "total_fee : 1 , body : x");
    }
}
