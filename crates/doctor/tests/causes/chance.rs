//! Chance that can be repeated, and documents made by it.

use wxpay::SignType;

/// Numbers by splitmix64.
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    pub(crate) fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.number() % end as u64) as usize
    }

    pub(crate) fn one_in(&mut self, many: usize) -> bool {
        self.below(many) == 0
    }

    pub(crate) fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    pub(crate) fn text(&mut self, letters: &str, len: usize) -> String {
        let letters: Vec<char> = letters.chars().collect();
        (0..len).map(|_| *self.pick(&letters)).collect()
    }

    pub(crate) fn digits(&mut self, len: usize) -> String {
        self.text("0123456789", len)
    }

    pub(crate) fn shuffle<T>(&mut self, list: &mut [T]) {
        for at in (1..list.len()).rev() {
            list.swap(at, self.below(at + 1));
        }
    }

    /// 32 characters, of both cases, as a merchant's key may be.
    pub(crate) fn key(&mut self) -> String {
        // A letter of each case at least, so that its case matters.
        "aZ".to_owned() + &self.text("0123456789abcdefABCDEFghijkXYZ", 30)
    }

    pub(crate) fn words(&mut self) -> String {
        let parts = [
            "腾讯充值中心-QQ会员",
            "小米粥",
            "测试商品",
            "T-shirt L",
            "tea & cake",
            "50% off",
            "红茶/绿茶",
            "a\"b\"",
            "it's",
        ];
        let mut text = (*self.pick(&parts)).to_owned();
        if self.one_in(2) {
            text += " ";
            text += *self.pick::<&str>(&parts);
        }
        text
    }
}

/// Which fields there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Order,
    Notice,
    Page,
    App,
    Config,
}

/// A document, the keys and what else is at hand.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) shape: Shape,
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) beside: Vec<(String, String)>,
    pub(crate) pages: Vec<String>,
    /// The first one is the rightful one.
    pub(crate) keys: Vec<String>,
    pub(crate) asked: SignType,
}

impl Case {
    pub(crate) fn new(chance: &mut Chance, shape: Shape) -> Self {
        let asked = if chance.one_in(2) { SignType::Md5 } else { SignType::HmacSha256 };
        let mut fields: Vec<(String, String)> = match shape {
            Shape::Order => order(chance),
            Shape::Notice => notice(chance),
            Shape::Page => page(chance, asked),
            Shape::App => app(chance),
            Shape::Config => config(chance),
        }
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
        chance.shuffle(&mut fields);
        let keys = (0..3).map(|_| chance.key()).collect();
        Self { shape, fields, beside: Vec::new(), pages: Vec::new(), keys, asked }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// Sets a field, at its place or somewhere.
    pub(crate) fn set(&mut self, chance: &mut Chance, name: &str, value: &str) {
        match self.fields.iter_mut().find(|(other, _)| other == name) {
            Some((_, old)) => value.clone_into(old),
            None => {
                let at = chance.below(self.fields.len() + 1);
                self.fields.insert(at, (name.to_owned(), value.to_owned()));
            }
        }
    }

    pub(crate) fn drop(&mut self, name: &str) {
        self.fields.retain(|(other, _)| other != name);
    }
}

type Fields = Vec<(&'static str, String)>;

fn some(chance: &mut Chance, all: Fields, of_three: usize) -> Fields {
    all.into_iter().filter(|_| chance.below(3) < of_three).collect()
}

fn ids(chance: &mut Chance) -> Fields {
    vec![
        ("appid", format!("wx{}", chance.text("0123456789abcdef", 16))),
        ("mch_id", format!("1{}", chance.digits(9))),
        ("nonce_str", chance.text("0123456789abcdefXYZ", 16)),
        ("out_trade_no", chance.digits(20)),
    ]
}

fn order(chance: &mut Chance) -> Fields {
    let mut fields = ids(chance);
    fields.push(("body", chance.words()));
    fields.push(("total_fee", (1 + chance.below(99999)).to_string()));
    let more = vec![
        ("attach", chance.words()),
        ("spbill_create_ip", "127.0.0.1".to_owned()),
        ("notify_url", "https://shop.example.com/notify/wx".to_owned()),
        ("trade_type", "JSAPI".to_owned()),
        ("device_info", chance.digits(4)),
    ];
    fields.extend(some(chance, more, 2));
    fields
}

fn notice(chance: &mut Chance) -> Fields {
    let mut fields = ids(chance);
    fields.push(("transaction_id", format!("4200{}", chance.digits(24))));
    fields.push(("total_fee", (1 + chance.below(99999)).to_string()));
    let more = vec![
        ("attach", chance.words()),
        ("bank_type", "CMC".to_owned()),
        ("cash_fee", (1 + chance.below(99)).to_string()),
        ("is_subscribe", "N".to_owned()),
        ("openid", format!("o{}", chance.text("abcXYZ_-019", 27))),
        ("result_code", "SUCCESS".to_owned()),
        ("time_end", "20141030133525".to_owned()),
    ];
    fields.extend(some(chance, more, 2));
    fields
}

fn page(chance: &mut Chance, asked: SignType) -> Fields {
    vec![
        ("appId", format!("wx{}", chance.text("0123456789abcdef", 16))),
        ("timeStamp", format!("1{}", chance.digits(9))),
        ("nonceStr", chance.text("0123456789abcdefXYZ", 20)),
        ("package", format!("prepay_id=wx{}", chance.digits(30))),
        ("signType", asked.to_string()),
    ]
}

fn app(chance: &mut Chance) -> Fields {
    vec![
        ("appid", format!("wx{}", chance.text("0123456789abcdef", 16))),
        ("partnerid", format!("1{}", chance.digits(9))),
        ("prepayid", format!("wx{}", chance.digits(30))),
        ("package", "Sign=WXPay".to_owned()),
        ("noncestr", chance.text("0123456789abcdefXYZ", 20)),
        ("timestamp", format!("1{}", chance.digits(9))),
    ]
}

fn config(chance: &mut Chance) -> Fields {
    let path = *chance.pick(&["/", "/index.html", "/shop/item", "/商品/详情"]);
    let query =
        *chance.pick(&["", "?id=7&from=singlemessage&isappinstalled=0", "?code=081x&state=1", "?a=1&b=2"]);
    let fragment = *chance.pick(&["", "#/home", "#top"]);
    vec![
        ("jsapi_ticket", format!("sM4AOVdWfPE4DxkXGEs8{}", chance.text("abcXYZ_-019", 60))),
        ("noncestr", chance.text("0123456789abcdefXYZ", 16)),
        ("timestamp", format!("1{}", chance.digits(9))),
        ("url", format!("https://shop.example.com{path}{query}{fragment}")),
    ]
}
