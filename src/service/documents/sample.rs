//! Invented content of every kind of document: templates are filled in with it when they are loaded, and an office sees by it
//! what its templates look like.

use serde_json::{Value, json};

use super::Kind;

/// What `content` of a kind can hold, all of it.
pub fn content(kind: Kind) -> Value {
    let measures = json!([
        { "title": "列为重点监管对象，增加检查频次", "basis": "示例清单第1项" },
        { "title": "限制享受财政性资金支持", "basis": "示例清单第2项" },
    ]);
    let clauses = json!(["《示例市物业服务企业信用信息管理办法》第十六条第一款第二项"]);
    let evidence = json!([
        "示例街道办事处2026年2月27日现场检查记录",
        "责令整改通知书及送达回证"
    ]);
    let contact = json!({ "address": "示例市示例路1号", "phone": "000-0000000" });
    let remedies = json!({
        "review_organ": "示例市人民政府", "review_within": "60日",
        "court": "示例区人民法院", "sue_within": "6个月",
    });
    let facts = "2026年2月27日，示例街道办事处检查发现，你单位管理的示例花园项目消防通道堵塞，经责令整改逾期未改。";
    match kind {
        Kind::Notice => json!({
            "list_name": "重点关注名单", "severity": "一般", "facts": facts, "evidence": evidence,
            "reason": "因重大安全隐患被责令整改，逾期未整改。", "clauses": clauses, "measures": measures,
            "display_period": "三个月至一年", "window": "5个工作日",
            "hearing": "你单位如要求听证，请在上述期限内一并书面提出。", "contact": contact,
        }),
        Kind::Decision => json!({
            "notice_number": "资物信告〔2026〕1号", "list_name": "重点关注名单", "severity": "一般",
            "facts": facts, "evidence": evidence, "reason": "因重大安全隐患被责令整改，逾期未整改。",
            "clauses": clauses, "measures": measures,
            "heard": "你单位在规定期限内未提出陈述、申辩。",
            "listed_on": "2026-03-20", "display_from": "2026-03-20", "display_until": "2027-03-20",
            "display_min_until": "2026-06-20",
            "removal_conditions": ["最短公示期届满", "完成整改并履行法定义务", "作出信用承诺"],
            "removal_procedure": "符合条件的，可以申请移出；最长公示期届满的，自动移出。",
            "repair_route": "可以通过“信用中国”网站申请信用修复。",
            "repair_notice_number": "资物信修〔2026〕1号", "remedies": remedies,
        }),
        Kind::RepairNotice => json!({
            "decision_name": "《列入名单决定书》，2026年3月20日作出", "list_name": "重点关注名单",
            "display_until": "2027-03-20", "display_min_until": "2026-06-20",
            "conditions": ["最短公示期届满", "纠正失信行为，履行法定义务", "作出信用承诺"],
            "materials": ["信用修复申请书", "已履行义务的证明材料", "信用承诺书"],
            "route": "登录“信用中国”网站提出申请，也可以向政务服务大厅窗口提交。",
            "accept_within": "3个工作日", "answer_within": "10个工作日", "contact": contact,
        }),
        Kind::Removal => json!({
            "decision_number": "资物信决〔2026〕1号", "list_name": "重点关注名单",
            "listed_on": "2026-03-20", "removed_on": "2026-07-01",
            "reason": "最短公示期已届满，你单位已完成整改并作出信用承诺。", "clauses": clauses,
            "measures_ended": "对你单位采取的失信惩戒措施同时解除。", "remedies": remedies,
        }),
        Kind::NotListed => json!({
            "notice_number": "资物信告〔2026〕1号", "list_name": "重点关注名单", "facts": facts,
            "heard": "你单位提出已于2026年3月1日完成整改，并提交验收记录。经复核，该意见成立，予以采纳。",
            "reason": "你单位在期限内完成整改，不具备列入条件。", "clauses": clauses,
        }),
        Kind::Revocation => json!({
            "decision_number": "资物信决〔2026〕1号", "list_name": "重点关注名单",
            "listed_on": "2026-03-20", "revoked_on": "2026-05-08",
            "reason": "据以列入的处罚决定被依法撤销。",
            "explanation": "本机关列入决定所依据的处罚决定已被撤销，列入决定不再具有依据，特此说明。",
            "clauses": clauses, "withdraw_within": "3个工作日",
        }),
        Kind::RecordNotice => json!({
            "records": [
                { "project": "示例花园", "occurred_on": "2026-02-27", "facts": "消防通道堵塞，未及时清理",
                  "clause": "附件1第8项", "points": "-2", "rectify_by": "2026-03-15" },
                { "project": "示例花园", "occurred_on": "2026-02-28", "facts": "未按规定公示收费标准",
                  "clause": "附件1第1项", "points": "-1", "rectify_by": "2026-03-15" },
            ],
            "objection_within": "10个工作日",
            "objection_route": "可以书面提交本机关，也可以在信用信息系统中提出。", "contact": contact,
        }),
    }
}

/// The whole data of a document of a kind: its content, with number, date, organ and party.
pub fn data(kind: Kind, title: &str, number: &str) -> Value {
    let mut data = content(kind);
    data["title"] = title.into();
    data["number"] = number.into();
    data["date"] = "2026-03-20".into();
    data["organ"] = json!({ "name": "示例市住房和城乡建设局" });
    data["party"] = json!({
        "name": "示例物业服务有限公司", "uscc": "91512099X000000018",
        "address": "示例市示例路2号", "legal_representative": "示例人",
    });
    data
}
