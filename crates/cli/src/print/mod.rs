//! Answers for people. Every text goes through [`page::Page`], which makes what a terminal would act on visible.

pub(crate) mod demo;
pub(crate) mod foreign;
pub(crate) mod ledger;
pub(crate) mod merchant;
pub(crate) mod money;
pub(crate) mod page;
pub(crate) mod paste;
pub(crate) mod payment;
pub(crate) mod qr;
pub(crate) mod refund;
pub(crate) mod requests;
mod sentence;
pub(crate) mod table;
