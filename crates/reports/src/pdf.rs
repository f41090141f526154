//! A report as PDF/UA-1: tagged, with its own fonts, the same bytes for the same report.

use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration, Smart};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt as _, World};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};

use crate::data::data;
use crate::fonts::Fonts;
use crate::report::{Report, ReportFault};

const TEMPLATE: &str = include_str!("../templates/report.typ");

/// `report` as a PDF under PDF/UA-1.
///
/// # Errors
/// [`ReportFault`] when it cannot be set, or would not be one that everybody can read.
pub fn pdf(report: &Report, fonts: &Fonts) -> Result<Vec<u8>, ReportFault> {
    set(&Paper::of(report, fonts, Form::Book)?)
}

/// The same without a cover and contents, one section after the other: for what is read on the way.
///
/// # Errors
/// As [`pdf`].
pub fn leaflet(report: &Report, fonts: &Fonts) -> Result<Vec<u8>, ReportFault> {
    set(&Paper::of(report, fonts, Form::Leaflet)?)
}

/// How a report is bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// With a cover and contents, each section on a page of its own.
    Book,
    /// From the first line on.
    Leaflet,
}

fn set(paper: &Paper<'_>) -> Result<Vec<u8>, ReportFault> {
    let set = typst::compile::<PagedDocument>(paper);
    // What was worked out for this document serves no other; only the template's own is worth keeping.
    typst::comemo::evict(4);
    let document = set
        .output
        .map_err(|faults| ReportFault::Set(words(&faults)))?;
    if !set.warnings.is_empty() {
        return Err(ReportFault::Set(words(&set.warnings)));
    }
    let standards = PdfStandards::new(&[PdfStandard::Ua_1])
        .map_err(|fault| ReportFault::Accessible(fault.message().to_string()))?;
    let options = PdfOptions {
        creator: Smart::Custom(Some("Clear Picture".to_owned())),
        standards,
        ..PdfOptions::default()
    };
    typst_pdf::pdf(&document, &options).map_err(|faults| ReportFault::Accessible(words(&faults)))
}

fn words(faults: &[SourceDiagnostic]) -> String {
    let faults: Vec<&str> = faults.iter().map(|fault| fault.message.as_str()).collect();
    faults.join("; ")
}

/// All that the template can reach: itself, the report as data and the fonts.
struct Paper<'a> {
    library: LazyHash<Library>,
    fonts: &'a Fonts,
    main: Source,
    data: Bytes,
}

impl<'a> Paper<'a> {
    fn of(report: &Report, fonts: &'a Fonts, form: Form) -> Result<Self, ReportFault> {
        let main =
            VirtualPath::new("report.typ").map_err(|fault| ReportFault::Set(fault.to_string()))?;
        let main = FileId::new(RootedPath::new(VirtualRoot::Project, main));
        let mut data = data(report, fonts)?;
        if let Some(all) = data.as_object_mut() {
            all.insert("leaflet".to_owned(), (form == Form::Leaflet).into());
        }
        Ok(Self {
            library: LazyHash::new(Library::builder().build()),
            fonts,
            main: Source::new(main, TEMPLATE.to_owned()),
            data: Bytes::from_string(data.to_string()),
        })
    }
}

impl World for Paper<'_> {
    fn library(&self) -> &LazyHash<Library> {
        &self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.fonts.book
    }

    fn main(&self) -> FileId {
        self.main.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.main.id() {
            Ok(self.main.clone())
        } else {
            Err(FileError::AccessDenied)
        }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        match id.get().vpath().get_without_slash() {
            "report.json" => Ok(self.data.clone()),
            _ => Err(FileError::AccessDenied),
        }
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.fonts.get(index).cloned()
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}
