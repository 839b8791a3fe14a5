//! What a verification can find, each with a stable code and a sentence in Chinese.

use serde::Serialize;

/// One thing that does not fit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Finding {
    pub code: FindingCode,
    /// JSON pointer into the file.
    pub at: String,
    /// What does not fit, in Chinese.
    pub text: String,
}

macro_rules! codes {
    ($($variant:ident $code:literal $text:literal),+ $(,)?) => {
        /// Kinds of findings. The words of [`FindingCode::as_str`] are stable.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        pub enum FindingCode {
            $(#[serde(rename = $code)] #[doc = $text] $variant),+
        }

        impl FindingCode {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            pub fn chinese(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }
    };
}

codes! {
    FileMalformed "file-malformed" "文件格式不对",
    FileDigest "file-digest" "文件的摘要不符，文件被改动过",
    PartDigest "part-digest" "这一部分的摘要不符，内容被改动过",
    PartChain "part-chain" "这一部分没有接在前一部分之后",
    AttemptNumber "attempt-number" "抽取次数没有连续编号",
    AttemptOrder "attempt-order" "后一次抽取的承诺早于前一次",
    AlgorithmUnknown "algorithm-unknown" "算法版本不认识",
    RedrawUnapproved "redraw-unapproved" "重抽没有写明理由，或者没有另一人批准",
    EventInvalid "event-invalid" "承诺的事件不成立",
    EventNotFuture "event-not-future" "事件不在承诺之后，结果可以事先挑选",
    DeadlineBeforeEvent "deadline-before-event" "公开期限早于事件",
    ClockFuture "clock-future" "时间晚于现在",
    EventEarly "event-early" "事件的值早于事件预定的时间",
    EventValue "event-value" "事件的值与承诺的事件不符",
    RevealBeforeEvent "reveal-before-event" "公开早于事件",
    RevealLate "reveal-late" "公开逾期",
    RevealMissing "reveal-missing" "逾期没有公开",
    SecretWrong "secret-wrong" "公开的秘密数与承诺不符",
    PlanWrong "plan-wrong" "公开的抽查方案与承诺不符",
    PlanInvalid "plan-invalid" "抽查方案不成立",
    PlanOther "plan-other" "抽查方案的编号不是这次抽查的",
    ItemUnpublished "item-unpublished" "承诺时抽查事项还没有公布",
    ResultEarly "result-early" "没有公开依据就有了结果",
    ResultMissing "result-missing" "已经公开，但没有结果",
    ResultImpossible "result-impossible" "按照方案和种子抽不出结果，文件中却有结果",
    SeedWrong "seed-wrong" "种子不是由承诺、事件和秘密数算出的",
    ExclusionsWrong "exclusions-wrong" "排除在外的对象或者人员与方案不符",
    StrataWrong "strata-wrong" "抽中的对象或者后备次序与种子不符",
    TeamsWrong "teams-wrong" "检查组与种子不符",
    SubstituteNumber "substitute-number" "替换没有连续编号",
    SubstituteUnapproved "substitute-unapproved" "替换没有写明理由，或者没有另一人批准",
    SubstituteTime "substitute-time" "替换的时间不在事件和公开之间，或者次序倒退",
    SubstituteWrong "substitute-wrong" "替换的不是次序中的下一个",
}
