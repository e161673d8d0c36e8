//! `scene_info`: where a payment is made.

use super::detail::{object, put};
use super::{BuildError, Rule};
use serde_json::{Map, Value};

/// A shop.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoreInfo {
    /// The shop's number, 1 to 32 bytes.
    pub id: String,
    /// Its name, at most 64 bytes.
    pub name: Option<String>,
    /// The national code of its district, 6 digits.
    pub area_code: Option<String>,
    /// Its address, at most 128 bytes.
    pub address: Option<String>,
}

/// Where a payment is made, for all but H5.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scene {
    /// In a shop.
    Store(StoreInfo),
    /// A JSON object, sent as it is.
    Raw(String),
}

/// Where an H5 payment is made. WeChat Pay demands it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum H5Scene {
    /// A page in a browser.
    Wap {
        /// Its address.
        wap_url: String,
        /// Its name.
        wap_name: String,
    },
    /// An iOS app.
    Ios {
        /// Its name.
        app_name: String,
        /// Its bundle id.
        bundle_id: String,
    },
    /// An Android app.
    Android {
        /// Its name.
        app_name: String,
        /// Its package name.
        package_name: String,
    },
    /// A JSON object with `h5_info`, sent as it is.
    Raw(String),
}

impl Scene {
    pub(crate) fn to_json(&self) -> Result<String, BuildError> {
        let store = match self {
            Self::Raw(text) => return object("scene_info", text),
            Self::Store(store) => store,
        };
        if store.id.is_empty() {
            return Err(BuildError::Missing { field: "scene_info.id", because: Rule::ShopNumber });
        }
        if store.area_code.as_ref().is_some_and(|code| {
            !code.is_empty() && (code.len() != 6 || !code.bytes().all(|byte| byte.is_ascii_digit()))
        }) {
            return Err(BuildError::Format { field: "scene_info.area_code", expected: Rule::SixDigits });
        }
        let mut info = Map::new();
        put(&mut info, "id", "scene_info.id", Some(&store.id), 32)?;
        put(&mut info, "name", "scene_info.name", store.name.as_deref(), 64)?;
        put(&mut info, "area_code", "scene_info.area_code", store.area_code.as_deref(), 6)?;
        put(&mut info, "address", "scene_info.address", store.address.as_deref(), 128)?;
        Ok(wrap("store_info", info))
    }
}

impl H5Scene {
    pub(crate) fn to_json(&self) -> Result<String, BuildError> {
        let (kind, parts) = match self {
            Self::Wap { wap_url, wap_name } => ("Wap", [("wap_url", wap_url), ("wap_name", wap_name)]),
            Self::Ios { app_name, bundle_id } => ("IOS", [("app_name", app_name), ("bundle_id", bundle_id)]),
            Self::Android { app_name, package_name } => {
                ("Android", [("app_name", app_name), ("package_name", package_name)])
            }
            Self::Raw(text) => {
                let text = object("scene_info", text)?;
                let has_info = serde_json::from_str::<Value>(&text).is_ok_and(|v| v["h5_info"].is_object());
                return if has_info { Ok(text) } else { Err(missing()) };
            }
        };
        let mut info = Map::new();
        info.insert("type".into(), kind.into());
        for (name, value) in parts {
            if value.is_empty() {
                return Err(missing());
            }
            info.insert(name.into(), value.as_str().into());
        }
        Ok(wrap("h5_info", info))
    }
}

fn missing() -> BuildError {
    BuildError::Missing { field: "scene_info.h5_info", because: Rule::H5Page }
}

fn wrap(name: &str, info: Map<String, Value>) -> String {
    let mut root = Map::new();
    root.insert(name.into(), Value::Object(info));
    Value::Object(root).to_string()
}
