//! The feed against the stand-in platform over real connections: one test binary, one file per concern.
#![cfg(test)]

#[cfg(test)]
mod city;
#[cfg(test)]
mod counts;
#[cfg(test)]
mod files;
#[cfg(test)]
mod hostile_answers;
#[cfg(test)]
mod hostile_view;
#[cfg(test)]
mod house;
#[cfg(test)]
mod misbehaviour;
#[cfg(test)]
mod page;
#[cfg(test)]
mod queue;
#[cfg(test)]
mod reconcile;
#[cfg(test)]
mod scenario;
#[cfg(test)]
mod simulation;
#[cfg(test)]
mod support;
#[cfg(test)]
mod tls;
#[cfg(test)]
mod visible;
