//! A password from standard input: never an argument, which every user of the machine could read.

use std::io::{self, BufRead, IsTerminal, Read, Write};

use anyhow::{Context, ensure};
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use watchwall::domain::access::{AccountName, password::BYTES_MAX};

/// Reads it: asked for twice and unseen on a terminal, else all that comes, without a line's end.
pub(super) fn password(name: &AccountName) -> anyhow::Result<String> {
    if io::stdin().is_terminal() {
        let first = unseen(&format!("password of {name}: "))?;
        let again = unseen("once more: ")?;
        ensure!(first == again, "the two differ; nothing was changed");
        return Ok(first);
    }
    let mut text = String::new();
    // A little more than is taken, so that what is too long is refused and not cut.
    let most = 4 * u64::try_from(BYTES_MAX).unwrap_or(u64::MAX) + 2;
    io::stdin().take(most).read_to_string(&mut text).context("no password came")?;
    Ok(without_end(text))
}

fn unseen(prompt: &str) -> anyhow::Result<String> {
    eprint!("{prompt}");
    io::stderr().flush()?;
    let dark = Dark::begin()?;
    let mut line = String::new();
    let read = io::stdin().lock().read_line(&mut line);
    drop(dark);
    eprintln!();
    ensure!(read? > 0, "no password came");
    Ok(without_end(line))
}

fn without_end(mut text: String) -> String {
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    text
}

/// A terminal that does not show what is typed, until it is dropped.
struct Dark(Termios);

impl Dark {
    fn begin() -> anyhow::Result<Self> {
        let before = tcgetattr(io::stdin()).context("the terminal does not answer")?;
        let mut dark = before.clone();
        dark.local_modes.remove(LocalModes::ECHO);
        tcsetattr(io::stdin(), OptionalActions::Now, &dark)
            .context("the terminal would show the password")?;
        Ok(Self(before))
    }
}

impl Drop for Dark {
    fn drop(&mut self) {
        // It may be gone; there is nobody to tell.
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &self.0);
    }
}
