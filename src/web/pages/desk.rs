//! Pages of the door and of those who are signed in, and what their forms are made of.

use askama::Template;

use super::{HOSTILE, Page, Section, Svg, svg};

/// What the frame around every signed-in page needs. A page has it as `page` and begins
/// `{% extends "pages/desk/frame.html" %}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Name of the site.
    pub site: String,
    pub bureau: String,
    /// Title of this page, without the name of the site.
    pub title: String,
    /// Who is signed in.
    pub name: String,
    /// Their role in words; of a company its code.
    pub role: String,
    pub nav: Vec<NavLink>,
    /// What every form of the page must carry: `{% call form::token(page.csrf) %}{% endcall %}`.
    pub csrf: String,
}

/// An entry of a navigation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NavLink {
    pub href: String,
    pub title: String,
    pub current: bool,
}

/// A field of a form, for `{% call form::field(f) %}{% endcall %}`: label, hint and error are tied to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Name in the form, and id in the page.
    pub name: String,
    pub label: String,
    /// Type of the input (`text`, `password`, `date`, `number` ...), `textarea` or `select`.
    pub kind: String,
    pub value: String,
    /// May be empty.
    pub hint: String,
    pub error: Option<String>,
    pub required: bool,
    /// `autocomplete`; `off` unless set.
    pub complete: String,
    /// Asks telephones for the keyboard with digits.
    pub numeric: bool,
    /// Of a `select`: value and words.
    pub options: Vec<(String, String)>,
}

impl Field {
    /// A required line of text.
    pub fn new(name: &str, label: &str) -> Self {
        Self {
            name: name.to_owned(),
            label: label.to_owned(),
            kind: "text".to_owned(),
            value: String::new(),
            hint: String::new(),
            error: None,
            required: true,
            complete: "off".to_owned(),
            numeric: false,
            options: Vec::new(),
        }
    }

    #[must_use]
    pub fn kind(self, kind: &str) -> Self {
        Self {
            kind: kind.to_owned(),
            ..self
        }
    }

    /// A choice of values, each with its words.
    #[must_use]
    pub fn options(self, options: impl IntoIterator<Item = (String, String)>) -> Self {
        Self {
            kind: "select".to_owned(),
            options: options.into_iter().collect(),
            ..self
        }
    }

    #[must_use]
    pub fn value(self, value: &str) -> Self {
        Self {
            value: value.to_owned(),
            ..self
        }
    }

    #[must_use]
    pub fn hint(self, hint: &str) -> Self {
        Self {
            hint: hint.to_owned(),
            ..self
        }
    }

    #[must_use]
    pub fn error(self, error: Option<String>) -> Self {
        Self { error, ..self }
    }

    #[must_use]
    pub fn optional(self) -> Self {
        Self {
            required: false,
            ..self
        }
    }

    #[must_use]
    pub fn complete(self, complete: &str) -> Self {
        Self {
            complete: complete.to_owned(),
            ..self
        }
    }

    #[must_use]
    pub fn numeric(self) -> Self {
        Self {
            numeric: true,
            ..self
        }
    }

    /// What ties the field to its hint and error.
    pub fn described_by(&self) -> String {
        let hint = (!self.hint.is_empty()).then(|| format!("{}-hint", self.name));
        let error = self.error.as_ref().map(|_| format!("{}-error", self.name));
        let both: Vec<String> = hint.into_iter().chain(error).collect();
        both.join(" ")
    }
}

/// Whether a field has an error, so that a form begins with a summary.
pub fn any_wrong(fields: impl AsRef<[Field]>) -> bool {
    fields.as_ref().iter().any(|field| field.error.is_some())
}

/// `/sign-in`.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "pages/desk/sign_in.html")]
pub struct SignInPage {
    pub page: Page,
    pub csrf: String,
    /// Where to go afterwards; may be empty.
    pub to: String,
    pub fault: Option<String>,
    pub fields: [Field; 2],
}

/// `/sign-in/code`.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "pages/desk/code.html")]
pub struct CodePage {
    pub page: Page,
    pub csrf: String,
    pub to: String,
    pub name: String,
    pub field: Field,
}

/// `/sign-in/second-factor`.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "pages/desk/enrol.html")]
pub struct EnrolPage {
    pub page: Page,
    pub csrf: String,
    pub to: String,
    pub home: String,
    pub in_use: bool,
    pub picture: Option<Svg>,
    /// Absent: nothing was begun.
    pub secret: Option<String>,
    pub uri: Option<String>,
    pub field: Field,
}

/// `/sign-in/password`.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "pages/desk/password.html")]
pub struct PasswordPage {
    pub page: Page,
    pub csrf: String,
    pub to: String,
    /// The password was given by an administrator.
    pub must: bool,
    pub home: String,
    pub fields: [Field; 3],
}

/// `/desk`.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "pages/desk/desk.html")]
pub struct DeskPage {
    pub page: Frame,
    /// The division in words.
    pub place: String,
    pub links: Vec<NavLink>,
    /// What is to be done, the most urgent first; absent: the role has no business with periods.
    pub due: Option<Vec<DueRow>>,
    /// There is more than is shown.
    pub more: bool,
    /// What the role may do, in words.
    pub may: Vec<String>,
}

