//! What was pasted, read: the common ground of the recogniser, the findings and the search.

use std::fmt;
use wxpay::Fields;
use wxpay::xml::Refusal;

/// What it was written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// A document in XML, perhaps with log text around it.
    Xml,
    /// XML that a log escaped.
    XmlEscaped,
    /// A JSON object.
    Json,
    /// `a=1&b=2`.
    Query,
    /// A call or an object of JavaScript: `wx.requestPayment({ … })`.
    JsCall,
    /// An HTTP message: headers and body.
    Http,
    /// One `name: value` or `name=value` a line.
    Lines,
    /// A curl command.
    Curl,
    /// An entry of a HAR file.
    Har,
    /// A piece of a program that builds parameters.
    Code,
}

impl Format {
    /// The stable word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Xml => "xml",
            Self::XmlEscaped => "xml_escaped",
            Self::Json => "json",
            Self::Query => "query",
            Self::JsCall => "js_call",
            Self::Http => "http",
            Self::Lines => "lines",
            Self::Curl => "curl",
            Self::Har => "har",
            Self::Code => "code",
        }
    }
}

/// What was undone to get to the fields, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Undone {
    /// A byte order mark before it.
    ByteOrderMark,
    /// Bytes that were GBK.
    Gbk,
    /// Text around the document, as of a log line.
    TextAround,
    /// nginx's `\x3C`.
    HexEscapes,
    /// JSON's `\u003c`, `\/`, `\n`, `\"`.
    JsonEscapes,
    /// `&lt;` for the document's own brackets.
    HtmlEscapes,
    /// `%3C` around a whole document or in a form body.
    PercentEscapes,
    /// Headers before the body.
    Headers,
    /// The names that an SDK has for what is signed under others, such as `packageValue`.
    SdkNames,
}

impl Undone {
    /// The stable word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ByteOrderMark => "byte_order_mark",
            Self::Gbk => "gbk",
            Self::TextAround => "text_around",
            Self::HexEscapes => "hex_escapes",
            Self::JsonEscapes => "json_escapes",
            Self::HtmlEscapes => "html_escapes",
            Self::PercentEscapes => "percent_escapes",
            Self::Headers => "headers",
            Self::SdkNames => "sdk_names",
        }
    }
}

/// What it is beyond what its fields say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Special {
    /// A notice or reply of API v3, by its headers or its shape.
    V3Notice,
    /// The values of `wx.config`.
    Jssdk,
}

/// What was pasted, read.
#[derive(Clone, Debug)]
pub struct Reading {
    /// What it was written in.
    pub format: Format,
    /// What was undone to get to the fields.
    pub undone: Vec<Undone>,
    /// The fields in their order; a `key` among them is taken out.
    pub fields: Fields<'static>,
    /// Whether a field `key` was taken out: a key that somebody pasted.
    pub key_pasted: bool,
    /// Fields whose value stood there as a number or another bare word, not as a text.
    pub unquoted: Vec<String>,
    /// Names with the expression of a program that stood in the place of a value.
    pub expressions: Vec<(String, String)>,
    /// What it is beyond what its fields say.
    pub special: Option<Special>,
    /// Whether it stands in code that runs at customers: in a page or a mini program.
    pub at_customers: bool,
}

/// A message among several.
#[derive(Clone, Debug)]
pub struct Message {
    /// Where it stands: the line, from 1, or the entry of a HAR file.
    pub number: usize,
    /// What a HAR file says of its request: method and address without the query, and whether this is the reply.
    pub exchange: Option<Exchange>,
    /// The message alone, as it stood there.
    pub text: String,
    /// The same, read.
    pub reading: Reading,
}

/// Which half of which exchange a message is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// `POST https://api.mch.weixin.qq.com/pay/unifiedorder`
    pub request: String,
    /// Whether the message is what was answered.
    pub is_reply: bool,
}

/// Why nothing pasted was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// A document that is refused, and why. The names are those of strict XML, also for JSON and the others:
    /// `syntax`, `truncated`, `too_many_fields` and so on. The position counts from the start of what was undone last.
    Refused(Refusal),
    /// Something other than XML gives this name twice. Readers differ in which value they take.
    Twice {
        /// The name.
        name: String,
        /// What it is written in.
        format: Format,
    },
    /// There are no fields in it.
    Nothing,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusal) => refusal.fmt(f),
            Self::Twice { name, .. } => write!(f, "the name {name} stands there twice"),
            Self::Nothing => f.write_str("there are no fields in it"),
        }
    }
}

impl std::error::Error for Unreadable {}

impl From<Refusal> for Unreadable {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}
