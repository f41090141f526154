//! What a handler has at hand: the application, who is asking, and how to answer.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use clearpicture_access::{
    AccessClass, Action, ActionSpec, Caller, Grants, Permit, Purpose, Scope,
};
use clearpicture_kernel::{AgencyId, Timestamp, TypedId};
use clearpicture_store::{Record, Store};

use super::failure::Failure;
use super::page::{
    Link, NavigationItem, Notice, NoticeTone, Page, Purpose as PurposeShown, Shell, SignedIn,
};
use super::session;
use super::visit::{Visit, Who};
use crate::capability::Door;
use crate::practice::PurposeCode;
use crate::state::App;

/// What a handler answers with.
pub type Answer = Result<Response, Failure>;

/// A request of anybody, signed in or not.
#[derive(Debug, Clone)]
pub struct Guest {
    /// The application.
    pub app: App,
    /// The visitor.
    pub visit: Arc<Visit>,
}

/// A request of someone who signed in.
#[derive(Debug, Clone)]
pub struct Ctx {
    /// The application.
    pub app: App,
    visit: Arc<Visit>,
    who: Who,
    purpose: PurposeCode,
}

impl FromRequestParts<App> for Guest {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        let visit = parts.extensions.get::<Arc<Visit>>().cloned();
        Ok(Self {
            app: app.clone(),
            visit: visit.ok_or_else(|| Failure::fault(&"no visitor was found"))?,
        })
    }
}

impl FromRequestParts<App> for Ctx {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        let guest = Guest::from_request_parts(parts, app).await?;
        match (&guest.visit.who, &guest.visit.purpose) {
            (Some(who), Some(purpose)) => Ok(Self {
                app: guest.app,
                who: who.clone(),
                purpose: purpose.clone(),
                visit: guest.visit,
            }),
            _ => Err(Failure::SignInFirst),
        }
    }
}

impl Guest {
    /// Answers with a page.
    ///
    /// # Errors
    /// [`Failure::Fault`] when the page does not render.
    pub fn page<P: Page>(&self, page: &P) -> Answer {
        render(&self.app, &self.visit, page, Vec::new())
    }
}

impl Ctx {
    /// The database.
    pub fn store(&self) -> &Store {
        self.app.store()
    }

    /// Who is asking, as decisions know them.
    pub fn caller(&self) -> &Caller {
        &self.who.caller
    }

    /// Who is asking, as pages show them.
    pub fn who(&self) -> &Who {
        &self.who
    }

    /// Why they are asking.
    pub fn purpose(&self) -> Purpose {
        self.purpose.purpose()
    }

    /// The purpose as pages show it.
    pub fn purpose_code(&self) -> &PurposeCode {
        &self.purpose
    }

    /// The visitor's session token.
    pub fn token(&self) -> &session::Token {
        &self.visit.token
    }

    /// The present moment.
    pub fn now(&self) -> Timestamp {
        self.app.ambient().now()
    }

    /// The agency the caller works for.
    ///
    /// # Errors
    /// [`Failure::Refused`] for a caller without one.
    pub fn agency(&self) -> Result<AgencyId, Failure> {
        self.who.caller.agency.ok_or(Failure::Refused(Vec::new()))
    }

    /// Proof that the caller may do `A` to the record `id`.
    ///
    /// # Errors
    /// [`Failure::NotFound`] when they may not even know of it, [`Failure::Refused`] when they may not do this.
    pub async fn permit<A>(&self, id: &<A::On as Record>::Id) -> Result<Permit<A>, Failure>
    where
        A: Action,
        A::On: Record,
    {
        let found = self.store().resource::<A::On>(self.caller(), id).await?;
        let resource = found.ok_or(Failure::NotFound)?;
        let (class, grants) = (resource.class.clone(), resource.grants);
        let known = self.app.known_by(resource.class.kind).is_some_and(|see| {
            self.app.access().would_allow(
                see,
                self.caller(),
                &self.purpose(),
                &resource.class,
                resource.grants,
            )
        });
        match self
            .app
            .access()
            .permit(self.caller(), resource, &self.purpose())
        {
            Ok(permit) => Ok(permit),
            Err(refused) => match self.refused(A::SPEC, &class, grants, refused.shown) {
                Failure::Refused(_) if !known => Err(Failure::NotFound),
                failure => Err(failure),
            },
        }
    }

