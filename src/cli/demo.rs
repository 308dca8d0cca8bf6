//! `watchwall demo`.

use std::process::ExitCode;

use anyhow::Context;
use watchwall::{
    http::FirstSignIn,
    service::{SignIn, demo},
    sim::{Settings, Sim},
};

use super::{DemoArgs, serve, signals};

pub(super) async fn run(args: DemoArgs, log: String) -> anyhow::Result<ExitCode> {
    std::fs::create_dir_all(&args.folder)
        .with_context(|| format!("cannot make the folder {}", args.folder.display()))?;
    println!("Drawing and encoding the scenes (once; kept in {}) …", args.folder.display());
    let sim = Sim::start(Settings {
        cameras: args.cameras,
        rtsp: args.rtsp,
        control: args.control,
        cache: args.folder.join("sim"),
        cameras_per_site: demo::CAMERAS_PER_SITE,
        large_ahead: true,
        ..Settings::default()
    })
    .await
    .context("the simulator did not start")?;
    let config = demo::config(args.cameras, sim.rtsp_addr(), args.listen, &args.folder);
    let sign_in = if args.insecure_no_auth { SignIn::Open } else { SignIn::Demo };
    let centre = serve::start(config, None, log, sign_in).await?;
    println!();
    println!(
        "  wall       http://{}/wall/main, and /wall/duty with the first 16",
        centre.address()
    );
    println!("  health     http://{}/health", centre.address());
    println!("  alerts     http://{}/alerts, and /duty for a phone", centre.address());
    println!("  API        http://{}/api/v1/openapi.json", centre.address());
    println!("  cameras    rtsp://{}/cam/001/sub … {:03}", sim.rtsp_addr(), args.cameras);
    println!(
        "  faults     curl -X POST http://{}/cam/007/fault -d '{{\"kind\":\"stall\",\"for_s\":30}}'",
        sim.control_addr()
    );
    match centre.first_sign_in() {
        Some(FirstSignIn { name, password }) => {
            println!(
                "  sign-in    {name} with {password}, once: then choose a password of your own"
            );
        }
        None if args.insecure_no_auth => {
            println!("  sign-in    none: everybody on this machine may do everything");
        }
        None => println!("  sign-in    admin with the password that was chosen before"),
    }
    println!();
    println!("Ctrl-C stops everything.");
    tokio::select! {
        stopped = signals::stop() => stopped.context("signals cannot be heard")?,
        () = centre.lost() => {}
    }
    centre.stop().await;
    sim.shutdown().await;
    Ok(ExitCode::SUCCESS)
}
