//! Tables of records as Parquet: read to be linked. What came of linking is written as Parquet or delimited text.

mod written;

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::ops::{ControlFlow, Range};
use std::sync::Arc;

use clearpicture_linkage::columns::{Agreed, Cells, Linking, Share, Table};
use datafusion::arrow::array::{
    Array, ArrayRef, AsArray as _, DictionaryArray, Float32Array, Int32Array, Int32Builder,
    RecordBatch, StringArray, StringBuilder,
};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Int32Type};
use datafusion::arrow::error::ArrowError;
use datafusion::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use datafusion::parquet::errors::ParquetError;

/// About so many rows are made and written by one thread at once.
const ROWS: usize = 1 << 17;
/// Room that is kept for an id; a longer one takes more.
const BYTES_OF_ID: usize = 8;

pub use written::Form;
use written::write;

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
    // As many at once as are worth several threads.
    let reader = reader.with_batch_size(ROWS);
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

/// The sources and the ids of some records, as two columns.
fn named(table: &Table, records: &[u32]) -> Result<[ArrayRef; 2], ArrowError> {
    let mut sources = Int32Builder::with_capacity(records.len());
    let mut ids = StringBuilder::with_capacity(records.len(), records.len() * BYTES_OF_ID);
    // A record stands in pair after pair.
    for same in records.chunk_by(|one, next| one == next) {
        let (source, number) = same
            .first()
            .map_or((0, 0), |record| table.place_of(*record));
        let id = table.sources().get(source).map(|one| one.id(number));
        let id = id.unwrap_or_default();
        sources.append_value_n(i32::try_from(source).unwrap_or(i32::MAX), same.len());
        for _ in same {
            ids.append_value(&id);
        }
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
    form: Form,
    table: &Table,
    persons: &[u32],
    threads: usize,
) -> io::Result<()> {
    let rows = |range: &Range<usize>| {
        let first = u32::try_from(range.start).unwrap_or(u32::MAX);
        let some = persons.get(range.clone()).unwrap_or_default();
        let records: Vec<u32> = (first..).take(some.len()).collect();
        let [sources, ids] = named(table, &records)?;
        let mut numbers = StringBuilder::with_capacity(some.len(), some.len() * BYTES_OF_ID);
        for person in some {
            numbers.append_value(u64::from(*person).saturating_add(1).to_string());
        }
        let numbers: ArrayRef = Arc::new(numbers.finish());
        RecordBatch::try_from_iter([
            ("source", sources),
            ("record_id", ids),
            ("person_id", numbers),
        ])
    };
    let shares: Vec<Range<usize>> = (0..persons.len())
        .step_by(ROWS)
        .map(|from| from..persons.len().min(from + ROWS))
        .collect();
    let many = ["record_id", "person_id"];
    let none = rows(&(0..0)).map_err(io::Error::other)?;
    write(file, form, &shares, &many, threads, &none, rows)
}

/// Writes the pairs that are rather one person than not: both records, what their agreement is worth in bits to a
/// hundredth (from `bits`, the odds that they are one person are 2 to that power), and in words how far each column agrees.
///
/// # Errors
/// When the file cannot be written, or pairs that went to scratch cannot be read back.
pub fn write_pairs(
    file: File,
    form: Form,
    table: &Table,
    linking: &Linking<'_>,
    threads: usize,
) -> io::Result<()> {
    let rows = |share: Option<&Share>| {
        let (mut one, mut other) = (Vec::new(), Vec::new());
        let mut known = BTreeMap::new();
        let (mut bits, mut places) = (Vec::new(), Vec::new());
        let mut take = |agreed: Agreed<'_>| {
            let next = i32::try_from(known.len()).unwrap_or(i32::MAX);
            let place = *known.entry(agreed.agreement).or_insert(next);
            let worth = i16::try_from(agreed.weight / 10).unwrap_or(i16::MAX);
            for (first, second) in agreed.pairs() {
                one.push(first);
                other.push(second);
            }
            bits.resize(one.len(), f32::from(worth) / 100.0);
            places.resize(one.len(), place);
        };
        if let Some(share) = share {
            linking.of_share(share, &mut take)?;
        }
        let [source_a, id_a] = named(table, &one)?;
        let [source_b, id_b] = named(table, &other)?;
        let mut words: Vec<(i32, u64)> = known
            .into_iter()
            .map(|(number, place)| (place, number))
            .collect();
        words.sort_unstable();
        let words: StringArray = words
            .iter()
            .map(|(_, number)| Some(linking.agreement(*number)))
            .collect();
        let places = Int32Array::from(places);
        let agreement = DictionaryArray::<Int32Type>::try_new(places, Arc::new(words))?;
        let bits: ArrayRef = Arc::new(Float32Array::from(bits));
        RecordBatch::try_from_iter([
            ("source_a", source_a),
            ("record_id_a", id_a),
            ("source_b", source_b),
            ("record_id_b", id_b),
            ("bits", bits),
            ("agreement", Arc::new(agreement)),
        ])
    };
    let shares = linking.shares(linking.plan.join.min(0), ROWS)?;
    let many = ["record_id_a", "record_id_b"];
    let none = rows(None).map_err(io::Error::other)?;
    write(file, form, &shares, &many, threads, &none, |share| {
        rows(Some(share))
    })
}
