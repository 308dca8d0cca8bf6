//! What a sheet is drawn up from.

use std::collections::BTreeMap;

use crate::{
    domain::{
        alert::AlertId,
        availability::Window,
        handover::{Handover, OutOfService, Shift},
        roster::PositionId,
        time::UnixMicros,
    },
    http::{App, Problem, access::Subject},
    store::Numbered,
};

/// A sheet, and the alerts that its lines name.
#[derive(Debug)]
pub(super) struct Drawn {
    pub(super) sheet: Handover,
    pub(super) alerts: BTreeMap<AlertId, Numbered>,
}

/// Draws up the sheet of a position, without notes.
pub(super) async fn draw(
    app: &App,
    subject: &Subject,
    position: &PositionId,
    at: UnixMicros,
    handed_over: Option<UnixMicros>,
) -> Result<Drawn, Problem> {
    let config = app.view.duty.load().config.clone();
    let shift = Shift { position, roster: &config.roster, at, handed_over };
    let mut alerts = since(app, shift.since(), at).await?;
    alerts.retain(|_, (_, alert)| subject.may_see_alert(alert));
    let out_of_service = app.view.list().into_iter().filter_map(|camera| {
        let order = camera.maintenance.as_ref()?;
        let lineage = config.lineage(camera.site.as_ref());
        let own = config.roster.position_of(&lineage) == position && subject.may_see(&camera);
        own.then(|| OutOfService {
            camera: camera.id.clone(),
            until: order.until,
            reason: order.reason.clone(),
        })
    });
    let seen = alerts.values().map(|(_, alert)| &**alert);
    let sheet = shift.draw(seen, out_of_service.collect(), Vec::new());
    Ok(Drawn { sheet, alerts })
}

/// The alerts that were open at any time since then, as they are now.
async fn since(
    app: &App,
    from: UnixMicros,
    at: UnixMicros,
) -> Result<BTreeMap<AlertId, Numbered>, Problem> {
    let window = Window { from, until: UnixMicros(at.0 + 1) };
    let feed = app.alerts()?;
    let stored = app.store()?.alerts_within(window).await.map_err(Problem::store)?;
    let open = feed.open_alerts().await.map_err(Problem::store)?;
    let mut known: BTreeMap<AlertId, Numbered> =
        stored.into_iter().map(|(seq, alert)| (alert.id, (seq, alert))).collect();
    let open: BTreeMap<AlertId, Numbered> =
        open.into_iter().map(|(seq, alert)| (alert.id, (seq, alert))).collect();
    // Over, and the store does not know it yet.
    let over = known.values().filter(|(_, alert)| alert.is_open() && !open.contains_key(&alert.id));
    let over: Vec<AlertId> = over.map(|(_, alert)| alert.id).collect();
    for id in over {
        if let Some(newer) = feed.alert(id).await.map_err(Problem::store)? {
            known.insert(id, newer);
        }
    }
    known.extend(open);
    Ok(known)
}

/// The alerts that a sheet of before names, as they are now: all were open then.
pub(super) async fn lookup(
    app: &App,
    sheet: &Handover,
) -> Result<BTreeMap<AlertId, Numbered>, Problem> {
    since(app, sheet.since, sheet.at).await
}
