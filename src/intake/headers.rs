//! The columns of each file, by code name and by Chinese name, and how a header row is matched with them.

use std::collections::BTreeMap;

use crate::domain::{AttributeSchema, AttributeType, Fault, normalise_name};

use super::{
    cells::{Cell, Fields},
    wrong::{self, Wrong, letters, nearest},
};

/// A column that a file may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// The code name, as the contract of the files has it.
    pub name: &'static str,
    /// The Chinese name, as templates print it.
    pub chinese: &'static str,
    /// Other names that are read too.
    pub synonyms: &'static [&'static str],
    /// Whether the file must have the column.
    pub required: bool,
}

macro_rules! columns {
    ($(#[$doc:meta])* $table:ident, $field:ident {
        $($variant:ident = $name:literal | $chinese:literal [$($synonym:literal),*] $required:literal;)+
    }) => {
        $(#[$doc])*
        pub const $table: &[Column] = &[$(Column {
            name: $name,
            chinese: $chinese,
            synonyms: &[$($synonym),*],
            required: $required,
        }),+];

        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum $field { $($variant),+ }

        impl From<$field> for usize {
            /// Place in the table.
            fn from(field: $field) -> usize { field as usize }
        }
    };
}

columns! {
    /// Columns of `companies.csv`.
    COMPANY_COLUMNS, CompanyField {
        Uscc = "uscc" | "统一社会信用代码" ["信用代码", "社会信用代码", "企业信用代码", "机构代码"] true;
        Name = "name" | "企业名称" ["公司名称", "单位名称", "物业服务企业", "物业服务企业名称", "名称"] true;
        Region = "region" | "行政区划" ["区划代码", "行政区划代码", "所属区域", "所在区县", "区县"] false;
        RegisteredOn = "registered_on" | "成立日期" ["注册日期", "登记日期", "成立时间"] false;
        Status = "status" | "登记状态" ["企业状态", "经营状态", "状态"] false;
        LegalRepresentative = "legal_representative" | "法定代表人" ["法人", "法人代表", "负责人"] false;
        Address = "address" | "地址" ["住所", "注册地址", "办公地址"] false;
        Phone = "phone" | "联系电话" ["电话", "手机", "联系方式"] false;
    }
}

columns! {
    /// Columns of `projects.csv`, one row per management contract.
    CONTRACT_COLUMNS, ContractField {
        Code = "code" | "项目编码" ["项目编号", "项目代码", "小区编码"] true;
        Name = "name" | "项目名称" ["小区名称", "物业项目名称", "物业项目", "名称"] true;
        Company = "company" | "企业信用代码" ["统一社会信用代码", "信用代码", "社会信用代码"] true;
        Region = "region" | "行政区划" ["区划代码", "行政区划代码", "所属区域", "所在区县", "区县"] false;
        Area = "area" | "管理面积" ["建筑面积", "面积", "管理面积（平方米）", "建筑面积（平方米）"] false;
        Households = "households" | "户数" ["总户数", "住户数"] false;
        From = "from" | "合同开始日期" ["开始日期", "起始日期", "合同起始日期", "进驻日期"] false;
        Until = "until" | "合同结束日期" ["结束日期", "终止日期", "截止日期", "合同终止日期", "退出日期"] false;
        ContractValue = "contract_value" | "合同金额" ["年合同金额", "合同金额（元）", "年合同金额（元）"] false;
        ServiceGrade = "service_grade" | "服务等级" ["物业服务等级", "收费等级"] false;
    }
}

columns! {
    /// Columns of `records.csv`; declared attributes may follow. At least one of company, project and manager is needed.
    RECORD_COLUMNS, RecordField {
        Id = "id" | "记录编号" ["编号", "记录编码", "信用信息编号"] true;
        Item = "item" | "条目" ["条目编号", "条目编码", "计分项", "评分项", "评分条目"] true;
        Kind = "kind" | "记录类型" ["信息类型", "类型", "来源类型"] false;
        Company = "company" | "企业信用代码" ["统一社会信用代码", "信用代码", "社会信用代码"] false;
        Project = "project" | "项目编码" ["项目编号", "项目代码", "小区编码"] false;
        Manager = "manager" | "项目负责人" ["项目经理", "项目负责人编号", "负责人编号"] false;
        Body = "body" | "记分主体" ["认定机关", "认定单位", "检查单位", "处罚机关", "记录单位"] false;
        OccurredOn = "occurred_on" | "发生日期" ["发生时间", "行为日期", "检查日期"] false;
        DecidedOn = "decided_on" | "认定日期" ["决定日期", "认定时间", "处罚决定日期"] false;
        EnteredOn = "entered_on" | "录入日期" ["录入时间", "登记日期"] false;
        PublishedOn = "published_on" | "公布日期" ["公示日期", "公开日期", "发布日期"] false;
        ValidUntil = "valid_until" | "有效期至" ["有效期截止", "失效日期", "有效期"] false;
        Points = "points" | "分值" ["记分", "计分"] false;
        Reason = "reason" | "理由" ["记分理由", "分值理由", "事由", "原因"] false;
        Matter = "matter" | "事项" ["事项编号", "同一事项", "事件编号"] false;
        RectifyBy = "rectify_by" | "整改期限" ["整改截止日期", "限期整改日期"] false;
        RectifiedOn = "rectified_on" | "整改完成日期" ["整改日期", "完成整改日期"] false;
        Status = "status" | "记录状态" ["状态", "认定状态"] false;
    }
}

columns! {
    /// Columns of `history.csv`.
    HISTORY_COLUMNS, HistoryField {
        Subject = "subject" | "评价对象" ["对象", "对象编码", "统一社会信用代码", "企业信用代码"] true;
        PeriodEnd = "period_end" | "评价期末" ["评价截止日期", "期末日期", "评价周期截止"] true;
        Grade = "grade" | "等级" ["信用等级", "评价等级"] true;
    }
}

columns! {
    /// Columns of `complaints.csv`. At least one of company and project is needed.
    COMPLAINT_COLUMNS, ComplaintField {
        Reference = "reference" | "工单号" ["工单编号", "来源编号", "投诉编号"] true;
        Channel = "channel" | "投诉渠道" ["渠道", "来源", "投诉来源"] true;
        Category = "category" | "投诉类别" ["类别", "投诉类型", "事项类别"] true;
        Text = "text" | "投诉内容" ["内容", "诉求内容", "投诉事项"] true;
        Company = "company" | "企业信用代码" ["统一社会信用代码", "信用代码", "社会信用代码"] false;
        Project = "project" | "项目编码" ["项目编号", "项目代码", "小区编码"] false;
        Office = "office" | "受理单位" ["办理单位", "承办单位", "行政区划", "行政区划代码"] false;
        ReceivedOn = "received_on" | "收到日期" ["投诉日期", "收到时间", "登记日期"] false;
        ContactName = "contact_name" | "投诉人" ["投诉人姓名", "姓名", "诉求人"] false;
        ContactPhone = "contact_phone" | "投诉人电话" ["联系电话", "电话", "手机"] false;
        ContactAddress = "contact_address" | "投诉人地址" ["联系地址", "地址"] false;
    }
}

columns! {
    /// Columns of `check-items.csv`.
    CHECK_ITEM_COLUMNS, CheckItemField {
        Id = "id" | "事项编码" ["编码", "事项编号"] true;
        Title = "title" | "事项名称" ["名称", "检查事项", "抽查事项"] true;
        Basis = "basis" | "检查依据" ["法律依据", "依据"] true;
        PublishedOn = "published_on" | "公布日期" ["清单公布日期"] false;
        Method = "method" | "检查方式" ["方式", "检查方法"] true;
        Qualifications = "qualifications" | "资格要求" ["所需资格"] false;
        EffectiveFrom = "effective_from" | "生效日期" ["启用日期", "施行日期"] true;
        EffectiveUntil = "effective_until" | "失效日期" ["停用日期"] false;
    }
}

columns! {
    /// Columns of `check-officers.csv`.
    CHECK_OFFICER_COLUMNS, CheckOfficerField {
        Id = "id" | "工号" ["人员编号", "编号"] true;
        Name = "name" | "姓名" ["执法人员", "执法人员姓名"] true;
        Certificate = "certificate" | "执法证号" ["证号", "证件号码"] true;
        CertificateUntil = "certificate_until" | "证件有效期至" ["有效期至", "执法证有效期"] true;
        Qualifications = "qualifications" | "资格" ["专业资格"] false;
        District = "district" | "辖区" ["所属区县", "行政区划", "行政区划代码"] true;
        Interests = "interests" | "利害关系" ["申报的利害关系"] false;
        Recusals = "recusals" | "回避" ["回避对象及理由"] false;
        Active = "active" | "在岗" ["是否在岗"] false;
    }
}

/// Where the columns of one file stand.
#[derive(Debug)]
pub(super) struct Columns {
    table: &'static [Column],
    /// For each column of the table, its place in a row.
    places: Vec<Option<usize>>,
    /// The headers as written.
    written: Vec<String>,
    /// Columns that are attributes: place, name, type.
    pub attributes: Vec<(usize, String, AttributeType)>,
}

/// What a header stands for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Meaning {
    Column(usize),
    Attribute(String),
}

