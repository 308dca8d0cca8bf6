//! What figures are counted from: one row for each alert, by its changes.

use std::{collections::HashMap, sync::Arc, time::Duration};

use crate::{
    domain::{
        alert::{AlertId, Change, Seq, What},
        availability::Window,
        kpi::Row,
        time::UnixMicros,
    },
    http::{App, Problem},
    store::Numbered,
};

/// A flood that began before the window may go on into it.
const LEAD: Duration = Duration::from_secs(3600);
/// Changes are read by such stretches of time: a page that had to be sorted out of a whole month
/// would cost the month each time.
const SLICE: Duration = Duration::from_secs(6 * 3600);
/// Changes of one read: some 10 ms.
const PAGE: u32 = 500;
/// Changes of one answer: ten times those of a busy centre in a month, and some seconds.
const CHANGES_MAX: usize = 200_000;

/// All that is known of a window.
pub(super) struct Past {
    /// What figures are made of.
    pub(super) rows: Vec<Row>,
    /// The alerts themselves as they are now, by when they began.
    pub(super) alerts: Vec<Numbered>,
}

/// Reads it. What the store lacks while it fails is not in it.
pub(super) async fn read(app: &App, window: Window) -> Result<Past, Problem> {
    let store = app.store()?;
    let lead = u64::try_from(LEAD.as_micros()).unwrap_or(u64::MAX);
    let window = Window { from: UnixMicros(window.from.0.saturating_sub(lead)), ..window };
    let mut rows: HashMap<AlertId, (Seq, Row)> = HashMap::new();
    let mut from = window.from;
    let mut many = 0;
    while from < window.until {
        let slice = Window { from, until: from.plus(SLICE).min(window.until) };
        from = slice.until;
        let mut after = Seq(0);
        loop {
            let page = store.alert_changes_within(slice, after, PAGE).await;
            let page = page.map_err(Problem::store)?;
            let Some(last) = page.last() else { break };
            after = last.seq;
            many += page.len();
            page.iter().for_each(|change| count(&mut rows, change));
            if page.len() < PAGE as usize {
                break;
            }
        }
        if many > CHANGES_MAX {
            return Err(Problem::unprocessable(format!(
                "There are more than {CHANGES_MAX} changes of alerts in this time. Ask for a \
                 shorter one."
            )));
        }
    }
    let alerts = store.alerts_within(window).await.map_err(Problem::store)?;
    for (seq, alert) in &alerts {
        // What was opened before, and what became of the others since.
        let now = Change {
            seq: *seq,
            at: window.until,
            what: What::Updated,
            by: None,
            request: None,
            asked_at: None,
            alert: Arc::clone(alert),
        };
        count(&mut rows, &now);
    }
    let mut rows: Vec<Row> = rows.into_values().map(|(_, row)| row).collect();
    rows.sort_by_key(|row| row.opened_at);
    Ok(Past { rows, alerts })
}

fn count(rows: &mut HashMap<AlertId, (Seq, Row)>, change: &Change) {
    match rows.get_mut(&change.alert.id) {
        Some((seq, row)) if *seq < change.seq => {
            row.follow(change);
            *seq = change.seq;
        }
        Some(_) => {}
        None => _ = rows.insert(change.alert.id, (change.seq, Row::begin(change))),
    }
}
