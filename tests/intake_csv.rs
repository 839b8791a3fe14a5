//! CSV files as people send them: encodings, headers, broken rows, and the words each fault is told in.

use std::{collections::BTreeMap, io::Cursor};

use wuxin::{
    domain::{
        AttributeSchema, AttributeType, AttributeValue, Company, CompanyStatus, Contract, Day,
        Fault, Record, RecordKind, Regions, Uscc,
    },
    intake::{self, Context, FIELD_LIMIT, Row, Rows, Table},
};

const CODE: &str = "91512002MA6ABCD10P";
const OTHER: &str = "91512021MA7K2P3Q9A";

struct World {
    regions: Regions,
    schema: AttributeSchema,
    titles: BTreeMap<String, String>,
}

impl World {
    fn new() -> Self {
        let levels = vec!["city".to_owned(), "province".to_owned()];
        Self {
            regions: Regions::parse(
                "code,name\n512000,示例市\n512002,甲示例区\n512021,乙示例县\n512002001,示例街道\n512021001,示例街道\n",
            )
            .unwrap_or_default(),
            schema: BTreeMap::from([
                ("level".to_owned(), AttributeType::Choice(levels)),
                ("people".to_owned(), AttributeType::Integer),
            ]),
            titles: BTreeMap::from([("上访人数".to_owned(), "people".to_owned())]),
        }
    }

    fn context(&self) -> Context<'_> {
        Context {
            regions: Some(&self.regions),
            schema: &self.schema,
            titles: &self.titles,
        }
    }
}

fn table(bytes: impl Into<Vec<u8>>) -> Result<Table, Vec<Fault>> {
    Table::from_reader("示例.csv", Cursor::new(bytes.into()))
}

fn companies(bytes: impl Into<Vec<u8>>) -> Result<Rows<Company>, Vec<Fault>> {
    table(bytes)?.companies(&World::new().context())
}

/// Good rows and faults of a file whose header is sound.
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

#[test]
fn a_company_is_read_in_every_encoding() {
    let text = format!("企业名称,信用代码,地址\n示例物业𠮷有限公司,{CODE},€ 一号\n");
    let gb = gb18030(&text);
    let mut marked = b"\xEF\xBB\xBF".to_vec();
    marked.extend_from_slice(text.as_bytes());
    let mut gb_marked = b"\x84\x31\x95\x33".to_vec();
    gb_marked.extend_from_slice(&gb);
    // U+20BB7 takes four bytes in GB18030.
    assert!(gb.windows(4).any(|four| four == [0x95, 0x34, 0xB2, 0x35]));
    for bytes in [text.into_bytes(), marked, gb, gb_marked] {
        let (good, faults) = read(companies(bytes).unwrap());
        assert_eq!(told(faults), "");
        assert_eq!(good[0].value.name, "示例物业𠮷有限公司");
        assert_eq!(good[0].value.address.as_deref(), Some("€ 一号"));
        assert_eq!(good[0].number, 2);
    }
}

#[test]
fn characters_that_straddle_the_pieces_of_reading_are_whole() {
    for shift in 0..5 {
        let filler = "甲".repeat(9_000);
        let mut text = format!(
            "uscc,name,address\n{CODE},{},{filler}\n",
            "a".repeat(60 + shift)
        );
        for row in 0..40 {
            let code = Uscc::complete(&format!("91512002MA{row:07}")).unwrap();
            text.push_str(&format!("{code},示例𠮷,{filler}\n"));
        }
        for bytes in [gb18030(&text), text.into_bytes()] {
            let (good, faults) = read(companies(bytes).unwrap());
            assert_eq!((good.len(), told(faults)), (41, String::new()));
            assert!(
                good.iter()
                    .all(|row| row.value.address.as_deref() == Some(&filler))
            );
        }
    }
}

fn gb18030(text: &str) -> Vec<u8> {
    let (bytes, _, unmappable) = encoding_rs::GB18030.encode(text);
    assert!(!unmappable);
    bytes.into_owned()
}

