//! What a row of each file becomes.

use std::collections::BTreeMap;

use crate::domain::{Company, CompanyStatus, Contract, Day, Record, RecordStatus, Uscc, fold_code};

use super::{
    headers::{
        CHECK_ITEM_COLUMNS, CHECK_OFFICER_COLUMNS, COMPANY_COLUMNS, COMPLAINT_COLUMNS,
        CONTRACT_COLUMNS, CheckItemField, CheckOfficerField, Column, CompanyField, ComplaintField,
        ContractField, HISTORY_COLUMNS, HistoryField, RECORD_COLUMNS, RecordField,
    },
    keys::Key,
    values::{
        RowReader, amount, code, company_status, count, day, identifier, points, record_kind,
        record_status, text,
    },
    wrong::{self, Wrong},
};

/// A grade of an earlier period, from `history.csv`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastGrade {
    /// A company's USCC, a project's code or a manager's identifier, folded.
    pub subject: String,
    /// Last day of the period.
    pub period_end: Day,
    /// Id of the grade, as written.
    pub grade: String,
}

/// A complaint from `complaints.csv`, as typed: what its values mean is for the service to say.
#[derive(Clone, PartialEq, Eq)]
pub struct TypedComplaint {
    /// Number of the work order at the source.
    pub reference: String,
    pub channel: String,
    pub category: String,
    pub text: String,
    pub company: Option<String>,
    pub project: Option<String>,
    pub office: Option<String>,
    pub received_on: Option<String>,
    pub contact_name: Option<String>,
    pub contact_phone: Option<String>,
    pub contact_address: Option<String>,
}

impl std::fmt::Debug for TypedComplaint {
    /// Without whoever complained.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TypedComplaint")
            .field("reference", &self.reference)
            .finish_non_exhaustive()
    }
}

/// A row of `check-items.csv` or `check-officers.csv`, as typed, by the code names of the columns: what its values mean is for
/// the service to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypedItem(pub BTreeMap<&'static str, String>);

/// A row of `check-officers.csv`, as [`TypedItem`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypedOfficer(pub BTreeMap<&'static str, String>);

/// Every cell of a row as text; required ones that are empty are faults.
fn typed(
    row: &mut RowReader<'_>,
    columns: &'static [Column],
    fields: &[usize],
) -> Option<BTreeMap<&'static str, String>> {
    let mut cells = BTreeMap::new();
    let mut whole = true;
    for (place, column) in fields.iter().zip(columns) {
        let cell = if column.required {
            let cell = row.required(*place, identifier);
            whole &= cell.is_some();
            cell
        } else {
            row.optional(*place, identifier)
        };
        if let Some(cell) = cell {
            cells.insert(column.name, cell);
        }
    }
    whole.then_some(cells)
}

/// A value that is read from one row of its file.
pub(super) trait FromRow: Sized + Send + 'static {
    const COLUMNS: &'static [Column];
    /// Whether declared attributes may follow the columns.
    const ATTRIBUTES: bool = false;

    /// The value; none only if a fault was reported.
    fn from_row(row: &mut RowReader<'_>) -> Option<Self>;

    /// What must not come twice in a file.
    fn key(&self) -> Key<'_>;
}

impl FromRow for Company {
    const COLUMNS: &'static [Column] = COMPANY_COLUMNS;

    fn from_row(row: &mut RowReader<'_>) -> Option<Self> {
        use CompanyField as F;
        let uscc = row.uscc(F::Uscc, true);
        let name = row.required(F::Name, text);
        let region = row.region(F::Region);
        let registered_on = row.day(F::RegisteredOn);
        let status = row.optional(F::Status, company_status);
        let legal_representative = row.text(F::LegalRepresentative);
        let address = row.text(F::Address);
        let phone = row.text(F::Phone);
        Some(Self {
            uscc: uscc?,
            name: name?,
            region,
            registered_on,
            status: status.unwrap_or(CompanyStatus::Active),
            legal_representative,
            address,
            phone,
        })
    }

