//! The settings: one struct, from the command line, then the environment, then
//! one file, then defaults.
//!
//! `config/clearpicture.example.toml` describes every setting; a test holds it
//! and this file together. A key that is not known is refused, because a
//! mistyped one would otherwise be a safeguard that is not there.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clearpicture_store::DatabaseAddress;
use serde::Deserialize;

use crate::arguments::Place;
use crate::outcome::Stop;

/// What stands before a setting's name in the environment.
const PREFIX: &str = "CLEARPICTURE_";

/// The settings' names, in a file; in the environment in capitals after [`PREFIX`].
const KEYS: [&str; 12] = [
    "data",
    "database",
    "listen",
    "metrics_listen",
    "practice",
    "public_url",
    "behind_proxy",
    "master_key_file",
    "master_key_command",
    "seals_folder",
    "log_format",
    "log_level",
];

/// The settings in force.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// The folder of the installation.
    pub(crate) data: PathBuf,
    /// The database; its debug and display forms leave out the password.
    pub(crate) database: DatabaseAddress,
    /// Where the pages are served.
    pub(crate) listen: String,
    /// Where metrics are served, if anywhere.
    pub(crate) metrics_listen: Option<String>,
    /// The partnership's own folder of settings, where it is not in the data folder.
    pub(crate) practice: Option<PathBuf>,
    /// The address that people type.
    pub(crate) public_url: Option<url::Url>,
    /// Whether a proxy of ours stands in front and tells who asks.
    pub(crate) behind_proxy: bool,
    /// Where the master key comes from.
    pub(crate) master_key: KeySource,
    /// The second holder of the seals.
    pub(crate) seals_folder: Option<PathBuf>,
    /// How log lines look.
    pub(crate) log_format: LogFormat,
    /// Which log lines are written.
    pub(crate) log_level: String,
    /// Where the settings came from, for `doctor`.
    pub(crate) file: Option<PathBuf>,
    /// Names in the environment that look like settings and are none.
    pub(crate) unknown_in_environment: Vec<String>,
}

/// Where the master key comes from.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum KeySource {
    /// `master.key` in the data folder, made on the first run.
    OwnFile(PathBuf),
    /// A file that is there already.
    File(PathBuf),
    /// What a command prints.
    Command(String),
}

impl KeySource {
    /// The file, where it is one.
    pub(crate) fn file(&self) -> Option<&Path> {
        match self {
            Self::OwnFile(path) | Self::File(path) => Some(path),
            Self::Command(_) => None,
        }
    }
}

impl std::fmt::Debug for KeySource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::OwnFile(path) => f.debug_tuple("OwnFile").field(path).finish(),
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
            // A command may carry a password for the place where the key is kept.
            Self::Command(_) => f.write_str("Command(withheld)"),
        }
    }
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// For machines: one JSON object to a line.
    Json,
}

/// The settings as written, whether in a file or in the environment.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Written {
    data: Option<PathBuf>,
    database: Option<String>,
    listen: Option<String>,
    metrics_listen: Option<String>,
    practice: Option<PathBuf>,
    public_url: Option<String>,
    behind_proxy: Option<bool>,
    master_key_file: Option<PathBuf>,
    master_key_command: Option<String>,
    seals_folder: Option<PathBuf>,
    log_format: Option<LogFormat>,
    log_level: Option<String>,
}

impl Settings {
    /// Reads the settings for this run.
    pub(crate) fn read(place: &Place) -> Result<Self, Stop> {
        let environment: BTreeMap<String, String> = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .filter_map(|(name, value)| Some((name.strip_prefix(PREFIX)?.to_lowercase(), value)))
            .collect();
        let file = place
            .config
            .clone()
            .or_else(|| environment.get("config").map(PathBuf::from));
        let text = match &file {
            Some(path) => {
                let text = read_file(path).map_err(|error| {
                    Stop::misuse(format!(
                        "the configuration `{}` cannot be read ({error}): name an existing file with --config",
                        path.display()
                    ))
                })?;
                Some((path.as_path(), text))
            }
            None => None,
        };
        let written = written(
            text.as_ref().map(|(path, text)| (*path, text.as_str())),
            &environment,
        )?;
        let mut settings = Self::from_written(place, written)?;
        settings.unknown_in_environment = environment
            .into_keys()
            .filter(|key| key != "config" && !KEYS.contains(&key.as_str()))
            .map(|key| format!("{PREFIX}{}", key.to_uppercase()))
            .collect();
        settings.file = file;
        Ok(settings)
    }

