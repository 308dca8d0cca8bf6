//! `watchwall audit`.

use std::{
    fs,
    io::{BufWriter, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
    process::ExitCode,
    time::Instant,
};

use anyhow::Context;
use watchwall::{
    config::{Config, Environment},
    store::{AuditError, AuditReport, KnownHead, verify_audit},
};

use super::{AuditCommand, VerifyArgs};

pub(super) async fn run(command: AuditCommand) -> anyhow::Result<ExitCode> {
    match command {
        AuditCommand::Verify(args) => verify(args).await,
    }
}

async fn verify(args: VerifyArgs) -> anyhow::Result<ExitCode> {
    let known = args.head.iter().map(|head| parsed(head)).collect::<anyhow::Result<Vec<_>>>()?;
    let path = match Config::load(&args.config, &Environment::of_process()) {
        Ok(config) => config.store.path,
        Err(faults) => {
            faults.iter().for_each(|fault| eprintln!("{fault}"));
            anyhow::bail!("{} faults in {}", faults.len(), args.config.display());
        }
    };
    let mut file = args.export.as_deref().map(create).transpose()?;
    let export = file.as_mut().map(|file| file as &mut (dyn Write + Send));
    let began = Instant::now();
    let checked = verify_audit(&path, &known, export).await;
    let took = began.elapsed();
    if let Some(mut file) = file {
        let written = file.flush().and_then(|()| file.get_ref().sync_all());
        written.context("the export cannot be written")?;
    }
    match checked {
        Ok(report) => {
            tell(&path, &report, known.len());
            println!("checked in {:.3} s", took.as_secs_f64());
            Ok(ExitCode::SUCCESS)
        }
        Err(AuditError::Broken(broken)) => {
            println!("{}: THE AUDIT IS NOT WHAT WAS WRITTEN", path.display());
            println!("{broken}");
            println!("checked in {:.3} s", took.as_secs_f64());
            Ok(ExitCode::FAILURE)
        }
        Err(other) => Err(other).context("the audit was not checked"),
    }
}

fn tell(path: &Path, report: &AuditReport, known: usize) {
    let AuditReport { rows, after, head, noted, unreadable } = report;
    println!("{}: {rows} rows behind {after}, whole", path.display());
    println!("head {}:{}", head.seq, head.hash);
    match noted {
        0 => println!(
            "no head was noted beside the store yet: a tail that is cut off would not be missed"
        ),
        noted => println!("{noted} heads that were noted beside the store agree"),
    }
    if *unreadable > 0 {
        println!("{unreadable} lines of that file are no heads");
    }
    if known > 0 {
        println!("{known} heads that were kept elsewhere agree");
    }
}

/// Only its owner may read it.
fn create(path: &Path) -> anyhow::Result<BufWriter<fs::File>> {
    let mut options = fs::OpenOptions::new();
    let file = options.write(true).create(true).truncate(true).mode(0o600).open(path);
    file.map(BufWriter::new).with_context(|| format!("cannot write {}", path.display()))
}

fn parsed(head: &str) -> anyhow::Result<KnownHead> {
    let parts = head.split_once(':').and_then(|(seq, hash)| {
        Some(KnownHead { seq: seq.parse().ok()?, hash: hash.parse().ok()? })
    });
    parts.with_context(|| {
        format!("--head {head:?}: use NUMBER:HASH, as an earlier check printed it")
    })
}
