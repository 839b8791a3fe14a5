//! The page of accounts: who has one, who made and approved it, and what the reader may do about it.

use askama::Template;

use super::{
    HOSTILE,
    desk::{Field, Frame},
};

/// `/desk/accounts` and `/desk/company-accounts`.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "pages/desk/accounts.html")]
pub struct AccountsPage {
    pub page: Frame,
    /// The form for an official's account, for who may make one.
    pub make: Option<Vec<Field>>,
    /// The form for a company's account, for who may make one.
    pub of_company: Option<Vec<Field>>,
    pub rows: Vec<AccountRow>,
    /// A password that was just given; shown this once.
    pub given: Option<Given>,
}

/// One account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountRow {
    pub id: String,
    pub name: String,
    /// In words; of a company's account with its code.
    pub role: String,
    pub place: String,
    pub state: String,
    /// Empty: none was given.
    pub login: String,
    pub factor: bool,
    pub made_by: String,
    pub approved_by: String,
    pub may_approve: bool,
    pub may_give: bool,
    pub may_unlock: bool,
    pub may_end: bool,
}

/// A name and a password to be handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    pub login: String,
    pub password: String,
}

impl AccountsPage {
    pub fn samples() -> Vec<Self> {
        let row = |id: &str, state: &str, may: bool| AccountRow {
            id: id.into(),
            name: HOSTILE.into(),
            role: "复核".into(),
            place: "示例市示例区".into(),
            state: state.into(),
            login: if may { HOSTILE.into() } else { String::new() },
            factor: may,
            made_by: "示例系统管理员".into(),
            approved_by: String::new(),
            may_approve: may,
            may_give: may,
            may_unlock: may,
            may_end: may,
        };
        let page = Frame::sample("账号管理");
        vec![
            Self {
                page: page.clone(),
                make: Some(vec![
                    Field::new("name", "姓名").error(Some(HOSTILE.into())),
                    Field::new("role", "角色").options([("officer".into(), "经办".into())]),
                ]),
                of_company: None,
                rows: vec![row("A1", "待批准", true), row("A2", "正常", false)],
                given: Some(Given {
                    login: HOSTILE.into(),
                    password: "aaaaa-bbbbb-ccccc-ddddd".into(),
                }),
            },
            Self {
                page,
                make: None,
                of_company: Some(vec![Field::new("letter", "授权委托书").kind("textarea")]),
                rows: Vec::new(),
                given: None,
            },
        ]
    }
}
