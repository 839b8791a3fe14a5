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

    /// Whether the platform can be asked what it shows; if not, only its export can be compared.
    pub fn can_be_asked(&self) -> bool {
        self.carrier.can_be_asked()
    }

    pub(in crate::service) fn target(&self) -> &str {
        &self.target
    }
}
