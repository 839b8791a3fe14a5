//! `[[component]]`, `[[item]]`, `[[group]]`.

use rust_decimal::Decimal;

use super::points;
use crate::{
    domain::{AttributeType, RecordKind, Span, SubjectKind},
    rules::{
        diagnostic::suggest,
        document::{Located, Table},
        model::{
            Average, Combine, Component, Gravity, Group, Item, Level, Missing, PointsForm, Repeat,
            SameMatter, Validity,
        },
        predicate::{Names, Place, compile},
    },
};

pub(super) const GRAVITIES: [(&str, Gravity); 3] = [
    ("轻微", Gravity::Minor),
    ("一般", Gravity::Ordinary),
    ("严重", Gravity::Serious),
];

pub(super) fn components(root: &Table<'_, '_>, subject: SubjectKind) -> Vec<Component> {
    root.needed("component");
    root.tables("component")
        .into_iter()
        .filter_map(|table| component(table, subject))
        .collect()
}

fn component(table: Table<'_, '_>, subject: SubjectKind) -> Option<Component> {
    const COMBINES: [(&str, Combine); 5] = [
        ("sum", Combine::Sum),
        ("mean", Combine::Mean),
        ("last", Combine::Last),
        ("max", Combine::Max),
        ("min", Combine::Min),
    ];
    let id = table.needed_text("id");
    let title = table.text("title");
    let clause = table.text("clause").map(|text| text.value);
    let base = table
        .points("base")
        .map_or(Decimal::ZERO, |base| base.value);
    let (floor, cap) = (table.points("floor"), table.points("cap"));
    let weight = table.number("weight");
    let combine = table.keyword("combine", &COMBINES).unwrap_or(Combine::Sum);
    let missing = missing(&table);
    let level = level(&table, subject);
    if let Some(weight) = &weight
        && weight.value.is_sign_negative()
        && !weight.value.is_zero()
    {
        table.error(
            weight.at.clone(),
            "R028",
            format!("{} 的权重不能是负数", table.name),
            "扣分项的分值本身写成负数，权重写 1",
        );
    }
    if let (Some(floor), Some(cap)) = (&floor, &cap)
        && floor.value > cap.value
    {
        table.error(
            floor.at.clone(),
            "R026",
            format!(
                "{} 的 floor {} 大于 cap {}",
                table.name, floor.value, cap.value
            ),
            "",
        );
    }
    let at = table.at.clone();
    table.done();
    let id = id?.value;
    Some(Component {
        title: title.map_or_else(|| id.clone(), |title| title.value),
        id,
        clause,
        base,
        floor: floor.map(|floor| floor.value),
        cap: cap.map(|cap| cap.value),
        weight: weight.map_or(Decimal::ONE, |weight| weight.value),
        combine,
        missing,
        level: level?,
        at,
    })
}

fn missing(table: &Table<'_, '_>) -> Missing {
    const WORDS: [(&str, Missing); 3] = [
        ("zero", Missing::Zero),
        ("renormalise", Missing::Renormalise),
        ("not_rated", Missing::NotRated),
    ];
    let Some(value) = table.value("missing") else {
        return Missing::Zero;
    };
    if !value.is_table() {
        return value.keyword(&WORDS).unwrap_or(Missing::Zero);
    }
    let Some(inner) = value.table(&value.name) else {
        return Missing::Zero;
    };
    inner.needed("default");
    let default = inner.points("default");
    inner.done();
    default.map_or(Missing::Zero, |points| Missing::Default(points.value))
}

fn level(table: &Table<'_, '_>, subject: SubjectKind) -> Option<Level> {
    const LEVELS: [(&str, Option<SubjectKind>); 4] = [
        ("subject", None),
        ("company", Some(SubjectKind::Company)),
        ("project", Some(SubjectKind::Project)),
        ("manager", Some(SubjectKind::Manager)),
    ];
    const AVERAGES: [(&str, Average); 5] = [
        ("area", Average::Area),
        ("households", Average::Households),
        ("contract_value", Average::ContractValue),
        ("equal", Average::Equal),
        ("sum", Average::Sum),
    ];
    let wanted = table.keyword("level", &LEVELS).flatten();
    let average = table.keyword("average", &AVERAGES);
    let assessed_only = table.flag("assessed_only");
    match wanted {
        Some(SubjectKind::Project) if subject == SubjectKind::Company => {
            if !table.has("average") {
                table.needed("average");
            }
            Some(Level::Project {
                average: average?,
                assessed_only: assessed_only.unwrap_or(false),
            })
        }
        Some(other) if other != subject => {
            table.error(
                table.at.clone(),
                "R005",
                format!(
                    "{} 的 level = \"{}\" 与评价对象不符",
                    table.name,
                    other.as_str()
                ),
                "只有评价企业时，分项才能按项目计算（level = \"project\"）",
            );
            None
        }
        _ => {
            if table.has("average") || table.has("assessed_only") {
                table.error(
                    table.at.clone(),
                    "R005",
                    format!(
                        "{} 不按项目计算，不能写 average 或 assessed_only",
                        table.name
                    ),
                    "请加上 level = \"project\"，或删去这些项",
                );
            }
            Some(Level::Subject)
        }
    }
}

