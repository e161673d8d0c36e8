//! One module for each noun: what is asked of the console, and how it is shown.

pub(crate) mod demo;
pub(crate) mod export;
pub(crate) mod ledger;
pub(crate) mod long;
pub(crate) mod merchant;
pub(crate) mod order;
pub(crate) mod pages;
pub(crate) mod paste;
pub(crate) mod pay;
pub(crate) mod refund;
pub(crate) mod requests;
pub(crate) mod resolve;
pub(crate) mod simulator;
