//! What everybody sees of duty: rules and people, floods, and the mix of priorities.

use std::sync::Arc;

use super::Desk;
use crate::desk::{event::Effect, view::DutyView};

impl Desk {
    /// Shows who is on duty and how much there is to do, if that is another. It is asked after every
    /// event; without a word of the book, nothing is.
    pub(super) fn show_duty(&mut self, effects: &mut Vec<Effect>) {
        let floods = self.alerts.book.floods_changed();
        let stirred = std::mem::take(&mut self.alerts.stirred);
        if !stirred && floods.is_empty() && Arc::ptr_eq(&self.config, &self.duty.config) {
            return;
        }
        let mut shown = DutyView::clone(&self.duty);
        for (position, flood) in &floods {
            match flood {
                Some(flood) => _ = shown.floods.insert(position.clone(), *flood),
                None => _ = shown.floods.remove(position),
            }
        }
        shown.config = self.config.clone();
        shown.mix = self.alerts.book.mix();
        if !floods.is_empty()
            || shown.mix != self.duty.mix
            || !Arc::ptr_eq(&shown.config, &self.duty.config)
        {
            self.duty = Arc::new(shown);
            effects.push(Effect::ShowDuty(self.duty.clone(), floods));
        }
    }
}
