//! Lines without quotes are found and taken apart by a shorter way than others. Both ways must give the same: a file is
//! read as it is, with a quote around every field, row by row and in stretches, and always gives the same records and the
//! same faults, word for word.

#[cfg(test)]
mod properties {
    use std::{collections::BTreeMap, io::Cursor};

    use proptest::{prelude::*, sample::select};
    use wuxin::{
        domain::{AttributeType, Fault, Record, Uscc},
        intake::{Context, Row, Rows, Table},
    };

    const HEADER: [&str; 12] = [
        "id",
        "item",
        "company",
        "project",
        "decided_on",
        "整改完成日期",
        "points",
        "reason",
        "matter",
        "kind",
        "status",
        "severity",
    ];

    type Told = Vec<Result<Row<Record>, Vec<Fault>>>;

    /// Mostly a good value, often an odd or a bad one.
    fn cell(good: &'static [&'static str], odd: &'static [&'static str]) -> BoxedStrategy<String> {
        let one = prop_oneof![4 => select(good), 1 => select(odd)];
        one.prop_map(str::to_owned).boxed()
    }

    fn company() -> BoxedStrategy<String> {
        // The organisation code inside it does not check: a warning.
        let warned = Uscc::complete("91512021MA7K2P3Q8").unwrap().to_string();
        prop_oneof![
            6 => cell(&["91512002MA6ABCD10P", "91512021MA7K2P3Q9A"], &["", " 91512002ma6abcd10p", "９１５１２００２MA6ABCD10P", "91512002MA6ABCD10Q", "9.15E+17"]),
            1 => Just(warned),
        ]
        .boxed()
    }

    fn row() -> impl Strategy<Value = Vec<String>> {
        let days: &[&str] = &["2025-01-02", "2024-02-29", ""];
        let odd_days: &[&str] = &[
            "2025/1/2",
            "20250102",
            "2025-02-30",
            "1899-12-31",
            "２０２５-01-02",
            " 2025-01-02\u{3000}",
        ];
        let cells = vec![
            prop_oneof![9 => "R[0-9]{1,4}", 1 => cell(&["R1"], &["", " R2 ", "\u{FEFF}R3", "1.5E+9", "编号四", "a+b"])].boxed(),
            cell(&["I01", "I02"], &["", " i03", "Ｉ０４", "1E+3"]),
            company(),
            cell(&["", "XM1"], &["xm2", "ＸＭ３", "9E+11", "x m"]),
            cell(days, odd_days),
            cell(days, odd_days),
            cell(&["", "-1.5", "2", "-0.50"], &["-0", "+1", "1.", ".5", "1e3", "１", "0.00001", "1000000001", "1_000", "--1", "00012", "99999999999999999999"]),
            cell(&["", "按检查情况选定"], &["一，二", "a,b", "说“好”", "say \"x\"", "two\nlines", "\u{200B}", "𠮷€"]),
            cell(&["", "M1"], &[" M2 ", "2E+1"]),
            cell(&["", "penalty"], &["处罚", "Penalty", "nothing"]),
            cell(&["confirmed", "draft", ""], &["已认定", " Revoked", "closed"]),
            cell(&["", "3"], &["x", " 4"]),
        ];
        // Some rows are too short, too long or blank.
        (cells, 0_usize..60).prop_map(|(mut cells, shape)| match shape {
            0 => vec![String::new(); cells.len()],
            1 => vec![String::new()],
            2 => {
                cells.pop();
                cells
            }
            3 => {
                cells.push("x".to_owned());
                cells
            }
            _ => cells,
        })
    }

    fn written(rows: &[Vec<String>], line_break: &str, all_quoted: bool) -> String {
        let field = |text: &str| {
            let needed = text.contains(['"', ',', '\n', '\r']);
            match all_quoted || needed {
                true => format!("\"{}\"", text.replace('"', "\"\"")),
                false => text.to_owned(),
            }
        };
        let line = |cells: Vec<&str>| {
            let fields: Vec<String> = cells.into_iter().map(field).collect();
            fields.join(",") + line_break
        };
        let rows = rows
            .iter()
            .map(|row| row.iter().map(String::as_str).collect());
        std::iter::once(HEADER.to_vec())
            .chain(rows)
            .map(line)
            .collect()
    }

    fn open(bytes: Vec<u8>) -> Rows<Record> {
        let schema = BTreeMap::from([("severity".to_owned(), AttributeType::Integer)]);
        let context = Context {
            regions: None,
            schema: &schema,
            titles: &BTreeMap::new(),
        };
        let table = Table::from_reader("记录.csv", Cursor::new(bytes));
        table.unwrap().records(&context).unwrap()
    }

    fn by_rows(bytes: Vec<u8>) -> Told {
        open(bytes).collect()
    }

    /// Good rows with their numbers, warnings, faults.
    type Apart = (Vec<(u64, Record)>, Vec<Fault>, Vec<Fault>);

    fn apart(told: Told) -> Apart {
        let mut all = Apart::default();
        for row in told {
            match row {
                Ok(row) => {
                    all.0.push((row.number, row.value));
                    all.1.extend(row.warnings);
                }
                Err(faults) => all.2.extend(faults),
            }
        }
        all
    }

    /// In stretches, the first rows one by one.
    fn by_stretches(bytes: Vec<u8>, singly: usize) -> Apart {
        let mut rows = open(bytes);
        let mut all = apart(rows.by_ref().take(singly).collect());
        while let Some(stretch) = rows.stretch() {
            assert_eq!(stretch.values.len(), stretch.numbers.len());
            all.0
                .extend(stretch.numbers.into_iter().zip(stretch.values));
            all.1.extend(stretch.warnings);
            all.2.extend(stretch.faults);
        }
        all
    }

    /// Few rows, or so many that they fill several batches.
    fn rows() -> impl Strategy<Value = Vec<Vec<String>>> {
        (
            prop::collection::vec(row(), 0..40),
            select(vec![1_usize, 1, 1, 60]),
        )
            .prop_map(|(rows, times)| {
                let number = |(at, mut row): (usize, Vec<String>)| {
                    // So that not all of them are duplicates.
                    if row.len() > 1 && at >= 40 && !row[0].is_empty() {
                        row[0] = format!("{}-{at:05}", row[0]);
                    }
                    row
                };
                let repeated = rows.iter().cycle().take(rows.len() * times).cloned();
                repeated.enumerate().map(number).collect()
            })
    }

    proptest! {
        #[test]
        fn both_ways_of_reading_a_row_tell_the_same(
            rows in rows(),
            line_break in select(vec!["\n", "\n", "\r\n", "\r"]),
            mark in any::<bool>(),
            singly in 0_usize..100,
        ) {
            let plain = written(&rows, line_break, false);
            let quoted = written(&rows, line_break, true);
            let bytes = |text: &str| match mark {
                true => [b"\xEF\xBB\xBF", text.as_bytes()].concat(),
                false => text.as_bytes().to_vec(),
            };
            let told = by_rows(bytes(&plain));
            prop_assert_eq!(&by_rows(bytes(&quoted)), &told);
            // Without its last line break.
            let cut = plain.strip_suffix(line_break).unwrap();
            if !rows.last().is_some_and(|row| row.concat().is_empty()) {
                prop_assert_eq!(&by_rows(bytes(cut)), &told);
            }
            let (gb, _, unknown) = encoding_rs::GB18030.encode(&plain);
            if !unknown && std::str::from_utf8(&gb).is_err() {
                prop_assert_eq!(&by_rows(gb.into_owned()), &told);
            }
            prop_assert_eq!(by_stretches(bytes(&plain), singly), apart(told));
        }
    }
}
