//! Where a reader comes from to a pair, and where they go on from it.

use std::collections::BTreeSet;

use clearpicture_kernel::PersonId;
use clearpicture_linkage::children::{Comparison, Written};

use super::pair::{Pair, may_see, whose};
use super::protected;
use super::question::SeeLinkQuestion;
use super::review::{QUEUE, href};
use super::standing::Stands;
use super::store::next_waiting;
use super::types::SeeLinkDecision;
use crate::persons::{self, Known, SeePerson, SeeProtection};
use crate::shell::page::Link;
use crate::shell::{Ctx, Failure};

pub(super) const PICTURE: &str = "The child's picture";
pub(super) const OPENED: &str = "Who had opened the joined picture";
pub(super) const NEXT: &str = "The next pair to check";

pub(super) fn to(title: &str, href: &str) -> Link {
    Link {
        title: title.to_owned(),
        href: href.to_owned(),
    }
}

/// The list from which a reader opens pairs; the picture, for whoever has none.
pub(super) fn above(ctx: &Ctx, id: PersonId) -> Link {
    if ctx.may::<SeeLinkDecision>(None) {
        to(QUEUE.0, QUEUE.1)
    } else if is_keeper(ctx) {
        to(protected::LIST.0, protected::LIST.1)
    } else {
        to(PICTURE, &format!("/children/{id}"))
    }
}

fn is_keeper(ctx: &Ctx) -> bool {
    ctx.may::<SeeProtection>(None)
}

/// The next pair of a keeper: another that may be the same protected child, or else all who wait.
async fn next_held(ctx: &Ctx, pair: &Pair) -> Result<Link, Failure> {
    let keeper = ctx.scope::<SeeProtection>().await?;
    let seen = ctx.scope::<SeePerson>().await?;
    let both = BTreeSet::from([pair.ids.0, pair.ids.1]);
    for held in persons::held_beside(ctx.store(), &keeper, &seen, &both).await? {
        let Some(whom) = held.may_be else { continue };
        let (a, b) = (held.subject.min(whom), held.subject.max(whom));
        if (a, b) != pair.ids {
            let (of_a, _) = whose(ctx, (a, b)).await?;
            return Ok(to(NEXT, &href(&of_a, a, b)));
        }
    }
    Ok(to(protected::LIST.0, protected::LIST.1))
}

/// Where a reader goes on from a pair: to the pictures, to who had opened them as one, and to the next pair that waits for
/// them.
///
/// # Errors
/// [`Failure::Fault`] when the database fails.
pub(super) async fn of(
    ctx: &Ctx,
    id: PersonId,
    pair: &Pair,
    stands: &Stands,
) -> Result<Vec<Link>, Failure> {
    let picture = |person: PersonId| format!("/children/{person}");
    let name = |known: &Known| {
        let written = Written::of(known.facts());
        let names = [Comparison::Given, Comparison::Family].map(|of| written.value(of));
        let names: Vec<String> = names.into_iter().flatten().collect();
        match names.is_empty() {
            true => "no name told".to_owned(),
            false => names.join(" "),
        }
    };
    let mut ways = if pair.is_joined(id) {
        vec![to(PICTURE, &picture(id))]
    } else {
        let (of_one, of_other) = whose(ctx, pair.ids).await?;
        vec![
            to(
                &format!("Picture of the one: {}", name(&pair.one)),
                &picture(of_one),
            ),
            to(
                &format!("Picture of the other: {}", name(&pair.other)),
                &picture(of_other),
            ),
        ]
    };
    // The picture in which they stood together is that of the earliest of its records.
    if !pair.is_joined(id)
        && let Some(first) = stands.parted_from
    {
        let scope = ctx.scope::<SeePerson>().await?;
        let of = persons::persons_of(ctx.store(), &scope, &BTreeSet::from([first])).await?;
        if let Some(person) = of.get(&first).copied()
            && may_see(ctx, [person]).await
        {
            ways.push(to(OPENED, &format!("/looked/{person}")));
        }
    }
    if ctx.may::<SeeLinkDecision>(None) {
        let questions = ctx.scope::<SeeLinkQuestion>().await?;
        let seen = ctx.scope::<SeePerson>().await?;
        let next = next_waiting(ctx.store(), &questions, &seen, pair.ids).await?;
        if let Some((a, b)) = next {
            let (of_a, _) = whose(ctx, (a, b)).await?;
            ways.push(to(NEXT, &href(&of_a, a, b)));
        }
    } else if is_keeper(ctx) {
        ways.push(next_held(ctx, pair).await?);
    }
    Ok(ways)
}
