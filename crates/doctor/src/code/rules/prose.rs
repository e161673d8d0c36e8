//! What the sentences of a tutorial say. Only what cannot be meant otherwise.

use super::{
    APPID_OF_OTHER_KIND, CALLBACK_NEVER_VERIFIES, EMPTY_VALUES_UNMENTIONED, NOTICE_CLAIMED_FOR_FAILURES,
    NOTICE_RETRIES_MISCOUNTED, NUMBER_MISCALLED, ONLINE_TOOL_TRUSTED, Report, SIGN_TYPE_IGNORED,
    SORT_ORDER_UNSTATED,
};
use crate::code::names::plain;
use crate::code::pairs::{Origin, Value};

/// Words for verifying a notice's signature.
const VERIFIED: &[&str] = &[
    "验签",
    "验证签名",
    "签名验证",
    "校验签名",
    "签名校验",
    "verify",
    "Verify",
    "checkSign",
    "CheckSign",
    "isSignatureValid",
];

/// Longest line that is read as a sentence, in bytes.
const LONGEST: usize = 4096;

pub(super) fn look(report: &mut Report<'_, '_>) {
    miscalled(report);
    other_kind(report);
    sentences(report);
}

/// `appId: …, // 商户 id`.
fn miscalled(report: &mut Report<'_, '_>) {
    for pair in report.program.groups.iter().flat_map(|group| &group.pairs) {
        let said = match (pair.note, pair.value) {
            (Some(note), _) => note,
            (None, Value::Prose(text)) => text,
            _ => continue,
        };
        let said: String = said.chars().filter(|c| !matches!(c, '/' | '*' | ' ' | '#')).take(12).collect();
        let said = said.to_ascii_lowercase();
        let merchant =
            said.starts_with("商户id") || said.starts_with("商户号") || said.starts_with("merchantid");
        let app = said.starts_with("小程序id") || said.starts_with("公众号id") || said.starts_with("appid");
        match plain(pair.name).as_str() {
            "appid" if merchant => report.say(&NUMBER_MISCALLED, pair.at, &[("name", pair.name)]),
            "mchid" if app => report.say(&NUMBER_MISCALLED, pair.at, &[("name", pair.name)]),
            _ => {}
        }
    }
}

/// For a mini program, the numbers are not in a public account's console.
fn other_kind(report: &mut Report<'_, '_>) {
    let program = report.program;
    let mini =
        ["小程序", "jscode2session", "wx.requestPayment"].iter().any(|word| program.src.contains(word));
    let groups = program.groups.iter().filter(|group| group.origin == Origin::Prose && mini);
    for pair in groups.flat_map(|group| &group.pairs) {
        let Value::Prose(text) = pair.value else { continue };
        let number = ["appid", "mchid"].contains(&plain(pair.name).as_str());
        if number && text.contains("公众号后台") {
            report.say(&APPID_OF_OTHER_KIND, pair.at, &[("name", pair.name)]);
        }
    }
}

