//! What a page, a mini program or an app calls WeChat with.

use super::{Holds, MessageDoc, Need, Way, field, must, text, usual};

/// `wx.requestPayment` and `getBrandWCPayRequest`, and `wx.chooseWXPay`, which takes `timestamp` for `timeStamp`. What is
/// behind the signature are the call's own options.
pub const JSAPI_CALL: MessageDoc = MessageDoc {
    name: "jsapi_call",
    way: Way::FrontEnd,
    fields: &[
        field("appId", Holds::AppId, 32, Need::Optional),
        field("timeStamp", Holds::Seconds, 32, Need::OneOf),
        field("timestamp", Holds::Seconds, 32, Need::OneOf),
        must("nonceStr", 32),
        field("package", Holds::Package, 128, Need::Always),
        field("signType", Holds::SignType, 32, Need::Usual),
        field("paySign", Holds::Signature, 64, Need::Usual),
        text("success", 0),
        text("fail", 0),
        text("complete", 0),
        text("cancel", 0),
        text("trigger", 0),
        text("provider", 0),
        text("orderInfo", 0),
    ],
};

/// What an app calls the payment with.
pub const APP_CALL: MessageDoc = MessageDoc {
    name: "app_call",
    way: Way::FrontEnd,
    fields: &[
        field("appid", Holds::AppId, 32, Need::Always),
        field("partnerid", Holds::MchId, 32, Need::Always),
        must("prepayid", 64),
        field("package", Holds::Package, 128, Need::Always),
        must("noncestr", 32),
        field("timestamp", Holds::Seconds, 10, Need::Always),
        field("sign", Holds::Signature, 64, Need::Usual),
    ],
};

/// `wx.config`.
pub const WX_CONFIG: MessageDoc = MessageDoc {
    name: "wx_config",
    way: Way::FrontEnd,
    fields: &[
        field("appId", Holds::AppId, 32, Need::Usual),
        field("timestamp", Holds::Seconds, 10, Need::Usual),
        usual("nonceStr", 32),
        field("signature", Holds::Signature, 40, Need::Usual),
        text("debug", 0),
        text("beta", 0),
        text("jsApiList", 0),
        text("openTagList", 0),
        // What the signature is taken of stands beside the call at times.
        text("noncestr", 32),
        text("jsapi_ticket", 0),
        text("url", 0),
    ],
};
