//! Signs that tell that a text was read in another encoding than it was written in: where they stand, not how often.
//!
//! What is Windows-1252, as Western Europe writes, has letters where words have letters. What is something else, read as
//! Windows-1252, has signs there that no word holds: `Zo‘` (Macintosh), `Jos‚` (MS-DOS), `£ukasz` (Central Europe). What
//! is UTF-8 and was taken for Windows-1252 before it came has pairs that nobody writes: `ZoÃ«`, `Oâ€™Dwyer`.

use encoding_rs::WINDOWS_1252;

/// Whether characters of a text were lost or taken for others before it came. It may not be told of every text.
pub(crate) fn is_damaged(text: &str) -> bool {
    text.contains(|c: char| c == char::REPLACEMENT_CHARACTER || is_control(c))
        || is_encoded_twice(text)
}

/// The controls of ISO 8859-1, which stand in no text: each was another sign in another encoding.
fn is_control(c: char) -> bool {
    matches!(c, '\u{80}'..='\u{9f}')
}

/// The text with a sign that all see for each that cannot be shown.
pub(crate) fn shown(text: &str) -> Option<String> {
    let shown = |c: char| {
        if is_control(c) {
            char::REPLACEMENT_CHARACTER
        } else {
            c
        }
    };
    text.contains(is_control)
        .then(|| text.chars().map(shown).collect())
}

/// Whether some signs, in Windows-1252, are the bytes of one character of UTF-8 that somebody would write.
fn is_encoded_twice(text: &str) -> bool {
    let mut signs = text.chars().peekable();
    while let Some(first) = signs.next() {
        let more = match first {
            // Latin letters and signs; what stands behind them is no mark that ends a word or a sentence.
            'Â' | 'Ã' | 'Ä' | 'Å' => 1,
            // Greek, Cyrillic, Hebrew and Arabic letters.
            'Î' | 'Ï' | 'Ð' | 'Ñ' | '×' | 'Ø' | 'Ù' => 1,
            // Marks, and letters of Vietnam.
            'â' | 'á' => 2,
            _ => continue,
        };
        let rest: Vec<char> = signs.clone().take(more).collect();
        let closes = matches!(first, 'Î'..='Ù')
            && rest.first().is_some_and(|c| "’”“‘–—…»\u{a0}".contains(*c));
        if rest.len() == more && rest.iter().all(|c| is_continued(*c)) && !closes {
            return true;
        }
    }
    false
}

/// Whether a sign is, in Windows-1252 or ISO 8859-1, a byte within a character of UTF-8.
fn is_continued(c: char) -> bool {
    if is_control(c) {
        return true;
    }
    let mut buffer = [0; 4];
    let (bytes, _, lost) = WINDOWS_1252.encode(c.encode_utf8(&mut buffer));
    !lost && matches!(*bytes, [0x80..=0xbf])
}

/// Signs of a text beyond ASCII, where each is told by its neighbours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Signs {
    /// Letters, and signs where they may stand.
    pub(crate) sound: usize,
    /// Signs where none stands.
    pub(crate) strange: usize,
}

impl Signs {
    /// The signs of a text.
    pub(crate) fn of(text: &str) -> Self {
        let mut signs = Self::default();
        let mut before = ' ';
        let mut all = text.chars().peekable();
        while let Some(sign) = all.next() {
            if !sign.is_ascii() {
                let after = all.peek().copied().unwrap_or(' ');
                match fits(before, sign, after) {
                    Some(true) => signs.sound += 1,
                    Some(false) => signs.strange += 1,
                    None => {}
                }
            }
            before = sign;
        }
        signs
    }

    /// Counts others with them.
    pub(crate) const fn add(&mut self, others: Self) {
        self.sound += others.sound;
        self.strange += others.strange;
    }

    /// Whether the encoding that gave them was the right one: what is strange may be a slip here and there.
    pub(crate) const fn are_right(self) -> bool {
        self.strange * 5 <= self.sound
    }
}

/// Whether a sign may stand between two others; `None` where it tells nothing.
fn fits(before: char, sign: char, after: char) -> Option<bool> {
    let (follows, precedes) = (before.is_alphabetic(), after.is_alphabetic());
    Some(match sign {
        '\u{a0}' | '\u{ad}' => return None,
        _ if is_control(sign) => false,
        // Capitals that no language sets behind a small letter, which other encodings have in the places of é, ä and ü.
        'Š' | 'Œ' | 'Ž' | 'Ÿ' => !before.is_lowercase(),
        'ƒ' => !follows && !precedes,
        // An opening mark begins a word, save where it is an apostrophe; a closing one ends it.
        '‘' => !follows || precedes,
        '“' | '„' | '‚' | '‹' | '«' => !follows,
        '”' | '›' | '»' => !precedes,
        '¿' | '¡' => !follows,
        '²' | '³' => !precedes && (!follows || before == 'm'),
        '°' | 'µ' => !follows,
        '€' | '£' | '¥' | '¢' | '¤' | '¹' | '¼' | '½' | '¾' | '•' | '†' | '‡' | '‰' | 'ˆ' | '˜'
        | '¨' | '¯' | '´' | '¸' | '¦' | '¬' | '±' | '×' | '÷' | '¶' => {
            !follows && !precedes
        }
        _ => true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_as_they_are_written_are_sound() {
        for name in [
            "Zoë Brontë",
            "O’Dwyer",
            "O‘Dwyer",
            "Małgorzata Dąbrowska",
            "Łukasz Wójcik",
            "Çağrı Kılıç",
            "Šárka Žižková",
            "JOSÉ’S",
            "‘Bee’ Marsh",
            "Mª José",
            "Núñez–Reed",
            "hÉalaithe",
            "Nguyễn Thị",
            "São Tomé",
            "JOÃO",
            "Ünal",
            "Ørsted",
            "Håkon",
            "日本",
            "Ελένη",
            "Шевченко",
            "محمد",
            "Àlex Paral·lel",
            "“Ada”",
            "Œuvre",
            "É",
            "Þór",
            "CAFÉ»",
            "RENÉ’S HOUSE",
            "10 m²",
            "20°C",
            "£5",
            "Flat ½",
        ] {
            assert_eq!(Signs::of(name).strange, 0, "{name}");
            assert!(!is_damaged(name), "{name}");
        }
    }

    #[test]
    fn names_in_another_encoding_are_strange() {
        // Macintosh, MS-DOS and Central Europe, each read as Windows-1252.
        for name in [
            "Zo‘",
            "Bront‘ Marsh",
            "JosŽ",
            "Zo‰",
            "Jos‚",
            "M\u{81}ller",
            "J”rg",
            "£ukasz",
            "W³adys³aw",
            "¯aneta",
            "Gra¿yna",
            "D¹browska",
            "KaŸmierczak",
            "H†kon",
            "Fran‡ois",
        ] {
            assert!(Signs::of(name).strange > 0, "{name}");
        }
    }

    #[test]
    fn text_that_was_encoded_twice_is_damaged() {
        for name in [
            "ZoÃ«",
            "ChloÃ©",
            "Oâ€™Dwyer",
            "Oâ\u{80}\u{99}Dwyer",
            "MaÅ‚gorzata",
            "Å\u{81}ukasz",
            "BrÃ¶nte",
            "Nguyá»…n",
            "Â£5",
            "Ð˜Ð²Ð°Ð½",
            "Zo\u{fffd}",
        ] {
            assert!(is_damaged(name), "{name}");
        }
        assert_eq!(shown("M\u{81}ller").as_deref(), Some("M\u{fffd}ller"));
        assert_eq!(shown("Müller"), None);
    }
}
