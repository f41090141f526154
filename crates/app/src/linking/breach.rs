//! When records are parted that somebody saw as one child: the breach assessment that is opened in the same change
//! (safety rule 7).
//!
//! It does not matter who parts them, a person by a decision or linkage by better facts: what was seen was wrong.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use clearpicture_access::{Permit, Resource};
use clearpicture_kernel::{PersonId, SubjectId, Timestamp, TypedId as _};
use clearpicture_store::{LooksWanted, Marked, Prepared};
use jiff::SignedDuration;

use super::rules::Persons;
use super::run::{LinkFault, Linking};
use crate::governance::{
    BreachAssessment, BreachAssessmentId, OpenBreachAssessment, SeeBreachAssessment, WronglyShown,
    is_assessed,
};
use crate::persons::{self, Person, SeePerson};

/// How long before they decided whoever parts records may have opened the picture to look into just that.
const LOOKING_INTO_IT: SignedDuration = SignedDuration::from_hours(1);
/// The entries of one change lie far less apart.
const ONE_CHANGE: SignedDuration = SignedDuration::from_secs(1);

/// One person whose records are parted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Parted {
    /// The person, and the version that is parted.
    person: PersonId,
    version: u32,
    joined: BTreeSet<SubjectId>,
    protected: bool,
    /// Those who stood together and will not.
    pairs: Vec<(SubjectId, SubjectId)>,
}

impl Parted {
    /// The person of `resource`, of whom these turn out not to be one child; nothing when there are no such.
    pub(super) fn of(
        resource: &Resource,
        person: &Person,
        pairs: Vec<(SubjectId, SubjectId)>,
    ) -> Option<Self> {
        let id = PersonId::parse(resource.id.as_str()).ok()?;
        (!pairs.is_empty()).then(|| Self {
            person: id,
            version: resource.version,
            joined: person.members.clone(),
            protected: person.protected,
            pairs,
        })
    }

    /// All whom what is to be parts, from what stands.
    pub(super) fn between(
        before: &Persons,
        after: &Persons,
        resources: &BTreeMap<PersonId, Resource>,
    ) -> Vec<Self> {
        let mut of: BTreeMap<SubjectId, PersonId> = BTreeMap::new();
        for (id, person) in &after.0 {
            of.extend(person.members.iter().map(|member| (*member, *id)));
        }
        let parted = before.0.iter().filter_map(|(id, person)| {
            let mut pairs = Vec::new();
            for a in &person.members {
                for b in person.members.range(a..).skip(1) {
                    if let (Some(of_a), Some(of_b)) = (of.get(a), of.get(b))
                        && of_a != of_b
                    {
                        pairs.push((*a, *b));
                    }
                }
            }
            Self::of(resources.get(id)?, person, pairs)
        });
        parted.collect()
    }
}

