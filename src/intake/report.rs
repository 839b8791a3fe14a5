//! The file of faults that goes back to whoever has to mend the data (`--errors FILE`).

use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::Path,
};

use crate::domain::Fault;

/// The columns of the report.
pub const REPORT_COLUMNS: [&str; 7] = ["文件", "行", "列", "值", "代码", "问题", "处理办法"];

/// Writes faults as CSV, UTF-8 with a byte order mark (spreadsheets need it) and CRLF. Returns how many there were.
///
/// The values come from files of others and are opened in a spreadsheet: a cell that would be taken for a formula gets
/// a `'` in front.
pub fn write_fault_report(
    mut out: impl Write,
    faults: impl IntoIterator<Item = Fault>,
) -> io::Result<u64> {
    out.write_all("\u{FEFF}".as_bytes())?;
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(out);
    writer.write_record(REPORT_COLUMNS)?;
    let mut written = 0;
    for fault in faults {
        let row = fault.row.map(|row| row.to_string()).unwrap_or_default();
        writer.write_record([
            harmless(&fault.file),
            row,
            harmless(fault.column.as_deref().unwrap_or_default()),
            harmless(fault.value.as_deref().unwrap_or_default()),
            fault.code.to_owned(),
            harmless(&fault.what),
            harmless(&fault.fix),
        ])?;
        written += 1;
    }
    writer.flush()?;
    Ok(written)
}

/// [`write_fault_report`] to a new file; an old one is replaced.
pub fn write_fault_report_file(
    path: &Path,
    faults: impl IntoIterator<Item = Fault>,
) -> io::Result<u64> {
    write_fault_report(BufWriter::new(File::create(path)?), faults)
}

/// A text that no spreadsheet takes for a formula. Zero bytes would end the cell and become visible signs.
pub fn harmless(text: &str) -> String {
    let text = text.replace('\0', "␀");
    let first = text.trim_start_matches([' ', '\u{3000}']).chars().next();
    let formula = ['=', '+', '-', '@', '＝', '＋', '－', '＠', '\t', '\r', '\n'];
    if first.is_some_and(|c| formula.contains(&c)) {
        format!("'{text}")
    } else {
        text
    }
}
