//! Files of records over HTTP: what is taken, what is refused, what comes back.

use std::{fs, io, path::PathBuf};

use axum::{
    body::Body,
    http::{Method, Request, header},
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use wuxin::{
    config::Limits,
    service::{
        self,
        Role::{Officer, Reviewer},
    },
};

use crate::{
    house::{Answer, House, PINE, Person, request},
    on_both,
    support::TestStore,
};

on_both!(
    a_file_comes_back_as_it_was_sent_and_is_kept_once,
    a_file_that_lies_or_is_cut_or_empty_is_refused,
    a_name_is_never_a_path,
    a_file_is_bounded_alone_and_with_the_others_of_its_record,
    a_sender_who_goes_away_leaves_nothing,
    a_step_rests_on_files_of_its_own_record,
    a_damaged_file_is_found_and_not_given,
);

pub const PDF: &[u8] = b"%PDF-1.7\n% synthetic\n%%EOF\n";
/// One pixel.
const PNG: &[u8] =
    b"\x89PNG\r\n\x1A\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0:~\x9BU\0\0\0\0IEND\xAE\x42\x60\x82";

/// A request that sends a PDF.
pub fn upload(token: Option<&str>, path: &str, bytes: &'static [u8]) -> Request<Body> {
    let mut request = request(Method::POST, path, token, None);
    let kind = "application/pdf".parse().unwrap();
    request.headers_mut().insert(header::CONTENT_TYPE, kind);
    *request.body_mut() = Body::from(bytes);
    request
}

fn draft() -> Value {
    json!({
        "item": "CMP-01", "kind": "complaint", "company": PINE, "project": "XM-01",
        "decided_on": "2026-06-29", "attributes": { "level": "city" },
    })
}

struct Sender<'h> {
    house: &'h House,
    officer: Person,
    record: String,
}

impl<'h> Sender<'h> {
    fn new(house: &'h House) -> Self {
        let officer = house.person(Officer, None);
        let record = house.enter(&officer, &draft());
        Self {
            house,
            officer,
            record,
        }
    }

    fn path(&self) -> String {
        format!("/api/v1/records/{}/attachments", self.record)
    }

    fn send(&self, query: &str, kind: &str, body: Body) -> Answer {
        let path = format!("{}?{query}", self.path());
        let mut request = upload(Some(&self.officer.token), &path, b"");
        if kind.is_empty() {
            request.headers_mut().remove(header::CONTENT_TYPE);
        } else {
            let kind = kind.parse().unwrap();
            request.headers_mut().insert(header::CONTENT_TYPE, kind);
        }
        *request.body_mut() = body;
        self.house.send(request)
    }

    /// Whatever lies in the folder, finished or not.
    fn files(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        for folder in fs::read_dir(self.house.files.path()).unwrap() {
            for file in fs::read_dir(folder.unwrap().path()).unwrap() {
                found.push(file.unwrap().path());
            }
        }
        found
    }
}

