//! Rows of the first worksheet of an XLSX workbook, streamed.
//!
//! The cell reader borrows the workbook, so both live on a thread of their own that hands rows over in batches and
//! stops when nobody takes them. It also means that a workbook which makes the parser panic ends in a fault.

use std::{
    io::BufReader,
    ops::ControlFlow,
    sync::mpsc::{Receiver, SyncSender, sync_channel},
    thread,
};

use calamine::{Dimensions, Reader, SheetType, SheetVisible, Xlsx, XlsxError};

use super::{
    cells::{Cells, Fields, Lost},
    content::{Content, content_of, too_long},
    machine::{FIELD_LIMIT, RECORD_LIMIT},
    source::Watched,
    wrong::{self, Wrong},
};

/// Rows handed over at once, and batches that may wait.
const BATCH: usize = 256;
const WAITING: usize = 4;
/// Bytes of text after which a batch is handed over though it has few rows.
const BATCH_BYTES: usize = 1 << 20;
/// Columns of the largest worksheet there can be.
const MOST_COLUMNS: u32 = 16_384;

#[derive(Debug)]
enum Message {
    Opened,
    Rows(Vec<Cells>),
    Failed(Lost),
    Done,
}

/// The rows of a worksheet. Blank rows are left out, their numbers are not.
#[derive(Debug)]
pub(super) struct SheetRows {
    messages: Receiver<Message>,
    ended: bool,
}

/// Some rows of a worksheet, and why there are no more.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    rows: std::vec::IntoIter<Cells>,
    lost: Option<Lost>,
}

impl Sheet {
    pub fn len(&self) -> usize {
        self.rows.len() + usize::from(self.lost.is_some())
    }

    pub fn each(
        &mut self,
        cells: &mut Cells,
        mut take: impl FnMut(Result<Fields<'_>, Lost>) -> ControlFlow<()>,
    ) {
        for row in self.rows.by_ref() {
            *cells = row;
            if take(Ok(cells.fields())).is_break() {
                return;
            }
        }
        if let Some(lost) = self.lost.take() {
            let _ = take(Err(lost));
        }
    }
}

impl SheetRows {
    /// Opens the workbook and starts to read.
    pub fn open(input: Watched) -> Result<Self, Wrong> {
        let (sender, messages) = sync_channel(WAITING);
        thread::Builder::new()
            .name("xlsx".to_owned())
            .spawn(move || read_sheet(input, &sender))
            .map_err(|error| Wrong::read(&error))?;
        match messages.recv() {
            Ok(Message::Failed(lost)) => Err(lost.wrong),
            Ok(_) => Ok(Self {
                messages,
                ended: false,
            }),
            Err(_) => Err(stopped()),
        }
    }