    /// The refusal of an action: where vetting or training alone stands in the way it says so, and never that a role does
    /// not allow what it allows.
    pub(crate) fn refused(
        &self,
        action: ActionSpec,
        class: &AccessClass,
        grants: Grants,
        shown: Vec<String>,
    ) -> Failure {
        let ready = self.once_ready();
        let allows = |who: &Who| {
            let access = self.app.access();
            access.would_allow(action, &who.caller, &self.purpose(), class, grants)
        };
        match ready {
            Some((who, missing)) if allows(&who) => Failure::NotReady(missing),
            _ => Failure::Refused(shown),
        }
    }

    /// The same of an action that is not allowed on anything.
    pub(crate) fn refused_at_all(&self, action: ActionSpec) -> Failure {
        match self.once_ready() {
            Some((who, missing)) if may_at_all(&self.app, &who, &self.purpose(), action) => {
                Failure::NotReady(missing)
            }
            _ => Failure::Refused(Vec::new()),
        }
    }

    /// Who they are once vetting and training are in date, and what is missing of them; nothing when nothing is.
    fn once_ready(&self) -> Option<(Who, String)> {
        let missing = self.who.not_ready.clone()?;
        let mut who = self.who.clone();
        who.caller.ready = true;
        Some((who, missing))
    }

    /// Proof that the caller may make `record` under the fresh `id`.
    ///
    /// # Errors
    /// [`Failure::Refused`] when they may not.
    pub fn permit_add<A>(
        &self,
        id: &<A::On as Record>::Id,
        record: &A::On,
    ) -> Result<Permit<A>, Failure>
    where
        A: Action,
        A::On: Record,
    {
        let resource = record.to_add(id);
        let (class, grants) = (resource.class.clone(), resource.grants);
        let access = self.app.access();
        access
            .permit(self.caller(), resource, &self.purpose())
            .map_err(|refused| self.refused(A::SPEC, &class, grants, refused.shown))
    }

    /// The records that the caller may do `A` to.
    ///
    /// # Errors
    /// [`Failure::Fault`] when the database fails.
    pub async fn scope<A>(&self) -> Result<Scope<A>, Failure>
    where
        A: Action,
        A::On: Record,
    {
        Ok(self
            .store()
            .scope::<A>(self.app.access(), self.caller(), &self.purpose())
            .await?)
    }

    /// Whether the caller may do `A` to what belongs to `owner`: for showing a link, which proves nothing.
    pub fn may<A: Action>(&self, owner: Option<AgencyId>) -> bool {
        let class = AccessClass::ordinary(A::SPEC.kind.name, owner);
        self.may_with::<A>(&class, Grants::NONE)
    }

    /// Whether the caller may do `A` to records of `class`: for showing a link, which proves nothing.
    pub fn may_with<A: Action>(&self, class: &AccessClass, grants: Grants) -> bool {
        self.app
            .access()
            .would_allow(A::SPEC, self.caller(), &self.purpose(), class, grants)
    }

    /// Whether the caller may pass the door of the page at `path` for a record of `class`: for
    /// showing a link to another capability's page, which proves nothing. Never, when there is no such page.
    pub fn may_pass(&self, path: &str, class: &AccessClass, grants: Grants) -> bool {
        let routes = self.app.capabilities().iter().flat_map(|one| &one.routes);
        let mut doors = routes.filter(|route| route.path == path).map(|r| r.door);
        doors.any(|door| match door {
            Door::Public | Door::SignedIn => true,
            Door::Action(action) => {
                self.app
                    .access()
                    .would_allow(action, self.caller(), &self.purpose(), class, grants)
            }
        })
    }

    /// Answers with a page.
    ///
    /// # Errors
    /// [`Failure::Fault`] when the page does not render.
    pub fn page<P: Page>(&self, page: &P) -> Answer {
        self.page_under(page, &[])
    }

