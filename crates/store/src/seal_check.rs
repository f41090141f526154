//! Comparing the seals of a chain with what lies under them.

use std::vec::IntoIter;

use clearpicture_kernel::Digest;
use sea_orm::sea_query::{Alias, Expr, ExprTrait as _, Order, Query};
use sea_orm::{ConnectionTrait, DbErr};

use crate::chain::{Chain, Link};
use crate::merkle::Tree;
use crate::seal::{Seal, seals_after};
use crate::verify::Broken;

/// The seals of one chain, compared with its links as these pass by.
pub(crate) struct Seals<'a, C> {
    connection: &'a C,
    chain: Chain,
    page: IntoIter<Seal>,
    /// The seal whose links are passing by, and the tree of those that have.
    current: Option<(Seal, Tree)>,
    number: i64,
    last_seq: i64,
    hash: Digest,
    exhausted: bool,
}

impl<'a, C: ConnectionTrait> Seals<'a, C> {
    pub(crate) fn over(connection: &'a C, chain: Chain) -> Self {
        Self {
            connection,
            chain,
            page: Vec::new().into_iter(),
            current: None,
            number: 0,
            last_seq: 0,
            hash: Digest::ZERO,
            exhausted: false,
        }
    }

    /// Takes note of a link. A seal is compared only once the link after its last has been found to follow: one
    /// altered alone is named by that, and not by its seal.
    pub(crate) async fn pass(&mut self, link: &impl Link) -> Result<(), Broken> {
        if link.seq() > self.last_seq {
            self.compare()?;
            self.current = self.next().await?.map(|seal| (seal, Tree::default()));
        }
        if let Some((_, tree)) = &mut self.current {
            tree.push(link.hash());
        }
        Ok(())
    }

    /// Compares the last seal, and counts them all; `end` is the number of the last link.
    pub(crate) async fn finish(mut self, end: i64) -> Result<i64, Broken> {
        if self.current.is_none() {
            self.current = self.next().await?.map(|seal| (seal, Tree::default()));
        }
        if self.last_seq > end {
            return Err(Broken::Missing(self.chain, end + 1));
        }
        self.compare()?;
        if self.next().await?.is_some() {
            return Err(Broken::Missing(self.chain, end + 1));
        }
        Ok(self.number)
    }

    fn compare(&mut self) -> Result<(), Broken> {
        match self.current.take() {
            Some((seal, tree)) if tree.root() != seal.root => Err(Broken::Rewritten {
                chain: self.chain,
                seal: seal.number,
                first: seal.first_seq,
                last: seal.last_seq,
            }),
            _ => Ok(()),
        }
    }

    /// The next seal, found whole by itself and after the one before; `None` after the last.
    async fn next(&mut self) -> Result<Option<Seal>, Broken> {
        if self.page.as_slice().is_empty() && !self.exhausted {
            let after = if self.number == 0 {
                i64::MIN
            } else {
                self.number
            };
            self.page = seals_after(self.connection, self.chain, after)
                .await?
                .into_iter();
        }
        let Some(seal) = self.page.next() else {
            self.exhausted = true;
            return Ok(None);
        };
        let expected = self.number + 1;
        if seal.number > expected {
            return Err(Broken::SealMissing(self.chain, expected));
        }
        let fits = seal.number == expected
            && seal.hash == seal.computed_hash(self.chain)
            && seal.first_seq == self.last_seq + 1
            && seal.last_seq >= seal.first_seq;
        if !fits {
            return Err(Broken::SealAltered(self.chain, seal.number));
        }
        if seal.previous_hash != self.hash {
            // Its own hash fits, so it is the one before that is not what it was; the first has none before.
            return Err(Broken::SealAltered(self.chain, Ord::max(self.number, 1)));
        }
        self.number = seal.number;
        self.last_seq = seal.last_seq;
        self.hash = seal.hash;
        Ok(Some(seal))
    }
}

/// Asks the seal over two parted neighbours which of them was altered.
pub(crate) async fn by_seal<L: Link>(
    connection: &impl ConnectionTrait,
    broken: Broken,
) -> Result<Broken, DbErr> {
    let Broken::Parted(chain, before, after) = broken else {
        return Ok(broken);
    };
    let column = |name: &str| Expr::col(Alias::new(name));
    let over = Query::select()
        .columns(["first_seq", "last_seq", "root"].map(Alias::new))
        .from(Alias::new(chain.seals()))
        .and_where(column("first_seq").lte(before))
        .and_where(column("last_seq").gte(before))
        .to_owned();
    let Some(seal) = connection.query_one(&over).await? else {
        return Ok(broken);
    };
    let (first, last): (i64, i64) = (
        seal.try_get("", "first_seq")?,
        seal.try_get("", "last_seq")?,
    );
    let select = L::select()
        .and_where(column("seq").between(first, after))
        .order_by(Alias::new("seq"), Order::Asc)
        .to_owned();
    let rows = connection.query_all(&select).await?;
    let links: Vec<L> = rows.iter().map(L::read).collect::<Result<_, _>>()?;
    // What the later of the two says of the earlier stands in for the earlier's own hash.
    let witness = links.last().map(Link::previous_hash);
    let mut tree = Tree::default();
    for link in links.iter().filter(|link| link.seq() <= last) {
        let own = Some(link.hash()).filter(|_| link.seq() != before);
        tree.push(own.or(witness).unwrap_or_default());
    }
    let sealed: Vec<u8> = seal.try_get("", "root")?;
    let altered = if tree.root().as_bytes() == sealed.as_slice() {
        before
    } else {
        after
    };
    Ok(Broken::Altered(chain, altered))
}