    fn key(&self) -> Key<'_> {
        Key {
            field: CompanyField::Uscc.into(),
            what: "统一社会信用代码",
            value: self.uscc.as_str().into(),
        }
    }
}

impl FromRow for Contract {
    const COLUMNS: &'static [Column] = CONTRACT_COLUMNS;

    fn from_row(row: &mut RowReader<'_>) -> Option<Self> {
        use ContractField as F;
        let project = row.required(F::Code, code);
        let name = row.required(F::Name, text);
        let company = row.uscc(F::Company, true);
        let region = row.region(F::Region);
        let area = row.optional(F::Area, amount);
        let households = row.optional(F::Households, count);
        let from = row.day(F::From);
        let until = row.day(F::Until);
        let contract_value = row.optional(F::ContractValue, amount);
        let service_grade = row.text(F::ServiceGrade);
        if let (Some(first), Some(last)) = (from, until)
            && last < first
        {
            let wrong = Wrong::new(
                wrong::PERIOD,
                format!("合同结束日期早于开始日期 {first}"),
                "请核对起止日期",
            );
            row.complain(F::Until, Some(&last.to_string()), wrong);
        }
        Some(Self {
            project: project?,
            name: name?,
            company: company?,
            region,
            area,
            households,
            from,
            until,
            contract_value,
            service_grade,
        })
    }

    fn key(&self) -> Key<'_> {
        let day = |day: Option<Day>| day.map(|day| day.to_string()).unwrap_or_default();
        Key {
            field: ContractField::Code.into(),
            what: "合同（项目、企业、起止日期）",
            value: format!(
                "{} {} {} {}",
                self.project,
                self.company,
                day(self.from),
                day(self.until)
            )
            .into(),
        }
    }
}

impl FromRow for Record {
    const COLUMNS: &'static [Column] = RECORD_COLUMNS;
    const ATTRIBUTES: bool = true;

    fn from_row(row: &mut RowReader<'_>) -> Option<Self> {
        use RecordField as F;
        let id = row.required(F::Id, identifier);
        let item = row.required(F::Item, identifier);
        let kind = row.optional(F::Kind, record_kind);
        let before = row.faults.len();
        let company = row.uscc(F::Company, false);
        let project = row.optional(F::Project, code);
        let manager = row.optional(F::Manager, code);
        // A subject that is there but wrong has been reported already.
        let nobody = company.is_none() && project.is_none() && manager.is_none();
        if nobody && row.faults.len() == before {
            let wrong = Wrong::new(
                wrong::NO_SUBJECT,
                "没有写明记录的对象",
                "企业信用代码、项目编码、项目负责人至少填写一项",
            );
            row.complain(F::Company, None, wrong);
        }
        let body = row.text(F::Body);
        let occurred_on = row.day(F::OccurredOn);
        let decided_on = row.day(F::DecidedOn);
        let entered_on = row.day(F::EnteredOn);
        let published_on = row.day(F::PublishedOn);
        let valid_until = row.day(F::ValidUntil);
        let points = row.optional(F::Points, points);
        let reason = row.text(F::Reason);
        let matter = row.optional(F::Matter, identifier);
        let rectify_by = row.day(F::RectifyBy);
        let rectified_on = row.day(F::RectifiedOn);
        let status = row.optional(F::Status, record_status);
        let attributes = row.attributes();
        Some(Self {
            id: id?,
            item: item?,
            kind,
            company,
            project,
            manager,
            body,
            occurred_on,
            decided_on,
            entered_on,
            published_on,
            valid_until,
            points,
            reason,
            matter,
            rectify_by,
            rectified_on,
            status: status.unwrap_or(RecordStatus::Confirmed),
            attributes,
        })
    }

    fn key(&self) -> Key<'_> {
        Key {
            field: RecordField::Id.into(),
            what: "记录编号",
            value: self.id.as_str().into(),
        }
    }
}

impl FromRow for PastGrade {
    const COLUMNS: &'static [Column] = HISTORY_COLUMNS;