/// A running period of a matter, on the first page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueRow {
    /// What has to be done.
    pub what: String,
    /// Who has to act: 主管部门 or 企业.
    pub who: String,
    /// How it stands: 尚余 3 个工作日, 逾期 2 日.
    pub standing: String,
    pub overdue: bool,
    /// The last day in time; absent where no calendar covers it.
    pub due_on: Option<String>,
    /// The kind of matter in words.
    pub kind: String,
    /// The matter in words.
    pub title: String,
    /// The page of the matter, where this role has one.
    pub href: Option<String>,
    pub basis: String,
}

impl Frame {
    /// A frame for samples.
    pub fn sample(title: &str) -> Self {
        let link = |href: &str, title: &str, current| NavLink {
            href: href.into(),
            title: title.into(),
            current,
        };
        Self {
            site: "物业服务企业信用公示".into(),
            bureau: "示例市住房和城乡建设局".into(),
            title: title.into(),
            name: HOSTILE.into(),
            role: "复核".into(),
            nav: vec![
                link("/desk", "工作台", true),
                link("/desk/records", "信用记录", false),
            ],
            csrf: "0".repeat(64),
        }
    }
}

impl SignInPage {
    pub fn samples() -> Vec<Self> {
        let sample = |fault: Option<&str>| Self {
            page: Page::sample("登录", Section::None, true),
            csrf: "0".repeat(64),
            to: "/desk".into(),
            fault: fault.map(str::to_owned),
            fields: [
                Field::new("login", "登录名").value(HOSTILE),
                Field::new("password", "密码").kind("password"),
            ],
        };
        vec![sample(None), sample(Some("登录名或者密码不正确"))]
    }
}

impl CodePage {
    pub fn samples() -> Vec<Self> {
        let sample = |error: Option<&str>| Self {
            page: Page::sample("输入验证码", Section::None, true),
            csrf: "0".repeat(64),
            to: String::new(),
            name: HOSTILE.into(),
            field: Field::new("code", "六位验证码")
                .hint("打开手机上的验证器应用，输入当前显示的数字。")
                .numeric()
                .error(error.map(str::to_owned)),
        };
        vec![sample(None), sample(Some("验证码不正确"))]
    }
}

impl EnrolPage {
    pub fn samples() -> Vec<Self> {
        let sample = |in_use, secret: Option<&str>| Self {
            page: Page::sample("动态验证码", Section::None, true),
            csrf: "0".repeat(64),
            to: String::new(),
            home: "/desk".into(),
            in_use,
            picture: secret.and_then(|secret| svg::qr(secret, HOSTILE)),
            secret: secret.map(str::to_owned),
            uri: secret.map(|secret| format!("otpauth://totp/x?secret={secret}")),
            field: Field::new("code", "六位验证码"),
        };
        vec![
            sample(true, None),
            sample(false, None),
            sample(false, Some("GEZD GNBV GY3T QOJQ")),
        ]
    }
}

impl PasswordPage {
    pub fn samples() -> Vec<Self> {
        let sample = |must, error: Option<&str>| Self {
            page: Page::sample("修改密码", Section::None, true),
            csrf: "0".repeat(64),
            to: "/desk".into(),
            must,
            home: "/desk".into(),
            fields: [
                Field::new("old", "原密码").kind("password"),
                Field::new("new", "新密码")
                    .kind("password")
                    .hint("至少 12 个字符。")
                    .error(error.map(str::to_owned)),
                Field::new("again", "再次输入新密码").kind("password"),
            ],
        };
        vec![sample(true, None), sample(false, Some(HOSTILE))]
    }
}

impl DueRow {
    pub fn samples() -> Vec<Self> {
        let row = |what: &str, standing: &str, overdue, due_on: Option<&str>| Self {
            what: what.into(),
            who: "主管部门".into(),
            standing: standing.into(),
            overdue,
            due_on: due_on.map(str::to_owned),
            kind: "信用记录".into(),
            title: HOSTILE.into(),
            href: overdue.then(|| "/desk/records/E1".to_owned()),
            basis: "示例办法第十条".into(),
        };
        vec![
            row("核查异议", "逾期 2 日", true, Some("2026-07-01")),
            row("制发告知单", "尚余 3 个工作日", false, Some("2026-07-09")),
            row("公示决定", "待节假日安排公布", false, None),
        ]
    }
}

impl DeskPage {
    pub fn samples() -> Vec<Self> {
        let page = Frame::sample("工作台");
        vec![
            Self {
                place: "示例市示例区".into(),
                links: page.nav[1..].to_vec(),
                due: Some(DueRow::samples()),
                more: true,
                may: vec!["认定记录".into(), "更正记录".into()],
                page: page.clone(),
            },
            Self {
                page: page.clone(),
                place: HOSTILE.into(),
                links: Vec::new(),
                due: Some(Vec::new()),
                more: false,
                may: Vec::new(),
            },
            Self {
                page,
                place: "全市".into(),
                links: Vec::new(),
                due: None,
                more: false,
                may: vec!["管理账号".into()],
            },
        ]
    }
}
