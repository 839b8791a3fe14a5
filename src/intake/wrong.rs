//! The codes of intake faults, and how one is put together. Texts are Chinese: the person who mends the file reads them.

use crate::domain::Fault;

/// Longest value shown in a fault, in characters; a hostile cell may be much longer.
const LONGEST_VALUE: usize = 120;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $chinese:literal;)+) => {
        $($(#[$doc])* pub const $name: &str = $code;)+

        /// Every code of this room with a short Chinese description, for the documentation.
        pub const CODES: &[(&str, &str)] = &[$(($code, $chinese)),+];
    };
}

codes! {
    /// The file cannot be opened.
    CANNOT_OPEN = "I001", "文件打不开";
    /// The file has no header row.
    EMPTY_FILE = "I002", "文件是空的，没有表头";
    /// UTF-16, which spreadsheets call Unicode text.
    UTF16 = "I003", "文件编码是 UTF-16";
    /// Neither UTF-8 nor GB18030.
    ENCODING = "I004", "文件编码既不是 UTF-8 也不是 GB18030";
    /// A workbook with a password.
    ENCRYPTED = "I005", "工作簿加了密码";
    /// A file of another kind: `.xls`, a web page, another zip.
    NOT_A_TABLE = "I006", "不是 CSV 或 XLSX 文件";
    /// A workbook that is cut off or damaged.
    DAMAGED = "I007", "工作簿不完整或已损坏";
    /// A workbook without a worksheet.
    NO_SHEET = "I008", "工作簿中没有工作表";
    /// A header that no column has.
    UNKNOWN_HEADER = "I010", "表头不认识";
    /// Two headers for one column.
    DUPLICATE_HEADER = "I011", "表头重复";
    /// A required column is missing.
    MISSING_HEADER = "I012", "缺少必需的列";
    /// A column without a header.
    EMPTY_HEADER = "I013", "表头为空";
    /// Fewer fields than headers.
    TOO_FEW_FIELDS = "I020", "列数少于表头";
    /// More fields than headers.
    TOO_MANY_FIELDS = "I021", "列数多于表头";
    /// A quote that is never closed.
    UNCLOSED_QUOTE = "I022", "引号没有闭合";
    /// A quote where RFC 4180 allows none.
    STRAY_QUOTE = "I023", "引号位置不对";
    /// A row over the limit.
    ROW_TOO_LONG = "I024", "一行内容过长";
    /// A field over the limit.
    FIELD_TOO_LONG = "I025", "一个单元格内容过长";
    /// A NUL byte.
    NUL = "I026", "含有空字符";
    /// A cell that is merged with another one.
    MERGED = "I027", "合并单元格";
    /// A required cell is empty.
    MISSING_VALUE = "I030", "必填项为空";
    /// Not a unified social credit code.
    USCC = "I031", "统一社会信用代码不对";
    /// Not a division code.
    REGION = "I032", "行政区划不对";
    /// A division that the table of divisions does not have.
    UNKNOWN_REGION = "I033", "行政区划不在辖区表内";
    /// Not a day.
    DATE = "I034", "日期不对";
    /// Not a number in range.
    NUMBER = "I035", "数字不对";
    /// A word that is none of the choices.
    CHOICE = "I036", "取值不在可选范围内";
    /// Not a number of points.
    POINTS = "I037", "分值不对";
    /// Not a value of the declared attribute.
    ATTRIBUTE = "I038", "属性值不对";
    /// A long code that a spreadsheet turned into a number.
    SCIENTIFIC = "I040", "编码被表格软件变成了数字";
    /// An error cell (`#N/A`).
    ERROR_CELL = "I041", "单元格是错误值";
    /// A formula whose result was not saved.
    NO_RESULT = "I042", "公式没有保存结果";
    /// A record about nobody.
    NO_SUBJECT = "I043", "记录没有对象";
    /// A period that ends before it begins.
    PERIOD = "I044", "起止日期颠倒";
    /// A key that an earlier row has.
    DUPLICATE = "I050", "与前面的行重复";
    /// Two contracts of one project that share a day.
    OVERLAP = "I051", "同一项目的合同期重叠";
    /// Warning: the organisation code inside a USCC does not check.
    INNER_CHECK = "I060", "提醒：组织机构代码校验位不符";
    /// Warning: a subject that looks like a USCC and is none.
    DOUBTFUL_SUBJECT = "I061", "提醒：对象像统一社会信用代码但校验不符";
    /// Reading failed.
    READ = "I090", "读取失败";
    /// The reader of the workbook stopped without a result.
    STOPPED = "I091", "工作簿无法解析";
}

/// A column by its letters, as a spreadsheet shows it: 0 is `A`, 26 is `AA`.
pub(super) fn letters(place: usize) -> String {
    const ALPHABET: &[u8; 26] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let last = char::from(ALPHABET[place % 26]).to_string();
    match place / 26 {
        0 => last,
        more => letters(more - 1) + &last,
    }
}

/// What is wrong and what to do about it, before the place is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wrong {
    pub code: &'static str,
    pub what: String,
    pub fix: String,
}