    fn from_written(place: &Place, written: Written) -> Result<Self, Stop> {
        let data = place
            .data
            .clone()
            .or(written.data)
            .unwrap_or_else(|| PathBuf::from("./data"));
        let database = match place.database.clone().or(written.database) {
            Some(address) => address.parse()?,
            None => DatabaseAddress::Sqlite(data.join("clearpicture.db")),
        };
        let master_key = match (written.master_key_file, written.master_key_command) {
            (Some(_), Some(_)) => {
                return Err(Stop::misuse(
                    "both `master_key_file` and `master_key_command` are set: keep one of them",
                ));
            }
            (Some(file), None) => KeySource::File(file),
            (None, Some(command)) => KeySource::Command(command),
            (None, None) => KeySource::OwnFile(data.join("master.key")),
        };
        Ok(Self {
            database,
            listen: written
                .listen
                .unwrap_or_else(|| "127.0.0.1:8080".to_owned()),
            metrics_listen: written.metrics_listen,
            practice: written.practice,
            public_url: written.public_url.as_deref().map(public_url).transpose()?,
            behind_proxy: written.behind_proxy.unwrap_or_default(),
            master_key,
            seals_folder: written.seals_folder,
            log_format: written.log_format.unwrap_or_default(),
            log_level: written.log_level.unwrap_or_else(|| "info".to_owned()),
            data,
            file: None,
            unknown_in_environment: Vec::new(),
        })
    }

    /// The same settings, listening at `address` when one was typed.
    #[must_use]
    pub(crate) fn listening(self, address: Option<String>) -> Self {
        Self {
            listen: address.unwrap_or(self.listen),
            ..self
        }
    }

    /// The address of a page as people type it.
    pub(crate) fn address_of(&self, page: &str) -> String {
        match &self.public_url {
            Some(url) => format!("{}/{page}", url.as_str().trim_end_matches('/')),
            None => format!("http://{}/{page}", self.listen),
        }
    }

    /// Whether people reach the pages over HTTPS.
    pub(crate) fn is_secure(&self) -> bool {
        self.public_url
            .as_ref()
            .is_some_and(|url| url.scheme() == "https")
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "plain blocking code: settings are read before anything runs"
)]
fn read_file(path: &Path) -> std::io::Result<String> {
    std::fs::read_to_string(path)
}

fn public_url(text: &str) -> Result<url::Url, Stop> {
    url::Url::parse(text)
        .ok()
        .filter(|url| matches!(url.scheme(), "https" | "http") && url.has_host())
        .ok_or_else(|| {
            Stop::misuse(format!(
                "`public_url` is `{text}`: write the address that people type, such as https://clearpicture.northwater.example"
            ))
        })
}

/// The file's settings with the environment's laid over them.
fn written(
    file: Option<(&Path, &str)>,
    environment: &BTreeMap<String, String>,
) -> Result<Written, Stop> {
    let mut table = toml::Table::new();
    if let Some((path, text)) = file {
        // Read once in its own shape, so that a mistake is told with its line.
        toml::from_str::<Written>(text).map_err(|error| Stop::misuse(told(path, text, &error)))?;
        table = toml::from_str(text).map_err(|error| Stop::misuse(told(path, text, &error)))?;
    }
    for key in KEYS {
        let Some(value) = environment.get(key) else {
            continue;
        };
        // The one setting that is no text; anything else than yes or no is then refused by its type.
        let value = match (key, value.as_str()) {
            ("behind_proxy", "true") => toml::Value::Boolean(true),
            ("behind_proxy", "false") => toml::Value::Boolean(false),
            (_, text) => toml::Value::String(text.to_owned()),
        };
        let alone = toml::Table::from_iter([(key.to_owned(), value.clone())]);
        if let Err(error) = alone.try_into::<Written>() {
            return Err(Stop::misuse(format!(
                "{PREFIX}{} in the environment cannot be used: {}",
                key.to_uppercase(),
                error.message()
            )));
        }
        table.insert(key.to_owned(), value);
    }
    table
        .try_into()
        .map_err(|error| Stop::misuse(error.message()))
}

