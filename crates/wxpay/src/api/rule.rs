use std::fmt;

macro_rules! rules {
    ($($(#[$doc:meta])* $rule:ident = $name:literal: $text:literal,)*) => {
        /// What a field of a request must be, or why it must be there. Each has a stable name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Rule {
            $($(#[$doc])* $rule,)*
        }

        impl Rule {
            /// Every rule.
            pub const ALL: &[Self] = &[$(Self::$rule,)*];

            /// The stable name, snake_case.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$rule => $name,)* }
            }
        }

        /// The rest of a sentence that begins with the field, for developers.
        impl fmt::Display for Rule {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(match self { $(Self::$rule => $text,)* })
            }
        }
    };
}

rules! {
    /// An `out_trade_no` of an order that is to be made.
    NewOrderNumber = "new_order_number": "of a new order must have 6 to 32 digits, letters and _ - | *",
    /// An amount of nothing, or less.
    OneFen = "one_fen": "must be at least 0.01",
    /// A currency.
    Currency = "currency": "must be three capital letters, such as CNY",
    /// An address without scheme or host.
    Address = "address": "must be an absolute http or https address",
    /// An address with parameters.
    NoQuery = "no_query": "must not have a query string: WeChat Pay takes addresses without parameters only",
    /// An address with blanks.
    NoSpaces = "no_spaces": "must not have spaces",
    /// An IP address.
    Ip = "ip": "must be an IPv4 or IPv6 address",
    /// `time_expire`, which WeChat Pay wants more than a minute away.
    MinuteLater = "minute_later": "must be more than one minute after time_start",
    /// An area code.
    SixDigits = "six_digits": "must be 6 digits",
    /// An item's id.
    Word = "word": "must be of letters, digits, - and _",
    /// A quantity.
    One = "one": "must be at least 1",
    /// A price.
    NotNegative = "not_negative": "must not be negative",
    /// `detail` or `scene_info` as text.
    JsonObject = "json_object": "must be a JSON object",
    /// A refund over the order's total.
    WithinOrder = "within_order": "must not be more than the order's whole amount",
    /// A shop's scene in an H5 order.
    OneScene = "one_scene": "is that of the page or app for an H5 payment; it cannot be a shop too",
    /// A field that must not be empty.
    NotEmpty = "not_empty": "it must not be empty",
    /// A shop in `scene_info`.
    ShopNumber = "shop_number": "a shop needs a number",
    /// The page or app of an H5 order.
    H5Page = "h5_page": "an H5 payment needs its page or app, each part filled in",
    /// `detail` without goods.
    OneItem = "one_item": "detail needs at least one item",
    /// `sub_openid` without `sub_appid`.
    SubPayer = "sub_payer": "a payer under sub_openid needs it",
}
