//! Due process of what is held against a company before it comes to a list: records (认定、告知、异议、整改), complaints (四级投诉)
//! and the visits of spot checks (抽查检查).
//!
//! Pure: knows the vocabulary in `domain` and nothing else; the clock is an argument. The lawful life of a list entry is in
//! `listing`.

pub mod complaint;
pub mod inspection;
pub mod record;
