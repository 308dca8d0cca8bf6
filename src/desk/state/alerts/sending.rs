//! What is sent of alerts: to the people whom escalation names, and to channels that take all.

use uuid::Uuid;

use super::{super::screens::ScreenWords, Desk, Moment};
use crate::domain::{
    alert::{
        Alert, Change, Subject, What, Wording,
        delivery::{Delivery, DeliveryId, Message},
    },
    roster::{ChannelId, PersonId},
};

impl Desk {
    /// What goes out because of these changes.
    pub(super) fn deliveries(&self, at: Moment, changes: &[Change]) -> Vec<Delivery> {
        let mut deliveries = Vec::new();
        for change in changes {
            let mut message = None;
            let mut send = |channel: &ChannelId, person: Option<&PersonId>, address: &str| {
                let message = message.get_or_insert_with(|| self.message(&change.alert));
                deliveries.push(Delivery {
                    id: DeliveryId(Uuid::now_v7()),
                    alert: change.alert.id,
                    seq: change.seq,
                    channel: channel.clone(),
                    person: person.cloned(),
                    address: address.to_owned(),
                    message: message.clone(),
                    created_at: at.unix,
                    tries: 0,
                    next_try_at: at.unix,
                });
            };
            for channel in self.config.channels.iter().filter(|channel| channel.feed) {
                send(&channel.id, None, "");
            }
            if let What::Escalated { told, .. } = &change.what {
                for (person, channels) in told {
                    let Some(known) = self.config.roster.person(person) else { continue };
                    for contact in known.channels.iter().filter(|c| channels.contains(&c.channel)) {
                        send(&contact.channel, Some(person), &contact.address);
                    }
                }
            }
        }
        deliveries
    }

    fn message(&self, alert: &Alert) -> Message {
        let config = &*self.config;
        let camera = match &alert.source.subject {
            Subject::Camera(id) => self.camera_config(id),
            _ => alert.cameras.first().and_then(|id| self.camera_config(id)),
        };
        let site = alert.site.as_ref().and_then(|id| config.sites.iter().find(|s| s.id == *id));
        let site = site.map(|site| site.name.as_str());
        let screen = match &alert.source.subject {
            Subject::Screen(screen) => Some(self.screen_words(screen)),
            _ => None,
        };
        let plan = config.plan_of(&alert.source);
        Wording {
            alert,
            camera: camera.map(|camera| (camera.number, camera.name.as_str())),
            site,
            screen: screen.as_ref().map(ScreenWords::place),
            procedure: &plan.map(|plan| plan.procedure.clone()).unwrap_or_default(),
            utc_offset_min: config.history.utc_offset_min,
        }
        .message()
    }
}
