//! The command line.

mod accounts;
mod audit;
mod check;
mod demo;
mod probe;
mod serve;
mod signals;
mod sim;
mod token;
mod typed;
mod user;

use std::{net::SocketAddr, path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand, ValueEnum};
use tracing_subscriber::EnvFilter;
use watchwall::{service::process, worker::spawn::Role};

/// Watches a command centre's cameras and shows them truthfully on a wall.
#[derive(Debug, Parser)]
#[command(version, about, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
    /// What to log, as `level` or `room=level,…`.
    #[arg(long, global = true, env = "WATCHWALL_LOG", default_value = "info")]
    log: String,
    /// Log as JSON lines.
    #[arg(long, global = true, env = "WATCHWALL_LOG_JSON")]
    log_json: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the centre.
    Serve(ServeArgs),
    /// Run the simulator and the centre in one, to look around.
    Demo(DemoArgs),
    /// Run the camera simulator.
    Sim(SimArgs),
    /// Check a configuration and tell every fault in it.
    Check(CheckArgs),
    /// Check or export who did what.
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Find out why a camera works or does not.
    Probe(ProbeArgs),
    /// Make and change accounts.
    User(user::UserArgs),
    /// Make and revoke bearer tokens.
    Token(token::TokenArgs),
    /// Run one worker process; started by the service itself.
    #[command(hide = true)]
    Worker(WorkerArgs),
}

#[derive(Debug, Args)]
struct ServeArgs {
    /// The configuration.
    #[arg(long, default_value = "config/watchwall.toml")]
    config: PathBuf,
    /// Where to listen, instead of what the configuration says.
    #[arg(long)]
    listen: Option<SocketAddr>,
    /// Serve without sign-in. Only on a loopback address.
    #[arg(long)]
    insecure_no_auth: bool,
}

#[derive(Debug, Args)]
struct DemoArgs {
    /// How many cameras.
    #[arg(long, default_value_t = 150)]
    cameras: u32,
    /// Where the wall is served.
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Where the simulated cameras are.
    #[arg(long, default_value = "127.0.0.1:8554")]
    rtsp: SocketAddr,
    /// Where faults are caused.
    #[arg(long, default_value = "127.0.0.1:8555")]
    control: SocketAddr,
    /// Where the demo keeps its store and its encoded scenes.
    #[arg(long, default_value = "var/demo")]
    folder: PathBuf,
    /// Let everybody on this machine do everything. Only on a loopback address.
    #[arg(long)]
    insecure_no_auth: bool,
}

#[derive(Debug, Args)]
struct SimArgs {
    /// How many cameras.
    #[arg(long, default_value_t = 150)]
    cameras: u32,
    /// Where the cameras are.
    #[arg(long, default_value = "127.0.0.1:8554")]
    listen: SocketAddr,
    /// Where faults are caused and figures are read.
    #[arg(long, default_value = "127.0.0.1:8555")]
    control: SocketAddr,
    /// Replay the clips of this folder instead of drawn scenes.
    #[arg(long)]
    footage: Option<PathBuf>,
    /// Where encoded scenes are kept.
    #[arg(long, default_value = "var/sim")]
    cache: PathBuf,
    /// Ask for this name …
    #[arg(long, requires = "password_file")]
    user: Option<String>,
    /// … and the password in this file.
    #[arg(long, requires = "user")]
    password_file: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct CheckArgs {
    /// The configuration.
    #[arg(long, default_value = "config/watchwall.toml")]
    config: PathBuf,
    /// A camera list in CSV to check against it.
    #[arg(long)]
    cameras: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum AuditCommand {
    /// Check that no row was edited, deleted or moved. Reads only, also while the service runs.
    Verify(VerifyArgs),
}

#[derive(Debug, Args)]
struct VerifyArgs {
    /// The configuration, which says where the store is.
    #[arg(long, default_value = "config/watchwall.toml")]
    config: PathBuf,
    /// Write the rows that were checked to this file, a line of JSON each.
    #[arg(long)]
    export: Option<PathBuf>,
    /// A head that an earlier check printed and that was kept elsewhere, as NUMBER:HASH.
    #[arg(long)]
    head: Vec<String>,
}

#[derive(Debug, Args)]
struct ProbeArgs {
    /// The stream, without credentials: rtsp://host/path
    url: url::Url,
    /// The sign-in name.
    #[arg(long, requires = "password_file")]
    user: Option<String>,
    /// A file that holds the password.
    #[arg(long, requires = "user")]
    password_file: Option<PathBuf>,
    /// How RTP travels.
    #[arg(long, value_enum, default_value = "tcp")]
    transport: TransportArg,
    /// Answer a Basic challenge too, which sends the password in clear text.
    #[arg(long)]
    allow_basic: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum TransportArg {
    Tcp,
    Udp,
}

#[derive(Debug, Args)]
struct WorkerArgs {
    #[arg(value_enum)]
    role: RoleArg,
    #[arg(long)]
    memory_bytes: u64,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum RoleArg {
    Ingest,
    Decode,
}

/// Runs one command to its end.
pub(crate) fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    log_to_stderr(&cli)?;
    match cli.command {
        Command::Worker(args) => {
            let role = match args.role {
                RoleArg::Ingest => Role::Ingest,
                RoleArg::Decode => Role::Decode,
            };
            process::run(role, args.memory_bytes)?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Audit(command) => on_runtime(audit::run(command)),
        Command::Check(args) => check::run(&args),
        Command::Serve(args) => on_runtime(serve::run(args, cli.log)),
        Command::Demo(args) => on_runtime(demo::run(args, cli.log)),
        Command::Sim(args) => on_runtime(sim::run(args)),
        Command::Probe(args) => on_runtime(probe::run(args, cli.log)),
        Command::User(args) => on_runtime(user::run(args)),
        Command::Token(args) => on_runtime(token::run(args)),
    }
}

fn on_runtime(command: impl Future<Output = anyhow::Result<ExitCode>>) -> anyhow::Result<ExitCode> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(command)
}

fn log_to_stderr(cli: &Cli) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&cli.log).map_err(|error| {
        anyhow::anyhow!("--log {:?}: {error}; use for example info or watchwall=debug", cli.log)
    })?;
    // It would write down all that is said over a socket, by whomever.
    let filter = filter.add_directive("tungstenite=debug".parse()?);
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if cli.log_json {
        log.json().init();
    } else {
        log.init();
    }
    Ok(())
}

/// A password from a file, without the line's end.
fn password(file: &std::path::Path) -> anyhow::Result<String> {
    let text = std::fs::read_to_string(file).map_err(|error| {
        anyhow::anyhow!("cannot read the password file {}: {error}", file.display())
    })?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}
