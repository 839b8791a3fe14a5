//! Reading ahead: batches of rows are judged on the threads of the pool while earlier rows are used, and come back in
//! their order. What is ahead is bounded, so that memory does not grow with the file.

use std::{
    collections::VecDeque,
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        mpsc::{Receiver, sync_channel},
    },
};

use super::{
    plan::{Judged, Plan},
    recognise::{Batch, Source},
    tables::FromRow,
    wrong::Wrong,
};

/// The batches of one file.
#[derive(Debug)]
pub(super) struct Ahead<T> {
    source: Source,
    plan: Arc<Plan>,
    /// What came with the header. It is judged here, so that a small file needs no other thread.
    first: Option<Batch>,
    away: VecDeque<Receiver<Judged<T>>>,
    judge: fn(&Plan, Batch) -> Judged<T>,
    send_away: fn(Arc<Plan>, Batch) -> Receiver<Judged<T>>,
}

impl<T: FromRow> Ahead<T> {
    pub fn new(source: Source, first: Batch, plan: Plan) -> Self {
        Self {
            source,
            plan: Arc::new(plan),
            first: Some(first),
            away: VecDeque::new(),
            judge: Plan::judge::<T>,
            send_away,
        }
    }
}

impl<T> Ahead<T> {
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The rows of the next batch.
    pub fn next(&mut self) -> Option<Judged<T>> {
        while self.away.len() < most_away()
            && let Some(batch) = self.source.batch()
        {
            let away = (self.send_away)(Arc::clone(&self.plan), batch);
            self.away.push_back(away);
        }
        if let Some(batch) = self.first.take() {
            return Some((self.judge)(&self.plan, batch));
        }
        match self.away.pop_front() {
            Some(away) => Some(away.recv().unwrap_or_else(|_| self.stopped())),
            None => {
                let batch = self.source.batch()?;
                Some((self.judge)(&self.plan, batch))
            }
        }
    }

    /// A batch whose judge did not come to an end.
    fn stopped(&self) -> Judged<T> {
        let wrong = Wrong::read(&io::Error::other("a reading thread stopped"));
        Judged {
            faulty: vec![(0, vec![wrong.of_file(&self.plan.file)])],
            last: true,
            ..Judged::with_capacity(0)
        }
    }
}

/// How many batches may be ahead: enough that no thread of the pool waits. None on a thread of the pool itself, which
/// must not wait for others of the pool.
fn most_away() -> usize {
    match rayon::current_num_threads() {
        1 => 0,
        _ if rayon::current_thread_index().is_some() => 0,
        threads => threads + 2,
    }
}

fn send_away<T: FromRow>(plan: Arc<Plan>, batch: Batch) -> Receiver<Judged<T>> {
    let (sender, receiver) = sync_channel(1);
    rayon::spawn(move || {
        // A panic would end the process here; so it ends only the file, as for workbooks.
        let judged = catch_unwind(AssertUnwindSafe(|| plan.judge(batch)));
        if let Ok(judged) = judged {
            // Nobody listens any more if the rest of the file is not wanted.
            let _ = sender.send(judged);
        }
    });
    receiver
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, io::Cursor};

    use crate::intake::{Context, PastGrade, Row, Table};

    fn read(text: &str) -> Vec<Result<Row<PastGrade>, Vec<crate::domain::Fault>>> {
        let context = Context {
            regions: None,
            schema: &BTreeMap::new(),
            titles: &BTreeMap::new(),
        };
        let table = Table::from_reader("等级.csv", Cursor::new(text.to_owned().into_bytes()));
        table.unwrap().history(&context).unwrap().collect()
    }

    #[test]
    fn rows_of_many_batches_come_in_order_on_any_number_of_threads() {
        let mut text = "subject,period_end,grade\n".to_owned();
        for row in 2..40_000 {
            text.push_str(&match row {
                // As row 2, many batches later.
                30_000 => "XM2,2025-12-31,A\n".to_owned(),
                _ if row % 1_000 == 0 => format!("XM{row},2025-02-30,A\n"),
                _ if row % 1_500 == 0 => format!("XM{row},\"2025-12-31,A\n"),
                _ if row % 700 == 0 => "\n".to_owned(),
                _ => format!("XM{row},2025-12-31,A\n"),
            });
        }
        let alone = rayon::ThreadPoolBuilder::new()
            .num_threads(1)
            .build()
            .unwrap();
        let rows = alone.install(|| read(&text));
        assert_eq!(read(&text), rows);
        let within = rayon::ThreadPoolBuilder::new()
            .num_threads(3)
            .build()
            .unwrap();
        assert_eq!(within.install(|| read(&text)), rows);
        let number = |row: &Result<Row<PastGrade>, Vec<crate::domain::Fault>>| match row {
            Ok(row) => row.number,
            Err(faults) => faults[0].row.unwrap(),
        };
        let numbers: Vec<u64> = rows.iter().map(number).collect();
        let expected: Vec<u64> = (2..40_000)
            .filter(|row| row % 700 != 0 || row % 1_000 == 0 || row % 1_500 == 0)
            .collect();
        assert_eq!(numbers, expected);
        let faulty: Vec<_> = rows.iter().filter_map(|row| row.as_ref().err()).collect();
        let of = |code: &str| {
            faulty
                .iter()
                .filter(|faults| faults[0].code == code)
                .count()
        };
        assert_eq!((of("I034"), of("I022"), of("I050")), (38, 13, 1));
        let duplicate = faulty.iter().find(|faults| faults[0].code == "I050");
        insta::assert_snapshot!(duplicate.unwrap()[0], @"等级.csv，第30000行，subject列，值「XM2 2025-12-31」：[I050] 同一对象同一期的等级与第2行重复。请只保留其中一行");
    }
}
