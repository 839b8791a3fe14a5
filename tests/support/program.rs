//! The real program as a process.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    path::Path,
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

/// `wuxin` in a folder, with no settings but those the test gives.
pub fn wuxin(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wuxin"));
    command.current_dir(folder).stdin(Stdio::null());
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        if name.starts_with("WUXIN_") && name != "WUXIN_MUTANT" {
            command.env_remove(name);
        }
    }
    command
}

/// A process that is killed when the test is done with it.
pub struct Running(pub Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Running {
    pub fn signal(&self, name: &str) {
        let status = Command::new("kill")
            .args([&format!("-{name}"), &self.0.id().to_string()])
            .status()
            .unwrap();
        assert!(status.success());
    }

    /// Waits for the end, at most so long.
    pub fn end(&mut self, patience: Duration) -> std::process::ExitStatus {
        let began = Instant::now();
        loop {
            if let Some(status) = self.0.try_wait().unwrap() {
                return status;
            }
            assert!(
                began.elapsed() < patience,
                "still running after {patience:?}"
            );
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

/// A stand-in platform as a process.
pub struct Platform {
    pub process: Running,
    pub address: SocketAddr,
}

impl Platform {
    /// `listen` with port 0 picks a free one.
    pub fn start(folder: &Path, listen: &str) -> Self {
        let mut child = wuxin(folder)
            .args(["receiver", "--ledger", "ledger.jsonl", "--listen", listen])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap());
        let mut said = String::new();
        let address = loop {
            let mut line = String::new();
            assert!(
                lines.read_line(&mut line).unwrap() > 0,
                "the receiver did not start: {said}"
            );
            if let Some((_, rest)) = line.split_once("receiver: http://") {
                break rest.trim().trim_end_matches('/').parse().unwrap();
            }
            said += &line;
        };
        // Whatever it says later must not fill the pipe.
        std::thread::spawn(move || std::io::copy(&mut lines, &mut std::io::sink()));
        Self {
            process: Running(child),
            address,
        }
    }

    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Misbehaves at the next `count` requests.
    pub fn switch(&self, behaviour: &str, value: &str, on: &str) {
        let wish =
            serde_json::json!({"behaviour": behaviour, "value": value, "count": "1", "on": on});
        let (status, answer) =
            http(self.address, "POST", "/switches", &[], &wish.to_string()).unwrap();
        assert_eq!(status, 200, "{answer}");
    }

    pub fn heal(&self) {
        let wish = serde_json::json!({"behaviour": "clear"});
        http(self.address, "POST", "/switches", &[], &wish.to_string()).unwrap();
    }

    pub fn ledger(&self) -> serde_json::Value {
        let (status, body) = http(self.address, "GET", "/api/ledger", &[], "").unwrap();
        assert_eq!(status, 200);
        serde_json::from_str(&body).unwrap()
    }
}

/// One request over a connection of its own: status and body.
pub fn http(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> std::io::Result<(u16, String)> {
    let mut stream = TcpStream::connect(address)?;
    let mut request = format!(
        "{method} {path} HTTP/1.0\r\nHost: {address}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n",
        body.len()
    );
    for (name, value) in headers {
        request += &format!("{name}: {value}\r\n");
    }
    request += "\r\n";
    stream.write_all(request.as_bytes())?;
    stream.write_all(body.as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|code| code.parse().ok())
        .unwrap_or(0);
    Ok((status, body.to_owned()))
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Exit code, stdout, stderr.
pub fn said(output: &Output) -> (i32, String, String) {
    (
        output.status.code().unwrap_or(-1),
        text(&output.stdout),
        text(&output.stderr),
    )
}
