//! A file while it comes: sealed piece by piece, so that it is never held whole and lies nowhere unsealed.

use clearpicture_access::{Grants, Permit, Resource};
use clearpicture_kernel::{AgencyId, Digest, Line, Timestamp, TypedId as _};
use clearpicture_store::{Batch, Record as _};
use futures_util::{Stream, StreamExt as _};
use sha2::{Digest as _, Sha256};

use super::intake::{Intake, LoadFault};
use super::keep::PIECES_AT_ONCE;
use super::store::{self, PIECE};
use super::types::{AddLoad, Load, LoadId, LoadState, WorkLoad};

impl Intake<'_> {
    /// Keeps a file of `agency` called `name` as it comes, sealed. It is read later.
    ///
    /// # Errors
    /// [`LoadFault`]; of a file that broke off nothing is used.
    pub async fn receive<B: AsRef<[u8]>>(
        &self,
        agency: AgencyId,
        name: &Line,
        bytes: impl Stream<Item = std::io::Result<B>>,
    ) -> Result<LoadId, LoadFault> {
        let load = Load {
            by_source: self.by_source,
            ..self.on_its_way(agency, name)
        };
        self.receive_as(load, bytes).await
    }

    /// A file that is on its way.
    pub(super) fn on_its_way(&self, agency: AgencyId, name: &Line) -> Load {
        let now: Timestamp = self.store.ambient().now();
        Load {
            state: LoadState::Receiving,
            ..Load::received(agency, name.clone(), Digest::ZERO, 0, now)
        }
    }

    /// Keeps a file of which something is known already, such as by which source's profile it is read.
    pub(super) async fn receive_as<B: AsRef<[u8]>>(
        &self,
        load: Load,
        bytes: impl Stream<Item = std::io::Result<B>>,
    ) -> Result<LoadId, LoadFault> {
        let id = LoadId::fresh(self.store.ambient());
        let mut receiving = Receiving {
            intake: self,
            id,
            load,
            version: 0,
            batch: Batch::default(),
            pieces: 0,
            hasher: Sha256::new(),
            piece: Vec::with_capacity(PIECE),
        };
        let mut bytes = std::pin::pin!(bytes);
        while let Some(some) = bytes.next().await {
            receiving.take(some?.as_ref()).await?;
        }
        receiving.finish().await?;
        Ok(id)
    }
}

/// A file while it comes.
struct Receiving<'a> {
    intake: &'a Intake<'a>,
    id: LoadId,
    load: Load,
    version: u32,
    batch: Batch,
    pieces: u64,
    hasher: Sha256,
    piece: Vec<u8>,
}

impl Receiving<'_> {
    /// Whether the file is only held until it was read: whoever sent it has not read it before.
    const fn is_held(&self) -> bool {
        self.intake.follows.is_some()
    }

    async fn take(&mut self, mut bytes: &[u8]) -> Result<(), LoadFault> {
        while !bytes.is_empty() {
            let room = PIECE - self.piece.len();
            let (some, rest) = bytes.split_at(room.min(bytes.len()));
            self.piece.extend_from_slice(some);
            bytes = rest;
            if self.piece.len() == PIECE {
                self.end_piece().await?;
                let is_time = self.pieces.is_multiple_of(PIECES_AT_ONCE);
                // Of one that is only held there is nothing to bring but that it is on its way.
                if is_time && !(self.is_held() && self.version > 0) {
                    self.commit().await?;
                }
            }
        }
        Ok(())
    }

    async fn end_piece(&mut self) -> Result<(), LoadFault> {
        if self.piece.is_empty() {
            return Ok(());
        }
        self.hasher.update(&self.piece);
        self.load.bytes += self.piece.len() as u64;
        let (store, place) = (self.intake.store, self.pieces);
        if self.is_held() {
            store::hold_piece(store, &self.id, place, &self.piece).await?;
        } else {
            store::bring_piece(store, &mut self.batch, &self.id, place, &self.piece).await?;
        }
        self.pieces += 1;
        self.piece.clear();
        Ok(())
    }

    async fn commit(&mut self) -> Result<(), LoadFault> {
        let intake = self.intake;
        let brought = intake.store.lay_out(std::mem::take(&mut self.batch))?;
        let prepared = if self.version == 0 {
            intake
                .prepare_add::<AddLoad>(&self.id, &self.load, brought)
                .await?
        } else {
            let resource = Resource {
                id: self.id.record_id(),
                version: self.version,
                class: self.load.class(&self.id),
                grants: Grants::NONE,
            };
            let permit: Permit<WorkLoad> =
                intake
                    .access
                    .permit(&intake.caller, resource, &intake.purpose)?;
            intake.prepare_change(&permit, &self.load, brought).await?
        };
        let prepared = match (&self.load.state, intake.follows) {
            (LoadState::Received, Some(job)) => prepared.asking(job(self.id, self.version + 1)),
            _ => prepared,
        };
        let receipts = intake.store.commit(vec![prepared]).await?;
        self.version = receipts.first().map_or(0, |receipt| receipt.version);
        Ok(())
    }

    async fn finish(mut self) -> Result<(), LoadFault> {
        self.end_piece().await?;
        let digest = std::mem::take(&mut self.hasher).finalize();
        let digest = Digest::from_slice(&digest);
        self.load.digest = digest.ok_or_else(|| LoadFault::Own("a digest".to_owned()))?;
        self.load.state = LoadState::Received;
        self.commit().await
    }
}
