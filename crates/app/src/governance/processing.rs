//! The record of processing as a page (safety rule 28).

use serde::Serialize;

use super::types::ReadProcessing;
use crate::processing::{Impact, KindProcessed, impacts, kinds};
use crate::shell::{Allowed, Answer, Page};

/// The record of processing, made afresh from the capabilities.
pub(super) async fn show(Allowed { ctx, .. }: Allowed<ReadProcessing>) -> Answer {
    let page = ProcessingPage {
        kinds: kinds(ctx.app.capabilities()),
        impacts: impacts(ctx.app.capabilities()),
    };
    ctx.page_under(&page, &[("Governance", "/governance")])
}

/// The record of processing.
#[derive(Debug, Serialize)]
pub(super) struct ProcessingPage {
    kinds: Vec<KindProcessed>,
    impacts: Vec<Impact>,
}

impl Page for ProcessingPage {
    const TEMPLATE: &'static str = "governance/processing.html";

    fn title(&self) -> String {
        "Record of processing".to_owned()
    }

    fn samples() -> Vec<Self> {
        let own = [super::capability()];
        vec![Self {
            kinds: kinds(&own),
            impacts: impacts(&own),
        }]
    }
}
