//! A report as one web page that needs nothing beside it: to mail, to keep, to read without the product.

use minijinja::{Environment, context};

use crate::data::data;
use crate::fonts::Fonts;
use crate::report::{Report, ReportFault};

const TEMPLATE: &str = include_str!("../templates/report.html");

/// `report` as HTML.
///
/// # Errors
/// [`ReportFault`] when a chart cannot be drawn or the template fails.
pub fn html(report: &Report, fonts: &Fonts) -> Result<String, ReportFault> {
    let data = data(report, fonts)?;
    let fault = |error: minijinja::Error| ReportFault::Set(error.to_string());
    let mut environment = Environment::new();
    environment.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
    environment
        .add_template("report.html", TEMPLATE)
        .map_err(fault)?;
    let template = environment.get_template("report.html").map_err(fault)?;
    template
        .render(context! { report => minijinja::value::Serde(&data) })
        .map_err(fault)
}