    /// Answers with a page that stands below others: `(title, href)`, outermost first.
    ///
    /// # Errors
    /// [`Failure::Fault`] when the page does not render.
    pub fn page_under<P: Page>(&self, page: &P, above: &[(&str, &str)]) -> Answer {
        let breadcrumbs = above
            .iter()
            .map(|(title, href)| Link {
                title: (*title).to_owned(),
                href: (*href).to_owned(),
            })
            .collect();
        render(&self.app, &self.visit, page, breadcrumbs)
    }

    /// Answers a form by going on to `href`, where `notice` says what was done.
    ///
    /// # Errors
    /// [`Failure::Fault`] when the database fails.
    pub async fn done(&self, href: &str, notice: &str) -> Answer {
        session::set_notice(self.store(), &self.visit.token, notice).await?;
        Ok(Redirect::to(href).into_response())
    }
}

/// Renders a page; a notice that is shown is taken off the session by the layer round it.
fn render<P: Page>(app: &App, visit: &Arc<Visit>, page: &P, breadcrumbs: Vec<Link>) -> Answer {
    let mut shell = Shell {
        breadcrumbs,
        notice: notice(visit),
        ..frame(app, Some(visit))
    };
    // A page with an address of its own belongs in the menu to where its way begins.
    if let Some(first) = shell.breadcrumbs.first() {
        for item in &mut shell.navigation {
            item.current |= item.href == first.href;
        }
    }
    let html = app
        .templates()
        .render(&shell, page)
        .map_err(|fault| Failure::fault(&fault))?;
    let mut response = Html(html).into_response();
    if shell.notice.is_some() {
        response.extensions_mut().insert(NoticeShown);
    }
    Ok(response)
}

/// Marks an answer in which the session's notice was shown.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NoticeShown;

fn notice(visit: &Visit) -> Option<Notice> {
    let text = visit.session.as_ref()?.notice.clone()?;
    Some(Notice {
        text,
        tone: NoticeTone::Done,
    })
}

/// What stands round every page of this visitor.
pub(crate) fn frame(app: &App, visit: Option<&Visit>) -> Shell {
    let mut shell = Shell::stranger(&app.practice().partnership);
    shell.demo.clone_from(&app.serving().demo);
    let Some(visit) = visit else {
        return shell;
    };
    shell.csrf_token = visit.token.csrf();
    shell.made_at = crate::words::moment(app.ambient().now());
    if let (Some(who), Some(purpose)) = (&visit.who, &visit.purpose) {
        shell.worker = Some(SignedIn {
            name: who.name.reveal().to_owned(),
            role: who.role.clone(),
            agency: who.agency.clone(),
        });
        let choices = app.practice().purposes_for(&who.caller.roles).count();
        shell.purpose = Some(PurposeShown {
            title: purpose.title.clone(),
            change_href: (choices > 1).then(|| "/purpose".to_owned()),
        });
        shell.navigation = navigation(app, who, &purpose.purpose(), &visit.path);
    }
    shell
}

/// The places in the menu that this caller can use for something.
fn navigation(app: &App, who: &Who, purpose: &Purpose, path: &str) -> Vec<NavigationItem> {
    app.sections()
        .into_iter()
        .filter(|section| may_at_all(app, who, purpose, section.action))
        .map(|section| NavigationItem {
            title: section.title.to_owned(),
            href: section.href.to_owned(),
            current: path == section.href
                || path
                    .strip_prefix(section.href)
                    .is_some_and(|rest| rest.starts_with('/') && section.href != "/"),
            count: None,
        })
        .collect()
}

/// Whether policy would allow the action on an ordinary record of the caller's own agency or of the partnership.
pub(crate) fn may_at_all(app: &App, who: &Who, purpose: &Purpose, action: ActionSpec) -> bool {
    [who.caller.agency, None].into_iter().any(|owner| {
        let class = AccessClass::ordinary(action.kind.name, owner);
        app.access()
            .would_allow(action, &who.caller, purpose, &class, Grants::NONE)
    })
}

/// Parses an id out of a path; another kind's id is simply not there.
pub(crate) fn id_in_path<I: TypedId>(text: &str) -> Result<I, Failure> {
    I::parse(text).map_err(|_| Failure::NotFound)
}
