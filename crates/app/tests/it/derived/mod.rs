//! What holds for every route and every kind of record, derived from what the capabilities say
//! of themselves: a new capability is tried without a word here.

mod controls;
mod counts;
mod forms;
mod ground;
mod hostile;
mod leaves_history;
mod lists;
mod no_ids;
mod planted;
mod routes;
