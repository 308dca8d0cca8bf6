//! Figures as clients get them.

use std::{cmp::Reverse, collections::BTreeMap, time::Duration};

use serde::Serialize;

use super::rows::Past;
use crate::{
    domain::{
        alert::{Mix, Source},
        availability::Window,
        kpi::{self, Figures},
        roster::{PersonId, PositionId, Roster},
        time::UnixMicros,
    },
    http::{
        App,
        access::Subject,
        alerts::{AlertView, Place},
    },
    store::Numbered,
};

/// Ten minutes of a week: what a plot can show.
const SLOTS_MAX: usize = 1008;
/// What is open for longer is stale (ISA-18.2 §16.5.6).
const STALE_AFTER: Duration = Duration::from_secs(24 * 3600);
/// Stale alerts that are listed, the oldest.
const STALE_MAX: usize = 100;
/// Sources that are listed.
const CHATTERING_MAX: usize = 20;

/// How much a position got, and how it dealt with it. Drills are left out.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(in crate::http) struct FiguresView {
    /// Whose; null: of all together.
    #[schema(value_type = Option<String>)]
    pub(super) position: Option<PositionId>,
    #[schema(value_type = u64)]
    pub(super) from: UnixMicros,
    #[schema(value_type = u64)]
    pub(super) to: UnixMicros,
    /// Alerts that were opened.
    pub(super) alerts: u32,
    /// Of ten minutes each, oldest first, those with none too; of a longer time the last week.
    pub(super) slots: Vec<SlotView>,
    /// New alerts in ten minutes; people can take 1.
    pub(super) average: f64,
    /// The most in ten minutes; people can take 10.
    pub(super) peak: u32,
    pub(super) acknowledge: ReactionView,
    /// The sources with most activations.
    pub(super) top: Vec<SourceView>,
    /// The sources that came and went too often.
    chattering: Vec<SourceView>,
    /// Open for more than 24 hours.
    stale: Vec<AlertView>,
    pub(super) flood: FloodView,
    /// Shares of each priority, per cent.
    #[schema(value_type = Object)]
    mix: Mix,
    /// Of one position, by the roster as it is now.
    pub(super) shifts: Vec<ShiftView>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct SlotView {
    #[schema(value_type = u64)]
    pub(super) at: UnixMicros,
    pub(super) new: u32,
}

/// Seconds from opened to taken.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct ReactionView {
    pub(super) median_s: Option<f64>,
    pub(super) p95_s: Option<f64>,
    /// Of so many that somebody took.
    pub(super) of: u32,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct SourceView {
    #[serde(flatten)]
    #[schema(value_type = Object)]
    pub(super) source: Source,
    #[serde(rename = "where")]
    pub(super) place: Place,
    pub(super) alerts: u32,
    /// Of all, per cent.
    pub(super) share: f64,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct FloodView {
    pub(super) seconds: f64,
    pub(super) percent: f64,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct ShiftView {
    #[schema(value_type = u64)]
    pub(super) from: UnixMicros,
    #[schema(value_type = u64)]
    pub(super) until: UnixMicros,
    #[schema(value_type = Vec<String>)]
    pub(super) people: Vec<PersonId>,
    pub(super) alerts: u32,
    pub(super) average: f64,
    pub(super) peak: u32,
    pub(super) median_s: Option<f64>,
    pub(super) p95_s: Option<f64>,
    pub(super) flood_s: f64,
}

/// What is counted; it may take long.
pub(super) struct Counted {
    figures: Figures,
    slots: Vec<SlotView>,
    chattering: Vec<(Source, u32)>,
    stale: Vec<Numbered>,
    shifts: Vec<ShiftView>,
}

impl Counted {
    /// Shifts are those of the position; of all together only where there is one.
    pub(super) fn of(
        past: Past,
        position: Option<&PositionId>,
        window: Window,
        roster: &Roster,
    ) -> Self {
        let Past { rows, alerts } = past;
        let mut slots: Vec<SlotView> = kpi::bins(&rows, position, window)
            .into_iter()
            .map(|bin| SlotView { at: bin.at, new: bin.opened })
            .collect();
        slots.drain(..slots.len().saturating_sub(SLOTS_MAX));
        let mut chattering: BTreeMap<&Source, u32> = BTreeMap::new();
        let own = |place: &PositionId| position.is_none_or(|position| place == position);
        for row in rows.iter().filter(|row| row.chattered && !row.drill && own(&row.position)) {
            if window.holds(row.opened_at) {
                *chattering.entry(&row.source).or_default() += 1;
            }
        }
        let mut chattering: Vec<(Source, u32)> =
            chattering.into_iter().map(|(source, alerts)| (source.clone(), alerts)).collect();
        chattering.sort_by_key(|(_, alerts)| Reverse(*alerts));
        chattering.truncate(CHATTERING_MAX);
        let stale = alerts.into_iter().filter(|(_, alert)| {
            let until = alert.closed_at.unwrap_or(window.until).min(window.until);
            let within = alert.opened_at < window.until && until > window.from;
            within
                && !alert.drill
                && own(&alert.position)
                && until.since(alert.opened_at) > STALE_AFTER
        });
        let only = || Some(&roster.positions.first().filter(|_| roster.positions.len() == 1)?.id);
        let mut shifts = Vec::new();
        if let Some(position) = position.or_else(only) {
            for (people, window) in kpi::shifts(roster, position, window) {
                shifts.push(shift(kpi::figures(&rows, Some(position), window), people));
            }
        }
        Self {
            figures: kpi::figures(&rows, position, window),
            slots,
            chattering,
            stale: stale.take(STALE_MAX).collect(),
            shifts,
        }
    }

    /// With the places as they are named now.
    pub(super) fn view(self, app: &App, subject: &Subject) -> FiguresView {
        let Self { figures, slots, chattering, stale, shifts } = self;
        let of = figures.opened;
        let line = |source: Source, alerts: u32| SourceView {
            place: Place::of_source(app, &source),
            source,
            alerts,
            share: if of == 0 { 0.0 } else { f64::from(alerts) * 100.0 / f64::from(of) },
        };
        let stale = stale.iter().filter(|(_, alert)| subject.may_see_alert(alert));
        FiguresView {
            stale: stale
                .map(|(seq, alert)| AlertView::of(app, *seq, &subject.alert(alert)))
                .collect(),
            top: figures.worst.into_iter().map(|one| line(one.source, one.opened)).collect(),
            chattering: chattering.into_iter().map(|(source, n)| line(source, n)).collect(),
            position: figures.position,
            from: figures.from,
            to: figures.to,
            alerts: figures.opened,
            slots,
            average: figures.per_ten_minutes.mean,
            peak: figures.per_ten_minutes.max,
            acknowledge: ReactionView {
                median_s: figures.to_acknowledge.median_s,
                p95_s: figures.to_acknowledge.p95_s,
                of: figures.to_acknowledge.of,
            },
            flood: FloodView { seconds: figures.in_flood_s, percent: figures.in_flood_percent },
            mix: Mix::of(figures.mix.high, figures.mix.medium, figures.mix.low),
            shifts,
        }
    }
}

fn shift(figures: Figures, people: Vec<PersonId>) -> ShiftView {
    ShiftView {
        from: figures.from,
        until: figures.to,
        people,
        alerts: figures.opened,
        average: figures.per_ten_minutes.mean,
        peak: figures.per_ten_minutes.max,
        median_s: figures.to_acknowledge.median_s,
        p95_s: figures.to_acknowledge.p95_s,
        flood_s: figures.in_flood_s,
    }
}
