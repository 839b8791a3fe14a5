//! The forms of `points`, and intervals with `from`, `to`, `above`, `below`.

use rust_decimal::Decimal;

use crate::{
    domain::AttributeType,
    rules::{
        diagnostic::Code,
        document::{Located, Table, Value},
        model::{Band, Bound, Interval, PointsForm},
        predicate::Names,
    },
};

/// `from`/`to` inclusive, `above`/`below` exclusive; at most one for each end.
pub(super) fn interval(table: &Table<'_, '_>) -> Option<Interval> {
    let end = |closed: Option<Located<Decimal>>, open: Option<Located<Decimal>>, names: &str| match (
        closed, open,
    ) {
        (Some(_), Some(open)) => {
            table.report(
                open.at,
                Code::R005,
                format!("{} 同时写了 {names}", table.name),
                "只留一个：from/to 含端点，above/below 不含端点",
            );
            None
        }
        (Some(value), None) => Some(Some(Bound {
            value: value.value,
            inclusive: true,
        })),
        (None, Some(value)) => Some(Some(Bound {
            value: value.value,
            inclusive: false,
        })),
        (None, None) => Some(None),
    };
    let lower = end(table.number("from"), table.number("above"), "from 和 above");
    let upper = end(table.number("to"), table.number("below"), "to 和 below");
    let range = Interval {
        lower: lower?,
        upper: upper?,
    };
    if let (Some(lower), Some(upper)) = (range.lower, range.upper)
        && (lower.value > upper.value
            || (lower.value == upper.value && !(lower.inclusive && upper.inclusive)))
    {
        table.report(
            table.at.clone(),
            Code::R026,
            format!(
                "{} 的区间是空的：下限 {} 上限 {}",
                table.name, lower.value, upper.value
            ),
            "请核对两端",
        );
        return None;
    }
    Some(range)
}

/// `points = ...`.
pub(super) fn points(value: &Value<'_, '_>, names: &Names) -> Option<PointsForm> {
    if value.is_number() {
        return value.points().map(|points| PointsForm::Fixed(points.value));
    }
    if !value.is_table() {
        value.number();
        return None;
    }
    let table = value.table(&value.name)?;
    let form = if table.has("bands") {
        bands(&table, names)
    } else if table.has("by") {
        return lookup(table, names);
    } else if table.has("value") {
        let by = table.text("value");
        by.and_then(|by| numeric(&table, &by, names))
            .map(|by| PointsForm::Value { by })
    } else if table.has("min") || table.has("max") {
        chosen(&table)
    } else {
        table.report(
            table.at.clone(),
            Code::R005,
            format!("{} 的写法不对", table.name),
            "可写：数字；{ by, 选项 = 分值 }；{ by, bands }；{ min, max, suggested }；{ value }",
        );
        return None;
    };
    table.done();
    form
}

fn attribute<'n>(
    table: &Table<'_, '_>,
    by: &Located<String>,
    names: &'n Names,
) -> Option<&'n AttributeType> {
    let kind = names.attributes.get(&by.value);
    if kind.is_none() {
        table.report(
            by.at.clone(),
            Code::R030,
            format!("没有声明字段「{}」", by.value),
            &table
                .reader
                .suggest(&by.value, names.attributes.keys().map(String::as_str)),
        );
    }
    kind
}

/// The name of a numeric attribute.
pub(super) fn numeric(
    table: &Table<'_, '_>,
    by: &Located<String>,
    names: &Names,
) -> Option<String> {
    match attribute(table, by, names)? {
        AttributeType::Integer | AttributeType::Decimal | AttributeType::Percent => {
            Some(by.value.clone())
        }
        _ => {
            table.report(
                by.at.clone(),
                Code::R012,
                format!("字段「{}」不是数字", by.value),
                "这里要用 integer、decimal 或 percent 类型的字段",
            );
            None
        }
    }
}

