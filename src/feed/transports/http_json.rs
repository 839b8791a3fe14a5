//! JSON over HTTPS: one request per batch, receipts in the answer.

use std::{error::Error as _, sync::Arc};

use chrono::{DateTime, Utc};
use reqwest::{
    Certificate, Client, Identity, RequestBuilder, Response,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, DATE, HeaderMap, HeaderValue, RETRY_AFTER},
    redirect,
};
use uuid::Uuid;

use super::{Target, network::GuardedResolver};
use crate::feed::{
    batch::SealedBatch,
    outcome::{
        Answer, Attempt, NoAnswer, ProbeOutcome, RecordProbe, interpret_batch_probe,
        interpret_record_probe, settle_by_records,
    },
    profile::Paths,
};

/// The largest answer that is read, in bytes.
pub const LARGEST_ANSWER: usize = 1024 * 1024;

/// The client of one target.
#[derive(Debug, Clone)]
pub struct HttpJson {
    target: Target,
    paths: Paths,
    client: Client,
}

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
#[error("target {target}: no HTTP client: {why}")]
pub struct BuildError {
    target: String,
    why: String,
}

impl HttpJson {
    /// The client of a target whose platform has these paths.
    pub fn new(target: Target, paths: Paths) -> Result<Self, BuildError> {
        let client = build_client(&target).map_err(|why| BuildError {
            target: target.name.clone(),
            why,
        })?;
        Ok(Self {
            target,
            paths,
            client,
        })
    }

    /// Sends the stored bytes under the stored key, once.
    pub async fn send(&self, batch: &SealedBatch, now: DateTime<Utc>) -> Attempt {
        let request = self
            .client
            .post(self.target.url(&self.paths.batches, None))
            .header(CONTENT_TYPE, "application/json")
            .header("Idempotency-Key", &batch.key)
            .body(batch.body.clone());
        self.exchange(request, &batch.body, now).await
    }

    /// Asks what the platform knows of the batch with this key.
    pub async fn query_batch(&self, key: &str, now: DateTime<Utc>) -> Attempt {
        let url = self.target.url(&self.paths.batches, Some(key));
        self.exchange(self.client.get(url), b"", now).await
    }

    /// Asks what the platform holds of an entry.
    pub async fn query_record(&self, record_id: Uuid, now: DateTime<Utc>) -> Attempt {
        let Some(records) = &self.paths.records else {
            return Attempt::NotSent {
                why: "the profile has no path for questions about records".to_owned(),
            };
        };
        let url = self.target.url(records, Some(&record_id.to_string()));
        self.exchange(self.client.get(url), b"", now).await
    }

    /// Asks for a page of what the platform shows; the first without `after`.
    pub async fn query_listing(&self, after: Option<&str>, now: DateTime<Utc>) -> Attempt {
        let Some(listing) = &self.paths.listing else {
            return Attempt::NotSent {
                why: "the profile has no path for a listing".to_owned(),
            };
        };
        let mut url = self.target.url(listing, None);
        if let Some(after) = after {
            url.query_pairs_mut().append_pair("after", after);
        }
        self.exchange(self.client.get(url), b"", now).await
    }

    /// The paths of the platform.
    pub fn paths(&self) -> &Paths {
        &self.paths
    }

    /// One request, signed if the target wants it.
    async fn exchange(&self, request: RequestBuilder, body: &[u8], now: DateTime<Utc>) -> Attempt {
        let request = match &self.target.signer {
            Some(signer) => signer
                .headers(now, &Uuid::now_v7().simple().to_string(), body)
                .into_iter()
                .fold(request, |request, (name, value)| {
                    request.header(name, value)
                }),
            None => request,
        };
        exchange(request).await
    }