impl Linking<'_> {
    /// The assessments to be opened as these are parted: for each whom somebody saw joined, once.
    pub(super) async fn assess(&self, parted: &[Parted]) -> Result<Vec<Prepared>, LinkFault> {
        let mut prepared = Vec::new();
        for one in parted {
            prepared.extend(self.assess_one(one).await?);
        }
        Ok(prepared)
    }

    /// Those who stand together of whom a decision says that they are two children.
    pub(super) async fn parted_by(
        &self,
        pair: (SubjectId, SubjectId),
    ) -> Result<Option<Parted>, LinkFault> {
        match &self.stand(pair).await?[..] {
            [(resource, person)] => Ok(Parted::of(resource, person, vec![pair])),
            _ => Ok(None),
        }
    }

    async fn assess_one(&self, parted: &Parted) -> Result<Option<Prepared>, LinkFault> {
        let scope = self.scope::<SeeBreachAssessment>().await?;
        if is_assessed(self.store, &scope, parted.person, parted.version).await? {
            return Ok(None);
        }
        let shown = self.shown(parted).await?;
        let (by, at) = match self.decided {
            Some(decided) => (decided.by.clone(), decided.at),
            None => (self.caller.identity.to_string(), self.store.ambient().now()),
        };
        if !self.was_seen(&shown, &by, at).await? {
            return Ok(None);
        }
        let assessment = BreachAssessment {
            person: parted.person,
            person_version: parted.version,
            joined: parted.joined.clone(),
            apart: parted.pairs.iter().flat_map(|(a, b)| [*a, *b]).collect(),
            shown,
            found_by: by,
            aware_at: at,
            protected: parted.protected,
            outcome: None,
        };
        let id = BreachAssessmentId::fresh(self.store.ambient());
        let add = self.prepare_add::<OpenBreachAssessment>(&id, &assessment);
        Ok(Some(add.await?))
    }

    /// Whether anybody opened one of these pictures meanwhile; but for whoever parts the records, when they opened it to
    /// look into just that.
    async fn was_seen(
        &self,
        shown: &[WronglyShown],
        by: &str,
        at: Timestamp,
    ) -> Result<bool, LinkFault> {
        let looked_into = at.checked_sub(LOOKING_INTO_IT).unwrap_or(at);
        let now = self.store.ambient().now();
        for one in shown {
            let wanted = LooksWanted {
                during: Some((one.from, one.until.unwrap_or(now))),
                but_for: Some((by, looked_into)),
                by_others: true,
                ..LooksWanted::all(Marked::Told)
            };
            let permit = self.permit(one.person).await?;
            if self.store.count_looks_on(&permit, &wanted).await? > 0 {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The pictures that showed these together, the newest first. While they stood together their person may have been
    /// another: an earlier record joined them, or left.
    async fn shown(&self, parted: &Parted) -> Result<Vec<WronglyShown>, LinkFault> {
        let scope = self.scope::<SeePerson>().await?;
        let known = persons::known_subjects(self.store, &scope, &parted.joined).await?;
        let own: BTreeMap<SubjectId, PersonId> = known
            .iter()
            .map(|known| (known.subject.id, known.subject.own_person))
            .collect();
        let mut read: BTreeMap<PersonId, Vec<(Timestamp, Person)>> = BTreeMap::new();
        let mut shown: BTreeMap<PersonId, WronglyShown> = BTreeMap::new();
        for (a, b) in &parted.pairs {
            let Some(own) = own.get(a) else { continue };
            let mut pictures = BTreeMap::new();
            for person in self.ever_part_of(*own, &mut read).await? {
                let versions = self.versions(person, &mut read).await?;
                pictures.insert(person, together(versions, *a, *b));
            }
            for one in unbroken(&pictures) {
                let known = shown.entry(one.person).or_insert_with(|| one.clone());
                known.from = known.from.min(one.from);
                known.until = match (known.until, one.until) {
                    (Some(known), Some(until)) => Some(known.max(until)),
                    _ => None,
                };
            }
        }
        let mut shown: Vec<WronglyShown> = shown.into_values().collect();
        shown.sort_by_key(|one| std::cmp::Reverse(one.from));
        Ok(shown)
    }

    /// The persons of whom a subject with this own person ever was one.
    async fn ever_part_of(
        &self,
        own: PersonId,
        read: &mut BTreeMap<PersonId, Vec<(Timestamp, Person)>>,
    ) -> Result<BTreeSet<PersonId>, LinkFault> {
        let versions = self.versions(own, read).await?;
        let into = versions
            .iter()
            .filter_map(|(_, person)| match person.standing {
                persons::Standing::Empty { into } => Some(into),
                persons::Standing::Alone | persons::Standing::Joined { .. } => None,
            });
        Ok(into.chain([own]).collect())
    }

    async fn versions<'r>(
        &self,
        person: PersonId,
        read: &'r mut BTreeMap<PersonId, Vec<(Timestamp, Person)>>,
    ) -> Result<&'r [(Timestamp, Person)], LinkFault> {
        Ok(match read.entry(person) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => {
                let permit = self.permit(person).await?;
                new.insert(self.store.versions(&permit).await?)
            }
        })
    }

    async fn permit(&self, person: PersonId) -> Result<Permit<SeePerson>, LinkFault> {
        let found = self.store.resource::<Person>(&self.caller, &person).await?;
        let resource = found.ok_or_else(|| LinkFault::Own(format!("{person} is not there")))?;
        Ok(self.access.permit(&self.caller, resource, &self.purpose)?)
    }
}

