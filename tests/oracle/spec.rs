//! Random rule sets, as a structure that shrinks and renders to a file. Names are numbers until they are rendered, so that
//! whatever a structure shrinks to still means something.

use proptest::{collection::vec, option, prelude::*, sample::select};

#[derive(Debug, Clone)]
pub struct Spec {
    /// 0 project, 1 manager, else company.
    pub subject: u8,
    pub period: Period,
    pub score: ScoreSpec,
    pub components: Vec<ComponentSpec>,
    pub items: Vec<ItemSpec>,
    pub groups: Vec<GroupSpec>,
    pub ladder: Ladder,
    pub not_rated: Vec<Cond>,
    pub overrides: Vec<(Cond, Effect)>,
    pub lists: Vec<Cond>,
    pub consequences: Vec<(bool, u8)>,
}

#[derive(Debug, Clone, Copy)]
pub struct Period {
    /// Index into the kinds; 1 is rolling.
    pub kind: u8,
    pub months: u32,
    pub counts_from: u8,
}

#[derive(Debug, Clone, Copy)]
pub struct ScoreSpec {
    pub demerit: bool,
    pub base: i32,
    pub min: Option<i32>,
    pub max: Option<i32>,
    pub decimals: u32,
    pub rounding: u8,
    pub suspended: bool,
    pub ties_worse: bool,
}

#[derive(Debug, Clone)]
pub struct ComponentSpec {
    /// In tenths.
    pub base: i32,
    pub floor: Option<i32>,
    pub cap: Option<i32>,
    /// In quarters.
    pub weight: i32,
    pub combine: u8,
    /// 0 zero, 1 renormalise, 2 not_rated, 3 a default.
    pub missing: u8,
    /// Average and `assessed_only`, for components by project.
    pub by_project: Option<(u8, bool)>,
}

#[derive(Debug, Clone)]
pub struct ItemSpec {
    pub component: u8,
    pub kinds: u8,
    pub points: PointsSpec,
    pub times: Option<Option<i32>>,
    pub cap: Option<i32>,
    /// 0 none, 1 until rectified, else one of the spans.
    pub valid_for: u8,
    pub when: Option<Cond>,
    pub same_matter: u8,
    /// Span, and factors in halves.
    pub repeat: Option<(u8, Vec<u8>)>,
    /// In quarters.
    pub rectified: Option<u8>,
    pub recurs: bool,
    pub veto: Option<u8>,
}

/// In tenths.
#[derive(Debug, Clone)]
pub enum PointsSpec {
    Fixed(i32),
    Lookup([i32; 2]),
    /// Ends and points of the bands: the first begins, and the last ends, with or without a bound.
    Bands(bool, Vec<(i32, i32)>, u8),
    Chosen(i32, i32),
    Value(bool),
    /// No points; only with a veto.
    Absent,
}

#[derive(Debug, Clone)]
pub struct GroupSpec {
    pub items: Vec<u8>,
    pub highest: bool,
    pub cap: Option<i32>,
}

#[derive(Debug, Clone)]
pub enum Ladder {
    None,
    /// Lower ends of the steps, whether each is inclusive, and a condition.
    Bounds(Vec<(i32, bool, Option<Cond>)>),
    /// Cumulative percentages.
    Rank(Vec<u8>),
}

#[derive(Debug, Clone)]
pub enum Effect {
    Grade(u8),
    AtBest(u8),
    Score(i32),
    Drop(u8),
}

/// A condition; what its place does not allow is rendered as something it does.
#[derive(Debug, Clone)]
pub enum Cond {
    And(Vec<Cond>),
    Or(Vec<Cond>),
    Not(Box<Cond>),
    Compare(Num, u8, Num),
    /// A choice or a text attribute.
    Text(bool, u8),
    Day(u8, u16),
    Flag(u8),
    Has(u8, Option<u8>),
    Unrectified(u8, Option<u8>),
    OnList(u8),
    Grade(u8, u8),
    Previous(u8, u8, u8),
    Consecutive(u8, u8, u8, bool),
}

#[derive(Debug, Clone)]
pub enum Num {
    /// In halves.
    Literal(i16),
    Percent(u8),
    Attribute(u8),
    Project(u8),
    Subject(bool),
    Score,
    Component(u8),
    Count(u8, Option<u8>),
    Points(u8, Option<u8>),
    YearsWithout(u8),
    Negate(Box<Num>),
    Arithmetic(u8, Box<Num>, Box<Num>),
}

