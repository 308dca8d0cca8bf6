//! What people tell the desk to do.

use super::{Desk, Moment, walls::Ordered};
use crate::{
    desk::{
        command::{Answer, Command, Done, Refused},
        event::Effect,
    },
    domain::{
        maintenance::{Maintenance, MaintenanceId},
        wall::Selector,
    },
    store::AlertRows,
};

/// Orders in force at once. Each is looked at for each camera a few times a second; whoever needs
/// more orders a site or a tag.
const ORDERS_MAX: usize = 1000;

impl Desk {
    pub(super) fn command(
        &mut self,
        at: Moment,
        command: Command,
        answer: Answer,
        effects: &mut Vec<Effect>,
    ) {
        match command {
            Command::Maintain { scope, until, reason, by } => {
                let reason = reason.trim().to_owned();
                // The store gives the number.
                let id = MaintenanceId(0);
                let order = Maintenance { id, scope, from: at.unix, until, reason, by };
                effects.push(match self.objection(&order) {
                    Some(refused) => Effect::Answer(answer, Err(refused)),
                    None => Effect::Maintain(order, answer),
                });
            }
            Command::Alert { id, by, address, act, request, asked_at } => {
                self.act(at, (id, by, act), (request, asked_at), (address, answer), effects);
            }
            Command::Observe(row) => self.observe(at, row, answer, effects),
            Command::Resend { id, by, address } => {
                effects.push(Effect::Resend(id, (by, address), answer));
            }
            Command::HandOver(row, audit) => {
                let (handovers, audit) = (vec![*row], vec![*audit]);
                let rows = AlertRows { handovers, audit, ..AlertRows::default() };
                effects.push(Effect::Alert { rows, answer: Some((answer, Done::Plainly)) });
            }
            Command::Drill { drill, kind, camera } => {
                self.drill(at, (drill, kind, camera), answer, effects);
            }
            Command::EndMaintenance(id) => effects.push(match self.orders.find(id) {
                None => {
                    let what = format!("order of maintenance {} in force", id.0);
                    Effect::Answer(answer, Err(Refused::Unknown(what)))
                }
                Some(_) => Effect::EndMaintenance(id, at.unix, answer),
            }),
            Command::Wall { wall, by, address, meant, request, command } => {
                let order = Ordered { wall, meant, command };
                self.drive_wall(at, (by, address), (request, order), answer, effects);
            }
            Command::References(id, command) => {
                let handle = self.handles.get(&id).copied();
                let camera = handle.and_then(|handle| self.cameras.get_mut(&handle));
                let (Some(handle), Some(camera)) = (handle, camera) else {
                    let refused = Refused::Unknown(format!("camera {id}"));
                    return effects.push(Effect::Answer(answer, Err(refused)));
                };
                camera.references(at, command, effects);
                self.judge(at, handle, effects);
                effects.push(Effect::Answer(answer, Ok(Done::Plainly)));
            }
        }
    }

    /// Why an order cannot be.
    fn objection(&self, order: &Maintenance) -> Option<Refused> {
        let cameras = || self.config.cameras.iter().map(|camera| &camera.camera);
        let unknown = match &order.scope {
            Selector::All => None,
            Selector::Camera(id) => {
                (!self.handles.contains_key(id)).then(|| format!("camera {id}"))
            }
            Selector::Site(id) => {
                self.config.sites.iter().all(|site| site.id != *id).then(|| format!("site {id}"))
            }
            Selector::Tag(tag) => cameras()
                .all(|camera| !camera.tags.contains(tag))
                .then(|| format!("camera with the tag {tag}")),
        };
        if let Some(what) = unknown {
            return Some(Refused::Unknown(what));
        }
        if self.orders.len() >= ORDERS_MAX {
            let problem =
                format!("{ORDERS_MAX} orders are in force: end some, or order a site or a tag");
            return Some(Refused::Senseless(problem));
        }
        order.check().err().map(|objection| Refused::Senseless(objection.to_string()))
    }

    /// An order is in the store, or its end is.
    pub(super) fn maintained(&mut self, at: Moment, order: Maintenance, effects: &mut Vec<Effect>) {
        self.orders.apply(at.unix, order);
        self.judge_all(at, effects);
    }
}
