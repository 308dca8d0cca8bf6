//! The bench's own program once more, as a child process: its CPU time is not counted, and it
//! is told what to do line by line.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use serde::{Serialize, de::DeserializeOwned};

/// The argument that makes the program be the child.
pub(crate) const FLAG: &str = "--readers";

/// A running child; it ends when its orders do.
#[derive(Debug)]
pub(crate) struct Readers {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

impl Readers {
    /// Starts it with a plan and waits until it says that it is ready.
    pub(crate) fn start(plan: &impl Serialize) -> Self {
        let own = std::env::current_exe().expect("this program");
        let mut child = Command::new(own)
            .arg(FLAG)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a child");
        let (to, from) = (child.stdin.take().expect("piped"), child.stdout.take().expect("piped"));
        let mut child = Self { child, to, from: BufReader::new(from) };
        child.tell(&serde_json::to_string(plan).expect("plain data"));
        assert_eq!(child.line(), "ready");
        child
    }

    pub(crate) fn tell(&mut self, word: &str) {
        writeln!(self.to, "{word}").expect("the child lives");
    }

    /// Its last line.
    pub(crate) fn result<T: DeserializeOwned>(mut self) -> T {
        let line = self.line();
        drop(self.to);
        self.child.wait().expect("it ends");
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"))
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.from.read_line(&mut line).expect("the child lives");
        line.trim().to_owned()
    }
}

/// The child's side: the plan.
pub(crate) fn plan<T: DeserializeOwned>() -> T {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).expect("the parent lives");
    serde_json::from_str(&line).expect("the parent's plan")
}

/// The child's side: the words that follow.
pub(crate) fn orders() -> tokio::sync::mpsc::Receiver<String> {
    let (orders, ordered) = tokio::sync::mpsc::channel(2);
    let listen = move || {
        for line in std::io::stdin().lines() {
            let Ok(line) = line else { return };
            if orders.blocking_send(line).is_err() {
                return;
            }
        }
    };
    std::thread::Builder::new().name("orders".into()).spawn(listen).expect("a thread");
    ordered
}
