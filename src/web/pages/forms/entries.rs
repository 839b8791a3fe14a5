//! Steps of a list entry.

use super::{CONSENT, DELIVERED_ON, Forms, Kind, METHOD, PROOF, REASON, Spec, StepForm, WITNESS};

const CONFIRMATION: Spec = Spec::new("method.confirmation", "电子送达回执", Kind::Line)
    .optional()
    .only("method.method", "electronic")
    .hint("仅电子送达填写");
const PAPER: Spec =
    Spec::new("document", "文书", Kind::Document).hint("先在「文书」中制发，再在此选用");
const NUMBER: Spec = Spec::new("number", "收件编号", Kind::Line);
const DIGEST: Spec =
    Spec::new("digest", "文件摘要", Kind::Digest).hint("文件的 SHA-256，64 位十六进制");

const SEVERITIES: Kind = Kind::Choice(&[("轻微", "轻微"), ("一般", "一般"), ("严重", "严重")]);

/// Steps of list entries.
pub const ENTRIES: Forms = Forms {
    tag: "action",
    steps: &[
        StepForm {
            step: "review",
            fields: &[Spec::new("opinion", "法制审核意见", Kind::Area)],
        },
        StepForm {
            step: "drop",
            fields: &[REASON],
        },
        StepForm {
            step: "issue_notice",
            fields: &[PAPER],
        },
        StepForm {
            step: "serve_notice",
            fields: &[METHOD, WITNESS, CONSENT, CONFIRMATION, DELIVERED_ON, PROOF],
        },
        StepForm {
            step: "receive_statement",
            fields: &[
                Spec::new(
                    "kind",
                    "种类",
                    Kind::Choice(&[("statement", "陈述申辩"), ("hearing", "听证申请")]),
                ),
                NUMBER,
                Spec::new("received_on", "收到日期", Kind::Day),
                DIGEST,
            ],
        },
        StepForm {
            step: "hold_hearing",
            fields: &[
                Spec::new("number", "听证申请的收件编号", Kind::Line),
                Spec::new("held_on", "听证日期", Kind::Day),
                Spec::new("minutes", "听证笔录编号", Kind::Line),
                DIGEST,
            ],
        },
        StepForm {
            step: "answer_statement",
            fields: &[
                Spec::new("number", "陈述申辩或者听证申请的收件编号", Kind::Line),
                Spec::new("answer", "答复文号", Kind::Line),
                Spec::new("adopted", "采纳", Kind::Flag),
                Spec::new("reason", "采纳或者不采纳的理由", Kind::Area),
                DIGEST,
            ],
        },
        StepForm {
            step: "waive",
            fields: &[Spec::new("number", "放弃声明的编号", Kind::Line), DIGEST],
        },
        StepForm {
            step: "decide",
            fields: &[
                PAPER,
                Spec::new("facts", "认定的事实", Kind::Area),
                Spec::new("evidence", "证据", Kind::Lines).hint("每行一项"),
                Spec::new("reason", "列入事由", Kind::Line),
                Spec::new("clauses", "法律依据（条款）", Kind::Lines).hint("每行一条"),
                Spec::new("severity", "失信严重程度", SEVERITIES)
                    .optional()
                    .hint("不得重于事先告知的程度；守信名单不填"),
                Spec::new("term", "公示期", Kind::Line)
                    .optional()
                    .hint("如「3 years」「12 months」；不填为最长期限"),
                Spec::new(
                    "measures",
                    "惩戒或者管理措施",
                    Kind::Pairs("measure", "catalogue"),
                )
                .optional()
                .hint("每行一项：措施｜《全国失信惩戒措施基础清单》条目；没有的留空"),
                Spec::new("removal", "移出条件和程序", Kind::Area).optional(),
                Spec::new("repair.route", "信用修复途径", Kind::Line).optional(),
                Spec::new("repair.notice", "《信用修复告知书》文号", Kind::Line).optional(),
                Spec::new(
                    "heard.heard",
                    "陈述申辩情况",
                    Kind::Choice(&[("nothing", "期限内未提出"), ("answered", "已提出并答复")]),
                ),
                Spec::new("heard.statement", "陈述申辩的内容", Kind::Area)
                    .only("heard.heard", "answered"),
                Spec::new("heard.answer", "采纳情况", Kind::Area).only("heard.heard", "answered"),
                Spec::new("remedies.review_organ", "行政复议机关", Kind::Line).optional(),
                Spec::new("remedies.review_days", "行政复议期限（日）", Kind::Number).optional(),
                Spec::new("remedies.court", "行政诉讼的管辖法院", Kind::Line).optional(),
                Spec::new(
                    "remedies.lawsuit_months",
                    "行政诉讼期限（月）",
                    Kind::Number,
                )
                .optional(),
                Spec::new("organ", "决定机关", Kind::Line),
                Spec::new("dated", "决定日期", Kind::Day),
                Spec::new("seal", "印章", Kind::Line),
            ],
        },
        StepForm {
            step: "decide_not",
            fields: &[REASON],
        },
        StepForm {
            step: "approve_higher",
            fields: &[
                Spec::new("organ", "上级机关", Kind::Line),
                Spec::new("number", "同意文件的文号", Kind::Line),
                DIGEST,
            ],
        },
        StepForm {
            step: "serve_decision",
            fields: &[
                METHOD,
                WITNESS,
                CONSENT,
                CONFIRMATION,
                DELIVERED_ON,
                PROOF,
                Spec::new(
                    "repair_notice",
                    "同时送达的《信用修复告知书》文号",
                    Kind::Line,
                )
                .optional()
                .hint("失信类名单必填（两书同达）"),
            ],
        },
        StepForm {
            step: "publish",
            fields: &[
                Spec::new("exceptionally", "例外公示的理由", Kind::Area)
                    .optional()
                    .hint("轻微失信一般不公示，确需公示的写明理由"),
                Spec::new("digest", "公示文本的摘要", Kind::Digest)
                    .hint("文件的 SHA-256，64 位十六进制"),
            ],
        },
        StepForm {
            step: "dispute",
            fields: &[
                NUMBER,
                Spec::new("joint", "需要其他单位配合核查", Kind::Flag).optional(),
            ],
        },
        StepForm {
            step: "settle_dispute",
            fields: &[
                Spec::new("answer", "答复", Kind::Area),
                Spec::new("upheld", "异议成立", Kind::Flag),
            ],
        },
        StepForm {
            step: "correct",
            fields: &[
                Spec::new("correction.reason", "更正后的事由", Kind::Line).optional(),
                Spec::new("correction.facts", "更正后的事实", Kind::Area).optional(),
                Spec::new("correction.basis", "更正后的依据", Kind::Line).optional(),
                Spec::new("correction.until", "提前到的公示截止日", Kind::Day).optional(),
                Spec::new("explanation", "向社会的说明", Kind::Area),
                PAPER,
            ],
        },
        StepForm {
            step: "shield",
            fields: &[
                Spec::new(
                    "cause.cause",
                    "屏蔽原因",
                    Kind::Choice(&[
                        ("stay", "停止执行"),
                        ("bankruptcy", "法院批准重整计划或者认可和解协议"),
                    ]),
                ),
                Spec::new("document", "裁定或者决定的文号", Kind::Line),
                Spec::new("digest", "文件摘要", Kind::Digest).optional(),
            ],
        },
        StepForm {
            step: "unshield",
            fields: &[REASON],
        },
        StepForm {
            step: "request_exit",
            fields: &[
                Spec::new(
                    "exit.exit",
                    "移出原因",
                    Kind::Choice(&[
                        ("repaired", "信用修复"),
                        ("revoked", "依据被撤销或者决定有误"),
                    ]),
                ),
                Spec::new("exit.application", "修复申请编号", Kind::Line)
                    .only("exit.exit", "repaired")
                    .hint("信用修复必填"),
                Spec::new("exit.fulfilment", "履行义务的证明", Kind::Line)
                    .only("exit.exit", "repaired")
                    .hint("信用修复必填"),
                Spec::new("exit.commitment", "信用承诺书编号", Kind::Line)
                    .only("exit.exit", "repaired")
                    .hint("信用修复必填"),
                Spec::new("exit.received_on", "收到申请的日期", Kind::Day)
                    .optional()
                    .only("exit.exit", "repaired"),
                Spec::new("exit.explanation", "撤销的说明", Kind::Area)
                    .only("exit.exit", "revoked")
                    .hint("撤销必填，将向社会公开"),
                Spec::new(
                    "exit.cause",
                    "撤销的情形",
                    Kind::Choice(&[
                        ("annulled", "所依据的决定被撤销或者变更"),
                        ("error", "决定有误"),
                    ]),
                )
                .optional()
                .only("exit.exit", "revoked"),
                Spec::new("exit.known_on", "知道撤销事由的日期", Kind::Day)
                    .optional()
                    .only("exit.exit", "revoked"),
            ],
        },
        StepForm {
            step: "accept_repair",
            fields: &[Spec::new("number", "受理通知书文号", Kind::Line)],
        },
        StepForm {
            step: "extend_repair",
            fields: &[REASON],
        },
        StepForm {
            step: "approve_exit",
            fields: &[PAPER],
        },
        StepForm {
            step: "refuse_exit",
            fields: &[REASON],
        },
        StepForm {
            step: "request_restoration",
            fields: &[Spec::new("fraud", "弄虚作假的事实", Kind::Area), DIGEST],
        },
        StepForm {
            step: "restore",
            fields: &[PAPER, REASON],
        },
        StepForm {
            step: "refuse_restoration",
            fields: &[REASON],
        },
    ],
};
