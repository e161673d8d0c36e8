use std::fmt;
use zeroize::Zeroize;

/// A value that must not be seen: a merchant key, an AppSecret, a private key.
///
/// It is wiped from memory when dropped and prints as `[secret]`. It has no `Display`, no serde, no
/// `PartialEq`; the one way to the value is [`Secret::expose`], so that a search for that word finds every use.
/// Copies the compiler makes when moving it, and swap, are not covered (SECURITY.md).
///
/// ```
/// let key = domain::Secret::new(String::from("hush"));
/// assert_eq!(format!("{key:?}"), "[secret]");
/// assert_eq!(key.expose(), "hush");
/// ```
/// ```compile_fail
/// let key = domain::Secret::new(String::from("hush"));
/// println!("{key}");
/// ```
/// ```compile_fail
/// let key = domain::Secret::new(String::from("hush"));
/// let leak: String = key.into();
/// ```
#[derive(Clone)]
pub struct Secret<T: Zeroize>(T);

impl<T: Zeroize> Secret<T> {
    /// Takes the value in. The caller must not keep a copy.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value, for the moment of use. Never log, format or store what this returns.
    pub const fn expose(&self) -> &T {
        &self.0
    }
}

impl<T: Zeroize> Drop for Secret<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<T: Zeroize> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}
