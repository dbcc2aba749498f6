//! Functions that verification found to compute different results from one key: this process
//! memoizes them no more.

use std::{
    collections::BTreeSet,
    sync::{
        PoisonError, RwLock,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
};

use crate::signature::Signature;

static CODES: RwLock<BTreeSet<Signature>> = RwLock::new(BTreeSet::new());
/// Spares calls the lock for as long as there is none.
static IS_ANY: AtomicBool = AtomicBool::new(false);

pub(crate) fn add(code: Signature) {
    CODES.write().unwrap_or_else(PoisonError::into_inner).insert(code);
    IS_ANY.store(true, Relaxed);
}

pub(crate) fn has(code: Signature) -> bool {
    IS_ANY.load(Relaxed) && CODES.read().unwrap_or_else(PoisonError::into_inner).contains(&code)
}
