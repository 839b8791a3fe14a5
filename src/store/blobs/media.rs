//! What a file is, by its bytes. What its name or its sender says is never believed.

use memchr::memmem;

/// Kinds of file that are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Media {
    Jpeg,
    Png,
    Webp,
    Heic,
    Pdf,
}

impl Media {
    pub const ALL: [Self; 5] = [Self::Jpeg, Self::Png, Self::Webp, Self::Heic, Self::Pdf];

    /// The media type (RFC 6838).
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Webp => "image/webp",
            Self::Heic => "image/heic",
            Self::Pdf => "application/pdf",
        }
    }

    pub fn parse(raw: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == raw)
    }

    /// How names of such files end; the first is the usual one.
    pub fn extensions(self) -> &'static [&'static str] {
        match self {
            Self::Jpeg => &["jpg", "jpeg"],
            Self::Png => &["png"],
            Self::Webp => &["webp"],
            Self::Heic => &["heic", "heif"],
            Self::Pdf => &["pdf"],
        }
    }

    /// What bytes that begin like this are.
    pub fn sniff(head: &[u8]) -> Option<Self> {
        let brand = |brands: &[&[u8]]| brands.contains(&head.get(8..12).unwrap_or_default());
        if head.starts_with(b"\xFF\xD8\xFF") {
            Some(Self::Jpeg)
        } else if head.starts_with(b"\x89PNG\r\n\x1A\n") {
            Some(Self::Png)
        } else if head.starts_with(b"RIFF") && brand(&[b"WEBP"]) {
            Some(Self::Webp)
        } else if head.get(4..8) == Some(b"ftyp")
            && brand(&[b"heic", b"heix", b"heim", b"heis", b"mif1"])
        {
            Some(Self::Heic)
        } else if head.starts_with(b"%PDF-") {
            Some(Self::Pdf)
        } else {
            None
        }
    }

    /// Whether the end is there too: a file that was cut on its way is none. The content is not decoded.
    pub fn is_whole(self, bytes: &[u8]) -> bool {
        match self {
            Self::Jpeg => jpeg_ends(bytes),
            Self::Png => memmem::find(bytes, b"IEND\xAE\x42\x60\x82").is_some(),
            Self::Webp => bytes
                .get(4..8)
                .and_then(|size| size.try_into().ok())
                .is_some_and(|size| u64::from(u32::from_le_bytes(size)) + 8 <= bytes.len() as u64),
            Self::Heic => boxes_fit(bytes),
            // Some writers add a line or padding behind the end.
            Self::Pdf => {
                memmem::find(&bytes[bytes.len().saturating_sub(2048)..], b"%%EOF").is_some()
            }
        }
    }
}

/// Walks the segments up to the first scan, behind which an end marker must come: in a scan a 0xFF byte is always followed
/// by another one than that of the end. (A thumbnail in the head has an end of its own; phones write more behind the end.)
fn jpeg_ends(bytes: &[u8]) -> bool {
    let mut at = 2;
    while let Some(&[0xFF, marker, high, low]) =
        bytes.get(at..at + 4).and_then(|four| four.first_chunk())
    {
        if marker == 0xFF {
            // Padding.
            at += 1;
            continue;
        }
        at += 2 + usize::from(u16::from_be_bytes([high, low]));
        if marker == 0xDA {
            return bytes
                .get(at..)
                .is_some_and(|rest| memmem::find(rest, b"\xFF\xD9").is_some());
        }
    }
    false
}

/// Whether the boxes of an ISO base media file end where it ends.
fn boxes_fit(bytes: &[u8]) -> bool {
    let length = bytes.len() as u64;
    let mut at: u64 = 0;
    while at < length {
        let Some(head) = usize::try_from(at).ok().and_then(|at| bytes.get(at..)) else {
            return false;
        };
        let Some(size) = head.first_chunk::<4>() else {
            return false;
        };
        let size = match u32::from_be_bytes(*size) {
            // To the end of the file.
            0 => return true,
            1 => match head.get(8..16).and_then(|size| size.try_into().ok()) {
                Some(size) => u64::from_be_bytes(size),
                None => return false,
            },
            size => u64::from(size),
        };
        if size < 8 {
            return false;
        }
        at = at.saturating_add(size);
    }
    at == length
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jpeg() -> Vec<u8> {
        let mut bytes = b"\xFF\xD8\xFF\xE0\x00\x04ab".to_vec();
        // A thumbnail with an end of its own.
        bytes.extend(b"\xFF\xE1\x00\x08x\xFF\xD9xyz");
        bytes.extend(b"\xFF\xDA\x00\x04abscan\xFF\x00scan\xFF\xD9");
        bytes
    }

    #[test]
    fn bytes_say_what_a_file_is() {
        for (head, kind) in [
            (&b"\xFF\xD8\xFF\xE0"[..], Some(Media::Jpeg)),
            (b"\x89PNG\r\n\x1A\n", Some(Media::Png)),
            (b"RIFF\x04\0\0\0WEBP", Some(Media::Webp)),
            (b"RIFF\x04\0\0\0WAVE", None),
            (b"\0\0\0\x18ftypheic", Some(Media::Heic)),
            (b"\0\0\0\x18ftypisom", None),
            (b"%PDF-1.7", Some(Media::Pdf)),
            (b"<html>", None),
            (b"MZ", None),
            (b"", None),
        ] {
            assert_eq!(Media::sniff(head), kind, "{head:?}");
        }
    }

    #[test]
    fn a_file_that_was_cut_is_not_whole() {
        let png = b"\x89PNG\r\n\x1A\n\0\0\0\0IEND\xAE\x42\x60\x82".to_vec();
        let webp = b"RIFF\x08\0\0\0WEBPVP8 ".to_vec();
        let heic = b"\0\0\0\x0Cftypheic\0\0\0\x0Amdatab".to_vec();
        let pdf = b"%PDF-1.7\n1 0 obj\n%%EOF\n".to_vec();
        for (media, bytes) in [
            (Media::Jpeg, jpeg()),
            (Media::Png, png),
            (Media::Webp, webp),
            (Media::Heic, heic),
            (Media::Pdf, pdf),
        ] {
            assert_eq!(Media::sniff(&bytes), Some(media));
            assert!(media.is_whole(&bytes), "{media:?}");
            let cut = &bytes[..bytes.len() - 3];
            assert!(!media.is_whole(cut), "{media:?}");
            for length in 0..bytes.len() {
                // Never panics, whatever is missing.
                media.is_whole(&bytes[..length]);
            }
        }
    }
}
