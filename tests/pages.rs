//! Every public page, with every sample, is sound HTML that lets nothing hostile through.

#[cfg(test)]
mod pages {
    use std::{fs, path::Path};

    use askama::Template;
    use wuxin::web::pages::{
        BadgePage, CheckReportPage, CheckResultsPage, CompanyPage, DrawsPage, EntryPage, ErrorPage,
        HomePage, ListsPage, Nothing, NothingPage, OpenDataPage, ReportPage, ResultsPage,
        RulesPage, SITE_CSS, StatisticsPage, VisitPage,
    };
    use wuxin::web::pages::{
        accounts::AccountsPage,
        desk::{CodePage, DeskPage, EnrolPage, PasswordPage, SignInPage},
        matters::{MatterPage, MattersPage, StepPage},
        my::{MyPage, MyRecordPage, MyRecordsPage, MyReportPage, MyScorePage},
    };

    /// A name as long as the registry takes one, without a place to break.
    fn long() -> String {
        "示例超长名称物业服务".repeat(20)
    }

    fn many_results() -> ResultsPage {
        let mut page = ResultsPage::samples().swap_remove(0);
        let one = page.found[0].clone();
        page.found = vec![one; 20];
        page.found.iter_mut().for_each(|found| found.name = long());
        page.query = long();
        page
    }

    fn many_listed() -> ListsPage {
        let mut page = ListsPage::samples().swap_remove(0);
        let mut row = page.groups[0].rows[0].clone();
        (row.name, row.reason, row.decision) = (long(), long(), long());
        page.groups[0].rows = vec![row; 100];
        page
    }

    fn long_company() -> CompanyPage {
        let mut page = CompanyPage::samples().swap_remove(0);
        let mut line = page.counted[0].clone();
        (line.title, line.note, line.body) = (long(), long(), long());
        page.name = long();
        page.counted = vec![line; 60];
        page
    }

    fn nobody_listed() -> ListsPage {
        let mut page = ListsPage::samples().swap_remove(0);
        page.groups.clear();
        page
    }

    /// Name and text of every page in every sample.
    fn all() -> Vec<(String, String)> {
        fn each<T: Template>(name: &str, samples: Vec<T>) -> Vec<(String, String)> {
            assert!(!samples.is_empty(), "{name} has no sample");
            samples
                .iter()
                .enumerate()
                .map(|(index, page)| (format!("{name}-{}", index + 1), page.render().unwrap()))
                .collect()
        }
        [
            each("home", HomePage::samples()),
            each("results", ResultsPage::samples()),
            each("company", CompanyPage::samples()),
            each("nothing", NothingPage::samples()),
            each("rules", RulesPage::samples()),
            each("lists", ListsPage::samples()),
            each("draws", DrawsPage::samples()),
            each("visit", VisitPage::samples()),
            each("check-results", CheckResultsPage::samples()),
            each("check-report", CheckReportPage::samples()),
            each("error", ErrorPage::samples()),
            each("sign-in", SignInPage::samples()),
            each("code", CodePage::samples()),
            each("enrol", EnrolPage::samples()),
            each("password", PasswordPage::samples()),
            each("desk", DeskPage::samples()),
            each("matters", MattersPage::samples()),
            each("matter", MatterPage::samples()),
            each("step", StepPage::samples()),
            each("my", MyPage::samples()),
            each("my-records", MyRecordsPage::samples()),
            each("my-record", MyRecordPage::samples()),
            each("my-score", MyScorePage::samples()),
            each("my-report", MyReportPage::samples()),
            each("accounts", AccountsPage::samples()),
            each("entry", EntryPage::samples()),
            each("statistics", StatisticsPage::samples()),
            each("open-data", OpenDataPage::samples()),
            each("badge", BadgePage::samples()),
            each("report", ReportPage::samples()),
            each("results-many", vec![many_results()]),
            each("lists-many", vec![many_listed()]),
            each("lists-none", vec![nobody_listed()]),
            each("company-long", vec![long_company()]),
        ]
        .concat()
    }

    /// The tags of a page, in order: closing ones begin with `/`, attributes included.
    fn tags(html: &str) -> Vec<&str> {
        html.split('<')
            .skip(1)
            .map(|rest| {
                rest.split_once('>')
                    .unwrap_or_else(|| panic!("open tag: {rest}"))
                    .0
            })
            .collect()
    }

