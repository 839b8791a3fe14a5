//! XLSX workbooks as people send them.

use std::{collections::BTreeMap, io::Cursor};

use rust_xlsxwriter::{Chart, ChartType, ExcelDateTime, Format, Formula, Workbook};
use wuxin::{
    domain::{Company, Contract, Fault},
    intake::{Context, Row, Rows, Table},
};

const CODE: &str = "91512002MA6ABCD10P";

fn open<T>(
    bytes: Vec<u8>,
    read: impl FnOnce(Table, &Context<'_>) -> Result<Rows<T>, Vec<Fault>>,
) -> Result<Rows<T>, Vec<Fault>> {
    let context = Context {
        regions: None,
        schema: &BTreeMap::new(),
        titles: &BTreeMap::new(),
    };
    read(
        Table::from_reader("示例.xlsx", Cursor::new(bytes))?,
        &context,
    )
}

fn companies(bytes: Vec<u8>) -> Result<Rows<Company>, Vec<Fault>> {
    open(bytes, Table::companies)
}

fn read<T>(rows: Rows<T>) -> (Vec<Row<T>>, Vec<Fault>) {
    let (mut good, mut faults) = (Vec::new(), Vec::new());
    for row in rows {
        match row {
            Ok(row) => good.push(row),
            Err(wrong) => faults.extend(wrong),
        }
    }
    (good, faults)
}

fn told(faults: impl IntoIterator<Item = Fault>) -> String {
    let lines: Vec<String> = faults.into_iter().map(|fault| fault.to_string()).collect();
    lines.join("\n")
}

/// A workbook of companies with this many rows.
fn workbook(rows: u32) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write_row(0, 0, ["统一社会信用代码", "企业名称", "地址"])?;
    for row in 1..=rows {
        let code = wuxin::domain::Uscc::complete(&format!("91512002MA{row:07}"))?;
        let cells = [
            code.to_string(),
            format!("示例物业{row}"),
            format!("示例路{row}号"),
        ];
        sheet.write_row(row, 0, cells)?;
    }
    Ok(book.save_to_buffer()?)
}

#[test]
fn dates_numbers_and_formulas_are_read_as_they_are_shown() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let header = [
        "项目编码",
        "项目名称",
        "企业信用代码",
        "管理面积",
        "户数",
        "开始日期",
        "结束日期",
    ];
    sheet.write_row(0, 0, header).unwrap();
    let day = |text| ExcelDateTime::parse_from_str(text).unwrap();
    // Two blank rows stand before the first row of data.
    sheet.write(3, 0, 20_260_001).unwrap();
    sheet.write(3, 1, "示例花园").unwrap();
    sheet.write(3, 2, CODE).unwrap();
    sheet
        .write_formula(
            3,
            3,
            Formula::new("=0.1+0.2").set_result("0.30000000000000004"),
        )
        .unwrap();
    sheet.write(3, 4, 1200).unwrap();
    let format = Format::new().set_num_format("yyyy\"年\"m\"月\"d\"日\"");
    sheet
        .write_with_format(3, 5, day("2024-02-29"), &format)
        .unwrap();
    let format = Format::new().set_num_format("yyyy/m/d h:mm");
    sheet
        .write_with_format(3, 6, day("2026-12-31T08:30:00"), &format)
        .unwrap();
    let rows = open(book.save_to_buffer().unwrap(), Table::contracts).unwrap();
    let (good, faults) = read(rows);
    assert_eq!(told(faults), "");
    let contract: &Contract = &good[0].value;
    assert_eq!(good[0].number, 4);
    assert_eq!(contract.project, "20260001");
    assert_eq!(contract.area.unwrap().to_string(), "0.3");
    assert_eq!(contract.households, Some(1200));
    assert_eq!(contract.from.unwrap().to_string(), "2024-02-29");
    assert_eq!(contract.until.unwrap().to_string(), "2026-12-31");
}