fn tenths() -> impl Strategy<Value = i32> {
    prop_oneof![4 => (-8_i32..=8).prop_map(|n| n * 5), 2 => -60_i32..=60]
}

fn span() -> impl Strategy<Value = Option<u8>> {
    option::of(any::<u8>())
}

fn num() -> impl Strategy<Value = Num> {
    let leaf = prop_oneof![
        4 => (-8_i16..=16).prop_map(Num::Literal),
        1 => (-400_i16..=400).prop_map(Num::Literal),
        1 => any::<u8>().prop_map(Num::Percent),
        4 => any::<u8>().prop_map(Num::Attribute),
        1 => any::<u8>().prop_map(Num::Project),
        2 => any::<bool>().prop_map(Num::Subject),
        3 => Just(Num::Score),
        3 => any::<u8>().prop_map(Num::Component),
        3 => (any::<u8>(), span()).prop_map(|(id, span)| Num::Count(id, span)),
        3 => (any::<u8>(), span()).prop_map(|(id, span)| Num::Points(id, span)),
        2 => any::<u8>().prop_map(Num::YearsWithout),
    ];
    leaf.prop_recursive(2, 4, 2, |inner| {
        prop_oneof![
            inner.clone().prop_map(|num| Num::Negate(Box::new(num))),
            (any::<u8>(), inner.clone(), inner).prop_map(|(op, left, right)| Num::Arithmetic(
                op,
                Box::new(left),
                Box::new(right)
            )),
        ]
    })
}

pub fn cond() -> impl Strategy<Value = Cond> {
    let leaf = prop_oneof![
        8 => (num(), any::<u8>(), num()).prop_map(|(left, op, right)| Cond::Compare(left, op, right)),
        1 => (any::<bool>(), any::<u8>()).prop_map(|(equal, value)| Cond::Text(equal, value)),
        1 => (any::<u8>(), 0_u16..1100).prop_map(|(op, day)| Cond::Day(op, day)),
        1 => any::<u8>().prop_map(Cond::Flag),
        3 => (any::<u8>(), span()).prop_map(|(id, span)| Cond::Has(id, span)),
        2 => (any::<u8>(), span()).prop_map(|(id, span)| Cond::Unrectified(id, span)),
        1 => any::<u8>().prop_map(Cond::OnList),
        2 => (any::<u8>(), any::<u8>()).prop_map(|(op, rank)| Cond::Grade(op, rank)),
        2 => (1_u8..4, any::<u8>(), any::<u8>()).prop_map(|(n, op, rank)| Cond::Previous(n, op, rank)),
        1 => (1_u8..4, any::<u8>(), any::<u8>(), any::<bool>())
            .prop_map(|(n, op, rank, not)| Cond::Consecutive(n, op, rank, not)),
    ];
    leaf.prop_recursive(2, 6, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 2..4).prop_map(Cond::And),
            vec(inner.clone(), 2..4).prop_map(Cond::Or),
            inner.prop_map(|cond| Cond::Not(Box::new(cond))),
        ]
    })
}

fn points() -> impl Strategy<Value = PointsSpec> {
    prop_oneof![
        4 => tenths().prop_map(PointsSpec::Fixed),
        2 => [tenths(), tenths()].prop_map(PointsSpec::Lookup),
        2 => (any::<bool>(), vec((1_i32..6, tenths()), 1..4), any::<u8>())
            .prop_map(|(whole, bands, ends)| PointsSpec::Bands(whole, bands, ends)),
        2 => (tenths(), 0_i32..30).prop_map(|(min, more)| PointsSpec::Chosen(min, min + more)),
        2 => any::<bool>().prop_map(PointsSpec::Value),
        1 => Just(PointsSpec::Absent),
    ]
}