    /// Walks the tags with a stack; tells the first that does not fit.
    fn unbalanced(html: &str) -> Option<String> {
        const VOID: [&str; 5] = ["meta", "link", "input", "img", "!DOCTYPE"];
        let mut open: Vec<&str> = Vec::new();
        for tag in tags(html) {
            let name = tag.split_whitespace().next().unwrap_or("");
            if let Some(closed) = name.strip_prefix('/') {
                if open.pop() != Some(closed) {
                    return Some(format!("</{closed}> closes nothing"));
                }
            } else if !VOID.contains(&name) && !tag.ends_with('/') {
                open.push(name);
            }
        }
        open.pop().map(|name| format!("<{name}> stays open"))
    }

    #[test]
    fn every_page_is_sound_and_says_its_language_and_title() {
        for (name, html) in all() {
            assert_eq!(unbalanced(&html), None, "{name}");
            assert!(
                html.starts_with("<!DOCTYPE html>\n<html lang=\"zh-CN\">"),
                "{name}"
            );
            assert_eq!(html.matches("<h1>").count(), 1, "{name}: one main heading");
            let title = html
                .split("<title>")
                .nth(1)
                .unwrap()
                .split("</title>")
                .next()
                .unwrap();
            assert!(
                title.ends_with(" · 物业服务企业信用公示") && title.chars().count() > 14,
                "{name}: {title}"
            );
            assert!(html.contains("<a class=\"skip\" href=\"#main\">"), "{name}");
        }
    }

    #[test]
    fn nothing_hostile_comes_through_and_nothing_is_inline() {
        let mut hostile = 0;
        for (name, html) in all() {
            hostile += html.matches("&#60;script&#62;").count();
            for tag in tags(&html) {
                let lower = tag.to_lowercase();
                assert!(
                    !lower.starts_with("script") && !lower.starts_with("style"),
                    "{name}: <{tag}>"
                );
                for attribute in [
                    " style=",
                    " onload=",
                    " onclick=",
                    " onerror=",
                    "javascript:",
                ] {
                    assert!(!lower.contains(attribute), "{name}: <{tag}>");
                }
            }
        }
        assert!(
            hostile >= 10,
            "the hostile samples were rendered as text ({hostile})"
        );
    }

    #[test]
    fn ids_are_unique_and_every_reference_is_met() {
        for (name, html) in all() {
            let values = |attribute: &str| -> Vec<String> {
                let start = format!(" {attribute}=\"");
                tags(&html)
                    .iter()
                    .filter_map(|tag| tag.split_once(start.as_str()))
                    .flat_map(|(_, rest)| rest.split('"').next().unwrap().split(' '))
                    .map(str::to_owned)
                    .collect()
            };
            let ids = values("id");
            let mut unique = ids.clone();
            unique.sort();
            unique.dedup();
            assert_eq!(unique.len(), ids.len(), "{name}: {ids:?}");
            for attribute in ["aria-labelledby", "aria-describedby", "for"] {
                for reference in values(attribute) {
                    assert!(ids.contains(&reference), "{name}: {attribute} {reference}");
                }
            }
        }
    }

    #[test]
    fn pages_about_one_company_and_faults_stay_out_of_search_engines() {
        for (name, html) in all() {
            let kept_out = html.contains("<meta name=\"robots\" content=\"noindex, nofollow\">");
            let open = [
                "home",
                "rules",
                "draws",
                "statistics",
                "open-data",
                "badge-1",
                "check-report",
            ];
            let open = open.iter().any(|start| name.starts_with(start));
            assert_eq!(kept_out, !open, "{name}");
        }
    }

    #[test]
    fn the_three_kinds_of_nothing_are_three_answers() {
        let status: Vec<u16> = NothingPage::samples()
            .iter()
            .map(|page| page.nothing.status())
            .collect();
        assert_eq!(status, [404, 200, 200, 503]);
        for page in NothingPage::samples() {
            let html = page.render().unwrap();
            let says = |words: &str| html.contains(words);
            let told = (
                says("本系统没有收录"),
                says("没有公开的信用记录"),
                says("这不表示该企业没有记录"),
            );
            let expected = match &page.nothing {
                Nothing::NotInScope { code } => (says(code), false, false),
                Nothing::NoRecord { as_of, .. } => (false, says(as_of), false),
                Nothing::Failed { request_id } => (false, false, says(request_id)),
            };
            assert_eq!(told, expected);
        }
    }

