//! What figures may show, held to it from the reader's side.

mod disclosure;
mod figures;
mod measures;
