//! Two MiniJinja environments that look like one to a page.
//!
//! *Components* are the GOV.UK Design System's own templates, from the
//! `govuk-frontend-jinja` wheel. They are written for Jinja's lenient undefined
//! values, so they live in an environment of their own. *Pages* are ours and
//! strict: a field that is not there stops start-up, not a person's work.
//!
//! Pages call components as functions: `{{ govukButton({"text": "Save"}) }}`.
//! On the way across, a value that is undefined is an error and one that is
//! `none` is left out, so an `Option` in a page struct means "leave it out".
//!
//! Page templates lie in their capability's folder and are named from `src`:
//! `shell/layout.html`, `referrals/board.html`. They are inside the binary; a
//! debug build reads them from disk on every request instead.

use std::sync::Arc;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Kwargs, ValueKind};
use minijinja::{
    AutoEscape, Environment, Error, ErrorKind, Output, State, TemplateSource, UndefinedBehavior,
    Value, context, escape_formatter,
};
use rust_embed::{EmbeddedFile, RustEmbed};

use super::assets;
use super::page::{Page, PageSpec, Shell};

/// All templates, ready to render; one per process, cheap to share behind an `Arc`.
pub struct Templates {
    pages: Environment<'static>,
}

/// A page that could not be made. It is ours to mend, never the reader's.
#[derive(Debug, thiserror::Error)]
pub enum TemplateFault {
    /// The template failed; `place` is where, innermost first, as `file:line`.
    #[error("page `{template}` does not render: {what} ({place})")]
    DoesNotRender {
        /// The page's template.
        template: &'static str,
        /// What kind of thing went wrong, without any value from the page.
        what: String,
        /// Files and lines, innermost first.
        place: String,
        /// The whole error. It may quote a value, so it is for start-up and tests, not for logs.
        source: Box<Error>,
    },
    /// A page without a sample cannot be proved to render.
    #[error("page `{template}` has no sample")]
    NoSample {
        /// The page's template.
        template: &'static str,
    },
}

impl Default for Templates {
    fn default() -> Self {
        Self::load()
    }
}

impl Templates {
    /// Sets both environments up. Templates are read when first needed; see [`Self::check`].
    pub fn load() -> Self {
        Self {
            pages: page_environment(component_environment()),
        }
    }

    /// Renders `page` as a whole document inside `shell`.
    pub fn render<P: Page>(&self, shell: &Shell, page: &P) -> Result<String, TemplateFault> {
        let context = context! {
            shell => Value::from(minijinja::value::Serde(shell)),
            title => page.title(),
            page => Value::from(minijinja::value::Serde(page)),
        };
        self.pages
            .get_template(P::TEMPLATE)
            .and_then(|template| template.render(context))
            .map_err(|error| does_not_render(P::TEMPLATE, error))
    }

    /// Renders `source` as if it were a page's template, without a frame.
    #[cfg(test)]
    pub(super) fn render_source(&self, source: &str, page: Value) -> Result<String, Error> {
        self.pages
            .render_named_str("try.html", source, context! { page })
    }

    /// Renders every sample of every page, or says which does not and where: start-up refuses on it.
    pub fn check(&self, pages: &[PageSpec]) -> Result<(), TemplateFault> {
        for page in pages {
            (page.render_samples)(self)?;
        }
        Ok(())
    }
}

fn does_not_render(template: &'static str, error: Error) -> TemplateFault {
    let mut places = Vec::new();
    let mut what = error.kind();
    let mut next = Some(&error);
    while let Some(inner) = next {
        what = inner.kind();
        if let Some(name) = inner.name() {
            places.push(format!("{name}:{}", inner.line().unwrap_or_default()));
        }
        next = std::error::Error::source(inner).and_then(|source| source.downcast_ref());
    }
    places.reverse();
    places.dedup();
    TemplateFault::DoesNotRender {
        template,
        what: what.to_string(),
        place: places.join(", from "),
        source: Box::new(error),
    }
}

#[derive(RustEmbed)]
#[folder = "../../assets/wheel/govuk_frontend_jinja/templates"]
#[include = "*.html"]
struct ComponentFiles;

#[derive(RustEmbed)]
#[folder = "src"]
#[include = "*.html"]
struct PageFiles;

fn component_environment() -> Environment<'static> {
    let mut components = Environment::new();
    // Error messages would otherwise carry the values they met.
    components.set_debug(false);
    components.set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
    components.set_formatter(print);
    components.add_filter("escape", escape);
    components.add_filter("length", |value: &Value| value.len().unwrap_or_default());
    components.set_loader(|name| {
        let name = name.strip_prefix("govuk_frontend_jinja/").unwrap_or(name);
        ComponentFiles::get(name)
            .map(|file| text(name, file))
            .transpose()
    });
    components
}