impl Columns {
    /// Matches the header row; every fault of it is returned.
    pub fn resolve(
        file: &str,
        header: Fields<'_>,
        table: &'static [Column],
        attributes: Option<(&AttributeSchema, &BTreeMap<String, String>)>,
    ) -> Result<Self, Vec<Fault>> {
        let known = names(table, attributes);
        let mut faults = Vec::new();
        let mut seen: BTreeMap<Meaning, String> = BTreeMap::new();
        let mut columns = Self {
            table,
            places: vec![None; table.len()],
            written: Vec::with_capacity(header.len()),
            attributes: Vec::new(),
        };
        let mut complain = |wrong: Wrong, place: usize, written: &str| {
            let column = letters(place);
            let value = (!written.is_empty()).then_some(written);
            faults.push(wrong.at(file, Some(header.number), Some(&column), value));
        };
        for (place, cell) in header.iter().enumerate() {
            let written = match cell {
                Cell::Text(text) => text,
                Cell::Empty => {
                    columns.written.push(String::new());
                    complain(empty_header(), place, "");
                    continue;
                }
                Cell::Bad(shown, wrong) => {
                    columns.written.push(shown.to_owned());
                    complain(wrong.clone(), place, shown);
                    continue;
                }
            };
            columns.written.push(written.to_owned());
            let Some(meaning) = known.get(&normalise_name(written)) else {
                complain(unknown_header(written, table, attributes), place, written);
                continue;
            };
            if let Some(before) = seen.insert(meaning.clone(), written.to_owned()) {
                complain(duplicate_header(written, &before), place, written);
                continue;
            }
            match meaning {
                Meaning::Column(index) => columns.places[*index] = Some(place),
                Meaning::Attribute(name) => {
                    if let Some(kind) = attributes.and_then(|(schema, _)| schema.get(name)) {
                        columns.attributes.push((place, name.clone(), kind.clone()));
                    }
                }
            }
        }
        for (column, _) in table
            .iter()
            .zip(&columns.places)
            .filter(|(column, place)| column.required && place.is_none())
        {
            let name = format!("{}（{}）", column.chinese, column.name);
            faults.push(missing_header(&name).at(file, Some(header.number), Some(&name), None));
        }
        if faults.is_empty() {
            Ok(columns)
        } else {
            Err(faults)
        }
    }

