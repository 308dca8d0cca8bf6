//! How long cameras and sites could be watched in a month.

use std::{collections::BTreeMap, sync::Arc, time::SystemTime};

use axum::{extract::State, response::Response};
use serde::{Deserialize, Serialize};

use super::{
    App, Problem,
    access::{Action, Subject},
    asked::{self, Asked, Format},
    sites,
    table::{Cell, Table},
};
use crate::{
    desk::view::{CameraView, SiteView},
    domain::{
        availability::{Life, Month, Shares, Window, shares},
        camera::SiteId,
        time::UnixMicros,
    },
};

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Wish {
    /// As in `2026-11`; the one that runs if nothing is said.
    month: Option<String>,
    /// Only this site, with the sites below it.
    site: Option<String>,
    /// `json` or `csv`.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    format: Format,
}

/// Shares of a time, seconds. The five parts sum to it.
#[derive(Clone, Copy, Debug, Serialize, utoipa::ToSchema)]
pub(super) struct SharesView {
    /// All that is known: the four that follow.
    known_s: f64,
    /// Its picture came.
    available_s: f64,
    /// Pictures came that were not to be trusted: frozen, covered and the like.
    suspect_s: f64,
    /// It could not be watched.
    not_available_s: f64,
    /// A person had taken it out of service.
    maintenance_s: f64,
    /// Nothing is known: the service did not run, had no verdict yet, or did not have the camera.
    unknown_s: f64,
    /// `available_s` of all that is known without maintenance; null if nothing of it is known.
    percent: Option<f64>,
}

/// One camera or site.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct Row {
    /// Its identity; `*` for all cameras together.
    id: String,
    /// A camera's number.
    number: Option<u32>,
    /// What people read.
    name: String,
    /// A camera's site, or the site above a site.
    #[schema(value_type = Option<String>)]
    site: Option<SiteId>,
    /// How many cameras it sums up.
    cameras: u32,
    #[serde(flatten)]
    shares: SharesView,
}

/// A month, as far as it has come.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct AvailabilityView {
    /// Which.
    month: String,
    /// Its first moment.
    #[schema(value_type = u64)]
    from: UnixMicros,
    /// The first moment after it, or now.
    #[schema(value_type = u64)]
    to: UnixMicros,
    /// Local time less UTC, minutes: where the month begins.
    utc_offset_min: i32,
    /// Cameras that are configured now, by number.
    cameras: Vec<Row>,
    /// Sites with all cameras below them, parents first.
    sites: Vec<Row>,
    /// All of these cameras.
    total: Row,
}

/// One camera's month.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct MonthView {
    /// Which.
    month: String,
    #[serde(flatten)]
    shares: SharesView,
}

impl From<Shares> for SharesView {
    fn from(shares: Shares) -> Self {
        let seconds = |micros: u64| micros as f64 / 1e6;
        Self {
            known_s: seconds(shares.known()),
            available_s: seconds(shares.available),
            suspect_s: seconds(shares.suspect),
            not_available_s: seconds(shares.not_available),
            maintenance_s: seconds(shares.maintenance),
            unknown_s: seconds(shares.unknown),
            percent: shares.percent(),
        }
    }
}

/// How long cameras and sites could be watched in a month, from what was written down.
#[utoipa::path(get, path = "/api/v1/availability", tag = "history", params(Wish),
    responses((status = 200, content((AvailabilityView = "application/json"), (String = "text/csv"))),
              (status = 400, body = Problem), (status = 404, body = Problem), (status = 503, body = Problem)))]
pub(super) async fn availability(
    State(app): State<App>,
    subject: Subject,
    Asked(wish): Asked<Wish>,
) -> Result<Response, Problem> {
    let month = match &wish.month {
        None => Month::at(SystemTime::now().into(), app.utc_offset_min),
        Some(month) => month.parse().map_err(|error| Problem::bad_request(format!("{error}.")))?,
    };
    let site = wish.site.as_deref().map(|id| sites::find(&app, &subject, id)).transpose()?;
    subject.authorize(&Action::Search)?;
    let period = Period::read(&app, month).await?;
    let tree = app.view.sites.load_full();
    let mut report =
        Report { period, rows: Vec::new(), sites: BTreeMap::new(), total: Sum::default() };
    for camera in app.view.list() {
        let line = sites::ancestry(&tree, camera.site.as_ref());
        let asked = site.as_ref().is_none_or(|site| line.contains(&site.id));
        if asked && subject.may_see(&camera) {
            report.add(&app, camera, &line).await?;
        }
    }
    let within = |id: &SiteId| {
        site.as_ref().is_none_or(|site| sites::ancestry(&tree, Some(id)).contains(&site.id))
    };
    let seen = tree.iter().filter(|site| subject.may_see_site(site) && within(&site.id));
    let shown: Vec<_> = seen.map(|site| subject.site(site.clone())).collect();
    match wish.format {
        Format::Json => Ok(asked::json(report.view(&shown, app.utc_offset_min))),
        Format::Csv => {
            let view = report.view(&shown, app.utc_offset_min);
            table(&view).into_response(&format!("availability-{month}"))
        }
    }
}

