//! Where the tests stop the publisher, to kill its process there or to let it go on long after.

use std::{
    env, fs,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

/// The first time that the process comes to the point which `WUXIN_STOP_AT` names, it writes the file that
/// `WUXIN_STOP_FILE` names and stands still until the file is gone. A build without debug assertions has nothing of it.
pub(super) fn stop_point(name: &str) {
    static STOPPED: AtomicBool = AtomicBool::new(false);
    if !cfg!(debug_assertions) || env::var_os("WUXIN_STOP_AT").is_none_or(|at| at != name) {
        return;
    }
    let Some(file) = env::var_os("WUXIN_STOP_FILE") else {
        return;
    };
    if STOPPED.swap(true, Ordering::SeqCst) {
        return;
    }
    match fs::write(&file, name) {
        Ok(()) => {
            while Path::new(&file).exists() {
                thread::sleep(Duration::from_millis(2));
            }
        }
        Err(fault) => tracing::error!(%fault, "the publisher cannot say that it stands still"),
    }
}