    /// Number of headers.
    pub fn len(&self) -> usize {
        self.written.len()
    }

    /// Place of a column of the table in a row.
    pub fn place(&self, field: usize) -> Option<usize> {
        self.places.get(field).copied().flatten()
    }

    /// The header of a place, as written.
    pub fn written(&self, place: usize) -> Option<&str> {
        self.written.get(place).map(String::as_str)
    }

    /// The header of a column as written, or its Chinese name where the file has none.
    pub fn title(&self, field: usize) -> &str {
        let written = self.place(field).and_then(|place| self.written(place));
        let chinese = || self.table.get(field).map_or("", |column| column.chinese);
        written.unwrap_or_else(chinese)
    }
}

/// What each folded name means. Code names and Chinese names come first, then what the rule set declares, then synonyms.
fn names(
    table: &[Column],
    attributes: Option<(&AttributeSchema, &BTreeMap<String, String>)>,
) -> BTreeMap<String, Meaning> {
    let mut known = BTreeMap::new();
    let mut add = |name: &str, meaning: Meaning| {
        known.entry(normalise_name(name)).or_insert(meaning);
    };
    for (index, column) in table.iter().enumerate() {
        add(column.name, Meaning::Column(index));
    }
    for (index, column) in table.iter().enumerate() {
        add(column.chinese, Meaning::Column(index));
    }
    if let Some((schema, titles)) = attributes {
        for name in schema.keys() {
            add(name, Meaning::Attribute(name.clone()));
        }
        for (title, name) in titles.iter().filter(|(_, name)| schema.contains_key(*name)) {
            add(title, Meaning::Attribute(name.clone()));
        }
    }
    for (index, column) in table.iter().enumerate() {
        for synonym in column.synonyms {
            add(synonym, Meaning::Column(index));
        }
    }
    known
}