    fn from_row(row: &mut RowReader<'_>) -> Option<Self> {
        use HistoryField as F;
        let subject = row.required(F::Subject, code);
        let period_end = row.required(F::PeriodEnd, day);
        let grade = row.required(F::Grade, identifier);
        if let Some(subject) = &subject
            && looks_like_uscc(subject)
            && let Err(error) = Uscc::parse(subject)
        {
            let warning = Wrong::new(
                wrong::DOUBTFUL_SUBJECT,
                format!("提醒：{error}"),
                "如果对象是企业，请核对统一社会信用代码",
            );
            row.warn(F::Subject, subject, warning);
        }
        Some(Self {
            subject: subject?,
            period_end: period_end?,
            grade: grade?,
        })
    }

    fn key(&self) -> Key<'_> {
        Key {
            field: HistoryField::Subject.into(),
            what: "同一对象同一期的等级",
            value: format!("{} {}", self.subject, self.period_end).into(),
        }
    }
}

impl FromRow for TypedComplaint {
    const COLUMNS: &'static [Column] = COMPLAINT_COLUMNS;

    fn from_row(row: &mut RowReader<'_>) -> Option<Self> {
        use ComplaintField as F;
        let reference = row.required(F::Reference, identifier);
        let channel = row.required(F::Channel, text);
        let category = row.required(F::Category, text);
        let complained = row.required(F::Text, text);
        let received_on = row.day(F::ReceivedOn);
        let [company, project, office] = [F::Company, F::Project, F::Office].map(|f| row.text(f));
        let [name, phone, address] =
            [F::ContactName, F::ContactPhone, F::ContactAddress].map(|f| row.text(f));
        Some(Self {
            reference: reference?,
            channel: channel?,
            category: category?,
            text: complained?,
            company,
            project,
            office,
            received_on: received_on.map(|day| day.to_string()),
            contact_name: name,
            contact_phone: phone,
            contact_address: address,
        })
    }

    fn key(&self) -> Key<'_> {
        Key {
            field: ComplaintField::Reference.into(),
            what: "同一渠道的工单号",
            value: format!("{} {}", self.channel, self.reference).into(),
        }
    }
}

impl FromRow for TypedItem {
    const COLUMNS: &'static [Column] = CHECK_ITEM_COLUMNS;

    fn from_row(row: &mut RowReader<'_>) -> Option<Self> {
        use CheckItemField as F;
        let fields = [
            F::Id,
            F::Title,
            F::Basis,
            F::PublishedOn,
            F::Method,
            F::Qualifications,
            F::EffectiveFrom,
            F::EffectiveUntil,
        ];
        typed(row, CHECK_ITEM_COLUMNS, &fields.map(usize::from)).map(Self)
    }

    fn key(&self) -> Key<'_> {
        Key {
            field: CheckItemField::Id.into(),
            what: "事项编码",
            value: fold_code(self.0.get("id").map_or("", String::as_str)).into(),
        }
    }
}

impl FromRow for TypedOfficer {
    const COLUMNS: &'static [Column] = CHECK_OFFICER_COLUMNS;

    fn from_row(row: &mut RowReader<'_>) -> Option<Self> {
        use CheckOfficerField as F;
        let fields = [
            F::Id,
            F::Name,
            F::Certificate,
            F::CertificateUntil,
            F::Qualifications,
            F::District,
            F::Interests,
            F::Recusals,
            F::Active,
        ];
        typed(row, CHECK_OFFICER_COLUMNS, &fields.map(usize::from)).map(Self)
    }

    fn key(&self) -> Key<'_> {
        Key {
            field: CheckOfficerField::Id.into(),
            what: "工号",
            value: fold_code(self.0.get("id").map_or("", String::as_str)).into(),
        }
    }
}

fn looks_like_uscc(subject: &str) -> bool {
    subject.len() == 18
        && subject.starts_with('9')
        && subject.bytes().all(|byte| byte.is_ascii_alphanumeric())
}