fn a_file_comes_back_as_it_was_sent_and_is_kept_once(test: &TestStore) {
    let house = House::new(test);
    let sender = Sender::new(&house);
    let name = "name=%E7%8E%B0%E5%9C%BA%E7%85%A7%E7%89%87.png";
    let sent = sender.send(name, "image/png; charset=binary", Body::from(PNG));
    assert_eq!(sent.status, 201, "{}", sent.text());
    let digest = hex::encode(Sha256::digest(PNG));
    let attached = sent.json();
    assert_eq!(attached["digest"], digest);
    assert_eq!(attached["media"], "image/png");
    assert_eq!(attached["size"], PNG.len());
    assert_eq!(attached["name"], "现场照片.png");
    assert_eq!(attached["about"], "record");
    assert_eq!(sent.header("cache-control"), "no-store");

    let address = format!("{}/{digest}", sender.path());
    let reviewer = house.person(Reviewer, None);
    let back = house.get_as(&reviewer, &address);
    assert_eq!(back.status, 200);
    assert_eq!(back.body, PNG);
    assert_eq!(back.header("content-type"), "image/png");
    assert_eq!(
        back.header("content-disposition"),
        "attachment; filename*=UTF-8''%E7%8E%B0%E5%9C%BA%E7%85%A7%E7%89%87.png"
    );
    assert_eq!(back.header("x-content-type-options"), "nosniff");
    assert!(
        back.header("content-security-policy")
            .starts_with("sandbox")
    );
    assert_eq!(back.header("cache-control"), "no-store");

    // Again, and to another record: one file, and the first name stays.
    let again = sender.send("name=other.png", "image/png", Body::from(PNG));
    assert_eq!(again.json(), attached);
    let other = Sender::new(&house);
    assert_eq!(
        other
            .send("name=b&about=objection", "image/png", Body::from(PNG))
            .status,
        201
    );
    assert_eq!(sender.files().len(), 1);
    let process = house.get_as(
        &reviewer,
        &format!("/api/v1/records/{}/process", other.record),
    );
    assert_eq!(process.json()["attachments"][0]["about"], "objection");
    // It belongs to the records that have it, and to no other.
    let third = Sender::new(&house);
    for digest in [digest.as_str(), "0", "..%2F..%2Fwuxin.db", &"0".repeat(64)] {
        let address = format!("{}/{digest}", third.path());
        house.get_as(&reviewer, &address).problem(404, "not-found");
    }
    let elsewhere = house.person(Reviewer, Some("512021"));
    house.get_as(&elsewhere, &address).problem(403, "forbidden");
    let checked = service::check_attachments(&house.app).unwrap();
    assert_eq!((checked.sound, checked.is_sound()), (1, true));
    assert!(checked.orphaned.is_empty() && checked.unfinished.is_empty());
}

fn a_file_that_lies_or_is_cut_or_empty_is_refused(test: &TestStore) {
    let house = House::new(test);
    let sender = Sender::new(&house);
    let cut = &PDF[..PDF.len() - 8];
    for (query, kind, bytes, status, name) in [
        (
            "name=a.png",
            "image/png",
            PDF,
            415,
            "unsupported-media-type",
        ),
        (
            "name=a.pdf",
            "application/pdf",
            PNG,
            415,
            "unsupported-media-type",
        ),
        ("name=a.pdf", "", PDF, 415, "unsupported-media-type"),
        (
            "name=a.pdf",
            "application/json",
            PDF,
            415,
            "unsupported-media-type",
        ),
        (
            "name=a.html",
            "text/html",
            &b"<script>"[..],
            415,
            "unsupported-media-type",
        ),
        (
            "name=a.svg",
            "image/svg+xml",
            b"<svg/>",
            415,
            "unsupported-media-type",
        ),
        (
            "name=a.pdf",
            "application/pdf",
            b"MZ",
            415,
            "unsupported-media-type",
        ),
        ("name=a.pdf", "application/pdf", b"", 422, "invalid"),
        ("name=a.pdf", "application/pdf", cut, 422, "invalid"),
        // The name of another kind of file.
        ("name=a.exe", "application/pdf", PDF, 422, "invalid"),
        ("name=a.pdf.js", "application/pdf", PDF, 422, "invalid"),
    ] {
        let answer = sender.send(query, kind, Body::from(bytes));
        answer.problem(status, name);
    }
    assert_eq!(
        sender
            .files()
            .iter()
            .filter(|file| {
                let inside = file.strip_prefix(house.files.path()).unwrap();
                inside.starts_with("unfinished")
            })
            .count(),
        0
    );
    let process = house.get_as(
        &sender.officer,
        &format!("/api/v1/records/{}/process", sender.record),
    );
    assert_eq!(process.json()["attachments"], json!([]));
    // What came before its name was refused lies there, of no record.
    let checked = service::check_attachments(&house.app).unwrap();
    assert!(checked.is_sound());
    assert_eq!(checked.orphaned, [hex::encode(Sha256::digest(PDF))]);
}