fn page_environment(components: Environment<'static>) -> Environment<'static> {
    let mut pages = Environment::new();
    pages.set_debug(false);
    pages.set_undefined_behavior(UndefinedBehavior::Strict);
    if let Ok(syntax) = SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .build()
    {
        pages.set_syntax(syntax);
    }
    // An `Option` that is `None` prints nothing, rather than the word "none".
    pages.set_formatter(|out, state, value| match value.kind() {
        ValueKind::None => Ok(()),
        _ => print(out, state, value),
    });
    pages.add_filter("escape", escape);
    pages.set_loader(load_page);
    pages.add_function("asset", asset);
    pages.add_function("field_error", field_error);
    let components = Arc::new(components);
    for component in component_names() {
        let components = Arc::clone(&components);
        let function = function_name(&component);
        let file = format!("components/{component}/macro.html");
        pages.add_function(
            function.clone(),
            move |state: &mut State, params: Option<Value>, kwargs: Kwargs| {
                let mut params = across(&function, params.unwrap_or_else(no_params))?;
                if let Some(caller) = kwargs.get::<Option<Value>>("caller")? {
                    let html = caller.call(state, &[])?;
                    params = context! { html, ..params };
                }
                kwargs.assert_all_used()?;
                call_component(&components, &file, &function, params).map(Value::from_safe_string)
            },
        );
    }
    pages
}

fn call_component(
    components: &Environment<'static>,
    file: &str,
    function: &str,
    params: Value,
) -> Result<String, Error> {
    components
        .get_template(file)?
        .render_captured(no_params())?
        .with_state_mut(|state| state.call_macro(function, &[params]))
}

/// Carries a page's value over to the lenient side, where nothing would notice a mistake.
fn across(function: &str, value: Value) -> Result<Value, Error> {
    match value.kind() {
        ValueKind::Undefined => Err(Error::new(
            ErrorKind::UndefinedError,
            format!("`{function}` was given a value that is not there"),
        )),
        ValueKind::Map => {
            let mut pairs = Vec::new();
            for key in value.try_iter()? {
                let item = value.get_item(&key)?;
                if !item.is_none() {
                    pairs.push((key, across(function, item)?));
                }
            }
            Ok(Value::from_pairs(pairs))
        }
        ValueKind::Seq | ValueKind::Iterable => value
            .try_iter()?
            .filter(|item| !item.is_none())
            .map(|item| across(function, item))
            .collect::<Result<Vec<_>, _>>()
            .map(Value::from),
        _ => Ok(value),
    }
}

/// Prints a value as the design system's own engine does: MiniJinja's escaping is as
/// safe, but writes every `/` of every address as `&#x2f;`.
fn print(out: &mut Output, state: &mut State, value: &Value) -> Result<(), Error> {
    match value.as_str() {
        Some(words) if *state.auto_escape() == AutoEscape::Html && !value.is_safe() => {
            out.write_str(&escaped(words)).map_err(Error::from)
        }
        _ => escape_formatter(out, state, value),
    }
}

fn escape(value: Value) -> Value {
    if value.is_safe() {
        return value;
    }
    Value::from_safe_string(escaped(&value.to_string()))
}

fn escaped(words: &str) -> String {
    let mut html = String::with_capacity(words.len());
    for letter in words.chars() {
        match letter {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            other => html.push(other),
        }
    }
    html
}

fn no_params() -> Value {
    Value::from_pairs(std::iter::empty::<(&str, Value)>())
}

fn asset(name: &str) -> Result<String, Error> {
    assets::address(name).ok_or_else(|| {
        Error::new(
            ErrorKind::InvalidOperation,
            format!("there is no asset called `{name}`"),
        )
    })
}

/// What is wrong with one field, as the components take it; nothing when nothing is.
fn field_error(errors: &Value, field: &str) -> Result<Value, Error> {
    let text = errors.get_attr("by_field")?.get_item(&Value::from(field))?;
    if text.is_undefined() {
        return Ok(Value::from(()));
    }
    Ok(context! { text })
}

fn load_page(name: &str) -> Result<Option<TemplateSource>, Error> {
    let Some(file) = PageFiles::get(name) else {
        return Ok(None);
    };
    let source = TemplateSource::new(text(name, file)?);
    // What is inside the binary does not change; what lies on disk may.
    Ok(Some(source.with_uptodate_check(|| !cfg!(debug_assertions))))
}

fn text(name: &str, file: EmbeddedFile) -> Result<String, Error> {
    String::from_utf8(file.data.into_owned()).map_err(|error| {
        Error::new(
            ErrorKind::SyntaxError,
            format!("template `{name}` is not UTF-8"),
        )
        .with_source(error)
    })
}

fn component_names() -> impl Iterator<Item = String> {
    ComponentFiles::iter().filter_map(|path| {
        let name = path
            .strip_prefix("components/")?
            .strip_suffix("/macro.html")?;
        Some(name.to_owned())
    })
}

/// `date-input` is called as `govukDateInput`.
fn function_name(component: &str) -> String {
    let mut name = "govuk".to_owned();
    for word in component.split('-') {
        let mut letters = word.chars();
        name.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        name.extend(letters);
    }
    name
}

#[cfg(test)]
#[path = "templates_tests.rs"]
mod tests;
