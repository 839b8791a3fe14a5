//! Answers no honest platform gives: none of them is success, none of them brings the publisher down.

use super::support::{Kept, VirtualClock, client, record, sealed};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use wuxin::feed::{
    Outcome, SealedBatch, interpret_send,
    outcome::{AnswerFault, Attempt, NoAnswer, ProbeOutcome, UnknownWhy},
    transports::LARGEST_ANSWER,
};

/// A server that gives these bytes to every request, whatever it is.
pub async fn canned(answer: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let answer = answer.clone();
            tokio::spawn(async move {
                let (mut request, mut buffer) = (Vec::new(), [0; 4096]);
                while let Ok(read @ 1..) = stream.read(&mut buffer).await {
                    request.extend_from_slice(&buffer[..read]);
                    if is_whole(&request) {
                        break;
                    }
                }
                let answer = with_key(&answer, &request);
                // The client may hang up in the middle: that is its right.
                let _ = stream.write_all(&answer).await;
                let _ = stream.shutdown().await;
            });
        }
    });
    base
}

/// Stands in an answer for the key of the batch that was sent; as long as one.
pub const KEY: &str = "KKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKK";

fn with_key(answer: &[u8], request: &[u8]) -> Vec<u8> {
    let head = String::from_utf8_lossy(request).to_lowercase();
    let key = head
        .split_once("idempotency-key: ")
        .and_then(|(_, rest)| rest.get(..KEY.len()));
    let place = answer
        .windows(KEY.len())
        .position(|part| part == KEY.as_bytes());
    let mut answer = answer.to_vec();
    if let (Some(key), Some(place)) = (key, place) {
        answer[place..place + KEY.len()].copy_from_slice(key.as_bytes());
    }
    answer
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request).to_lowercase();
    let Some((head, _)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head.split_once("content-length:").map_or(0, |(_, rest)| {
        rest.lines().next().unwrap().trim().parse().unwrap()
    });
    request.len() >= head.len() + 4 + length
}

pub fn answer(head: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes = format!(
        "HTTP/1.1 {head}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    )
    .into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

pub fn json_answer(value: &serde_json::Value) -> Vec<u8> {
    answer(
        "200 OK\r\nContent-Type: application/json",
        value.to_string().as_bytes(),
    )
}

fn batch() -> SealedBatch {
    sealed(1, VirtualClock::new().now(), &[record(1, 1, false)])
}

async fn outcome(bytes: Vec<u8>) -> (Attempt, Outcome, ProbeOutcome) {
    let client = client(&canned(bytes).await, "token");
    let attempt = client.send(&batch(), VirtualClock::new().now()).await;
    let outcome = interpret_send(&batch(), &attempt, VirtualClock::new().now());
    (
        attempt,
        outcome,
        client.probe(&batch(), VirtualClock::new().now()).await,
    )
}

#[tokio::test]
async fn hostile_answers_leave_the_batch_unknown_and_the_probe_open() {
    let good = json!({"batch_key": batch().key, "receipts": [{"record_id": record(1, 1, false).fields().record_id, "record_version": 1, "result": "ACCEPTED"}]});
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    let chunked = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"bat".to_vec();
    let table = [
        (
            "oversized",
            answer(
                "200 OK\r\nContent-Type: application/json",
                &vec![b' '; LARGEST_ANSWER + 1],
            ),
        ),
        (
            "deeply nested",
            answer("200 OK\r\nContent-Type: application/json", deep.as_bytes()),
        ),
        (
            "wrong content type",
            answer(
                "200 OK\r\nContent-Type: text/html",
                good.to_string().as_bytes(),
            ),
        ),
        (
            "no content type",
            answer("200 OK", good.to_string().as_bytes()),
        ),
        (
            "redirect",
            answer("302 Found\r\nLocation: http://127.0.0.1:1/login", b""),
        ),
        (
            "login page",
            answer(
                "200 OK\r\nContent-Type: text/html",
                "<html>登录</html>".as_bytes(),
            ),
        ),
        (
            "broken off",
            answer(
                "200 OK\r\nContent-Type: application/json",
                good.to_string().as_bytes(),
            )[..150]
                .to_vec(),
        ),
        ("broken off in chunks", chunked),
        ("no http", b"SSH-2.0-OpenSSH_9.0\r\n".to_vec()),
        ("nothing", Vec::new()),
        (
            "unknown status",
            answer("299 Odd\r\nContent-Type: application/json", b"{}"),
        ),
        (
            "bad gateway",
            answer(
                "502 Bad Gateway\r\nContent-Type: text/html",
                b"<h1>502</h1>",
            ),
        ),
    ];
    for (what, bytes) in table {
        let (attempt, outcome, probe) = outcome(bytes).await;
        assert!(
            matches!(outcome, Outcome::Unknown { .. }),
            "{what}: {attempt:?}"
        );
        assert!(
            matches!(probe, ProbeOutcome::Inconclusive { .. }),
            "{what}: {probe:?}"
        );
    }
    assert!(matches!(
        outcome(json_answer(&good)).await.1,
        Outcome::Settled(_)
    ));
}

#[tokio::test]
async fn each_hostile_answer_has_its_own_reason() {
    let oversized = answer(
        "200 OK\r\nContent-Type: application/json",
        &vec![b'1'; LARGEST_ANSWER + 1],
    );
    let expected = NoAnswer::Oversized {
        status: 200,
        limit: LARGEST_ANSWER,
    };
    assert_eq!(
        outcome(oversized).await.0,
        Attempt::NoAnswer { why: expected }
    );

    let foreign = json!({"batch_key": batch().key, "receipts": [
        {"record_id": record(1, 1, false).fields().record_id, "record_version": 1, "result": "ACCEPTED"},
        {"record_id": "01955000-0000-7000-8000-0000000000ff", "record_version": 1, "result": "ACCEPTED"}]});
    let fault = AnswerFault::NeverSent {
        record_id: "01955000-0000-7000-8000-0000000000ff".into(),
    };
    let expected = Outcome::Unknown {
        why: UnknownWhy::Untrustworthy(vec![fault]),
    };
    assert_eq!(outcome(json_answer(&foreign)).await.1, expected);

    let other = sealed(9, VirtualClock::new().now(), &[record(1, 1, false)]);
    let replayed = json!({"batch_key": other.key, "receipts": []});
    let (_, replayed, _) = outcome(json_answer(&replayed)).await;
    assert!(
        matches!(replayed, Outcome::Unknown { why: UnknownWhy::Untrustworthy(faults) } if faults[0] == AnswerFault::OtherBatch(other.key))
    );
}

#[tokio::test]
async fn a_refused_connection_is_known_not_to_have_sent_anything() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    let clock = VirtualClock::new();
    let mut kept = Kept::new(batch());
    let attempt = client(&base, "secret-token")
        .send(&kept.batch, clock.now())
        .await;
    assert!(
        matches!(&attempt, Attempt::NotSent { why } if why.contains("refused")),
        "{attempt:?}"
    );
    assert!(!format!("{attempt:?} {:?}", client(&base, "secret-token")).contains("secret-token"));
    assert_eq!(kept.step(&client(&base, "t"), &clock).await, Ok("send"));
    assert_eq!(kept.progress.state, wuxin::feed::outcome::BatchState::Ready);
}
