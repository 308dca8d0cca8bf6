//! `watchwall probe`.

use std::{process::ExitCode, time::Duration};

use anyhow::Context;
use watchwall::{
    config::Decode,
    domain::camera::Transport,
    hub::decoders::decode_once,
    ingest::probe::{Probe, probe},
    worker::{
        message::{Credentials, SessionLimits},
        spawn::Launcher,
    },
};

use super::{ProbeArgs, TransportArg};

pub(super) async fn run(args: ProbeArgs, log: String) -> anyhow::Result<ExitCode> {
    let credentials = match (args.user, &args.password_file) {
        (Some(username), Some(file)) => {
            Some(Credentials { username, password: super::password(file)? })
        }
        _ => None,
    };
    let report = probe(Probe {
        url: args.url,
        credentials,
        transport: match args.transport {
            TransportArg::Tcp => Transport::Tcp,
            TransportArg::Udp => Transport::Udp,
        },
        allow_basic: args.allow_basic,
        limits: SessionLimits::default(),
        watch_for: Duration::from_secs(12),
    })
    .await;
    for finding in &report.findings {
        println!("{:<20} {}", finding.about, finding.says);
    }
    if let Some(fault) = &report.fault {
        println!("{:<20} {}", "fault", fault.evidence);
    }
    if let Some(advice) = report.advice {
        println!("{:<20} {advice}", "try");
    }
    let Some(keyframe) = &report.keyframe else {
        println!("{:<20} no: no keyframe came", "picture");
        return Ok(ExitCode::FAILURE);
    };
    let limits = Decode::default();
    let launcher = Launcher {
        exe: std::env::current_exe().context("this program's own file is not known")?,
        memory_bytes: limits.worker_memory_bytes,
        log,
    };
    match decode_once(&launcher, keyframe, limits.pixels_max).await {
        Ok(picture) => {
            println!("{:<20} yes: {}x{}", "picture", picture.width, picture.height);
            Ok(ExitCode::SUCCESS)
        }
        Err(why) => {
            println!("{:<20} no: {why}", "picture");
            Ok(ExitCode::FAILURE)
        }
    }
}
