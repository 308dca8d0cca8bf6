//! A service with a configuration file and one camera, asked over HTTP.

use std::{fs, path::PathBuf, time::Duration};

use serde_json::Value;
use watchwall::{
    config::{Config, Environment},
    service::{Centre, Options, SignIn},
    sim::Sim,
};

use crate::{served, town::WITHIN};

/// What the simulator's cameras ask for; see `served`.
pub(super) const PASSWORD: &str = "not-a-secret";

pub(super) struct Office {
    pub(super) centre: Centre,
    pub(super) file: PathBuf,
    pub(super) sim: Sim,
    pub(super) client: reqwest::Client,
    /// Every answer so far: no password may be in it.
    pub(super) answers: Vec<String>,
    _folder: tempfile::TempDir,
}

impl Office {
    pub(super) async fn open() -> Self {
        let sim = served::simulator(2).await;
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("watchwall.toml");
        fs::write(folder.path().join("password"), PASSWORD).expect("a writable folder");
        let store = folder.path().join("watchwall.db");
        let text = format!(
            "# The office's cameras.\n[http]\nlisten = \"127.0.0.1:0\"\n[store]\npath = {store:?}\n\
             [ingest]\nallow_loopback = true\n[decode]\nworkers = 1\n\n[[site]]\nid = \"yard\"\n\n\
             # At the gate.\n[[camera]]\nid = \"gate\"   # never changes\nnumber = 1\nsite = \"yard\"\n\
             url = \"rtsp://{}/cam/001/sub\"\nusername = \"{}\"\npassword_file = \"password\"\n",
            sim.rtsp_addr(),
            served::USER,
        );
        fs::write(&file, text).expect("a writable folder");
        let config = Config::load(&file, &Environment::default()).expect("a valid file");
        let exe = env!("CARGO_BIN_EXE_watchwall").into();
        let options = Options {
            config,
            file: Some(file.clone()),
            exe,
            log: "warn".to_owned(),
            seed: 1,
            sign_in: SignIn::Open,
        };
        let centre = Centre::start(options).await.expect("the centre starts");
        let client = reqwest::Client::new();
        Self { centre, file, sim, client, answers: Vec::new(), _folder: folder }
    }

    pub(super) async fn ask(
        &mut self,
        method: &str,
        path: &str,
        body: Option<Value>,
    ) -> (u16, Value) {
        let url = format!("http://{}/api/v1/{path}", self.centre.address());
        let method = method.parse().expect("a method");
        let mut request = self.client.request(method, url);
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let answer = request.send().await.expect("the centre answers");
        let status = answer.status().as_u16();
        let text = answer.text().await.expect("a whole answer");
        self.answers.push(text.clone());
        (status, serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    pub(super) async fn put(&mut self, path: &str, body: Value) -> (u16, Value) {
        self.ask("PUT", &format!("configuration/{path}"), Some(body)).await
    }

    pub(super) async fn until(&mut self, what: &str, is: impl Fn(&Value) -> bool) {
        let deadline = tokio::time::Instant::now() + WITHIN;
        loop {
            let (_, cameras) = self.ask("GET", "cameras", None).await;
            if is(&cameras) {
                return;
            }
            assert!(tokio::time::Instant::now() < deadline, "never {what}: {cameras}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    pub(super) fn text(&self) -> String {
        fs::read_to_string(&self.file).expect("it is there")
    }

    /// Posts a sheet; what is answered.
    pub(super) async fn import(&mut self, path: &str, sheet: &str) -> (u16, Value) {
        let url = format!("http://{}/api/v1/{path}", self.centre.address());
        let request = self.client.post(url).header("content-type", "text/csv");
        let answer = request.body(sheet.to_owned()).send().await.expect("the centre answers");
        let status = answer.status().as_u16();
        let text = answer.text().await.expect("a whole answer");
        self.answers.push(text.clone());
        (status, serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    /// The keys of the mistakes that an answer tells, each with its line.
    pub(super) fn mistakes(answer: &Value) -> Vec<(u64, &str)> {
        let faults = answer["faults"].as_array().expect("a list").iter();
        faults.filter_map(|fault| Some((fault["line"].as_u64()?, fault["key"].as_str()?))).collect()
    }

    /// What the history says was done, newest first.
    pub(super) async fn history(&mut self) -> Vec<Value> {
        let (_, history) = self.ask("GET", "configuration/history", None).await;
        history["versions"].as_array().expect("a list").clone()
    }

    /// Nothing that was answered holds the password.
    pub(super) async fn close(self) {
        let told = self.answers.iter().find(|answer| answer.contains(PASSWORD));
        assert_eq!(told, None, "the password came out");
        self.centre.stop().await;
        self.sim.shutdown().await;
    }
}
