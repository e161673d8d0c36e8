//! Amounts for people.

use console::Lang;
use domain::Fen;

/// Yuan with two decimals and thousands separators: `¥1,234.50`, `-¥2.00`.
pub(crate) fn yuan(fen: i64) -> String {
    Fen::new(fen).yuan()
}

/// An amount of any currency. Only of yuan is it known how many decimals they have; of others the smallest unit is
/// shown as WeChat Pay counts it.
pub(crate) fn amount(lang: Lang, fen: i64, currency: &str) -> String {
    if currency == "CNY" {
        yuan(fen)
    } else {
        lang.say("money.smallest_unit", &[("amount", &fen), ("currency", &currency)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The window's formatter is held to the same file; only its minus is U+2212.
    #[test]
    fn money_is_shown_as_the_window_shows_it() {
        let rows: Vec<(i64, String)> =
            serde_json::from_str(include_str!("../../../../tests/fixtures/money/yuan.json")).unwrap();
        assert!(rows.len() > 10);
        for (fen, shown) in rows {
            assert_eq!(yuan(fen), shown);
        }
    }

    #[test]
    fn money_is_never_ambiguous() {
        for (fen, shown) in [
            (0, "¥0.00"),
            (1, "¥0.01"),
            (-200, "-¥2.00"),
            (99_999, "¥999.99"),
            (123_450, "¥1,234.50"),
            (100_000_000, "¥1,000,000.00"),
            (i64::MAX, "¥92,233,720,368,547,758.07"),
            (i64::MIN, "-¥92,233,720,368,547,758.08"),
        ] {
            assert_eq!(yuan(fen), shown);
        }
        assert_eq!(amount(Lang::En, 1234, "JPY"), "1234 JPY (smallest unit)");
        assert_eq!(amount(Lang::ZhCn, 1234, "CNY"), "¥12.34");
    }
}
