//! A PostgreSQL server for the tests: the one that `WUXIN_TEST_POSTGRES_URL` names, or a private one that is started
//! for this test process and is gone, data and all, when the process ends, however it ends.

use std::{
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

/// Makes a server in a new directory, says where, and waits for the end of its input: the death of the test process.
const SCRIPT: &str = r#"
set -eu
PATH="$1:$PATH"
cd /
dir=$(mktemp -d "${TMPDIR:-/tmp}/wuxin-postgres.XXXXXX")
trap 'pg_ctl -D "$dir/data" -m immediate -w stop >/dev/null 2>&1 || true; rm -rf "$dir"' EXIT
trap '' INT TERM HUP
initdb -D "$dir/data" -U postgres -A trust -E UTF8 --locale=C --no-sync >"$dir/log" 2>&1 || { cat "$dir/log" >&2; exit 1; }
pg_ctl -D "$dir/data" -w -t 60 -l "$dir/log" \
    -o "-c fsync=off -c listen_addresses='' -c unix_socket_directories='$dir' -c max_connections=300" \
    start >/dev/null 2>&1 || { cat "$dir/log" >&2; exit 1; }
echo "$dir"
read -r _ || true
"#;

struct Server {
    url: String,
    /// Holds the pipe whose end ends the server.
    _keeper: Option<Child>,
}

/// The URL of the server; started at the first call.
pub fn server_url() -> String {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER
        .get_or_init(|| match std::env::var("WUXIN_TEST_POSTGRES_URL") {
            Ok(url) => Server { url, _keeper: None },
            Err(_) => start(),
        })
        .url
        .clone()
}

/// A name for a schema that no other test has.
pub fn fresh_name() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("wuxin_test_{}_{number}", std::process::id())
}

fn start() -> Server {
    let Some(binaries) = binaries() else {
        panic!(
            "these tests need PostgreSQL: install it (Debian: apt install postgresql), \
             or set WUXIN_TEST_POSTGRES_URL to a server they may create schemas on"
        );
    };
    let mut keeper = as_ordinary_user()
        .args(["sh", "-c", SCRIPT, "wuxin-postgres"])
        .arg(&binaries)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut directory = String::new();
    BufReader::new(keeper.stdout.take().unwrap())
        .read_line(&mut directory)
        .unwrap();
    let directory = directory.trim();
    if directory.is_empty() {
        let mut said = String::new();
        keeper
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut said)
            .unwrap();
        panic!(
            "the PostgreSQL server in {} did not start:\n{said}",
            binaries.display()
        );
    }
    Server {
        url: format!("postgres:///postgres?host={directory}&user=postgres"),
        _keeper: Some(keeper),
    }
}

/// Where `initdb` is: the newest version that Debian's packages installed, or on the PATH.
fn binaries() -> Option<PathBuf> {
    let complete =
        |directory: &Path| directory.join("initdb").is_file() && directory.join("pg_ctl").is_file();
    let version = |directory: &PathBuf| -> u32 {
        let name = directory.parent().and_then(Path::file_name);
        name.and_then(|name| name.to_str()?.parse().ok())
            .unwrap_or(0)
    };
    let packaged = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .filter(|directory| complete(directory))
        .max_by_key(version);
    let path = std::env::var_os("PATH").unwrap_or_default();
    packaged.or_else(|| std::env::split_paths(&path).find(|directory| complete(directory)))
}

/// `env`, for root by way of the user `postgres`: the server refuses to run as root.
fn as_ordinary_user() -> Command {
    let output = Command::new("id").arg("-u").output().unwrap();
    if output.stdout.trim_ascii() != b"0" {
        return Command::new("env");
    }
    let mut command = Command::new("setpriv");
    command.args([
        "--reuid=postgres",
        "--regid=postgres",
        "--init-groups",
        "--",
        "env",
    ]);
    command
}