#[test]
fn files_that_are_no_table_say_what_they_are() {
    let utf16: Vec<u8> = "\u{FEFF}uscc,name"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let mut marked = b"\xEF\xBB\xBFuscc,name\n".to_vec();
    marked.extend_from_slice(&gb18030("示例"));
    let utf8_prefix = "统一社会信用代码,企业名称,地址,联系电话\n";
    let mut surely = utf8_prefix.as_bytes().to_vec();
    surely.extend_from_slice(b"\xB0\xA1,x\n");
    let mut broken_gb = gb18030("uscc,name\n示例");
    broken_gb.push(0xFF);
    let mut euro = gb18030("uscc,name\n示例");
    euro.push(0x80);
    let mut cut = gb18030("uscc,name\n示例");
    cut.pop();
    let cases: Vec<Vec<u8>> = vec![
        Vec::new(),
        b"\n\r\n,,\n".to_vec(),
        utf16.clone(),
        utf16[2..].to_vec(),
        marked,
        surely,
        broken_gb,
        euro,
        cut,
        b"<html><table></table></html>".to_vec(),
    ];
    let faults = cases
        .into_iter()
        .flat_map(|bytes| companies(bytes).unwrap_err());
    insta::assert_snapshot!(told(faults), @r#"
    示例.csv：[I002] 文件是空的，没有表头。第一行应为表头，从第二行起为数据
    示例.csv：[I002] 文件是空的，没有表头。第一行应为表头，从第二行起为数据
    示例.csv：[I003] 文件编码是 UTF-16（表格软件中的「Unicode 文本」）。请在表格软件中另存为「CSV UTF-8（逗号分隔）」或 XLSX 后重新导入
    示例.csv：[I003] 文件编码是 UTF-16（表格软件中的「Unicode 文本」）。请在表格软件中另存为「CSV UTF-8（逗号分隔）」或 XLSX 后重新导入
    示例.csv：[I004] 文件是 UTF-8 编码，但偏移 15（从0起）处的字节 0xC0 不是有效的 UTF-8。请在表格软件中另存为「CSV UTF-8（逗号分隔）」或 XLSX 后重新导入
    示例.csv：[I004] 文件是 UTF-8 编码，但偏移 58（从0起）处的字节 0xB0 不是有效的 UTF-8。请在表格软件中另存为「CSV UTF-8（逗号分隔）」或 XLSX 后重新导入
    示例.csv：[I004] 偏移 14（从0起）处的字节 0xFF 既不是 UTF-8 也不是 GB18030。请在表格软件中另存为「CSV UTF-8（逗号分隔）」或 XLSX 后重新导入
    示例.csv：[I004] 偏移 14（从0起）处的字节 0x80 既不是 UTF-8 也不是 GB18030。请在表格软件中另存为「CSV UTF-8（逗号分隔）」或 XLSX 后重新导入
    示例.csv：[I004] 偏移 12（从0起）处的字节 0xC0 既不是 UTF-8 也不是 GB18030。请在表格软件中另存为「CSV UTF-8（逗号分隔）」或 XLSX 后重新导入
    示例.csv：[I006] 文件内容是网页或 XML，不是 CSV 或 XLSX。请用表格软件打开后另存为 XLSX 后重新导入
    "#);
}

#[test]
fn headers_are_folded_and_may_be_chinese_or_codes() {
    let table = [
        "uscc,name",
        "USCC , Ｎａｍｅ",
        "统一社会信用代码,企业名称",
        "社会信用代码,公司名称",
        "\"信用代码\",\"name\"",
        "\u{FEFF}uscc,\u{200B}name\u{3000}",
    ];
    for header in table {
        let (good, faults) = read(companies(format!("{header}\n{CODE},示例物业\n")).unwrap());
        assert_eq!((good.len(), told(faults)), (1, String::new()), "{header}");
    }
}

#[test]
fn every_fault_of_a_header_is_told() {
    let world = World::new();
    let headers = [
        "name,uscc,企业名称,nmae,,colour",
        "name",
        "区划代码,行政区",
        "统一社会信用代码；企业名称",
    ];
    let mut faults: Vec<Fault> = headers
        .iter()
        .flat_map(|header| companies(format!("{header}\n")).unwrap_err())
        .collect();
    let record = table("id,level,peple,上访人数,people").unwrap();
    faults.extend(record.records(&world.context()).unwrap_err());
    let history = table("评价对象,等级").unwrap();
    faults.extend(history.history(&world.context()).unwrap_err());
    faults.extend(companies("uscc,na\"me\n").unwrap_err());
    insta::assert_snapshot!(told(faults), @r#"
    示例.csv，第1行，C列，值「企业名称」：[I011] 表头与「name」是同一列。请只保留其中一列
    示例.csv，第1行，D列，值「nmae」：[I010] 不认识的表头。是否应为「name」？不需要的列请删除
    示例.csv，第1行，E列：[I013] 表头为空。请填写列名，或删除这一列
    示例.csv，第1行，F列，值「colour」：[I010] 不认识的表头。请改为规定的列名，或删除这一列；第一行必须是表头
    示例.csv，第1行，统一社会信用代码（uscc）列：[I012] 缺少必需的列「统一社会信用代码（uscc）」。请补上这一列；第一行必须是表头
    示例.csv，第1行，B列，值「行政区」：[I010] 不认识的表头。是否应为「行政区划」？不需要的列请删除
    示例.csv，第1行，统一社会信用代码（uscc）列：[I012] 缺少必需的列「统一社会信用代码（uscc）」。请补上这一列；第一行必须是表头
    示例.csv，第1行，企业名称（name）列：[I012] 缺少必需的列「企业名称（name）」。请补上这一列；第一行必须是表头
    示例.csv，第1行，A列，值「统一社会信用代码；企业名称」：[I010] 不认识的表头，像是几列连在一起。列与列之间要用英文逗号分隔；请在表格软件中另存为「CSV UTF-8（逗号分隔）」
    示例.csv，第1行，统一社会信用代码（uscc）列：[I012] 缺少必需的列「统一社会信用代码（uscc）」。请补上这一列；第一行必须是表头
    示例.csv，第1行，企业名称（name）列：[I012] 缺少必需的列「企业名称（name）」。请补上这一列；第一行必须是表头
    示例.csv，第1行，C列，值「peple」：[I010] 不认识的表头。是否应为「people」？不需要的列请删除
    示例.csv，第1行，E列，值「people」：[I011] 表头与「上访人数」是同一列。请只保留其中一列
    示例.csv，第1行，条目（item）列：[I012] 缺少必需的列「条目（item）」。请补上这一列；第一行必须是表头
    示例.csv，第1行，评价期末（period_end）列：[I012] 缺少必需的列「评价期末（period_end）」。请补上这一列；第一行必须是表头
    示例.csv，第1行，B列：[I023] 英文双引号的位置不对。含双引号的内容要整体用双引号括起来，其中的双引号写成两个
    "#);
}

#[test]
fn every_faulty_cell_of_a_row_is_told() {
    let text = format!(
        "uscc,name,region,registered_on,status\n\
         91512002MA6ABCD10Q,,512003,2026-02-30,closed\n\
         9.1512E+17,示例,示例街道,46082,\n\
         {CODE},示例物业,火星,,\n\
         {CODE},示例物业,甲示例区,20200101,存续\n\
         {},示例物业,512002001,,注销\n\
         {CODE},示例物业,,,\n",
        CODE.to_lowercase()
    );
    let (good, faults) = read(companies(text).unwrap());
    assert_eq!(good.len(), 1);
    assert_eq!(good[0].value.region.as_ref().unwrap().as_str(), "512002");
    assert_eq!(good[0].value.status, CompanyStatus::Active);
    insta::assert_snapshot!(told(faults), @r#"
    示例.csv，第2行，uscc列，值「91512002MA6ABCD10Q」：[I031] 统一社会信用代码「91512002MA6ABCD10Q」校验码不符：第18位应为「P」，请核对是否录错。请与营业执照核对后改正
    示例.csv，第2行，name列：[I030] 必填项为空。请填写
    示例.csv，第2行，region列，值「512003」：[I033] 行政区划代码「512003」不在辖区表内。是否应为 512002（甲示例区）？
    示例.csv，第2行，registered_on列，值「2026-02-30」：[I034] 日期「2026-02-30」不存在，请核对年月日。请填写 2026-03-01 这样的日期；表格中显示为五位数字的，请先把单元格格式改为日期
    示例.csv，第2行，status列，值「closed」：[I036] 企业状态「closed」不存在，应为 active（存续）、suspended（停业）、revoked（吊销）或 deregistered（注销）。请从可选值中选择
    示例.csv，第3行，uscc列，值「9.1512E+17」：[I040] 编码被表格软件变成了数字，后面的数位已经丢失。请把这一列的单元格格式设为「文本」，再重新录入完整编码
    示例.csv，第3行，region列，值「示例街道」：[I033] 名称「示例街道」有多个行政区划使用。请改填行政区划代码，或写明上级区县，例如「示例区示例街道」
    示例.csv，第3行，registered_on列，值「46082」：[I034] 日期「46082」格式不对，应为 2026-03-01、2026/3/1 或 20260301。请填写 2026-03-01 这样的日期；表格中显示为五位数字的，请先把单元格格式改为日期
    示例.csv，第4行，region列，值「火星」：[I032] 「火星」不是行政区划代码，也不是辖区内的名称。请按辖区表填写行政区划代码或名称
    示例.csv，第6行，uscc列，值「91512002MA6ABCD10P」：[I050] 统一社会信用代码与第5行重复。请只保留其中一行
    示例.csv，第7行，uscc列，值「91512002MA6ABCD10P」：[I050] 统一社会信用代码与第5行重复。请只保留其中一行
    "#);
}

#[test]
fn faults_of_contracts_records_and_grades_are_told() {
    let world = World::new();
    let contracts = format!(
        "code,name,company,area,households,from,until\n\
         p1,示例花园,{CODE},-5,12.5,2026-01-01,2025-01-01\n\
         p1,示例花园,{CODE},100.5,120,2026-01-01,2026-12-31\n\
         Ｐ１,示例花园,{CODE},,,2026/1/1,20261231\n"
    );
    let (good, mut faults) = read(
        table(contracts)
            .unwrap()
            .contracts(&world.context())
            .unwrap(),
    );
    assert_eq!((good.len(), good[0].value.project.as_str()), (1, "P1"));
    let records = format!(
        "id,item,kind,company,project,points,status,level,上访人数,occurred_on\n\
         r1,BAD-07,visit,,,1.23456,done,town,1.5,2026年1月1日\n\
         r2,,penalty,123,,,,,,\n\
         r3,BAD-07,处罚,{CODE},,-2,,city,12,2026-3-1\n\
         r3,BAD-08,处罚,,p1,-2,,,,\n"
    );
    let (good, more) = read(table(records).unwrap().records(&world.context()).unwrap());
    faults.extend(more);
    let record: &Record = &good[0].value;
    assert_eq!(record.kind, Some(RecordKind::Penalty));
    assert_eq!(record.attributes["people"], AttributeValue::Integer(12));
    assert_eq!(record.occurred_on, Day::from_ymd(2026, 3, 1));
    let history = format!("对象,期末日期,等级\n{CODE},2025-12-31,AAA\n{CODE},2025/12/31,B\n,x,\n");
    let (good, more) = read(table(history).unwrap().history(&world.context()).unwrap());
    assert_eq!((good.len(), good[0].value.grade.as_str()), (1, "AAA"));
    faults.extend(more);
    insta::assert_snapshot!(told(faults), @r#"
    示例.csv，第2行，area列，值「-5」：[I035] 不是有效的数字。请填写不小于0的数字，不带单位和千分位逗号
    示例.csv，第2行，households列，值「12.5」：[I035] 不是有效的整数。请填写不小于0的整数，不带单位和千分位逗号
    示例.csv，第2行，until列，值「2025-01-01」：[I044] 合同结束日期早于开始日期 2026-01-01。请核对起止日期
    示例.csv，第4行，code列，值「P1 91512002MA6ABCD10P 2026-01-01 2026-12-31」：[I050] 合同（项目、企业、起止日期）与第3行重复。请只保留其中一行
    示例.csv，第2行，kind列，值「visit」：[I036] 记录类型「visit」不存在，应为 inspection（检查）、spot_check（双随机抽查）、complaint（投诉）、penalty（处罚）、honour（表彰）、survey（满意度调查）、basic（基础信息）、other（其他）。请从可选值中选择
    示例.csv，第2行，company列：[I043] 没有写明记录的对象。企业信用代码、项目编码、项目负责人至少填写一项
    示例.csv，第2行，occurred_on列，值「2026年1月1日」：[I034] 日期「2026年1月1日」格式不对，应为 2026-03-01、2026/3/1 或 20260301。请填写 2026-03-01 这样的日期；表格中显示为五位数字的，请先把单元格格式改为日期
    示例.csv，第2行，points列，值「1.23456」：[I037] 分值「1.23456」小数超过4位。请填写数字，扣分写负数
    示例.csv，第2行，status列，值「done」：[I036] 记录状态「done」不存在，应为 draft（草稿）、confirmed（已认定）、disputed（异议中）、revoked（已撤销）。请从可选值中选择
    示例.csv，第2行，level列，值「town」：[I038] 「town」不在可选值之内，应为：city、province。请按评价办法规定的取值填写
    示例.csv，第2行，上访人数列，值「1.5」：[I038] 「1.5」不是整数。请按评价办法规定的取值填写
    示例.csv，第3行，item列：[I030] 必填项为空。请填写
    示例.csv，第3行，company列，值「123」：[I031] 统一社会信用代码应为18位，「123」有3位。请与营业执照核对后改正
    示例.csv，第5行，id列，值「r3」：[I050] 记录编号与第4行重复。请只保留其中一行
    示例.csv，第3行，对象列，值「91512002MA6ABCD10P 2025-12-31」：[I050] 同一对象同一期的等级与第2行重复。请只保留其中一行
    示例.csv，第4行，对象列：[I030] 必填项为空。请填写
    示例.csv，第4行，期末日期列，值「x」：[I034] 日期「x」格式不对，应为 2026-03-01、2026/3/1 或 20260301。请填写 2026-03-01 这样的日期；表格中显示为五位数字的，请先把单元格格式改为日期
    示例.csv，第4行，等级列：[I030] 必填项为空。请填写
    "#);
}

#[test]
fn what_is_doubtful_is_taken_with_a_warning() {
    let inner = Uscc::complete("91512021MA7K2P3Q8").unwrap();
    let (good, faults) = read(companies(format!("uscc,name\n{inner},示例物业\n")).unwrap());
    assert!(faults.is_empty());
    let mut warnings = good[0].warnings.clone();
    let history = table("subject,period_end,grade\n91512002MA6ABCD10Q,2025-12-31,A\n").unwrap();
    let (good, _) = read(history.history(&World::new().context()).unwrap());
    warnings.extend(good[0].warnings.clone());
    insta::assert_snapshot!(told(warnings), @r#"
    示例.csv，第2行，uscc列，值「91512021MA7K2P3Q87」：[I060] 提醒：代码中的组织机构代码校验位不符。部分登记机关曾发出这样的代码；请与营业执照核对
    示例.csv，第2行，subject列，值「91512002MA6ABCD10Q」：[I061] 提醒：统一社会信用代码「91512002MA6ABCD10Q」校验码不符：第18位应为「P」，请核对是否录错。如果对象是企业，请核对统一社会信用代码
    "#);
}

#[test]
fn a_broken_row_costs_itself_and_rows_are_counted_as_a_spreadsheet_does() {
    let long = "x".repeat(FIELD_LIMIT + 1);
    let many = format!("\"{}\",", "y".repeat(60_000)).repeat(20);
    let good = |code: &str| format!("{code},示例,\n");
    let text = format!(
        "uscc,name,address\n\
         {OTHER},\"示例\n物业\",\"a \"\"b\"\"\"\r\n\
         {CODE},示例\n\
         {CODE},示例,一,二\n\
         \n\
         {CODE},示\"例,\n\
         {CODE},\"示例\"物业,\n\
         {CODE},示\0例,\n\
         {CODE},{long},\n\
         {many}\n\
         {CODE},\"示例,\n\
         {CODE},\"示例\",\"没有闭合\n\
         {}",
        good(CODE)
    );
    let (rows, faults) = read(companies(text).unwrap());
    let numbers: Vec<u64> = rows.iter().map(|row| row.number).collect();
    assert_eq!(numbers, [2, 13]);
    assert_eq!(rows[0].value.name, "示例\n物业");
    assert_eq!(rows[0].value.address.as_deref(), Some("a \"b\""));
    insta::assert_snapshot!(told(faults), @r#"
    示例.csv，第3行：[I020] 这一行有 2 列，表头有 3 列。请检查是否多了或少了逗号；含逗号的内容要用英文双引号括起来
    示例.csv，第4行：[I021] 这一行有 4 列，表头有 3 列。请检查是否多了或少了逗号；含逗号的内容要用英文双引号括起来
    示例.csv，第6行，name列：[I023] 英文双引号的位置不对。含双引号的内容要整体用双引号括起来，其中的双引号写成两个
    示例.csv，第7行，name列：[I023] 英文双引号的位置不对。含双引号的内容要整体用双引号括起来，其中的双引号写成两个
    示例.csv，第8行，name列：[I026] 含有空字符（NUL 字节）。请删除这个字符，或从原系统重新导出
    示例.csv，第9行，name列：[I025] 单元格内容超过 64 KiB。请检查这一行是否缺少换行、逗号或引号，或者缩短内容
    示例.csv，第10行，R列：[I024] 这一行超过 1 MiB。请检查这一行是否缺少换行或引号
    示例.csv，第11行，name列：[I022] 引号没有闭合。请补上结尾的英文双引号；内容中的双引号要写成两个
    示例.csv，第12行，address列：[I022] 引号没有闭合。请补上结尾的英文双引号；内容中的双引号要写成两个
    "#);
}

#[test]
fn line_breaks_of_every_system_end_a_row() {
    for line_break in ["\n", "\r\n", "\r"] {
        for end in ["", line_break] {
            let lines = [
                "uscc,name".to_owned(),
                format!("{CODE},示例甲"),
                String::new(),
                format!("{OTHER},示例乙"),
            ];
            let text = lines.join(line_break) + end;
            let (good, faults) = read(companies(text).unwrap());
            let numbers: Vec<u64> = good.iter().map(|row| row.number).collect();
            assert_eq!((numbers, told(faults)), (vec![2, 4], String::new()));
        }
    }
}

#[test]
fn texts_that_look_like_formulas_are_texts() {
    for name in ["=1+1", "+示例", "-示例", "@示例", "=cmd|' /C calc'!A0"] {
        let (good, _) = read(companies(format!("uscc,name\n{CODE},{name}\n")).unwrap());
        assert_eq!(good[0].value.name, name);
    }
}

#[test]
fn overlapping_contracts_of_a_project_are_told() {
    let contract = |project: &str, from: &str, until: &str| Contract {
        project: project.to_owned(),
        name: "示例花园".to_owned(),
        company: Uscc::parse(CODE).unwrap(),
        region: None,
        area: None,
        households: None,
        from: Day::parse(from).ok(),
        until: Day::parse(until).ok(),
        contract_value: None,
        service_grade: None,
    };
    let contracts = [
        (2, contract("P1", "2025-01-01", "")),
        (3, contract("P1", "2024-01-01", "2024-12-31")),
        (4, contract("P1", "2024-02-01", "2024-03-01")),
        (5, contract("P1", "2024-12-01", "2025-06-30")),
        (6, contract("P2", "2024-12-01", "2025-06-30")),
    ];
    insta::assert_snapshot!(told(intake::contract_overlaps("示例.csv", &contracts)), @r#"
    示例.csv，第4行，项目编码列，值「P1」：[I051] 合同期（2024-02-01 至 2024-03-01）与第3行（91512002MA6ABCD10P，2024-01-01 至 2024-12-31）重叠。同一项目同一天只能有一份有效合同，请改正起止日期
    示例.csv，第5行，项目编码列，值「P1」：[I051] 合同期（2024-12-01 至 2025-06-30）与第3行（91512002MA6ABCD10P，2024-01-01 至 2024-12-31）重叠。同一项目同一天只能有一份有效合同，请改正起止日期
    示例.csv，第5行，项目编码列，值「P1」：[I051] 合同期（2024-12-01 至 2025-06-30）与第2行（91512002MA6ABCD10P，2025-01-01 至 未定）重叠。同一项目同一天只能有一份有效合同，请改正起止日期
    "#);
}

#[test]
fn the_report_of_faults_is_safe_to_open() {
    let fault = |column: &str, value: &str| Fault {
        file: "示例.csv".to_owned(),
        row: Some(2),
        column: Some(column.to_owned()),
        value: Some(value.to_owned()),
        code: "I010",
        what: "不认识的表头".to_owned(),
        fix: String::new(),
    };
    let mut out = Vec::new();
    let faults = [fault("=A1", "@SUM(1)"), fault("name", "a\"b,\n")];
    let written = intake::write_fault_report(&mut out, faults).unwrap();
    assert_eq!(written, 2);
    let text = String::from_utf8(out).unwrap();
    assert_eq!(
        text,
        "\u{FEFF}文件,行,列,值,代码,问题,处理办法\r\n\
         示例.csv,2,'=A1,'@SUM(1),I010,不认识的表头,\r\n\
         示例.csv,2,name,\"a\"\"b,\n\",I010,不认识的表头,\r\n"
    );
}