    /// Asks what became of a batch: by its key and, if the platform does not know it or gave counts only, record by
    /// record. The first answer that tells nothing ends the asking.
    pub async fn probe(&self, batch: &SealedBatch, now: DateTime<Utc>) -> ProbeOutcome {
        let rejected = match interpret_batch_probe(batch, &self.query_batch(&batch.key, now).await)
        {
            ProbeOutcome::NotThere => None,
            ProbeOutcome::Inconclusive {
                rejected: Some(rejected),
                ..
            } => Some(rejected),
            settled_or_unclear => return settled_or_unclear,
        };
        let mut probes = Vec::with_capacity(batch.entries.len());
        for sealed in &batch.entries {
            let record_id = sealed.entry.record_id;
            let probe = interpret_record_probe(record_id, &self.query_record(record_id, now).await);
            if let RecordProbe::Inconclusive { why } = probe {
                return ProbeOutcome::Inconclusive { why, rejected };
            }
            probes.push(probe);
        }
        settle_by_records(batch, &probes, rejected)
    }
}

/// The one place that builds an outgoing client: timeouts, no redirects, no proxy from the environment, no retries
/// and no connection used twice, so that what is seen of a request is about that request.
fn build_client(target: &Target) -> Result<Client, String> {
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    if let Some(token) = &target.token {
        let mut value = HeaderValue::from_str(&format!("Bearer {}", token.reveal()))
            .map_err(|_| "the token does not fit a header".to_owned())?;
        value.set_sensitive(true);
        headers.insert(AUTHORIZATION, value);
    }
    let mut builder = Client::builder();
    if let Some(pem) = &target.ca {
        let trusted = Certificate::from_pem_bundle(pem).map_err(|error| {
            format!("publish.ca_file holds no certificates: {}", reason(&error))
        })?;
        if trusted.is_empty() {
            return Err("publish.ca_file holds no certificates".to_owned());
        }
        builder = builder.tls_built_in_root_certs(false);
        for certificate in trusted {
            builder = builder.add_root_certificate(certificate);
        }
    }
    if let Some(pem) = &target.identity {
        let identity = Identity::from_pem(pem.reveal().as_bytes()).map_err(|error| {
            let why = reason(&error);
            format!("publish.client_cert_file and client_key_file: {why}")
        })?;
        builder = builder.identity(identity);
    }
    builder
        .dns_resolver(Arc::new(GuardedResolver(target.networks.clone())))
        .user_agent(concat!("wuxin/", env!("CARGO_PKG_VERSION")))
        .default_headers(headers)
        .connect_timeout(target.connect_timeout)
        .timeout(target.total_timeout)
        .redirect(redirect::Policy::none())
        .retry(reqwest::retry::never())
        .no_proxy()
        .pool_max_idle_per_host(0)
        .http1_only()
        .build()
        .map_err(|error| error.to_string())
}

async fn exchange(request: RequestBuilder) -> Attempt {
    match request.send().await {
        Ok(response) => read(response).await,
        // Building and connecting (with the TLS handshake) come before the first byte of the request.
        Err(error) if error.is_builder() || error.is_connect() => Attempt::NotSent {
            why: reason(&error),
        },
        Err(error) if error.is_timeout() => Attempt::NoAnswer {
            why: NoAnswer::Timeout,
        },
        Err(error) => Attempt::NoAnswer {
            why: NoAnswer::Lost(reason(&error)),
        },
    }
}

/// Reads the whole answer, up to [`LARGEST_ANSWER`].
async fn read(mut response: Response) -> Attempt {
    let status = response.status().as_u16();
    let header = |name| Some(response.headers().get(name)?.to_str().ok()?.to_owned());
    let (content_type, retry_after) = (header(CONTENT_TYPE), header(RETRY_AFTER));
    let date = header(DATE);
    let mut body = Vec::new();
    let why = loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() > LARGEST_ANSWER => {
                break NoAnswer::Oversized {
                    status,
                    limit: LARGEST_ANSWER,
                };
            }
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => {
                return Attempt::Answered(Answer {
                    status,
                    content_type,
                    retry_after,
                    date,
                    body,
                });
            }
            Err(error) if error.is_timeout() => break NoAnswer::Timeout,
            Err(error) => {
                break NoAnswer::BrokenOff {
                    status,
                    why: reason(&error),
                };
            }
        }
    };
    Attempt::NoAnswer { why }
}

/// The chain of causes, without the address: it stands beside the target's name anyway.
fn reason(error: &reqwest::Error) -> String {
    let mut text = Vec::new();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push(inner.to_string());
        cause = inner.source();
    }
    if text.is_empty() {
        error.to_string()
    } else {
        text.join(": ")
    }
}
