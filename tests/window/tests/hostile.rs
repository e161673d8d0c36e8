//! Two hundred texts of strangers, shown by the real window: as text, and nothing but text.

use serde_json::{Value, json};
use window::{Place, Window, Words, key};

/// Each would set `window.__hit` if it acted.
const ACTING: &[&str] = &[
    "<script>__hit=1</script>",
    "<img src=x onerror=__hit=1>",
    "<svg onload=__hit=1>",
    "<svg/onload=__hit=1//",
    "<svg><script>__hit=1</script></svg>",
    "<svg><animate onbegin=__hit=1 attributeName=x dur=1s>",
    "<svg><a xlink:href=javascript:__hit=1><text>x</text></a></svg>",
    "<iframe src=javascript:__hit=1>",
    "<iframe srcdoc='<script>top.__hit=1</script>'>",
    "<object data=javascript:__hit=1>",
    "<embed src=javascript:__hit=1>",
    "<body onload=__hit=1>",
    "<details open ontoggle=__hit=1>",
    "<input autofocus onfocus=__hit=1>",
    "<select autofocus onfocus=__hit=1>",
    "<textarea autofocus onfocus=__hit=1>",
    "<video><source onerror=__hit=1>",
    "<audio src=x onerror=__hit=1>",
    "<marquee onstart=__hit=1>",
    "<a href=javascript:__hit=1>x</a>",
    "<form action=javascript:__hit=1><button>x",
    "<math href=javascript:__hit=1>x</math>",
    "<base href=https://evil.example/>",
    "<meta http-equiv=refresh content=0;url=https://evil.example>",
    "<link rel=stylesheet href=https://evil.example/a.css>",
    "<style>*{display:none!important}</style>",
    "<style>@import url(https://evil.example)</style>",
    "<template><img src=x onerror=__hit=1></template>",
    "<noscript><p title='</noscript><img src=x onerror=__hit=1>'>",
    "<p style=animation-name:x onanimationstart=__hit=1>",
    "<button popovertarget=x onclick=__hit=1>x",
    "<xss contenteditable autofocus onfocus=__hit=1>",
    "javascript:__hit=1",
    "data:text/html,<script>opener.__hit=1</script>",
    "{{constructor.constructor('__hit=1')()}}",
    "{{$on.constructor('__hit=1')()}}",
    "${__hit=1}",
    "#{__hit=1}",
    "<%= __hit=1 %>",
    "{@html '<img src=x onerror=__hit=1>'}",
    "{__hit = 1}",
    "{#if (__hit = 1)}x{/if}",
    "{@const x = (__hit = 1)}",
    "`${__hit=1}`",
    "';__hit=1;//",
    "\";__hit=1;//",
    "\\u003cscript\\u003e__hit=1\\u003c/script\\u003e",
    "&lt;script&gt;__hit=1&lt;/script&gt;",
    "&#60;img src=x onerror=__hit=1&#62;",
    "%3Cimg%20src=x%20onerror=__hit=1%3E",
    "=HYPERLINK(\"javascript:__hit=1\")",
    "__proto__",
    "constructor",
    "{\"__proto__\":{\"polluted\":1}}",
];

/// What closes the element that the text stands in, if it is pasted into a document.
const BEFORE: &[&str] = &["", "\">", "'>", "</bdi></span></div>"];

