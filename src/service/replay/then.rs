//! What was known once: rule texts, facts, and the scores they give.

use std::{collections::HashMap, sync::Arc};

use chrono::{DateTime, Utc};

use super::Moment;
use crate::{
    domain::Uscc,
    listing::Entry,
    rules::RuleSet,
    service::{
        Error, RuleBook, entries,
        scoring::{Why, new_score, score_dossiers},
    },
    store::{
        Db, companies,
        dossiers::Dossier,
        history,
        rulesets::{self, RuleSource},
        scores::{NewScore, Score as Stored},
    },
};

/// Companies read at once.
const PAGE: usize = 500;

/// Facts as they were known.
#[derive(Debug, Default)]
pub(super) struct Facts {
    pub dossiers: Vec<Dossier>,
    pub entries: Vec<Entry>,
}

/// Rule books by their texts, and the last population that was scored: many stored scores share them.
#[derive(Debug, Default)]
pub(super) struct Then {
    books: HashMap<Vec<(String, String)>, Arc<RuleBook>>,
    population: Option<(Moment, HashMap<Uscc, NewScore>)>,
}

impl Then {
    /// The rule book that was configured at an instant; none before the first was kept.
    pub fn book(
        &mut self,
        db: &mut Db,
        instant: DateTime<Utc>,
    ) -> Result<Option<Arc<RuleBook>>, Error> {
        let Some(kept) = rulesets::book_at(db, instant)? else {
            return Ok(None);
        };
        if let Some(known) = self.books.get(&kept.texts) {
            return Ok(Some(Arc::clone(known)));
        }
        let sources = kept
            .texts
            .iter()
            .map(|(id, digest)| text_of(db, id, digest))
            .collect::<Result<Vec<_>, _>>()?;
        let book = Arc::new(compiled(&sources)?);
        self.books.insert(kept.texts, Arc::clone(&book));
        Ok(Some(book))
    }

    /// The rule set that made the scores of a moment.
    fn ruleset(&mut self, db: &mut Db, moment: &Moment) -> Result<RuleSet, Error> {
        let made = |one: &&RuleSet| one.id() == moment.ruleset && one.digest() == moment.digest;
        let book = self.book(db, moment.at)?;
        if let Some(found) = book.as_ref().and_then(|book| book.iter().find(made)) {
            return Ok(found.clone());
        }
        // Another process had noted its own book meanwhile: the text alone.
        let book = compiled(&[text_of(db, &moment.ruleset, &moment.digest)?])?;
        let found = book.iter().find(made).cloned();
        found.ok_or_else(|| no_text(&moment.ruleset, &moment.digest))
    }

    /// The results that these stored scores should be.
    pub fn scores(
        &mut self,
        db: &mut Db,
        moment: &Moment,
        stored: &[Stored],
    ) -> Result<HashMap<Uscc, NewScore>, Error> {
        let ruleset = self.ruleset(db, moment)?;
        if !ruleset.needs_population() {
            let codes: Vec<Uscc> = stored.iter().map(|one| one.result.company).collect();
            return results(&ruleset, &facts(db, &codes, moment.at)?, moment);
        }
        if self
            .population
            .as_ref()
            .is_none_or(|(known, _)| known != moment)
        {
            let all = results(&ruleset, &everybody(db, moment.at)?, moment)?;
            self.population = Some((moment.clone(), all));
        }
        let all = self.population.iter().flat_map(|(_, all)| all);
        let wanted = |company: &Uscc| stored.iter().any(|one| one.result.company == *company);
        Ok(all
            .filter(|(company, _)| wanted(company))
            .map(|(company, result)| (*company, result.clone()))
            .collect())
    }
}

fn results(
    ruleset: &RuleSet,
    facts: &Facts,
    moment: &Moment,
) -> Result<HashMap<Uscc, NewScore>, Error> {
    let explained = score_dossiers(ruleset, &facts.dossiers, &facts.entries, moment.as_of)?;
    // The cause is no result: it is taken over from what is stored.
    let why = Why::of(crate::store::scores::ScoreCause::Rule);
    explained
        .iter()
        .map(|(company, explanation)| {
            Ok((*company, new_score(ruleset, *company, explanation, why)?))
        })
        .collect()
}

/// What was known of these companies.
pub(super) fn facts(db: &mut Db, codes: &[Uscc], instant: DateTime<Utc>) -> Result<Facts, Error> {
    let known = history::known_at(db, codes, instant)?;
    Ok(Facts {
        dossiers: known.dossiers,
        entries: entries::read_all(&known.entries)?,
    })
}

/// What was known of all companies.
pub(super) fn everybody(db: &mut Db, instant: DateTime<Utc>) -> Result<Facts, Error> {
    let mut all = Facts::default();
    let mut after = None;
    loop {
        // Companies are never deleted: those of now hold those of then.
        let page = companies::page(db, after.as_ref(), PAGE)?;
        let codes: Vec<Uscc> = page.rows.iter().map(|company| company.uscc).collect();
        let mut known = facts(db, &codes, instant)?;
        all.dossiers.append(&mut known.dossiers);
        all.entries.append(&mut known.entries);
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(all),
        }
    }
}

fn text_of(db: &mut Db, id: &str, digest: &str) -> Result<RuleSource, Error> {
    rulesets::find(db, id, digest)?.ok_or_else(|| no_text(id, digest))
}

fn no_text(id: &str, digest: &str) -> Error {
    Error::Missing {
        what: "评分规则的留存文本，规则与摘要",
        id: format!("{id} {digest}"),
    }
}

fn compiled(sources: &[RuleSource]) -> Result<RuleBook, Error> {
    let texts: Vec<(String, String)> = sources
        .iter()
        .map(|one| (format!("{}.toml", one.id), one.source.clone()))
        .collect();
    RuleBook::of_texts(&texts).map_err(|fault| Error::Rules(fault.to_string()))
}
