//! Matches input against a pattern, as the compiler does: all possibilities advance together, one
//! token at a time; a variable takes its fragment only where it is the only possibility, and for
//! good. What the compiler rejects as ambiguous, and what is not certain, is unsupported.

use std::{collections::BTreeMap, rc::Rc};

use syn::parse::{ParseStream, Parser};

use super::{
    begins::Begins,
    fragment::{Fragment, Kind, Next},
    level::Level,
    pattern::{Pattern, Place, Repeat},
    tree::Tree,
};

/// More steps than any macro takes that compiles in a reasonable time.
const STEP_LIMIT: usize = 2_000_000;

#[derive(Debug)]
pub(super) enum Outcome {
    Match(Bindings),
    NoMatch,
    Unsupported,
}

/// What the variables of a matcher are bound to.
pub(super) type Bindings = BTreeMap<String, Binding>;

#[derive(Debug)]
pub(super) enum Binding {
    One(Rc<Fragment>),
    Many(Vec<Binding>),
}

/// Matches all of `input` against a pattern.
pub(super) fn run(pattern: &Pattern, input: &[Tree], edition: Option<u16>) -> Outcome {
    let mut run = Run {
        places: &pattern.places,
        edition,
        threads: vec![Thread { place: 0, trail: None }],
        trail: Vec::new(),
        steps: 0,
    };
    match run.level(&mut Level::new(input), None, Next::End) {
        Ok(()) => run.bindings().map_or(Outcome::Unsupported, Outcome::Match),
        Err(Stop::NoMatch) => Outcome::NoMatch,
        Err(Stop::Unsupported) => Outcome::Unsupported,
    }
}

pub(super) enum Stop {
    NoMatch,
    Unsupported,
}

/// A possibility: the place in the pattern, and the last step of how it came there.
#[derive(Clone, Copy)]
struct Thread {
    place: usize,
    trail: Option<usize>,
}

/// A step of a thread, linked to the one before; threads share their beginnings.
struct Link {
    step: Step,
    before: Option<usize>,
}

enum Step {
    /// A repetition begins, at the place.
    Begin(usize),
    /// One turn of the innermost repetition begins.
    Turn,
    /// The turn is over.
    Done,
    /// The variable at the place takes a fragment.
    Take(usize, Rc<Fragment>),
}

struct Run<'a> {
    places: &'a [Place],
    edition: Option<u16>,
    threads: Vec<Thread>,
    trail: Vec<Link>,
    steps: usize,
}

/// The possibilities at one position of the input.
#[derive(Default)]
struct Settled {
    advancing: Vec<Thread>,
    variables: Vec<Thread>,
    ended: Vec<Thread>,
}

