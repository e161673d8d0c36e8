use crate::error::{Code, ConsoleError, Result};
use crate::place::{Lock, Place, failed, read_bounded, write_whole};
use crate::words::Words;
use domain::{AppId, Environment, MchId};
use serde::{Deserialize, Serialize};

/// The name of the simulated merchant that is always there.
pub const BUILT_IN: &str = "simulated";

/// A merchant as stored. Its name is its identity: keys and ledger rows are filed under it, so it never changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Merchant {
    pub name: String,
    pub label: String,
    pub environment: Environment,
    pub mch_id: MchId,
    pub appid: AppId,
    pub sub_mch_id: Option<MchId>,
    pub sub_appid: Option<AppId>,
    pub hmac_sha256: bool,
    pub notify_url: Option<String>,
    /// Only for a simulated merchant that lives on a running simulator.
    pub gateway_url: Option<String>,
    pub gateway_ca: Option<String>,
}

impl Merchant {
    pub(crate) fn is_built_in(&self) -> bool {
        self.name == BUILT_IN
    }

    /// The simulated merchant that needs nothing installed or configured.
    pub(crate) fn built_in() -> Result<Self> {
        let broken =
            |detail: &str| ConsoleError::new(Code::FileFailed).with("path", BUILT_IN).with("detail", detail);
        Ok(Self {
            name: BUILT_IN.into(),
            label: BUILT_IN.into(),
            environment: Environment::Simulated,
            mch_id: MchId::parse(simulator::MCH_ID).map_err(|_| broken("mch_id"))?,
            appid: AppId::parse(simulator::APPID).map_err(|_| broken("appid"))?,
            sub_mch_id: None,
            sub_appid: None,
            hmac_sha256: true,
            notify_url: Some("http://127.0.0.1/simulated/notify".into()),
            gateway_url: None,
            gateway_ca: None,
        })
    }
}

/// How a merchant stands in `merchants.json`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    name: String,
    label: String,
    environment: String,
    mch_id: String,
    appid: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sub_mch_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sub_appid: Option<String>,
    sign_type: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    notify_url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    gateway_url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    gateway_ca: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: u32,
    merchants: Vec<Stored>,
}

impl From<&Merchant> for Stored {
    fn from(merchant: &Merchant) -> Self {
        Self {
            name: merchant.name.clone(),
            label: merchant.label.clone(),
            environment: merchant.environment.to_string(),
            mch_id: merchant.mch_id.to_string(),
            appid: merchant.appid.to_string(),
            sub_mch_id: merchant.sub_mch_id.as_ref().map(ToString::to_string),
            sub_appid: merchant.sub_appid.as_ref().map(ToString::to_string),
            sign_type: if merchant.hmac_sha256 { "HMAC-SHA256" } else { "MD5" }.into(),
            notify_url: merchant.notify_url.clone(),
            gateway_url: merchant.gateway_url.clone(),
            gateway_ca: merchant.gateway_ca.clone(),
        }
    }
}

impl Stored {
    fn read(self) -> std::result::Result<Merchant, Words> {
        let id = |error: domain::IdError| Words::from(&error);
        let word = |field: &str, value: &str| {
            Words::new("detail.file.word").with("field", field).with("value", value)
        };
        Ok(Merchant {
            environment: self
                .environment
                .parse()
                .map_err(|_: domain::EnvironmentError| word("environment", &self.environment))?,
            mch_id: MchId::parse(&self.mch_id).map_err(id)?,
            appid: AppId::parse(&self.appid).map_err(id)?,
            sub_mch_id: self.sub_mch_id.as_deref().map(MchId::parse).transpose().map_err(id)?,
            sub_appid: self.sub_appid.as_deref().map(AppId::parse).transpose().map_err(id)?,
            hmac_sha256: match &*self.sign_type {
                "HMAC-SHA256" => true,
                "MD5" => false,
                other => return Err(word("sign_type", other)),
            },
            name: self.name,
            label: self.label,
            notify_url: self.notify_url,
            gateway_url: self.gateway_url,
            gateway_ca: self.gateway_ca,
        })
    }
}

/// The stored merchants, in the order they were added. The built-in one is not among them.
pub(crate) fn load(place: &Place) -> Result<Vec<Merchant>> {
    let path = place.merchants();
    let Some(bytes) = read_bounded(&path, 4 << 20)? else { return Ok(Vec::new()) };
    let broken =
        |why: Words| ConsoleError::new(Code::FileFailed).with("path", path.display()).saying("detail", why);
    let file: File = serde_json::from_slice(&bytes).map_err(|error| broken(Words::from(&error)))?;
    if file.version != 1 {
        return Err(broken(Words::new("detail.file.version").with("found", file.version)));
    }
    file.merchants.into_iter().map(Stored::read).collect::<std::result::Result<_, _>>().map_err(broken)
}

