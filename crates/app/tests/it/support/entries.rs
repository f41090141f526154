//! What stands in the history, whatever it is of.

use sea_orm::ConnectionTrait as _;
use sea_orm::sea_query::{Alias, Expr, ExprTrait as _, Query};

use super::TestApp;

impl TestApp {
    /// The number of the newest entry of history.
    pub(crate) async fn newest_entry(&self) -> i64 {
        let newest = Expr::col(Alias::new("seq")).max();
        let select = Query::select()
            .expr_as(newest, Alias::new("newest"))
            .from(Alias::new("history_entry"))
            .to_owned();
        let row = self.store().reader().query_one(&select).await;
        let row = row.expect("read").expect("a row");
        row.try_get("", "newest").expect("a number")
    }

    /// The actions of every entry of history after `seq`.
    pub(crate) async fn actions_since(&self, seq: i64) -> Vec<String> {
        let select = Query::select()
            .column(Alias::new("action"))
            .from(Alias::new("history_entry"))
            .and_where(Expr::col(Alias::new("seq")).gt(seq))
            .to_owned();
        let rows = self.store().reader().query_all(&select).await;
        let action = |row: &sea_orm::QueryResult| row.try_get("", "action").expect("text");
        rows.expect("read").iter().map(action).collect()
    }
}
