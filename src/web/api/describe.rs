//! What every operation of a kind answers beside what its own description says: added to the document in one place, so that
//! no operation forgets it.

use utoipa::{
    Modify,
    openapi::{
        Content, OpenApi, Ref, RefOr, Required, ResponseBuilder,
        path::{Operation, Parameter, ParameterBuilder, ParameterIn},
        schema::{ObjectBuilder, Type},
    },
};

const PROBLEM: &str = "application/problem+json";

/// The failures that layers and extractors give, and the headers that they read.
pub(super) struct Failures;

impl Modify for Failures {
    fn modify(&self, openapi: &mut OpenApi) {
        for (path, item) in &mut openapi.paths.paths {
            for operation in [&mut item.get, &mut item.post].into_iter().flatten() {
                describe(path, operation);
            }
        }
    }
}

fn describe(path: &str, operation: &mut Operation) {
    let closed = operation.security.is_some();
    // A file that is attached is no JSON and has no key: the same content again changes nothing.
    let has_body = match &operation.request_body {
        Some(RefOr::T(body)) => body.content.contains_key("application/json"),
        Some(RefOr::Ref(_)) => true,
        None => false,
    };
    let looked_up = !closed && path.starts_with("/api/v1/") && !path.ends_with(".json");
    let stored = closed || looked_up || path == "/healthz";
    let mut add = |status: &str, description: &str| {
        let answers = &mut operation.responses.responses;
        answers
            .entry(status.to_owned())
            .or_insert_with(|| RefOr::T(ResponseBuilder::new().description(description).build()));
    };
    if looked_up {
        add("304", "Not changed since the ETag given");
        add("400", "A parameter that is none");
        add(
            "429",
            "Too many look-ups; `Retry-After` says when to ask again",
        );
    }
    if closed {
        add("400", "Parameters, or a body, that are not what was agreed");
        add("401", "No valid token");
        add(
            "403",
            "Not with this role, not for this division or level, or the same person",
        );
    }
    if closed && path.contains("{id}") {
        add("404", "Nothing with this id");
    }
    if has_body {
        add(
            "409",
            "The Idempotency-Key was used for something else, or the thing has changed",
        );
        add("413", "The body is too large");
        add("415", "The body is not `application/json`");
        add("422", "Fields that must be mended, each with a pointer");
    }
    if stored {
        add(
            "500",
            "The service failed; the request id finds the cause in its log",
        );
        add(
            "503",
            "`lookup-failed`: the database does not answer, or too slowly",
        );
    }
    if has_body {
        let parameters = operation.parameters.get_or_insert_default();
        let known = |parameter: &RefOr<Parameter>| match parameter {
            RefOr::T(parameter) => parameter.name == "Idempotency-Key",
            RefOr::Ref(_) => false,
        };
        if !parameters.iter().any(known) {
            parameters.push(RefOr::T(idempotency_key()));
        }
    }
    for (status, answer) in &mut operation.responses.responses {
        let RefOr::T(answer) = answer else { continue };
        if status.as_str() >= "400" {
            let schema = Ref::from_schema_name("Problem");
            answer.content.clear();
            answer
                .content
                .insert(PROBLEM.to_owned(), RefOr::T(Content::new(Some(schema))));
        }
    }
}

fn idempotency_key() -> Parameter {
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some("The same key with the same body is done once"))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String).build()))
        .build()
}
