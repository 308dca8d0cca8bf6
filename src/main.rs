//! Arguments, logging and exit codes of `watchwall`; everything else is in the library.

mod cli;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    match cli::run(cli::Cli::parse()) {
        Ok(code) => code,
        Err(error) => {
            // The chain once, here: nothing below has logged it.
            eprintln!("watchwall: {error:#}");
            ExitCode::FAILURE
        }
    }
}
