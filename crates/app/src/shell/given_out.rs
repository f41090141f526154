//! Files that leave by a page: one way out for all of them, with reader, time and purpose in each (safety rule 9).

use axum::http::{HeaderValue, header};
use axum::response::IntoResponse as _;
use clearpicture_access::{Action, Permit, Scope, Sees};

use super::ctx::{Answer, Ctx};
use super::failure::Failure;
use crate::words;

/// A file about to be given out.
#[derive(Debug)]
pub struct GivenOut {
    /// What it is, as the read log calls it.
    pub list: &'static str,
    /// The name under which a browser keeps it: never a person's.
    pub name: String,
    /// Its content type.
    pub kind: &'static str,
    /// What is in it, [`stamp`] included.
    pub bytes: Vec<u8>,
}

impl GivenOut {
    /// The answer, once the read log tells that the file is taken. `scope` is what it was made of.
    ///
    /// # Errors
    /// [`Failure::Fault`] when the read log cannot be written; nothing is given out then.
    pub async fn give_out<A: Action>(self, ctx: &Ctx, scope: &Scope<A>) -> Answer {
        ctx.store().note_list(scope, self.list).await?;
        self.answer()
    }

    /// The same of one record, which the read log tells of as taken away.
    ///
    /// # Errors
    /// As [`GivenOut::give_out`].
    pub async fn give_out_record<A: Sees>(self, ctx: &Ctx, permit: &Permit<A>) -> Answer {
        ctx.store().note_print(permit).await?;
        self.answer()
    }

    fn answer(self) -> Answer {
        let name = format!("attachment; filename=\"{}\"", self.name);
        let name = HeaderValue::try_from(name).map_err(|fault| Failure::fault(&fault))?;
        let headers = [
            (header::CONTENT_TYPE, HeaderValue::from_static(self.kind)),
            (header::CONTENT_DISPOSITION, name),
        ];
        Ok((headers, self.bytes).into_response())
    }
}

/// Who takes a file, when, and for what.
pub fn stamp(ctx: &Ctx) -> String {
    let who = ctx.who();
    format!(
        "Taken by {}, {}, {}, on {}, for {}",
        who.name.reveal(),
        who.role,
        who.agency,
        words::moment(ctx.now()),
        ctx.purpose_code().title
    )
}
