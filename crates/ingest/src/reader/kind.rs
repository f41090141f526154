//! What kind of file some bytes are.

/// What a file is, as its first bytes tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Delimited,
    Xml,
    Json,
    Workbook,
    /// A workbook of before 2007, or one behind a password: both are the same kind of container.
    OldContainer {
        locked: bool,
    },
    /// A document, a picture or an archive.
    Other,
}

impl Kind {
    /// The kind of a file that begins with `sample`.
    pub(crate) fn of(sample: &[u8]) -> Self {
        const CONTAINER: &[u8] = &[0xd0, 0xcf, 0x11, 0xe0];
        const OTHERS: [&[u8]; 7] = [
            b"%PDF",
            b"\x89PNG",
            b"\xff\xd8\xff",
            b"\x1f\x8b",
            b"7z\xbc\xaf",
            b"Rar!",
            b"{\\rtf",
        ];
        if sample.starts_with(b"PK\x03\x04") {
            return Self::Workbook;
        }
        if sample.starts_with(CONTAINER) {
            let name: Vec<u8> = "EncryptedPackage"
                .encode_utf16()
                .flat_map(u16::to_le_bytes)
                .collect();
            let locked = sample.windows(name.len()).any(|part| part == name);
            return Self::OldContainer { locked };
        }
        if OTHERS.iter().any(|start| sample.starts_with(start)) {
            return Self::Other;
        }
        // Whatever the encoding, the first sign tells: marks, noughts of wide encodings and space mean nothing.
        let space = |byte: &&u8| {
            !matches!(
                **byte,
                0xef | 0xbb | 0xbf | 0xff | 0xfe | 0 | b' ' | b'\t' | b'\r' | b'\n'
            )
        };
        match sample.iter().find(space) {
            Some(b'<') => Self::Xml,
            Some(b'{' | b'[') => Self::Json,
            _ => Self::Delimited,
        }
    }
}
