//! A megabyte of what hurts careless readers: the slowest of it beside its limit, and the most memory that one takes.
//! Each is read by a process of its own, so that what one has held is not there for the next.

use crate::measure::{Goal, Pairs, Row};
use crate::{measure, signing};
use console::args::Looking;
use console::{Console, Lang, Options};
use domain::Secret;
use std::process::Command;
use std::time::{Duration, Instant};
use wxpay::SignType;

const MEGABYTE: usize = 1 << 20;
const GOAL: Goal = Goal::Above(10_000_000);
/// Kilobytes above what was held before, the text itself not counted.
const MOST_MEMORY: u64 = 8 << 10;
/// How often each is read; the median counts.
const TIMES: usize = 5;
/// The word before a number, with which a process is asked for one of them.
pub(crate) const ONE: &str = "--hostile";

/// A beginning, and what is repeated behind it up to a megabyte.
const REPEATED: &[(&str, &str)] = &[
    ("", "{"),
    ("", "["),
    ("", "<"),
    ("", "<xml>"),
    ("x", "<xml>"),
    ("", "</xml>"),
    ("<xml>", "<![CDATA["),
    ("<xml><a>", "<![CDATA["),
    ("<xml><a>", "]]"),
    ("<xml><a>", "&amp;"),
    ("<xml>", "<a>1</a>"),
    ("<xml>", "<a b=\"1\">"),
    ("<xml>", "<!-- -->"),
    ("<xml>", "<?x?>"),
    ("<xml>", " "),
    ("<!DOCTYPE x [", "<!ENTITY a \"&a;&a;\">"),
    ("<xml><appid>1</appid></xml>", "<xml>"),
    ("", "\\x3C"),
    ("", "\\u003c"),
    ("", "\\"),
    ("", "&lt;"),
    ("", "%253C"),
    ("", "%"),
    ("", "\""),
    ("", "'"),
    ("", "`${"),
    ("", "a=1&"),
    ("sign=1", "&"),
    ("sign=", "a&"),
    ("", "a:b\n"),
    ("sign:1\n", "a:b\n"),
    ("", "\n"),
    ("", "("),
    ("x ", "{a:b}"),
    ("{\"a\":", "["),
    ("{\"a\":", "{\"a\":"),
    ("{\"a\":\"", "\\"),
    ("{\"a\":\"", "\\u003c"),
    ("{a:", "'a'+"),
    ("{a:", "/*"),
    ("{a:", "//\n"),
    ("{", "a,"),
    ("{", "a(){},"),
    ("", "wx.requestPayment({"),
    ("", "wx.requestPayment({a:'"),
    ("", "POST / HTTP/1.1\n\n"),
    ("POST / HTTP/1.1\n", "a:b\n"),
    ("", "curl -d '"),
    ("curl ", "-d a=1 "),
    ("curl ", "$'"),
    ("{\"log\":{\"entries\":[", "{\"postData\":"),
    ("jsapi_ticket=1", "&url="),
    ("", "key="),
    ("", "key: 192006250b4c09247ec02edce69f6a2d "),
    ("", "192006250b4c09247ec02edce69f6a2d"),
    ("", "支付"),
    ("", "\u{3000}"),
    ("<1>", "<1>"),
    // Programs.
    ("const a =", " a"),
    ("", "var a = 1;\n"),
    ("", "params.put(\"a\", \"b\");\n"),
    ("", "String s = \"appid=\" + appid + \"&mch_id=\" + mch_id;\n"),
    ("", "function f() { return md5(a + '&key=' + key).toUpperCase(); }\n"),
    ("", "if ($a['sign'] == md5($s)) { echo 'SUCCESS'; }\n"),
    ("", "// sign\nlet sign = crypto.createHmac('sha256', 'laoxie').update(s).digest('hex');\n"),
    ("", "wx.requestPayment({ timeStamp: +new Date(), nonceStr: n, package: 'prepay_id=' + p });\n"),
];

/// Makes one of them.
type Made = fn() -> Vec<u8>;

/// Beside the repeated ones: a name, and how it is made.
const MADE: &[(&str, Made)] = &[
    ("a hundred megabytes of <", || vec![b'<'; 100 * MEGABYTE]),
    ("zeros", || vec![0; MEGABYTE]),
    ("bytes that are no text", || vec![0xFF; MEGABYTE]),
    ("GBK", || b"\xD6\xA7".repeat(MEGABYTE / 2)),
    ("UTF-16", || b"\0<".repeat(MEGABYTE / 2)),
    ("a notice with a field of 900 kB", || notice("a".repeat(900_000))),
    ("a notice with 900 kB of Chinese", || notice("支".repeat(300_000))),
    ("a notice with 900 kB of &amp;", || notice("&amp;".repeat(180_000))),
    ("a notice cut before its end", || {
        let mut bytes = notice("a".repeat(900_000));
        bytes.truncate(bytes.len() - 6);
        bytes
    }),
    ("JSON with a text of 900 kB", || format!("{{\"appid\":\"{}\"}}", "a".repeat(900_000)).into_bytes()),
    ("a query with a value of 900 kB", || format!("sign=1&appid={}", "%20".repeat(300_000)).into_bytes()),
];

/// A payment notice whose `attach` is this, rightly signed.
fn notice(attach: String) -> Vec<u8> {
    signing::with_attach(SignType::Md5, Some(&attach)).unwrap_or_default().into_bytes()
}

/// How many there are.
fn count() -> usize {
    REPEATED.len() + MADE.len()
}

