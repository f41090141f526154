//! A partnership's own settings, read from its `practice` folder at start-up.
//!
//! Unknown keys are refused, and every mistake is told with its file.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clearpicture_access::{PolicyText, Purpose};
use clearpicture_ingest::Profile;
use clearpicture_kernel::Code;
use clearpicture_linkage::children::Model;
use clearpicture_measures::Measure;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// A role that people who sign in can hold.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// Its code, which policies name.
    pub code: Code,
    /// What people call it.
    pub title: String,
    /// What someone in it does.
    pub about: String,
    /// The purpose they start with.
    pub purpose: Code,
    /// The roles of those who may give it; empty when whoever may change a person's record may.
    #[serde(default)]
    pub given_by: BTreeSet<Code>,
}

impl Role {
    /// Whether someone in `roles` may give it, who may change the person's record.
    pub fn is_given_by(&self, roles: &BTreeSet<Code>) -> bool {
        self.given_by.is_empty() || !self.given_by.is_disjoint(roles)
    }
}

/// A reason for looking or acting.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PurposeCode {
    /// Its code.
    pub code: Code,
    /// It in the reader's words, after "You are here for".
    pub title: String,
    /// Whether look-ups for it are shown to named roles only.
    #[serde(default)]
    pub marked: bool,
    /// The roles that may choose it.
    pub roles: BTreeSet<Code>,
}

impl PurposeCode {
    /// The purpose as decisions know it.
    pub fn purpose(&self) -> Purpose {
        Purpose {
            code: self.code.clone(),
            marked: self.marked,
        }
    }
}

/// The settings of one partnership.
#[derive(Debug, Clone)]
pub struct Practice {
    /// The partnership's name.
    pub partnership: String,
    /// Its roles.
    pub roles: Vec<Role>,
    /// Its purposes.
    pub purposes: Vec<PurposeCode>,
    /// Its own policies, beside those of the capabilities.
    pub policies: Vec<PolicyText>,
    /// Its other code lists, by the name of their file.
    pub lists: BTreeMap<String, Vec<ListedCode>>,
    /// The code of the agency that sends each source's files, by the name of the source's profile.
    pub senders: BTreeMap<Code, Code>,
    /// Services that are never named to others (safety rule 19).
    pub silent: Silent,
    /// How each source's files are read.
    pub profiles: Arc<[Profile]>,
    /// What agreement and disagreement of two records are worth.
    pub linkage: Model,
    /// What is counted.
    pub measures: Vec<Measure>,
    folder: PathBuf,
}

/// Services whose work with a child is told to nobody of another agency: that they know a child says too much of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Silent {
    /// Whole agencies, by their codes.
    #[serde(default)]
    pub agencies: BTreeSet<Code>,
    /// Teams of whatever agency, by their names.
    #[serde(default)]
    pub teams: BTreeSet<String>,
}

impl Silent {
    /// Whether a team of this name is one.
    pub fn names_team(&self, name: &str) -> bool {
        self.teams
            .iter()
            .any(|team| team.trim().eq_ignore_ascii_case(name.trim()))
    }
}

/// One code of a list that only gives words to codes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListedCode {
    /// The code, which records keep.
    pub code: Code,
    /// It in words, which pages show.
    pub title: String,
}

