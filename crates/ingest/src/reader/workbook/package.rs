//! The packed folder: its parts by their names, what the workbook says that it has, and bounds on what unpacks.

use std::collections::BTreeMap;
use std::io::{BufReader, Read, Seek, SeekFrom};

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use zip::ZipArchive;
use zip::read::ZipFile;

use super::{Holds, LONGEST_TEXT, MOST_IN_ALL, MOST_OF_OTHERS, MOST_TIMES, SMALL, Sheet};
use crate::problem::Problem;
use crate::reader::bounded::{Bounded, Since, is_too_long};

/// A packed folder.
pub(super) struct Package<R> {
    archive: ZipArchive<R>,
    /// Where each part is, by its name in small letters.
    places: BTreeMap<String, usize>,
    /// How much was unpacked, of all parts together, and how much may be.
    unpacked: Since,
    most: usize,
}

/// What a workbook says that it has.
#[derive(Debug, Default)]
pub(super) struct Contents {
    pub(super) sheets: Vec<Sheet>,
    pub(super) texts: Option<String>,
    pub(super) styles: Option<String>,
    /// Whether days are counted from 1904.
    pub(super) from_1904: bool,
}

/// A part as it is unpacked: within the bounds of a text, of the part and of all.
type Unpacked<'a, R> = Bounded<Bounded<Bounded<ZipFile<'a, R>>>>;

/// A part, as XML.
pub(super) struct Part<'a, R: Read> {
    reader: Reader<BufReader<Unpacked<'a, R>>>,
    since: Since,
    buffer: Vec<u8>,
}

impl<R: Read> Part<'_, R> {
    /// The next event. No workbook declares a document type, and none is read.
    pub(super) fn next(&mut self) -> Result<Event<'_>, Problem> {
        self.buffer.clear();
        self.since.begin();
        match self.reader.read_event_into(&mut self.buffer) {
            Ok(Event::DocType(_)) => Err(Problem::DocumentType),
            Ok(event) => Ok(event),
            Err(quick_xml::Error::Io(error)) if is_too_long(&error) => {
                Err(Problem::WorkbookTooLarge)
            }
            Err(_) => Err(Problem::DamagedWorkbook),
        }
    }
}

impl<R: Read + Seek> Package<R> {
    pub(super) fn open(mut from: R) -> Result<Self, Problem> {
        let packed = from.seek(SeekFrom::End(0));
        let packed = usize::try_from(packed.map_err(|_| Problem::DamagedWorkbook)?);
        let times = packed.unwrap_or(usize::MAX).saturating_mul(MOST_TIMES);
        from.rewind().map_err(|_| Problem::DamagedWorkbook)?;
        let archive = ZipArchive::new(from).map_err(|_| Problem::DamagedWorkbook)?;
        let mut places = BTreeMap::new();
        for (place, name) in archive.file_names().enumerate() {
            let name = name.map_err(|_| Problem::DamagedWorkbook)?;
            places.insert(plain(&name), place);
        }
        Ok(Self {
            archive,
            places,
            unpacked: Since::default(),
            most: times.clamp(SMALL, MOST_IN_ALL),
        })
    }

