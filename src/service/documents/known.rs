//! What a matter says by itself: blanks that the caller left empty are filled from the entry's type or from the record. What
//! only a person can say (facts, reasons, measures) never is.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::{
    domain::{Day, Period, Record},
    rules::PointsForm,
    service::{App, Error},
    store::{Db, contracts, entries},
};

/// The name of the list, the gravity and the window, of an entry.
pub(super) fn of_entry(app: &App, row: &entries::Entry) -> Value {
    let list = app.lists.get(&row.list);
    let window = list.map(|list| Period::WorkingDays(list.window_working_days()).chinese());
    json!({
        "list_name": list.map(|list| list.title()),
        "severity": row.now.severity,
        "window": window,
    })
}

/// The one line of a record, and the time to object. Points that hang on attributes are left to the caller.
pub(super) fn of_record(
    db: &mut Db,
    app: &App,
    record: &Record,
    now: DateTime<Utc>,
) -> Result<Value, Error> {
    let rules = app.rules.in_force(Day::of(now))?;
    let item = rules.item(&record.item);
    let fixed = item.and_then(|item| match &item.points {
        PointsForm::Fixed(points) => Some(points.normalize().to_string()),
        _ => None,
    });
    let project = match &record.project {
        Some(project) => contracts::of_project(db, project)?
            .pop()
            .map(|contract| contract.name),
        None => None,
    };
    let said = record.reason.as_deref();
    Ok(json!({
        "records": [{
            "project": project,
            "occurred_on": record.occurred_on.or(record.decided_on),
            "facts": said.or(item.map(|item| item.title.as_str())),
            "clause": item.map(|item| item.clause.as_str()),
            "points": record.points.map(|points| points.to_string()).or(fixed),
            "rectify_by": record.rectify_by,
        }],
        "objection_within": app.deadlines.get("record.objection")?.period.chinese(),
    }))
}

/// Puts what is known into the blanks of the data that are empty; only into blanks that this kind of document has.
pub(super) fn fill(data: &mut Value, known: Value) {
    let (Value::Object(data), Value::Object(known)) = (data, known) else {
        return;
    };
    for (blank, value) in known {
        if let Some(place) = data.get_mut(&blank).filter(|place| is_blank(place)) {
            *place = value;
        }
    }
}

fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_empty_blanks_that_the_document_has_are_filled() {
        let mut data =
            json!({ "list_name": " ", "severity": null, "facts": "示例", "records": [] });
        let known = json!({ "list_name": "重点关注名单", "severity": "一般", "facts": "别的", "window": "5个工作日",
            "records": [{ "points": "-1" }] });
        fill(&mut data, known);
        let expected = json!({ "list_name": "重点关注名单", "severity": "一般", "facts": "示例",
            "records": [{ "points": "-1" }] });
        assert_eq!(data, expected);
    }
}
