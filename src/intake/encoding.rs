//! Which encoding a text file has: UTF-8 for the whole file, else strict GB18030 for the whole file, else a fault that
//! names the byte. Each answer takes one pass over the file in small pieces; nothing of the file is kept.

use std::io::{self, Seek, SeekFrom};

use encoding_rs::{Decoder, DecoderResult, GB18030};

use super::{
    source::Watched,
    wrong::{self, Wrong},
};

/// Bytes read at once.
pub(super) const CHUNK: usize = 64 << 10;
/// So many characters of valid UTF-8 beyond ASCII before the first fault do not happen in GB18030 text.
const SURELY_UTF8: usize = 16;

/// The encoding of a text file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Utf8,
    Gb18030,
}

/// Decides, and leaves the input at the first byte of text (after a byte order mark).
pub(super) fn detect(input: &mut Watched) -> io::Result<Result<Encoding, Wrong>> {
    let mut head = [0; 64];
    input.seek(SeekFrom::Start(0))?;
    let filled = input.read_full(&mut head)?;
    let head = &head[..filled];
    if looks_like_utf16(head) {
        return Ok(Err(Wrong::new(
            wrong::UTF16,
            "文件编码是 UTF-16（表格软件中的「Unicode 文本」）",
            "请在表格软件中另存为「CSV UTF-8（逗号分隔）」或 XLSX 后重新导入",
        )));
    }
    let mark = head.starts_with(b"\xEF\xBB\xBF");
    let Some(utf8) = utf8_fault(input)? else {
        input.seek(SeekFrom::Start(if mark { 3 } else { 0 }))?;
        return Ok(Ok(Encoding::Utf8));
    };
    if mark || surely_utf8(input, utf8)? {
        return Ok(Err(broken(input, utf8, "文件是 UTF-8 编码，但")?));
    }
    let Some(gb) = gb18030_fault(input)? else {
        let mark = head.starts_with(b"\x84\x31\x95\x33");
        input.seek(SeekFrom::Start(if mark { 4 } else { 0 }))?;
        return Ok(Ok(Encoding::Gb18030));
    };
    // The reading that got further is the likelier one.
    Ok(Err(broken(input, utf8.max(gb), "")?))
}

fn broken(input: &mut Watched, offset: u64, before: &str) -> io::Result<Wrong> {
    input.seek(SeekFrom::Start(offset))?;
    let mut byte = [0];
    let shown = match input.read_full(&mut byte)? {
        0 => "缺失".to_owned(),
        _ => format!("0x{:02X}", byte[0]),
    };
    let neither = if before.is_empty() {
        "既不是 UTF-8 也不是 GB18030"
    } else {
        "不是有效的 UTF-8"
    };
    Ok(Wrong::new(
        wrong::ENCODING,
        format!("{before}偏移 {offset}（从0起）处的字节 {shown} {neither}"),
        "请在表格软件中另存为「CSV UTF-8（逗号分隔）」或 XLSX 后重新导入",
    ))
}

/// A byte order mark, or zero bytes at every other place.
fn looks_like_utf16(head: &[u8]) -> bool {
    let zeros = |odd: usize| {
        let mut bytes = head.iter().skip(odd).step_by(2).peekable();
        bytes.peek().is_some() && bytes.all(|byte| *byte == 0)
    };
    let marked = head.starts_with(b"\xFF\xFE") || head.starts_with(b"\xFE\xFF");
    marked || (head.len() >= 4 && zeros(0) != zeros(1))
}

/// Offset of the first byte that is not UTF-8.
fn utf8_fault(input: &mut Watched) -> io::Result<Option<u64>> {
    input.seek(SeekFrom::Start(0))?;
    let mut buffer = vec![0; CHUNK];
    let (mut offset, mut carried) = (0_u64, 0);
    loop {
        let read = input.read_full(&mut buffer[carried..])?;
        let filled = carried + read;
        // Faster than the standard library; the standard library tells what follows the valid part.
        let valid = encoding_rs::Encoding::utf8_valid_up_to(&buffer[..filled]);
        match std::str::from_utf8(&buffer[valid..filled]) {
            Ok(_) => carried = 0,
            Err(error) if error.error_len().is_none() && read > 0 => {
                carried = filled - valid;
                buffer.copy_within(valid..filled, 0);
            }
            Err(_) => return Ok(Some(offset + valid as u64)),
        }
        if read == 0 {
            return Ok(None);
        }
        offset += (filled - carried) as u64;
    }
}