    /// A part that unpacks to `most` bytes.
    pub(super) fn part(&mut self, name: &str, most: usize) -> Result<Part<'_, R>, Problem> {
        let place = self.places.get(&plain(name)).copied();
        let place = place.ok_or(Problem::DamagedWorkbook)?;
        let packed = self
            .archive
            .by_index(place)
            .map_err(|_| Problem::DamagedWorkbook)?;
        let (alone, _) = Bounded::new(packed, most);
        let in_all = Bounded::since(alone, self.unpacked.clone(), self.most);
        let (bounded, since) = Bounded::new(in_all, LONGEST_TEXT);
        Ok(Part {
            reader: Reader::from_reader(BufReader::new(bounded)),
            since,
            buffer: Vec::new(),
        })
    }

    /// The most bytes that all of it unpacks to.
    pub(super) const fn most(&self) -> usize {
        self.most
    }

    fn has(&self, name: &str) -> bool {
        self.places.contains_key(&plain(name))
    }

    /// What the workbook says that it has.
    pub(super) fn contents(&mut self) -> Result<Contents, Problem> {
        let of_package = self.related("")?;
        let main = of_package
            .into_values()
            .find(|related| related.kind == "officeDocument")
            .map(|related| related.target)
            .filter(|target| self.has(target))
            .or_else(|| self.has(USUAL).then(|| USUAL.to_owned()));
        let Some(main) = main.filter(|main| is_xml(main) && !is_of_another_program(main)) else {
            return Err(self.what_else());
        };
        let related = self.related(&main)?;
        let of_kind = |kind: &str| {
            let mut all = related.values();
            let found = all.find(|one| one.kind == kind);
            found.map(|one| one.target.clone())
        };
        let mut contents = Contents {
            texts: of_kind("sharedStrings").filter(|part| self.has(part)),
            styles: of_kind("styles").filter(|part| self.has(part)),
            ..Contents::default()
        };
        let (named, from_1904) = self.named(&main)?;
        contents.from_1904 = from_1904;
        contents.sheets = named
            .into_iter()
            .map(|sheet| {
                let cells = related
                    .get(&sheet.relation)
                    .filter(|one| one.kind == "worksheet" && self.has(&one.target));
                let holds = match cells {
                    Some(_) if sheet.hidden => Holds::Hidden,
                    Some(one) => Holds::Cells(one.target.clone()),
                    None => Holds::Nothing,
                };
                Sheet {
                    name: sheet.name,
                    holds,
                }
            })
            .collect();
        Ok(contents)
    }

    /// The sheets as the workbook's own part names them, and whether days are counted from 1904.
    fn named(&mut self, main: &str) -> Result<(Vec<Named>, bool), Problem> {
        let (mut named, mut from_1904, mut any) = (Vec::new(), false, false);
        let mut part = self.part(main, MOST_OF_OTHERS)?;
        loop {
            match part.next()? {
                Event::Start(start) | Event::Empty(start) => {
                    any = true;
                    match start.local_name().as_ref() {
                        "sheet" => named.push(Named::of(&start)),
                        "workbookPr" => from_1904 |= counts_from_1904(&start),
                        _ => {}
                    }
                }
                Event::Eof if any => return Ok((named, from_1904)),
                Event::Eof => return Err(Problem::DamagedWorkbook),
                _ => {}
            }
        }
    }

    /// What a part says that it is related to, by the names it uses within. The part without a name is the whole.
    fn related(&mut self, of: &str) -> Result<BTreeMap<String, Related>, Problem> {
        let (folder, file) = of.rsplit_once('/').unwrap_or(("", of));
        let slash = if folder.is_empty() { "" } else { "/" };
        let name = format!("{folder}{slash}_rels/{file}.rels");
        let mut all = BTreeMap::new();
        if !self.has(&name) {
            return Ok(all);
        }
        let mut part = self.part(&name, MOST_OF_OTHERS)?;
        loop {
            match part.next()? {
                Event::Start(start) | Event::Empty(start)
                    if start.local_name().as_ref() == "Relationship" =>
                {
                    let (mut id, mut kind, mut target) = Default::default();
                    for (key, value) in attributes(&start) {
                        match key.as_str() {
                            "Id" => id = value,
                            "Type" => kind = value,
                            "Target" => target = value,
                            _ => {}
                        }
                    }
                    let kind: String = kind;
                    let kind = kind.rsplit('/').next().unwrap_or_default().to_owned();
                    let target = within(folder, &target);
                    all.insert(id, Related { kind, target });
                }
                Event::Eof => return Ok(all),
                _ => {}
            }
        }
    }

    /// What a packed folder is that is no workbook of the kind that is read.
    fn what_else(&self) -> Problem {
        let mut names = self.places.keys();
        if self.has("xl/workbook.bin") || self.has("content.xml") {
            Problem::OldWorkbook
        } else if names.any(|name| name.starts_with("word/") || name.starts_with("ppt/")) {
            Problem::NotData
        } else {
            Problem::DamagedWorkbook
        }
    }
}

/// Where a workbook's own part usually is.
const USUAL: &str = "xl/workbook.xml";

fn is_xml(part: &str) -> bool {
    plain(part).rsplit('.').next() == Some("xml")
}

fn is_of_another_program(part: &str) -> bool {
    let part = plain(part);
    part.starts_with("word/") || part.starts_with("ppt/")
}

/// A part that another is related to.
struct Related {
    kind: String,
    target: String,
}

/// A sheet as the workbook's own part names it.
struct Named {
    name: String,
    relation: String,
    hidden: bool,
}

impl Named {
    fn of(start: &BytesStart<'_>) -> Self {
        let mut named = Self {
            name: String::new(),
            relation: String::new(),
            hidden: false,
        };
        for (key, value) in attributes(start) {
            match key.as_str() {
                "name" => named.name = value,
                "state" => named.hidden = matches!(value.as_str(), "hidden" | "veryHidden"),
                key if key.rsplit(':').next() == Some("id") => named.relation = value,
                _ => {}
            }
        }
        named
    }
}

fn counts_from_1904(start: &BytesStart<'_>) -> bool {
    attributes(start)
        .any(|(key, value)| key == "date1904" && matches!(value.as_str(), "1" | "true"))
}

/// The attributes of an element that can be read.
pub(super) fn attributes(start: &BytesStart<'_>) -> impl Iterator<Item = (String, String)> {
    let mut all = start.attributes();
    all.with_checks(false);
    let read: Vec<(String, String)> = all
        .flatten()
        .filter_map(|one| {
            let value = one.normalized_value(XmlVersion::Implicit1_0).ok()?;
            Some((one.key.as_ref().to_owned(), value.into_owned()))
        })
        .collect();
    read.into_iter()
}

/// A part's name without the differences that mean nothing.
fn plain(name: &str) -> String {
    name.trim_start_matches('/')
        .replace('\\', "/")
        .to_ascii_lowercase()
}

/// The name of a part that is named within a folder.
fn within(folder: &str, target: &str) -> String {
    if target.starts_with('/') {
        return target.trim_start_matches('/').to_owned();
    }
    let mut steps: Vec<&str> = folder.split('/').filter(|step| !step.is_empty()).collect();
    for step in target.split('/') {
        match step {
            "." | "" => {}
            ".." => {
                steps.pop();
            }
            step => steps.push(step),
        }
    }
    steps.join("/")
}
