//! Tables of records as Parquet: read to be linked, and what came of linking written.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::ops::{ControlFlow, Range};
use std::sync::Arc;
use std::thread;

use clearpicture_linkage::columns::{Cells, Linking, Pair, Table};
use datafusion::arrow::array::{
    Array, ArrayRef, AsArray as _, DictionaryArray, Float32Array, Int32Builder, RecordBatch,
    StringArray, StringBuilder,
};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Int32Type};
use datafusion::arrow::error::ArrowError;
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use datafusion::parquet::arrow::arrow_writer::{ArrowColumnChunk, compute_leaves};
use datafusion::parquet::basic::Compression;
use datafusion::parquet::errors::ParquetError;
use datafusion::parquet::file::properties::{EnabledStatistics, WriterProperties};
use datafusion::parquet::schema::types::ColumnPath;

/// So many rows are made and written by one thread at once.
const ROWS: usize = 1 << 17;

/// A row of a Parquet file.
#[derive(Debug, Clone, Copy)]
pub struct Row<'r> {
    columns: &'r [StringArray],
    place: usize,
}

impl Cells for Row<'_> {
    fn cell(&self, column: usize) -> &str {
        let column = self
            .columns
            .get(column)
            .filter(|column| column.is_valid(self.place));
        column.map_or("", |column| column.value(self.place))
    }
}

/// Goes through a Parquet file: its headings, and then its rows, some at a time, until one of the two has enough. Every value is handed on as text.
///
/// # Errors
/// When the file is not Parquet, or a column holds what has no text, such as a list.
pub fn parquet_rows(
    file: File,
    headings: &mut dyn FnMut(&[String]) -> ControlFlow<()>,
    rows: &mut dyn FnMut(&[Row<'_>]) -> ControlFlow<()>,
) -> io::Result<()> {
    let fault = |error: ParquetError| io::Error::new(io::ErrorKind::InvalidData, error);
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).map_err(fault)?;
    let names: Vec<String> = reader
        .schema()
        .fields()
        .iter()
        .map(|field| field.name().clone())
        .collect();
    if headings(&names).is_break() {
        return Ok(());
    }
    for batch in reader.build().map_err(fault)? {
        let texts = texts(&batch.map_err(invalid)?).map_err(invalid)?;
        let count = texts.first().map_or(0, |column| column.len());
        let columns = &texts;
        let some: Vec<Row<'_>> = (0..count).map(|place| Row { columns, place }).collect();
        if rows(&some).is_break() {
            return Ok(());
        }
    }
    Ok(())
}

fn invalid(error: ArrowError) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

fn texts(batch: &RecordBatch) -> Result<Vec<StringArray>, ArrowError> {
    let as_text = |column: &ArrayRef| Ok(cast(column, &DataType::Utf8)?.as_string::<i32>().clone());
    batch.columns().iter().map(as_text).collect()
}

/// Writes up to so many rows as Parquet, some at a time on each thread. `rows` makes the columns of a range of them; those
/// named in `many` have a value of their own in almost every row.
fn write(
    file: File,
    count: usize,
    many: &[&str],
    threads: usize,
    rows: impl Fn(Range<usize>) -> Result<RecordBatch, ArrowError> + Sync,
) -> Result<(), ParquetError> {
    let schema = rows(0..0)?.schema();
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::UNCOMPRESSED)
        .set_statistics_enabled(EnabledStatistics::None);
    for name in many {
        properties = properties.set_column_dictionary_enabled(ColumnPath::from(*name), false);
    }
    let writer = ArrowWriter::try_new(file, schema, Some(properties.build()))?;
    let (mut writer, groups) = writer.into_serialized_writer()?;
    let encode = |group: usize| -> Result<Vec<ArrowColumnChunk>, ParquetError> {
        let from = group * ROWS;
        let batch = rows(from..count.min(from + ROWS))?;
        let columns = batch.schema_ref().fields().iter().zip(batch.columns());
        let mut chunks = Vec::new();
        for (mut writer, (field, column)) in groups
            .create_column_writers(group)?
            .into_iter()
            .zip(columns)
        {
            for leaf in compute_leaves(field, column)? {
                writer.write(&leaf)?;
            }
            chunks.push(writer.close()?);
        }
        Ok(chunks)
    };
    let encode = &encode;
    let all: Vec<usize> = (0..count.div_ceil(ROWS)).collect();
    for some in all.chunks(threads.max(1)) {
        let done: Vec<Result<_, ParquetError>> = thread::scope(|scope| {
            let running: Vec<_> = some
                .iter()
                .map(|group| scope.spawn(move || encode(*group)))
                .collect();
            let midway = || ParquetError::General("writing ended midway".to_owned());
            running
                .into_iter()
                .map(|one| one.join().unwrap_or_else(|_| Err(midway())))
                .collect()
        });
        for chunks in done {
            let mut group = writer.next_row_group()?;
            for chunk in chunks? {
                chunk.append_to_row_group(&mut group)?;
            }
            group.close()?;
        }
    }
    writer.close().map(drop)
}

