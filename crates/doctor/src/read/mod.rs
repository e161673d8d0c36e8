//! The recogniser: takes anything pasted and finds the fields in it. Nothing is executed, fetched or expanded.