fn a_name_is_never_a_path(test: &TestStore) {
    let house = House::new(test);
    let sender = Sender::new(&house);
    for name in [
        "",
        "%20",
        "..%2F..%2Fetc%2Fpasswd.pdf",
        "..",
        "%2Fetc%2Fpasswd",
        "..%5Ca.pdf",
        "C%3Aa.pdf",
        "a%00.pdf",
        "a%0Ab.pdf",
        "fdp.%E2%80%AEexe",
        &"a".repeat(201),
    ] {
        let answer = sender.send(&format!("name={name}"), "application/pdf", Body::from(PDF));
        let problem = answer.problem(422, "invalid");
        assert_eq!(problem["errors"][0]["pointer"], "/name", "{problem}");
    }
    sender
        .send("name=a.pdf&about=other", "application/pdf", Body::from(PDF))
        .problem(422, "invalid");
    for query in ["", "about=record", "name=a.pdf&path=x"] {
        sender
            .send(query, "application/pdf", Body::from(PDF))
            .problem(400, "bad-request");
    }
    assert_eq!(
        sender.files(),
        Vec::<PathBuf>::new(),
        "refused before a byte was taken"
    );
}

fn a_file_is_bounded_alone_and_with_the_others_of_its_record(test: &TestStore) {
    let limits = Limits {
        // Smaller than a file: the bound of other bodies is not that of files.
        body_bytes: 2_000,
        attachment_bytes: 3_000,
        record_attachment_bytes: 5_000,
        ..Limits::default()
    };
    let house = House::with_limits(test, &limits);
    let sender = Sender::new(&house);
    let pdf = |size: usize, mark: char| {
        let filling: String = std::iter::repeat_n(mark, size - PDF.len()).collect();
        format!("%PDF-1.7\n% synthetic{filling}\n%%EOF\n").into_bytes()
    };
    let send = |bytes: Vec<u8>, streamed: bool| {
        let body = if streamed {
            // No length is given.
            Body::from_stream(tokio_stream(bytes))
        } else {
            Body::from(bytes)
        };
        sender.send("name=a.pdf", "application/pdf", body)
    };
    for streamed in [false, true] {
        send(pdf(3_001, 'a'), streamed).problem(413, "too-large");
        send(pdf(100_000, 'a'), streamed).problem(413, "too-large");
    }
    assert_eq!(send(pdf(3_000, 'a'), true).status, 201);
    // Two thousand are left.
    send(pdf(2_001, 'b'), false).problem(413, "too-large");
    assert_eq!(send(pdf(2_000, 'b'), false).status, 201);
    send(pdf(100, 'c'), false).problem(422, "invalid");
    let process = house.get_as(
        &sender.officer,
        &format!("/api/v1/records/{}/process", sender.record),
    );
    assert_eq!(process.json()["attachments"].as_array().unwrap().len(), 2);
    // Other bodies are as bounded as ever.
    let mut long = draft();
    long["reason"] = json!("长".repeat(1_000));
    house
        .post(&sender.officer, "/api/v1/records", &long)
        .problem(413, "too-large");
}

/// A body in pieces.
fn tokio_stream(
    bytes: Vec<u8>,
) -> impl futures_core::Stream<Item = io::Result<Vec<u8>>> + Send + 'static {
    Pieces {
        pieces: bytes.chunks(777).map(<[u8]>::to_vec).collect(),
        breaks: false,
    }
}

/// Pieces of a body, that may break off.
struct Pieces {
    pieces: std::collections::VecDeque<Vec<u8>>,
    breaks: bool,
}

impl futures_core::Stream for Pieces {
    type Item = io::Result<Vec<u8>>;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        let next = self.pieces.pop_front().map(Ok);
        let broken = self
            .breaks
            .then(|| Err(io::ErrorKind::ConnectionReset.into()));
        std::task::Poll::Ready(next.or(broken))
    }
}

