//! Every finding there is about a rule file: its code, how bad it is, and its page in `docs/codes`.

use std::fmt;

use serde::{Serialize, Serializer};

use super::Severity::{self, Error, Warning};

macro_rules! codes {
    ($($code:ident $severity:ident $title:literal $chinese:literal;)*) => {
        /// What a finding is about. Codes are stable: a code is never given to another finding.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $(#[doc = $title] $code,)*
        }

        impl Code {
            /// Every code, ascending.
            pub const ALL: &'static [Self] = &[$(Self::$code),*];

            /// `R0xx`.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$code => stringify!($code),)* }
            }

            /// Whether it refuses the file.
            pub const fn severity(self) -> Severity {
                match self { $(Self::$code => $severity,)* }
            }

            /// What it is, in English.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$code => $title,)* }
            }

            /// What it is, in Chinese.
            pub const fn chinese(self) -> &'static str {
                match self { $(Self::$code => $chinese,)* }
            }

            /// Its page: what it means, a wrong and a right example, what to do.
            pub const fn page(self) -> &'static str {
                match self {
                    $(Self::$code => {
                        include_str!(concat!("../../../docs/codes/", stringify!($code), ".md"))
                    })*
                }
            }
        }
    };
}

codes! {
    // The text and its fields.
    R001 Error "not TOML, or full-width punctuation" "不是合法的 TOML，或有全角符号";
    R002 Error "unknown key" "没有这一项";
    R003 Error "a needed key, point or list is missing" "缺少必填的内容";
    R004 Error "wrong type" "值的类型不对";
    R005 Error "a word or combination that does not exist" "没有这个词，或不能这样搭配";
    R006 Error "an id used twice" "编号重复";
    R007 Error "no clause" "没有写依据条款";
    R008 Error "number out of range" "数值超出范围";
    R009 Error "too long, too many or too deep" "超过规模上限";
    // Conditions.
    R010 Error "condition that cannot be read" "条件读不懂";
    R011 Error "undeclared name in a condition" "条件里的名称没有声明";
    R012 Error "wrong type in a condition" "条件里的类型不对";
    R013 Error "no such choice or value" "没有这个选项或这个值";
    R014 Error "function used wrongly or where it may not be" "函数写法不对，或不能用在这里";
    // What no single field shows.
    R020 Error "a score without a grade" "有的得分没有等级";
    R021 Error "grades overlap" "等级重叠";
    R022 Error "grade that cannot be reached" "等级永远达不到";
    R023 Error "bands with a gap" "分段有空隙";
    R024 Error "bands that overlap" "分段重叠";
    R025 Error "a choice without points" "有的选项没有分值";
    R026 Error "minimum over maximum" "下限大于上限";
    R027 Error "cap of the wrong sign" "封顶的正负号不对";
    R028 Error "weights that do not add up" "权重合计不对";
    R029 Error "condition of an override, list or not_rated that can never act" "调整、名单或不评级永远不起作用";
    R030 Error "no such component, grade, item, list or attribute" "没有这个分项、等级、条目、名单或字段";
    R031 Error "effective ranges that end before they begin or overlap" "有效期颠倒或重叠";
    R032 Error "a case with an unfit record or grade" "算例的记录或等级不能用";
    R033 Error "a case that fails" "算例结果不符";
    R034 Error "an item's condition that never holds" "条目的条件永远不成立";
    R035 Error "cap below every single occurrence" "封顶小于单次分值";
    R036 Error "files that cannot be versions beside each other" "几个文件不能并存";
    R037 Error "ladder that is not best first" "等级没有从好到差写";
    // What the author should look at.
    R040 Warning "item that no case covers" "没有算例用到这个条目";
    R041 Warning "open period and no validity: counts for ever" "周期不限又没有有效期，将一直计分";
    R042 Warning "not compared with the official text" "尚未与正式文本核对";
    R043 Warning "serious list without legal basis" "严重失信名单没有法律依据";
    R044 Warning "id and file name differ" "编号与文件名不同";
    R045 Warning "recurs in an open period does nothing" "周期不限时 recurs 不起作用";
    R046 Warning "group in a component that does not sum" "组里的条目所在分项不是相加";
    R047 Warning "whether a score has a grade hangs on a condition" "某个得分有没有等级取决于条件";
    R048 Warning "valid for longer than the period" "有效期比周期长，超出部分不起作用";
    R049 Warning "cap below the largest single occurrence" "封顶小于单次的最大分值";
    R050 Warning "bound that is never reached" "封顶、保底或上下限永远碰不到";
    R051 Warning "repetition that counts less than the time before" "重复发生的倍数反而变小";
    R052 Warning "two items with the same clause and title" "两个条目的条款和标题相同";
    R053 Warning "gap between the versions of a policy" "两个版本之间有空档";
    R054 Warning "ends within 60 days without a successor" "六十日内失效，没有后续版本";
    R055 Warning "condition that always holds" "条件总是成立";
    R056 Warning "component without an item" "分项没有条目";
    R057 Warning "repetition looks further back than the period" "再次发生的期限比周期长";
    R058 Warning "rectification effect that never acts" "整改倍数不起作用";
    R059 Warning "sign of the points contradicts the kinds of record" "分值的正负与记录类型相反";
    R060 Warning "case outside the effective range" "算例的日期不在有效期内";
    R061 Warning "case that expects nothing" "算例什么也没有核对";
    R062 Warning "group across components with bounds" "组跨越有封顶或保底的分项";
    R063 Warning "a deduction may bring in another component and raise the score" "多一条扣分可能反而提高得分";
    R064 Warning "a hole between grades that the last grade takes" "两级之间的空隙落到了最后一级";
    R065 Warning "percentage compared with a number beyond 1" "百分比与大于 1 的数比较";
}

impl Code {
    /// The code of this name, in any case.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|code| code.as_str().eq_ignore_ascii_case(name.trim()))
    }

    /// The path of its page in the project.
    pub fn path(self) -> String {
        format!("docs/codes/{self}.md")
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl PartialEq<&str> for Code {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
