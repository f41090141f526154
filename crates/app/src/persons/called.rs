//! What children and their records are called on the pages of others, which never show an id.
//!
//! A page that names many records says *a child*, since whoever reads it may not be looking for anybody. Where a page is
//! about the child, such as a bar or a breach, the name stands there for whoever may open the picture, and the read log
//! tells that names were shown.

use std::collections::{BTreeMap, BTreeSet};

use clearpicture_kernel::{PersonId, SubjectId, TypedId as _};
use futures_util::future::{BoxFuture, FutureExt as _};

use super::claims::Claimed;
use super::store::{self, Subject, known_of};
use super::types::{Person, SeePerson, Standing};
use crate::agencies;
use crate::shell::{Ctx, Failure};
use crate::words;

/// What persons and subjects are called on pages that name many records: never by name.
pub(super) fn called(
    ctx: Ctx,
    ids: BTreeSet<String>,
) -> BoxFuture<'static, Result<BTreeMap<String, String>, Failure>> {
    async move {
        let persons = ids.iter().filter(|id| PersonId::parse(id).is_ok());
        let mut called: BTreeMap<String, String> = persons
            .map(|id| (id.clone(), "a child".to_owned()))
            .collect();
        let subjects = ids.iter().filter_map(|id| SubjectId::parse(id).ok());
        let subjects: BTreeSet<SubjectId> = subjects.collect();
        if !subjects.is_empty() {
            called.extend(by_agency(&ctx, &subjects).await?);
        }
        Ok(called)
    }
    .boxed()
}

/// Records by the agency that tells of them, for whoever may know of the child.
async fn by_agency(
    ctx: &Ctx,
    subjects: &BTreeSet<SubjectId>,
) -> Result<BTreeMap<String, String>, Failure> {
    let scope = ctx.scope::<SeePerson>().await?;
    let names = agencies::names(ctx.store()).await?;
    let of_no_school = agencies::names_of_no_school(ctx.store()).await?;
    let seen = store::subjects_seen(ctx.store(), &scope, subjects).await?;
    let withheld = store::whose_whereabouts_are_withheld(ctx.store(), subjects).await?;
    let name = |subject: Subject| {
        let agencies = match withheld.contains(&subject.id) {
            true => &of_no_school,
            false => &names,
        };
        let agency = agencies.get(&subject.agency)?;
        Some((subject.id.to_string(), format!("a record of {agency}")))
    };
    Ok(seen.into_iter().filter_map(name).collect())
}

/// The names of those of these children whom the reader may see, with the date of birth; and a row in the read log that
/// names were shown.
///
/// # Errors
/// [`Failure::Fault`] when the database fails.
pub async fn named(
    ctx: &Ctx,
    persons: &BTreeSet<PersonId>,
) -> Result<BTreeMap<PersonId, String>, Failure> {
    if persons.is_empty() {
        return Ok(BTreeMap::new());
    }
    let scope = ctx.scope::<SeePerson>().await?;
    ctx.store().note_list(&scope, "named").await?;
    let ids: Vec<PersonId> = persons.iter().copied().collect();
    let found = known_of(ctx.store(), &scope, &ids).await?;
    let name = |(id, (state, known)): (PersonId, (String, Vec<store::Known>))| {
        let tellings = known.into_iter().flat_map(|known| known.tellings);
        let claimed = Claimed::of(&tellings.collect::<Vec<_>>());
        let name = match (state.as_str(), claimed.names.first()) {
            (_, Some(name)) => name.clone(),
            ("empty", None) => "a record that is part of another picture now".to_owned(),
            (_, None) => "a child whose name is not told".to_owned(),
        };
        let born = claimed.born.first().map(|day| words::full_day(*day));
        (
            id,
            match born {
                Some(born) => format!("{name}, born {born}"),
                None => name,
            },
        )
    };
    Ok(found.into_iter().map(name).collect())
}

/// Records of the sources as the reader may see them: who tells, and the name that they tell. Nothing of one of whom the
/// reader may not know.
///
/// # Errors
/// [`Failure::Fault`] when the database fails.
pub async fn records_named(
    ctx: &Ctx,
    subjects: &BTreeSet<SubjectId>,
) -> Result<BTreeMap<SubjectId, String>, Failure> {
    let scope = ctx.scope::<SeePerson>().await?;
    let seen = store::subjects_seen(ctx.store(), &scope, subjects).await?;
    let seen: BTreeSet<SubjectId> = seen.into_iter().map(|subject| subject.id).collect();
    ctx.store().note_list(&scope, "named").await?;
    let names = agencies::names(ctx.store()).await?;
    let of_no_school = agencies::names_of_no_school(ctx.store()).await?;
    let known = store::known_subjects(ctx.store(), &scope, &seen).await?;
    let name = |known: store::Known| {
        let claimed = Claimed::of(&known.tellings);
        let name = claimed
            .names
            .first()
            .map_or("name not told", String::as_str);
        let agencies = if known.withheld {
            &of_no_school
        } else {
            &names
        };
        let agency = agencies.get(&known.subject.agency);
        let agency = agency.map_or("an agency", String::as_str);
        let source = known.tellings.last().map_or_else(String::new, |telling| {
            let title = ctx.app.practice().source_title(telling.source.as_str());
            format!(" ({title})")
        });
        (
            known.subject.id,
            format!("{name}, as {agency} tells{source}"),
        )
    };
    Ok(known.into_iter().map(name).collect())
}

/// Every person on whom something about the child of `id` has to stand: the picture, and the empty ones that lead to it.
///
/// # Errors
/// [`Failure::NotFound`] for whoever may not know of the child.
pub async fn of_one_child(ctx: &Ctx, id: PersonId) -> Result<BTreeSet<PersonId>, Failure> {
    let mut permit = ctx.permit::<SeePerson>(&id).await?;
    let mut person: Person = ctx.store().load(&permit).await?;
    let mut all = BTreeSet::from([id]);
    if let Standing::Empty { into } = person.standing {
        permit = ctx.permit::<SeePerson>(&into).await?;
        person = ctx.store().load(&permit).await?;
        all.insert(into);
    }
    let subjects = store::subjects_of(ctx.store(), &permit, &person.members).await?;
    all.extend(subjects.into_iter().map(|subject| subject.own_person));
    Ok(all)
}
