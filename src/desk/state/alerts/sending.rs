//! What is sent of alerts: to the people whom escalation names, and to channels that take all.

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
    pub(super) fn deliveries(&mut self, at: Moment, changes: &[Change]) -> Vec<Delivery> {
        let mut deliveries = Vec::new();
        for change in changes {
            let receivers = self.receivers(&change.what);
            if receivers.is_empty() {
                continue;
            }
            let message = self.message(&change.alert);
            deliveries.extend(receivers.into_iter().map(|(channel, person, address)| Delivery {
                id: DeliveryId(self.alerts.id(at.unix)),
                alert: change.alert.id,
                seq: change.seq,
                channel,
                person,
                address,
                message: message.clone(),
                created_at: at.unix,
                tries: 0,
                next_try_at: at.unix,
            }));
        }
        deliveries
    }

    /// Who gets a change: channels that take all, and people who are told, each with an address.
    fn receivers(&self, what: &What) -> Vec<(ChannelId, Option<PersonId>, String)> {
        let feeds = self.config.channels.iter().filter(|channel| channel.feed);
        let mut receivers: Vec<_> =
            feeds.map(|channel| (channel.id.clone(), None, String::new())).collect();
        let What::Escalated { told, .. } = what else { return receivers };
        for (person, channels) in told {
            let Some(known) = self.config.roster.person(person) else { continue };
            let wanted = known.channels.iter().filter(|c| channels.contains(&c.channel));
            receivers.extend(
                wanted.map(|c| (c.channel.clone(), Some(person.clone()), c.address.clone())),
            );
        }
        receivers
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
