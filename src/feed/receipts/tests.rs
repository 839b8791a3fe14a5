use super::*;
use crate::feed::{
    batch::{BatchKind, SealRequest, seal},
    samples::{at, id, record},
};

fn batch(name: &str) -> (Profile, SealedBatch, Vec<String>) {
    let profile = Profile::parse(Profile::shipped(name).unwrap()).unwrap();
    let records = [record(1, 1, false), record(2, 1, false)];
    let request = SealRequest {
        target: "示例平台",
        kind: BatchKind::Changes,
        sequence: 7,
        sealed_at: at(10, 0),
        records: &records,
    };
    let columns = profile.receipts.as_ref().unwrap();
    let keys = records
        .iter()
        .map(|record| key_of(&profile, columns, record))
        .collect();
    let sealed = seal(request, &profile).unwrap();
    (profile, sealed, keys)
}

fn told(name: &str, file: &[u8]) -> Result<Told, String> {
    let (profile, batch, keys) = batch(name);
    let table = ReceiptTable::read(file).map_err(|fault| fault.to_string())?;
    interpret(profile.receipts.as_ref().unwrap(), &batch, &keys, &table).map_err(|faults| {
        let said: Vec<String> = faults.iter().map(ToString::to_string).collect();
        said.join("\n")
    })
}

const HEAD: &str = "XYPTGUID,XYPTBATCHNO,CLJG,CWDM,CWZD,CWSM\n";

#[test]
fn the_same_receipts_are_read_from_csv_in_both_encodings_and_from_xml() {
    let rows = format!(
        "{HEAD}{},1,正确,,,\n{},1,错误,30002,TYSHXYDM,企业类型错误\n",
        id(1),
        id(2)
    );
    let marked = format!("\u{FEFF}{rows}");
    let gb = encoding_rs::GB18030.encode(&rows).0.into_owned();
    let element = |entry, result, code, message| {
        format!(
            "<R><XYPTGUID>{}</XYPTGUID><XYPTBATCHNO>1</XYPTBATCHNO><CLJG>{result}</CLJG><CWDM>{code}</CWDM><CWZD>TYSHXYDM</CWZD><CWSM>{message}</CWSM></R>",
            id(entry)
        )
    };
    let xml = format!(
        "<?xml version=\"1.0\"?>\n<RS>{}{}</RS>",
        element(1, "正确", "", ""),
        element(2, "错误", "30002", "企业类型&#38169;误")
    );
    let expected = told("xml-file", rows.as_bytes()).unwrap();
    assert!(expected.complete);
    assert_eq!(expected.settlement.failures().count(), 1);
    for file in [marked.as_bytes(), gb.as_slice(), xml.as_bytes()] {
        assert_eq!(told("xml-file", file).as_ref(), Ok(&expected));
    }
}

#[test]
fn part_of_the_receipts_is_part_and_a_list_of_failures_is_all() {
    let some = format!("{HEAD}{},1,更新,,,\n", id(1));
    let some = told("xml-file", some.as_bytes()).unwrap();
    assert_eq!((some.complete, some.settlement.results.len()), (false, 1));
    let failures = "认定文号,处理结果,错误代码,错误字段,错误说明\n";
    let none = told("xlsx-manual", failures.as_bytes());
    // Both samples have one document number: nothing can be told of one of them alone, but silence is about both.
    let none = none.unwrap();
    assert_eq!(
        (none.complete, none.settlement.failures().count()),
        (true, 0)
    );
    let one = format!("{failures}资建物决〔2026〕1号,错误,10002,,\n");
    let said = told("xlsx-manual", one.as_bytes()).unwrap_err();
    assert!(
        said.contains("2 records of this batch have the number"),
        "{said}"
    );
}

#[test]
fn every_fault_of_a_return_file_is_named_with_its_row() {
    let file = format!(
        "{HEAD}{},1,正确,,,\n{},1,错误,1,,\n{},2,正确,,,\n{},1,大概,,,\n{},1,正确,,,\n",
        id(1),
        id(1),
        id(2),
        id(2),
        id(3)
    );
    let said = told("xml-file", file.as_bytes()).unwrap_err();
    insta::assert_snapshot!(said, @r#"
    row 3: "01955000-0000-7000-8000-000000000001" has another result in row 2
    row 4: "01955000-0000-7000-8000-000000000002" is about version "2", but version 1 was sent
    row 5: "大概" is not in [receipts.results] of the profile
    row 6: "01955000-0000-7000-8000-000000000003" was not sent in this batch
    "#);
    let said = told("xml-file", b"a,b\n1,2\n").unwrap_err();
    assert!(
        said.starts_with("the file has no column \"XYPTGUID\""),
        "{said}"
    );
    for (file, part) in [
        (&b"\xff\xff\xff"[..], "neither UTF-8 nor GB18030"),
        (b"PK\x03\x04garbage", "no workbook"),
        (b"<a><b><c><d/></c>", "no XML of rows"),
        (
            b"<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/hosts'>]><a/>",
            "DOCTYPE",
        ),
    ] {
        let said = told("xml-file", file).unwrap_err();
        assert!(said.contains(part), "{part}: {said}");
    }
}
