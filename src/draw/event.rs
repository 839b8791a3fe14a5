//! The public event whose value nobody knows when the plan is committed.

use serde::{Deserialize, Serialize};

use super::{
    canonical,
    words::{Bytes32, Instant, says_something},
};
use crate::domain::fold_code;

/// A future event, named in the commitment. Its canonical JSON is `E` in the seed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    /// An issue of a lottery: the numbers as the lottery publishes them.
    Lottery {
        /// Name of the game: 快乐8.
        game: String,
        issue: String,
        /// How many numbers it draws.
        numbers: u32,
        order: NumberOrder,
        expected_at: Instant,
    },
    /// A round of a drand beacon.
    Drand {
        /// Hash of the chain.
        chain: Bytes32,
        /// Seconds after 1970 of the first round.
        genesis: u64,
        /// Seconds from one round to the next.
        period: u32,
        /// From 1.
        round: u64,
        expected_at: Instant,
    },
    /// Several parties commit to 32 bytes each and reveal them at the event.
    Contributions {
        parties: Vec<Party>,
        expected_at: Instant,
    },
}

/// In which order the numbers of a lottery are written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NumberOrder {
    /// Rising, none twice.
    Ascending,
    /// As the lottery publishes them.
    Published,
}

/// One who contributes, with the commitment made beforehand ([`contribution_digest`]).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    pub name: String,
    pub commitment: Bytes32,
}

/// The value of an event, as everybody saw it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum EventValue {
    /// Decimal numbers without leading zeros, one space between them.
    Lottery { numbers: String },
    /// The round's randomness, and the signature it is the SHA-256 of (hexadecimal).
    Drand {
        randomness: Bytes32,
        signature: Option<String>,
    },
    /// In the order of the parties; `null` from one that did not reveal.
    Contributions { contributions: Vec<Contribution> },
}

/// What one party revealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contribution {
    pub name: String,
    pub value: Option<Bytes32>,
}

/// Why an event cannot be used, or a value is not this event's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EventFault {
    #[error("彩票的名称和期号不能为空，号码应为 1 至 100 个")]
    Lottery,
    #[error("drand 第 {round} 轮的时间应为 {expected}，写成了 {written}")]
    DrandTime {
        round: u64,
        expected: String,
        written: Instant,
    },
    #[error("至少要有两个名称不同的参与方")]
    Parties,
    #[error("开奖结果「{value}」不是 {numbers} 个{order}的号码")]
    Numbers {
        value: String,
        numbers: u32,
        order: &'static str,
    },
    #[error("事件值的种类与承诺的事件不同")]
    OtherKind,
    #[error("随机数不是签名的 SHA-256 值")]
    Signature,
    #[error("参与方的名单或者次序与承诺的不同")]
    OtherParties,
    #[error("「{0}」公布的数与其事先的承诺不符")]
    Contribution(String),
}

/// What a party commits to: its 32 random bytes, under its name.
pub fn contribution_digest(name: &str, value: &Bytes32) -> Bytes32 {
    Bytes32::digest(&[
        b"wuxin-contribution-v1",
        &canonical::bytes_of(&name),
        &value.0,
    ])
}

impl Event {
    /// When it is announced to happen.
    pub fn expected_at(&self) -> Instant {
        match self {
            Self::Lottery { expected_at, .. }
            | Self::Drand { expected_at, .. }
            | Self::Contributions { expected_at, .. } => *expected_at,
        }
    }

    /// What is wrong with the event itself.
    pub fn fault(&self) -> Option<EventFault> {
        match self {
            Self::Lottery {
                game,
                issue,
                numbers,
                ..
            } => (!says_something(game) || !says_something(issue) || !(1..=100).contains(numbers))
                .then_some(EventFault::Lottery),
            Self::Drand {
                genesis,
                period,
                round,
                expected_at,
                ..
            } => {
                let seconds = (round.checked_sub(1))
                    .and_then(|rounds| rounds.checked_mul(u64::from(*period)))
                    .and_then(|seconds| seconds.checked_add(*genesis))
                    .and_then(|seconds| i64::try_from(seconds).ok());
                (seconds != Some(expected_at.seconds())).then(|| EventFault::DrandTime {
                    round: *round,
                    expected: seconds
                        .and_then(Instant::at)
                        .map_or_else(|| "（无）".to_owned(), |instant| instant.to_string()),
                    written: *expected_at,
                })
            }
            Self::Contributions { parties, .. } => {
                let mut names: Vec<&str> = parties.iter().map(|one| one.name.as_str()).collect();
                names.sort_unstable();
                names.dedup();
                let right = names.len() == parties.len()
                    && names.len() >= 2
                    && names.iter().all(|name| says_something(name));
                (!right).then_some(EventFault::Parties)
            }
        }
    }

