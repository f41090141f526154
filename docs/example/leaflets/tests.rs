//! What a stock of leaflets allows.

use clearpicture_store::Record as _;

use super::rules::{Refusal, give_out};
use super::types::Leaflet;

#[test]
fn no_more_can_be_given_out_than_there_are() {
    let stock = Leaflet::samples().remove(0);
    assert_eq!(give_out(&stock, 40).map(|after| after.left), Ok(0));
    assert_eq!(give_out(&stock, 41), Err(Refusal::TooMany(40)));
    assert_eq!(give_out(&stock, 0), Err(Refusal::Nothing));
}
