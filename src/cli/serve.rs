//! `watchwall serve`.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context;
use tracing::{info, warn};
use watchwall::{
    config::{Config, Environment},
    http::FirstSignIn,
    service::{Centre, Options, SignIn, reload},
};

use super::{ServeArgs, signals};

pub(super) async fn run(args: ServeArgs, log: String) -> anyhow::Result<ExitCode> {
    let mut config = match Config::load(&args.config, &Environment::of_process()) {
        Ok(config) => config,
        Err(faults) => {
            faults.iter().for_each(|fault| eprintln!("{fault}"));
            anyhow::bail!(
                "{} faults in {}; nothing was started",
                faults.len(),
                args.config.display()
            );
        }
    };
    config.warnings.iter().for_each(|warning| warn!("{warning}"));
    if let Some(listen) = args.listen {
        config.http.listen = listen;
    }
    let scheme = if config.http.tls.is_some() { "https" } else { "http" };
    let sign_in = if args.insecure_no_auth { SignIn::Open } else { SignIn::Required };
    let centre = start(config, Some(args.config.clone()), log, sign_in).await?;
    if let Some(FirstSignIn { name, password }) = centre.first_sign_in() {
        // Not into the log, which others may read and keep.
        println!("There is no account yet. Sign in once, and choose a password of your own:");
        println!("  name      {name}");
        println!("  password  {password}");
    }
    info!("the wall is at {scheme}://{}/", centre.address());
    tokio::select! {
        stopped = signals::stop() => stopped.context("signals cannot be heard")?,
        () = centre.lost() => {}
        () = reload::follow(&centre, &args.config) => {}
    }
    info!("stopping");
    centre.stop().await;
    Ok(ExitCode::SUCCESS)
}

/// Starts a centre with this binary as its workers; `file` is what people may change.
pub(super) async fn start(
    config: Config,
    file: Option<PathBuf>,
    log: String,
    sign_in: SignIn,
) -> anyhow::Result<Centre> {
    let exe = std::env::current_exe().context("this program's own file is not known")?;
    let seed = rand::random();
    Ok(Centre::start(Options { config, file, exe, log, seed, sign_in }).await?)
}