    /// What is wrong with a value for this event.
    pub fn value_fault(&self, value: &EventValue) -> Option<EventFault> {
        match (self, value) {
            (Self::Lottery { numbers, order, .. }, EventValue::Lottery { numbers: value }) => {
                let fits = read_numbers(value).is_some_and(|read| {
                    read.len() == *numbers as usize
                        && (*order == NumberOrder::Published
                            || read.windows(2).all(|pair| pair[0] < pair[1]))
                });
                (!fits).then(|| EventFault::Numbers {
                    value: value.clone(),
                    numbers: *numbers,
                    order: match order {
                        NumberOrder::Ascending => "由小到大",
                        NumberOrder::Published => "公布",
                    },
                })
            }
            (
                Self::Drand { .. },
                EventValue::Drand {
                    randomness,
                    signature: Some(signature),
                },
            ) => {
                let lower = !signature.bytes().any(|byte| byte.is_ascii_uppercase());
                let proves = hex::decode(signature)
                    .is_ok_and(|bytes| lower && Bytes32::digest(&[&bytes]) == *randomness);
                (!proves).then_some(EventFault::Signature)
            }
            (Self::Drand { .. }, EventValue::Drand { .. }) => None,
            (Self::Contributions { parties, .. }, EventValue::Contributions { contributions }) => {
                let names = contributions.iter().map(|one| &one.name);
                if !names.eq(parties.iter().map(|party| &party.name)) {
                    return Some(EventFault::OtherParties);
                }
                let wrong = |(party, one): &(&Party, &Contribution)| {
                    one.value.is_some_and(|value| {
                        contribution_digest(&one.name, &value) != party.commitment
                    })
                };
                (parties.iter().zip(contributions))
                    .find(wrong)
                    .map(|(party, _)| EventFault::Contribution(party.name.clone()))
            }
            _ => Some(EventFault::OtherKind),
        }
    }
}

impl EventValue {
    /// `v` in the seed, or nothing if a contribution is missing: then the attempt is over, in the open.
    pub fn for_seed(&self) -> Option<Vec<u8>> {
        match self {
            Self::Lottery { numbers } => Some(canonical::bytes_of(numbers)),
            Self::Drand { randomness, .. } => Some(canonical::bytes_of(randomness)),
            Self::Contributions { contributions } => {
                let values: Option<Vec<Bytes32>> =
                    contributions.iter().map(|one| one.value).collect();
                values.map(|values| canonical::bytes_of(&values))
            }
        }
    }

    /// The numbers of a lottery from what somebody typed: `03, 07 12`; leading zeros and other separators go.
    pub fn lottery(typed: &str) -> Self {
        // Full-width digits are folded; everything between two numbers separates them.
        let folded: String = typed
            .chars()
            .map(|c| fold_code(&c.to_string()).chars().next().unwrap_or(' '))
            .collect();
        let words = folded.split(|c: char| !c.is_ascii_digit());
        let numbers: Vec<&str> = words
            .filter(|word| !word.is_empty())
            .map(|word| match word.trim_start_matches('0') {
                "" => "0",
                number => number,
            })
            .collect();
        Self::Lottery {
            numbers: numbers.join(" "),
        }
    }
}

/// Decimal numbers without leading zeros, up to six digits, one space between them.
fn read_numbers(text: &str) -> Option<Vec<u32>> {
    text.split(' ')
        .map(|word| {
            let plain = (1..=6).contains(&word.len())
                && word.bytes().all(|byte| byte.is_ascii_digit())
                && (word == "0" || !word.starts_with('0'));
            plain.then(|| word.parse().ok()).flatten()
        })
        .collect()
}
