//! What a file is, by its content, and its rows in batches.

use std::{
    io::{self, Seek, SeekFrom},
    ops::ControlFlow,
};

use super::{
    cells::{Cells, Fields, Lost},
    encoding::{self, Text},
    rfc4180::{Lines, Records},
    source::Watched,
    wrong::{self, Wrong},
    xlsx::{self, Sheet, SheetRows},
};

/// Where rows come from.
#[derive(Debug)]
pub(super) enum Source {
    Text(Box<Records>),
    Sheet(SheetRows),
}

impl Source {
    /// Decides by the first bytes, then, for text, by all of it.
    pub fn recognise(mut input: Watched) -> io::Result<Result<Self, Wrong>> {
        let mut head = [0; 512];
        input.seek(SeekFrom::Start(0))?;
        let filled = input.read_full(&mut head)?;
        let head = &head[..filled];
        if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
            input.seek(SeekFrom::Start(0))?;
            return Ok(SheetRows::open(input).map(Self::Sheet));
        }
        if head.starts_with(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1") {
            return Ok(Err(xlsx::compound_file(input)));
        }
        let text = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head);
        if text.trim_ascii_start().starts_with(b"<") {
            return Ok(Err(Wrong::new(
                wrong::NOT_A_TABLE,
                "文件内容是网页或 XML，不是 CSV 或 XLSX",
                "请用表格软件打开后另存为 XLSX 后重新导入",
            )));
        }
        let encoding = encoding::detect(&mut input)?;
        Ok(encoding.map(|encoding| Self::Text(Box::new(Records::new(Text::new(input, encoding))))))
    }

    /// The next rows, in a batch that any thread may take apart.
    pub fn batch(&mut self) -> Option<Batch> {
        match self {
            Self::Text(records) => records.batch().map(Batch::Text),
            Self::Sheet(rows) => rows.batch().map(Batch::Sheet),
        }
    }
}

/// Some rows of a table, in order.
#[derive(Debug)]
pub(super) enum Batch {
    Text(Lines),
    Sheet(Sheet),
}

impl Batch {
    /// Rows that are left.
    pub fn len(&self) -> usize {
        match self {
            Self::Text(lines) => lines.len(),
            Self::Sheet(sheet) => sheet.len(),
        }
    }

    /// The rows, blank ones included, until `take` wants no more.
    pub fn each(
        &mut self,
        cells: &mut Cells,
        take: impl FnMut(Result<Fields<'_>, Lost>) -> ControlFlow<()>,
    ) {
        match self {
            Self::Text(lines) => lines.each(cells, take),
            Self::Sheet(sheet) => sheet.each(cells, take),
        }
    }
}
