//! The memoization of asynchronous functions. Files are read and written on threads of their own; keys
//! and results are encoded where the future is polled.

use std::{future::Future, sync::Arc, time::Instant};

use crate::{
    call::{self, Call, Hit, guarded},
    codec::Codec,
    error::Result,
    flight::{self, Joined, Lead, Outcome},
    function::Function,
    memoize::{Begun, Kept},
    scope,
    shape::Shape,
    store::Store,
};

/// Returns the stored result of a call, or computes and stores it: [`memoize`](crate::memoize::memoize)
/// as a future.
///
/// Whoever waits for another task's computation does so without a thread. If the task that computes is
/// dropped, another one computes.
pub async fn memoize_async<A, S, C, F>(
    function: &'static Function,
    begun: Begun,
    kept: Kept<'_, S, C>,
    store: Option<&'static dyn Store>,
    arguments: A,
    compute: impl FnOnce(A) -> F,
) -> S::Returned
where
    S: Shape,
    C: Codec<S::Stored>,
    F: Future<Output = S::Returned>,
{
    let Begun(Some(begun)) = begun else { return compute(arguments).await };
    let call = kept.call(function, begun);
    let store = store.map_or_else(|| Shared::Scoped(scope::store()), Shared::Own);
    let lead = match search(&call, &store).await {
        Searched::Found(hit) if hit.is_sample => {
            let again = compute(arguments).await;
            call.verified(&hit, &again, store.get());
            return again;
        }
        Searched::Found(hit) => return hit.returned(),
        Searched::Missed(lead) => lead,
    };
    let begun = Instant::now();
    let returned = match &lead {
        Some(lead) => lead.within_task(compute(arguments)).await,
        None => compute(arguments).await,
    };
    let outcome = match call.payload(&returned, begun.elapsed()) {
        Some(payload) => {
            let (name, store) = (call.name.clone(), store.clone());
            let written = off_the_task(move || store.get().write(&name, &payload)).await;
            call.written(written)
        }
        None => Outcome::Unstored,
    };
    if let Some(lead) = lead {
        lead.land(outcome);
    }
    returned
}

/// A store that other threads can use.
#[derive(Clone)]
enum Shared {
    Scoped(Arc<dyn Store>),
    Own(&'static dyn Store),
}

impl Shared {
    fn get(&self) -> &dyn Store {
        match self {
            Self::Scoped(store) => store,
            Self::Own(store) => *store,
        }
    }
}

enum Searched<S: Shape> {
    Found(Hit<S>),
    Missed(Option<Lead>),
}

async fn search<S, C>(call: &Call<'_, S, C>, store: &Shared) -> Searched<S>
where
    S: Shape,
    C: Codec<S::Stored>,
{
    let landings = flight::landings();
    if let Some(hit) = look_up(call, store).await {
        return Searched::Found(hit);
    }
    loop {
        match flight::join(call.flight(store.get()), landings) {
            Joined::First(lead, false) => return Searched::Missed(Some(lead)),
            Joined::First(lead, true) => {
                let Some(hit) = look_up(call, store).await else {
                    return Searched::Missed(Some(lead));
                };
                lead.land(Outcome::Stored);
                return Searched::Found(hit);
            }
            Joined::Later(wait) => match wait.ended().await {
                Outcome::Abandoned => {}
                Outcome::Stored => {
                    let hit = look_up(call, store).await;
                    return hit.map_or(Searched::Missed(None), Searched::Found);
                }
                Outcome::Unstored | Outcome::Overdue => return Searched::Missed(None),
            },
            Joined::Alone => return Searched::Missed(None),
        }
    }
}

async fn look_up<S, C>(call: &Call<'_, S, C>, store: &Shared) -> Option<Hit<S>>
where
    S: Shape,
    C: Codec<S::Stored>,
{
    let (function, mode) = (call.function, call.mode);
    let (name, shared) = (call.name.clone(), store.clone());
    let found = off_the_task(move || call::read(function, &name, mode, shared.get())).await;
    call.open(found, store.get())
}

/// Runs what may wait for a disk on a thread for such work.
async fn off_the_task<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    blocking::unblock(move || guarded(work)).await
}