/// From when until when a person was made of both: of versions, the oldest first.
fn together(
    versions: &[(Timestamp, Person)],
    a: SubjectId,
    b: SubjectId,
) -> Vec<(Timestamp, Option<Timestamp>)> {
    let mut stretches: Vec<(Timestamp, Option<Timestamp>)> = Vec::new();
    let mut is_on = false;
    for (at, person) in versions {
        let both = person.members.contains(&a) && person.members.contains(&b);
        match (is_on, both) {
            (false, true) => stretches.push((*at, None)),
            (true, false) => {
                if let Some((_, until)) = stretches.last_mut() {
                    *until = Some(*at);
                }
            }
            _ => {}
        }
        is_on = both;
    }
    stretches
}

/// The pictures that showed two together up to now without a break, the newest first.
fn unbroken(
    pictures: &BTreeMap<PersonId, Vec<(Timestamp, Option<Timestamp>)>>,
) -> Vec<WronglyShown> {
    let all = pictures.iter().flat_map(|(person, stretches)| {
        stretches.iter().map(|(from, until)| WronglyShown {
            person: *person,
            from: *from,
            until: *until,
        })
    });
    let mut all: Vec<WronglyShown> = all.collect();
    all.sort_by_key(|one| std::cmp::Reverse(one.from));
    let mut unbroken: Vec<WronglyShown> = Vec::new();
    for one in all {
        let goes_on = match (unbroken.last(), one.until) {
            (None, None) => true,
            (Some(later), Some(until)) => later.from.duration_since(until) <= ONE_CHANGE,
            _ => false,
        };
        if goes_on {
            unbroken.push(one);
        }
    }
    unbroken
}

#[cfg(test)]
mod tests {
    use clearpicture_kernel::id;

    use super::*;
    use crate::persons::Standing;

    fn subject(number: u128) -> SubjectId {
        SubjectId::parse(&format!("subject_{}", id::encode(number))).unwrap()
    }

    fn person(number: u128) -> PersonId {
        PersonId::parse(&format!("person_{}", id::encode(number))).unwrap()
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn of(members: &[u128]) -> Person {
        Person {
            members: members.iter().map(|one| subject(*one)).collect(),
            standing: Standing::Alone,
            protected: false,
        }
    }

    #[test]
    fn a_picture_shows_two_together_from_when_both_came_until_one_left() {
        let versions = [
            (at(10), of(&[1])),
            (at(20), of(&[1, 2])),
            (at(30), of(&[1, 2, 3])),
            (at(40), of(&[1, 3])),
            (at(50), of(&[1, 2, 3])),
        ];
        let found = together(&versions, subject(1), subject(2));
        assert_eq!(found, [(at(20), Some(at(40))), (at(50), None)]);
        assert_eq!(together(&versions, subject(1), subject(4)), []);
    }

    #[test]
    fn only_the_stretch_that_lasts_is_assessed_whoever_they_were_shown_as() {
        let pictures = BTreeMap::from([
            (person(1), vec![(at(10), Some(at(20))), (at(60), None)]),
            (person(2), vec![(at(40), Some(at(60)))]),
        ]);
        let shown: Vec<_> = unbroken(&pictures)
            .into_iter()
            .map(|one| (one.person, one.from, one.until))
            .collect();
        assert_eq!(
            shown,
            [(person(1), at(60), None), (person(2), at(40), Some(at(60))),]
        );
        let parted = BTreeMap::from([(person(1), vec![(at(10), Some(at(20)))])]);
        assert_eq!(unbroken(&parted), []);
    }

    #[test]
    fn whoever_stood_together_and_will_not_is_parted() {
        let id = person(1);
        let resource = Resource {
            id: id.record_id(),
            version: 4,
            class: clearpicture_access::AccessClass::ordinary("person", None),
            grants: clearpicture_access::Grants::NONE,
        };
        let before = Persons::standing([(id, of(&[1, 2, 3])), (person(2), of(&[]))]);
        let after = Persons::standing([(id, of(&[1, 3])), (person(2), of(&[2]))]);
        let resources = BTreeMap::from([(id, resource)]);
        let parted = Parted::between(&before, &after, &resources);
        assert_eq!(parted.len(), 1);
        let pairs = [(subject(1), subject(2)), (subject(2), subject(3))];
        assert_eq!((parted[0].person, parted[0].version), (id, 4));
        assert_eq!(parted[0].pairs, pairs);
        assert_eq!(Parted::between(&before, &before, &resources), []);
    }
}
