//! Reading a document's fields as numbers, amounts and times, with the field's name in every error.

use crate::Fields;
use domain::{CivilTime, Fen, IdError, TimeError};

/// A field that is missing or not what it should be, in a document that was otherwise right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FieldError {
    /// There is no such field, or it is empty.
    #[error("the field {field} is missing")]
    Missing {
        /// The field.
        field: String,
    },
    /// The field is not a number of its kind.
    #[error("the field {field} is not what it should be: {source}")]
    Id {
        /// The field.
        field: String,
        /// What is wrong.
        source: IdError,
    },
    /// The field is not a time of its form.
    #[error("the field {field} is not what it should be: {source}")]
    Time {
        /// The field.
        field: String,
        /// What is wrong.
        source: TimeError,
    },
    /// The field is no amount in fen: digits, without sign or point, at most 9,223,372,036,854,775,807.
    #[error("the field {field} is not an amount in fen")]
    Amount {
        /// The field.
        field: String,
    },
    /// The field is none of the words it may be, or of another shape.
    #[error("the field {field} {expected}")]
    Shape {
        /// The field.
        field: String,
        /// What it looks like, as the rest of a sentence.
        expected: &'static str,
    },
}

impl FieldError {
    pub(crate) fn shape(field: &str, expected: &'static str) -> Self {
        Self::Shape { field: field.to_owned(), expected }
    }

    /// The field's name.
    #[must_use]
    pub fn field(&self) -> &str {
        match self {
            Self::Missing { field }
            | Self::Id { field, .. }
            | Self::Time { field, .. }
            | Self::Amount { field }
            | Self::Shape { field, .. } => field,
        }
    }
}

/// An amount as the wire carries it: digits, whole fen.
pub(crate) fn fen(text: &str) -> Option<Fen> {
    // `parse` alone would take a plus sign.
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok().map(Fen::new)).flatten()
}

/// A document's fields by what they are.
pub(crate) struct Typed<'f, 'a>(&'f Fields<'a>);

impl<'f, 'a> Typed<'f, 'a> {
    pub(crate) const fn new(fields: &'f Fields<'a>) -> Self {
        Self(fields)
    }

    pub(crate) fn need(&self, name: &str) -> Result<&'f str, FieldError> {
        self.0.text(name).ok_or_else(|| FieldError::Missing { field: name.to_owned() })
    }

    pub(crate) fn id<T>(&self, name: &str, parse: fn(&str) -> Result<T, IdError>) -> Result<T, FieldError> {
        parse(self.need(name)?).map_err(|source| FieldError::Id { field: name.to_owned(), source })
    }

    pub(crate) fn id_if<T>(
        &self,
        name: &str,
        parse: fn(&str) -> Result<T, IdError>,
    ) -> Result<Option<T>, FieldError> {
        self.0.text(name).map(|_| self.id(name, parse)).transpose()
    }

    pub(crate) fn fen(&self, name: &str) -> Result<Fen, FieldError> {
        fen(self.need(name)?).ok_or_else(|| FieldError::Amount { field: name.to_owned() })
    }

    pub(crate) fn fen_if(&self, name: &str) -> Result<Option<Fen>, FieldError> {
        self.0.text(name).map(|_| self.fen(name)).transpose()
    }

    pub(crate) fn time(
        &self,
        name: &str,
        parse: fn(&str) -> Result<CivilTime, TimeError>,
    ) -> Result<CivilTime, FieldError> {
        parse(self.need(name)?).map_err(|source| FieldError::Time { field: name.to_owned(), source })
    }

    pub(crate) fn time_if(
        &self,
        name: &str,
        parse: fn(&str) -> Result<CivilTime, TimeError>,
    ) -> Result<Option<CivilTime>, FieldError> {
        self.0.text(name).map(|_| self.time(name, parse)).transpose()
    }

    pub(crate) fn string_if(&self, name: &str) -> Option<String> {
        self.0.text(name).map(str::to_owned)
    }

    /// `Y` or `N`.
    pub(crate) fn yes_if(&self, name: &str) -> Result<Option<bool>, FieldError> {
        match self.0.text(name) {
            None => Ok(None),
            Some("Y") => Ok(Some(true)),
            Some("N") => Ok(Some(false)),
            Some(_) => Err(FieldError::shape(name, "is Y or N")),
        }
    }
}