#[test]
fn cells_without_a_usable_value_are_told() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet
        .write_row(0, 0, ["uscc", "name", "registered_on"])
        .unwrap();
    sheet.write(1, 0, 915_120_021_234_567_890.0).unwrap();
    sheet
        .write_formula(1, 1, Formula::new("=NA()").set_result("#N/A"))
        .unwrap();
    sheet.write(1, 2, 46_082).unwrap();
    sheet.write(2, 0, CODE).unwrap();
    sheet.write(2, 1, "示例物业").unwrap();
    let format = Format::new().set_num_format("[h]:mm:ss");
    sheet.write_with_format(2, 2, 1.5, &format).unwrap();
    sheet
        .write_row(3, 0, [CODE, "示例物业", "", "多出的一列"])
        .unwrap();
    sheet.write_row(4, 0, [CODE, "=1+1"]).unwrap();
    let (good, faults) = read(companies(book.save_to_buffer().unwrap()).unwrap());
    assert_eq!(good.len(), 1);
    assert_eq!(good[0].value.name, "=1+1");
    insta::assert_snapshot!(told(faults), @r#"
    示例.xlsx，第2行，uscc列，值「9.15120021234568e17」：[I040] 编码被表格软件变成了数字，后面的数位已经丢失。请把这一列的单元格格式设为「文本」，再重新录入完整编码
    示例.xlsx，第2行，name列，值「#N/A」：[I041] 单元格是错误值。请改正公式，或直接填写数值
    示例.xlsx，第2行，registered_on列，值「46082」：[I034] 日期「46082」格式不对，应为 2026-03-01、2026/3/1 或 20260301。请填写 2026-03-01 这样的日期；表格中显示为五位数字的，请先把单元格格式改为日期
    示例.xlsx，第3行，registered_on列，值「1.5」：[I034] 单元格是时间或无效的日期。请填写 2026-03-01 这样的日期，或改为文本格式
    示例.xlsx，第4行：[I021] D列有内容，但表头只有 3 列。请补上这一列的表头，或清除其中的内容
    "#);
}

#[test]
fn merged_cells_are_not_taken_for_empty_ones() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let other = "91512021MA7K2P3Q9A";
    sheet.write_row(0, 0, ["uscc", "name", "address"]).unwrap();
    sheet
        .write_column(1, 0, [CODE, other, "91512022MA62U8WX9Y"])
        .unwrap();
    sheet.write_column(1, 1, ["示例甲", "示例乙"]).unwrap();
    let format = Format::new();
    sheet.merge_range(1, 2, 2, 2, "示例路", &format).unwrap();
    sheet.merge_range(3, 1, 3, 2, "示例丙", &format).unwrap();
    let (good, faults) = read(companies(book.save_to_buffer().unwrap()).unwrap());
    assert_eq!((good.len(), good[0].number), (1, 2));
    insta::assert_snapshot!(told(faults), @r#"
    示例.xlsx，第3行，address列：[I027] 单元格与别的单元格合并，取不到值。请取消合并，并在每一行填写内容
    示例.xlsx，第4行，address列：[I027] 单元格与别的单元格合并，取不到值。请取消合并，并在每一行填写内容
    "#);
}

#[test]
fn a_large_sheet_is_read_row_by_row_and_may_be_left_early() {
    let bytes = workbook(3_000).unwrap();
    let (good, faults) = read(companies(bytes.clone()).unwrap());
    assert_eq!((good.len(), told(faults)), (3_000, String::new()));
    assert_eq!(good[2_999].number, 3_001);
    let first = companies(bytes).unwrap().next().unwrap().unwrap();
    assert_eq!(first.value.name, "示例物业1");
}

#[test]
fn a_workbook_that_is_cut_off_is_a_fault_wherever_it_is_cut() {
    let bytes = workbook(50).unwrap();
    for length in (4..bytes.len()).step_by(97) {
        let faults = match companies(bytes[..length].to_vec()) {
            Err(faults) => faults,
            Ok(rows) => read(rows).1,
        };
        assert_eq!(
            faults.first().map(|fault| fault.code),
            Some("I007"),
            "{length}"
        );
    }
}

