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
    cells::Lost,
    plan::{Judged, Plan, fault_of},
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
    away: VecDeque<Receiver<Vec<Judged<T>>>>,
    judge: fn(&Plan, Batch) -> Vec<Judged<T>>,
    send_away: fn(Arc<Plan>, Batch) -> Receiver<Vec<Judged<T>>>,
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
    pub fn next(&mut self) -> Option<Vec<Judged<T>>> {
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
            Some(away) => Some(away.recv().unwrap_or_else(|_| vec![self.stopped()])),
            None => {
                let batch = self.source.batch()?;
                Some((self.judge)(&self.plan, batch))
            }
        }
    }

    /// A batch whose judge did not come to an end.
    fn stopped(&self) -> Judged<T> {
        let wrong = Wrong::read(&io::Error::other("a reading thread stopped"));
        Judged::Lost {
            fault: fault_of(Lost::last(None, wrong), &self.plan.file, None),
            last: true,
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

fn send_away<T: FromRow>(plan: Arc<Plan>, batch: Batch) -> Receiver<Vec<Judged<T>>> {
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
