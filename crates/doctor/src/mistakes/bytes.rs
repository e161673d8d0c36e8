//! In which bytes the text is digested.

use super::{Made, Slot};
use crate::cause::Cause;
use crate::recipe::Charset;

const CHARSETS: [(Cause, &str, Charset); 5] = [
    (Cause::BytesGbk, "GBK", Charset::Gbk),
    (Cause::BytesLatin1, "ISO-8859-1", Charset::Latin1),
    (Cause::BytesQuestionMarks, "?", Charset::QuestionMarks),
    (Cause::BytesUtf16, "UTF-16LE", Charset::Utf16Le),
    (Cause::BytesUtf16, "UTF-16BE", Charset::Utf16Be),
];

pub(super) fn add(made: &mut Made<'_>) {
    for (cause, written, charset) in CHARSETS {
        made.add(cause, vec![("charset", written.to_owned())], Slot::Charset, move |recipe| recipe.charset = charset);
    }
}
