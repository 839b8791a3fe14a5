//! What holds for any bytes and any values.

#[cfg(test)]
mod properties {
    use std::{collections::BTreeMap, io::Cursor};

    use proptest::prelude::*;
    use wuxin::{
        domain::{Company, CompanyStatus, Day, Fault, Region, Uscc},
        intake::{Context, Rows, Table},
    };

    fn companies(bytes: Vec<u8>) -> Result<Rows<Company>, Vec<Fault>> {
        let context = Context {
            regions: None,
            schema: &BTreeMap::new(),
            titles: &BTreeMap::new(),
        };
        Table::from_reader("示例.csv", Cursor::new(bytes))?.companies(&context)
    }

    /// Bytes that often are nearly a table.
    fn nearly_a_table() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop_oneof![
            Just(b"uscc,name\n".to_vec()),
            Just("91512002MA6ABCD10P,示例\n".as_bytes().to_vec()),
            Just(b"\"".to_vec()),
            Just(b"\"\"".to_vec()),
            Just(b",".to_vec()),
            Just(b"\r\n".to_vec()),
            Just(b"\r".to_vec()),
            Just(b"\n".to_vec()),
            Just(b"\xEF\xBB\xBF".to_vec()),
            Just(b"\xCA\xBE\xC0\xFD".to_vec()),
            Just(b"PK\x03\x04".to_vec()),
            prop::collection::vec(any::<u8>(), 0..40),
        ];
        prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
    }

    fn text() -> impl Strategy<Value = String> {
        "[a-z甲乙丙𠮷€é0-9 ,\"\n\r=+@-]{0,20}".prop_map(|text| text.trim().to_owned())
    }

    prop_compose! {
        fn company()(
            number in 0_u32..9_999_999,
            name in text().prop_filter("a name", |name| !name.is_empty()),
            address in text(),
            days in prop::option::of(0_u32..40_000),
            region in prop::option::of(110_000_u32..659_999),
        ) -> Company {
            Company {
                uscc: Uscc::complete(&format!("91512002MA{number:07}")).unwrap(),
                name,
                region: region.map(|code| Region::parse(&code.to_string()).unwrap()),
                registered_on: days.map(|days| Day::from_ymd(1950, 1, 1).unwrap().plus_days(days)),
                status: CompanyStatus::Suspended,
                legal_representative: None,
                address: Some(address).filter(|text| !text.is_empty()),
                phone: None,
            }
        }
    }

    fn written(companies: &[Company]) -> String {
        let mut writer = csv::Writer::from_writer(Vec::new());
        let header = [
            "address",
            "uscc",
            "name",
            "region",
            "registered_on",
            "status",
        ];
        writer.write_record(header).unwrap();
        for company in companies {
            let row = [
                company.address.clone().unwrap_or_default(),
                company.uscc.to_string(),
                company.name.clone(),
                company
                    .region
                    .as_ref()
                    .map(ToString::to_string)
                    .unwrap_or_default(),
                company
                    .registered_on
                    .map(|day| day.to_string())
                    .unwrap_or_default(),
                company.status.as_str().to_owned(),
            ];
            writer.write_record(row).unwrap();
        }
        String::from_utf8(writer.into_inner().unwrap()).unwrap()
    }

    proptest! {
        #[test]
        fn any_bytes_end_without_a_panic(bytes in prop_oneof![
            nearly_a_table(),
            prop::collection::vec(any::<u8>(), 0..2_000),
        ]) {
            let longest = bytes.len() + 2;
            match companies(bytes) {
                Err(faults) => prop_assert!(!faults.is_empty()),
                Ok(rows) => {
                    let mut last = 1;
                    for (index, row) in rows.enumerate() {
                        prop_assert!(index < longest);
                        let number = match row {
                            Ok(row) => Some(row.number),
                            Err(faults) => {
                                prop_assert!(!faults.is_empty());
                                faults[0].row
                            }
                        };
                        prop_assert!(number.is_some_and(|number| number > last));
                        last = number.unwrap_or(last);
                    }
                }
            }
        }

        #[test]
        fn a_written_file_reads_back_equal(
            companies_in in prop::collection::btree_map(0_u32..1_000_000, company(), 0..20),
            gb in any::<bool>(),
        ) {
            let mut unique = BTreeMap::new();
            for company in companies_in.into_values() {
                unique.insert(company.uscc, company);
            }
            let expected: Vec<Company> = unique.into_values().collect();
            let text = written(&expected);
            let bytes = if gb {
                encoding_rs::GB18030.encode(&text).0.into_owned()
            } else {
                text.into_bytes()
            };
            let rows: Result<Vec<_>, _> = companies(bytes).unwrap().collect();
            let read: Vec<Company> = rows.unwrap().into_iter().map(|row| row.value).collect();
            prop_assert_eq!(read, expected);
        }
    }
}
