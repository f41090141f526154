//! Some of the records of a source, made codes by one thread apart from the others.

use super::kind::Kind;
use super::plan::Plan;
use super::statements::Statements;
use super::table::{Aside, Asides, Cells, TableError, at};
use super::texts::{Full, Texts};
use super::values::Values;

/// Where in the rows of a source what is asked for stands.
#[derive(Debug, Clone, Default)]
pub(super) struct Places {
    /// For each column of the plan.
    pub(super) columns: Vec<Option<usize>>,
    pub(super) ids: Option<usize>,
    /// For each column beside the records.
    pub(super) asides: Vec<Option<usize>>,
}

/// Takes some records of a source.
#[derive(Debug)]
pub struct Portion {
    pub(super) lanes: Vec<Lane>,
    pub(super) statements: Statements,
    /// What the record that is being added says.
    saying: Vec<u32>,
    pub(super) asides: Vec<Aside>,
    places: Places,
    /// Of the source that is being read.
    pub(super) ids: Texts,
    pub(super) records: u32,
}

/// Columns that share their values.
#[derive(Debug)]
pub(super) struct Lane {
    pub(super) values: Values,
    pub(super) columns: Vec<Filling>,
}

/// A column as it fills.
#[derive(Debug)]
pub(super) struct Filling {
    kind: Kind,
    month_first: bool,
    /// Its place in the plan, and that of the name with which it may have changed places.
    pub(super) place: usize,
    partner: Option<usize>,
    /// What has been cleaned already, by what was written.
    written: Texts,
    cleaned: Vec<u32>,
}

/// Beyond so many different texts in a column, most records have one of their own, and remembering them is no help.
const REMEMBERED: usize = 1 << 16;

impl Portion {
    /// None yet. The truth, where there is one, is the first of what stands beside the records.
    pub(super) fn new(plan: &Plan, asides: Asides<'_>) -> Self {
        let mut lanes: Vec<Lane> = Vec::new();
        for (place, one) in plan.columns.iter().enumerate() {
            let filling = Filling {
                kind: one.kind,
                month_first: one.month_first,
                place,
                partner: one.partner,
                written: Texts::default(),
                cleaned: Vec::new(),
            };
            let is_shared = |lane: &&mut Lane| one.kind.is_name() && lane.values.is_of_names();
            match lanes.iter_mut().find(is_shared) {
                Some(lane) => lane.columns.push(filling),
                None => lanes.push(Lane {
                    values: Values::new(one.kind),
                    columns: vec![filling],
                }),
            }
        }
        let groups = asides.groups.iter().map(String::as_str);
        Self {
            lanes,
            statements: Statements::new(plan.columns.len()),
            saying: vec![0; plan.columns.len()],
            asides: asides
                .truth
                .map(Aside::truth)
                .into_iter()
                .chain(groups.map(Aside::new))
                .collect(),
            places: Places::default(),
            ids: Texts::default(),
            records: 0,
        }
    }

    /// Begins a source.
    pub(super) fn begin(&mut self, places: &Places) {
        self.places = places.clone();
    }

    /// Adds a record.
    ///
    /// # Errors
    /// When there is no room.
    pub fn record(&mut self, row: &impl Cells) -> Result<(), TableError> {
        let places = &self.places;
        self.records = self.records.checked_add(1).ok_or(TableError::TooMany)?;
        for lane in &mut self.lanes {
            for column in &mut lane.columns {
                let code = column.said(row, places, &mut lane.values)?;
                if let Some(cell) = self.saying.get_mut(column.place) {
                    *cell = code;
                }
            }
        }
        self.statements.push(&self.saying)?;
        for (aside, place) in self.asides.iter_mut().zip(&places.asides) {
            let told = place.map_or("", |place| row.cell(place)).trim();
            aside.push(told)?;
        }
        if let Some(place) = places.ids {
            self.ids.push(row.cell(place).trim())?;
        }
        Ok(())
    }

    /// Adds the records of another portion of the same source behind the own ones: the same as if they had been added here.
    pub(super) fn join(&mut self, other: Self) -> Result<(), TableError> {
        if self.records == 0 {
            *self = other;
            return Ok(());
        }
        let records = self.records.checked_add(other.records);
        self.records = records.ok_or(TableError::TooMany)?;
        let mut codes: Vec<(usize, Vec<u32>)> = Vec::new();
        for (own, theirs) in self.lanes.iter_mut().zip(&other.lanes) {
            let here = own.values.join(&theirs.values)?;
            codes.extend(
                own.columns
                    .iter()
                    .map(|column| (column.place, here.clone())),
            );
        }
        codes.sort_unstable_by_key(|(place, _)| *place);
        let code =
            |column: usize, there: u32| codes.get(column).map_or(0, |(_, here)| at(here, there));
        self.statements.join(&other.statements, code)?;
        for (own, theirs) in self.asides.iter_mut().zip(&other.asides) {
            let here =
                std::iter::once(Ok(0)).chain(theirs.texts.all().map(|text| own.texts.code(text)));
            let here: Vec<u32> = here.collect::<Result<_, Full>>()?;
            own.codes
                .extend(theirs.codes.iter().map(|there| at(&here, *there)));
        }
        for id in other.ids.all() {
            self.ids.push(id)?;
        }
        Ok(())
    }
}

impl Filling {
    /// The number of what a row tells.
    fn said(
        &mut self,
        row: &impl Cells,
        places: &Places,
        values: &mut Values,
    ) -> Result<u32, Full> {
        let of = |column: usize| {
            let place = places.columns.get(column).copied().flatten();
            place.map_or("", |place| row.cell(place))
        };
        let written = of(self.place);
        if self.kind.is_name() {
            let other = self.partner.map_or("", of);
            if written.contains(',') || other.contains(',') {
                return values.code(&self.kind.clean_beside(written, other, false));
            }
        }
        self.code(written, values)
    }

    /// The number of a value as it was written.
    fn code(&mut self, written: &str, values: &mut Values) -> Result<u32, Full> {
        if written.is_empty() {
            return Ok(0);
        }
        if self.kind.is_clean(written) {
            return values.code(written);
        }
        if let Some(code) = self.written.find(written) {
            return Ok(at(&self.cleaned, code - 1));
        }
        let code = values.code(&self.kind.clean_beside(written, "", self.month_first))?;
        if self.written.len() < REMEMBERED {
            self.written.code(written)?;
            self.cleaned.push(code);
        }
        Ok(code)
    }
}
