//! What a file is, by its first bytes: CSV, JSON, or something that people mistake for them.

/// What it is instead of text in UTF-8, and what to do about it.
pub fn mistaken(start: &[u8]) -> Option<&'static str> {
    const UTF_16: &str = "This is UTF-16 text, such as Excel's \"Unicode Text\". Save it as \"CSV UTF-8\", or convert it: \
        iconv -f UTF-16 -t UTF-8 FILE";
    let nul = |place: usize| start.get(place) == Some(&0);
    Some(match start {
        [0x1f, 0x8b, ..] => "This is compressed: unpack it, as gunzip -c FILE | aftercall plan - does.",
        [b'P', b'K', 3, 4, ..] => {
            "This is an Excel workbook or a ZIP archive. Save the sheet as \"CSV UTF-8\", or unpack it."
        }
        [0xd0, 0xcf, 0x11, 0xe0, ..] => "This is an Excel workbook: save the sheet as \"CSV UTF-8\".",
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => UTF_16,
        // Without a byte order mark every other byte of Latin letters is 0.
        _ if nul(1) && nul(3) || nul(0) && nul(2) => UTF_16,
        _ if start.contains(&0) => "There are NUL bytes in it: this is no text. Export it as CSV UTF-8.",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::mistaken;

    #[test]
    fn what_it_is_instead_is_said() {
        let utf_16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
        for (bytes, words) in [
            (&b"\x1f\x8b\x08\0"[..], "compressed"),
            (b"PK\x03\x04\x14\0", "Excel workbook or a ZIP"),
            (b"\xd0\xcf\x11\xe0\xa1", "Excel workbook"),
            (&utf_16("\u{feff}id\tvalue"), "UTF-16"),
            (&utf_16("id\tvalue"), "UTF-16"),
            (b"\0i\0d", "UTF-16"),
            (b"id,value\nCAL1,\0", "NUL"),
        ] {
            assert!(mistaken(bytes).is_some_and(|said| said.contains(words)), "{words}");
        }
        for text in ["id,value", "\u{feff}id,value", "{}", ""] {
            assert_eq!(mistaken(text.as_bytes()), None, "{text}");
        }
    }
}
