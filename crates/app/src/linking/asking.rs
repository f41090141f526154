//! What a run has to ask, and what it takes back.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use clearpicture_access::Resource;
use clearpicture_kernel::{Code, SubjectId};
use clearpicture_linkage::children::{Linked, Model, RecordIndex};
use clearpicture_store::Prepared;

use super::held::Held;
use super::question::{
    ASKED, AddLinkQuestion, ChangeLinkQuestion, LinkQuestion, LinkQuestionId, SeeLinkQuestion,
    Stake,
};
use super::run::{LinkFault, Linking};
use super::store;
use crate::persons::{self, SeePerson};

/// Two subjects, the earlier first.
type Two = (SubjectId, SubjectId);

impl Linking<'_> {
    /// The changes of questions that follow from what was linked.
    pub(super) async fn ask(
        &self,
        held: &Held<'_>,
        linked: &Linked,
        model: &Model,
    ) -> Result<Vec<Prepared>, LinkFault> {
        let mut wanted = self.wanted(held, linked, model)?;
        let pictures = Pictures::of(held, linked);
        let subjects = wanted.keys().flat_map(|pair| pictures.of_both(*pair));
        let subjects: BTreeSet<SubjectId> = subjects.collect();
        let scope = self.scope::<SeePerson>().await?;
        let kinds = persons::kinds_told(self.store, &scope, &subjects).await?;
        let stake = |pair: Two| {
            let both = pictures.of_both(pair);
            let told = both.iter().filter_map(|subject| kinds.get(subject));
            Stake::of(told.flatten().map(String::as_str))
        };
        let mut prepared = Vec::new();
        for (resource, question) in self.asked_already(held).await? {
            let pair = (question.a, question.b);
            let now = match wanted.remove(&pair) {
                Some(asked) => asked.question(pair, stake(pair), model),
                None => LinkQuestion {
                    open: false,
                    ..question.clone()
                },
            };
            if now != question {
                let change = self.prepare_change::<ChangeLinkQuestion>(resource, &now);
                prepared.push(change.await?);
            }
        }
        for (pair, asked) in wanted {
            let id = LinkQuestionId::fresh(self.store.ambient());
            let question = asked.question(pair, stake(pair), model);
            prepared.push(self.prepare_add::<AddLinkQuestion>(&id, &question).await?);
        }
        Ok(prepared)
    }

    /// Of each pair that waits the first, where some of these are part of a picture of either: whoever is linked around it
    /// has the pair judged anew.
    pub(super) async fn asked_about_pictures_of(
        &self,
        told: &BTreeSet<SubjectId>,
    ) -> Result<BTreeSet<SubjectId>, LinkFault> {
        let scope = self.scope::<SeePerson>().await?;
        let pictures = persons::together_with(self.store, &scope, told).await?;
        let questions = self.scope::<SeeLinkQuestion>().await?;
        let pairs = store::open_about(self.store, &questions, &pictures).await?;
        Ok(pairs.into_iter().map(|(a, _)| a).collect())
    }

    /// What is to be asked, by pair.
    fn wanted(
        &self,
        held: &Held<'_>,
        linked: &Linked,
        model: &Model,
    ) -> Result<BTreeMap<Two, Asked>, LinkFault> {
        let mut wanted = BTreeMap::new();
        let pair = |a: RecordIndex, b: RecordIndex| {
            let (a, b) = (held.subject_at(a)?, held.subject_at(b)?);
            Some((a.min(b), a.max(b)))
        };
        let code =
            |text: &str| Code::parse(text).map_err(|error| LinkFault::Own(error.to_string()));
        let weights: BTreeMap<_, i32> = linked
            .joined
            .iter()
            .map(|evidence| ((evidence.a, evidence.b), evidence.weight))
            .collect();
        for (a, b, attention) in &linked.doubted {
            if let Some(pair) = pair(*a, *b) {
                let weight = weights.get(&(*a.min(b), *a.max(b)));
                wanted.insert(
                    pair,
                    Asked {
                        because: code(attention.code())?,
                        joined: true,
                        weight: weight.copied().unwrap_or_default(),
                    },
                );
            }
        }
        for apart in linked
            .held_apart
            .iter()
            .filter(|one| one.because.is_question())
        {
            let evidence = &apart.evidence;
            if let Some(pair) = pair(evidence.a, evidence.b) {
                wanted.entry(pair).or_insert(Asked {
                    because: code(apart.because.code())?,
                    joined: false,
                    weight: evidence.weight,
                });
            }
        }
        // And what linkage itself would not ask, and somebody does.
        let joined: BTreeSet<Two> = weights.keys().filter_map(|(a, b)| pair(*a, *b)).collect();
        for (one, other) in held.asked() {
            let pair = (one.subject.id, other.subject.id);
            if let Entry::Vacant(place) = wanted.entry(pair) {
                place.insert(Asked {
                    because: code(ASKED)?,
                    joined: joined.contains(&pair),
                    weight: self.weighed(model, held.frequencies, (one, other))?.weight,
                });
            }
        }
        Ok(wanted)
    }

    /// Every question, open or not, about those who are linked.
    async fn asked_already(
        &self,
        held: &Held<'_>,
    ) -> Result<Vec<(Resource, LinkQuestion)>, LinkFault> {
        let scope = self.scope::<SeeLinkQuestion>().await?;
        let subjects = held.subjects.keys().copied().collect();
        let ids = store::questions_about(self.store, &scope, &subjects).await?;
        let mut found = Vec::with_capacity(ids.len());
        for some in ids.chunks(500) {
            found.extend(self.store.some_within(&scope, some).await?);
        }
        Ok(found)
    }
}

/// Which subjects are one person, as they were linked: what is at stake in a pair is what a wrong answer would hide, or put
/// on another child's picture, whichever source told it.
struct Pictures(BTreeMap<SubjectId, BTreeSet<SubjectId>>);

impl Pictures {
    fn of(held: &Held<'_>, linked: &Linked) -> Self {
        let each = linked.clusters.iter().flat_map(|cluster| {
            let members = cluster
                .members
                .iter()
                .filter_map(|index| held.subject_at(*index));
            let members: BTreeSet<SubjectId> = members.collect();
            members
                .clone()
                .into_iter()
                .map(move |member| (member, members.clone()))
        });
        Self(each.collect())
    }

    /// All subjects of the persons of two.
    fn of_both(&self, (a, b): Two) -> BTreeSet<SubjectId> {
        let members = [a, b]
            .into_iter()
            .filter_map(|subject| self.0.get(&subject));
        members.flatten().copied().chain([a, b]).collect()
    }
}

/// What is asked of a pair.
struct Asked {
    because: Code,
    joined: bool,
    weight: i32,
}

impl Asked {
    fn question(&self, (a, b): Two, stake: Stake, model: &Model) -> LinkQuestion {
        LinkQuestion {
            a,
            b,
            joined: self.joined,
            because: self.because.clone(),
            weight: self.weight,
            doubt: self.weight.abs_diff(model.plan.join),
            stake,
            open: true,
        }
    }
}
