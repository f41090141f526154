//! Sending a file in.

use clearpicture_kernel::{AgencyId, Line, TypedId as _};
use futures_util::StreamExt as _;
use serde::{Deserialize, Serialize};

use super::intake::{Intake, LoadFault};
use super::pages::LIST;
use super::types::AddLoad;
use super::work;
use crate::agencies;
use crate::shell::{Allowed, Answer, Choice, Ctx, Errors, Failure, Page, Upload};

/// What is chosen where it is found by its source whose a file is.
const BY_SOURCE: &str = "by-source";

/// The form that sends a file in.
#[derive(Debug, Clone, Serialize)]
pub(super) struct SendPage {
    agencies: Vec<Choice>,
    errors: Errors,
}

impl Page for SendPage {
    const TEMPLATE: &'static str = "loads/send.html";

    fn title(&self) -> String {
        "Send a file in".to_owned()
    }

    fn samples() -> Vec<Self> {
        let clean = Self {
            agencies: vec![Choice::new("agency_1", "Northwater <Police>", "")],
            errors: Errors::default(),
        };
        let mut errors = Errors::default();
        errors.add("file", "File: choose a file");
        vec![
            Self {
                errors,
                ..clean.clone()
            },
            clean,
        ]
    }
}

/// What is typed beside the file.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct SendForm {
    agency: String,
}

async fn page(ctx: &Ctx, chosen: &str, errors: Errors) -> Result<SendPage, Failure> {
    let names = agencies::names(ctx.store()).await?;
    let allowed = names
        .iter()
        .filter(|(id, _)| ctx.may::<AddLoad>(Some(**id)));
    let allowed = allowed.map(|(id, name)| Choice::new(id.to_string(), name, chosen));
    let mut agencies: Vec<Choice> = allowed.collect();
    // A file under the wrong agency is a wrong picture: by its source it is known whose it is, to whoever may send for all.
    if agencies.len() > 1 {
        let first = match agencies.len() == names.len() {
            true => Choice::new(BY_SOURCE, "Whoever sends files of its source", chosen),
            false => Choice::new("", "Choose an agency", chosen),
        };
        agencies.insert(0, first);
    }
    Ok(SendPage { agencies, errors })
}

/// Whose a file is: an agency that was chosen, or, for whoever may send for every agency, whoever sends files of its source.
async fn whose(ctx: &Ctx, typed: &str) -> Result<Option<AgencyId>, Failure> {
    if typed != BY_SOURCE {
        return Ok(AgencyId::parse(typed).ok());
    }
    let names = agencies::names(ctx.store()).await?;
    match names.keys().all(|id| ctx.may::<AddLoad>(Some(*id))) {
        true => Ok(Some(ctx.agency()?)),
        false => Err(Failure::NotFound),
    }
}

/// `GET /loads/new`
pub(super) async fn new(allowed: Allowed<AddLoad>) -> Answer {
    let page = page(&allowed.ctx, "", Errors::default()).await?;
    allowed.ctx.page_under(&page, &[LIST])
}

/// `POST /loads/new`
pub(super) async fn send(allowed: Allowed<AddLoad>, upload: Upload<SendForm>) -> Answer {
    let ctx = &allowed.ctx;
    let sent = upload.read().await?;
    let mut errors = Errors::default();
    let agency = whose(ctx, &sent.form.agency).await?;
    let agency = agency.ok_or("choose whose file it is");
    let agency = errors.take("agency", "Agency", agency);
    let mut bytes = sent.bytes.peekable();
    // A browser sends a field without a name and without a byte when nobody chose a file.
    let is_there = !sent.name.is_empty() || std::pin::Pin::new(&mut bytes).peek().await.is_some();
    let name = if is_there {
        let name = plain(&sent.name);
        errors.take("file", "File", Line::parse(&name))
    } else {
        errors.add("file", "File: choose a file");
        None
    };
    let (Some(agency), Some(name)) = (agency, name) else {
        let page = page(ctx, &sent.form.agency, errors).await?;
        return ctx.page_under(&page, &[LIST]);
    };
    if !ctx.may::<AddLoad>(Some(agency)) {
        return Err(Failure::NotFound);
    }
    let app = &ctx.app;
    let far = std::sync::Arc::new(|_| {});
    let intake = Intake::new(app.store(), app.access(), app.practice(), far)
        .map_err(|fault| failure(&fault))?
        .sent_by(ctx.caller().clone(), ctx.purpose())
        .by_source(sent.form.agency == BY_SOURCE)
        .followed_by(work::reading);
    let id = intake
        .receive(agency, &name, bytes)
        .await
        .map_err(|fault| failure(&fault))?;
    ctx.done(
        &format!("/loads/{id}"),
        "The file came whole and is kept sealed. It is being read now.",
    )
    .await
}

/// The file's name without a folder, as some browsers send one.
fn plain(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    if name.is_empty() {
        "file".to_owned()
    } else {
        name.to_owned()
    }
}

/// Why a file could not be kept, for whoever sent it.
pub(super) fn failure(fault: &LoadFault) -> Failure {
    match fault {
        LoadFault::Read(_) => Failure::Malformed(
            "The file broke off on its way, or is too large: nothing of it is used. Send it again."
                .to_owned(),
        ),
        LoadFault::Policy(_) => Failure::NotFound,
        fault => Failure::fault(fault),
    }
}
