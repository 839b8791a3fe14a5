//! Switches that make the stand-in platform misbehave, each for all requests or for the next few.

use serde::Serialize;

use super::{platform::Terms, scenario::Refused};
use crate::domain::Uscc;

/// One way to misbehave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "behaviour", content = "value", rename_all = "snake_case")]
pub enum Behaviour {
    /// Answers this many milliseconds later, after the commit.
    Delay(u32),
    FailBeforeCommit,
    FailAfterCommit,
    /// Commits, then closes the connection without an answer.
    DropReply,
    /// Resets the connection without committing.
    Reset,
    /// Commits; the answer breaks off in the middle.
    Truncate,
    /// Commits; the answer is in GBK, whatever its header says.
    WrongCharset,
    /// A gateway passes the batch on twice, and the second answer back.
    Repeat,
    /// A login page with status 200; nothing is committed.
    LoginPage,
    /// 429 with `Retry-After` of so many seconds; nothing is committed.
    TooMany(u32),
    /// 503; nothing is committed.
    Unavailable,
    RejectUscc(Uscc),
    /// A record, or a company's, is refused with a code; only a scenario can say so.
    Reject(Refused),
    UnmatchedUscc(Uscc),
    /// Every second record is refused with this code.
    PartialRejection(String),
    CountsOnly,
    LoseDelete,
    /// Answers 504 and commits so many seconds later.
    LateCommit(u32),
    /// The public sees changes so many seconds later.
    SlowPublish(u32),
    /// Names and reasons are kept in another charset than they came in.
    Garble,
    /// A change is shown beside what it should take the place of.
    ShowTwice,
}

/// Which requests a switch is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Call {
    /// Batches coming in.
    Submit,
    /// Questions about batches and records.
    Query,
}

/// A switch that is on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Switch {
    #[serde(flatten)]
    pub behaviour: Behaviour,
    pub on: Call,
    /// Requests it is still for; absent means all.
    pub remaining: Option<u32>,
}

/// Why a switch is not set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SwitchError {
    #[error("没有「{0}」这种故障")]
    Behaviour(String),
    #[error("「{behaviour}」的参数「{value}」不对：{why}")]
    Value {
        behaviour: String,
        value: String,
        why: String,
    },
    #[error("次数「{0}」应为正整数或留空")]
    Count(String),
    #[error("请求类型「{0}」应为 submit 或 query")]
    Call(String),
    #[error("「{0}」只对报送请求有意义")]
    SubmitOnly(String),
}

/// A behaviour as the page offers it: its name, what it does, what its value is.
pub const OFFERED: [(&str, &str, &str); 20] = [
    ("delay", "延迟应答", "毫秒"),
    ("fail_before_commit", "入库前报 500", ""),
    ("fail_after_commit", "入库后报 500", ""),
    ("drop_reply", "入库后断开，不应答", ""),
    ("reset", "不入库，重置连接", ""),
    ("truncate", "入库后应答只发一半", ""),
    ("wrong_charset", "入库后以 GBK 应答", ""),
    ("repeat", "网关重复转发，按重复应答", ""),
    ("login_page", "返回 200 登录页", ""),
    ("too_many", "返回 429", "Retry-After 秒数"),
    ("unavailable", "不入库，返回 503", ""),
    ("reject_uscc", "拒收某企业", "统一社会信用代码"),
    ("unmatched_uscc", "某企业未关联", "统一社会信用代码"),
    ("partial_rejection", "隔条拒收", "错误码，默认 503"),
    ("counts_only", "只返回条数", ""),
    ("lose_delete", "撤回成功但丢失", ""),
    ("late_commit", "报 504，稍后入库", "秒"),
    ("slow_publish", "延迟公示", "秒"),
    ("garble", "字符集错误，存成乱码", ""),
    ("show_twice", "变更后新旧两条并存", ""),
];

