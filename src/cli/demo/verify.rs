//! What the demo checks of itself: that the platform shows what it should and nothing else, and that the site answers.

use std::{collections::BTreeSet, net::SocketAddr};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{Stage, steps::Walked};
use crate::{cli::Failure, service::ImportReport};

/// The ledger holds every effect once: what is published is visible, what was revoked is gone, nothing else is there.
pub(super) async fn platform(
    stage: &Stage,
    address: SocketAddr,
    walked: &Walked,
) -> Result<(), Failure> {
    let token = stage
        .settings
        .publish
        .token
        .as_ref()
        .map_or("", |token| token.reveal());
    let (status, body) = get(address, "/api/ledger", Some(token)).await?;
    expect(status == 200, || {
        format!("the platform's ledger answers {status}")
    })?;
    let ledger: Value =
        serde_json::from_str(&body).map_err(|fault| Failure::Outside(fault.to_string()))?;
    let visible = visible(&ledger);
    let wanted: BTreeSet<String> = walked
        .published
        .iter()
        .map(|entry| entry.id.clone())
        .collect();
    expect(visible == wanted, || {
        format!("the platform shows {visible:?}, but {wanted:?} are published")
    })?;
    for gone in &walked.withdrawn {
        expect(!visible.contains(&gone.id), || {
            format!("{} is still shown", gone.id)
        })?;
    }
    expect(
        walked.report.rejected == 0 && walked.report.alarms.is_empty(),
        || format!("the publisher reports {:?}", walked.report),
    )?;
    expect(walked.report.probes > 0, || {
        "no answer was lost, though the platform was told to lose one".to_owned()
    })
}

/// The site answers as the contract says.
pub(super) async fn site(
    stage: &Stage,
    address: SocketAddr,
    imported: &ImportReport,
    walked: &Walked,
) -> Result<(), Failure> {
    let counts = (imported.companies.new, imported.records.new);
    expect(counts == (61, 20_000), || {
        format!("imported {counts:?} companies and records")
    })?;
    for entry in walked.published.iter().chain(&walked.withdrawn) {
        let path = format!("/api/v1/companies/{}", entry.company);
        let (status, body) = get(address, &path, None).await?;
        expect(status == 200, || format!("{path} answers {status}"))?;
        let found: Value =
            serde_json::from_str(&body).map_err(|fault| Failure::Outside(fault.to_string()))?;
        let listed = found["lists"]
            .as_array()
            .is_some_and(|lists| !lists.is_empty());
        let wanted = walked
            .published
            .iter()
            .any(|other| other.company == entry.company);
        expect(listed == wanted, || {
            format!("{path}: listed is {listed}, but should be {wanted}")
        })?;
        expect(
            found["lines"]
                .as_array()
                .is_some_and(|lines| !lines.is_empty()),
            || format!("{path} explains nothing"),
        )?;
        let (status, page) = get(address, &format!("/companies/{}", entry.company), None).await?;
        expect(status == 200 && page.contains("<svg"), || {
            format!("the page of {} answers {status}", entry.company)
        })?;
    }
    let outside = "/api/v1/companies/91000000000000000K";
    let (status, body) = get(address, outside, None).await?;
    expect(status == 404 && body.contains("not-in-scope"), || {
        format!("{outside} answers {status}")
    })?;
    let officer = stage.people.officer.token.reveal();
    let (status, _) = get(address, "/api/v1/entries", Some(officer)).await?;
    expect(status == 200, || {
        format!("the officer's entries answer {status}")
    })?;
    let (status, body) = get(address, "/api/v1/documents", Some(officer)).await?;
    let marks: BTreeSet<String> = serde_json::from_str::<Value>(&body)
        .map_err(|fault| Failure::Outside(fault.to_string()))?
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|document| document["mark"].as_str().map(str::to_owned))
        .collect();
    expect(
        status == 200 && marks.len() > 4 && marks.len() == walked.documents,
        || {
            format!(
                "{} documents, but {} were issued",
                marks.len(),
                walked.documents
            )
        },
    )?;
    let (status, _) = get(address, "/api/v1/deadlines", Some(officer)).await?;
    expect(status == 200, || {
        format!("the board of deadlines answers {status}")
    })?;
    let (status, _) = get(address, "/api/v1/entries", None).await?;
    expect(status == 401, || {
        format!("entries without a token answer {status}")
    })
}

/// Ids of the records that the public would see on the platform.
fn visible(ledger: &Value) -> BTreeSet<String> {
    ledger["records"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|record| record["visible"].as_bool() == Some(true))
        .filter_map(|record| record["record_id"].as_str().map(str::to_owned))
        .collect()
}

/// A plain GET over loopback: status and body.
async fn get(
    address: SocketAddr,
    path: &str,
    token: Option<&str>,
) -> Result<(u16, String), Failure> {
    let fault = |fault: std::io::Error| Failure::Outside(format!("GET {path}: {fault}"));
    let authorization = token.map_or_else(String::new, |token| {
        format!("Authorization: Bearer {token}\r\n")
    });
    let request = format!(
        "GET {path} HTTP/1.0\r\nHost: {address}\r\n{authorization}Connection: close\r\n\r\n"
    );
    let mut stream = TcpStream::connect(address).await.map_err(fault)?;
    stream.write_all(request.as_bytes()).await.map_err(fault)?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.map_err(fault)?;
    let answer = String::from_utf8_lossy(&answer);
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|code| code.parse().ok())
        .unwrap_or(0);
    Ok((status, body.to_owned()))
}

fn expect(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), Failure> {
    if holds {
        return Ok(());
    }
    Err(Failure::Input(format!(
        "the demo did not come out right: {}",
        otherwise()
    )))
}
