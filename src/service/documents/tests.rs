use serde_json::Value;

use super::{check, *};
use crate::domain::Day;

fn templates() -> Templates {
    Templates::read(built_in).unwrap()
}

/// The built-in files, one of them changed.
fn with(name: &str, change: impl Fn(&str) -> String) -> Result<Templates, TemplatesError> {
    Templates::read(|file| {
        built_in(file).map(|text| if file == name { change(&text) } else { text })
    })
}

fn faults(name: &str, change: impl Fn(&str) -> String) -> Vec<String> {
    let TemplatesError(faults) = with(name, change).unwrap_err();
    faults.iter().map(ToString::to_string).collect()
}

fn sample(kind: Kind) -> Value {
    let templates = templates();
    sample_data(kind, templates.title(kind), &templates.mark(kind, 2026, 1))
}

#[test]
fn every_kind_is_printed_with_all_that_it_says() {
    for kind in Kind::ALL {
        let data = sample(kind);
        let page = templates().render(kind, &data).unwrap();
        let mut words = Vec::new();
        gather(&data, &mut words);
        for word in words {
            let shown = match Day::parse(&word) {
                Ok(day) => page.contains(&in_words(day)) || page.contains(&word),
                Err(_) => page.contains(&word),
            };
            assert!(shown, "{kind}: {word}");
        }
        assert!(!page.contains("{{") && !page.contains("{%"), "{kind}");
    }
}

fn gather(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| gather(item, found)),
        Value::Object(map) => map.values().for_each(|item| gather(item, found)),
        _ => {}
    }
}

#[test]
fn the_samples_are_contents_and_have_every_blank() {
    for kind in Kind::ALL {
        let mut tagged = sample_content(kind);
        tagged["kind"] = kind.as_str().into();
        let content: Content = serde_json::from_value(tagged).unwrap();
        assert_eq!(content.kind(), kind);
        let all: Vec<String> = kind
            .blanks()
            .iter()
            .map(|one| one.path.to_owned())
            .collect();
        assert_eq!(
            check::missing(&kind.blanks(), &all, &sample(kind)),
            [],
            "{kind}"
        );
    }
}

/// Of every required blank, also inside a list: without it the document is refused, by its Chinese name.
#[test]
fn a_required_blank_without_a_value_is_refused_by_its_name() {
    let templates = templates();
    for kind in Kind::ALL {
        for blank in kind.blanks() {
            let mut data = sample(kind);
            let (first, rest) = blank.path.split_once('.').unwrap_or((blank.path, ""));
            let place = match (data[first].is_array(), rest) {
                (_, "") => &mut data[first],
                (true, rest) => &mut data[first][1][rest],
                (false, rest) => &mut data[first][rest],
            };
            *place = " \u{3000}\n".into();
            let missing = templates.missing(kind, &data);
            if blank.required {
                let [missing] = &missing[..] else {
                    panic!("{kind} {}: {missing:?}", blank.path)
                };
                assert!(missing.name.ends_with(blank.name), "{missing:?}");
            } else {
                assert_eq!(missing, [], "{kind} {}", blank.path);
            }
        }
    }
}

#[test]
fn everything_missing_is_named_at_once() {
    let mut data = sample(Kind::Notice);
    data["party"]["name"] = "".into();
    data["clauses"] = serde_json::json!([]);
    data["evidence"] = serde_json::json!(["示例", " "]);
    data["measures"][1]["basis"] = Value::Null;
    let Err(RenderFault::Missing(missing)) = templates().render(Kind::Notice, &data) else {
        panic!("it was printed")
    };
    let names: Vec<&str> = missing.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "当事人名称",
            "证据",
            "法律依据（条款）",
            "第2项措施所引清单条目"
        ]
    );
    assert_eq!(missing[3].place, "measures/1/basis");
}

#[test]
fn what_is_filled_in_is_text_and_never_markup() {
    let hostile = "<script>alert(1)</script>\"'&{{ number }}";
    for kind in Kind::ALL {
        let mut data = sample(kind);
        put_everywhere(&mut data, hostile);
        let page = templates().render(kind, &data).unwrap();
        assert!(!page.contains("<script"), "{kind}");
        assert!(page.contains("&lt;script&gt;"), "{kind}");
        assert!(page.contains("{{ number }}"), "{kind}: not evaluated again");
    }
    // Nor may a template say otherwise.
    let unsafe_one = with("not_listed.html", |text| {
        format!("{{% autoescape false %}}{text}{{% endautoescape %}}")
    });
    if let Ok(templates) = unsafe_one {
        let mut data = sample(Kind::NotListed);
        data["facts"] = hostile.into();
        let page = templates.render(Kind::NotListed, &data).unwrap();
        assert!(!page.contains("<script"));
    }
    let said = faults("not_listed.html", |text| {
        text.replace("{{ facts }}", "{{ facts|safe }}")
    });
    assert!(
        said[0].starts_with("not_listed.html:") && said[0].contains("过滤器"),
        "{said:?}"
    );
}

