//! From a camera's URL to the one address that its session may connect to.

use std::{net::SocketAddr, time::Duration};

use tokio::net::lookup_host;
use url::{Host, Url};

use crate::config;

/// How long a name server may take.
const LOOKUP_DEADLINE: Duration = Duration::from_secs(5);

/// RTSP's port (RFC 2326 §3.2).
const RTSP_PORT: u16 = 554;

/// Whether the address stands in the URL itself: then no name server is asked.
pub(super) fn numeric(url: &Url) -> Option<SocketAddr> {
    let port = url.port().unwrap_or(RTSP_PORT);
    // `rtsp` hosts are opaque to the URL standard: numbers come as text.
    match Host::parse(url.host_str()?).ok()? {
        Host::Ipv4(ip) => Some((ip, port).into()),
        Host::Ipv6(ip) => Some((ip, port).into()),
        Host::Domain(_) => None,
    }
}

/// The first address of the URL's host that a camera may have; otherwise why there is none.
pub(super) async fn resolve(url: &Url, allow_loopback: bool) -> Result<SocketAddr, String> {
    if let Some(address) = numeric(url) {
        return allowed(address, allow_loopback);
    }
    let host = url.host_str().unwrap_or_default();
    let port = url.port().unwrap_or(RTSP_PORT);
    let found = tokio::time::timeout(LOOKUP_DEADLINE, lookup_host((host, port)))
        .await
        .map_err(|_| {
            format!("no name server answered for {host} within {} s", LOOKUP_DEADLINE.as_secs())
        })?
        .map_err(|error| format!("the name {host} has no address: {error}"))?;
    let mut refused = format!("the name {host} has no address");
    for address in found {
        match allowed(address, allow_loopback) {
            Ok(address) => return Ok(address),
            Err(why) => refused = why,
        }
    }
    Err(refused)
}

fn allowed(address: SocketAddr, allow_loopback: bool) -> Result<SocketAddr, String> {
    match config::address_refusal(address.ip(), allow_loopback) {
        None => Ok(address),
        Some(why) => Err(format!("a camera may not be at {}: it {why}", address.ip())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn check(url: &str, allow_loopback: bool) -> Result<SocketAddr, String> {
        resolve(&url.parse().expect("a URL"), allow_loopback).await
    }

    #[tokio::test]
    async fn a_numeric_host_is_its_own_address_and_the_port_defaults_to_554() {
        assert_eq!(check("rtsp://192.0.2.7/sub", false).await, Ok(([192, 0, 2, 7], 554).into()));
        assert_eq!(
            check("rtsp://192.0.2.7:8554/sub", false).await,
            Ok(([192, 0, 2, 7], 8554).into())
        );
    }

    #[tokio::test]
    async fn a_name_that_leads_to_this_machine_is_refused_unless_allowed() {
        let refused = check("rtsp://localhost/sub", false).await.expect_err("loopback");
        assert!(refused.contains("this machine"), "{refused}");
        assert!(check("rtsp://localhost:8554/sub", true).await.is_ok());
    }
}
