//! The single sections: `[http]`, `[store]`, `[ingest]`, `[decode]`, `[root_cause]`, `[history]`,
//! `[sign_in]`. Each bound is here, with what
//! would break beyond it; each default with its reason in `mod.rs`.

use std::{num::NonZero, path::PathBuf, thread, time::Duration};

use super::{
    Decode, History, Http, Ingest, Sessions, Store, fault::Fault, password::Passwords,
    section::Section, tls,
};
use crate::domain::{access::LockoutPolicy, root_cause::RootCausePolicy};

pub(super) fn http(
    section: &mut Section,
    passwords: &Passwords<'_>,
    warnings: &mut Vec<Fault>,
) -> Http {
    let defaults = Http::default();
    let listen = section.parsed("listen", "an address and port, as in \"127.0.0.1:8080\"");
    let mut origins = Vec::new();
    for text in section.texts("origins").map(|origins| origins.value).unwrap_or_default() {
        // A browser sends the origin in exactly this form, and it is compared byte by byte.
        let exact = url::Url::parse(&text.value).ok().map(|url| url.origin().ascii_serialization());
        if exact.as_deref() == Some(text.value.as_str()) && text.value.starts_with("http") {
            origins.push(text.value);
        } else {
            let remedy = "use scheme and host, and the port unless it is the usual one, with nothing behind: \"https://wall.example\"";
            section.fault(
                "origins",
                text.at,
                format!("{:?} is not an exact origin", text.value),
                remedy,
            );
        }
    }
    // Under one socket nothing is shown; beyond 10,000 the one fan-out thread is what is short.
    let sockets = section.whole("sockets", 1..=10_000);
    Http {
        listen: listen.map_or(defaults.listen, |listen| listen.value),
        origins,
        sockets: sockets
            .map_or(defaults.sockets, |sockets| u32::try_from(sockets.value).expect("10,000 fits")),
        tls: tls::read(section, passwords, warnings),
    }
}

pub(super) fn store(section: &mut Section) -> Store {
    let path = section.text("path", 1024).map(|path| PathBuf::from(path.value));
    let spool = section.text("spool", 1024).map(|path| PathBuf::from(path.value));
    let beside = path.map_or_else(Store::default, Store::at);
    Store { spool: spool.unwrap_or_else(|| beside.spool.clone()), ..beside }
}

pub(super) fn ingest(section: &mut Section) -> Ingest {
    let defaults = Ingest::default();
    Ingest {
        // One crash costs all of a worker's cameras a second; beyond 100 that is a small centre.
        cameras_per_worker: size(section, "cameras_per_worker", 1..=100)
            .unwrap_or(defaults.cameras_per_worker),
        // Beyond 256 at once, switches and camera gateways drop connections.
        handshakes_at_once: size(section, "handshakes_at_once", 1..=256)
            .unwrap_or(defaults.handshakes_at_once),
        worker_memory_bytes: memory(section).unwrap_or(defaults.worker_memory_bytes),
        access_unit_bytes: size(section, "access_unit_bytes", 64 * KIB..=32 * MIB)
            .unwrap_or(defaults.access_unit_bytes),
        rtp_gap: section
            .duration("rtp_gap", Duration::from_secs(1)..=Duration::from_secs(60))
            .unwrap_or(defaults.rtp_gap),
        allow_loopback: section.flag("allow_loopback").unwrap_or(defaults.allow_loopback),
    }
}

pub(super) fn decode(section: &mut Section) -> Decode {
    let defaults = Decode::default();
    let workers = match size(section, "workers", 0..=256) {
        Some(0) | None => one_per_core(),
        Some(workers) => workers,
    };
    let pixels_max = section.whole("pixels_max", 640 * 360..=8192 * 8192);
    Decode {
        workers,
        worker_memory_bytes: memory(section).unwrap_or(defaults.worker_memory_bytes),
        pixels_max: pixels_max
            .map_or(defaults.pixels_max, |pixels| u32::try_from(pixels.value).expect("8192² fits")),
    }
}

