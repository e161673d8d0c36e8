use crate::{OperationId, OutRefundNo, OutTradeNo, Timestamp};

/// Where random numbers come from. It is an argument everywhere, so that a failure can be replayed from a seed.
pub trait Entropy: Send + Sync {
    /// Fills `out` with random bytes. In the product they are the operating system's.
    fn fill(&self, out: &mut [u8]);
}

impl<E: Entropy + ?Sized> Entropy for std::sync::Arc<E> {
    fn fill(&self, out: &mut [u8]) {
        (**self).fill(out);
    }
}

/// `len` characters of `alphabet`, each as likely as the next. The alphabet has at most 256 characters.
fn text(entropy: &dyn Entropy, alphabet: &[u8], len: usize) -> String {
    // Bytes beyond the last whole multiple of the alphabet would favour its first characters: thrown away.
    let fair = 256 - 256 % alphabet.len();
    let mut out = String::with_capacity(len);
    let mut pool = [0; 64];
    while out.len() < len {
        entropy.fill(&mut pool);
        let letters = pool.iter().filter(|byte| usize::from(**byte) < fair);
        out.extend(
            letters
                .take(len - out.len())
                .map(|byte| char::from(alphabet[usize::from(*byte) % alphabet.len()])),
        );
    }
    out
}

const LETTERS_AND_DIGITS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A new `nonce_str`: 32 random letters and digits.
#[must_use]
pub fn new_nonce(entropy: &dyn Entropy) -> String {
    text(entropy, LETTERS_AND_DIGITS, 32)
}

/// A new number for an order: the time in UTC+8 to the second and ten random digits, 24 digits in all.
#[must_use]
pub fn new_out_trade_no(entropy: &dyn Entropy, now: Timestamp) -> OutTradeNo {
    let number = format!("{}{}", now.civil().compact(), text(entropy, b"0123456789", 10));
    OutTradeNo::for_new_order(&number).unwrap_or_else(|_| unreachable!("24 digits are an out_trade_no"))
}

/// A new number for a refund: `R`, the time in UTC+8 to the second and ten random digits, 25 characters.
#[must_use]
pub fn new_out_refund_no(entropy: &dyn Entropy, now: Timestamp) -> OutRefundNo {
    let number = format!("R{}{}", now.civil().compact(), text(entropy, b"0123456789", 10));
    OutRefundNo::parse(&number).unwrap_or_else(|_| unreachable!("25 letters and digits are an out_refund_no"))
}

/// A new id for an operation: 24 random letters and digits.
#[must_use]
pub fn new_operation_id(entropy: &dyn Entropy) -> OperationId {
    OperationId::parse(&text(entropy, LETTERS_AND_DIGITS, 24))
        .unwrap_or_else(|_| unreachable!("24 letters and digits are an operation id"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU8, Ordering};

    /// Counts up from zero, so that every byte value comes equally often.
    #[derive(Default)]
    struct Counting(AtomicU8);
    impl Entropy for Counting {
        fn fill(&self, out: &mut [u8]) {
            out.fill_with(|| self.0.fetch_add(1, Ordering::Relaxed));
        }
    }

    #[test]
    fn shapes() {
        let entropy = Counting::default();
        assert_eq!(new_nonce(&entropy).len(), 32);
        let now = Timestamp::from_secs(1_415_664_000);
        assert!(new_out_trade_no(&entropy, now).as_str().starts_with("20141111080000"));
        assert!(new_out_refund_no(&entropy, now).as_str().starts_with("R20141111080000"));
        assert_ne!(new_operation_id(&entropy), new_operation_id(&entropy));
    }

    #[test]
    fn no_character_is_favoured() {
        let sample = text(&Counting::default(), b"0123456789", 2_500);
        for digit in '0'..='9' {
            let count = sample.chars().filter(|c| *c == digit).count();
            assert!((240..=260).contains(&count), "{digit} came {count} times in 2500");
        }
    }
}
