use std::{
    sync::{Barrier, atomic::AtomicUsize},
    thread,
};

use super::*;

fn name(text: &str) -> Name {
    (0, Signature::of_bytes(text.as_bytes()))
}

#[track_caller]
fn first(name: Name) -> Lead {
    match join(name, landings()) {
        Joined::First(lead, _) => lead,
        Joined::Later(_) => panic!("somebody computes it"),
        Joined::Alone => panic!("it waits for this caller"),
    }
}

#[track_caller]
fn later(name: Name) -> Wait {
    match join(name, landings()) {
        Joined::Later(wait) => wait,
        _ => panic!("nobody computes it"),
    }
}

#[test]
fn whoever_comes_second_waits_for_the_outcome() {
    for outcome in [Outcome::Stored, Outcome::Unstored] {
        let name = name("second");
        let lead = first(name);
        let waits: Vec<_> = (0..4).map(|_| later(name)).collect();
        let waiting: Vec<_> = waits.into_iter().map(|it| thread::spawn(|| it.block())).collect();
        lead.land(outcome);
        for it in waiting {
            assert_eq!(it.join().unwrap(), outcome);
        }
        // The next begins anew.
        drop(first(name));
    }
}

#[test]
fn a_panic_frees_those_who_wait_and_a_dropped_future_leaves_the_work_to_one_of_them() {
    let name = name("panic");
    let lead = first(name);
    let wait = later(name);
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let lead = lead;
        lead.within(|| std::panic::resume_unwind(Box::new(())));
    }));
    assert!(caught.is_err());
    assert_eq!(wait.block(), Outcome::Unstored);
    assert!(current().is_none());
    let lead = first(name);
    let wait = later(name);
    drop(lead);
    assert_eq!(wait.block(), Outcome::Abandoned);
}

#[test]
fn a_result_that_was_stored_since_the_look_up_is_looked_for() {
    let seen = landings();
    first(name("since")).land(Outcome::Stored);
    assert!(matches!(join(name("since"), seen), Joined::First(_, true)));
}

#[test]
fn a_call_that_comes_back_to_itself_computes() {
    let (outer, inner) = (name("outer"), name("inner"));
    let lead = first(outer);
    lead.within(|| {
        assert!(matches!(join(outer, 0), Joined::Alone));
        let lead = first(inner);
        lead.within(|| {
            assert!(matches!(join(outer, 0), Joined::Alone));
            assert!(matches!(join(inner, 0), Joined::Alone));
        });
    });
}

#[test]
fn of_a_ring_of_threads_one_computes() {
    const THREADS: usize = 5;
    let names: Vec<_> = (0..THREADS).map(|it| name(&format!("ring {it}"))).collect();
    let (all_began, alone) = (Barrier::new(THREADS), AtomicUsize::new(0));
    thread::scope(|scope| {
        for place in 0..THREADS {
            let (names, all_began, alone) = (&names, &all_began, &alone);
            scope.spawn(move || {
                let lead = first(names[place]);
                all_began.wait();
                lead.within(|| match join(names[(place + 1) % THREADS], 0) {
                    Joined::Later(wait) => assert_eq!(wait.block(), Outcome::Stored),
                    Joined::Alone => drop(alone.fetch_add(1, Relaxed)),
                    // The next has landed already.
                    Joined::First(..) => {}
                });
                lead.land(Outcome::Stored);
            });
        }
    });
    assert_eq!(alone.load(Relaxed), 1);
    assert!(lock(&TABLE).waits.iter().all(|(_, target)| !names.contains(&target.name)));
}

#[test]
fn patience_ends() {
    let name = name("patience");
    let _lead = first(name);
    let flight = Arc::clone(&lock(&TABLE).flights[&name]);
    let wait = Wait {
        flight,
        within: None,
        deadline: Instant::now().checked_add(Duration::from_millis(20)),
    };
    assert_eq!(wait.block(), Outcome::Overdue);
}