    #[test]
    fn a_company_page_shows_counted_lines_before_those_that_do_not_count() {
        let html = CompanyPage::samples()[0].render().unwrap();
        let place = |words: &str| {
            html.find(words)
                .unwrap_or_else(|| panic!("{words} is missing"))
        };
        assert!(place("93.00") < place("未按规定公示服务内容和收费标准"));
        assert!(place("<svg") < place("id=\"account\""));
        assert!(place("未按规定公示服务内容和收费标准") < place("未计分的记录（"));
        assert!(place("未计分的记录（") < place("已过有效期（至 2026-03-01）"));
        assert!(place("2027-03-02 起，1 条记录到期，不再计分") < place("id=\"account\""));
        assert!(place("未计分的记录（") < place("id=\"outlook\""));
        assert!(place("id=\"outlook\"") < place("id=\"better\""));
        // While the score is being computed again there is no account: the lines stand for themselves.
        let hostile = CompanyPage::samples()[2].render().unwrap();
        assert!(hostile.contains("id=\"counted\"") && !hostile.contains("id=\"account\""));
        assert!(html.contains("3f9a1c07be42") && html.contains("草案"));
    }

    #[test]
    fn every_class_on_a_page_that_carries_meaning_is_in_the_style_sheet() {
        for class in [
            "badge", "flag", "points", "chart", "band", "listed", "state", "skip", "lines",
        ] {
            assert!(SITE_CSS.contains(&format!(".{class}")), "{class}");
        }
        assert!(!SITE_CSS.contains("url(") && !SITE_CSS.contains("@import"));
    }

    /// Figures of a chart stand in its table too, and both drawings of it are there.
    #[test]
    fn a_chart_comes_with_its_table_and_in_two_widths() {
        let html = StatisticsPage::samples()[0].render().unwrap();
        let drawings = html.matches("<figure class=\"drawing\"").count();
        assert_eq!(drawings, 4);
        for class in ["class=\"chart wide\"", "class=\"chart narrow\"", "<table>"] {
            assert_eq!(html.matches(class).count(), drawings, "{class}");
        }
        assert!(html.contains("<th scope=\"row\">AAA 信用优秀</th><td class=\"num\">12 家</td>"));
        let empty = StatisticsPage::samples()[1].render().unwrap();
        assert!(!empty.contains("<svg") && empty.contains("目前没有参评企业"));
    }

    #[test]
    fn a_report_that_proves_nothing_is_never_shown_as_genuine() {
        for page in ReportPage::samples() {
            let html = page.render().unwrap();
            let genuine = matches!(
                page.outcome,
                wuxin::web::pages::ReportOutcome::Genuine { .. }
            );
            assert_eq!(html.contains("核验通过"), genuine, "{:?}", page.outcome);
        }
    }

    /// The value of a colour variable, as relative luminance (WCAG 2.2).
    fn luminance(name: &str) -> f64 {
        let hex = SITE_CSS.split(&format!("--{name}: #")).nth(1).unwrap();
        let hex = hex.split(';').next().unwrap();
        let wide: String = match hex.len() {
            3 => hex.chars().flat_map(|digit| [digit, digit]).collect(),
            _ => hex.to_owned(),
        };
        let channel = |from: usize| {
            let value = f64::from(u8::from_str_radix(&wide[from..from + 2], 16).unwrap()) / 255.0;
            if value <= 0.04045 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * channel(0) + 0.7152 * channel(2) + 0.0722 * channel(4)
    }

    #[test]
    fn text_stands_out_from_its_ground_by_four_and_a_half_to_one() {
        let pairs = [
            ("ink", "ground"),
            ("soft", "ground"),
            ("soft", "paper"),
            ("accent", "ground"),
            ("paper", "accent"),
            ("paper", "accent-dark"),
            ("good", "good-tint"),
            ("fair", "fair-tint"),
            ("poor", "poor-tint"),
            ("bad", "bad-tint"),
            ("good", "ground"),
            ("bad", "ground"),
            ("good", "paper"),
            ("bad", "paper"),
            ("poor", "paper"),
            ("accent", "tint"),
            ("ink", "part-0"),
            ("ink", "part-1"),
            ("ink", "part-2"),
            ("ink", "part-3"),
            ("ink", "part-4"),
            ("ink", "part-5"),
        ];
        for (text, ground) in pairs {
            let (one, other) = (luminance(text), luminance(ground));
            let ratio = (one.max(other) + 0.05) / (one.min(other) + 0.05);
            assert!(ratio >= 4.5, "{text} on {ground}: {ratio:.2}");
        }
    }

    /// Samples with the style sheet beside them, to be looked at in a browser.
    #[test]
    fn samples_are_written_out_to_be_looked_at() {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pages");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("site.css"), SITE_CSS).unwrap();
        for (name, html) in all() {
            assert!(
                html.contains("/static/size.css"),
                "{name} follows the size of letters"
            );
            let local = html.replace("/static/site.css", "site.css");
            assert_ne!(local, html, "{name} links the style sheet");
            fs::write(folder.join(format!("{name}.html")), local).unwrap();
        }
    }
}
