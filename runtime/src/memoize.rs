//! The memoization itself.

use std::{sync::Arc, time::Instant};

use crate::{
    call::{self, Call, Hit, failed, guarded},
    codec::{Codec, Equal},
    distrust,
    error::Result,
    event, file,
    flight::{self, Joined, Lead, Outcome},
    force,
    function::Function,
    key::{CallKey, Key},
    mode::{self, Mode},
    name::EntryName,
    reporter::report,
    rules::Rules,
    scope,
    shape::Shape,
    signature::Signature,
    state::StateBefore,
    stats,
    store::Store,
    witnesses::Witnesses,
};

/// What is known of a call before it runs.
pub struct Begun(pub(crate) Option<Known>);

/// What there is to know, if it has a key.
pub(crate) struct Known {
    key: CallKey,
    /// When the key began to be made.
    begun: Instant,
    mode: Mode,
    witnesses: Witnesses,
}

/// Makes the key of a call. `sign` writes the arguments and what is listed of the environment into it. There is none
/// while memoization is off, for a function that is not deterministic, and where the key can't be
/// made, which is reported.
pub fn begin(function: &'static Function, sign: impl FnOnce(&mut Key) -> Result<()>) -> Begun {
    let is_forced = force::take(function);
    let mode = mode::mode();
    if mode == Mode::Off || scope::is_suspended() {
        return Begun(None);
    }
    let mode = if is_forced { mode.forced() } else { mode };
    let begun = Instant::now();
    let (key, files) = file::witnessed(|| guarded(|| key_of(function, sign)));
    match key {
        Ok((key, _)) if distrust::has(key.code) => {
            stats::UNMEMOIZED.count();
            Begun(None)
        }
        Ok((key, state)) => {
            Begun(Some(Known { key, begun, mode, witnesses: Witnesses { files, state } }))
        }
        Err(error) => {
            stats::UNMEMOIZED.count();
            event::failed(function.name, "cannot memoize a call of", &error);
            report(function.name, "cannot memoize a call of", &error);
            Begun(None)
        }
    }
}

/// How the results of a function are kept.
pub struct Kept<'a, S: Shape, C: ?Sized> {
    /// What of a result is stored.
    pub shape: S,
    /// How two results are compared, where they can be.
    pub equal: Option<Equal<S::Stored>>,
    /// How results become bytes.
    pub codec: &'a C,
    /// Which results are stored, and for how long.
    pub rules: Rules<S::Returned>,
}

impl<S: Shape, C: ?Sized> Kept<'_, S, C> {
    pub(crate) fn call(&self, function: &'static Function, known: Known) -> Call<'_, S, C> {
        let Known { key, begun, mode, witnesses } = known;
        let name = EntryName::of_call(function.code, key.call);
        let Self { shape: _, equal, codec, rules } = self;
        Call { function, key, begun, name, mode, witnesses, equal: *equal, codec: *codec, rules }
    }
}

/// Returns the stored result of a call, or computes and stores it.
///
/// `compute` is the function's body. Nothing that goes wrong with the key, the store or the codec
/// makes the call fail, not even a panic in one of them: it computes, and the failure is reported.
/// While another thread computes the same call, this one waits for it.
pub fn memoize<A, S: Shape, C: Codec<S::Stored> + ?Sized>(
    function: &'static Function,
    begun: Begun,
    kept: &Kept<'_, S, C>,
    store: Option<&dyn Store>,
    arguments: A,
    compute: impl FnOnce(A) -> S::Returned,
) -> S::Returned {
    let Begun(Some(begun)) = begun else { return compute(arguments) };
    let call = kept.call(function, begun);
    let scoped = store.is_none().then(scope::store);
    let store: &dyn Store = match (&scoped, store) {
        (_, Some(store)) => store,
        (Some(store), None) => store,
        (None, None) => return compute(arguments),
    };
    let look_up = || call.open(call::read(function, &call.name, call.mode, store), store);
    let lead = match search(&call, store, &look_up) {
        Searched::Found(hit) if hit.is_sample => {
            let again = compute(arguments);
            call.verified(&hit, &again, store);
            return again;
        }
        Searched::Found(hit) => return hit.returned(),
        Searched::Missed(lead) => lead,
    };
    let begun = Instant::now();
    let returned = match &lead {
        Some(lead) => lead.within(|| compute(arguments)),
        None => compute(arguments),
    };
    let payload = call.payload(&returned, begun.elapsed());
    let outcome = payload.map_or(Outcome::Unstored, |payload| {
        call.written(guarded(|| store.write(&call.name, &payload)))
    });
    if let Some(lead) = lead {
        lead.land(outcome);
    }
    returned
}

