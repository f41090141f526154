//! Health: who is registered with a doctor, as one bundle of FHIR R4 patients.

use clearpicture_kernel::Date;
use serde_json::json;

use crate::SynthError;
use crate::child::{AS_OF, Child};
use crate::draw::Draw;
use crate::life::Life;
use crate::names::Names;
use crate::numbers::nhs_number;
use crate::scribe::{Out, Scribe, Truth};
use crate::slips::{Slips, Written};

/// The name of its file.
pub(crate) const FILE: &str = "fhir-patient.json";
/// The use of lots.
const STREAM: u64 = 50;

/// Its file being written.
pub(crate) struct Health<'n> {
    draw: Draw,
    names: &'n Names,
    out: Out,
    is_first: bool,
}

impl<'n> Health<'n> {
    pub(crate) fn new(seed: u64, names: &'n Names, mut out: Out) -> Result<Self, SynthError> {
        out.write_all(b"{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[\n")?;
        Ok(Self {
            draw: Draw::of(seed, STREAM),
            names,
            out,
            is_first: true,
        })
    }
}

impl Scribe for Health<'_> {
    fn child(&mut self, child: &Child, life: &Life, truth: &mut Truth) -> Result<(), SynthError> {
        if !life.registered {
            return Ok(());
        }
        let on = Date::new(AS_OF.0, AS_OF.1, AS_OF.2).unwrap_or(child.born);
        let written = Written::of(child, life, on, Slips::HEALTH, self.names, &mut self.draw);
        let number = nhs_number(child.number);
        let mut patient = json!({
            "resourceType": "Patient",
            "id": number,
            "meta": { "security": [{ "code": if life.protected { "R" } else { "U" } }] },
            "identifier": [{ "system": "https://fhir.nhs.uk/Id/nhs-number", "value": number }],
            "name": [{ "use": "usual", "given": [written.given], "family": written.family }],
            "birthDate": written.born.to_string(),
            "gender": match written.is_girl { Some(true) => "female", Some(false) => "male", None => "unknown" },
        });
        // Where a protected child lives is not given out.
        if !life.protected
            && let Some(patient) = patient.as_object_mut()
        {
            let postcode = written.postcode().to_owned();
            let lines = written.address.len() - usize::from(written.has_postcode);
            let lines: Vec<&String> = written.address.iter().take(lines).collect();
            let address = json!([{ "use": "home", "line": lines, "postalCode": postcode }]);
            patient.insert("address".to_owned(), address);
        }
        let comma: &[u8] = if self.is_first { b"" } else { b",\n" };
        self.is_first = false;
        self.out.write_all(comma)?;
        let entry = json!({ "resource": patient });
        self.out.write_all(entry.to_string().as_bytes())?;
        truth.note(FILE, &number, child)
    }

    fn end(&mut self) -> Result<(), SynthError> {
        self.out.write_all(b"\n]}\n")?;
        Ok(self.out.flush()?)
    }
}
