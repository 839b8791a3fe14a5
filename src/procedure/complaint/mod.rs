//! A complaint (投诉) on its way through the four levels 社区, 街道, 区县, 市: received, accepted or refused, mediated, handled,
//! the complainant asked again (回访), escalated, transferred, reopened, closed; and the three rates 受理率, 调解率, 处理率.
//!
//! [`receive`] begins one, [`apply`] takes a step or says why it is not lawful and what would be. [`clocks`] are its running
//! deadlines. Who the complainant is and how to reach them ([`Contact`]) is never part of a [`Complaint`].

mod contact;
mod illegal;
mod model;
mod policy;
mod rates;
mod step;
mod text;
mod transition;

#[cfg(test)]
mod rates_tests;
#[cfg(test)]
mod table_tests;

pub use contact::Contact;
pub use illegal::{Illegal, Why};
pub use model::{
    Accepted, Channel, ChannelError, Complaint, Desk, Finding, Handling, Mediation, Reception,
    Refusal, State, StateName, Visit, VisitOutcome, level_code, level_title,
};
pub use policy::{Category, CountsFrom, Fact, Policy, PolicyError, RateRule, RefusalGround};
pub use rates::{Group, Grouping, Period, RateValue, tally};
pub use step::{By, Capacity, Destination, MediationEnd, Standing, Step, StepName};
pub use text::{Text, TextError};
pub use transition::{Terms, apply, clocks, possible, receive};
