//! Ids told as names: a page that shows another capability's record says what it
//! is called, as far as the reader may know.

use std::collections::{BTreeMap, BTreeSet};

use clearpicture_kernel::RecordId;
use futures_util::future::BoxFuture;

use super::ctx::Ctx;
use super::failure::Failure;

/// What the records of one capability are called: id to name, for those of `ids` that are
/// its own and that the reader may know.
pub type CalledBy =
    fn(Ctx, BTreeSet<String>) -> BoxFuture<'static, Result<BTreeMap<String, String>, Failure>>;

/// What records are called, as far as one reader may know.
#[derive(Debug, Clone, Default)]
pub struct Names {
    called: BTreeMap<String, String>,
    /// What is said of the others: of which kind they are, and no more.
    others: BTreeMap<String, String>,
}

impl Names {
    /// The names of all records whose ids stand in `texts`.
    ///
    /// # Errors
    /// [`Failure::Fault`] when the database fails.
    pub async fn of<'a>(
        ctx: &Ctx,
        texts: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, Failure> {
        let ids = texts.into_iter().flat_map(words).map(|(word, _)| word);
        let ids: BTreeMap<String, RecordId> = ids
            .filter_map(|word| Some((word.to_owned(), RecordId::parse(word).ok()?)))
            .collect();
        let mut names = Self::default();
        if ids.is_empty() {
            return Ok(names);
        }
        let all: BTreeSet<String> = ids.keys().cloned().collect();
        for called in ctx.app.capabilities().iter().filter_map(|one| one.called) {
            names.called.extend(called(ctx.clone(), all.clone()).await?);
        }
        let other = |(word, id): (String, RecordId)| {
            let kept = ctx.app.kept_with(id.prefix());
            let kind = kept.map_or("record", |kept| kept.record.kind);
            (word, format!("a {}", kind.replace('-', " ")))
        };
        names.others = ids.into_iter().map(other).collect();
        Ok(names)
    }

    /// The name behind one id.
    pub fn get(&self, id: &str) -> Option<&str> {
        self.called.get(id).map(String::as_str)
    }

    /// `text` with names where it holds ids; what the reader may not know by name is told by its kind.
    pub fn tell(&self, text: &str) -> String {
        let told = words(text).map(|(word, rest)| {
            let other = || self.others.get(word).map(String::as_str);
            format!("{}{rest}", self.get(word).or_else(other).unwrap_or(word))
        });
        told.collect()
    }
}

/// The words of a text that may be ids, each with what stands behind it.
fn words(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let is_of_id = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-';
    let pieces = text.split_inclusive(move |letter: char| !is_of_id(letter));
    pieces.map(move |piece| {
        let word = piece.trim_end_matches(|letter: char| !is_of_id(letter));
        (word, piece.strip_prefix(word).unwrap_or_default())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_become_names_and_the_rest_stays() {
        let of = |pairs: &[(&str, &str)]| {
            let owned = pairs
                .iter()
                .map(|(id, name)| ((*id).to_owned(), (*name).to_owned()));
            owned.collect()
        };
        let names = Names {
            called: of(&[("team_1", "Day team"), ("team_2", "Night team")]),
            others: of(&[("team_1", "a team"), ("team_4", "a team")]),
        };
        assert_eq!(
            names.tell("team_1, team_2, team_3"),
            "Day team, Night team, team_3"
        );
        assert_eq!(
            names.tell("(team_2; of team_4.) a  b"),
            "(Night team; of a team.) a  b"
        );
        assert_eq!(names.tell(""), "");
    }
}