/// This month of one camera.
pub(super) async fn of_camera(app: &App, camera: &CameraView) -> Result<MonthView, Problem> {
    let month = Month::at(SystemTime::now().into(), app.utc_offset_min);
    let period = Period::read(app, month).await?;
    let shares = period.shares(app, camera).await?.into();
    Ok(MonthView { month: month.to_string(), shares })
}

/// A month as far as it has come, and when the service ran in it.
struct Period {
    month: Month,
    window: Window,
    lives: Vec<Life>,
}

impl Period {
    async fn read(app: &App, month: Month) -> Result<Self, Problem> {
        let now = UnixMicros::from(SystemTime::now());
        let whole = month.window(app.utc_offset_min);
        if whole.from > now {
            return Err(Problem::bad_request(format!(
                "{month} has not begun. Ask for {} or one before it.",
                Month::at(now, app.utc_offset_min)
            )));
        }
        let window = Window { until: whole.until.min(now), ..whole };
        let mut lives = app.store()?.lives(window).await.map_err(Problem::store)?;
        // The last life is this one, and it runs.
        if let Some(this) = lives.last_mut() {
            this.window.until = now;
        }
        Ok(Self { month, window, lives })
    }

    async fn shares(&self, app: &App, camera: &CameraView) -> Result<Shares, Problem> {
        let entered = app.store()?.entered(&camera.id, self.window).await;
        Ok(shares(self.window, &self.lives, &entered.map_err(Problem::store)?))
    }
}

#[derive(Clone, Copy, Default)]
struct Sum {
    cameras: u32,
    shares: Shares,
}

impl Sum {
    fn add(&mut self, shares: Shares) {
        self.cameras += 1;
        self.shares += shares;
    }
}

struct Report {
    period: Period,
    rows: Vec<Row>,
    sites: BTreeMap<SiteId, Sum>,
    total: Sum,
}

impl Report {
    async fn add(
        &mut self,
        app: &App,
        camera: Arc<CameraView>,
        line: &[SiteId],
    ) -> Result<(), Problem> {
        let shares = self.period.shares(app, &camera).await?;
        self.total.add(shares);
        for site in line {
            self.sites.entry(site.clone()).or_default().add(shares);
        }
        self.rows.push(Row {
            id: camera.id.to_string(),
            number: Some(camera.number),
            name: camera.name.clone(),
            site: camera.site.clone(),
            cameras: 1,
            shares: shares.into(),
        });
        Ok(())
    }

    fn view(self, shown: &[Arc<SiteView>], utc_offset_min: i32) -> AvailabilityView {
        let row = |sum: Sum, id: String, name: String, site| Row {
            id,
            number: None,
            name,
            site,
            cameras: sum.cameras,
            shares: sum.shares.into(),
        };
        let sites = shown.iter().map(|site| {
            let sum = self.sites.get(&site.id).copied().unwrap_or_default();
            row(sum, site.id.to_string(), site.name.clone(), site.parent.clone())
        });
        AvailabilityView {
            month: self.period.month.to_string(),
            from: self.period.window.from,
            to: self.period.window.until,
            utc_offset_min,
            sites: sites.collect(),
            cameras: self.rows,
            total: row(self.total, "*".to_owned(), "all cameras".to_owned(), None),
        }
    }
}

const COLUMNS: [&str; 15] = [
    "month",
    "from",
    "to",
    "kind",
    "id",
    "number",
    "name",
    "site",
    "cameras",
    "available_s",
    "suspect_s",
    "not_available_s",
    "maintenance_s",
    "unknown_s",
    "percent",
];

fn table(view: &AvailabilityView) -> Table {
    let mut table = Table::new(&COLUMNS, view.utc_offset_min);
    let sites = view.sites.iter().map(|row| ("site", row));
    let cameras = view.cameras.iter().map(|row| ("camera", row));
    for (kind, row) in sites.chain(cameras).chain([("total", &view.total)]) {
        table.row([
            Cell::text(&view.month),
            Cell::Time(Some(view.from)),
            Cell::Time(Some(view.to)),
            Cell::text(kind),
            Cell::text(&row.id),
            row.number.map_or(Cell::Empty, |number| Cell::Whole(number.into())),
            Cell::text(&row.name),
            Cell::text_if_any(row.site.as_ref()),
            Cell::Whole(row.cameras.into()),
            seconds(row.shares.available_s),
            seconds(row.shares.suspect_s),
            seconds(row.shares.not_available_s),
            seconds(row.shares.maintenance_s),
            seconds(row.shares.unknown_s),
            Cell::Percent(row.shares.percent),
        ]);
    }
    table
}

fn seconds(seconds: f64) -> Cell {
    Cell::Seconds((seconds * 1e6).round() as u64)
}
