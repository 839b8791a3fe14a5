//! Steps of the due process of a record.

use super::{CONSENT, DELIVERED_ON, Forms, Kind, METHOD, PROOF, REASON, Spec, StepForm, WITNESS};

const EVIDENCE: Spec = Spec::new("evidence", "所依据附件的摘要", Kind::Lines)
    .optional()
    .hint("每行一个，为本记录附件的 SHA-256");
const EXCEPTIONALLY: Spec = Spec::new("exceptionally", "由认定人核查的原因", Kind::Area)
    .optional()
    .hint("仅在确无其他人可以核查时填写");

/// Steps of records.
pub const RECORDS: Forms = Forms {
    tag: "step",
    steps: &[
        StepForm {
            step: "notice",
            fields: &[Spec::new("number", "记分告知单文号", Kind::Line)],
        },
        StepForm {
            step: "served",
            fields: &[METHOD, WITNESS, CONSENT, DELIVERED_ON, PROOF],
        },
        StepForm {
            step: "object",
            fields: &[
                Spec::new("number", "收件编号", Kind::Line),
                Spec::new("grounds", "异议理由", Kind::Area),
                Spec::new("received_on", "收到日期", Kind::Day),
                Spec::new("joint", "需要其他单位配合核查", Kind::Flag).optional(),
                EVIDENCE,
            ],
        },
        StepForm {
            step: "withdraw_objection",
            fields: &[REASON],
        },
        StepForm {
            step: "uphold",
            fields: &[
                REASON,
                Spec::new("remedy", "处理", Kind::Choice(&[("revoke", "撤销记录")]))
                    .hint("需要更正内容的，请在记录页面使用「认可异议并更正」"),
                EXCEPTIONALLY,
            ],
        },
        StepForm {
            step: "reject",
            fields: &[REASON, EXCEPTIONALLY],
        },
        StepForm {
            step: "rectification",
            fields: &[
                Spec::new("statement", "整改情况", Kind::Area),
                Spec::new("rectified_on", "整改完成日期", Kind::Day),
                EVIDENCE,
            ],
        },
        StepForm {
            step: "accept",
            fields: &[Spec::new("opinion", "复核意见", Kind::Area)],
        },
        StepForm {
            step: "refuse",
            fields: &[REASON],
        },
        StepForm {
            step: "extend",
            fields: &[Spec::new("rectify_by", "新的整改期限", Kind::Day), REASON],
        },
    ],
};