/// The sources and the ids of some records, as two columns.
fn named(table: &Table, records: impl Iterator<Item = u32>) -> Result<[ArrayRef; 2], ArrowError> {
    let (mut sources, mut ids) = (Int32Builder::new(), StringBuilder::new());
    for record in records {
        let (source, number) = table.place_of(record);
        sources.append_value(i32::try_from(source).unwrap_or(i32::MAX));
        ids.append_value(
            table
                .sources()
                .get(source)
                .map_or_else(Default::default, |one| one.id(number)),
        );
    }
    let names: StringArray = table
        .sources()
        .iter()
        .map(|one| Some(one.name.as_str()))
        .collect();
    let sources = DictionaryArray::try_new(sources.finish(), Arc::new(names))?;
    Ok([Arc::new(sources), Arc::new(ids.finish())])
}

/// Writes which records are one person: `source`, `record_id`, and `person_id`, which is the place of the first record
/// of the person among all records, from 1.
///
/// # Errors
/// When the file cannot be written.
pub fn write_clusters(
    file: File,
    table: &Table,
    persons: &[u32],
    threads: usize,
) -> io::Result<()> {
    let rows = |range: Range<usize>| {
        let first = u32::try_from(range.start).unwrap_or(u32::MAX);
        let some = persons.get(range).unwrap_or_default();
        let [sources, ids] = named(table, (first..).take(some.len()))?;
        let mut numbers = StringBuilder::new();
        for person in some {
            numbers.append_value((u64::from(*person) + 1).to_string());
        }
        let numbers: ArrayRef = Arc::new(numbers.finish());
        RecordBatch::try_from_iter([
            ("source", sources),
            ("record_id", ids),
            ("person_id", numbers),
        ])
    };
    let many = ["record_id", "person_id"];
    write(file, persons.len(), &many, threads, rows).map_err(io::Error::other)
}

/// Writes the pairs that are rather one person than not: both records, what their agreement is worth in bits to a
/// hundredth (from `bits`, the odds that they are one person are 2 to that power), and in words how far each column agrees.
///
/// # Errors
/// When the file cannot be written.
pub fn write_pairs(
    file: File,
    table: &Table,
    linking: &Linking<'_>,
    threads: usize,
) -> io::Result<()> {
    let least = linking.plan.join.min(0);
    let is_told = |pair: &&Pair| pair.weight >= least;
    let rows = |range: Range<usize>| {
        let some = linking.pairs.get(range).unwrap_or_default();
        let pairs: Vec<Pair> = some.iter().filter(is_told).copied().collect();
        let [source_a, id_a] = named(table, pairs.iter().map(|pair| pair.a))?;
        let [source_b, id_b] = named(table, pairs.iter().map(|pair| pair.b))?;
        let bits = |pair: &Pair| {
            Some(f32::from(i16::try_from(pair.weight / 10).unwrap_or(i16::MAX)) / 100.0)
        };
        let bits: ArrayRef = Arc::new(pairs.iter().map(bits).collect::<Float32Array>());
        let mut columns: Vec<(&str, ArrayRef)> = vec![
            ("source_a", source_a),
            ("record_id_a", id_a),
            ("source_b", source_b),
            ("record_id_b", id_b),
            ("bits", bits),
        ];
        let mut looking = linking.looking();
        let mut known = BTreeMap::new();
        let mut places = Int32Builder::with_capacity(pairs.len());
        for pair in &pairs {
            let next = i32::try_from(known.len()).unwrap_or(i32::MAX);
            places.append_value(
                *known
                    .entry(looking.agreement(pair.a, pair.b))
                    .or_insert(next),
            );
        }
        let mut words: Vec<(i32, u64)> = known
            .into_iter()
            .map(|(number, place)| (place, number))
            .collect();
        words.sort_unstable();
        let words: StringArray = words
            .iter()
            .map(|(_, number)| Some(linking.agreement(*number)))
            .collect();
        let agreement = DictionaryArray::<Int32Type>::try_new(places.finish(), Arc::new(words))?;
        columns.push(("agreement", Arc::new(agreement)));
        RecordBatch::try_from_iter(columns)
    };
    let many = ["record_id_a", "record_id_b"];
    write(file, linking.pairs.len(), &many, threads, rows).map_err(io::Error::other)
}
