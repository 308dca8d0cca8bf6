//! Where deliveries are kept until their outcome is known.

use std::future::Future;

use crate::domain::{
    alert::delivery::{Delivery, DeliveryId},
    roster::ChannelId,
    time::UnixMicros,
};

/// Deliveries, each *waiting* until it is *sent* or *dead*. What it answers is committed. Calls
/// about a delivery that it does not know, or that is settled, change nothing. Outcomes are given
/// many at once, those of one delivery in their order.
pub trait Outbox: Send + Sync + 'static {
    /// Why it could not do it; it is asked again.
    type Error: std::error::Error + Send + Sync + 'static;

    /// Channels that deliveries wait for.
    fn channels(&self) -> impl Future<Output = Result<Vec<ChannelId>, Self::Error>> + Send;

    /// The deliveries that wait for a channel, the oldest `limit` of them in the order in which
    /// they were made, with `tries` and `next_try_at` as `failed` left them. It fails while it does
    /// not know of all that was posted and of all that was settled: what it leaves out would wait
    /// for the next start, and what it should have left out would be sent again.
    fn pending(
        &self,
        channel: &ChannelId,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<Delivery>, Self::Error>> + Send;

    /// The other side has it, and said `reference`.
    fn sent(
        &self,
        id: DeliveryId,
        at: UnixMicros,
        reference: Option<&str>,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send;

    /// One more try failed, of which `told` says why; the next is at `next_try`.
    fn failed(
        &self,
        id: DeliveryId,
        at: UnixMicros,
        told: &str,
        next_try: UnixMicros,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send;

    /// It was given up: one more try failed, or none was possible.
    fn dead(
        &self,
        id: DeliveryId,
        at: UnixMicros,
        told: &str,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send;

    /// Makes a dead letter wait again, as new: `created_at` and `next_try_at` are `at`, `tries` 0.
    /// `None`: no dead letter has that name.
    fn resend(
        &self,
        id: DeliveryId,
        at: UnixMicros,
    ) -> impl Future<Output = Result<Option<Delivery>, Self::Error>> + Send;
}