fn empty_header() -> Wrong {
    Wrong::new(wrong::EMPTY_HEADER, "表头为空", "请填写列名，或删除这一列")
}

fn unknown_header(
    written: &str,
    table: &[Column],
    attributes: Option<(&AttributeSchema, &BTreeMap<String, String>)>,
) -> Wrong {
    let declared = attributes.into_iter().flat_map(|(schema, titles)| {
        let names = schema.keys().chain(titles.keys());
        names.map(String::as_str)
    });
    let known = table
        .iter()
        .flat_map(|column| {
            [column.name, column.chinese]
                .into_iter()
                .chain(column.synonyms.iter().copied())
        })
        .chain(declared);
    if written.contains(['\t', ';', '，', '；', '|']) {
        return Wrong::new(
            wrong::UNKNOWN_HEADER,
            "不认识的表头，像是几列连在一起",
            "列与列之间要用英文逗号分隔；请在表格软件中另存为「CSV UTF-8（逗号分隔）」",
        );
    }
    let fix = match nearest(&normalise_name(written), known) {
        Some(name) => format!("是否应为「{name}」？不需要的列请删除"),
        None => "请改为规定的列名，或删除这一列；第一行必须是表头".to_owned(),
    };
    Wrong::new(wrong::UNKNOWN_HEADER, "不认识的表头", fix)
}

fn duplicate_header(written: &str, before: &str) -> Wrong {
    let what = if written == before {
        "表头重复".to_owned()
    } else {
        format!("表头与「{before}」是同一列")
    };
    Wrong::new(wrong::DUPLICATE_HEADER, what, "请只保留其中一列")
}

fn missing_header(name: &str) -> Wrong {
    Wrong::new(
        wrong::MISSING_HEADER,
        format!("缺少必需的列「{name}」"),
        "请补上这一列；第一行必须是表头",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_of_a_table_means_one_column() {
        for table in [
            COMPANY_COLUMNS,
            CONTRACT_COLUMNS,
            RECORD_COLUMNS,
            HISTORY_COLUMNS,
            COMPLAINT_COLUMNS,
            CHECK_ITEM_COLUMNS,
            CHECK_OFFICER_COLUMNS,
        ] {
            let known = names(table, None);
            for (index, column) in table.iter().enumerate() {
                let all = [column.name, column.chinese].into_iter();
                for name in all.chain(column.synonyms.iter().copied()) {
                    let meaning = known.get(&normalise_name(name));
                    assert_eq!(meaning, Some(&Meaning::Column(index)), "{name}");
                }
            }
        }
    }
}
