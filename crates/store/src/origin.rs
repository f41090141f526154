//! How a history begins and how far it reaches: what tells a demonstration from
//! a partnership, and a clock that went back from one that did not.

use clearpicture_kernel::Timestamp;
use clearpicture_kernel::ambient::microseconds;
use sea_orm::ConnectionTrait as _;
use sea_orm::sea_query::{Alias, Order, Query, SelectStatement};

use crate::fault::StoreFault;
use crate::open::Store;
use crate::tables::ENTRY;

/// The purpose of the first entry of every demonstration, and of no other history.
pub const DEMONSTRATION: &str = "demo";

/// The two ends of a history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The purpose of the first entry.
    pub purpose: String,
    /// When the last entry was recorded.
    pub last_recorded_at: Timestamp,
}

impl Origin {
    /// Whether everything recorded here is invented.
    pub fn is_demonstration(&self) -> bool {
        self.purpose == DEMONSTRATION
    }
}

impl Store {
    /// The two ends of the history; `None` while it is empty.
    ///
    /// # Errors
    /// [`StoreFault`] when the database fails.
    pub async fn origin(&self) -> Result<Option<Origin>, StoreFault> {
        let Some(first) = self.reader().query_one(&end(Order::Asc)).await? else {
            return Ok(None);
        };
        let last = self.reader().query_one(&end(Order::Desc)).await?;
        let last = last.as_ref().unwrap_or(&first);
        Ok(Some(Origin {
            purpose: first.try_get("", "purpose")?,
            last_recorded_at: microseconds(last.try_get("", "recorded_at")?),
        }))
    }
}

fn end(order: Order) -> SelectStatement {
    Query::select()
        .columns(["purpose", "recorded_at"].map(Alias::new))
        .from(Alias::new(ENTRY))
        .order_by(Alias::new("seq"), order)
        .limit(1)
        .to_owned()
}
