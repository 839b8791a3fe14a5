//! Ways to a platform. Each takes sealed bytes out and brings back what it saw; what that means is decided in
//! [`super::outcome`].

mod http_json;
mod target;

pub use http_json::{BuildError, HttpJson, LARGEST_ANSWER};
pub use target::{Target, TargetError, TargetSettings};
