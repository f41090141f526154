//! Telling: what is new among weighed rows, and what has ended, put into a batch.

use std::collections::{BTreeMap, BTreeSet};

use clearpicture_access::Scope;
use clearpicture_kernel::{SubjectId, TypedId as _};
use clearpicture_store::{Batch, KeyScope, Store, StoreFault};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};

use super::laying::{Beside, Laying, Missing, Version, Weighed};
use super::remake::bring_edition;
use super::rows::body_of;
use super::search::key_id;
use super::tables::{laid, subject, subject_key, told};
use super::{ASKED_AT_ONCE, TOLD, read_id, unreadable};
use crate::persons::types::SeePerson;

impl Laying {
    /// Puts what is new among weighed rows into a batch.
    ///
    /// # Errors
    /// [`StoreFault`] when a key cannot be had or the database fails.
    pub async fn bring(
        &mut self,
        store: &Store,
        scope: &Scope<SeePerson>,
        batch: &mut Batch,
        weighed: Weighed,
    ) -> Result<(), StoreFault> {
        let Weighed {
            news,
            met: first_met,
            ..
        } = weighed;
        let key_of = |subject: &SubjectId| KeyScope::Subject(subject.record_id());
        for subject in &first_met {
            store.bring_key(batch, &key_of(subject));
        }
        let others: BTreeSet<SubjectId> = news.iter().map(|row| row.subject).collect();
        let others = others.difference(&first_met).map(key_of);
        store.have_keys(&others.collect::<Vec<_>>()).await?;
        self.bring_subjects(batch, false);
        let of_known = news.iter().filter(|row| !first_met.contains(&row.subject));
        let mut keys = standing_keys(store, scope, of_known).await?;
        keys.append(&mut self.last.keys);
        let mut later = Vec::new();
        for Beside {
            ready,
            subject,
            stood,
        } in news
        {
            for key in ready.keys {
                let id = key_id(&key, &subject.to_string());
                if keys.insert(id.clone()) {
                    self.last.keys.insert(id.clone());
                    batch.add(subject_key::ActiveModel {
                        id: Set(id),
                        seq: NotSet,
                    });
                }
            }
            let was = stood.since.as_ref().or(stood.then.as_ref());
            let kinds = ready.kinds.iter().copied();
            let before = was.map_or("", |version| &version.kinds);
            let kinds: BTreeSet<&str> = kinds.chain(before.split_whitespace()).collect();
            let place = ready.place * 2;
            let fresh = Fresh {
                place,
                subject: subject.to_string(),
                row: ready.row,
                record: i64::try_from(ready.record).unwrap_or(i64::MAX),
                as_of: self.of.as_of.to_string(),
                ended: false,
                kinds: spaced(kinds),
                identifies: ready.identifies || was.is_some_and(|version| version.identifies),
                digest: ready.digest,
            };
            let stands_after = match stood.since {
                // What ended since was this, as is known now.
                Some(since) if since.ended && !stood.told_since => {
                    let ended = Fresh {
                        place: place + 1,
                        as_of: since.as_of,
                        ended: true,
                        ..fresh.clone()
                    };
                    self.tell(store, batch, subject, ended, &ready.body).await?;
                    None
                }
                since => since,
            };
            self.tell(store, batch, subject, fresh, &ready.body).await?;
            later.extend(stands_after.map(|version| (version, place + 1)));
        }
        self.tell_again(store, scope, batch, later).await
    }

    /// Puts into a batch that rows are told no longer. What they told is told on, as what has ended.
    ///
    /// # Errors
    /// [`StoreFault`] when the database fails.
    pub async fn end(
        &mut self,
        store: &Store,
        scope: &Scope<SeePerson>,
        batch: &mut Batch,
        rows: u64,
        missing: Missing,
    ) -> Result<(), StoreFault> {
        let (mut ended, mut later) = (Vec::new(), Vec::new());
        for (then, since) in missing.rows {
            let place = (rows + self.beyond) * 2;
            self.beyond += 1;
            let as_of = self.of.as_of.to_string();
            let version = Version {
                as_of,
                ended: true,
                ..then
            };
            ended.push((version, place));
            later.extend(since.map(|version| (version, place + 1)));
        }
        self.tell_again(store, scope, batch, ended).await?;
        self.tell_again(store, scope, batch, later).await
    }

    /// Puts into a batch that the file was laid: from then on what it told stands.
    pub fn laid(&mut self, store: &Store, batch: &mut Batch) {
        self.bring_subjects(batch, true);
        if self.is_first {
            bring_edition(store, batch, &self.number.to_string());
        }
        batch.add(laid::ActiveModel {
            id: Set(self.number.to_string()),
            seq: NotSet,
            laying: Set(self.number),
            load_id: Set(self.of.load.clone()),
            agency_id: Set(self.of.agency.to_string()),
            source: Set(self.of.source.to_string()),
            as_of: Set(self.of.as_of.to_string()),
            number: Set(self.place),
        });
    }

