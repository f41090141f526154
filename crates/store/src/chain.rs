//! Walking along a chain of hashes, history's or the read log's, and naming the first link that is wrong.

use std::cmp::Ordering;
use std::fmt;
use std::marker::PhantomData;
use std::vec::IntoIter;

use clearpicture_kernel::Digest;
use sea_orm::sea_query::{Alias, Expr, ExprTrait as _, Order, SelectStatement};
use sea_orm::{ConnectionTrait, DbErr, QueryResult};

use crate::entry::Entry;
use crate::look::LookRow;
use crate::tables::{ENTRY, LOOK, LOOK_SEAL, SEAL};
use crate::verify::Broken;

/// Links read at once.
const PAGE: u64 = 500;

/// A chain, by the word for one of its links.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chain {
    /// History.
    Entry,
    /// The read log.
    Look,
}

impl Chain {
    /// Both chains, history first.
    pub const ALL: [Self; 2] = [Self::Entry, Self::Look];

    /// The word for several of its links.
    pub(crate) const fn plural(self) -> &'static str {
        match self {
            Self::Entry => "entries",
            Self::Look => "read log rows",
        }
    }

    /// The word for one of its seals.
    pub(crate) const fn seal(self) -> &'static str {
        match self {
            Self::Entry => "seal",
            Self::Look => "read log seal",
        }
    }

    /// What it is as a whole.
    pub(crate) const fn whole(self) -> &'static str {
        match self {
            Self::Entry => "history",
            Self::Look => "the read log",
        }
    }

    /// The table of its links.
    pub(crate) const fn table(self) -> &'static str {
        match self {
            Self::Entry => ENTRY,
            Self::Look => LOOK,
        }
    }

    /// The column of a link that tells its moment.
    pub(crate) const fn moment(self) -> &'static str {
        match self {
            Self::Entry => "recorded_at",
            Self::Look => "looked_at",
        }
    }

    /// The table of its seals.
    pub(crate) const fn seals(self) -> &'static str {
        match self {
            Self::Entry => SEAL,
            Self::Look => LOOK_SEAL,
        }
    }

    /// What stands before the hash of a seal, so that no seal of one chain passes for one of the other.
    pub(crate) const fn seal_context(self) -> &'static [u8] {
        match self {
            Self::Entry => b"clearpicture.seal.1",
            Self::Look => b"clearpicture.look-seal.1",
        }
    }

    /// What the names of the second holder's files begin with.
    pub(crate) const fn file_prefix(self) -> &'static str {
        match self {
            Self::Entry => "seals-",
            Self::Look => "read-log-seals-",
        }
    }
}

impl fmt::Display for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Entry => "entry",
            Self::Look => "read log row",
        })
    }
}

/// One link of a chain of hashes.
pub(crate) trait Link: Sized {
    const CHAIN: Chain;
    fn select() -> SelectStatement;
    fn read(row: &QueryResult) -> Result<Self, DbErr>;
    fn seq(&self) -> i64;
    fn previous_hash(&self) -> &[u8];
    fn hash(&self) -> &[u8];
    fn computed_hash(&self) -> Digest;
}

macro_rules! link {
    ($link:ty, $chain:expr) => {
        impl Link for $link {
            const CHAIN: Chain = $chain;

            fn select() -> SelectStatement {
                Self::select()
            }

            fn read(row: &QueryResult) -> Result<Self, DbErr> {
                Self::read(row)
            }

            fn seq(&self) -> i64 {
                self.seq
            }

            fn previous_hash(&self) -> &[u8] {
                &self.previous_hash
            }

            fn hash(&self) -> &[u8] {
                &self.hash
            }

            fn computed_hash(&self) -> Digest {
                self.computed_hash()
            }
        }
    };
}

link!(Entry, Chain::Entry);
link!(LookRow, Chain::Look);

/// A walk along a chain, which checks each link by itself and against the one before.
pub(crate) struct Walk<'a, C, L> {
    connection: &'a C,
    page: IntoIter<QueryResult>,
    /// The number of the last link given out, which is also how many were.
    pub(crate) walked: i64,
    hash: Vec<u8>,
    link: PhantomData<L>,
}

impl<'a, C: ConnectionTrait, L: Link> Walk<'a, C, L> {
    pub(crate) fn along(connection: &'a C) -> Self {
        Self {
            connection,
            page: Vec::new().into_iter(),
            walked: 0,
            hash: Digest::ZERO.to_vec(),
            link: PhantomData,
        }
    }

    /// The next link; `None` after the last.
    pub(crate) async fn next(&mut self) -> Result<Option<L>, Broken> {
        if self.page.as_slice().is_empty() {
            self.page = self.next_page().await?.into_iter();
        }
        let Some(row) = self.page.next() else {
            return Ok(None);
        };
        let expected = self.walked + 1;
        let altered = |seq| Broken::Altered(L::CHAIN, seq);
        let seq: i64 = row.try_get("", "seq").map_err(|_| altered(expected))?;
        match seq.cmp(&expected) {
            Ordering::Greater => return Err(Broken::Missing(L::CHAIN, expected)),
            Ordering::Less => return Err(Broken::Added(L::CHAIN, seq)),
            Ordering::Equal => {}
        }
        let link = L::read(&row).map_err(|_| altered(seq))?;
        if link.hash() != link.computed_hash().as_bytes() {
            return Err(altered(seq));
        }
        if link.previous_hash() != self.hash {
            return Err(self.blame(&link).await?);
        }
        self.walked = seq;
        self.hash = link.hash().to_vec();
        Ok(Some(link))
    }

    async fn next_page(&self) -> Result<Vec<QueryResult>, DbErr> {
        let mut select = L::select();
        select.order_by(Alias::new("seq"), Order::Asc).limit(PAGE);
        if self.walked > 0 {
            select.and_where(Expr::col(Alias::new("seq")).gt(self.walked));
        }
        self.connection.query_all(&select).await
    }

    /// Which of two neighbours was altered, where each has a hash that fits itself and `link` does not follow.
    ///
    /// One that was altered parts from both its neighbours when what it says of the one before was altered, and
    /// else only from the one after.
    async fn blame(&self, link: &L) -> Result<Broken, DbErr> {
        let seq = link.seq();
        if self.walked == 0 {
            return Ok(Broken::Altered(L::CHAIN, seq));
        }
        let select = L::select()
            .and_where(Expr::col(Alias::new("seq")).eq(seq + 1))
            .to_owned();
        let Some(row) = self.connection.query_one(&select).await? else {
            return Ok(Broken::Parted(L::CHAIN, self.walked, seq));
        };
        let follows = L::read(&row).is_ok_and(|next| next.previous_hash() == link.hash());
        let altered = if follows { self.walked } else { seq };
        Ok(Broken::Altered(L::CHAIN, altered))
    }
}