/// Whether the part before the first fault has enough characters beyond ASCII to be sure that UTF-8 was meant.
fn surely_utf8(input: &mut Watched, fault: u64) -> io::Result<bool> {
    input.seek(SeekFrom::Start(0))?;
    let mut buffer = vec![0; CHUNK];
    let (mut left, mut found) = (fault, 0);
    while left > 0 && found < SURELY_UTF8 {
        let wanted = usize::try_from(left).map_or(CHUNK, |left| left.min(CHUNK));
        let read = input.read_full(&mut buffer[..wanted])?;
        if read == 0 {
            break;
        }
        found += buffer[..read].iter().filter(|byte| **byte >= 0xC0).count();
        left -= read as u64;
    }
    Ok(found >= SURELY_UTF8)
}

/// Offset of the first byte that is not GB18030.
fn gb18030_fault(input: &mut Watched) -> io::Result<Option<u64>> {
    input.seek(SeekFrom::Start(0))?;
    let mut buffer = vec![0; CHUNK];
    let mut text = String::with_capacity(CHUNK * 3);
    let mut decoder = GB18030.new_decoder_without_bom_handling();
    let mut walk = Walk::default();
    let mut offset = 0_u64;
    loop {
        let read = input.read_full(&mut buffer)?;
        let chunk = &buffer[..read];
        let stray = chunk.iter().position(|byte| walk.is_stray(*byte));
        let malformed = decode(&mut decoder, chunk, &mut text);
        text.clear();
        let stray = stray.map(|at| offset + at as u64);
        let malformed = malformed
            .map(|(consumed, back)| (offset + consumed as u64).saturating_sub(u64::from(back)));
        if let Some(first) = stray.into_iter().chain(malformed).min() {
            return Ok(Some(first));
        }
        if read == 0 {
            return Ok(None);
        }
        offset += read as u64;
    }
}

/// Decodes a chunk (an empty one ends the text). On a malformed sequence: bytes consumed, and how far before that it began.
fn decode(decoder: &mut Decoder, chunk: &[u8], text: &mut String) -> Option<(usize, u8)> {
    let mut consumed = 0;
    loop {
        let rest = &chunk[consumed..];
        text.reserve(
            decoder
                .max_utf8_buffer_length_without_replacement(rest.len())
                .unwrap_or(CHUNK * 4),
        );
        let (result, read) =
            decoder.decode_to_string_without_replacement(rest, text, chunk.is_empty());
        consumed += read;
        match result {
            DecoderResult::InputEmpty => return None,
            DecoderResult::OutputFull => {}
            DecoderResult::Malformed(length, after) => return Some((consumed, length + after)),
        }
    }
}

/// Where in a character of GB18030 a byte stands. The decoder of the web takes a single 0x80 for the euro sign, which
/// the standard does not have.
#[derive(Debug, Default)]
enum Walk {
    #[default]
    Lead,
    Second,
    Third,
    Fourth,
}

impl Walk {
    fn is_stray(&mut self, byte: u8) -> bool {
        let (next, stray) = match (&self, byte) {
            (Self::Lead, 0x81..=0xFE) => (Self::Second, false),
            (Self::Lead, byte) => (Self::Lead, byte >= 0x80),
            (Self::Second, b'0'..=b'9') => (Self::Third, false),
            (Self::Third, _) => (Self::Fourth, false),
            (Self::Second | Self::Fourth, _) => (Self::Lead, false),
        };
        *self = next;
        stray
    }
}

/// Turns the bytes of a file whose encoding is known into UTF-8, piece by piece.
#[derive(Debug)]
pub(super) struct Text {
    input: Watched,
    decoder: Option<Decoder>,
    chunk: Vec<u8>,
}

impl Text {
    pub fn new(input: Watched, encoding: Encoding) -> Self {
        let decoder = match encoding {
            Encoding::Utf8 => None,
            Encoding::Gb18030 => Some(GB18030.new_decoder_without_bom_handling()),
        };
        Self {
            input,
            decoder,
            chunk: vec![0; CHUNK],
        }
    }

    /// Appends the next piece; false at the end. Pieces of UTF-8 may end within a character and are not checked again.
    pub fn fill(&mut self, out: &mut Vec<u8>) -> io::Result<bool> {
        let read = self.input.read_full(&mut self.chunk)?;
        let chunk = &self.chunk[..read];
        match &mut self.decoder {
            None => out.extend_from_slice(chunk),
            Some(decoder) => {
                let mut text = String::new();
                if decode(decoder, chunk, &mut text).is_some() {
                    return Err(io::Error::new(
                        io::ErrorKind::InvalidData,
                        "the file changed while it was read",
                    ));
                }
                out.extend_from_slice(text.as_bytes());
            }
        }
        Ok(read > 0)
    }
}