impl Run<'_> {
    /// Matches the input of a level until `end`, which the threads are then past. It is written out for a
    /// parser once there is something to parse.
    fn level(
        &mut self,
        level: &mut Level,
        input: Option<ParseStream>,
        end: Next,
    ) -> Result<(), Stop> {
        loop {
            let tree = level.trees.get(level.index);
            let next = tree.map_or(end, |tree| match tree {
                Tree::Atom(it) => Next::Atom(it),
                Tree::Group(it) => Next::Open(it.delimiter),
                Tree::Sealed(it) => Next::Sealed(it),
            });
            let settled = self.settle(next)?;
            if let Next::End = next {
                return match settled.ended[..] {
                    [] => Err(Stop::NoMatch),
                    [it] => {
                        self.threads = vec![it];
                        Ok(())
                    }
                    _ => Err(Stop::Unsupported),
                };
            }
            match (&settled.advancing[..], &settled.variables[..]) {
                ([], []) => return Err(Stop::NoMatch),
                (_, []) => {
                    self.threads = settled.advancing;
                    let Some(tree) = tree else { return Ok(()) };
                    if let Tree::Group(group) = tree {
                        let mut content = Level::new(&group.trees);
                        self.level(&mut content, None, Next::Close(group.delimiter))?;
                    }
                    level.pass(1, input)?;
                }
                ([], &[thread]) => {
                    let Place::Variable { kind, .. } = self.places[thread.place] else {
                        return Err(Stop::Unsupported);
                    };
                    if input.is_none() && level.whole(kind).is_none() {
                        let mut result = Err(Stop::Unsupported);
                        let tokens = level.written();
                        let parser = |input: ParseStream| {
                            let taken = self.take(thread, kind, level, Some(input));
                            result = taken.and_then(|()| self.level(level, Some(input), end));
                            Ok(())
                        };
                        // The parser fails where tokens are left; the result tells more.
                        let _ = parser.parse2(tokens);
                        return result;
                    }
                    self.take(thread, kind, level, input)?;
                }
                _ => return Err(Stop::Unsupported),
            }
        }
    }

    /// Lets the variable of a thread, the only one that is left, take a fragment.
    fn take(
        &mut self,
        thread: Thread,
        kind: Kind,
        level: &mut Level,
        input: Option<ParseStream>,
    ) -> Result<(), Stop> {
        let step = Step::Take(thread.place, level.take(kind, input, self.edition)?);
        self.threads = vec![self.step(thread, step, thread.place + 1)];
        Ok(())
    }

    /// Follows all threads to where they need the next token.
    fn settle(&mut self, next: Next) -> Result<Settled, Stop> {
        let mut settled = Settled::default();
        let mut waiting = std::mem::take(&mut self.threads);
        while let Some(thread) = waiting.pop() {
            self.steps += 1;
            if self.steps > STEP_LIMIT {
                return Err(Stop::Unsupported);
            }
            let advanced = Thread { place: thread.place + 1, ..thread };
            let places = self.places;
            match &places[thread.place] {
                Place::Nothing => {}
                Place::Token(it) => {
                    if matches!(next, Next::Atom(token) if token.is_same(it)) {
                        settled.advancing.push(advanced);
                    }
                }
                Place::Open(it) => {
                    if matches!(next, Next::Open(delimiter) if delimiter == *it) {
                        settled.advancing.push(advanced);
                    }
                }
                Place::Close(it) => {
                    if matches!(next, Next::Close(delimiter) if delimiter == *it) {
                        settled.advancing.push(advanced);
                    }
                }
                Place::Variable { kind, .. } => match Begins::of(*kind, next, self.edition) {
                    Begins::Yes => settled.variables.push(thread),
                    Begins::No => {}
                    Begins::Unsure => return Err(Stop::Unsupported),
                },
                Place::Repeat { how, after, .. } => {
                    let begun = self.step(thread, Step::Begin(thread.place), *after);
                    if *how != Repeat::AtLeastOnce {
                        waiting.push(begun);
                    }
                    waiting.push(self.step(begun, Step::Turn, thread.place + 1));
                }
                Place::Again { how, first } => {
                    let done = self.step(thread, Step::Done, thread.place + 1);
                    waiting.push(done);
                    if *how != Repeat::AtMostOnce {
                        waiting.push(self.step(done, Step::Turn, *first));
                    }
                }
                Place::Separator(it) => {
                    // Past the separator and the place behind it.
                    let done = self.step(thread, Step::Done, thread.place + 2);
                    waiting.push(done);
                    if matches!(next, Next::Atom(token) if token.is_same(it)) {
                        settled.advancing.push(Thread { place: thread.place + 1, ..done });
                    }
                }
                Place::AfterSeparator { first } => {
                    waiting.push(self.step(thread, Step::Turn, *first));
                }
                Place::End => settled.ended.push(thread),
            }
        }
        Ok(settled)
    }

    fn step(&mut self, thread: Thread, step: Step, place: usize) -> Thread {
        self.trail.push(Link { step, before: thread.trail });
        Thread { place, trail: Some(self.trail.len() - 1) }
    }

    /// Follows the steps of the thread that reached the end.
    fn bindings(&self) -> Option<Bindings> {
        let mut steps = Vec::new();
        let mut at = self.threads.first()?.trail;
        while let Some(link) = at.and_then(|it| self.trail.get(it)) {
            steps.push(&link.step);
            at = link.before;
        }
        let mut scopes = vec![Bindings::new()];
        for step in steps.into_iter().rev() {
            let scope = scopes.last_mut()?;
            match step {
                Step::Begin(place) => {
                    if let Place::Repeat { names, .. } = &self.places[*place] {
                        let none = names.iter().map(|it| (it.clone(), Binding::Many(Vec::new())));
                        scope.extend(none);
                    }
                }
                Step::Turn => scopes.push(Bindings::new()),
                Step::Done => {
                    let turn = scopes.pop()?;
                    let scope = scopes.last_mut()?;
                    for (name, binding) in turn {
                        match scope.get_mut(&name)? {
                            Binding::Many(it) => it.push(binding),
                            Binding::One(_) => return None,
                        }
                    }
                }
                Step::Take(place, fragment) => {
                    if let Place::Variable { name, .. } = &self.places[*place] {
                        scope.insert(name.clone(), Binding::One(Rc::clone(fragment)));
                    }
                }
            }
        }
        scopes.pop().filter(|_| scopes.is_empty())
    }
}
