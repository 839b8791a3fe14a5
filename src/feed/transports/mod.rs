//! Ways to a platform. Each takes sealed bytes out and brings back what it saw; what that means is decided in
//! [`super::outcome`].

mod carrier;
mod folder;
mod http_json;
mod network;
mod seen;
mod sign;
mod target;

pub use carrier::Carrier;
pub use folder::{Folder, FolderError, ReturnFile, keep_file};
pub use http_json::{BuildError, HttpJson, LARGEST_ANSWER};
pub use seen::Seen;
pub use sign::{Signer, Signing};
pub use target::{Target, TargetError, TargetSettings};