fn sentences(report: &mut Report<'_, '_>) {
    let program = report.program;
    let src = program.src;
    // What stands far away may belong to another article of the same page.
    let verified: Vec<bool> =
        program.scan.lines().map(|(_, line)| VERIFIED.iter().any(|word| line.contains(word))).collect();
    let empty: Vec<bool> =
        program.scan.lines().map(|(_, line)| line.contains("空") || line.contains("empty")).collect();
    let sorted = ["字典", "ASCII", "sort", "升序"].iter().any(|word| src.contains(word));
    let hmac = src.contains("HMAC") || src.contains("hmac");
    let mut before = [""; 2];
    for (number, (start, line)) in program.scan.lines().enumerate() {
        let whole = line;
        let line = if line.len() > LONGEST { "" } else { line };
        retries(report, start, line);
        if let Some(at) = promised(line) {
            report.say(&NOTICE_CLAIMED_FOR_FAILURES, start + at, &[]);
        }
        if let Some(at) = line.find("签名验证工具").or_else(|| line.find("签名校验工具")) {
            report.say(&ONLINE_TOOL_TRUSTED, start + at, &[]);
        }
        if let Some(at) = line
            .find("要求的顺序")
            .filter(|at| !sorted && ["组装", "拼接", "排列"].iter().any(|word| line[*at..].contains(word)))
        {
            report.say(&SORT_ORDER_UNSTATED, start + at, &[]);
        }
        if let Some(at) =
            line.find("验证签名").or_else(|| line.find("验签")).filter(|_| !hmac && line.contains("MD5"))
        {
            report.say(&SIGN_TYPE_IGNORED, start + at, &[]);
            if !near(&empty, number) && line.contains("key") {
                report.say(&EMPTY_VALUES_UNMENTIONED, start + at, &[]);
            }
        }
        if let Some(at) = unverified(line, &before).filter(|_| !near(&verified, number)) {
            report.say(&CALLBACK_NEVER_VERIFIES, start + at, &[]);
        }
        before = [before[1], whole];
    }
}

/// How many lines on either side belong to the same matter.
const NEAR: usize = 30;

fn near(lines: &[bool], number: usize) -> bool {
    let end = (number + NEAR).min(lines.len());
    lines.get(number.saturating_sub(NEAR)..end).is_some_and(|lines| lines.contains(&true))
}

/// A line that has orders updated, or answers SUCCESS, when a notice comes.
fn unverified(line: &str, before: &[&str; 2]) -> Option<usize> {
    let notice = |line: &str| ["notify_url", "通知", "回调"].iter().any(|word| line.contains(word));
    let updates = line.find("订单状态").filter(|_| ["更新", "修改"].iter().any(|word| line.contains(word)));
    if let Some(at) = updates.filter(|_| notice(line) || before.iter().any(|line| notice(line))) {
        return Some(at);
    }
    // An answer in prose: the text tells to send it.
    let answer =
        line.trim_start().starts_with("<xml") && line.contains("<return_code>") && line.contains("SUCCESS");
    let asked = before.iter().any(|line| notice(line));
    if answer && asked && !line.contains("<sign>") {
        Some(line.len() - line.trim_start().len())
    } else {
        None
    }
}

/// `总共会发起10次通知,通知频率为15s/15s/30s/…`.
fn retries(report: &mut Report<'_, '_>, start: usize, line: &str) {
    let Some(at) = line.find("次通知") else { return };
    let digits: String = line[..at].chars().rev().take_while(char::is_ascii_digit).take(4).collect();
    let Ok(said) = digits.chars().rev().collect::<String>().parse::<usize>() else { return };
    let is_interval = |piece: &&str| {
        let number = piece.trim_end_matches([',', ')']).strip_suffix(['s', 'm', 'h']);
        number.is_some_and(|number| number.ends_with(|c: char| c.is_ascii_digit()))
    };
    let list = line
        .split_ascii_whitespace()
        .map(|word| word.split('/').filter(is_interval).count())
        .max()
        .unwrap_or(0);
    if list >= 5 && list != said {
        let (said, list) = (said.to_string(), list.to_string());
        report.say(&NOTICE_RETRIES_MISCOUNTED, start + at, &[("said", &said), ("listed", &list)]);
    }
}

/// `不管支付成功与否,此接口都会调用`.
fn promised(line: &str) -> Option<usize> {
    let at = [
        "不管支付成功",
        "无论支付成功",
        "不论支付成功",
        "不管支付是否成功",
        "无论支付是否成功",
        "不论支付是否成功",
    ]
    .iter()
    .find_map(|word| line.find(word))?;
    let rest: String = line[at..].chars().take(40).collect();
    let always = ["都会", "均会", "都将"].iter().any(|word| rest.contains(word));
    let told = ["调用", "通知", "回调", "推送"].iter().any(|word| rest.contains(word));
    (always && told).then_some(at)
}