/// What a behaviour is called on the page.
pub(super) fn label(name: &'static str) -> &'static str {
    let offered = OFFERED.iter().find(|(known, ..)| *known == name);
    match offered {
        Some((_, label, _)) => label,
        None if name == "reject" => "拒收",
        None => name,
    }
}

impl Behaviour {
    /// Reads a behaviour by its name and value.
    pub fn parse(name: &str, value: &str) -> Result<Self, SwitchError> {
        let fault = |why: String| SwitchError::Value {
            behaviour: name.to_owned(),
            value: value.to_owned(),
            why,
        };
        let number = || {
            value
                .trim()
                .parse::<u32>()
                .map_err(|_| fault("应为非负整数".into()))
        };
        let uscc = || Uscc::parse(value).map_err(|error| fault(error.to_string()));
        Ok(match name {
            "delay" => Self::Delay(number()?),
            "fail_before_commit" => Self::FailBeforeCommit,
            "fail_after_commit" => Self::FailAfterCommit,
            "drop_reply" => Self::DropReply,
            "reset" => Self::Reset,
            "truncate" => Self::Truncate,
            "wrong_charset" => Self::WrongCharset,
            "repeat" => Self::Repeat,
            "login_page" => Self::LoginPage,
            "too_many" => Self::TooMany(number()?),
            "unavailable" => Self::Unavailable,
            "reject_uscc" => Self::RejectUscc(uscc()?),
            "unmatched_uscc" => Self::UnmatchedUscc(uscc()?),
            "partial_rejection" if value.trim().is_empty() => Self::PartialRejection("503".into()),
            "partial_rejection" => Self::PartialRejection(value.trim().to_owned()),
            "counts_only" => Self::CountsOnly,
            "lose_delete" => Self::LoseDelete,
            "late_commit" => Self::LateCommit(number()?),
            "slow_publish" => Self::SlowPublish(number()?),
            "garble" => Self::Garble,
            "show_twice" => Self::ShowTwice,
            _ => return Err(SwitchError::Behaviour(name.to_owned())),
        })
    }

    /// Its name and its value as texts.
    pub fn parts(&self) -> (&'static str, String) {
        match self {
            Self::Delay(millis) => ("delay", millis.to_string()),
            Self::FailBeforeCommit => ("fail_before_commit", String::new()),
            Self::FailAfterCommit => ("fail_after_commit", String::new()),
            Self::DropReply => ("drop_reply", String::new()),
            Self::Reset => ("reset", String::new()),
            Self::Truncate => ("truncate", String::new()),
            Self::WrongCharset => ("wrong_charset", String::new()),
            Self::Repeat => ("repeat", String::new()),
            Self::LoginPage => ("login_page", String::new()),
            Self::TooMany(seconds) => ("too_many", seconds.to_string()),
            Self::Unavailable => ("unavailable", String::new()),
            Self::Reject(refused) => ("reject", format!("{} {}", refused.code, refused.message)),
            Self::RejectUscc(uscc) => ("reject_uscc", uscc.to_string()),
            Self::UnmatchedUscc(uscc) => ("unmatched_uscc", uscc.to_string()),
            Self::PartialRejection(code) => ("partial_rejection", code.clone()),
            Self::CountsOnly => ("counts_only", String::new()),
            Self::LoseDelete => ("lose_delete", String::new()),
            Self::LateCommit(seconds) => ("late_commit", seconds.to_string()),
            Self::SlowPublish(seconds) => ("slow_publish", seconds.to_string()),
            Self::Garble => ("garble", String::new()),
            Self::ShowTwice => ("show_twice", String::new()),
        }
    }

    /// Whether it can befall a question too, and not only a batch.
    fn befalls_queries(&self) -> bool {
        matches!(
            self,
            Self::Delay(_)
                | Self::FailBeforeCommit
                | Self::DropReply
                | Self::Reset
                | Self::Truncate
                | Self::WrongCharset
                | Self::LoginPage
                | Self::TooMany(_)
                | Self::Unavailable
        )
    }
}

impl Switch {
    /// Reads a switch from texts; an empty count means all requests, an empty call means batches.
    pub fn parse(name: &str, value: &str, count: &str, on: &str) -> Result<Self, SwitchError> {
        Self::new(Behaviour::parse(name.trim(), value)?, count, on)
    }

    /// A behaviour with its count and call as texts.
    pub(super) fn new(behaviour: Behaviour, count: &str, on: &str) -> Result<Self, SwitchError> {
        let remaining = match count.trim() {
            "" => None,
            text => Some(
                text.parse()
                    .ok()
                    .filter(|count| *count > 0)
                    .ok_or_else(|| SwitchError::Count(text.to_owned()))?,
            ),
        };
        let on = match on.trim() {
            "" | "submit" => Call::Submit,
            "query" if behaviour.befalls_queries() => Call::Query,
            "query" => return Err(SwitchError::SubmitOnly(behaviour.parts().0.to_owned())),
            other => return Err(SwitchError::Call(other.to_owned())),
        };
        Ok(Self {
            behaviour,
            on,
            remaining,
        })
    }
}

/// All switches that are on.
#[derive(Debug, Default)]
pub struct Switches(Vec<Switch>);

impl Switches {
    pub fn set(&mut self, switch: Switch) {
        self.0.push(switch);
    }

    pub fn clear(&mut self) {
        self.0.clear();
    }

    pub fn list(&self) -> &[Switch] {
        &self.0
    }

    /// What befalls one request; counts go down.
    pub fn take(&mut self, call: Call) -> Vec<Behaviour> {
        let mut taken = Vec::new();
        for switch in self.0.iter_mut().filter(|switch| switch.on == call) {
            taken.push(switch.behaviour.clone());
            switch.remaining = switch.remaining.map(|count| count.saturating_sub(1));
        }
        self.0.retain(|switch| switch.remaining != Some(0));
        taken
    }
}

/// The part of the behaviours that changes what is kept.
pub fn terms(behaviours: &[Behaviour]) -> Terms {
    let mut terms = Terms::default();
    for behaviour in behaviours {
        match behaviour {
            Behaviour::Reject(refused) => terms.refuse.push(refused.clone()),
            Behaviour::RejectUscc(uscc) => terms.reject.push(uscc.to_string()),
            Behaviour::UnmatchedUscc(uscc) => terms.unmatched.push(uscc.to_string()),
            Behaviour::PartialRejection(code) => terms.reject_every_second = Some(code.clone()),
            Behaviour::LoseDelete => terms.lose_deletes = true,
            Behaviour::SlowPublish(seconds) => terms.publish_after = *seconds,
            Behaviour::CountsOnly => terms.counts_only = true,
            Behaviour::Garble => terms.garbled = true,
            Behaviour::ShowTwice => terms.show_twice = true,
            _ => {}
        }
    }
    terms
}
