//! What holds for every route and every kind of record, derived from what the capabilities say
//! of themselves: a new capability is tried without a word here.

mod forms;
mod ground;
mod hostile;
mod leaves_history;
mod lists;
mod planted;
mod routes;
