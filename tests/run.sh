#!/usr/bin/env bash
# Passes every check of the project on a fresh machine: formatting, lints, documentation, tests on SQLite and on a
# private PostgreSQL, pages in a real Chromium, and the demo. Installs the Debian packages that are missing when it may.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '\n== %s\n' "$*"; }

need() { # need COMMAND PACKAGE...: installs the packages if the command is missing
  local command=$1; shift
  command -v "$command" >/dev/null 2>&1 && return 0
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    say "installing $*"
    [ -n "${apt_updated:-}" ] || { apt-get update -qq; apt_updated=1; }
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
  else
    echo "missing: $command; install the package(s) $*" >&2
    exit 1
  fi
}

PATH="$PATH:$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | tail -n 1)"
need postgres postgresql
need chromium chromium fonts-noto-cjk
need python3 python3
need node nodejs
need npm npm
rustup component list --installed 2>/dev/null | grep -q clippy || rustup component add clippy rustfmt 2>/dev/null || true

say "format";        cargo fmt --check
say "lints";         cargo clippy --locked --all-targets --quiet -- -D warnings
                     cargo clippy --locked --features mutants --lib --test crash --quiet -- -D warnings
say "documentation"; RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps --quiet
say "tests";         cargo test --locked --quiet
say "pages";         cargo build --locked --quiet
                     (cd tests/e2e && npm ci --silent --no-audit --no-fund --prefer-offline && node run.mjs)
say "teeth";         cargo test --locked --quiet --features mutants --test crash -- teeth --nocapture
say "all passed"
