//! Steps of a complaint.

use super::{Forms, Kind, REASON, Spec, StepForm};

/// Steps of complaints.
pub const COMPLAINTS: Forms = Forms {
    tag: "step",
    steps: &[
        StepForm {
            step: "accept",
            fields: &[],
        },
        StepForm {
            step: "refuse",
            fields: &[
                Spec::new("ground", "不予受理的情形", Kind::Line),
                REASON.hint("将告知投诉人"),
            ],
        },
        StepForm {
            step: "mediate",
            fields: &[
                Spec::new(
                    "outcome",
                    "调解结果",
                    Kind::Choice(&[("agreed", "达成协议"), ("failed", "调解不成")]),
                ),
                Spec::new("protocol", "调解协议或者不成的原因", Kind::Area),
            ],
        },
        StepForm {
            step: "handle",
            fields: &[
                Spec::new(
                    "finding",
                    "是否属实",
                    Kind::Choice(&[
                        ("justified", "属实"),
                        ("partly", "部分属实"),
                        ("unjustified", "不属实"),
                    ]),
                ),
                Spec::new("result", "办理结果", Kind::Area),
                Spec::new("measures", "处理措施", Kind::Area).optional(),
            ],
        },
        StepForm {
            step: "visit",
            fields: &[
                Spec::new(
                    "outcome",
                    "回访结果",
                    Kind::Choice(&[
                        ("satisfied", "满意"),
                        ("dissatisfied", "不满意"),
                        ("not_reached", "未联系上"),
                    ]),
                ),
                Spec::new("remark", "备注", Kind::Area).optional(),
            ],
        },
        StepForm {
            step: "escalate",
            fields: &[REASON],
        },
        StepForm {
            step: "transfer",
            fields: &[
                Spec::new("to.office", "接收单位的区划代码", Kind::Line)
                    .optional()
                    .hint("交办下级或者转给其他辖区时填写"),
                Spec::new("to.body", "接收的其他部门", Kind::Line)
                    .optional()
                    .hint("移送其他部门时填写；与区划代码二选一"),
                REASON,
            ],
        },
        StepForm {
            step: "reopen",
            fields: &[REASON],
        },
        StepForm {
            step: "close",
            fields: &[REASON],
        },
    ],
};