#[test]
fn a_damaged_workbook_is_never_a_panic_nor_a_silent_end() {
    let bytes = workbook(50).unwrap();
    for at in (0..bytes.len()).step_by(61) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x5A;
        let (good, faults) = match companies(damaged) {
            Err(faults) => (Vec::new(), faults),
            Ok(rows) => read(rows),
        };
        assert!(good.len() == 50 || !faults.is_empty(), "{at}");
    }
}

/// The smallest compound file with the stream that encrypted workbooks have.
fn encrypted() -> Vec<u8> {
    let mut head = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec();
    head.resize(512, 0);
    let mut put = |at: usize, bytes: &[u8]| head[at..at + bytes.len()].copy_from_slice(bytes);
    put(24, &[0x3E, 0, 3, 0, 0xFE, 0xFF, 9, 0, 6, 0]);
    put(44, &1_u32.to_le_bytes()); // sectors of the allocation table
    put(48, &1_u32.to_le_bytes()); // first sector of the directory
    put(56, &4096_u32.to_le_bytes());
    put(60, &0xFFFF_FFFE_u32.to_le_bytes());
    put(68, &0xFFFF_FFFE_u32.to_le_bytes());
    put(76, &0_u32.to_le_bytes()); // the allocation table is sector 0
    put(80, &[0xFF; 432]);
    let mut table = vec![0xFF; 512];
    table[..4].copy_from_slice(&0xFFFF_FFFD_u32.to_le_bytes());
    table[4..8].copy_from_slice(&0xFFFF_FFFE_u32.to_le_bytes());
    let entry = |name: &str, kind: u8| {
        let mut entry: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let length = entry.len() as u16 + 2;
        entry.resize(128, 0);
        entry[64..66].copy_from_slice(&length.to_le_bytes());
        entry[66] = kind;
        entry[116..120].copy_from_slice(&0xFFFF_FFFE_u32.to_le_bytes());
        entry
    };
    let directory = [entry("Root Entry", 5), entry("EncryptedPackage", 2)].concat();
    let mut file = [head, table, directory].concat();
    file.resize(512 * 3, 0);
    file
}

#[test]
fn files_that_are_no_workbook_say_what_they_are() {
    // The head of a compound file, as .xls and encrypted workbooks have it.
    let mut old = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec();
    old.resize(1_024, 0);
    let empty_zip = b"PK\x05\x06".iter().copied().chain([0; 18]).collect();
    let cut = workbook(3).unwrap()[..1_000].to_vec();
    let blank = Workbook::new().save_to_buffer().unwrap();
    let mut charts = Workbook::new();
    let mut chart = Chart::new(ChartType::Column);
    chart.add_series().set_values("Chart1!$A$1:$A$3");
    charts.add_chartsheet().insert_chart(0, 0, &chart).unwrap();
    let charts = charts.save_to_buffer().unwrap();
    let faults = [old, encrypted(), empty_zip, cut, blank, charts]
        .into_iter()
        .flat_map(|bytes| companies(bytes).unwrap_err());
    insta::assert_snapshot!(told(faults), @r#"
    示例.xlsx：[I006] 这是旧版 XLS 工作簿或其他文件，不是 XLSX。请在表格软件中另存为 XLSX 后重新导入
    示例.xlsx：[I005] 工作簿加了密码。请在表格软件中去掉打开密码后另存再导入
    示例.xlsx：[I006] 这个压缩文件不是 XLSX 工作簿。请在表格软件中另存为 XLSX 或「CSV UTF-8（逗号分隔）」
    示例.xlsx：[I007] 工作簿不完整或已损坏。请重新下载或导出，确认能用表格软件打开后再导入
    示例.xlsx：[I002] 文件是空的，没有表头。第一行应为表头，从第二行起为数据
    示例.xlsx：[I008] 工作簿中没有工作表。请把数据放在第一张工作表
    "#);
}