pub(super) fn root_cause(section: &mut Section) -> RootCausePolicy {
    let defaults = RootCausePolicy::default();
    RootCausePolicy {
        // Under a tenth, a few broken cameras of a large site would hide it.
        share: section.real("share", 0.1..=1.0).unwrap_or(defaults.share),
        // One camera is no site.
        least: size(section, "least", 2..=1000).unwrap_or(defaults.least),
        window: section
            .duration("window", Duration::from_secs(5)..=Duration::from_secs(3600))
            .unwrap_or(defaults.window),
    }
}

pub(super) fn history(section: &mut Section) -> History {
    let defaults = History::default();
    let days = |days: Option<super::section::Spotted<u64>>, default| {
        days.and_then(|days| u32::try_from(days.value).ok()).unwrap_or(default)
    };
    History {
        days: days(section.whole("days", 1..=3660), defaults.days),
        pictures_days: days(section.whole("pictures_days", 1..=366), defaults.pictures_days),
        utc_offset_min: utc_offset(section).unwrap_or(defaults.utc_offset_min),
    }
}

pub(super) fn sign_in(section: &mut Section) -> Sessions {
    let defaults = Sessions::default();
    // Under a minute a page signs out while it is read; beyond a month a session is a password.
    let minute = Duration::from_secs(60);
    let month = 31 * 24 * 60 * minute;
    let idle = section.duration("idle", minute..=month);
    let absolute = section.duration("absolute", minute..=month);
    // One mistyped password locks nobody out; beyond a hundred, guessing is not slowed.
    let failures = section.whole("lockout_failures", 2..=100);
    let day = 24 * 60 * minute;
    let (within, lasts) = (
        section.duration("lockout_within", Duration::from_secs(1)..=day),
        section.duration("lockout_for", Duration::from_secs(1)..=day),
    );
    let lockout = defaults.lockout;
    Sessions {
        idle: idle.unwrap_or(defaults.idle),
        absolute: absolute.unwrap_or(defaults.absolute),
        lockout: LockoutPolicy {
            failures: failures.map_or(lockout.failures, |failures| {
                u32::try_from(failures.value).expect("a hundred fits")
            }),
            within: within.unwrap_or(lockout.within),
            lasts: lasts.unwrap_or(lockout.lasts),
        },
    }
}

/// Minutes of `"+07:00"`.
fn utc_offset(section: &mut Section) -> Option<i32> {
    let text = section.text("utc_offset", 40)?;
    let minutes = || {
        let (sign, rest) = match text.value.split_at_checked(1)? {
            ("+", rest) => (1, rest),
            ("-", rest) => (-1, rest),
            _ => return None,
        };
        let (hours, minutes) = rest.split_once(':')?;
        let two = |digits: &str| {
            let plain = digits.len() == 2 && digits.bytes().all(|b| b.is_ascii_digit());
            plain.then(|| digits.parse::<i32>().ok()).flatten()
        };
        let (hours, minutes) = (two(hours)?, two(minutes)?);
        // From Baker Island to the Line Islands.
        let all = sign * (hours * 60 + minutes);
        (minutes < 60 && (-12 * 60..=14 * 60).contains(&all)).then_some(all)
    };
    let minutes = minutes();
    if minutes.is_none() {
        section.fault(
            "utc_offset",
            text.at,
            format!("{:?} is not an offset from UTC", text.value),
            "use hours and minutes with their sign, as in \"+07:00\"",
        );
    }
    minutes
}

/// Processor cores this process may use.
pub(super) fn one_per_core() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

/// Under 128 MiB a worker has no room for one large picture; over 8 GiB the limit limits nothing.
fn memory(section: &mut Section) -> Option<u64> {
    section.whole("worker_memory_bytes", 128 * MIB..=8192 * MIB).map(|bytes| bytes.value)
}

fn size(
    section: &mut Section,
    key: &'static str,
    range: std::ops::RangeInclusive<u64>,
) -> Option<usize> {
    section
        .whole(key, range)
        .map(|size| usize::try_from(size.value).expect("every bound here fits 32 bits"))
}

const KIB: u64 = 1024;
const MIB: u64 = 1024 * KIB;
