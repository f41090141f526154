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
pub struct Names(BTreeMap<String, String>);

impl Names {
    /// The names of all records whose ids stand in `texts`.
    ///
    /// # Errors
    /// [`Failure::Fault`] when the database fails.
    pub async fn of<'a>(
        ctx: &Ctx,
        texts: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, Failure> {
        let ids: BTreeSet<String> = texts
            .into_iter()
            .flat_map(words)
            .filter(|word| RecordId::parse(word).is_ok())
            .map(ToOwned::to_owned)
            .collect();
        let mut names = BTreeMap::new();
        if !ids.is_empty() {
            for called in ctx.app.capabilities().iter().filter_map(|one| one.called) {
                names.extend(called(ctx.clone(), ids.clone()).await?);
            }
        }
        Ok(Self(names))
    }

    /// The name behind one id.
    pub fn get(&self, id: &str) -> Option<&str> {
        self.0.get(id).map(String::as_str)
    }

    /// `text` with names where it holds ids.
    pub fn tell(&self, text: &str) -> String {
        text.split(' ')
            .map(|word| {
                let id = word.trim_end_matches(',');
                self.get(id)
                    .map_or_else(|| word.to_owned(), |name| word.replacen(id, name, 1))
            })
            .collect::<Vec<_>>()
            .join(" ")
    }
}

/// The words of a text that may be ids.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(' ').map(|word| word.trim_end_matches(','))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_become_names_and_the_rest_stays() {
        let names = Names(BTreeMap::from([
            ("team_1".to_owned(), "Day team".to_owned()),
            ("team_2".to_owned(), "Night team".to_owned()),
        ]));
        assert_eq!(
            names.tell("team_1, team_2, team_3"),
            "Day team, Night team, team_3"
        );
        assert_eq!(names.tell("a  b"), "a  b");
    }
}
