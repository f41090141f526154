//! Records, people and grants as the pages of governance show them.

use std::collections::{BTreeMap, BTreeSet};

use clearpicture_access::{Action, Sees};
use clearpicture_kernel::ambient::microseconds;
use clearpicture_kernel::{AgencyId, PersonId, TypedId as _};
use clearpicture_store::{Grant, GrantId, Looked, Relation, grant_row};
use serde::{Deserialize, Serialize};

use super::looked::Tier;
use super::types::Verdict;
use crate::shell::{Ctx, Failure, Names};
use crate::state::App;
use crate::workers::ListWorkers;
use crate::{agencies, persons, words, workers};

/// Which page of a list is asked for.
#[derive(Debug, Deserialize)]
pub(super) struct Listed {
    #[serde(default)]
    pub(super) page: u64,
}

/// A record of whatever kind, as far as the reader may know of it: never by its id.
#[derive(Debug, Clone, Serialize)]
pub(super) struct RecordShown {
    pub(super) kind: String,
    /// What it is called; empty where the reader may not know.
    pub(super) name: String,
    /// Both, as they stand in a sentence.
    pub(super) words: String,
    pub(super) href: Option<String>,
}

/// Records as one reader may know them.
pub(super) struct Records {
    app: App,
    names: Names,
    children: BTreeMap<String, String>,
}

impl Records {
    /// Those with these ids. That names of children were shown leaves a row in the read log.
    pub(super) async fn of<'a>(
        ctx: &Ctx,
        ids: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, Failure> {
        let ids: BTreeSet<&str> = ids.into_iter().collect();
        let persons = ids.iter().filter_map(|id| PersonId::parse(id).ok());
        let children = persons::named(ctx, &persons.collect()).await?;
        let named = |(id, name): (PersonId, String)| (id.to_string(), name);
        Ok(Self {
            app: ctx.app.clone(),
            names: Names::of(ctx, ids).await?,
            children: children.into_iter().map(named).collect(),
        })
    }

    /// One of them.
    pub(super) fn shown(&self, id: &str) -> RecordShown {
        let prefix = id.rsplit_once('_').map_or("", |(prefix, _)| prefix);
        let kept = self.app.kept_with(prefix);
        let kind = kept.map_or(prefix, |kept| kept.record.kind);
        let is_child = PersonId::parse(id).is_ok();
        let (kind, name) = if is_child {
            (
                "child".to_owned(),
                self.children.get(id).map(String::as_str),
            )
        } else {
            (kind.replace('-', " "), self.names.get(id))
        };
        // A link that leads nowhere for this reader is none.
        let href = kept.filter(|_| name.is_some());
        RecordShown::new(&kind, name, href.and_then(|kept| kept.href(id)))
    }

    /// What was looked at: a record, or a list taken away as a file.
    pub(super) fn of_look(&self, look: &Looked) -> RecordShown {
        match look.list() {
            Some(list) => {
                let kind = format!("list of {} records", look.kind.replace('-', " "));
                RecordShown::new(&kind, Some(&list.replace('-', " ")), None)
            }
            None => self.shown(&look.record),
        }
    }
}

impl RecordShown {
    fn new(kind: &str, name: Option<&str>, href: Option<String>) -> Self {
        let kind = words::sentence(kind);
        Self {
            words: match name {
                Some(name) => format!("{kind}: {name}"),
                None => kind.clone(),
            },
            kind,
            name: name.unwrap_or_default().to_owned(),
            href,
        }
    }

    pub(super) fn sample() -> Self {
        let href = "/people/worker_00000000000000000000000001";
        Self::new("worker", Some("Wren <i>O'Hara</i>"), Some(href.to_owned()))
    }

    pub(super) fn sample_without_page() -> Self {
        Self::new("look review", None, None)
    }
}

/// A grant with its reason.
#[derive(Debug, Clone, Serialize)]
pub(super) struct GrantShown {
    pub(super) id: String,
    pub(super) version: i64,
    pub(super) who: String,
    pub(super) record: RecordShown,
    pub(super) reason: String,
    pub(super) since: String,
    pub(super) until: Option<String>,
    pub(super) open: bool,
}

impl GrantShown {
    pub(super) fn samples() -> Vec<Self> {
        let open = Self {
            id: "grant_00000000000000000000000001".to_owned(),
            version: 1,
            who: "Wren <i>O'Hara</i>".to_owned(),
            record: RecordShown::sample(),
            reason: "Night duty: a call about a child of <b>this</b> family.".to_owned(),
            since: "today, 02:10".to_owned(),
            until: None,
            open: true,
        };
        let over = Self {
            who: "Amal Osei".to_owned(),
            record: RecordShown::sample_without_page(),
            until: Some("18 November, 05:10".to_owned()),
            open: false,
            ..open.clone()
        };
        vec![open, over]
    }
}

/// Whether whoever holds a grant is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holder {
    /// By name.
    Named,
    /// By their agency alone: breaking the glass is a look, and who looked is told in tiers (safety rule 14).
    OfAgency,
}

