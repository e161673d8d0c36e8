//! Programs that build parameters: the mistakes that stand in them.
