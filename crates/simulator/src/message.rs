//! Replies and notices as WeChat Pay writes them: text in CDATA, integers bare, one element a line.

use std::borrow::Cow;
use wxpay::{ApiKey, Fields, SignType, sign};

/// The fields of a message being made, in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Message {
    list: Vec<(Cow<'static, str>, String, bool)>,
}

impl Message {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn text(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<String>) -> Self {
        self.list.push((name.into(), value.into(), false));
        self
    }

    pub(crate) fn number(mut self, name: impl Into<Cow<'static, str>>, value: i64) -> Self {
        self.list.push((name.into(), value.to_string(), true));
        self
    }

    pub(crate) fn maybe(self, name: &'static str, value: Option<&str>) -> Self {
        match value {
            Some(value) if !value.is_empty() => self.text(name, value),
            _ => self,
        }
    }

    pub(crate) fn append(mut self, other: Self) -> Self {
        self.list.extend(other.list);
        self
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.list.iter().find(|(key, ..)| key == name).map(|(_, value, _)| value.as_str())
    }

    /// Changes a field that is there; `false` if it is not.
    pub(crate) fn change(&mut self, name: &str, change: impl FnOnce(&str) -> String) -> bool {
        match self.list.iter_mut().find(|(key, ..)| key == name) {
            Some((_, value, _)) => {
                *value = change(value);
                true
            }
            None => false,
        }
    }

    /// The signature over all fields, or over all but `without` (a quirk of the sandbox).
    pub(crate) fn signature(&self, key: &ApiKey, kind: SignType, without: Option<&str>) -> String {
        let mut fields = Fields::new();
        for (name, value, _) in &self.list {
            if without != Some(&**name) {
                // Names are our own and come once; what a request brought was read from XML, so XML carries it.
                let _ = fields.add(&**name, value.as_str());
            }
        }
        sign::sign(&fields, key, kind).to_string()
    }

    pub(crate) fn into_xml(self, root: &str) -> String {
        self.write(root, false)
    }

    /// As refund notices are inside: every value in CDATA, integers too, and nothing between the elements but lines.
    pub(crate) fn into_all_text(self, root: &str) -> String {
        self.write(root, true)
    }

    fn write(self, root: &str, all_text: bool) -> String {
        let mut out = format!("<{root}>");
        for (index, (name, value, bare)) in self.list.iter().enumerate() {
            if all_text || index > 0 {
                out.push('\n');
            }
            out.push_str(&format!("<{name}>"));
            if *bare && !all_text {
                out.push_str(value);
            } else if value.contains('\r') {
                // A reader turns a bare carriage return into a line feed, and the signature would break.
                let escaped = value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
                out.push_str(&escaped.replace('\r', "&#13;"));
            } else {
                out.push_str(&format!("<![CDATA[{}]]>", value.replace("]]>", "]]]]><![CDATA[>")));
            }
            out.push_str(&format!("</{name}>"));
        }
        if all_text {
            out.push('\n');
        }
        out.push_str(&format!("</{root}>"));
        out
    }
}

/// What a gateway answers that turns a request down before it looks at the business: not signed, no names.
pub(crate) fn rejection(text: &str, code: Option<&str>) -> String {
    let message = Message::new().text("return_code", "FAIL").text("return_msg", text);
    message.maybe("err_code", code).into_xml("xml")
}

/// The web page nginx in front of the gateway answers.
pub(crate) fn page(status: u16, title: &str) -> Vec<u8> {
    format!(
        "<html>\r\n<head><title>{status} {title}</title></head>\r\n<body>\r\n<center><h1>{status} {title}</h1></center>\r\n\
         <hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
    )
    .into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_it_writes_reads_back() {
        let message = Message::new().text("a", "x]]>y & <z>\r\n微信😀").number("b", 12).text("c", "]]>");
        let xml = message.into_xml("xml");
        let fields = wxpay::xml::read(xml.as_bytes()).unwrap();
        assert_eq!(fields.get("a"), Some("x]]>y & <z>\r\n微信😀"));
        assert_eq!((fields.get("b"), fields.get("c")), (Some("12"), Some("]]>")));
        assert!(xml.contains("<b>12</b>"));
    }
}