    pub fn batch(&mut self) -> Option<Sheet> {
        while !self.ended {
            let lost = match self.messages.recv() {
                Ok(Message::Rows(rows)) => {
                    return Some(Sheet {
                        rows: rows.into_iter(),
                        lost: None,
                    });
                }
                Ok(Message::Opened) => continue,
                Ok(Message::Done) => None,
                Ok(Message::Failed(lost)) => Some(lost),
                Err(_) => Some(Lost::last(None, stopped())),
            };
            self.ended = true;
            if lost.is_some() {
                return Some(Sheet {
                    lost,
                    ..Sheet::default()
                });
            }
        }
        None
    }
}

fn stopped() -> Wrong {
    Wrong::new(
        wrong::STOPPED,
        "工作簿的内容无法解析",
        "请用表格软件打开后另存为新的 XLSX 或 CSV 再导入",
    )
}

/// Runs on the thread. A failed send means that nobody listens any more.
fn read_sheet(input: Watched, sender: &SyncSender<Message>) {
    let watch = input.watch();
    let mut row = 0;
    let last = match stream(input, sender, &mut row) {
        Ok(()) => Message::Done,
        Err(wrong) => {
            let wrong = match watch.failure() {
                Some(failure) => Wrong::read(&std::io::Error::other(failure)),
                None => wrong,
            };
            Message::Failed(Lost::last((row > 0).then_some(row), wrong))
        }
    };
    let _ = sender.send(last);
}

fn stream(input: Watched, sender: &SyncSender<Message>, row: &mut u64) -> Result<(), Wrong> {
    let mut book: Xlsx<_> = Xlsx::new(BufReader::new(input)).map_err(|error| wrong_of(&error))?;
    let sheet = first_sheet(&book)?;
    // Also reads a sheet without merged cells to its end, so that its checksum is compared before a row is given out.
    let merged = book
        .merge_cells_by_sheet_name(&sheet)
        .map_err(|error| wrong_of(&error))?;
    let mut reader = book
        .worksheet_cells_reader(&sheet)
        .map_err(|error| wrong_of(&error))?;
    if sender.send(Message::Opened).is_err() {
        return Ok(());
    }
    let mut batch = Batch::new(sender, merged);
    while let Some(cell) = reader.next_cell_with_formula_metadata().map_err(|error| {
        // What was read before the damage is still good.
        batch.flush();
        wrong_of(&error)
    })? {
        let (line, column) = cell.pos;
        *row = u64::from(line) + 1;
        if column >= MOST_COLUMNS {
            batch.flush();
            return Err(damaged());
        }
        let content = content_of(&cell.value, cell.formula.is_some());
        if !batch.add(*row, column as usize, content) {
            return Ok(());
        }
    }
    batch.end_row();
    batch.flush();
    Ok(())
}

/// The first visible worksheet, else the first.
fn first_sheet<R: std::io::Read + std::io::Seek>(book: &Xlsx<R>) -> Result<String, Wrong> {
    let sheets = || {
        let sheets = book.sheets_metadata().iter();
        sheets.filter(|sheet| sheet.typ == SheetType::WorkSheet)
    };
    sheets()
        .find(|sheet| sheet.visible == SheetVisible::Visible)
        .or_else(|| sheets().next())
        .map(|sheet| sheet.name.clone())
        .ok_or_else(|| {
            Wrong::new(
                wrong::NO_SHEET,
                "工作簿中没有工作表",
                "请把数据放在第一张工作表",
            )
        })
}

/// Rows on their way to the other side.
struct Batch<'a> {
    sender: &'a SyncSender<Message>,
    rows: Vec<Cells>,
    /// Merged regions not yet reached, the next one last, and those that may reach into the current row.
    merged: Vec<Dimensions>,
    reached: Vec<Dimensions>,
    /// Bytes of text in the rows.
    bytes: usize,
    number: u64,
    current: Vec<Content>,
    /// Bytes of text in the current row.
    size: usize,
    listening: bool,
}

impl<'a> Batch<'a> {
    fn new(sender: &'a SyncSender<Message>, mut merged: Vec<Dimensions>) -> Self {
        merged.sort_by_key(|region| std::cmp::Reverse(region.start));
        Self {
            merged,
            reached: Vec::new(),
            sender,
            rows: Vec::new(),
            bytes: 0,
            number: 0,
            current: Vec::new(),
            size: 0,
            listening: true,
        }
    }

    /// Adds a cell; false when nobody listens any more.
    fn add(&mut self, number: u64, column: usize, content: Content) -> bool {
        if number != self.number {
            self.end_row();
            self.number = number;
        }
        let content = match content {
            Content::Empty => return self.listening,
            Content::Text(text) if text.len() > FIELD_LIMIT => too_long(),
            Content::Text(text) if self.size + text.len() > RECORD_LIMIT => too_long(),
            content => content,
        };
        if let Content::Text(text) = &content {
            self.size += text.len();
        }
        if self.current.len() <= column {
            self.current.resize_with(column + 1, || Content::Empty);
        }
        self.current[column] = content;
        self.listening
    }

