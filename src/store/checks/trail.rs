//! What tasks and yearly plans have in common as they are kept: a row that moves only together with an event, and files of
//! which the last one holds.

use chrono::{DateTime, Utc};

/// An event to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    pub kind: String,
    pub actor: String,
    /// JSON.
    pub data: String,
}

/// An event of a task or a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The version that it made: 1, 2, 3 ...
    pub seq: i64,
    pub at: DateTime<Utc>,
    pub event: NewEvent,
}

/// `moves! { Row, "table", table, event_table.owner }`: `find`, `append`, `add_event` and `events`. The module has `COLUMNS`,
/// `Columns` and `read`, which say what a row is.
macro_rules! moves {
    ($row:ty, $what:literal, $table:ident, $event:ident.$owner:ident) => {
        /// The row with this id.
        pub fn find(db: &mut Db, id: &str) -> Result<Option<$row>, StoreError> {
            if id.contains('\0') {
                // No stored id holds one, and PostgreSQL refuses it as a parameter.
                return Ok(None);
            }
            let row: Option<Columns> = $table::table
                .find(id)
                .select(COLUMNS)
                .first(db)
                .optional()?;
            row.map(read).transpose()
        }

        /// Adds an event with the state and data it leads to; `row` is the one that the step was decided upon, its state and
        /// data already those after the step. Gives the new version.
        ///
        /// # Errors
        /// [`StoreError::Conflict`] if the row moved meanwhile, [`StoreError::NotFound`].
        pub fn append(
            db: &mut Db,
            row: &$row,
            event: &NewEvent,
            now: DateTime<Utc>,
        ) -> Result<i64, StoreError> {
            let version = row.version + 1;
            let moved = diesel::update($table::table.find(&row.id))
                .filter($table::version.eq(row.version))
                .set((
                    $table::state.eq(&row.state),
                    $table::data.eq(&row.data),
                    $table::version.eq(version),
                    $table::updated_at.eq(Micros::from(now)),
                ))
                .execute(db)?;
            if moved == 0 {
                let (what, key) = ($what, row.id.clone());
                return Err(match find(db, &row.id)? {
                    Some(found) => StoreError::Conflict {
                        what,
                        key,
                        expected: row.version,
                        found: found.version,
                    },
                    None => StoreError::NotFound { what, key },
                });
            }
            add_event(db, &row.id, version, event, now)?;
            Ok(version)
        }

        fn add_event(
            db: &mut Db,
            id: &str,
            seq: i64,
            event: &NewEvent,
            now: DateTime<Utc>,
        ) -> Result<(), StoreError> {
            each!(db, c => diesel::insert_into($event::table)
                .values((
                    $event::$owner.eq(id),
                    $event::seq.eq(seq),
                    $event::kind.eq(&event.kind),
                    $event::actor.eq(&event.actor),
                    $event::at.eq(Micros::from(now)),
                    $event::data.eq(&event.data),
                ))
                .execute(c))?;
            Ok(())
        }

        /// The events, in their order.
        pub fn events(db: &mut Db, id: &str) -> Result<Vec<Event>, StoreError> {
            type Columns = (i64, Micros, String, String, String);
            let rows: Vec<Columns> = $event::table
                .filter($event::$owner.eq(id))
                .order($event::seq.asc())
                .select(($event::seq, $event::at, $event::kind, $event::actor, $event::data))
                .load(db)?;
            let event = |(seq, at, kind, actor, data): Columns| Event {
                seq,
                at: at.into(),
                event: NewEvent { kind, actor, data },
            };
            Ok(rows.into_iter().map(event).collect())
        }
    };
}
pub(super) use moves;

/// `files! { table.owner, /// Writes. put, /// Reads. last }`: what is put in place of the one before, which stays, and the last.
macro_rules! files {
    ($table:ident.$owner:ident, $(#[$put_doc:meta])* $put:ident, $(#[$last_doc:meta])* $last:ident) => {
        $(#[$put_doc])*
        pub fn $put(
            db: &mut Db,
            id: &str,
            seq: i64,
            data: &str,
            now: DateTime<Utc>,
        ) -> Result<(), StoreError> {
            each!(db, c => diesel::insert_into($table::table)
                .values((
                    $table::$owner.eq(id),
                    $table::seq.eq(seq),
                    $table::at.eq(Micros::from(now)),
                    $table::data.eq(data),
                ))
                .execute(c))?;
            Ok(())
        }

        $(#[$last_doc])*
        pub fn $last(db: &mut Db, id: &str) -> Result<Option<String>, StoreError> {
            if id.contains('\0') {
                return Ok(None);
            }
            Ok($table::table
                .filter($table::$owner.eq(id))
                .order($table::seq.desc())
                .select($table::data)
                .first(db)
                .optional()?)
        }
    };
}
pub(super) use files;
