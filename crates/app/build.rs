//! Refuses to build without the front-end assets, and says how to make them.

use std::path::Path;

const MADE_BY_ASSETS_BUILD: [&str; 2] = [
    "../../assets/dist/clearpicture.css",
    "../../assets/wheel/govuk_frontend_jinja/templates",
];

fn main() {
    // New page templates are embedded too, and cargo sees only files it knows.
    for input in ["../../assets/dist", "../../assets/wheel", "src"] {
        println!("cargo::rerun-if-changed={input}");
    }
    for path in MADE_BY_ASSETS_BUILD {
        if !Path::new(path).exists() {
            println!(
                "cargo::error=the front-end assets are not built: run `make assets` first (missing {path})"
            );
        }
    }
}