    /// Puts subjects that were met into a batch, when it is time for that.
    fn bring_subjects(&mut self, batch: &mut Batch, comes_last: bool) {
        let (agency, scheme) = (self.of.agency.to_string(), self.of.scheme.to_string());
        for (key_digest, (subject, own_person)) in self.due(comes_last) {
            batch.add(subject::ActiveModel {
                id: Set(subject.to_string()),
                seq: NotSet,
                agency_id: Set(agency.clone()),
                scheme: Set(scheme.clone()),
                key_digest: Set(key_digest.clone()),
                own_person_id: Set(own_person.to_string()),
            });
        }
    }

    /// Tells versions once more, at these places.
    async fn tell_again(
        &self,
        store: &Store,
        scope: &Scope<SeePerson>,
        batch: &mut Batch,
        versions: Vec<(Version, u64)>,
    ) -> Result<(), StoreFault> {
        for some in versions.chunks(ASKED_AT_ONCE) {
            let ids = some.iter().map(|(version, _)| version.id.as_str());
            let select = told::Entity::find().filter(told::Column::Id.is_in(ids));
            let rows = store.brought_within(scope, select).await?;
            let keys = rows.iter().map(|row| row.key_id.as_str());
            store.fetch_keys(keys).await?;
            let rows: BTreeMap<&str, &told::Model> =
                rows.iter().map(|row| (row.id.as_str(), row)).collect();
            for (version, place) in some {
                let row = rows
                    .get(version.id.as_str())
                    .ok_or_else(|| unreadable(&version.id, &"it is gone"))?;
                let subject = read_id::<SubjectId>(&version.subject_id)?;
                let fresh = Fresh {
                    place: *place,
                    subject: version.subject_id.clone(),
                    row: version.row.clone(),
                    record: row.record,
                    as_of: version.as_of.clone(),
                    ended: version.ended,
                    kinds: version.kinds.clone(),
                    identifies: version.identifies,
                    digest: version.digest.clone(),
                };
                let body = body_of(store, row).await?;
                self.tell(store, batch, subject, fresh, &body).await?;
            }
        }
        Ok(())
    }

    async fn tell(
        &self,
        store: &Store,
        batch: &mut Batch,
        subject: SubjectId,
        fresh: Fresh,
        body: &[u8],
    ) -> Result<(), StoreFault> {
        let id = format!("{}:{:010}", self.number, fresh.place);
        let scope = KeyScope::Subject(subject.record_id());
        let sealed = store.seal_text(&scope, TOLD, &id, body).await?;
        batch.add(told::ActiveModel {
            id: Set(id),
            seq: NotSet,
            subject_id: Set(fresh.subject),
            laying: Set(self.number),
            source: Set(self.of.source.to_string()),
            row: Set(fresh.row),
            record: Set(fresh.record),
            as_of: Set(fresh.as_of),
            ended: Set(fresh.ended),
            kinds: Set(fresh.kinds),
            identifies: Set(fresh.identifies),
            digest: Set(fresh.digest),
            key_id: Set(sealed.key_id),
            body: Set(sealed.body),
        });
        Ok(())
    }
}

/// All of a version but what it says.
#[derive(Clone)]
struct Fresh {
    place: u64,
    subject: String,
    row: String,
    record: i64,
    as_of: String,
    ended: bool,
    kinds: String,
    identifies: bool,
    digest: String,
}

/// Words between spaces, one before the first and one after the last.
fn spaced<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let mut text = String::from(" ");
    for word in words {
        text.push_str(word);
        text.push(' ');
    }
    text
}

/// The ids of those keys of these rows by which their subjects are found already.
async fn standing_keys<'r>(
    store: &Store,
    scope: &Scope<SeePerson>,
    rows: impl IntoIterator<Item = &'r Beside>,
) -> Result<BTreeSet<String>, StoreFault> {
    let of_row = |row: &'r Beside| {
        let subject = row.subject.to_string();
        let keys = row.ready.keys.iter();
        keys.map(move |key| key_id(key, &subject))
    };
    let ids: BTreeSet<String> = rows.into_iter().flat_map(of_row).collect();
    let ids: Vec<String> = ids.into_iter().collect();
    let mut standing = BTreeSet::new();
    for some in ids.chunks(ASKED_AT_ONCE) {
        let select = subject_key::Entity::find().filter(subject_key::Column::Id.is_in(some));
        let rows = store.brought_within(scope, select).await?;
        standing.extend(rows.into_iter().map(|row| row.id));
    }
    Ok(standing)
}