fn a_sender_who_goes_away_leaves_nothing(test: &TestStore) {
    let house = House::new(test);
    let sender = Sender::new(&house);
    // All bytes come, and then not the end: whole or not is not for us to guess.
    for length in [0, 9, PDF.len()] {
        let pieces = Pieces {
            pieces: PDF[..length].chunks(4).map(<[u8]>::to_vec).collect(),
            breaks: true,
        };
        let answer = sender.send("name=a.pdf", "application/pdf", Body::from_stream(pieces));
        answer.problem(400, "bad-request");
        assert_eq!(sender.files(), Vec::<PathBuf>::new());
    }
}

fn a_step_rests_on_files_of_its_own_record(test: &TestStore) {
    let house = House::new(test);
    let reviewer = house.person(Reviewer, None);
    let (sender, other) = (Sender::new(&house), Sender::new(&house));
    for record in [&sender.record, &other.record] {
        let path = format!("/api/v1/records/{record}/confirm");
        assert_eq!(
            house
                .post(&reviewer, &path, &json!({ "version": 1 }))
                .status,
            200
        );
    }
    let sent = sender.send(
        "name=a.pdf&about=objection",
        "application/pdf",
        Body::from(PDF),
    );
    let digest = sent.json()["digest"].clone();
    let objection = json!({
        "version": 2, "events": 0, "number": "异1", "grounds": "不实", "received_on": "2026-07-01",
        "evidence": [digest],
    });
    let object = |record: &str| {
        let path = format!("/api/v1/records/{record}/object");
        house.post(&sender.officer, &path, &objection)
    };
    let problem = object(&other.record).problem(422, "invalid");
    assert_eq!(problem["errors"][0]["pointer"], "/evidence/0");
    assert_eq!(problem["errors"][0]["code"], "E010");
    let done = object(&sender.record);
    assert_eq!(done.status, 200, "{}", done.text());
    let process = house.get_as(
        &reviewer,
        &format!("/api/v1/records/{}/process", sender.record),
    );
    assert_eq!(process.json()["attachments"][0]["cited_in"], json!([1]));
}

fn a_damaged_file_is_found_and_not_given(test: &TestStore) {
    let house = House::new(test);
    let sender = Sender::new(&house);
    let pdf = sender
        .send("name=a.pdf", "application/pdf", Body::from(PDF))
        .json();
    let png = sender
        .send("name=a.png", "image/png", Body::from(PNG))
        .json();
    let place = |attached: &Value| {
        let digest = attached["digest"].as_str().unwrap();
        house.files.path().join(&digest[..2]).join(digest)
    };
    fs::write(place(&pdf), b"%PDF-1.7\nother\n%%EOF\n").unwrap();
    fs::remove_file(place(&png)).unwrap();
    let stray = house.files.path().join("aa");
    fs::create_dir_all(&stray).unwrap();
    fs::write(stray.join("a".repeat(64)), b"stray").unwrap();
    fs::write(stray.join("README"), b"not ours").unwrap();
    for attached in [&pdf, &png] {
        let address = format!("{}/{}", sender.path(), attached["digest"].as_str().unwrap());
        house
            .get_as(&sender.officer, &address)
            .problem(500, "internal");
    }
    let checked = service::check_attachments(&house.app).unwrap();
    assert_eq!(checked.changed, [pdf["digest"].as_str().unwrap()]);
    assert_eq!(checked.missing, [png["digest"].as_str().unwrap()]);
    assert_eq!(checked.orphaned, ["a".repeat(64)]);
    assert!(!checked.is_sound());
    // Sent once more they are whole.
    sender.send("name=a.pdf", "application/pdf", Body::from(PDF));
    sender.send("name=a.png", "image/png", Body::from(PNG));
    assert!(service::check_attachments(&house.app).unwrap().is_sound());
}
