//! Reads the centre's own figures: `/metrics` and the camera list.

use std::{collections::BTreeMap, net::SocketAddr};

/// One reading of `/metrics`, every sample by its name, labels summed up, histograms apart.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    sums: BTreeMap<String, f64>,
    /// Cumulative counts of the frame-to-socket histogram by upper bound, seconds.
    delays: Vec<(f64, f64)>,
}

impl Metrics {
    pub(crate) async fn scrape(address: SocketAddr) -> Self {
        let text = text(address, "/metrics").await;
        let mut metrics = Self::default();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let Some((sample, value)) = line.rsplit_once(' ') else { continue };
            let Ok(value) = value.parse::<f64>() else { continue };
            let (name, labels) = sample.split_once('{').unwrap_or((sample, ""));
            if name == "watchwall_frame_to_socket_seconds_bucket" {
                let bound = labels.trim_start_matches("le=\"").trim_end_matches("\"}");
                metrics.delays.push((bound.parse().unwrap_or(f64::INFINITY), value));
            }
            *metrics.sums.entry(name.to_owned()).or_default() += value;
        }
        metrics
    }

    /// The sum over all labels; the metric must be there.
    pub(crate) fn sum(&self, name: &str) -> f64 {
        let name = format!("watchwall_{name}");
        *self.sums.get(&name).unwrap_or_else(|| panic!("/metrics has no {name}"))
    }

    /// How much a counter grew since `before`.
    pub(crate) fn grown(&self, before: &Self, name: &str) -> f64 {
        self.sum(name) - before.sum(name)
    }

    /// The bound, in seconds, that this share of the pictures since `before` stayed under.
    pub(crate) fn delay(&self, before: &Self, share: f64) -> f64 {
        let grown = |n: usize| self.delays[n].1 - before.delays[n].1;
        let all = self.delays.len().checked_sub(1).map_or(0.0, grown);
        let within = (0..self.delays.len()).find(|n| grown(*n) >= share * all);
        within.map_or(f64::INFINITY, |n| self.delays[n].0)
    }
}

/// Cameras that are not online now.
pub(crate) async fn not_online(address: SocketAddr) -> usize {
    let list: serde_json::Value =
        serde_json::from_str(&text(address, "/api/v1/cameras").await).expect("JSON");
    let cameras = list.as_array().or_else(|| list["cameras"].as_array()).expect("a list");
    cameras.iter().filter(|camera| camera["state"] != "online").count()
}

async fn text(address: SocketAddr, path: &str) -> String {
    let answer = reqwest::get(format!("http://{address}{path}")).await;
    answer.expect("the centre answers").text().await.expect("text")
}
