//! Where a program runs: on the merchant's server, or at customers, who can read it.

/// What only a page or a mini program says.
const FRONT: &[&str] = &[
    "requestPayment",
    "chooseWXPay",
    "WeixinJSBridge",
    "wx.request(",
    "wx.login(",
    "wx.config(",
    "wx.ready(",
    "uni.request(",
    "Taro.",
    "Page({",
    "Component({",
    "getApp()",
    "document.",
    "window.",
    "localStorage",
    "<script",
    "$.ajax(",
    "$.post(",
];

/// What only a server says.
const SERVER: &[&str] = &[
    "<?php",
    "$this->",
    "$_POST",
    "$_GET",
    "array(",
    "ksort(",
    "strtoupper(",
    "require('crypto')",
    "require(\"crypto\")",
    "from 'crypto'",
    "from \"crypto\"",
    "node:crypto",
    "createHash(",
    "createHmac(",
    "module.exports",
    "process.env",
    "express(",
    "ctx.body",
    "public class ",
    "public static ",
    "private static ",
    "import java",
    "Map<String",
    "StringBuilder",
    "MessageDigest",
    "HttpServletRequest",
    "@PostMapping",
    "package main",
    "func ",
    "map[string]",
    "import hashlib",
    "hashlib.",
    "def ",
    "namespace ",
    "using System",
];

/// Whether a piece of a program runs at customers beyond doubt.
pub(crate) fn runs_at_customers(text: &str) -> bool {
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    has(FRONT) && !runs_on_server(text)
}

/// Whether something stands in it that only a server says.
pub(super) fn runs_on_server(text: &str) -> bool {
    SERVER.iter().any(|word| text.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_no_customer() {
        for (text, expected) in [
            ("wx.requestPayment({ key: 'x' })", true),
            ("Page({ data: { mchKey: 'x' } })", true),
            ("const crypto = require('crypto'); const mchKey = 'x'", false),
            ("res.send('<script>WeixinJSBridge</script>'); crypto.createHash('md5')", false),
            ("$data = array('appid' => 'x', 'key' => 'y');", false),
            ("map.put(\"appid\", \"x\");", false),
        ] {
            assert_eq!(runs_at_customers(text), expected, "{text}");
        }
    }
}