fn item() -> impl Strategy<Value = ItemSpec> {
    (
        (
            any::<u8>(),
            prop_oneof![3 => Just(0_u8), 1 => any::<u8>()],
            points(),
            prop_oneof![3 => Just(None), 1 => option::of(1_i32..80).prop_map(Some)],
            option::weighted(0.35, 1_i32..100),
            prop_oneof![3 => Just(0_u8), 1 => Just(1_u8), 4 => 2_u8..20],
        ),
        (
            option::weighted(0.25, cond()),
            prop_oneof![2 => Just(0_u8), 1 => Just(1_u8), 1 => Just(2_u8)],
            option::weighted(0.3, (any::<u8>(), vec(0_u8..6, 1..4))),
            option::weighted(0.35, 0_u8..6),
            prop::bool::weighted(0.2),
            option::weighted(0.2, any::<u8>()),
        ),
    )
        .prop_map(
            |(
                (component, kinds, points, times, cap, valid_for),
                (when, same_matter, repeat, rectified, recurs, veto),
            )| {
                ItemSpec {
                    component,
                    kinds,
                    points,
                    times,
                    cap,
                    valid_for,
                    when,
                    same_matter,
                    repeat,
                    rectified,
                    recurs,
                    veto,
                }
            },
        )
}

fn component() -> impl Strategy<Value = ComponentSpec> {
    (
        prop_oneof![3 => Just(0_i32), 2 => tenths(), 1 => Just(1000_i32)],
        option::weighted(0.3, -200_i32..100),
        option::weighted(0.3, 0_i32..1200),
        prop_oneof![3 => Just(4_i32), 2 => 0_i32..12],
        prop_oneof![3 => Just(0_u8), 4 => 0_u8..5],
        prop_oneof![3 => Just(0_u8), 2 => 1_u8..4],
        option::weighted(0.35, (any::<u8>(), any::<bool>())),
    )
        .prop_map(
            |(base, floor, cap, weight, combine, missing, by_project)| ComponentSpec {
                base,
                floor,
                cap,
                weight,
                combine,
                missing,
                by_project,
            },
        )
}

fn ladder() -> impl Strategy<Value = Ladder> {
    prop_oneof![
        1 => Just(Ladder::None),
        6 => vec((-100_i32..1200, any::<bool>(), option::weighted(0.2, cond())), 0..4)
            .prop_map(Ladder::Bounds),
        3 => vec(1_u8..100, 1..4).prop_map(Ladder::Rank),
    ]
}

fn effect() -> impl Strategy<Value = Effect> {
    prop_oneof![
        any::<u8>().prop_map(Effect::Grade),
        any::<u8>().prop_map(Effect::AtBest),
        (-100_i32..1200).prop_map(Effect::Score),
        (1_u8..4).prop_map(Effect::Drop),
    ]
}

fn period() -> impl Strategy<Value = Period> {
    (
        0_u8..6,
        select(vec![1_u32, 2, 6, 12, 18, 24]),
        prop_oneof![3 => Just(0_u8), 1 => 0_u8..4],
    )
        .prop_map(|(kind, months, counts_from)| Period {
            kind,
            months,
            counts_from,
        })
}

fn score() -> impl Strategy<Value = ScoreSpec> {
    (
        prop::bool::weighted(0.25),
        select(vec![0_i32, 1000, 600, -55]),
        option::weighted(0.3, -300_i32..0),
        option::weighted(0.3, 500_i32..1500),
        prop_oneof![2 => Just(2_u32), 2 => 0_u32..5],
        0_u8..4,
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(
            |(demerit, base, min, max, decimals, rounding, suspended, ties_worse)| ScoreSpec {
                demerit,
                base,
                min,
                max,
                decimals,
                rounding,
                suspended,
                ties_worse,
            },
        )
}

fn group() -> impl Strategy<Value = GroupSpec> {
    (
        vec(any::<u8>(), 1..4),
        any::<bool>(),
        option::of(1_i32..120),
    )
        .prop_map(|(items, highest, cap)| GroupSpec {
            items,
            highest,
            cap,
        })
}

/// The items of a rule set.
pub fn items() -> impl Strategy<Value = Vec<ItemSpec>> {
    vec(item(), 1..6)
}

/// Any rule set.
pub fn spec() -> impl Strategy<Value = Spec> {
    (
        (
            0_u8..10,
            period(),
            score(),
            vec(component(), 1..4),
            items(),
            vec(group(), 0..3),
        ),
        (
            ladder(),
            vec(cond(), 0..2),
            vec((cond(), effect()), 0..4),
            vec(cond(), 0..3),
            vec((any::<bool>(), any::<u8>()), 0..3),
        ),
    )
        .prop_map(
            |(
                (subject, period, score, components, items, groups),
                (ladder, not_rated, overrides, lists, consequences),
            )| Spec {
                subject,
                period,
                score,
                components,
                items,
                groups,
                ladder,
                not_rated,
                overrides,
                lists,
                consequences,
            },
        )
}