/// The grants of `rows` with their reasons, each opened by a permit for `A`.
pub(super) async fn grants_shown<A>(
    ctx: &Ctx,
    rows: &[grant_row::Model],
    holder: Holder,
) -> Result<Vec<GrantShown>, Failure>
where
    A: Sees + Action<On = Grant>,
{
    let people = People::of(ctx, rows.iter().map(|row| row.holder.clone())).await?;
    let records = Records::of(ctx, rows.iter().map(|row| row.on_record.as_str())).await?;
    let now = ctx.now();
    let mut shown = Vec::with_capacity(rows.len());
    for row in rows {
        let id = GrantId::parse(&row.id).map_err(|fault| Failure::fault(&fault))?;
        let grant = ctx.store().load(&ctx.permit::<A>(&id).await?).await?;
        shown.push(GrantShown {
            id: row.id.clone(),
            version: row.version,
            who: match holder {
                Holder::Named => people.name(&row.holder),
                Holder::OfAgency => people.somebody(&row.holder),
            },
            record: records.shown(&row.on_record),
            reason: grant.reason.to_string(),
            since: words::recent(microseconds(row.starts_at), now),
            until: row.ends_at.map(|end| words::recent(microseconds(end), now)),
            open: row.ends_at.is_none_or(|end| end > now.as_microsecond()),
        });
    }
    Ok(shown)
}

/// Names of workers and agencies, for those who may see them.
pub(super) struct People {
    workers: BTreeMap<String, (String, String)>,
    agencies: BTreeMap<AgencyId, String>,
}

impl People {
    /// The names of these workers, and of every agency.
    pub(super) async fn of(
        ctx: &Ctx,
        ids: impl IntoIterator<Item = String>,
    ) -> Result<Self, Failure> {
        let scope = ctx
            .store()
            .scope::<ListWorkers>(ctx.app.access(), ctx.caller(), &ctx.purpose())
            .await?;
        Ok(Self {
            workers: workers::names_and_agencies(ctx.store(), &scope, ids).await?,
            agencies: agencies::names(ctx.store()).await?,
        })
    }

    /// Who `id` is: a worker by name, anything else by what it is.
    pub(super) fn name(&self, id: &str) -> String {
        let known = self.workers.get(id).map(|(name, _)| name.clone());
        known.unwrap_or_else(|| {
            if id.starts_with("system:") {
                "Clear Picture itself".to_owned()
            } else if id.starts_with("worker_") {
                "A person no longer listed".to_owned()
            } else {
                "An agency's system".to_owned()
            }
        })
    }

    /// Who `id` is, without a name: somebody of their agency.
    pub(super) fn somebody(&self, id: &str) -> String {
        match self.workers.get(id) {
            Some((_, agency)) => format!("Somebody of {}", self.agency(agency)),
            None => self.name(id),
        }
    }

    /// The agency's name; for none, the product itself.
    pub(super) fn agency(&self, id: &str) -> String {
        AgencyId::parse(id)
            .ok()
            .and_then(|id| self.agencies.get(&id).cloned())
            .unwrap_or_else(|| "Clear Picture itself".to_owned())
    }
}

/// The purpose of a row of the read log, as its list calls it.
pub(super) fn purpose_shown(app: &App, code: &str) -> String {
    let purposes = &app.practice().purposes;
    purposes
        .iter()
        .find(|purpose| purpose.code.as_str() == code)
        .map_or_else(|| code.to_owned(), |purpose| purpose.title.clone())
}

/// One look-up of a sample.
#[derive(Debug, Clone, Serialize)]
pub(super) struct LookUpShown {
    pub(super) look: i64,
    pub(super) when: String,
    /// Their name, for whoever is told names.
    pub(super) who: Option<String>,
    pub(super) role: String,
    pub(super) agency: String,
    pub(super) record: RecordShown,
    pub(super) purpose: String,
    pub(super) broke_glass: bool,
    pub(super) verdict: Option<&'static str>,
}

impl LookUpShown {
    pub(super) fn of(
        ctx: &Ctx,
        (people, records): (&People, &Records),
        look: &Looked,
        verdict: Option<Verdict>,
    ) -> Self {
        Self {
            look: look.seq,
            when: words::recent(look.looked_at, ctx.now()),
            who: Tier::of(ctx, None).names.then(|| people.name(&look.looker)),
            role: workers::roles_in_words(ctx.app.practice(), &look.roles),
            agency: people.agency(&look.agency),
            record: records.of_look(look),
            purpose: purpose_shown(&ctx.app, &look.purpose),
            broke_glass: look.through == Some(Relation::BreakGlass),
            verdict: verdict.map(Verdict::words),
        }
    }

    pub(super) fn samples() -> Vec<Self> {
        let undecided = Self {
            look: 14,
            when: "18 November, 02:10".to_owned(),
            who: Some("Wren <i>O'Hara</i>".to_owned()),
            role: "practitioner".to_owned(),
            agency: "Lighthouse <b>charity</b>".to_owned(),
            record: RecordShown::sample(),
            purpose: "work with a child or family".to_owned(),
            broke_glass: true,
            verdict: None,
        };
        let asked = Self {
            record: RecordShown::sample_without_page(),
            broke_glass: false,
            verdict: Some(Verdict::Ask.words()),
            who: None,
            ..undecided.clone()
        };
        let incident = Self {
            verdict: Some(Verdict::Incident.words()),
            ..undecided.clone()
        };
        let fine = Self {
            verdict: Some(Verdict::Fine.words()),
            ..asked.clone()
        };
        vec![undecided, asked, incident, fine]
    }
}