/// Why the settings cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PracticeFault {
    /// A file cannot be read.
    #[error(
        "the practice file `{file}` cannot be read ({problem}): name the folder with `practice` in the configuration"
    )]
    Unreadable {
        /// The file.
        file: String,
        /// What the system said.
        problem: String,
    },
    /// A file says something that does not fit.
    #[error("the practice file `{file}` cannot be used: {problem}")]
    Wrong {
        /// The file.
        file: String,
        /// What is wrong.
        problem: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PartnershipFile {
    name: String,
    #[serde(default)]
    senders: BTreeMap<Code, Code>,
    #[serde(default)]
    silent: Silent,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListFile {
    code: Vec<ListedCode>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RolesFile {
    role: Vec<Role>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PurposesFile {
    purpose: Vec<PurposeCode>,
}

impl Practice {
    /// Reads the settings in `folder`.
    ///
    /// # Errors
    /// [`PracticeFault`] naming the file and what is wrong with it.
    pub fn read(folder: &Path) -> Result<Self, PracticeFault> {
        let partnership: PartnershipFile = read(&folder.join("partnership.toml"))?;
        let roles: RolesFile = read(&folder.join("codes/roles.toml"))?;
        let purposes: PurposesFile = read(&folder.join("codes/purposes.toml"))?;
        let practice = Self {
            partnership: partnership.name,
            roles: roles.role,
            purposes: purposes.purpose,
            policies: policies(&folder.join("policies"))?,
            lists: lists(&folder.join("codes"))?,
            senders: partnership.senders,
            silent: partnership.silent,
            profiles: profiles(&folder.join("sources"))?.into(),
            linkage: linkage(&folder.join("linkage/children.toml"))?,
            measures: measures(&folder.join("measures"))?,
            folder: folder.to_owned(),
        };
        practice.check()?;
        Ok(practice)
    }

    /// The role with this code.
    pub fn role(&self, code: &Code) -> Option<&Role> {
        self.roles.iter().find(|role| role.code == *code)
    }

    /// Whether the role with this code is given by named roles only.
    pub fn is_guarded(&self, code: &Code) -> bool {
        self.role(code)
            .is_some_and(|role| !role.given_by.is_empty())
    }

    /// The titles of the roles that may give `role`, as a sentence names them.
    pub fn givers(&self, role: &Role) -> String {
        let titles = self
            .roles
            .iter()
            .filter(|one| role.given_by.contains(&one.code));
        let titles: Vec<&str> = titles.map(|one| one.title.as_str()).collect();
        titles.join(" or ")
    }

    /// The purpose with this code.
    pub fn purpose(&self, code: &Code) -> Option<&PurposeCode> {
        self.purposes.iter().find(|purpose| purpose.code == *code)
    }

    /// The purposes that someone in these roles may choose, in the list's order.
    pub fn purposes_for<'a>(
        &'a self,
        roles: &'a BTreeSet<Code>,
    ) -> impl Iterator<Item = &'a PurposeCode> {
        self.purposes
            .iter()
            .filter(|purpose| !purpose.roles.is_disjoint(roles))
    }

    /// The purpose that someone in these roles starts with.
    pub fn first_purpose(&self, roles: &BTreeSet<Code>) -> Option<&PurposeCode> {
        self.roles
            .iter()
            .find(|role| roles.contains(&role.code))
            .and_then(|role| self.purpose(&role.purpose))
    }

    /// What a source is called, by the name of its profile; the name itself when it has no profile any more.
    pub fn source_title<'a>(&'a self, source: &'a str) -> &'a str {
        self.profiles
            .iter()
            .find(|profile| profile.name.as_str() == source)
            .map_or(source, |profile| profile.title.as_str())
    }

    /// The service of whose work each source tells, where it tells of one.
    pub fn services(&self) -> BTreeMap<Code, Code> {
        let all = self.profiles.iter();
        all.filter_map(|profile| Some((profile.name.clone(), profile.service.clone()?)))
            .collect()
    }

    /// The measure with this code.
    pub fn measure(&self, code: &str) -> Option<&Measure> {
        self.measures
            .iter()
            .find(|measure| measure.code.as_str() == code)
    }

    /// The codes of a list; none when the partnership has no such list.
    pub fn list(&self, name: &str) -> &[ListedCode] {
        self.lists.get(name).map_or(&[], Vec::as_slice)
    }

    /// A code of a list in words; the code itself when the list no longer has it.
    pub fn words<'a>(&'a self, list: &str, code: &'a Code) -> &'a str {
        self.list(list)
            .iter()
            .find(|listed| listed.code == *code)
            .map_or(code.as_str(), |listed| listed.title.as_str())
    }

    /// Refuses codes that name what is not there.
    fn check(&self) -> Result<(), PracticeFault> {
        let wrong = |file: &str, problem: String| {
            Err(PracticeFault::Wrong {
                file: self.folder.join("codes").join(file).display().to_string(),
                problem,
            })
        };
        let mut seen = BTreeSet::new();
        for role in &self.roles {
            if !seen.insert(&role.code) {
                return wrong(
                    "roles.toml",
                    format!("the role `{}` is there twice", role.code),
                );
            }
            let starts = self.purpose(&role.purpose);
            if !starts.is_some_and(|purpose| purpose.roles.contains(&role.code)) {
                return wrong(
                    "roles.toml",
                    format!(
                        "the role `{}` starts with the purpose `{}`, which purposes.toml does not give it",
                        role.code, role.purpose
                    ),
                );
            }
        }
        for role in &self.roles {
            if let Some(unknown) = role.given_by.iter().find(|code| !seen.contains(code)) {
                return wrong(
                    "roles.toml",
                    format!(
                        "the role `{}` is given by the role `{unknown}`, which is not there",
                        role.code
                    ),
                );
            }
        }
        let mut seen_purposes = BTreeSet::new();
        for purpose in &self.purposes {
            if !seen_purposes.insert(&purpose.code) {
                return wrong(
                    "purposes.toml",
                    format!("the purpose `{}` is there twice", purpose.code),
                );
            }
            if let Some(unknown) = purpose.roles.iter().find(|role| !seen.contains(role)) {
                return wrong(
                    "purposes.toml",
                    format!(
                        "the purpose `{}` names the role `{unknown}`, which roles.toml does not have",
                        purpose.code
                    ),
                );
            }
        }
        Ok(())
    }
}

fn read<T: DeserializeOwned>(path: &Path) -> Result<T, PracticeFault> {
    let text = text(path)?;
    toml::from_str(&text).map_err(|error| PracticeFault::Wrong {
        file: path.display().to_string(),
        problem: error.to_string(),
    })
}

fn text(path: &Path) -> Result<String, PracticeFault> {
    #[expect(
        clippy::disallowed_methods,
        reason = "settings are read once, before the first request"
    )]
    let read = std::fs::read_to_string(path);
    read.map_err(|error| unreadable(path, &error))
}

