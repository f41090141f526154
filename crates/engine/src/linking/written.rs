//! Rows written to a file, made by all threads and written in order.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::sync::Arc;
use std::sync::mpsc;
use std::thread;

use clearpicture_kernel::written::no_formula;
use datafusion::arrow::array::{ArrayRef, AsArray as _, RecordBatch, StringArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::csv::WriterBuilder;
use datafusion::arrow::datatypes::DataType;
use datafusion::arrow::error::ArrowError;
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::arrow::arrow_writer::{ArrowColumnChunk, compute_leaves};
use datafusion::parquet::basic::Compression;
use datafusion::parquet::errors::ParquetError;
use datafusion::parquet::file::properties::{EnabledStatistics, WriterProperties};
use datafusion::parquet::schema::types::ColumnPath;

/// So many bytes are written at once.
const WRITTEN_AT_ONCE: usize = 1 << 20;

/// As what rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Parquet.
    Parquet,
    /// Delimited text in UTF-8 with headings. A text that a spreadsheet would run as a formula stands behind an apostrophe.
    Csv,
}

impl Form {
    /// How the names of its files end, without the dot.
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Parquet => "parquet",
            Self::Csv => "csv",
        }
    }
}

/// Writes the rows of all shares, in order. `rows` makes the columns of a share, and `none` those of no row; those named in
/// `many` have a value of their own in almost every row.
pub(super) fn write<T: Sync>(
    file: File,
    form: Form,
    shares: &[T],
    many: &[&str],
    threads: usize,
    none: &RecordBatch,
    rows: impl Fn(&T) -> Result<RecordBatch, ArrowError> + Sync,
) -> io::Result<()> {
    let mut file = BufWriter::with_capacity(WRITTEN_AT_ONCE, file);
    match form {
        Form::Parquet => parquet(&mut file, shares, many, threads, none, rows)?,
        Form::Csv => csv(&mut file, shares, threads, none, rows)?,
    }
    file.flush()
}

/// One group of rows for each share.
fn parquet<T: Sync>(
    file: &mut BufWriter<File>,
    shares: &[T],
    many: &[&str],
    threads: usize,
    none: &RecordBatch,
    rows: impl Fn(&T) -> Result<RecordBatch, ArrowError> + Sync,
) -> io::Result<()> {
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::UNCOMPRESSED)
        .set_statistics_enabled(EnabledStatistics::None);
    for name in many {
        properties = properties.set_column_dictionary_enabled(ColumnPath::from(*name), false);
    }
    let writer = ArrowWriter::try_new(file, none.schema(), Some(properties.build()))?;
    let (mut writer, groups) = writer.into_serialized_writer()?;
    let encode = |group: usize, share: &T| -> Result<Vec<ArrowColumnChunk>, ParquetError> {
        let batch = rows(share)?;
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
    in_turn(
        shares,
        threads,
        |group, share| Ok(encode(group, share)?),
        |chunks| {
            let mut group = writer.next_row_group()?;
            for chunk in chunks {
                chunk.append_to_row_group(&mut group)?;
            }
            Ok(group.close().map(drop)?)
        },
    )?;
    Ok(writer.close().map(drop)?)
}

fn csv<T: Sync>(
    file: &mut BufWriter<File>,
    shares: &[T],
    threads: usize,
    none: &RecordBatch,
    rows: impl Fn(&T) -> Result<RecordBatch, ArrowError> + Sync,
) -> io::Result<()> {
    file.write_all(&lines(none, true).map_err(io::Error::other)?)?;
    let encode = |_: usize, share: &T| {
        let lines = rows(share).and_then(|rows| lines(&plain(&rows)?, false));
        lines.map_err(io::Error::other)
    };
    in_turn(shares, threads, encode, |lines| file.write_all(&lines))
}

fn lines(batch: &RecordBatch, headings: bool) -> Result<Vec<u8>, ArrowError> {
    let mut bytes = Vec::new();
    let mut writer = WriterBuilder::new().with_header(headings).build(&mut bytes);
    writer.write(batch)?;
    drop(writer);
    Ok(bytes)
}

