//! Which addresses may be written to: a name that points into the house must not turn the publisher against it.

use std::{
    io,
    net::{IpAddr, SocketAddr},
};

use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// Private networks that are listed in the settings.
#[derive(Debug, Clone, Default)]
pub(super) struct Networks(pub Vec<IpNet>);

impl Networks {
    /// Whether an address may be written to: a public one, or one in a listed network.
    pub fn allow(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        !is_private(address) || self.0.iter().any(|network| network.contains(&address))
    }
}

/// Everything that is not on the open internet: this machine, private ranges, shared and link-local ones, the unspecified,
/// multicast and reserved addresses.
fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, ..] = v4.octets();
            v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || v4.is_multicast()
                || v4.is_broadcast()
                || a == 0
                || a >= 240
                || (a == 100 && (64..128).contains(&b))
        }
        IpAddr::V6(v6) => {
            v6.is_loopback()
                || v6.is_unspecified()
                || v6.is_multicast()
                || v6.is_unique_local()
                || v6.is_unicast_link_local()
        }
    }
}

/// Looks names up and gives no address that may not be written to.
#[derive(Debug, Clone)]
pub(super) struct GuardedResolver(pub Networks);

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let networks = self.0.clone();
        Box::pin(async move {
            let host = name.as_str().to_owned();
            let found: Vec<SocketAddr> =
                tokio::net::lookup_host((host.as_str(), 0)).await?.collect();
            let this_machine = host.eq_ignore_ascii_case("localhost");
            for address in &found {
                let ip = address.ip();
                if !(networks.allow(ip) || this_machine && ip.is_loopback()) {
                    let why = format!(
                        "{host} is {ip}, a private address that is not in publish.private_networks"
                    );
                    return Err(io::Error::new(io::ErrorKind::PermissionDenied, why).into());
                }
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_addresses_need_to_be_listed() {
        let listed = Networks(vec![
            "10.1.0.0/16".parse().unwrap(),
            "fd00::/8".parse().unwrap(),
        ]);
        let table = [
            ("8.8.8.8", true),
            ("59.202.58.68", true),
            ("2400:3200::1", true),
            ("10.1.2.3", true),
            ("fd00::1", true),
            ("10.2.0.1", false),
            ("192.168.1.1", false),
            ("172.16.0.1", false),
            ("127.0.0.1", false),
            ("169.254.169.254", false),
            ("100.64.0.1", false),
            ("0.0.0.0", false),
            ("255.255.255.255", false),
            ("::1", false),
            ("::", false),
            ("fe80::1", false),
            ("fc00::1", false),
            ("::ffff:192.168.1.1", false),
        ];
        for (address, allowed) in table {
            assert_eq!(listed.allow(address.parse().unwrap()), allowed, "{address}");
        }
    }
}