pub(super) fn items(root: &Table<'_, '_>, names: &Names) -> Vec<Item> {
    root.tables("item")
        .into_iter()
        .filter_map(|table| item(table, names))
        .collect()
}

fn item(table: Table<'_, '_>, names: &Names) -> Option<Item> {
    let strings = |key| -> Vec<String> {
        table
            .texts(key)
            .map(|texts| texts.into_iter().map(|text| text.value).collect())
            .unwrap_or_default()
    };
    let id = table.needed_text("id");
    let clause = table.clause();
    let title = table.needed_text("title");
    let component = table
        .needed_text("component")
        .and_then(|id| reference(&table, &id, &names.components, "分项"));
    let kinds = kinds(&table);
    let veto = table
        .text("veto")
        .and_then(|id| reference(&table, &id, &names.grades, "等级"));
    let form = match table.value("points") {
        Some(value) => points::points(&value, names),
        // An item may exist for its veto, or to be asked about in predicates; checked when all is read.
        None => Some(PointsForm::Fixed(Decimal::ZERO)),
    };
    let has_points = table.has("points");
    let times = times(&table, names);
    let per_record_cap = table.points("per_record_cap");
    if let Some(cap) = &per_record_cap
        && times.is_none()
    {
        table.error(
            cap.at.clone(),
            "R005",
            format!("{} 写了 per_record_cap 却没有 times", table.name),
            "per_record_cap 与 times 一起使用；限制整个条目请用 cap",
        );
    }
    let cap = table.points("cap").map(|cap| cap.value);
    let valid_for = validity(&table);
    let when = table
        .text("when")
        .and_then(|text| compile(table.reader, text, names, Place::Item));
    let same_matter = table
        .keyword(
            "same_matter",
            &[
                ("sum", SameMatter::Sum),
                ("highest", SameMatter::Highest),
                ("first", SameMatter::First),
            ],
        )
        .unwrap_or(SameMatter::Sum);
    let repeat = repeat(&table);
    let rectified = rectified(&table);
    let recurs = table
        .keyword("recurs", &[("each_period", true)])
        .unwrap_or(false);
    let (record_by, confirm_by, evidence) = (
        strings("record_by"),
        strings("confirm_by"),
        strings("evidence"),
    );
    let rectify_days = table.whole("rectify_days", 1, 3650);
    let severity = table.keyword("severity", &GRAVITIES);
    let at = table.at.clone();
    table.done();
    Some(Item {
        id: id?.value,
        clause: clause?.value,
        title: title?.value,
        slot: 0,
        component: component?,
        group: None,
        kinds,
        points: form?,
        times,
        per_record_cap: per_record_cap.map(|cap| cap.value),
        cap,
        valid_for,
        when,
        same_matter,
        repeat,
        rectified,
        recurs,
        veto,
        record_by,
        confirm_by,
        evidence,
        rectify_days,
        severity,
        has_points,
        at,
    })
}

/// The index of a name that must be declared.
pub(super) fn reference(
    table: &Table<'_, '_>,
    id: &Located<String>,
    known: &[String],
    what: &str,
) -> Option<usize> {
    let found = known.iter().position(|name| *name == id.value);
    if found.is_none() {
        table.error(
            id.at.clone(),
            "R030",
            format!("没有{what}「{}」", id.value),
            &suggest(&id.value, known.iter().map(String::as_str)),
        );
    }
    found
}