/// The same with no text that a spreadsheet would run.
fn plain(batch: &RecordBatch) -> Result<RecordBatch, ArrowError> {
    let names = batch.schema_ref().fields().iter().map(|field| field.name());
    let columns = names.zip(batch.columns()).map(|(name, column)| {
        let is_text = matches!(
            column.data_type(),
            DataType::Utf8 | DataType::Dictionary(..)
        );
        let column: ArrayRef = match is_text {
            false => Arc::clone(column),
            true => {
                let texts = cast(column, &DataType::Utf8)?;
                let texts = texts.as_string::<i32>().iter();
                Arc::new(
                    texts
                        .map(|text| text.map(no_formula))
                        .collect::<StringArray>(),
                )
            }
        };
        Ok((name, column))
    });
    RecordBatch::try_from_iter(columns.collect::<Result<Vec<_>, ArrowError>>()?)
}

/// Makes something of each share on so many threads, and takes it as soon as its turn has come.
fn in_turn<T: Sync, M: Send>(
    shares: &[T],
    threads: usize,
    make: impl Fn(usize, &T) -> io::Result<M> + Sync,
    mut take: impl FnMut(M) -> io::Result<()>,
) -> io::Result<()> {
    let (make, threads) = (&make, threads.max(1));
    thread::scope(|scope| {
        // Each thread makes every so-manieth, and one ahead of what is taken.
        let made: Vec<_> = (0..threads.min(shares.len()))
            .map(|first| {
                let (full, filled) = mpsc::sync_channel(1);
                scope.spawn(move || {
                    let own = shares.iter().enumerate().skip(first).step_by(threads);
                    for (place, share) in own {
                        // Nobody takes any more.
                        if full.send(make(place, share)).is_err() {
                            return;
                        }
                    }
                });
                filled
            })
            .collect();
        for (_, filled) in shares.iter().zip(made.iter().cycle()) {
            let midway = |_| io::Error::other("writing ended midway");
            take(filled.recv().map_err(midway)??)?;
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::array::{Float32Array, Int32Array};

    use super::*;

    fn rows(numbers: &[i32; 3]) -> Result<RecordBatch, ArrowError> {
        let texts: StringArray = numbers.iter().map(|number| Some(told(*number))).collect();
        let bits = numbers
            .iter()
            .map(|number| f32::from(i16::try_from(-number).unwrap_or_default()) / 4.0);
        let bits: Float32Array = bits.map(Some).collect();
        RecordBatch::try_from_iter([
            (
                "number",
                Arc::new(Int32Array::from(numbers.to_vec())) as ArrayRef,
            ),
            ("text", Arc::new(texts)),
            ("bits", Arc::new(bits)),
        ])
    }

    fn told(number: i32) -> &'static str {
        ["plain", "=1+1", "a, \"b\"\nc", "-5"][usize::try_from(number).unwrap_or_default() % 4]
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test has a thread to itself")]
    fn delimited_text_is_in_order_on_any_number_of_threads_and_runs_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let shares = [[0, 1, 2], [3, 4, 5], [6, 7, 8], [9, 10, 11]];
        let none = rows(&[0; 3]).expect("rows").slice(0, 0);
        let mut written = Vec::new();
        for threads in [1, 2, 8] {
            let path = folder.path().join("written.csv");
            let file = File::create(&path).expect("a file");
            write(file, Form::Csv, &shares, &[], threads, &none, rows).expect("written");
            written.push(std::fs::read_to_string(path).expect("text"));
        }
        assert!(written.iter().all(|text| *text == written[0]));
        let start = "number,text,bits\n0,plain,0.0\n1,'=1+1,-0.25\n2,\"a, \"\"b\"\"\nc\",-0.5\n3,'-5,-0.75\n4,plain,-1.0\n";
        assert!(
            written[0].replace("-0.0\n", "0.0\n").starts_with(start),
            "{}",
            written[0]
        );
        // Without a share there are headings.
        let path = folder.path().join("none.csv");
        let file = File::create(&path).expect("a file");
        write(file, Form::Csv, &[], &[], 2, &none, rows).expect("written");
        assert_eq!(
            std::fs::read_to_string(path).expect("text"),
            "number,text,bits\n"
        );
    }
}
