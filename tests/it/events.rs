//! Events of `tracing`: what happens to each call.

use std::{
    fmt::Debug,
    sync::{Arc, Mutex},
};

use perennial::{MemoryStore, memo, memo_key};
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};

/// Keeps events as texts.
#[derive(Clone, Default)]
struct Events(Arc<Mutex<Vec<String>>>);

struct Fields(Vec<String>);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        // Times are different each time.
        if !matches!(field.name(), "loading" | "computed") {
            self.0.push(format!("{}={value:?}", field.name()));
        }
    }
}

impl Subscriber for Events {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "perennial"
    }

    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields(Vec::new());
        event.record(&mut fields);
        self.0.lock().unwrap().push(fields.0.join(" "));
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

#[memo]
fn half(x: u8) -> u8 {
    x / 2
}

#[test]
fn each_call_tells_what_became_of_it() {
    let _here = perennial::storing_to(MemoryStore::new());
    let events = Events::default();
    tracing::subscriber::with_default(events.clone(), || {
        (0..2).for_each(|_| assert_eq!(half(8), 4));
    });
    let (call, code) = (memo_key!(half(8)), memo_key!(half));
    let of = |message: &str, rest: &str| {
        format!("message={message} function=\"it::events::half\" call={call}{rest}")
    };
    let expected = [of("miss", &format!(" code={code}")), of("stored", ""), of("hit", "")];
    assert_eq!(*events.0.lock().unwrap(), expected);
}
