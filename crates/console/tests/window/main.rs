//! What the window calls, on a simulated shop in this process.

mod books;
mod calls;
mod detail;
mod export;
mod look_after;
mod overview;
mod shop;
mod wire;