/// Changes the stored merchants; two processes never lose each other's change.
pub(crate) fn change<T>(place: &Place, change: impl FnOnce(&mut Vec<Merchant>) -> Result<T>) -> Result<T> {
    let path = place.merchants();
    let _lock = Lock::take(&path)?;
    let mut merchants = load(place)?;
    let value = change(&mut merchants)?;
    let file = File { version: 1, merchants: merchants.iter().map(Stored::from).collect() };
    let bytes = serde_json::to_vec_pretty(&file).map_err(|error| failed(&path, &error.into()))?;
    write_whole(&path, &bytes, true)?;
    Ok(value)
}

/// The merchant a command is for: the one named; else the only one stored; else, with none stored, the
/// simulated one. With several stored and none named nobody guesses.
pub(crate) fn pick(place: &Place, name: Option<&str>) -> Result<Merchant> {
    if name == Some(BUILT_IN) {
        return Merchant::built_in();
    }
    let mut stored = load(place)?;
    match name {
        Some(name) => match stored.iter().position(|merchant| merchant.name == name) {
            Some(index) => Ok(stored.swap_remove(index)),
            // A key that was given for a name is not repeated.
            None => Err(ConsoleError::new(Code::NoSuchMerchant).with("merchant", crate::words::shown(name))),
        },
        None if stored.is_empty() => Merchant::built_in(),
        None if stored.len() == 1 => Ok(stored.swap_remove(0)),
        None => {
            let names = stored.iter().map(|merchant| merchant.name.as_str()).collect::<Vec<_>>().join(", ");
            Err(ConsoleError::new(Code::MerchantNeeded).with("merchants", names))
        }
    }
}

/// Whether a text can be a merchant's name: 1 to 32 letters or digits of any script, `-` or `_`.
pub(crate) fn check_name(name: &str) -> Result<()> {
    let fits = (1..=32).contains(&name.chars().count())
        && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'))
        && !is_like(&looks(name), BUILT_IN);
    if fits {
        Ok(())
    } else {
        Err(ConsoleError::new(Code::InvalidField)
            .with("field", "name")
            .saying("detail", Words::new("detail.merchant.name")))
    }
}

/// What answers about each environment begin with.
const WORDS: [(&str, Environment); 7] = [
    ("simulated", Environment::Simulated),
    ("模拟", Environment::Simulated),
    ("模擬", Environment::Simulated),
    ("sandbox", Environment::Sandbox),
    ("沙箱", Environment::Sandbox),
    ("live", Environment::Live),
    ("正式", Environment::Live),
];
const MARKS: [(char, Environment); 3] =
    [('◆', Environment::Simulated), ('■', Environment::Sandbox), ('●', Environment::Live)];

/// Stands for a letter that is another one in costume (mathematical, circled, superscript …), whichever it is.
const DISGUISED: char = '\u{FFFD}';

/// A text as it looks to whoever reads it in passing: width and case do not matter, what cannot be seen is gone.
fn looks(text: &str) -> Vec<char> {
    let plain = |c: char| match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        // A long s, superscripts, letter-like signs, numerals, circled letters, mathematical alphabets, small capitals.
        'ſ'
        | '\u{2070}'..='\u{209F}'
        | '\u{2100}'..='\u{218F}'
        | '\u{2460}'..='\u{24FF}'
        | '\u{1D00}'..='\u{1DBF}'
        | '\u{02B0}'..='\u{02E4}'
        | '\u{1D400}'..='\u{1D7FF}'
        | '\u{1F100}'..='\u{1F1FF}' => DISGUISED,
        c => c,
    };
    let seen = |c: &char| !matches!(c, '\u{00AD}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}');
    text.chars().filter(seen).map(plain).flat_map(char::to_lowercase).collect()
}

fn is_like(looks: &[char], word: &str) -> bool {
    looks.len() == word.chars().count()
        && looks.iter().zip(word.chars()).all(|(seen, c)| *seen == c || *seen == DISGUISED)
}

