//! The invented borough: its wards, postcodes, schools and populations. No post office uses its postcodes, and no school
//! its numbers.

use crate::draw::Draw;

/// The local authority, as its returns name it.
pub(crate) const AUTHORITY: &str = "Northwater";
/// Its code, of the shape that statistics use; none is given out beyond 099.
const AUTHORITY_CODE: &str = "E08009900";

const STREETS: [&str; 24] = [
    "Mill", "Heron", "Weir", "Quarry", "Orchard", "Chapel", "Foundry", "Beacon", "Harrow", "Kiln",
    "Larch", "Meadow", "Osier", "Priory", "Rook", "Saddler", "Tanner", "Thorn", "Wharf", "Willow",
    "Brook", "Cinder", "Drover", "Elder",
];
const KINDS: [&str; 6] = ["Lane", "Road", "Street", "Close", "Court", "Rise"];
/// Parts of the invented borough, with an outward code of an area that no post office uses.
const WARDS: [(&str, &str); 8] = [
    ("Fenby", "ZN1"),
    ("Northwater", "ZN2"),
    ("Harrowgate Green", "ZN3"),
    ("Osier Bank", "ZN4"),
    ("Saltway", "ZN5"),
    ("Quarrydale", "ZN6"),
    ("Thornfield", "ZN7"),
    ("Wharfside", "ZN8"),
];
const INWARD: [&str; 20] = [
    "A", "B", "D", "E", "F", "G", "H", "J", "L", "N", "P", "Q", "R", "S", "T", "U", "W", "X", "Y",
    "Z",
];
/// The small areas of one ward.
const SMALL_AREAS: u64 = 10;

/// An address of the borough, the postcode last.
pub(crate) fn address(draw: &mut Draw) -> Vec<String> {
    let (ward, outward) = draw.pick(&WARDS).copied().unwrap_or(("", ""));
    let number = 1 + draw.below(120);
    let mut lines = vec![format!(
        "{number} {} {}",
        draw.word(&STREETS),
        draw.word(&KINDS)
    )];
    if draw.happens(120) {
        lines.insert(0, format!("Flat {}", 1 + draw.below(30)));
    }
    lines.push(ward.to_owned());
    lines.push(format!(
        "{outward} {}{}{}",
        draw.below(10),
        draw.word(&INWARD),
        draw.word(&INWARD)
    ));
    lines
}

fn ward_code(ward: usize) -> String {
    format!("E0509990{ward}")
}

fn small_area_code(ward: usize, area: u64) -> String {
    format!("E019990{ward}{area}")
}

/// Its areas, as rows of code, name, kind and what they lie within.
pub(crate) fn areas() -> Vec<[String; 4]> {
    let mut rows = vec![[
        AUTHORITY_CODE.to_owned(),
        AUTHORITY.to_owned(),
        "district".to_owned(),
        String::new(),
    ]];
    for (number, (ward, _)) in WARDS.iter().enumerate() {
        rows.push([
            ward_code(number),
            (*ward).to_owned(),
            "ward".to_owned(),
            AUTHORITY_CODE.to_owned(),
        ]);
        rows.extend((0..SMALL_AREAS).map(|area| {
            [
                small_area_code(number, area),
                format!("{AUTHORITY} {:03}{}", number + 1, area),
                "lsoa".to_owned(),
                ward_code(number),
            ]
        }));
    }
    rows
}

/// Every postcode of the borough, as rows of postcode, small area, ward and authority.
pub(crate) fn postcodes() -> impl Iterator<Item = [String; 4]> {
    let wards = WARDS.iter().enumerate();
    wards.flat_map(|(number, (_, outward))| {
        (0..SMALL_AREAS).flat_map(move |digit| {
            let inward = INWARD
                .iter()
                .flat_map(|one| INWARD.iter().map(move |other| (*one, *other)));
            inward.map(move |(one, other)| {
                [
                    format!("{outward} {digit}{one}{other}"),
                    small_area_code(number, digit),
                    ward_code(number),
                    AUTHORITY_CODE.to_owned(),
                ]
            })
        })
    })
}

/// How many people live there, of all ages, by ethnic group: so many for each child.
pub(crate) fn population(children: u64) -> Vec<(&'static str, u64, u64)> {
    let whole = children * 9 / 2;
    let of = |share: u64| whole * share / 100;
    let (black, asian, mixed, other) = (of(9), of(15), of(4), of(8));
    let white = whole - black - asian - mixed - other;
    vec![
        ("White", white, whole),
        ("Black", black, whole),
        ("Asian", asian, whole),
        ("Mixed", mixed, whole),
        ("Other", other, whole),
    ]
}
