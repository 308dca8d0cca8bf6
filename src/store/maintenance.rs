//! Orders of maintenance.

use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

use super::{
    Store, StoreError, column,
    error::told,
    writer::{Write, Written},
};
use crate::domain::{
    maintenance::{Maintenance, MaintenanceId},
    time::UnixMicros,
};

impl Store {
    /// Stores an order and gives it its number; committed when it returns.
    pub async fn order_maintenance(&self, order: Maintenance) -> Result<Maintenance, StoreError> {
        match self.writer.write(Write::Order(order.clone())).await? {
            Written::Number(number) => Ok(Maintenance { id: MaintenanceId(number), ..order }),
            other => unreachable!("an order is answered with its number, not with {other:?}"),
        }
    }

    /// Ends an order before its time; committed when it returns. `None` if there is no such order,
    /// or it is over.
    pub async fn end_maintenance(
        &self,
        id: MaintenanceId,
        at: UnixMicros,
    ) -> Result<Option<Maintenance>, StoreError> {
        match self.writer.write(Write::EndOrder(id, at)).await? {
            Written::Ended(order) => Ok(order),
            other => unreachable!("an order's end is answered with the order, not {other:?}"),
        }
    }

    /// Orders that end after `after`, by number; 10,000 at most, the newest.
    pub async fn load_maintenance(
        &self,
        after: UnixMicros,
    ) -> Result<Vec<Maintenance>, StoreError> {
        let sql = "SELECT * FROM maintenance WHERE until_at > $1 ORDER BY id DESC LIMIT 10000";
        let mut orders = sqlx::query(sql)
            .bind(column::micros(after))
            .try_map(from_row)
            .fetch_all(&self.readers)
            .await
            .map_err(|error| told(&self.path, error))?;
        orders.reverse();
        Ok(orders)
    }
}

pub(super) async fn insert(
    connection: &mut SqliteConnection,
    order: &Maintenance,
) -> Result<i64, sqlx::Error> {
    let sql = "INSERT INTO maintenance (scope, from_at, until_at, reason, ordered_by) \
        VALUES ($1, $2, $3, $4, $5)";
    sqlx::query(sql)
        .bind(order.scope.to_string())
        .bind(column::micros(order.from))
        .bind(column::micros(order.until))
        .bind(&order.reason)
        .bind(&order.by)
        .execute(connection)
        .await
        .map(|done| done.last_insert_rowid())
}

pub(super) async fn end(
    connection: &mut SqliteConnection,
    id: MaintenanceId,
    at: UnixMicros,
) -> Result<Option<Maintenance>, sqlx::Error> {
    let sql = "UPDATE maintenance SET until_at = max(from_at, $2) WHERE id = $1 AND until_at > $2 \
        RETURNING *";
    sqlx::query(sql)
        .bind(id.0)
        .bind(column::micros(at))
        .try_map(from_row)
        .fetch_optional(connection)
        .await
}

fn from_row(row: SqliteRow) -> Result<Maintenance, sqlx::Error> {
    let scope: String = row.try_get("scope")?;
    Ok(Maintenance {
        id: MaintenanceId(row.try_get("id")?),
        scope: scope.parse().map_err(|error| column::unreadable("scope", error))?,
        from: column::read_time(&row, "from_at")?,
        until: column::read_time(&row, "until_at")?,
        reason: row.try_get("reason")?,
        by: row.try_get("ordered_by")?,
    })
}
