//! The OpenAPI document.

use serde_json::Value;

use crate::{house::House, support::TestStore};

fn served() -> Value {
    let test = TestStore::sqlite();
    let answer = House::new(&test).get("/api/v1/openapi.json");
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "application/json");
    answer.json()
}

/// Each operation with its answers, in a line.
fn operations(document: &Value) -> Vec<String> {
    let mut lines = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let mut answers: Vec<&str> = operation["responses"]
                .as_object()
                .unwrap()
                .keys()
                .map(String::as_str)
                .collect();
            answers.sort_unstable();
            let key = if operation.get("security").is_some() {
                " token"
            } else {
                ""
            };
            lines.push(format!("{method} {path}{key}: {}", answers.join(" ")));
        }
    }
    lines
}

#[test]
fn the_document_says_what_each_operation_answers() {
    let document = served();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1."));
    assert_eq!(
        document["components"]["securitySchemes"]["token"]["scheme"],
        "bearer"
    );
    insta::assert_snapshot!(operations(&document).join("\n"), @r#"
    get /api/v1/audit token: 200 400 401 403 500 503
    post /api/v1/checks/accounts token: 201 400 401 403 409 413 415 422 500 503
    get /api/v1/checks/items token: 200 400 401 403 500 503
    post /api/v1/checks/items token: 201 400 401 403 409 413 415 422 500 503
    get /api/v1/checks/officers token: 200 400 401 403 500 503
    post /api/v1/checks/officers token: 201 400 401 403 409 413 415 422 500 503
    get /api/v1/checks/plans token: 200 400 401 403 500 503
    post /api/v1/checks/plans token: 201 400 401 403 409 413 415 422 500 503
    get /api/v1/checks/plans/{id} token: 200 400 401 403 404 500 503
    post /api/v1/checks/plans/{id}/amend token: 200 400 401 403 404 409 413 415 422 500 503
    post /api/v1/checks/plans/{id}/approve token: 200 400 401 403 404 409 413 415 422 500 503
    get /api/v1/checks/plans/{id}/simulation token: 200 400 401 403 404 422 500 503
    post /api/v1/checks/plans/{id}/tasks token: 201 400 401 403 404 409 413 415 422 500 503
    post /api/v1/checks/scopes token: 201 400 401 403 409 413 415 422 500 503
    get /api/v1/checks/tasks token: 200 400 401 403 500 503
    post /api/v1/checks/tasks token: 201 400 401 403 409 413 415 422 500 503
    get /api/v1/checks/tasks/{id} token: 200 400 401 403 404 500 503
    post /api/v1/checks/tasks/{id}/approve token: 200 400 401 403 404 409 413 415 422 500 503
    post /api/v1/checks/tasks/{id}/commit token: 200 400 401 403 404 409 413 415 422 500 503
    post /api/v1/checks/tasks/{id}/observe token: 200 400 401 403 404 409 413 415 422 500 503
    post /api/v1/checks/tasks/{id}/publish token: 200 400 401 403 404 409 413 415 422 500 503
    post /api/v1/checks/tasks/{id}/request token: 200 400 401 403 404 409 413 415 422 500 503
    get /api/v1/checks/tasks/{id}/result token: 200 400 401 403 404 409 500 503
    post /api/v1/checks/tasks/{id}/reveal token: 200 400 401 403 404 409 413 415 422 500 503
    get /api/v1/checks/tasks/{id}/simulation token: 200 400 401 403 404 422 500 503
    get /api/v1/checks/tasks/{id}/visits/{object} token: 200 400 401 403 404 500 503
    post /api/v1/checks/tasks/{id}/visits/{object}/files token: 201 400 401 403 404 413 415 422 500 503
    get /api/v1/checks/tasks/{id}/visits/{object}/files/{digest} token: 200 400 401 403 404 500 503
    post /api/v1/checks/tasks/{id}/visits/{object}/steps token: 200 400 401 403 404 409 413 415 422 500 503
    post /api/v1/checks/tasks/{id}/withdraw token: 200 400 401 403 404 409 413 415 422 500 503
    get /api/v1/checks/visits token: 200 400 401 403 500 503
    get /api/v1/companies: 200 304 400 429 500 503
    get /api/v1/companies/{uscc}: 200 304 400 404 429 500 503
    get /api/v1/companies/{uscc}/checks: 200 304 400 404 429 500 503
    get /api/v1/companies/{uscc}/explanation: 200 304 400 404 429 500 503
    get /api/v1/companies/{uscc}/outlook: 200 304 400 404 429 500 503
    get /api/v1/complaints token: 200 400 401 403 500 503
    post /api/v1/complaints token: 201 400 401 403 409 413 415 422 500 503
    get /api/v1/complaints/statistics token: 200 400 401 403 500 503
    get /api/v1/complaints/{id} token: 200 400 401 403 404 500 503
    get /api/v1/complaints/{id}/contact token: 200 400 401 403 404 500 503
    post /api/v1/complaints/{id}/record token: 201 400 401 403 404 409 413 415 422 500 503
    post /api/v1/complaints/{id}/steps token: 200 400 401 403 404 409 413 415 422 500 503
    get /api/v1/deadlines token: 200 400 401 403 500 503
    get /api/v1/deadlines/overdue: 200 304 400 429 500 503
    get /api/v1/documents token: 200 400 401 403 500 503
    get /api/v1/documents/{id} token: 200 400 401 403 404 500 503
    post /api/v1/documents/{id}/void token: 200 400 401 403 404 409 413 415 422 500 503
    get /api/v1/draws: 200 304 400 429 500 503
    get /api/v1/draws.csv: 200 304 400 429 500 503
    get /api/v1/draws/{id}: 200 304 400 429 500 503
    get /api/v1/draws/{id}/objects.csv: 200 304 400 404 409 429 500 503
    get /api/v1/draws/{id}/results: 200 304 400 404 429 500 503
    get /api/v1/draws/{id}/results.csv: 200 304 400 404 429 500 503
    get /api/v1/entries token: 200 400 401 403 500 503
    post /api/v1/entries token: 201 400 401 403 404 409 413 415 422 500 503
    get /api/v1/entries/{id} token: 200 400 401 403 404 500 503
    post /api/v1/entries/{id}/documents token: 201 400 401 403 404 409 413 415 422 500 503
    post /api/v1/entries/{id}/steps token: 200 400 401 403 404 409 413 415 422 500 503
    get /api/v1/fairness/{year}: 200 304 400 429 500 503
    get /api/v1/fairness/{year}/strata.csv: 200 304 400 429 500 503
    get /api/v1/feed/drift: 200 304 400 429 500 503
    get /api/v1/jobs token: 200 400 401 403 500 503
    get /api/v1/list-bases token: 200 400 401 403 500 503
    post /api/v1/list-bases token: 201 400 401 403 404 409 413 415 422 500 503
    post /api/v1/list-bases/{id}/approve token: 200 400 401 403 404 409 413 415 422 500 503
    post /api/v1/list-bases/{id}/withdraw token: 200 400 401 403 404 409 413 415 422 500 503
    get /api/v1/lists: 200 304 400 429 500 503
    get /api/v1/openapi.json: 200
    get /api/v1/plan-tasks.csv: 200 304 400 429 500 503
    get /api/v1/plans: 200 304 400 429 500 503
    get /api/v1/plans/{id}: 200 304 400 404 429 500 503
    get /api/v1/plans/{id}/strata.csv: 200 304 400 404 429 500 503
    post /api/v1/records token: 201 400 401 403 409 413 415 422 500 503
    get /api/v1/records/{id} token: 200 400 401 403 404 500 503
    post /api/v1/records/{id}/accept token: 200 400 401 403 404 409 413 415 422 500 503
    post /api/v1/records/{id}/attachments token: 201 400 401 403 404 413 415 422 500 503
    get /api/v1/records/{id}/attachments/{digest} token: 200 400 401 403 404 500 503
    post /api/v1/records/{id}/confirm token: 200 400 401 403 404 409 413 415 422 500 503
    post /api/v1/records/{id}/correct token: 200 400 401 403 404 409 413 415 422 500 503
    post /api/v1/records/{id}/documents token: 201 400 401 403 404 409 413 415 422 500 503
    post /api/v1/records/{id}/extend token: 200 400 401 403 404 409 413 415 422 500 503
    post /api/v1/records/{id}/notice token: 200 400 401 403 404 409 413 415 422 500 503
    post /api/v1/records/{id}/object token: 200 400 401 403 404 409 413 415 422 500 503
    get /api/v1/records/{id}/process token: 200 400 401 403 404 500 503
    post /api/v1/records/{id}/rectification token: 200 400 401 403 404 409 413 415 422 500 503
    post /api/v1/records/{id}/rectify token: 200 400 401 403 404 409 413 415 422 500 503
    post /api/v1/records/{id}/refuse token: 200 400 401 403 404 409 413 415 422 500 503
    post /api/v1/records/{id}/reject token: 200 400 401 403 404 409 413 415 422 500 503
    post /api/v1/records/{id}/revoke token: 200 400 401 403 404 409 413 415 422 500 503
    post /api/v1/records/{id}/served token: 200 400 401 403 404 409 413 415 422 500 503
    post /api/v1/records/{id}/uphold token: 200 400 401 403 404 409 413 415 422 500 503
    post /api/v1/records/{id}/withdraw-objection token: 200 400 401 403 404 409 413 415 422 500 503
    get /api/v1/reports/{code}: 200 304 400 429 500 503
    get /api/v1/statistics: 200 304 400 429 500 503
    get /api/v1/visits/{code}: 200 304 400 404 429 500 503
    get /healthz: 200 500 503
    "#);
}

#[test]
fn every_failure_in_the_document_is_a_problem_document() {
    let document = served();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            for (status, answer) in operation["responses"].as_object().unwrap() {
                let name = format!("{method} {path} {status}");
                assert!(
                    !answer["description"].as_str().unwrap().is_empty(),
                    "{name}"
                );
                if status.as_str() < "400" {
                    continue;
                }
                let content = answer["content"]
                    .as_object()
                    .unwrap_or_else(|| panic!("{name}"));
                let kinds: Vec<&String> = content.keys().collect();
                assert_eq!(kinds, ["application/problem+json"], "{name}");
                let schema = &content["application/problem+json"]["schema"]["$ref"];
                assert_eq!(schema, "#/components/schemas/Problem", "{name}");
            }
        }
    }
}

#[test]
fn every_reference_of_the_document_is_met() {
    fn walk(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(map) => {
                if let Some(Value::String(reference)) = map.get("$ref") {
                    found.push(reference.clone());
                }
                map.values().for_each(|value| walk(value, found));
            }
            Value::Array(items) => items.iter().for_each(|value| walk(value, found)),
            _ => {}
        }
    }
    let document = served();
    let mut references = Vec::new();
    walk(&document, &mut references);
    assert!(references.len() > 20, "{references:?}");
    for reference in references {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
}
