//! Large, hostile and failing inputs: memory stays small, time grows with the size, and no end is silent.

use std::{
    collections::BTreeMap,
    io::{self, Cursor, Read, Seek, SeekFrom},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use wuxin::{
    domain::{Company, Fault, Uscc},
    intake::{self, Context, Rows, Table},
};

const CODE: &str = "91512002MA6ABCD10P";
const OTHER: &str = "91512021MA7K2P3Q9A";

fn companies(input: impl Read + Seek + Send + 'static) -> Result<Rows<Company>, Vec<Fault>> {
    let context = Context {
        regions: None,
        schema: &BTreeMap::new(),
        titles: &BTreeMap::new(),
    };
    Table::from_reader("示例.csv", input)?.companies(&context)
}

#[test]
fn a_file_full_of_quotes_is_read_in_a_time_that_grows_with_its_size() {
    // Going back after an unclosed quote must not read the same text again and again.
    let lines = [
        "\"\n",
        "x,\"\n",
        "\"\"\"\n",
        "\"x\n",
        "\"\"x\n",
        "\"a\"\n\"\n\n\n",
    ];
    let begun = std::time::Instant::now();
    for line in lines {
        let text = "uscc,name\n".to_owned() + &line.repeat((2 << 20) / line.len());
        let good = companies(Cursor::new(text))
            .unwrap()
            .filter(Result::is_ok)
            .count();
        assert_eq!(good, 0, "{line:?}");
    }
    // Seconds; reading again from every line would take hours.
    assert!(begun.elapsed().as_secs() < 60);
}

/// A head, then one byte again and again, then a tail; nothing of it is in memory.
struct Streamed {
    head: Vec<u8>,
    length: u64,
    tail: Vec<u8>,
    at: u64,
    given: Arc<AtomicU64>,
}

impl Read for Streamed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let head = self.head.len() as u64;
        let filled = if self.at < head {
            (&self.head[self.at as usize..]).read(buffer)?
        } else if self.at < head + self.length {
            let left = (head + self.length - self.at).min(buffer.len() as u64) as usize;
            buffer[..left].fill(b'x');
            left
        } else {
            (&self.tail[(self.at - head - self.length) as usize..]).read(buffer)?
        };
        self.at += filled as u64;
        self.given.fetch_add(filled as u64, Ordering::Relaxed);
        Ok(filled)
    }
}

impl Seek for Streamed {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let size = self.head.len() as u64 + self.length + self.tail.len() as u64;
        self.at = match to {
            SeekFrom::Start(at) => at,
            SeekFrom::End(back) => size.saturating_add_signed(back),
            SeekFrom::Current(by) => self.at.saturating_add_signed(by),
        };
        Ok(self.at)
    }
}

#[test]
fn a_line_of_200_megabytes_is_one_fault_and_not_kept() {
    for quote in ["", "\""] {
        let given = Arc::new(AtomicU64::new(0));
        let length = 200 << 20;
        let before = resident();
        let rows = companies(Streamed {
            head: format!("uscc,name\n{OTHER},示例乙\n{CODE},{quote}").into_bytes(),
            length,
            tail: format!("{quote}\n{CODE},示例甲\n").into_bytes(),
            at: 0,
            given: Arc::clone(&given),
        });
        let told: Vec<(Option<u64>, &str)> = rows
            .unwrap()
            .map(|row| match row {
                Ok(row) => (Some(row.number), ""),
                Err(faults) => (faults[0].row, faults[0].code),
            })
            .collect();
        assert_eq!(told, [(Some(2), ""), (Some(3), "I025"), (Some(4), "")]);
        // Once to find the encoding, once to read.
        assert!(given.load(Ordering::Relaxed) < 2 * length + (1 << 20));
        if let (Some(before), Some(after)) = (before, resident()) {
            assert!(after < before + (64 << 20), "{before} -> {after}");
        }
    }
}

/// Bytes of memory this process has, where the system tells.
fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = status.split(' ').nth(1)?.parse().ok()?;
    Some(pages * 4096)
}

/// Fails after some bytes, on the second pass.
struct Failing {
    inner: Cursor<Vec<u8>>,
    budget: usize,
}

impl Read for Failing {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = buffer.len().min(self.budget);
        if most == 0 {
            return Err(io::Error::other("disk gone"));
        }
        let read = self.inner.read(&mut buffer[..most])?;
        self.budget -= read;
        Ok(read)
    }
}

impl Seek for Failing {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}

#[test]
fn a_failure_to_read_is_the_last_item_and_says_so() {
    let mut text = "uscc,name\n".to_owned();
    for row in 0..20_000 {
        let code = Uscc::complete(&format!("91512002MA{row:07}")).unwrap();
        text.push_str(&format!("{code},示例物业\n"));
    }
    let size = text.len();
    for budget in [0, 100, size / 2, size + 1_000, size + size / 2] {
        let inner = Cursor::new(text.clone().into_bytes());
        let rows = companies(Failing { inner, budget });
        let faults = match rows {
            Err(faults) => faults,
            Ok(rows) => {
                let items: Vec<_> = rows.collect();
                items.into_iter().last().unwrap().unwrap_err()
            }
        };
        assert_eq!(faults.len(), 1);
        assert_eq!(faults[0].code, "I090", "{budget}");
        assert_eq!(faults[0].what, "读取文件时出错：disk gone");
    }
}

#[test]
fn a_file_that_is_not_there_is_a_fault() {
    let faults = intake::open(std::path::Path::new("no/such/示例.csv")).unwrap_err();
    insta::assert_snapshot!(faults[0], @r#"
    示例.csv：[I001] 文件不存在。请检查文件名和读取权限
    "#);
    let faults = intake::open(&std::env::temp_dir()).unwrap_err();
    assert_eq!(faults[0].code, "I001");
}

#[test]
fn progress_ends_at_the_size_of_the_file() {
    let text = format!("uscc,name\n{CODE},示例物业\n");
    let mut rows = companies(Cursor::new(text.clone())).unwrap();
    assert_eq!(rows.size_hint_bytes(), text.len() as u64);
    assert!(rows.by_ref().all(|row| row.is_ok()));
    assert_eq!(rows.position_bytes(), text.len() as u64);
}