fn put_everywhere(value: &mut Value, text: &str) {
    match value {
        Value::String(old) if Day::parse(old).is_err() => *value = text.into(),
        Value::Array(items) => items.iter_mut().for_each(|item| put_everywhere(item, text)),
        Value::Object(map) => map.values_mut().for_each(|item| put_everywhere(item, text)),
        _ => {}
    }
}

#[test]
fn a_faulty_template_is_told_with_its_line() {
    // (file, from, to, line, words of the fault)
    let table = [
        (
            "notice.html",
            "{{ facts }}",
            "{{ fact }}",
            Some(10),
            "没有名为「fact」的空白",
        ),
        (
            "notice.html",
            "{{ party.uscc }}",
            "{{ party.code }}",
            Some(5),
            "没有名为「party.code」的空白",
        ),
        (
            "notice.html",
            "{{ measure.basis }}",
            "{{ measure.law }}",
            Some(24),
            "没有这个空白",
        ),
        ("notice.html", "{% if hearing %}", "", Some(28), "语法不对"),
        (
            "notice.html",
            "{% if hearing %}<p>{{ hearing }}</p>{% endif %}",
            "<p>{{ hearing }}</p>",
            Some(28),
            "须放在 {% if %} 中",
        ),
        (
            "notice.html",
            "<p>{{ facts }}</p>",
            "",
            None,
            "缺少必备内容「认定的事实」",
        ),
        (
            "notice.html",
            "{{ facts }}",
            "{{ facts }}{{ evidence }}",
            Some(10),
            "逐项列出",
        ),
        (
            "notice.html",
            "{{ date|day }}",
            "{{ reason|day }}{{ date }}",
            Some(34),
            "日期",
        ),
        (
            "notice.html",
            "{{ facts }}",
            "{{ range(9) }}{{ facts }}",
            Some(10),
            "没有名为「range」的空白",
        ),
        (
            "document.css",
            "@page",
            "</style>@page",
            None,
            "样式表中不能出现 <",
        ),
        (
            "documents.toml",
            "〔{year}〕{n}号",
            "{n}号",
            None,
            "须有 {year} 和 {n} 各一处",
        ),
        ("documents.toml", "资物信决", "资物信告", None, "相同的文号"),
        (
            "documents.toml",
            "kind = \"removal\"",
            "kind = \"notice\"",
            None,
            "应当写一次",
        ),
        (
            "documents.toml",
            "required = []",
            "required = [\"party.phone\"]",
            None,
            "没有名为「party.phone」的空白",
        ),
        ("documents.toml", "style =", "stile =", Some(7), "stile"),
        (
            "documents.toml",
            "notice.html",
            "nowhere.html",
            None,
            "没有这个文件",
        ),
    ];
    for (file, from, to, line, words) in table {
        assert!(built_in(file).unwrap().contains(from), "{file} {from}");
        let said = faults(file, |text| text.replacen(from, to, 1));
        let place = line.map_or_else(String::new, |line| format!(":{line}:"));
        assert!(
            said.iter()
                .any(|one| one.contains(words) && one.contains(&place)),
            "{from} -> {to}: {said:#?}"
        );
    }
}

#[test]
fn a_bureau_may_require_more() {
    let templates = with("documents.toml", |text| {
        text.replacen("required = []", "required = [\"party.address\"]", 1)
    })
    .unwrap();
    let mut data = sample(Kind::Notice);
    data["party"]["address"] = Value::Null;
    assert_eq!(templates.missing(Kind::Notice, &data)[0].name, "住所");
}

#[test]
fn numbers_and_digests_follow_the_wording() {
    let templates = templates();
    assert_eq!(
        templates.mark(Kind::Notice, 2026, 12),
        "资物信告〔2026〕12号"
    );
    let other = with("document.css", |text| format!("{text}\n")).unwrap();
    for kind in Kind::ALL {
        assert_eq!(templates.digest(kind).len(), 64);
        assert_ne!(templates.digest(kind), other.digest(kind));
    }
}
