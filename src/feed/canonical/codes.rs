//! The code tables of the canonical record. A code is one digit on the wire and a word for people.

use serde::{Deserialize, Serialize};

macro_rules! table {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $code:literal | $chinese:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $code)] $variant),+ }

        impl $name {
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The code on the wire.
            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            /// The word shown to people.
            pub fn chinese(self) -> &'static str {
                match self { $(Self::$variant => $chinese),+ }
            }

            /// The value with this code, if there is one.
            pub fn from_code(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|known| known.code() == code)
            }
        }
    };
}

table! {
    /// What a change does to the platform's copy (操作).
    Op { Add = "1" | "新增", Update = "2" | "修改", Delete = "3" | "撤回" }
}

table! {
    /// What the public should see (公示状态).
    Status {
        /// On display.
        Displayed = "0" | "正常公示",
        /// Taken off the list: expired, repaired, revoked.
        Removed = "1" | "撤销、移出",
        /// On display, marked as disputed.
        Disputed = "2" | "异议标注",
        /// Hidden for the time being (stay of execution, bankruptcy ruling).
        Shielded = "3" | "屏蔽",
    }
}

table! {
    /// What kind of list it is (名单类别).
    ListClass {
        /// Needs a legal basis of the level 国办发〔2020〕49号 asks for; the listing room sees to it.
        Serious = "1" | "严重失信主体名单",
        Red = "2" | "红名单",
        KeyWatch = "4" | "重点关注名单",
        Evaluation = "5" | "行业信用评价",
        Penalty = "6" | "行政处罚",
        Permit = "7" | "行政许可",
    }
}

table! {
    /// How grave the dishonesty is, by 国办发〔2025〕22号.
    Severity { Minor = "1" | "轻微", General = "2" | "一般", Serious = "3" | "严重" }
}

table! {
    /// What the subject is. A natural person has no USCC and is never exported, so code 3 does not exist here.
    SubjectType { Organisation = "1" | "法人及非法人组织", IndividualBusiness = "2" | "个体工商户" }
}

table! {
    /// Why an entry left the list (退出原因).
    ExitReason {
        Expired = "1" | "期满",
        Repaired = "2" | "修复提前移出",
        Corrected = "3" | "撤销、更正",
        Deregistered = "4" | "主体注销",
        Other = "9" | "其他",
    }
}

table! {
    /// How far the credit repair is (修复状态).
    RepairState { None = "0" | "未修复", Pending = "1" | "修复中", Done = "2" | "已修复" }
}
