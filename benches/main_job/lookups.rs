//! Look-ups over loopback HTTP of a served SQLite city, beside a plain handler that gives a constant of the same size.

use std::{net::SocketAddr, path::Path, sync::Arc, time::Duration};

use anyhow::{Context, bail};
use axum::{Router, body::Bytes, http::header, routing::get};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::Instant,
};
use wuxin::{
    city::{DEMO_SEED, Size, Town},
    clock::{Clock, FixedClock},
    config::Limits,
    web::{self, WebState},
};

use super::{
    Sizes, files,
    timing::{Rounds, Table},
};

pub fn measure(sizes: &Sizes, folder: &Path, table: &mut Table) -> anyhow::Result<()> {
    let folder = folder.join("served");
    std::fs::create_dir_all(&folder)?;
    for (name, size) in [
        ("the demo city", Size::demo()),
        (
            "a large population",
            Size::scaled(sizes.population, sizes.population.saturating_mul(20)),
        ),
    ] {
        let town = Town::new(DEMO_SEED, size);
        let written = files::write(&town, &folder)?;
        let app = files::open(&folder.join(format!("{}.db", size.companies)))?;
        files::import(&app, &written)?;
        let paths: Vec<String> = town
            .companies()
            .map(|company| format!("/api/v1/companies/{}", company.uscc))
            .collect();
        tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()?
            .block_on(served(sizes, name, app, paths, table))?;
    }
    Ok(())
}

async fn served(
    sizes: &Sizes,
    name: &str,
    app: wuxin::service::App,
    paths: Vec<String>,
    table: &mut Table,
) -> anyhow::Result<()> {
    let state = WebState::new(Arc::new(app), Clock::Fixed(FixedClock::new(files::now()?)));
    // The limit is for strangers; here one client asks for everybody.
    let limits = Limits {
        lookups_per_minute: u32::MAX,
        ..Limits::default()
    };
    let own = serve(web::router(state, &limits)).await?;
    let paths = Arc::new(paths);
    let bytes = load(own, &paths, paths.len(), 1).await?.bytes;
    let size = bytes / paths.len();
    let body = Bytes::from(vec![b'x'; size]);
    let plain = Router::new().route(
        "/api/v1/companies/{uscc}",
        get(move || {
            let body = body.clone();
            async move { ([(header::CONTENT_TYPE, "application/json")], body) }
        }),
    );
    let plain = serve(plain).await?;
    let mut rounds = Rounds::default();
    for _ in 0..sizes.rounds {
        let baseline = load(plain, &paths, sizes.requests, sizes.connections).await?;
        let looked_up = load(own, &paths, sizes.requests, sizes.connections).await?;
        rounds.add(looked_up.time, baseline.time);
    }
    table.line(
        format!("look up in {name}, {:.1} KB each", size as f64 / 1024.0),
        "look-ups",
        sizes.requests,
        "axum giving a constant",
        &rounds,
    );
    Ok(())
}

/// Serves on a free port for as long as the runtime runs.
async fn serve(router: Router) -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    tokio::spawn(web::serve(listener, router, std::future::pending()));
    Ok(address)
}

/// What a round of requests took.
struct Load {
    time: Duration,
    /// Of bodies.
    bytes: usize,
}

/// Asks for the paths in turn, `requests` times in all, over connections that are kept.
async fn load(
    address: SocketAddr,
    paths: &Arc<Vec<String>>,
    requests: usize,
    connections: usize,
) -> anyhow::Result<Load> {
    let connections = connections.max(1);
    let mut open = Vec::with_capacity(connections);
    for _ in 0..connections {
        open.push(Connection::open(address).await?);
    }
    let began = Instant::now();
    let asking: Vec<_> = open
        .into_iter()
        .enumerate()
        .map(|(first, mut connection)| {
            let paths = Arc::clone(paths);
            tokio::spawn(async move {
                let mut bytes = 0;
                for request in (first..requests).step_by(connections) {
                    bytes += connection.get(&paths[request % paths.len()]).await?;
                }
                anyhow::Ok(bytes)
            })
        })
        .collect();
    let mut bytes = 0;
    for asked in asking {
        bytes += asked.await??;
    }
    Ok(Load {
        time: began.elapsed(),
        bytes,
    })
}

/// A kept HTTP/1.1 connection.
struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    async fn open(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: Vec::new(),
        })
    }

    /// Asks for a path; gives the length of the body of a 200.
    async fn get(&mut self, path: &str) -> anyhow::Result<usize> {
        let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n");
        self.stream.write_all(request.as_bytes()).await?;
        self.buffer.clear();
        let head = loop {
            if let Some(end) = self.buffer.windows(4).position(|four| four == b"\r\n\r\n") {
                break end + 4;
            }
            self.more().await?;
        };
        let length = {
            let head = std::str::from_utf8(&self.buffer[..head])?;
            if !head.starts_with("HTTP/1.1 200 ") {
                bail!("{path}: {}", head.lines().next().unwrap_or_default());
            }
            let length = head
                .lines()
                .filter_map(|line| line.split_once(':'))
                .find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
            let (_, length) = length.context("an answer without content-length")?;
            length.trim().parse::<usize>()?
        };
        while self.buffer.len() < head + length {
            self.more().await?;
        }
        Ok(length)
    }

    async fn more(&mut self) -> anyhow::Result<()> {
        if self.stream.read_buf(&mut self.buffer).await? == 0 {
            bail!("the connection was closed");
        }
        Ok(())
    }
}
