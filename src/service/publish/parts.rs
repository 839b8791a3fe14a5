//! What a comparison needs of a publisher: the same profile, the same way to the same platform.

use super::Publisher;
use crate::feed::{Profile, transports::Carrier};

impl Publisher {
    pub(in crate::service) fn profile(&self) -> &Profile {
        &self.profile
    }

    pub(in crate::service) fn carrier(&self) -> &Carrier {
        &self.carrier
    }

    pub(in crate::service) fn target(&self) -> &str {
        &self.target
    }
}
