//! `watchwall check`.

use std::process::ExitCode;

use anyhow::Context;
use watchwall::config::{Config, Environment, Passwords, camera_csv};

use super::CheckArgs;

pub(super) fn run(args: &CheckArgs) -> anyhow::Result<ExitCode> {
    let environment = Environment::of_process();
    let config = match Config::load(&args.config, &environment) {
        Ok(config) => config,
        Err(faults) => {
            faults.iter().for_each(|fault| println!("{fault}"));
            println!("{} faults", faults.len());
            return Ok(ExitCode::FAILURE);
        }
    };
    config.warnings.iter().for_each(|warning| println!("{warning}"));
    let (cameras, sites, walls) = (config.cameras.len(), config.sites.len(), config.walls.len());
    println!("{}: {cameras} cameras, {sites} sites, {walls} walls", args.config.display());
    match &args.cameras {
        Some(list) => check_list(list, &config, &environment),
        None => Ok(ExitCode::SUCCESS),
    }
}

fn check_list(
    list: &std::path::Path,
    config: &Config,
    environment: &Environment,
) -> anyhow::Result<ExitCode> {
    let bytes = std::fs::read(list).with_context(|| format!("cannot read {}", list.display()))?;
    let directory = list.parent().unwrap_or_else(|| std::path::Path::new("."));
    let passwords = Passwords::Read { directory, environment };
    let report = camera_csv::check(&list.display().to_string(), &bytes, config, &passwords);
    report.faults.iter().for_each(|fault| println!("{fault}"));
    report.warnings.iter().for_each(|warning| println!("{warning}"));
    println!(
        "{}: {} new, {} changed, {} unchanged, {} faults",
        list.display(),
        report.added.len(),
        report.changed.len(),
        report.unchanged.len(),
        report.faults.len()
    );
    Ok(if report.faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
