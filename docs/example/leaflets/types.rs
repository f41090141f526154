//! What a leaflet in stock is, and what can be done with it.

use clearpicture_access::{AccessClass, Kind, actions};
use clearpicture_kernel::{AgencyId, Line, TypedId as _, define_id};
use clearpicture_store::{Record, Said, Stamp};
use sea_orm::ActiveValue::Set;
use serde::{Deserialize, Serialize};

use super::store::row;
use crate::history::Shown;

define_id!(LeafletId, "leaflet", "A leaflet in an agency's stock.");

/// A leaflet that an agency keeps in stock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leaflet {
    /// Whose stock it is in.
    pub agency: AgencyId,
    /// What it is called.
    pub title: Line,
    /// How many are left.
    pub left: u32,
}

impl Kind for Leaflet {
    const NAME: &'static str = "leaflet";
    const PERSONAL: bool = false;
}

actions! { pub on Leaflet:
    see SeeLeaflet = "leaflets.see", "see which leaflets are in stock";
    add AddLeaflet = "leaflets.add", "add a leaflet to the stock";
    change GiveOutLeaflets = "leaflets.give-out", "record leaflets given out";
}

impl Record for Leaflet {
    type Id = LeafletId;
    type Row = row::Entity;
    const BODY_VERSION: u16 = 1;

    fn class(&self, _: &LeafletId) -> AccessClass {
        AccessClass::ordinary(Self::NAME, Some(self.agency))
    }

    fn row(&self, stamp: Stamp) -> row::ActiveModel {
        row::ActiveModel {
            id: Set(stamp.id),
            version: Set(stamp.version),
            class_id: Set(stamp.class_id),
            agency_id: Set(self.agency.to_string()),
            title: Set(self.title.to_string()),
            left_over: Set(i64::from(self.left)),
        }
    }

    fn say(&self) -> Vec<Said> {
        vec![
            Said::new("Title", self.title.as_str()),
            Said::new("Left", self.left.to_string()),
        ]
    }

    fn samples() -> Vec<Self> {
        let agency = AgencyId::parse("agency_00000000000000000000000001").ok();
        let title = Line::parse("Who to <tell>").ok();
        agency
            .zip(title)
            .map(|(agency, title)| Self {
                agency,
                title,
                left: 40,
            })
            .into_iter()
            .collect()
    }
}

impl Shown for Leaflet {
    fn title(&self) -> String {
        self.title.to_string()
    }

    fn href(_: &LeafletId) -> String {
        "/leaflets".to_owned()
    }

    fn list() -> (&'static str, &'static str) {
        ("Leaflets", "/leaflets")
    }
}
