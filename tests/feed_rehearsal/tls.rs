//! HTTPS with a certificate authority made for the test: what is trusted, what is shown, what is refused.

use std::{fs, path::Path, sync::Arc};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        RootCertStore, ServerConfig,
        pki_types::{CertificateDer, PrivateKeyDer},
        server::WebPkiClientVerifier,
    },
};
use wuxin::config::Publish;

use crate::{
    house::House,
    support::{VirtualClock, record},
};

struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        Self(CertifiedIssuer::self_signed(params, key).unwrap())
    }

    /// A certificate for a name, and its key.
    fn issue(&self, name: &str) -> (rcgen::Certificate, KeyPair) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        (params.signed_by(&key, &self.0).unwrap(), key)
    }
}

/// A server that answers every request with `answer`; gives its address, and the requests it read.
async fn server(
    authority: &Authority,
    clients: Option<&Authority>,
    answer: &'static str,
) -> (String, tokio::sync::mpsc::UnboundedReceiver<String>) {
    let (certificate, key) = authority.issue("localhost");
    let chain = vec![CertificateDer::from(certificate.der().to_vec())];
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .unwrap();
    let config = match clients {
        Some(clients) => {
            let mut roots = RootCertStore::empty();
            roots
                .add(CertificateDer::from(clients.0.der().to_vec()))
                .unwrap();
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
            builder.with_client_cert_verifier(verifier.build().unwrap())
        }
        None => builder.with_no_client_auth(),
    };
    let acceptor = TlsAcceptor::from(Arc::new(config.with_single_cert(chain, key).unwrap()));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!(
        "https://localhost:{}/",
        listener.local_addr().unwrap().port()
    );
    let (tell, told) = tokio::sync::mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else {
                continue;
            };
            let mut buffer = vec![0; 64 * 1024];
            let Ok(read) = stream.read(&mut buffer).await else {
                continue;
            };
            drop(tell.send(String::from_utf8_lossy(&buffer[..read]).into_owned()));
            drop(stream.write_all(answer.as_bytes()).await);
            drop(stream.shutdown().await);
        }
    });
    (base, told)
}

const BUSY: &str = "HTTP/1.1 429 Too Many\r\nRetry-After: 30\r\nContent-Length: 0\r\n\r\n";

async fn last_outcome(base: &str, publish: impl FnOnce(&Path, Publish) -> Publish) -> String {
    let house = House::new(VirtualClock::new(), |folder| {
        let settings = Publish {
            url: Some(base.to_owned()),
            timeout_seconds: 5,
            ..Publish::default()
        };
        publish(folder, settings)
    });
    house.enqueue(&record(1, 1, false));
    house.run().await;
    house.view().batches[0].last_outcome.clone()
}

fn keep(folder: &Path, name: &str, text: &str) -> Option<std::path::PathBuf> {
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    Some(path)
}

#[tokio::test]
async fn only_the_own_authority_is_trusted_and_the_own_certificate_shown() {
    let (ours, other) = (Authority::new(), Authority::new());
    let (base, _requests) = server(&ours, None, BUSY).await;
    let outcome = last_outcome(&base, |folder, publish| Publish {
        ca_file: keep(folder, "ca.pem", &ours.0.pem()),
        ..publish
    });
    assert!(outcome.await.starts_with("busy"));
    for authority in [None, Some(&other)] {
        let outcome = last_outcome(&base, |folder, publish| Publish {
            ca_file: authority.and_then(|one| keep(folder, "ca.pem", &one.0.pem())),
            ..publish
        })
        .await;
        assert!(outcome.starts_with("not_sent"), "{outcome}");
        assert!(outcome.contains("certificate"), "{outcome}");
    }

    // The platform asks for a certificate.
    let (base, _requests) = server(&ours, Some(&other), BUSY).await;
    let (certificate, key) = other.issue("wuxin.example");
    let shown = last_outcome(&base, |folder, publish| Publish {
        ca_file: keep(folder, "ca.pem", &ours.0.pem()),
        client_cert_file: keep(folder, "me.pem", &certificate.pem()),
        client_key_file: keep(folder, "me.key", &key.serialize_pem()),
        ..publish
    });
    assert!(shown.await.starts_with("busy"));
    let silent = last_outcome(&base, |folder, publish| Publish {
        ca_file: keep(folder, "ca.pem", &ours.0.pem()),
        ..publish
    })
    .await;
    assert!(!silent.starts_with("busy"), "{silent}");
}

#[tokio::test]
async fn requests_are_signed_and_a_clock_that_is_wrong_is_told() {
    let ours = Authority::new();
    let answer = "HTTP/1.1 401 Unauthorized\r\nDate: Tue, 03 Mar 2026 10:00:00 GMT\r\nContent-Length: 2\r\n\r\n{}";
    let (base, mut requests) = server(&ours, None, answer).await;
    let outcome = last_outcome(&base, |folder, publish| Publish {
        ca_file: keep(folder, "ca.pem", &ours.0.pem()),
        signing: Some("hmac-sm3".into()),
        signing_key: Some(wuxin::secret::Secret::new("rehearsal-key")),
        app_key: Some("k1".into()),
        ..publish
    })
    .await;
    assert!(outcome.starts_with("refused_auth"), "{outcome}");
    assert!(
        outcome.contains("the clocks are 86400 s apart"),
        "{outcome}"
    );
    let request = requests.recv().await.unwrap().to_ascii_lowercase();
    for header in [
        "x-timestamp: 1772445600",
        "x-nonce: ",
        "x-signature: ",
        "x-app-key: k1",
    ] {
        assert!(request.contains(header), "{header}: {request}");
    }
    assert!(!request.contains("rehearsal-key"));
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let ours = Authority::new();
    let answer =
        "HTTP/1.1 302 Found\r\nLocation: https://evil.example/\r\nContent-Length: 0\r\n\r\n";
    let (base, _requests) = server(&ours, None, answer).await;
    let outcome = last_outcome(&base, |folder, publish| Publish {
        ca_file: keep(folder, "ca.pem", &ours.0.pem()),
        ..publish
    });
    assert_eq!(outcome.await, "unknown status 302 after the batch was sent");
}
