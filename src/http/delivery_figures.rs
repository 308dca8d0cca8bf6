//! How alerts are stored, and how delivering over each channel goes, for Prometheus.

use std::{
    fmt,
    sync::atomic::{AtomicU64, AtomicUsize, Ordering},
};

use prometheus_client::encoding::DescriptorEncoder;

use super::{
    App,
    metrics::{counter, gauge},
};
use crate::{
    desk::feed::AlertFeed,
    notify::{ChannelFigures, Figures},
};

pub(super) fn encode(app: &App, to: &mut DescriptorEncoder<'_>) -> fmt::Result {
    if let Some(feed) = &app.alerts {
        ledger(feed, to)?;
    }
    channels(&app.deliveries, to)
}

fn ledger(feed: &AlertFeed, to: &mut DescriptorEncoder<'_>) -> fmt::Result {
    let none: [(&str, &str); 0] = [];
    let total = |figure: &AtomicU64| [(none, figure.load(Ordering::Relaxed))];
    let waiting = feed.storage().borrow().waiting as f64;
    gauge(to, "alert_entries_waiting", "Entries that are not in the store yet", [(none, waiting)])?;
    let stored = "Entries of alerts that went into the store at once";
    counter(to, "alert_entries_stored", stored, total(&feed.kept.stored))?;
    let spooled = "Entries of alerts that went into the spool because the store failed";
    counter(to, "alert_entries_spooled", spooled, total(&feed.kept.spooled))?;
    let replayed = "Entries of alerts that went from the spool into the store";
    counter(to, "alert_entries_replayed", replayed, total(&feed.kept.replayed))
}

fn channels(figures: &Figures, to: &mut DescriptorEncoder<'_>) -> fmt::Result {
    let counted = |figure: fn(&ChannelFigures) -> &AtomicU64| {
        figures.channels.iter().map(move |(id, channel)| {
            ([("channel", id.to_string())], figure(channel).load(Ordering::Relaxed))
        })
    };
    let standing = |figure: fn(&ChannelFigures) -> &AtomicUsize| {
        figures.channels.iter().map(move |(id, channel)| {
            ([("channel", id.to_string())], figure(channel).load(Ordering::Relaxed) as f64)
        })
    };
    gauge(
        to,
        "messages_waiting",
        "Messages to people and systems that wait",
        standing(|c| &c.waiting),
    )?;
    gauge(to, "messages_under_way", "Tries under way", standing(|c| &c.under_way))?;
    counter(to, "messages_sent", "Messages that were confirmed", counted(|c| &c.sent))?;
    counter(to, "message_tries_failed", "Tries that failed", counted(|c| &c.failed))?;
    counter(
        to,
        "message_tries_again",
        "Tries that followed a failed one",
        counted(|c| &c.retried),
    )?;
    counter(to, "messages_dead", "Messages given up", counted(|c| &c.dead))?;
    let put_off = "Messages that found no room in memory and were read from the store later";
    counter(to, "messages_put_off", put_off, counted(|c| &c.put_off))?;
    let none: [(&str, &str); 0] = [];
    let total = |figure: &AtomicU64| [(none, figure.load(Ordering::Relaxed))];
    let dropped = "Outcomes of messages that were not written down: those are sent again";
    counter(to, "message_outcomes_dropped", dropped, total(&figures.outcomes_dropped))?;
    let failures = "Times that the outbox failed";
    counter(to, "outbox_failures", failures, total(&figures.outbox_failures))
}