fn kinds(table: &Table<'_, '_>) -> Vec<RecordKind> {
    let mut kinds = Vec::new();
    for text in table.texts("kinds").unwrap_or_default() {
        match RecordKind::ALL
            .iter()
            .find(|kind| kind.as_str() == text.value)
        {
            Some(kind) => kinds.push(*kind),
            None => table.error(
                text.at.clone(),
                "R005",
                format!("没有记录类型「{}」", text.value),
                &suggest(
                    &text.value,
                    RecordKind::ALL.iter().map(|kind| kind.as_str()),
                ),
            ),
        }
    }
    kinds
}

fn times(table: &Table<'_, '_>, names: &Names) -> Option<String> {
    let by = table.text("times")?;
    match names.attributes.get(&by.value) {
        Some(AttributeType::Integer) => Some(by.value),
        Some(_) => {
            table.error(
                by.at.clone(),
                "R012",
                format!("times 的字段「{}」不是整数", by.value),
                "请声明为 type = \"integer\"",
            );
            None
        }
        None => {
            points::numeric(table, &by, names);
            None
        }
    }
}

fn validity(table: &Table<'_, '_>) -> Option<Validity> {
    let text = table.text("valid_for")?;
    if text.value == "until_rectified" {
        return Some(Validity::UntilRectified);
    }
    match Span::parse(&text.value) {
        Ok(span) => Some(Validity::For(span)),
        Err(fault) => {
            table.error(
                text.at.clone(),
                "R005",
                format!("{} 的 valid_for：{fault}", table.name),
                "或写 \"until_rectified\"",
            );
            None
        }
    }
}

fn repeat(table: &Table<'_, '_>) -> Option<Repeat> {
    let inner = table
        .value("repeat")?
        .table(&format!("{} 的 repeat", table.name))?;
    inner.needed("within");
    let within = inner.span("within");
    let multiply = inner.needed("multiply").and_then(|value| value.members());
    inner.done();
    let multiply: Vec<Decimal> = multiply?
        .iter()
        .map(|value| value.number().map(|number| number.value))
        .collect::<Option<_>>()?;
    if multiply.is_empty()
        || multiply
            .iter()
            .any(|factor| *factor < Decimal::ZERO || *factor > Decimal::from(1000))
    {
        table.error(
            table.at.clone(),
            "R008",
            format!("{} 的 repeat 倍数应为 0 到 1000，且至少一个", table.name),
            "如 multiply = [1, 1.5, 2]",
        );
        return None;
    }
    Some(Repeat {
        within: within?.value,
        multiply,
    })
}

fn rectified(table: &Table<'_, '_>) -> Option<Decimal> {
    let inner = table
        .value("rectified")?
        .table(&format!("{} 的 rectified", table.name))?;
    inner.needed("multiply");
    let factor = inner.number("multiply");
    inner.done();
    let factor = factor?;
    if factor.value < Decimal::ZERO || factor.value > Decimal::from(1000) {
        table.error(
            factor.at.clone(),
            "R008",
            format!("{} 的 rectified 倍数应为 0 到 1000", table.name),
            "0 表示整改后取消",
        );
        return None;
    }
    Some(factor.value)
}

pub(super) fn groups(root: &Table<'_, '_>, names: &Names, items: &mut [Item]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for table in root.tables("group") {
        let id = table.needed_text("id");
        let title = table.text("title").map(|title| title.value);
        let clause = table.text("clause").map(|clause| clause.value);
        table.needed("items");
        let members = table.texts("items").unwrap_or_default();
        let highest = table
            .keyword("combine", &[("sum", false), ("highest", true)])
            .unwrap_or(false);
        let cap = table.points("cap").map(|cap| cap.value);
        let index = groups.len();
        let mut indices = Vec::new();
        for member in &members {
            let Some(found) = reference(&table, member, &names.items, "条目") else {
                continue;
            };
            match items.get_mut(found) {
                Some(item) if item.group.is_some() => table.error(
                    member.at.clone(),
                    "R006",
                    format!("条目「{}」已经在一个组里", member.value),
                    "一个条目只能属于一个组",
                ),
                Some(item) => {
                    item.group = Some(index);
                    indices.push(found);
                }
                None => {}
            }
        }
        let at = table.at.clone();
        table.done();
        if let Some(id) = id {
            groups.push(Group {
                title: title.unwrap_or_else(|| id.value.clone()),
                id: id.value,
                clause,
                items: indices,
                highest,
                cap,
                at,
            });
        }
    }
    groups
}
