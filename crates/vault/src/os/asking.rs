//! Whether a call may make the system ask a person for a password.
//!
//! Work that nobody began, such as looking after open orders, must not: its password window would come back as
//! often as the work does, and take the keyboard with it.

use std::cell::Cell;

thread_local! {
    static MAY_NOT_ASK: Cell<bool> = const { Cell::new(false) };
}

/// Does `work`, in which no call to the keychain makes the system ask a person: what is locked answers
/// [`KeychainError::Locked`](crate::KeychainError::Locked) at once. It holds for this thread until `work` returns; a
/// future is wrapped at each poll.
pub fn without_asking<T>(work: impl FnOnce() -> T) -> T {
    /// Puts back what was, even if the work panics.
    struct Before(bool);
    impl Drop for Before {
        fn drop(&mut self) {
            MAY_NOT_ASK.set(self.0);
        }
    }
    let _before = Before(MAY_NOT_ASK.replace(true));
    work()
}

/// Whether a call of this thread may make the system ask a person now.
#[must_use]
pub fn may_ask() -> bool {
    !MAY_NOT_ASK.get()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_holds_for_the_work_and_no_longer() {
        assert!(may_ask());
        without_asking(|| {
            assert!(!may_ask());
            without_asking(|| assert!(!may_ask()));
            assert!(!may_ask(), "the inner one must not end the outer");
            std::thread::spawn(|| assert!(may_ask(), "of this thread alone")).join().unwrap();
        });
        let panicked = std::panic::catch_unwind(|| without_asking(|| panic!("as work may")));
        assert!(panicked.is_err());
        assert!(may_ask());
    }
}
