//! `detail`: the goods of an order, for single-item promotions and the payer's bill.

use super::draft::check_length;
use super::{BuildError, Rule};
use domain::Fen;
use serde_json::{Map, Value};

/// The goods of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Detail {
    /// Written from its parts.
    Goods(GoodsDetail),
    /// A JSON object, sent as it is.
    Raw(String),
}

/// The goods of an order, in parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GoodsDetail {
    /// The order's price before it was split into several payments.
    pub cost_price: Option<Fen>,
    /// The shop's receipt number, at most 32 bytes.
    pub receipt_id: Option<String>,
    /// The goods; at least one.
    pub goods: Vec<Goods>,
}

/// One item.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Goods {
    /// The merchant's code: 1 to 32 letters, digits, `-` and `_`.
    pub goods_id: String,
    /// WeChat's unified code, at most 32 bytes.
    pub wxpay_goods_id: Option<String>,
    /// The item's name, at most 256 bytes.
    pub goods_name: Option<String>,
    /// How many.
    pub quantity: u32,
    /// Price of one, after the merchant's own discount.
    pub price: Fen,
    /// Category, at most 32 bytes.
    pub goods_category: Option<String>,
    /// Description, at most 1000 bytes.
    pub body: Option<String>,
}

impl Detail {
    /// The JSON text, at most 6000 bytes.
    pub(crate) fn to_json(&self) -> Result<String, BuildError> {
        match self {
            Self::Raw(text) => object("detail", text),
            Self::Goods(detail) => detail.to_json(),
        }
    }
}

impl GoodsDetail {
    fn to_json(&self) -> Result<String, BuildError> {
        if self.goods.is_empty() {
            return Err(BuildError::Missing { field: "detail.goods_detail", because: Rule::OneItem });
        }
        let mut root = Map::new();
        if let Some(price) = self.cost_price {
            root.insert("cost_price".into(), price.get().into());
        }
        put(&mut root, "receipt_id", "detail.receipt_id", self.receipt_id.as_deref(), 32)?;
        let goods = self.goods.iter().map(Goods::to_json).collect::<Result<Vec<_>, _>>()?;
        root.insert("goods_detail".into(), Value::Array(goods));
        Ok(Value::Object(root).to_string())
    }
}

impl Goods {
    fn to_json(&self) -> Result<Value, BuildError> {
        let id = "detail.goods_id";
        let word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if self.goods_id.is_empty() || !self.goods_id.bytes().all(word) {
            return Err(BuildError::Format { field: id, expected: Rule::Word });
        }
        if self.quantity == 0 {
            return Err(BuildError::Format { field: "detail.quantity", expected: Rule::One });
        }
        if self.price < Fen::ZERO {
            return Err(BuildError::Format { field: "detail.price", expected: Rule::NotNegative });
        }
        let mut item = Map::new();
        put(&mut item, "goods_id", id, Some(&self.goods_id), 32)?;
        put(&mut item, "wxpay_goods_id", "detail.wxpay_goods_id", self.wxpay_goods_id.as_deref(), 32)?;
        put(&mut item, "goods_name", "detail.goods_name", self.goods_name.as_deref(), 256)?;
        item.insert("quantity".into(), self.quantity.into());
        item.insert("price".into(), self.price.get().into());
        put(&mut item, "goods_category", "detail.goods_category", self.goods_category.as_deref(), 32)?;
        put(&mut item, "body", "detail.body", self.body.as_deref(), 1000)?;
        Ok(Value::Object(item))
    }
}

/// Puts a text that may be absent, if it is not too long.
pub(crate) fn put(
    map: &mut Map<String, Value>,
    name: &str,
    field: &'static str,
    value: Option<&str>,
    max: usize,
) -> Result<(), BuildError> {
    if let Some(value) = value.filter(|value| !value.is_empty()) {
        check_length(field, value, max)?;
        map.insert(name.into(), value.into());
    }
    Ok(())
}

/// Takes a text that is one JSON object, as it is.
pub(crate) fn object(field: &'static str, text: &str) -> Result<String, BuildError> {
    match serde_json::from_str(text) {
        Ok(Value::Object(_)) => Ok(text.to_owned()),
        _ => Err(BuildError::Format { field, expected: Rule::JsonObject }),
    }
}