/// Refuses a name or label that would pass for a merchant of another environment: what begins with that
/// environment's word, or shows its mark. A glance at it must not be able to take real money for a game.
pub(crate) fn check_looks(field: &'static str, text: &str, environment: Environment) -> Result<()> {
    let looks = looks(text);
    let refused = |word: &str| {
        let why = Words::new("detail.merchant.passes_for").with("word", word);
        Err(ConsoleError::new(Code::InvalidField).with("field", field).saying("detail", why))
    };
    for (mark, of) in MARKS {
        if of != environment && looks.contains(&mark) {
            return refused(&mark.to_string());
        }
    }
    let begin = looks.iter().position(|c| c.is_alphanumeric() || *c == DISGUISED).unwrap_or(looks.len());
    let text = &looks[begin..];
    for (word, of) in WORDS {
        let length = word.chars().count();
        // Only as a word of its own: a "Livermore" is nobody's mistake. Chinese puts no space behind one.
        let ends = !word.is_ascii() || text.get(length).is_none_or(|next| !next.is_ascii_alphanumeric());
        if of != environment && ends && text.get(..length).is_some_and(|start| is_like(start, word)) {
            return refused(word);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bakery(name: &str) -> Merchant {
        Merchant { name: name.into(), hmac_sha256: false, ..Merchant::built_in().unwrap() }
    }

    fn add(place: &Place, name: &str) {
        change(place, |list| {
            list.push(bakery(name));
            Ok(())
        })
        .unwrap();
    }

    #[test]
    fn picking() {
        let dir = tempfile::tempdir().unwrap();
        let place = Place::open(Some(dir.path())).unwrap();
        assert!(pick(&place, None).unwrap().is_built_in());
        assert_eq!(pick(&place, Some("x")).unwrap_err().code, Code::NoSuchMerchant);
        add(&place, "面包店");
        assert_eq!(pick(&place, None).unwrap(), bakery("面包店"));
        assert!(pick(&place, Some(BUILT_IN)).unwrap().is_built_in());
        add(&place, "b");
        assert_eq!(pick(&place, None).unwrap_err().code, Code::MerchantNeeded);
        assert_eq!(pick(&place, Some("b")).unwrap(), bakery("b"));
    }

    #[test]
    fn a_broken_file_is_said_and_kept() {
        let dir = tempfile::tempdir().unwrap();
        let place = Place::open(Some(dir.path())).unwrap();
        for text in
            ["", "{", "{\"version\":2,\"merchants\":[]}", "{\"version\":1,\"merchants\":[{\"name\":1}]}"]
        {
            std::fs::write(place.merchants(), text).unwrap();
            assert_eq!(load(&place).unwrap_err().code, Code::FileFailed, "{text:?}");
            let changed = change(&place, |list| {
                list.clear();
                Ok(())
            });
            assert!(changed.is_err());
            assert_eq!(std::fs::read_to_string(place.merchants()).unwrap(), text);
        }
    }

    #[test]
    fn names() {
        for name in ["bakery", "面包店", "a-b_1"] {
            assert!(check_name(name).is_ok(), "{name}");
        }
        for name in [
            "",
            "simulated",
            "Simulated",
            "ＳＩＭＵＬＡＴＥＤ",
            "ｓimulated",
            "𝐬imulated",
            "ſimulated",
            "a b",
            "../x",
            "a/b",
            "é.",
            &"x".repeat(33),
        ] {
            assert!(check_name(name).is_err(), "{name}");
        }
    }

    /// What a stranger named a live merchant.
    #[test]
    fn nobody_passes_for_a_merchant_of_another_environment() {
        use Environment::{Live, Sandbox, Simulated};
        for (text, environment, fine) in [
            ("◆ 模拟 SIMULATED", Live, false),
            ("bakery ◆", Live, false),
            ("  SIMULATED · bakery", Live, false),
            ("【模拟】面包店", Live, false),
            ("模拟面包店", Live, false),
            ("Ｓimulated", Live, false),
            ("s\u{200B}imulated", Live, false),
            ("𝓢imulated shop", Live, false),
            ("sandbox-2", Live, false),
            ("● LIVE", Simulated, false),
            ("正式", Sandbox, false),
            ("live", Simulated, false),
            ("simulated-2", Simulated, true),
            ("◆ 模拟", Simulated, true),
            ("● 正式 bakery", Live, true),
            ("Livermore", Simulated, true),
            ("sandboxes", Live, true),
            ("面包店", Live, true),
            ("bakery (simulated roof)", Live, true),
            ("", Live, true),
        ] {
            assert_eq!(check_looks("label", text, environment).is_ok(), fine, "{text:?} {environment}");
        }
    }
}
