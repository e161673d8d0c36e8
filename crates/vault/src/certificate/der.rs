//! As much DER as it takes to see which public key a private key belongs to.

/// What a private key says of its public half.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum PublicHalf<'d> {
    /// An RSA modulus without leading zeros.
    Rsa(&'d [u8]),
    /// A point on a curve, as it stands in a certificate.
    Point(&'d [u8]),
}

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const SEQUENCE: u8 = 0x30;
const CONTEXT_1: u8 = 0xa1;

/// One value: its tag, its content, and what follows it.
fn value(input: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = input.split_first()?;
    let (&first, mut rest) = rest.split_first()?;
    let len = if first < 0x80 {
        usize::from(first)
    } else {
        let (bytes, after) = rest.split_at_checked(usize::from(first & 0x7f))?;
        rest = after;
        if bytes.len() > 4 {
            return None;
        }
        bytes.iter().fold(0, |len, byte| len << 8 | usize::from(*byte))
    };
    let (content, rest) = rest.split_at_checked(len)?;
    Some((tag, content, rest))
}

/// The content of the first value, if it has this tag, and what follows.
fn expect(input: &[u8], expected: u8) -> Option<(&[u8], &[u8])> {
    let (tag, content, rest) = value(input)?;
    (tag == expected).then_some((content, rest))
}

fn without_leading_zeros(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    &number[zeros..]
}

/// RSAPrivateKey (RFC 8017): version, modulus, …
fn rsa(der: &[u8]) -> Option<PublicHalf<'_>> {
    let (key, _) = expect(der, SEQUENCE)?;
    let (_version, key) = expect(key, INTEGER)?;
    let (modulus, _) = expect(key, INTEGER)?;
    Some(PublicHalf::Rsa(without_leading_zeros(modulus)))
}

/// ECPrivateKey (RFC 5915): version, number, [0] curve, [1] point. The point may be left out.
fn curve(der: &[u8]) -> Option<PublicHalf<'_>> {
    let (key, _) = expect(der, SEQUENCE)?;
    let (_version, key) = expect(key, INTEGER)?;
    let (_number, mut key) = expect(key, OCTET_STRING)?;
    while let Some((tag, content, rest)) = value(key) {
        if tag == CONTEXT_1 {
            let (bits, _) = expect(content, BIT_STRING)?;
            let (_unused, point) = bits.split_first()?;
            return Some(PublicHalf::Point(point));
        }
        key = rest;
    }
    None
}

/// The public half of a private key of one of the three kinds of PEM section; `None` for other keys.
pub(super) fn public_half<'d>(label: &str, der: &'d [u8]) -> Option<PublicHalf<'d>> {
    match label {
        "RSA PRIVATE KEY" => rsa(der),
        "EC PRIVATE KEY" => curve(der),
        _ => {
            // PrivateKeyInfo (RFC 5208): version, algorithm, the key in an OCTET STRING
            let (info, _) = expect(der, SEQUENCE)?;
            let (_version, info) = expect(info, INTEGER)?;
            let (_algorithm, info) = expect(info, SEQUENCE)?;
            let (key, _) = expect(info, OCTET_STRING)?;
            curve(key).or_else(|| rsa(key))
        }
    }
}

impl PublicHalf<'_> {
    /// Whether a certificate's subjectPublicKey is this.
    pub(super) fn is_of(&self, subject_public_key: &[u8]) -> bool {
        match self {
            Self::Point(point) => *point == subject_public_key,
            Self::Rsa(modulus) => expect(subject_public_key, SEQUENCE)
                .and_then(|(key, _)| expect(key, INTEGER))
                .is_some_and(|(other, _)| without_leading_zeros(other) == *modulus),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_claim_more_than_there_is() {
        for input in [
            &[][..],
            &[0x30],
            &[0x30, 0x01],
            &[0x30, 0x80],
            &[0x30, 0x82, 0x01],
            &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff],
            &[0x30, 0x89, 1, 1, 1, 1, 1, 1, 1, 1, 1],
        ] {
            assert!(value(input).is_none_or(|(_, content, _)| content.is_empty()), "{input:?}");
            assert_eq!(public_half("PRIVATE KEY", input), None, "{input:?}");
        }
    }

    #[test]
    fn the_numbers_of_an_rsa_key() {
        // version 0, modulus 0x00c3, exponent 3
        let key = [0x30, 0x0a, 2, 1, 0, 2, 2, 0, 0xc3, 2, 1, 3];
        assert_eq!(public_half("RSA PRIVATE KEY", &key), Some(PublicHalf::Rsa(&[0xc3])));
        assert!(PublicHalf::Rsa(&[0xc3]).is_of(&[0x30, 0x07, 2, 2, 0, 0xc3, 2, 1, 3]));
        assert!(!PublicHalf::Rsa(&[0xc3]).is_of(&[0x30, 0x07, 2, 2, 0, 0xc5, 2, 1, 3]));
    }
}