fn lookup(table: Table<'_, '_>, names: &Names) -> Option<PointsForm> {
    let by = table.text("by")?;
    let AttributeType::Choice(values) = attribute(&table, &by, names)? else {
        table.report(
            by.at.clone(),
            Code::R012,
            format!("字段「{}」不是选项，不能按选项取分", by.value),
            "按数值取分请用 bands",
        );
        return None;
    };
    let mut given = Vec::new();
    for key in table.keys().into_iter().filter(|key| key.value != "by") {
        if !values.contains(&key.value) {
            table.report(
                key.at.clone(),
                Code::R013,
                format!("「{}」没有选项「{}」", by.value, key.value),
                &table
                    .reader
                    .suggest(&key.value, values.iter().map(String::as_str)),
            );
            continue;
        }
        let points = table.any(&key.value)?.points()?;
        given.push((key.value, points.value));
    }
    let left: Vec<&str> = values
        .iter()
        .filter(|value| !given.iter().any(|(known, _)| known == *value))
        .map(String::as_str)
        .collect();
    if !left.is_empty() {
        table.report(
            table.at.clone(),
            Code::R025,
            format!("{} 没有给这些选项分值：{}", table.name, left.join("、")),
            "每个选项都要有分值；不得分的写 0",
        );
    }
    Some(PointsForm::Lookup {
        by: by.value,
        table: given,
    })
}

/// Edges beyond one on a percentage: `from = 80` is 8000 %.
fn doubt_shares(table: &Table<'_, '_>, by: &str, bands: &[Band]) {
    for band in bands {
        let ends = [band.range.lower, band.range.upper].into_iter().flatten();
        if let Some(edge) = ends
            .map(|bound| bound.value)
            .find(|edge| edge.abs() > Decimal::ONE)
        {
            table.report(
                band.at.clone(),
                Code::R065,
                format!("字段「{by}」是百分比，分段的界 {edge} 是 {edge} 倍"),
                "请写成小数，如 80% 写 0.8",
            );
        }
    }
}

fn bands(table: &Table<'_, '_>, names: &Names) -> Option<PointsForm> {
    table.needed("by");
    let by = table.text("by");
    let rows = table.value("bands")?;
    if !rows.is_list() {
        rows.members();
        return None;
    }
    let mut bands = Vec::new();
    for row in rows.tables("bands 分段") {
        let range = interval(&row);
        row.needed("points");
        let points = row.points("points");
        let at = row.at.clone();
        row.done();
        bands.push(Band {
            range: range?,
            points: points?.value,
            at,
        });
    }
    if bands.is_empty() {
        table.report(
            rows.at.clone(),
            Code::R003,
            format!("{} 没有任何分段", table.name),
            "",
        );
        return None;
    }
    let by = numeric(table, &by?, names)?;
    if let Some(AttributeType::Percent) = names.attributes.get(&by) {
        doubt_shares(table, &by, &bands);
    }
    Some(PointsForm::Bands { by, bands })
}

fn chosen(table: &Table<'_, '_>) -> Option<PointsForm> {
    table.needed("min");
    table.needed("max");
    let (min, max) = (table.points("min"), table.points("max"));
    let suggested = table.points("suggested");
    let (min, max) = (min?, max?);
    if min.value > max.value {
        table.report(
            min.at,
            Code::R026,
            format!("{} 的 min {} 大于 max {}", table.name, min.value, max.value),
            "扣分的范围如 min = -5, max = -1",
        );
        return None;
    }
    if let Some(suggested) = &suggested
        && !(min.value..=max.value).contains(&suggested.value)
    {
        table.report(
            suggested.at.clone(),
            Code::R008,
            format!(
                "{} 的建议分值 {} 不在 {} 到 {} 之间",
                table.name, suggested.value, min.value, max.value
            ),
            "",
        );
    }
    Some(PointsForm::Chosen {
        min: min.value,
        max: max.value,
        suggested: suggested.map(|suggested| suggested.value),
    })
}
