//! wuxin: credit scoring and blacklist service for property-management companies.
pub mod domain;