fn unreadable(path: &Path, error: &std::io::Error) -> PracticeFault {
    PracticeFault::Unreadable {
        file: path.display().to_string(),
        problem: error.to_string(),
    }
}

/// Every `*.cedar` file of the folder, by name; none when there is no folder.
fn policies(folder: &Path) -> Result<Vec<PolicyText>, PracticeFault> {
    files(folder, "cedar")?
        .iter()
        .map(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            Ok(PolicyText::new(
                format!("practice/policies/{name}"),
                text(path)?,
            ))
        })
        .collect()
}

/// Every code list of the folder that only gives words to codes.
fn lists(folder: &Path) -> Result<BTreeMap<String, Vec<ListedCode>>, PracticeFault> {
    let mut lists = BTreeMap::new();
    for path in files(folder, "toml")? {
        let name = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if !matches!(name.as_str(), "roles" | "purposes") {
            let file: ListFile = read(&path)?;
            lists.insert(name, file.code);
        }
    }
    Ok(lists)
}

/// What agreement and disagreement of two records are worth.
fn linkage(path: &Path) -> Result<Model, PracticeFault> {
    Model::read(&text(path)?).map_err(|error| PracticeFault::Wrong {
        file: path.display().to_string(),
        problem: error.to_string(),
    })
}

/// How each source's files are read.
fn profiles(folder: &Path) -> Result<Vec<Profile>, PracticeFault> {
    each(folder, Profile::parse)
}

/// What is counted.
fn measures(folder: &Path) -> Result<Vec<Measure>, PracticeFault> {
    each(folder, |_, text| Measure::parse(text))
}

/// Every `*.toml` file of the folder, read by `parse`, which is given the file's name and text.
fn each<T, E: std::fmt::Display>(
    folder: &Path,
    parse: impl Fn(&str, &str) -> Result<T, E>,
) -> Result<Vec<T>, PracticeFault> {
    let read = |path: &PathBuf| {
        let file = path.display().to_string();
        let text = text(path)?;
        parse(&file, &text).map_err(|error| PracticeFault::Wrong {
            file,
            problem: error.to_string(),
        })
    };
    files(folder, "toml")?.iter().map(read).collect()
}

/// The files of a folder with this extension, by name; none when there is no folder.
fn files(folder: &Path, extension: &str) -> Result<Vec<PathBuf>, PracticeFault> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    #[expect(
        clippy::disallowed_methods,
        reason = "settings are read once, before the first request"
    )]
    let entries = std::fs::read_dir(folder);
    let mut files: Vec<PathBuf> = entries
        .map_err(|error| unreadable(folder, &error))?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .collect();
    files.sort();
    Ok(files)
}

#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "tests write their settings to a folder of their own"
)]
mod tests {
    use super::*;

    fn shipped() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../practice")
    }

    fn copy() -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        for part in ["codes", "linkage", "measures", "sources"] {
            std::fs::create_dir_all(folder.path().join(part)).expect("made");
        }
        for file in [
            "partnership.toml",
            "linkage/children.toml",
            "codes/roles.toml",
            "codes/purposes.toml",
        ] {
            std::fs::copy(shipped().join(file), folder.path().join(file)).expect("copied");
        }
        folder
    }

    #[test]
    fn the_shipped_practice_is_whole() {
        let practice = Practice::read(&shipped()).expect("read");
        for role in &practice.roles {
            let held = BTreeSet::from([role.code.clone()]);
            assert!(practice.first_purpose(&held).is_some(), "{}", role.code);
        }
        for guarded in ["information-governance", "auditor"] {
            let guarded = Code::parse(guarded).expect("a code");
            assert!(practice.is_guarded(&guarded), "{guarded}");
        }
    }

    #[test]
    fn mistakes_are_told_with_their_file() {
        for (file, text, says) in [
            (
                "partnership.toml",
                "name = \"A\"\ncolour = \"red\"",
                "unknown field `colour`",
            ),
            ("partnership.toml", "name = ", "partnership.toml"),
            (
                "codes/roles.toml",
                "[[role]]\ncode = \"manager\"\ntitle = \"a\"\nabout = \"b\"\npurpose = \"supervision\"\ngiven_by = [\"nobody\"]",
                "the role `manager` is given by the role `nobody`, which is not there",
            ),
            (
                "codes/purposes.toml",
                "[[purpose]]\ncode = \"audit\"\ntitle = \"a\"\nroles = [\"nobody\"]",
                "roles.toml",
            ),
            ("linkage/children.toml", "version = 1", "children.toml"),
            ("sources/csc.toml", "name = \"csc\"", "csc.toml"),
            ("measures/known.toml", "code = \"known\"", "known.toml"),
        ] {
            let folder = copy();
            std::fs::write(folder.path().join(file), text).expect("written");
            let fault = Practice::read(folder.path()).expect_err(text).to_string();
            assert!(fault.contains(says), "{fault}");
        }
        let folder = copy();
        std::fs::remove_file(folder.path().join("codes/roles.toml")).expect("removed");
        assert!(matches!(
            Practice::read(folder.path()),
            Err(PracticeFault::Unreadable { .. })
        ));
    }
}
