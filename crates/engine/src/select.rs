//! Running one `SELECT` over the tables as they were known.

use std::pin::Pin;

use clearpicture_kernel::{AnalysisTable, Timestamp};
use clearpicture_measures::{Given, Known, Over, Row, RunFault, Runner};
use datafusion::arrow::array::RecordBatch;
use datafusion::common::ScalarValue;
use datafusion::common::tree_node::{TreeNode as _, TreeNodeRecursion};
use datafusion::error::DataFusionError;
use datafusion::execution::context::SQLOptions;
use datafusion::functions_window::expr_fn::row_number;
use datafusion::logical_expr::{Expr, ExprFunctionExt as _, LogicalPlan, Volatility, lit};
use datafusion::prelude::{DataFrame, ParquetReadOptions, SessionConfig, SessionContext, ident};

use crate::Engine;
use crate::columns::{PLACE, RECORDED, SEQ, batch, rows, schema, since_1970};
use crate::manifest::Manifest;

/// Two, however many cores there are: so many figures at once are for the operating system to share out.
const PARTITIONS: usize = 2;

impl Runner for Engine {
    fn select<'a>(
        &'a self,
        sql: &'a str,
        over: Over<'a>,
        known: Known,
    ) -> Pin<Box<dyn Future<Output = Result<Vec<Row>, RunFault>> + Send + 'a>> {
        Box::pin(async move {
            let context = SessionContext::new_with_config(
                SessionConfig::new().with_target_partitions(PARTITIONS),
            );
            match over {
                Over::Kept => self.offer_kept(&context, known.before).await?,
                Over::Given(given) => offer_given(&context, given)?,
            }
            run(&context, sql, known).await
        })
    }
}

impl Engine {
    /// Offers each table as it was known before `before`.
    async fn offer_kept(
        &self,
        context: &SessionContext,
        before: Timestamp,
    ) -> Result<(), RunFault> {
        let manifest = Manifest::read(&self.folder, &self.tables);
        let manifest = manifest.map_err(|error| RunFault::Tables(error.to_string()))?;
        let manifest = manifest.ok_or(RunFault::NoTables)?;
        for table in self.tables.iter() {
            let kept = manifest.tables.get(table.name);
            let segments = kept.map_or(&[][..], |kept| kept.segments.as_slice());
            let rows = self.rows_of(context, table, segments).await;
            let rows = rows.and_then(|rows| newest(table, rows, before));
            offer(context, table, rows).map_err(|error| RunFault::Tables(error.to_string()))?;
        }
        Ok(())
    }

    /// Every row of these segments.
    async fn rows_of(
        &self,
        context: &SessionContext,
        table: &AnalysisTable,
        segments: &[String],
    ) -> Result<DataFrame, DataFusionError> {
        if segments.is_empty() {
            return context.read_batch(RecordBatch::new_empty(schema(table)));
        }
        let folder = std::path::absolute(self.folder.as_path())?;
        let mut urls = Vec::with_capacity(segments.len());
        for segment in segments {
            // As an address, in which no letter of the folder's name is taken for a pattern.
            let path = folder.join(segment);
            let url = url::Url::from_file_path(&path).map_err(|()| {
                DataFusionError::Execution(format!("`{}` is no path", path.display()))
            })?;
            urls.push(url.to_string());
        }
        let schema = schema(table);
        let options = ParquetReadOptions::default().schema(&schema);
        context.read_parquet(urls, options).await
    }
}

fn offer_given(context: &SessionContext, given: &[Given]) -> Result<(), RunFault> {
    for Given { table, rows } in given {
        let rows = batch(table, rows).map_err(DataFusionError::from);
        let rows = rows.and_then(|rows| context.read_batch(rows));
        let rows = rows.and_then(|rows| newest(table, rows, Timestamp::MAX));
        offer(context, table, rows).map_err(|error| RunFault::Tables(error.to_string()))?;
    }
    Ok(())
}

/// Of each key the newest row that was recorded before `before`, in the table's own columns.
fn newest(
    table: &AnalysisTable,
    rows: DataFrame,
    before: Timestamp,
) -> Result<DataFrame, DataFusionError> {
    const ORDER: &str = "entry_order";
    let key = table
        .columns
        .iter()
        .take(1)
        .map(|column| ident(column.name));
    let order = row_number()
        .partition_by(key.collect())
        .order_by(vec![
            ident(SEQ).sort(false, false),
            ident(PLACE).sort(false, false),
        ])
        .build()?
        .alias(ORDER);
    let own = table.columns.iter().map(|column| ident(column.name));
    rows.filter(ident(RECORDED).lt(lit(before.as_microsecond())))?
        .window(vec![order])?
        .filter(ident(ORDER).eq(lit(1_u64)))?
        .select(own.collect::<Vec<Expr>>())
}

fn offer(
    context: &SessionContext,
    table: &AnalysisTable,
    rows: Result<DataFrame, DataFusionError>,
) -> Result<(), DataFusionError> {
    context.register_table(table.name, rows?.into_view())?;
    Ok(())
}

async fn run(context: &SessionContext, sql: &str, known: Known) -> Result<Vec<Row>, RunFault> {
    let only_select = SQLOptions::new()
        .with_allow_ddl(false)
        .with_allow_dml(false)
        .with_allow_statements(false);
    let planned = context.sql_with_options(sql, only_select).await;
    let planned = planned.map_err(|error| RunFault::Sql(error.strip_backtrace()))?;
    only_the_rows(planned.logical_plan())?;
    let day = |day| ScalarValue::Date32(Some(since_1970(day)));
    let with_days = planned.with_param_values(vec![
        ("month_first", day(known.month.first())),
        ("month_last", day(known.month.last())),
    ]);
    let with_days = with_days.map_err(|error| RunFault::Sql(error.strip_backtrace()))?;
    let batches = with_days.collect().await;
    let batches = batches.map_err(|error| RunFault::Sql(error.strip_backtrace()))?;
    let mut answer = Vec::new();
    for batch in &batches {
        answer.extend(rows(batch).map_err(RunFault::Answer)?);
    }
    Ok(answer)
}

/// Refuses a function whose answer depends on more than the rows: the clock, the day, chance.
fn only_the_rows(plan: &LogicalPlan) -> Result<(), RunFault> {
    let mut refused = None;
    let seen = plan.apply_with_subqueries(|node| {
        node.apply_expressions(|expression| {
            expression.apply(|part| {
                if let Expr::ScalarFunction(call) = part
                    && call.func.signature().volatility != Volatility::Immutable
                {
                    refused = Some(call.func.name().to_owned());
                    return Ok(TreeNodeRecursion::Stop);
                }
                Ok(TreeNodeRecursion::Continue)
            })
        })
    });
    seen.map_err(|error| RunFault::Sql(error.strip_backtrace()))?;
    match refused {
        Some(name) => Err(RunFault::Refused(format!(
            "`{name}` answers differently from one time to the next: use $month_first and $month_last"
        ))),
        None => Ok(()),
    }
}
