//! What the fuzz target `recogniser` does with one input. `crates/doctor/tests/read_corpus.rs` includes this file and
//! replays the corpus through the same function.

use doctor::Unreadable;
use wxpay::xml;

/// Any bytes are read or refused. What is read has no key in it and is a document that reads back the same; what is
/// refused is refused at a place that exists; and a document that strict XML takes has the fields that it finds. So it
/// is with each of several messages; and the mistakes of a program are few and stand in its lines.
pub(crate) fn recogniser(data: &[u8]) {
    let read = doctor::read::read(data);
    match &read {
        Ok(reading) => {
            let document = xml::write(&reading.fields);
            let again = xml::read(document.as_bytes()).expect("what is written is read");
            assert_eq!(again, reading.fields);
            assert!(!reading.fields.iter().any(|(name, _)| name.eq_ignore_ascii_case("key")));
            assert!(reading.undone.len() <= 9);
        }
        Err(Unreadable::Refused(refusal)) => assert!(refusal.at <= data.len()),
        Err(Unreadable::Twice { .. } | Unreadable::Nothing) => {}
    }
    if let Ok(fields) = xml::read(data)
        && let Ok(reading) = read
    {
        assert!(reading.key_pasted || reading.fields.len() == fields.len());
        assert!(reading.fields.iter().all(|(name, value)| fields.get(name) == Some(value)));
    }
    let several = doctor::read::several(data);
    assert!(several.all.len() <= doctor::read::MOST_MESSAGES);
    for message in &several.all {
        assert!(!message.reading.fields.iter().any(|(name, _)| name.eq_ignore_ascii_case("key")));
    }
    if let Ok(text) = std::str::from_utf8(data) {
        let lines = text.split('\n').count();
        let mistakes = doctor::code::mistakes(text);
        assert!(mistakes.len() <= doctor::code::MOST);
        assert!(mistakes.iter().all(|seen| usize::try_from(seen.line).is_ok_and(|line| line <= lines)));
    }
}
