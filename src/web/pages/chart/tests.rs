use proptest::prelude::*;

use super::*;

fn about<'a>(id: &'a str, title: &'a str) -> About<'a> {
    About {
        id,
        title,
        description: "说明",
        of: "等级",
        figures: "家",
    }
}

fn bar(label: &str, value: i64) -> Bar {
    Bar {
        label: label.to_owned(),
        value: Decimal::from(value),
        shown: format!("{value} 家"),
        tone: Tone::Good,
    }
}

#[test]
fn a_bar_is_as_long_as_its_share_of_the_longest_and_carries_its_figure() {
    let chart = Chart::bars(about("g", "等级分布"), &[bar("AAA", 4), bar("AA", 2)]).unwrap();
    insta::assert_snapshot!(chart.narrow.to_string().replace("><", ">\n<"), @r##"
    <svg class="chart narrow" viewBox="0 0 340 96" role="img" aria-labelledby="g-narrow-t g-narrow-d">
    <title id="g-narrow-t">等级分布</title>
    <desc id="g-narrow-d">说明</desc>
    <text class="label" x="0" y="15.0">AAA</text>
    <rect class="bar good" x="0.0" y="20.0" width="299.4" height="18"/>
    <text class="value" x="305.4" y="33.5">4 家</text>
    <text class="label" x="0" y="61.0">AA</text>
    <rect class="bar good" x="0.0" y="66.0" width="149.7" height="18"/>
    <text class="value" x="155.7" y="79.5">2 家</text>
    <line class="base" x1="0.0" y1="0.0" x2="0.0" y2="96.0"/>
    </svg>
    "##);
}

#[test]
fn parts_stand_beside_each_other_and_differ_by_pattern() {
    let stack = Stack {
        label: "雁江区".into(),
        parts: vec![Decimal::from(30), Decimal::from(10)],
    };
    let series = ["维修".to_owned(), "收费".to_owned()];
    let chart = Chart::stacked(about("k", "类别"), &series, &[stack]).unwrap();
    insta::assert_snapshot!(chart.wide.to_string().replace("><", ">\n<"), @r##"
    <svg class="chart wide" viewBox="0 0 720 64" role="img" aria-labelledby="k-t k-d">
    <title id="k-t">类别</title>
    <desc id="k-d">说明</desc>
    <defs>
    <pattern id="k-p0" width="8" height="8" patternUnits="userSpaceOnUse">
    <rect class="ground s0" width="8" height="8"/>
    </pattern>
    <pattern id="k-p1" width="8" height="8" patternUnits="userSpaceOnUse">
    <rect class="ground s1" width="8" height="8"/>
    <path class="mark" d="M-2 2L2 -2M0 8L8 0M6 10L10 6"/>
    </pattern>
    </defs>
    <rect class="part" fill="url(#k-p0)" x="0.0" y="2.0" width="26" height="14"/>
    <text x="34.0" y="13.0">维修</text>
    <rect class="part" fill="url(#k-p1)" x="74.0" y="2.0" width="26" height="14"/>
    <text x="108.0" y="13.0">收费</text>
    <text class="label" x="36.0" y="47.5" text-anchor="end">雁江区</text>
    <rect class="part" fill="url(#k-p0)" x="48.0" y="34.0" width="482.4" height="18"/>
    <text class="inside" x="289.2" y="47.5" text-anchor="middle">30</text>
    <rect class="part" fill="url(#k-p1)" x="530.4" y="34.0" width="160.8" height="18"/>
    <text class="inside" x="610.8" y="47.5" text-anchor="middle">10</text>
    <text class="value" x="697.2" y="47.5">40</text>
    <line class="base" x1="48.0" y1="28.0" x2="48.0" y2="64.0"/>
    </svg>
    "##);
}

#[test]
fn a_line_has_a_gap_where_there_is_no_figure() {
    let line = Line {
        name: "受理率".into(),
        values: vec![Some(Decimal::from(50)), None, Some(Decimal::from(100))],
    };
    let columns = ["一月", "二月", "三月"].map(str::to_owned);
    let chart = Chart::lines(about("r", "比率"), &columns, &[line]).unwrap();
    let wide = chart.wide.to_string();
    let path = wide.split(r#"class="series l0" d=""#).nth(2).unwrap();
    insta::assert_snapshot!(path.split('"').next().unwrap(), @"M35.0 140.0M700.0 40.0");
    let cells: Vec<&str> = chart.rows.iter().map(|row| row.cells[0].as_str()).collect();
    assert_eq!(cells, ["50", "—", "100"]);
}

#[test]
fn nothing_is_drawn_without_a_figure() {
    assert_eq!(Chart::bars(about("a", "a"), &[]), None);
    assert_eq!(Chart::stacked(about("a", "a"), &[], &[]), None);
    let empty = Line {
        name: "a".into(),
        values: vec![None],
    };
    assert_eq!(
        Chart::lines(about("a", "a"), &["一月".into()], &[empty]),
        None
    );
}

#[test]
fn the_table_says_what_the_drawing_says() {
    for chart in Chart::samples() {
        for row in &chart.rows {
            assert_eq!(row.cells.len() + 1, chart.head.len(), "{}", chart.title);
        }
        for drawing in [&chart.wide, &chart.narrow] {
            let svg = drawing.to_string();
            assert!(
                svg.contains("<title id=") && svg.contains("<desc id="),
                "{svg}"
            );
            assert!(!svg.contains("style="), "{svg}");
            assert!(!svg.contains("<script"), "{svg}");
        }
    }
}

/// Every coordinate of a drawing: numbers of the attributes that place things.
fn places(svg: &str) -> Vec<f64> {
    let mut found = Vec::new();
    for attribute in [
        " x=\"",
        " y=\"",
        " x1=\"",
        " x2=\"",
        " width=\"",
        " cx=\"",
        " cy=\"",
    ] {
        for rest in svg.split(attribute).skip(1) {
            found.push(rest.split('"').next().unwrap().parse().unwrap());
        }
    }
    found
}

proptest! {
    #[test]
    fn whatever_the_figures_the_drawing_stays_on_its_canvas(
        values in prop::collection::vec(any::<i64>(), 1..40),
        label in "\\PC{0,60}",
    ) {
        let bars: Vec<Bar> = values.iter().map(|value| bar(&label, *value)).collect();
        let stacks = [Stack { label: label.clone(), parts: values.iter().map(|v| Decimal::from(*v)).collect() }];
        let series: Vec<String> = values.iter().map(|_| label.clone()).collect();
        let line = Line { name: label.clone(), values: values.iter().map(|v| Some(Decimal::from(*v))).collect() };
        let charts = [
            Chart::bars(about("a", &label), &bars),
            Chart::stacked(about("b", &label), &series, &stacks),
            Chart::lines(about("c", &label), &series, &[line]),
        ];
        for chart in charts.into_iter().flatten() {
            for (svg, width) in [(chart.wide.to_string(), WIDE), (chart.narrow.to_string(), NARROW)] {
                prop_assert!(!svg.contains("NaN") && !svg.contains("inf\""), "{}", svg);
                let height: f64 = svg.split("viewBox=\"0 0 ").nth(1).unwrap()
                    .split('"').next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
                for place in places(&svg) {
                    prop_assert!((-1.0..=width.max(height) + 1.0).contains(&place), "{} in {}", place, svg);
                }
            }
        }
    }
}
