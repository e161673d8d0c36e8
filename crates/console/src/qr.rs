use crate::view::QrView;

/// The QR code of a `code_url`, its text unchanged. `None` if the text is too long for any QR code.
pub(crate) fn qr(text: &str) -> Option<QrView> {
    let code = fast_qr::QRBuilder::new(text).ecl(fast_qr::ECL::M).build().ok()?;
    let rows = (0..code.size)
        .map(|y| (0..code.size).map(|x| if code[y][x].value() { '1' } else { '0' }).collect())
        .collect();
    Some(QrView { size: code.size, rows })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn has_its_three_corners() {
        let code = qr("weixin://wxpay/bizpayurl?pr=NwY5Mz9").unwrap();
        assert_eq!(code.rows.len(), code.size);
        for (row, column) in [(0, 0), (0, code.size - 7), (code.size - 7, 0)] {
            assert_eq!(&code.rows[row][column..column + 7], "1111111");
            assert_eq!(&code.rows[row + 1][column..column + 7], "1000001");
            assert_eq!(&code.rows[row + 3][column..column + 7], "1011101");
        }
        assert!(qr(&"x".repeat(8000)).is_none());
    }
}
