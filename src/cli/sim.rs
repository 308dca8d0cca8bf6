//! `watchwall sim`.

use std::process::ExitCode;

use anyhow::Context;
use watchwall::sim::{Settings, Sim};

use super::{SimArgs, signals};

pub(super) async fn run(args: SimArgs) -> anyhow::Result<ExitCode> {
    let credentials = match (args.user, args.password_file) {
        (Some(user), Some(file)) => Some((user, super::password(&file)?)),
        _ => None,
    };
    let sim = Sim::start(Settings {
        cameras: args.cameras,
        rtsp: args.listen,
        control: args.control,
        footage: args.footage,
        cache: args.cache,
        credentials,
        large_ahead: true,
        ..Settings::default()
    })
    .await
    .context("the simulator did not start")?;
    println!("cameras  rtsp://{}/cam/001/sub … {:03}", sim.rtsp_addr(), args.cameras);
    println!("control  http://{}/stats", sim.control_addr());
    signals::stop().await.context("signals cannot be heard")?;
    sim.shutdown().await;
    Ok(ExitCode::SUCCESS)
}
