//! Tables of records as Parquet: read to be linked, and what came of linking written.

use std::fs::File;
use std::io;
use std::ops::ControlFlow;
use std::sync::Arc;

use clearpicture_linkage::columns::{Linking, Pair, Table};
use datafusion::arrow::array::{
    Array, ArrayRef, AsArray as _, Float64Array, RecordBatch, StringArray,
};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::DataType;
use datafusion::arrow::error::ArrowError;
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use datafusion::parquet::basic::Compression;
use datafusion::parquet::errors::ParquetError;
use datafusion::parquet::file::properties::WriterProperties;

/// So many rows are written at once.
const ROWS: usize = 1 << 16;
/// A thousandth of a bit.
const PARTS_OF_BIT: f64 = 1_000.0;

/// Goes through a Parquet file: its headings, and then each row by what it has under each of them, until one of the two
/// has enough. Every value is handed on as text, an empty one for null.
///
/// # Errors
/// When the file is not Parquet, or a column holds what has no text, such as a list.
pub fn parquet_rows(
    file: File,
    headings: &mut dyn FnMut(&[String]) -> ControlFlow<()>,
    row: &mut dyn for<'r> FnMut(&dyn Fn(usize) -> &'r str) -> ControlFlow<()>,
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
        let rows = texts.first().map_or(0, |column| column.len());
        for place in 0..rows {
            let cell = |column: usize| -> &str {
                texts
                    .get(column)
                    .filter(|column| column.is_valid(place))
                    .map_or("", |column| column.value(place))
            };
            if row(&cell).is_break() {
                return Ok(());
            }
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

/// A Parquet file that is being written.
struct Out(Option<ArrowWriter<File>>, Option<File>);

impl Out {
    fn new(file: File) -> Self {
        Self(None, Some(file))
    }

    fn add(&mut self, columns: Vec<(&str, ArrayRef)>) -> Result<(), ParquetError> {
        let batch = RecordBatch::try_from_iter(columns)?;
        if let Some(file) = self.1.take() {
            let properties = WriterProperties::builder()
                .set_compression(Compression::UNCOMPRESSED)
                .build();
            self.0 = Some(ArrowWriter::try_new(
                file,
                batch.schema(),
                Some(properties),
            )?);
        }
        match &mut self.0 {
            Some(writer) => writer.write(&batch),
            None => Ok(()),
        }
    }

    fn close(self) -> Result<(), ParquetError> {
        self.0.map_or(Ok(()), |writer| writer.close().map(drop))
    }
}

/// Writes which records are one person: `source`, `record_id`, and `person_id`, which is the place of the first record
/// of the person among all records, from 1.
///
/// # Errors
/// When the file cannot be written.
pub fn write_clusters(file: File, table: &Table, persons: &[u32]) -> io::Result<()> {
    let mut out = Out::new(file);
    let mut first = 0;
    loop {
        let some = persons.get(first..).unwrap_or_default();
        let some = some.get(..ROWS).unwrap_or(some);
        let named = || {
            let from = u32::try_from(first).unwrap_or(u32::MAX);
            (from..)
                .take(some.len())
                .map(|record| table.name_of(record))
        };
        let sources: StringArray = named().map(|(source, _)| Some(source.to_owned())).collect();
        let ids: StringArray = named().map(|(_, id)| Some(id)).collect();
        let persons: StringArray = some
            .iter()
            .map(|person| Some((u64::from(*person) + 1).to_string()))
            .collect();
        out.add(vec![
            ("source", Arc::new(sources)),
            ("record_id", Arc::new(ids)),
            ("person_id", Arc::new(persons)),
        ])
        .map_err(io::Error::other)?;
        first += ROWS;
        if first >= table.len() as usize {
            break;
        }
    }
    out.close().map_err(io::Error::other)
}

/// Writes the pairs that are worth most: both records, what their agreement is worth in bits, how likely it is that they
/// are one person, and the level of each column.
///
/// # Errors
/// When the file cannot be written.
pub fn write_pairs(file: File, table: &Table, linking: &Linking<'_>) -> io::Result<()> {
    let mut out = Out::new(file);
    let names: Vec<String> = linking
        .compared_names()
        .map(|name| format!("level_{name}"))
        .collect();
    let mut some = linking.pairs.chunks(ROWS);
    let mut next = Some(some.next().unwrap_or_default());
    while let Some(pairs) = next {
        let column = |of: &dyn Fn(&Pair) -> String| -> ArrayRef {
            Arc::new(
                pairs
                    .iter()
                    .map(|pair| Some(of(pair)))
                    .collect::<StringArray>(),
            )
        };
        let bits =
            |pair: &Pair| f64::from(i32::try_from(pair.weight).unwrap_or(i32::MAX)) / PARTS_OF_BIT;
        let number = |of: &dyn Fn(&Pair) -> f64| -> ArrayRef {
            Arc::new(
                pairs
                    .iter()
                    .map(|pair| Some(of(pair)))
                    .collect::<Float64Array>(),
            )
        };
        let mut columns: Vec<(&str, ArrayRef)> = vec![
            (
                "source_a",
                column(&|pair| table.name_of(pair.a).0.to_owned()),
            ),
            ("record_id_a", column(&|pair| table.name_of(pair.a).1)),
            (
                "source_b",
                column(&|pair| table.name_of(pair.b).0.to_owned()),
            ),
            ("record_id_b", column(&|pair| table.name_of(pair.b).1)),
            ("bits", number(&bits)),
            (
                "probability",
                number(&|pair| 1.0 / (1.0 + (-bits(pair)).exp2())),
            ),
        ];
        let levels: Vec<Vec<&'static str>> = pairs
            .iter()
            .map(|pair| linking.level_names(pair.a, pair.b))
            .collect();
        for (place, name) in names.iter().enumerate() {
            let told = levels.iter().map(|levels| levels.get(place).copied());
            columns.push((name.as_str(), Arc::new(told.collect::<StringArray>())));
        }
        out.add(columns).map_err(io::Error::other)?;
        next = some.next();
    }
    out.close().map_err(io::Error::other)
}
