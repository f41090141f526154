//! Whether records came to the right child.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context as _, ensure};
use clearpicture_access::Scope;
use clearpicture_app::persons::{self, SeePerson};
use clearpicture_store::Store;

use super::files::Files;

/// Which child each row of each file tells of.
pub(super) struct Children {
    /// For each file the child of each row.
    of_file: BTreeMap<&'static str, Vec<u64>>,
    /// For each load the file.
    of_load: BTreeMap<String, &'static str>,
    /// The child of each patient.
    of_patient: BTreeMap<String, u64>,
    /// The children of whom rows that are held tell.
    held: BTreeSet<u64>,
}

/// Where records came to that came alone.
#[derive(Debug, Default)]
pub(super) struct Came {
    held: usize,
    joined: usize,
    others: usize,
    stayed_alone: usize,
    pub(super) wrong: usize,
}

impl Came {
    pub(super) fn right(&self) -> String {
        format!("{} of {}", self.joined, self.held)
    }

    pub(super) fn alone(&self) -> String {
        format!("{} of {}", self.stayed_alone, self.others)
    }
}

impl Children {
    /// Reads the truth of the files in a folder.
    pub(super) fn read(folder: &Path, files: &Files) -> anyhow::Result<Self> {
        let mut truth: BTreeMap<(String, String), u64> = BTreeMap::new();
        let mut reader = csv::Reader::from_path(folder.join(clearpicture_synth::TRUTH))?;
        for row in reader.deserialize() {
            let (file, key, child, _, _): (String, String, u64, String, String) = row?;
            if files.held.contains(&file.as_str()) {
                truth.insert((file, key), child);
            }
        }
        let mut of_file = BTreeMap::new();
        for file in &files.held {
            let mut keys = files.patients.clone();
            if file.ends_with(".csv") {
                let mut reader = csv::Reader::from_path(folder.join(file))?;
                let first = |row: Result<csv::StringRecord, csv::Error>| {
                    Ok(row?.get(0).unwrap_or_default().to_owned())
                };
                keys = reader
                    .records()
                    .map(first)
                    .collect::<Result<_, csv::Error>>()?;
            }
            let child = |key: String| truth.get(&((*file).to_owned(), key)).copied();
            let children: Option<Vec<u64>> = keys.into_iter().map(child).collect();
            of_file.insert(*file, children.context("a row is not in the truth")?);
        }
        let mut of_patient = BTreeMap::new();
        for message in &files.new {
            let key = (of_patients(files)?.to_owned(), message.key.clone());
            let child = truth.get(&key).context("a patient is not in the truth")?;
            of_patient.insert(message.key.clone(), *child);
        }
        Ok(Self {
            held: of_file.values().flatten().copied().collect(),
            of_file,
            of_load: BTreeMap::new(),
            of_patient,
        })
    }

    /// Notes that a file was taken in.
    pub(super) fn came(&mut self, load: String, file: &'static str) {
        self.of_load.insert(load, file);
    }

    /// Whether each of these loads, each of one patient, came to the right child.
    pub(super) async fn judge(
        &self,
        store: &Store,
        scope: &Scope<SeePerson>,
        loads: &[(String, String)],
    ) -> anyhow::Result<Came> {
        let mut came = Came::default();
        for (load, patient) in loads {
            let child = self.of_patient.get(patient).context("an unknown patient")?;
            let subjects = persons::told_by(store, scope, load).await?;
            ensure!(subjects.len() == 1, "a message told of {}", subjects.len());
            let found = self.beside(store, scope, &subjects).await?;
            if self.held.contains(child) {
                came.held += 1;
                came.joined += usize::from(found.contains(child));
            } else {
                came.others += 1;
                came.stayed_alone += usize::from(found.is_empty());
            }
            came.wrong += usize::from(found.iter().any(|one| one != child));
        }
        Ok(came)
    }

    /// The children of whom held rows tell that belong to the persons of these subjects.
    async fn beside(
        &self,
        store: &Store,
        scope: &Scope<SeePerson>,
        subjects: &BTreeSet<clearpicture_kernel::SubjectId>,
    ) -> anyhow::Result<BTreeSet<u64>> {
        let ids = persons::persons_of(store, scope, subjects).await?;
        let ids: BTreeSet<_> = ids.into_values().collect();
        let ids: Vec<_> = ids.into_iter().collect();
        let mut members = BTreeSet::new();
        for (_, person) in store.some_within(scope, &ids).await? {
            members.extend(person.members);
        }
        let mut found = BTreeSet::new();
        for known in persons::known_subjects(store, scope, &members).await? {
            for telling in known.tellings {
                let file = self.of_load.get(&telling.load);
                let rows = file.and_then(|file| self.of_file.get(file));
                let row = usize::try_from(telling.row)?;
                found.extend(rows.and_then(|rows| rows.get(row.checked_sub(1)?)));
            }
        }
        Ok(found)
    }
}

/// The file of patients.
fn of_patients(files: &Files) -> anyhow::Result<&'static str> {
    files.held.last().copied().context("no file is held")
}