enum Searched<S: Shape> {
    Found(Hit<S>),
    /// To be computed, by this caller for all others or by this one for itself.
    Missed(Option<Lead>),
}

/// Looks a call up, and waits for another thread that computes it.
fn search<S: Shape, C: Codec<S::Stored> + ?Sized>(
    call: &Call<'_, S, C>,
    store: &dyn Store,
    look_up: &dyn Fn() -> Option<Hit<S>>,
) -> Searched<S> {
    let landings = flight::landings();
    if let Some(hit) = look_up() {
        return Searched::Found(hit);
    }
    loop {
        match flight::join(call.flight(store), landings) {
            Joined::First(lead, is_late) => {
                let Some(hit) = look_up_again(is_late, look_up) else {
                    return Searched::Missed(Some(lead));
                };
                lead.land(Outcome::Stored);
                return Searched::Found(hit);
            }
            Joined::Later(wait) => match wait.block() {
                Outcome::Abandoned => {}
                outcome => {
                    let hit = look_up_again(outcome == Outcome::Stored, look_up);
                    return hit.map_or(Searched::Missed(None), Searched::Found);
                }
            },
            Joined::Alone => return Searched::Missed(None),
        }
    }
}

fn look_up_again<S: Shape>(
    may_be_there: bool,
    look_up: &dyn Fn() -> Option<Hit<S>>,
) -> Option<Hit<S>> {
    if may_be_there { look_up() } else { None }
}

/// Names the codec of a function's results: the place where a result that has none is an error.
pub fn codec_for<'c, S: Shape, C: Codec<S::Stored> + 'c>(
    _shape: &S,
    codec: &'c C,
) -> &'c dyn Codec<S::Stored> {
    codec
}

/// The same for a task, which is moved between threads.
pub fn codec_for_task<'c, S: Shape, C: Codec<S::Stored>>(_shape: &S, codec: &'c C) -> &'c C {
    codec
}

/// Names a function's store: the place where one that isn't a store is an error.
pub fn store_for<'a, S: Store + ?Sized + 'a>(store: &'a &'a S) -> &'a dyn Store {
    store
}

/// The same for a task, whose store other threads use.
pub fn store_for_tasks<S: Store>(store: &'static S) -> &'static dyn Store {
    store
}

/// Gives the body of an asynchronous function the type of what it returns.
pub fn future_of<R, F: Future<Output = R>>(future: F) -> F {
    future
}

/// Runs the body of a closure, which can use nothing but what it is given.
pub fn apply<C, A, R>(captured: &C, arguments: A, body: fn(&C, A) -> R) -> R {
    body(captured, arguments)
}

/// Keeps what the futures of a closure share.
pub fn shared<C>(captured: C) -> Arc<C> {
    Arc::new(captured)
}

/// Shares it with one more of them.
pub fn share<C>(captured: &Arc<C>) -> Arc<C> {
    Arc::clone(captured)
}

/// Boxes what stands for a function that returns a boxed future.
pub fn boxed<F: Future>(future: F) -> std::pin::Pin<Box<F>> {
    Box::pin(future)
}

/// Returns the call signature of a call with these arguments.
pub fn call_signature<A>(
    function: &Function,
    arguments: &A,
    sign: impl FnOnce(&A, &mut Key) -> Result<()>,
) -> Result<Signature> {
    key_of(function, |key| sign(arguments, key)).map(|(it, _)| it.call)
}

/// Returns the code signature of a function whose analysis was cut.
///
/// Where the running program can't be read, that alone is the signature: it is stable within the
/// process and equal to no other.
pub fn code_signature(function: &Function) -> Signature {
    function.key_code("").unwrap_or_else(|error| {
        failed(function, "cannot sign", &error);
        let now = format!("{:?} {}", std::time::SystemTime::now(), std::process::id());
        function.code.with_executable(Signature::of_bytes(now.as_bytes()), "", "")
    })
}

pub(crate) fn key_of(
    function: &Function,
    sign: impl FnOnce(&mut Key) -> Result<()>,
) -> Result<(CallKey, Option<StateBefore>)> {
    let mut key = Key::default();
    // What the arguments' own code does to the state is no part of it.
    let before = function.state.map(StateBefore::read).transpose()?;
    before.iter().try_for_each(|it| key.state(it))?;
    sign(&mut key)?;
    Ok((key.finish(function)?, before))
}

#[cfg(test)]
mod tests;