/// Each has something that cannot be seen, or turns a line around, or leaves its box.
fn strange() -> Vec<String> {
    let mut all: Vec<String> = [
        "\u{202e}99.88¥ 款退\u{202c}",
        "a\u{200b}b\u{200c}c\u{200d}d",
        "\u{2066}left\u{2069}\u{2067}right\u{2069}",
        "\u{feff}BOM",
        "a\u{00ad}soft",
        "\u{061c}mark\u{200e}\u{200f}",
        "x\u{2060}y\u{034f}z",
        "\u{2028}line\u{2029}para",
        "\u{e0041}\u{e0042}tags",
        "\u{3164}\u{115f}\u{1160}",
        "مرحبا بالعالم ١٢٣",
        "שלום עולם 123",
        "abc مرحبا 12.34 def",
        "👨‍👩‍👧‍👦👩🏽‍🚀🏳️‍🌈🇨🇳",
        "🤦🏼‍♂️ é ê̄",
        "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢",
        "﷽﷽﷽﷽﷽",
        "ﷺ",
        "𒐫𒐫𒐫",
        "꧅꧅꧅",
        "ᄀᄀᄀ각ᆨᆨ",
        "क्ष्म्य",
        "ไทยไม่มีช่องว่าง",
        "ｆｕｌｌｗｉｄｔｈ",
        "ⅷ①㍿㋿",
        "\u{fff9}a\u{fffa}b\u{fffb}",
        "\u{fffc}\u{fffd}",
        "\u{2000}\u{2003}\u{205f}\u{3000}spaces",
        "a\tb",
        "中\u{fe00}文\u{fe0e}变\u{e0100}体",
        "NULL",
        "undefined",
        "NaN",
        "-1",
        "1e309",
        "true",
        "../../etc/passwd",
        "C:\\CON\\NUL",
    ]
    .map(str::to_owned)
    .to_vec();
    all.push("W".repeat(127));
    all.push("面".repeat(42));
    all.push(format!("a{}", "\u{0301}".repeat(60)));
    all.push("\u{202e}".repeat(40));
    all.push("\u{200b}".repeat(42));
    all.push("-".repeat(120));
    all.push("ﷺ".repeat(40));
    all
}

fn payloads() -> Vec<String> {
    let mut all = strange();
    for before in BEFORE {
        all.extend(ACTING.iter().map(|text| format!("{before}{text}")));
    }
    // A body of WeChat Pay's has at most 128 bytes.
    all.retain(|text| text.len() <= 127);
    all.truncate(200);
    all
}

/// Makes an order, pays it, refunds a part of it, with one text everywhere, by the program's own commands.
const MAKE: &str = "
    const [texts, done] = arguments;
    const call = window.__TAURI_INTERNALS__.invoke, merchant = 'simulated';
    (async () => {
      const made = [], refused = [];
      for (const [at, text] of texts.entries()) {
        try {
          const out_trade_no = await call('new_number', { merchant });
          const form = { trade_type: 'native', out_trade_no, total_fen: 100 + at, body: text, attach: text, expires_in_secs: 7200, openid: null, sub_openid: null, wap_url: null, wap_name: null };
          await call('create_order', { merchant, form });
          made.push([out_trade_no, text]);
          if (at % 4 === 0) {
            await call('simulate', { merchant, form: { act: 'pay', out_trade_no, coupon_fen: 0, notice: 'normal' } });
            await call('query_order', { merchant, out_trade_no });
            let reason = ''; for (const c of text) if (new TextEncoder().encode(reason + c).length <= 80) reason += c;
            const form = { out_trade_no, out_refund_no: 'R' + out_trade_no, refund_fen: 50, reason };
            await call('create_refund', { merchant, form });
          }
        } catch (error) { refused.push([text, JSON.stringify(error)]); }
      }
      return { made, refused };
    })().then(done, (error) => done({ error: String(error) }))";

