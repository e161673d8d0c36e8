//! Amounts in menus and notifications, as the page shows them.

use domain::Fen;

/// Yuan with two decimals and thousands separators: `¥1,234.50`, `−¥2.00`.
pub(crate) fn yuan(fen: i64) -> String {
    Fen::new(fen).yuan().replace('-', "−")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts() {
        for (fen, expected) in [
            (0, "¥0.00"),
            (1, "¥0.01"),
            (-200, "−¥2.00"),
            (99_999, "¥999.99"),
            (123_450, "¥1,234.50"),
            (100_000_000, "¥1,000,000.00"),
            (i64::MIN, "−¥92,233,720,368,547,758.08"),
        ] {
            assert_eq!(yuan(fen), expected);
        }
    }
}