fn made(number: usize) -> Option<Vec<u8>> {
    let Some((start, piece)) = REPEATED.get(number) else {
        return MADE.get(number - REPEATED.len()).map(|(_, make)| make());
    };
    let mut bytes = Vec::with_capacity(MEGABYTE);
    bytes.extend_from_slice(start.as_bytes());
    while bytes.len() + piece.len() <= MEGABYTE {
        bytes.extend_from_slice(piece.as_bytes());
    }
    Some(bytes)
}

fn name(number: usize) -> String {
    match (REPEATED.get(number), MADE.get(number.saturating_sub(REPEATED.len()))) {
        (Some((start, piece)), _) => format!("{start:?} and then {piece:?} on and on"),
        (None, Some((name, _))) => (*name).to_owned(),
        (None, None) => String::new(),
    }
}

/// What is asked of a text, and what that is called by what came of it, in the order of [`Outcome`].
const WHAT: [(&str, [&str; 3]); 2] = [
    (
        "read",
        [
            "1 MiB of XML or bytes, refused",
            "1 MiB of other text, refused",
            "1 MiB of text, taken for something",
        ],
    ),
    (
        "judge",
        ["judged: XML or bytes, refused", "judged: other text, refused", "judged: text, taken for something"],
    ),
];

/// What becomes of a text.
#[derive(Clone, Copy)]
enum Outcome {
    /// It is XML or no text, and refused by name.
    Document,
    /// It is something else, and refused by name.
    Text,
    /// It is read.
    Something,
}

impl Outcome {
    const ALL: [Self; 3] = [Self::Document, Self::Text, Self::Something];

    fn of(bytes: &[u8]) -> Self {
        let markup = matches!(bytes, [b'<', b'a'..=b'z' | b'?' | b'!' | b'/' | b'<', ..]);
        let document = markup || std::str::from_utf8(bytes).is_err() || bytes.contains(&0);
        match (doctor::read::read(bytes).is_err(), document) {
            (true, true) => Self::Document,
            (true, false) => Self::Text,
            (false, _) => Self::Something,
        }
    }
}

/// What came of reading one.
struct Took {
    nanoseconds: u64,
    kilobytes: u64,
    outcome: Outcome,
}

pub(crate) fn rows() -> Result<Vec<Row>, String> {
    let mut rows = Vec::new();
    for (what, names) in WHAT {
        let mut slowest = [const { (0, String::new()) }; 3];
        let mut most = (0, String::new());
        for number in 0..count() {
            let took = asked(what, number)?;
            let of_kind = &mut slowest[took.outcome as usize];
            if took.nanoseconds > of_kind.0 {
                *of_kind = (took.nanoseconds, name(number));
            }
            if took.kilobytes > most.0 {
                most = (took.kilobytes, name(number));
            }
        }
        println!("1 MiB of hostile text, {what}: at most {} kB of memory, with {}", most.0, most.1);
        for ((took, slowest), name) in slowest.iter().zip(names) {
            println!("{name}: slowest {} µs, {slowest}", took / 1000);
            rows.extend(Row::of(name, "nothing", &Pairs::of(vec![(*took, 1)]), GOAL));
        }
        if most.0 > MOST_MEMORY {
            return Err(format!("{} kB are more than {MOST_MEMORY}: {}", most.0, most.1));
        }
    }
    Ok(rows)
}

/// Asks a process for one of them.
fn asked(what: &str, number: usize) -> Result<Took, String> {
    let this = std::env::current_exe().map_err(|error| error.to_string())?;
    let number = number.to_string();
    let output = Command::new(this).args([ONE, what, &number]).output().map_err(|error| error.to_string())?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut numbers = said.split_whitespace().map(str::parse::<u64>);
    match (numbers.next(), numbers.next(), numbers.next()) {
        (Some(Ok(nanoseconds)), Some(Ok(kilobytes)), Some(Ok(outcome))) if output.status.success() => {
            let outcome = Outcome::ALL.into_iter().find(|one| *one as u64 == outcome);
            Ok(Took { nanoseconds, kilobytes, outcome: outcome.unwrap_or(Outcome::Something) })
        }
        _ => Err(format!("{what} {number}: {said}{}", String::from_utf8_lossy(&output.stderr))),
    }
}

/// Reads one of them, and says how long it took, how much it held, and what became of it.
pub(crate) fn one(what: &str, number: usize) -> Result<String, String> {
    let bytes = made(number).ok_or_else(|| format!("there is no {number}"))?;
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let options = Options { data_dir: Some(folder.path().to_owned()), ..Options::default() };
    let console = Console::open(options).map_err(|error| error.to_string())?;
    let read = |bytes: &[u8]| -> Result<(), String> {
        if what == "read" {
            // A refusal by name is as good as fields.
            std::hint::black_box(doctor::read::read(bytes).is_ok());
            return Ok(());
        }
        let key_once = Some(Secret::new(signing::key().to_owned()));
        let looking = Looking { key_once, ..Looking::default() };
        std::hint::black_box(console.verify(bytes, &looking, Lang::En).map_err(|error| error.to_string())?);
        Ok(())
    };
    // Words and keys are there before.
    read(b"<xml><a>1</a></xml>")?;
    let before = measure::peak()?;
    let mut all = Vec::new();
    let mut memory = 0;
    for time in 0..TIMES {
        let start = Instant::now();
        read(&bytes)?;
        all.push(start.elapsed());
        if time == 0 {
            memory = measure::held("VmHWM:")?.saturating_sub(before);
        }
    }
    all.sort_unstable();
    let took: Duration = all.get(TIMES / 2).copied().unwrap_or_default();
    Ok(format!("{} {memory} {}", took.as_nanos(), Outcome::of(&bytes) as u64))
}