impl Wrong {
    pub fn new(code: &'static str, what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self {
            code,
            what: what.into(),
            fix: fix.into(),
        }
    }

    pub fn read(error: &std::io::Error) -> Self {
        Self::new(
            READ,
            format!("读取文件时出错：{error}"),
            "之后的行没有读到，请确认文件完好后重新导入",
        )
    }

    /// The fault of a whole file.
    pub fn of_file(self, file: &str) -> Fault {
        self.at(file, None, None, None)
    }

    pub fn at(
        self,
        file: &str,
        row: Option<u64>,
        column: Option<&str>,
        value: Option<&str>,
    ) -> Fault {
        Fault {
            file: file.to_owned(),
            row,
            column: column.map(str::to_owned),
            value: value.map(shortened),
            code: self.code,
            what: self.what,
            fix: self.fix,
        }
    }
}

fn shortened(value: &str) -> String {
    match value.char_indices().nth(LONGEST_VALUE) {
        Some((end, _)) => format!("{}…", &value[..end]),
        None => value.to_owned(),
    }
}

/// The columns or names nearest to what was written, as the end of a sentence; empty if nothing is near.
pub(super) fn nearest<'a>(written: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let written: Vec<char> = written.chars().take(64).collect();
    let allowed = (written.len() / 2).clamp(1, 4);
    known
        .map(|name| (distance(&written, name), name))
        .filter(|(distance, name)| *distance <= allowed && *distance < name.chars().count())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// Levenshtein distance in characters.
fn distance(left: &[char], right: &str) -> usize {
    let mut previous: Vec<usize> = (0..=left.len()).collect();
    for (row, character) in right.chars().take(64).enumerate() {
        let mut current = vec![row + 1];
        for (column, other) in left.iter().enumerate() {
            let replaced = previous[column] + usize::from(*other != character);
            current.push(
                replaced
                    .min(previous[column + 1] + 1)
                    .min(current[column] + 1),
            );
        }
        previous = current;
    }
    previous[left.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_in_order() {
        assert!(CODES.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }

    #[test]
    fn columns_are_lettered_as_in_a_spreadsheet() {
        let table = [
            (0, "A"),
            (25, "Z"),
            (26, "AA"),
            (701, "ZZ"),
            (702, "AAA"),
            (16_383, "XFD"),
        ];
        for (place, expected) in table {
            assert_eq!(letters(place), expected);
        }
    }

    #[test]
    fn the_nearest_name_is_suggested_and_a_far_one_is_not() {
        let known = ["uscc", "name", "行政区划"];
        let near = |written| nearest(written, known.iter().copied());
        assert_eq!(near("usc"), Some("uscc"));
        assert_eq!(near("行政区"), Some("行政区划"));
        assert_eq!(near("completely different"), None);
        assert_eq!(near(""), None);
    }
}