/// The mistake with its file and line, and without the line's own text, which may hold a password.
fn told(path: &Path, text: &str, error: &toml::de::Error) -> String {
    let line = error.span().map(|span| {
        let before = text.bytes().take(span.start);
        before.filter(|byte| *byte == b'\n').count() + 1
    });
    let place = match line {
        Some(line) => format!("{}:{line}", path.display()),
        None => path.display().to_string(),
    };
    format!(
        "the configuration {place} cannot be used: {}",
        error.message()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: &str = include_str!("../../../config/clearpicture.example.toml");

    fn read(text: &str, environment: &[(&str, &str)]) -> Result<Settings, Stop> {
        let environment = environment
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect();
        let written = written(Some((Path::new("x.toml"), text)), &environment)?;
        Settings::from_written(&Place::default(), written)
    }

    /// The example with every setting switched on.
    fn switched_on() -> String {
        EXAMPLE
            .lines()
            .map(|line| match line.strip_prefix("#") {
                Some(rest) if rest.starts_with(|c: char| c.is_ascii_lowercase()) => rest,
                _ => line,
            })
            .collect::<Vec<_>>()
            .join("\n")
    }

    #[test]
    fn the_example_names_every_setting_and_no_other() {
        let table: toml::Table = toml::from_str(&switched_on()).expect("toml");
        let named: Vec<&str> = table.keys().map(String::as_str).collect();
        let mut keys = KEYS.to_vec();
        keys.sort_unstable();
        assert_eq!(named, keys);
        assert!(table.try_into::<Written>().is_ok(), "of the right types");
        // serde lists the struct's own fields when it meets one it does not know.
        let told = toml::from_str::<Written>("x = 1").err().expect("refused");
        for key in KEYS {
            assert!(told.message().contains(&format!("`{key}`")), "{key}");
        }
        assert_eq!(told.message().matches('`').count(), 2 * (KEYS.len() + 1));
        assert!(read(EXAMPLE, &[]).is_ok(), "as it ships");
    }

    #[test]
    fn a_mistake_is_told_with_file_and_line_and_without_secrets() {
        for (text, says) in [
            ("data = \"x\"\nlistn = \"y\"", "x.toml:2"),
            ("data = \"x\"\nlistn = \"y\"", "unknown field `listn`"),
            ("behind_proxy = \"maybe\"", "x.toml:1"),
            ("log_format = \"xml\"", "text"),
            ("database = \"postgres://a:secret@h/d", "x.toml:1"),
            ("database = \"mysql://a:secret@h/d\"", "database address"),
            ("public_url = \"clearpicture\"", "public_url"),
            (
                "master_key_file = \"a\"\nmaster_key_command = \"b\"",
                "keep one",
            ),
        ] {
            let stop = read(text, &[]).expect_err(text);
            assert!(stop.words().contains(says), "{}", stop.words());
            assert!(!stop.words().contains("secret"), "{}", stop.words());
            assert!(matches!(stop, Stop::Misuse(_)));
        }
    }

    #[test]
    fn the_environment_outranks_the_file_and_secrets_are_withheld() {
        let settings = read(
            "listen = \"a:1\"\nmaster_key_command = \"vault --token secret\"",
            &[
                ("listen", "b:2"),
                ("database", "postgres://u:secret@h/d"),
                ("behind_proxy", "true"),
            ],
        )
        .expect("read");
        assert_eq!(settings.listen, "b:2");
        assert!(settings.behind_proxy);
        let shown = format!("{settings:?}");
        assert!(!shown.contains("secret"), "{shown}");
        let stop = read("", &[("behind_proxy", "x")]).expect_err("refused");
        assert!(stop.words().contains("CLEARPICTURE_BEHIND_PROXY"));
    }
}
