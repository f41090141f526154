//! The seals of history and of the read log, as whoever audits the product reads them.

use clearpicture_kernel::Timestamp;
use clearpicture_store::{Chain, Seal};
use serde::Serialize;

use super::types::SeeSeals;
use crate::shell::{Allowed, Answer, Page};
use crate::words;

/// How many seals of each chain are shown: enough to compare with what a second holder received last.
const SHOWN: u64 = 20;

/// `GET /seals`
pub(super) async fn show(Allowed { ctx, .. }: Allowed<SeeSeals>) -> Answer {
    let mut chains = Vec::new();
    for chain in Chain::ALL {
        let seals = ctx.store().newest_seals(chain, SHOWN).await?;
        chains.push(ChainShown::of(chain, &seals, ctx.now()));
    }
    ctx.page_under(&SealsPage { chains }, &[("Governance", "/governance")])
}

/// One chain.
#[derive(Debug, Clone, Serialize)]
struct ChainShown {
    id: &'static str,
    title: &'static str,
    seals: Vec<SealLine>,
}

/// One seal.
#[derive(Debug, Clone, Serialize)]
struct SealLine {
    number: i64,
    sealed: String,
    under: String,
    hash: String,
}

impl ChainShown {
    fn of(chain: Chain, seals: &[Seal], now: Timestamp) -> Self {
        let (id, title) = match chain {
            Chain::Entry => ("history", "Seals of history"),
            Chain::Look => ("read-log", "Seals of the read log"),
        };
        let line = |seal: &Seal| SealLine {
            number: seal.number,
            sealed: words::recent(seal.sealed_at, now),
            under: format!("{} to {}", seal.first_seq, seal.last_seq),
            hash: seal.hash.to_string(),
        };
        Self {
            id,
            title,
            seals: seals.iter().map(line).collect(),
        }
    }
}

/// The seals.
#[derive(Debug, Serialize)]
pub(super) struct SealsPage {
    chains: Vec<ChainShown>,
}

impl Page for SealsPage {
    const TEMPLATE: &'static str = "governance/seals.html";

    fn title(&self) -> String {
        "Seals".to_owned()
    }

    fn samples() -> Vec<Self> {
        let seals = SealLine {
            number: 8,
            sealed: "today, 14:02".to_owned(),
            under: "7001 to 8000".to_owned(),
            hash: "0f".repeat(32),
        };
        let chain = |id, title, seals| ChainShown { id, title, seals };
        vec![Self {
            chains: vec![
                chain("history", "Seals of history", vec![seals]),
                chain("read-log", "Seals of the read log", Vec::new()),
            ],
        }]
    }
}