    fn end_row(&mut self) {
        self.bytes += std::mem::take(&mut self.size);
        if self.current.is_empty() {
            return;
        }
        self.mark_merged();
        let mut cells = Cells::default();
        cells.clear(self.number);
        for content in self.current.drain(..) {
            match content {
                Content::Empty => cells.push(""),
                Content::Text(text) => cells.push(&text),
                Content::Bad { shown, wrong } => cells.push_bad(&shown, wrong),
            }
        }
        self.rows.push(cells);
        if self.rows.len() >= BATCH || self.bytes >= BATCH_BYTES {
            self.flush();
        }
    }

    /// A merged region shows one value over several cells but only its first cell has it: the others are not empty,
    /// they are unknown. One mark for each region is enough to report the row.
    fn mark_merged(&mut self) {
        let row = self.number - 1;
        while let Some(region) = self
            .merged
            .pop_if(|region| u64::from(region.start.0) <= row)
        {
            self.reached.push(region);
        }
        self.reached.retain(|region| u64::from(region.end.0) >= row);
        for region in &self.reached {
            let first_row = u64::from(region.start.0) == row;
            let column = region.start.1 + u32::from(first_row);
            if column > region.end.1 || column >= MOST_COLUMNS {
                continue;
            }
            let column = column as usize;
            if self.current.len() <= column {
                self.current.resize_with(column + 1, || Content::Empty);
            }
            self.current[column] = Content::bad(
                "",
                wrong::MERGED,
                "单元格与别的单元格合并，取不到值",
                "请取消合并，并在每一行填写内容",
            );
        }
    }

    fn flush(&mut self) {
        self.bytes = 0;
        let rows = std::mem::take(&mut self.rows);
        self.listening &= self.sender.send(Message::Rows(rows)).is_ok();
    }
}

fn damaged() -> Wrong {
    Wrong::new(
        wrong::DAMAGED,
        "工作簿不完整或已损坏",
        "请重新下载或导出，确认能用表格软件打开后再导入",
    )
}

fn wrong_of(error: &XlsxError) -> Wrong {
    match error {
        XlsxError::Password => Wrong::new(
            wrong::ENCRYPTED,
            "工作簿加了密码",
            "请在表格软件中去掉打开密码后另存再导入",
        ),
        XlsxError::FileNotFound(_) | XlsxError::RelationshipNotFound => Wrong::new(
            wrong::NOT_A_TABLE,
            "这个压缩文件不是 XLSX 工作簿",
            "请在表格软件中另存为 XLSX 或「CSV UTF-8（逗号分隔）」",
        ),
        XlsxError::WorksheetNotFound(_) | XlsxError::NotAWorksheet(_) => Wrong::new(
            wrong::NO_SHEET,
            "工作簿中没有可读的工作表",
            "请把数据放在第一张工作表",
        ),
        _ => damaged(),
    }
}

/// What a compound file (the container of `.xls` and of encrypted workbooks) is.
pub(super) fn compound_file(input: Watched) -> Wrong {
    match SheetRows::open(input) {
        Err(wrong) if matches!(wrong.code, wrong::ENCRYPTED | wrong::READ) => wrong,
        _ => Wrong::new(
            wrong::NOT_A_TABLE,
            "这是旧版 XLS 工作簿或其他文件，不是 XLSX",
            "请在表格软件中另存为 XLSX 后重新导入",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_that_stops_without_a_word_is_a_fault() {
        let (sender, messages) = sync_channel(1);
        drop(sender);
        let mut rows = SheetRows {
            messages,
            ended: false,
        };
        let mut batch = rows.batch().unwrap();
        let mut told = Vec::new();
        for _ in 0..2 {
            batch.each(&mut Cells::default(), |row| {
                told.push(row.map(|_| ()).unwrap_err());
                ControlFlow::Continue(())
            });
        }
        let [lost] = <[Lost; 1]>::try_from(told).unwrap();
        assert!(lost.last);
        assert!(rows.batch().is_none());
        insta::assert_snapshot!(lost.wrong.of_file("示例.xlsx"), @r#"
    示例.xlsx：[I091] 工作簿的内容无法解析。请用表格软件打开后另存为新的 XLSX 或 CSV 再导入
    "#);
    }
}
