//! In which bytes the text is digested, and what else is done to all of it.

use super::{Made, Reach, Slot};
use crate::cause::Cause;
use crate::recipe::Charset;

const CHARSETS: [(Cause, &str, Charset); 14] = [
    (Cause::BytesGbk, "GBK", Charset::Gbk),
    (Cause::BytesGbk, "UTF-8 taken for GBK", Charset::Utf8AsGbk),
    (Cause::BytesLatin1, "ISO-8859-1", Charset::Latin1),
    (Cause::BytesLatin1, "UTF-8 taken for ISO-8859-1", Charset::Utf8AsLatin1),
    (Cause::BytesQuestionMarks, "?", Charset::QuestionMarks),
    (Cause::BytesUtf16, "UTF-16LE", Charset::Utf16Le),
    (Cause::BytesUtf16, "UTF-16BE", Charset::Utf16Be),
    (Cause::BytesUtf16, "UTF-16 with a byte order mark", Charset::Utf16Marked),
    (Cause::StringLetterCase, "lower case", Charset::Small),
    (Cause::StringLetterCase, "upper case", Charset::Capitals),
    (Cause::ValuesUrlEncoded, "the whole string", Charset::Encoded),
    (Cause::SeparatorsWrong, "&not as ¬", Charset::Entities),
    (Cause::SeparatorsWrong, "& before the first", Charset::Behind("&")),
    (Cause::SeparatorsWrong, "? before the first", Charset::Behind("?")),
];

pub(super) fn add(made: &mut Made<'_>) {
    for (cause, written, charset) in CHARSETS {
        let word = match cause {
            Cause::StringLetterCase | Cause::ValuesUrlEncoded | Cause::SeparatorsWrong => "written",
            _ => "charset",
        };
        let params = vec![(word, written.to_owned())];
        let reach = match cause {
            Cause::StringLetterCase => Reach::Alone,
            Cause::ValuesUrlEncoded | Cause::SeparatorsWrong => Reach::Lone,
            _ if matches!(charset, Charset::Gbk | Charset::Latin1 | Charset::QuestionMarks) => Reach::Whole,
            _ => Reach::Part,
        };
        made.add(cause, params, Slot::Charset, move |recipe| recipe.charset = charset).reach = reach;
    }
}