#[tokio::test]
async fn two_hundred_texts_of_strangers_are_text_and_nothing_else() {
    let (place, zh) = (Place::fresh(), Words::zh());
    // Ten thousand characters, as a label, which no protocol cuts.
    let long = format!("<img src=x onerror=__hit=1>\u{202e}{}", "长".repeat(10_000));
    for (name, label) in [
        ("long", long.as_str()),
        ("rtl", "\u{202e}<svg onload=__hit=1>مرحبا"),
        ("braces", "{{7*7}}{@html x}${7*7}"),
    ] {
        let words = ["merchant", "add", name, "--environment", "sandbox", "--mch-id", "1900000109"];
        let appid = format!("wx88888888888888{}", 10 + name.len());
        let _ = place.cli(&[&words[..], &["--appid", &appid, "--label", label]].concat());
    }
    let window = Window::open_with(&place, &["--merchant", "simulated"], &[]).await;
    let page = &window.page;
    let texts = payloads();
    assert_eq!(texts.len(), 200);
    let (mut made, mut refused) = (Vec::new(), Vec::new());
    for some in texts.chunks(20) {
        let answer = page.eval_async(MAKE, vec![json!(some)]).await;
        assert_eq!(answer["error"], Value::Null);
        made.extend(answer["made"].as_array().cloned().unwrap_or_default());
        refused.extend(answer["refused"].as_array().cloned().unwrap_or_default());
        page.go("overview").await;
        page.until("the latest payments", ".ov .panel").await;
        page.calm("overview").await;
    }
    // What the protocol cannot carry is refused before it is sent; everything else is in the ledger.
    assert!(refused.len() <= 4, "{refused:#?}");
    assert_eq!(made.len() + refused.len(), 200);

    // The list, page by page, to its end; then every one in the pane beside it.
    page.go("payments").await;
    page.until_rows(made.len() as u64).await;
    page.keys(&[key::TAB]).await;
    page.eval("document.querySelector('.grid-row[data-active]').focus()", Vec::new()).await;
    let mut marks = 0;
    for _ in 0..14 {
        page.calm("payments").await;
        marks += page.count(".grid-row bdi .ctl").await;
        page.keys(&['\u{e00f}']).await;
    }
    assert!(marks > 20, "{marks} marks in the list");
    for one in &made {
        let (number, text) = (one[0].as_str().unwrap(), one[1].as_str().unwrap());
        page.go(&format!("payments?open={number}")).await;
        let there =
            "return document.querySelector('aside.detail .kv')?.innerText.includes(arguments[0]) ?? false";
        page.until_true("the pane", there, vec![json!(number)]).await;
        page.calm(text).await;
    }
    // Every hidden character has its mark in the pane.
    let hidden =
        made.iter().find(|one| one[1].as_str().is_some_and(|text| text.contains('\u{202e}'))).unwrap();
    page.go(&format!("payments?open={}", hidden[0].as_str().unwrap())).await;
    page.until_text("aside.detail .pane-what", "RLO").await;

    page.go("refunds").await;
    page.until("refunds", ".grid-row").await;
    page.calm("refunds").await;
    page.click_on(".grid-row:nth-child(3)").await;
    page.until("the pane", "aside.detail .pane-refunds").await;
    page.calm("refunds, open").await;
    page.go("requests").await;
    page.until("requests", ".grid-row").await;
    page.calm("requests").await;
    for id in [1, 5, 40, 80, 120] {
        page.go(&format!("requests?open={id}")).await;
        page.until("the exchange", ".req-pane .code").await;
        page.calm("an exchange").await;
    }
    // Labels: the switcher, the list, one merchant, the palette.
    page.click_on(".top .merchant").await;
    page.until("the menu", "[role=menu]").await;
    page.calm("the menu of merchants").await;
    page.keys(&[key::ESCAPE]).await;
    for place in [
        "settings?section=merchants",
        "settings?merchant=long",
        "settings?merchant=rtl",
        "settings?merchant=braces",
    ] {
        page.go(place).await;
        page.until("settings", "main h1").await;
        page.calm(place).await;
    }
    page.chord(key::CONTROL, 'k').await;
    page.write("img").await;
    page.until("hits", "[role=option]").await;
    page.calm("the palette").await;
    page.keys(&[key::ESCAPE]).await;
    // The merchant with the long label, as the one in use.
    page.go("settings?section=merchants").await;
    page.click(zh.say("ui.settings.use")).await;
    page.go("payments").await;
    page.until("an empty list", ".list-state").await;
    page.calm("a long label on top").await;
}
