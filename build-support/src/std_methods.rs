//! What methods of std types return, and what they hand to closures: for types that are known, and
//! only where the answer does not depend on inference. Everything else is unknown.

use crate::ty::Ty;

/// Methods whose result is of a type that the context chooses, whatever they are called on.
const CHOSEN_BY_CONTEXT: &[&str] = &[
    "align_to",
    "as_mut",
    "as_ref",
    "borrow",
    "borrow_mut",
    "cast",
    "cast_const",
    "cast_mut",
    "collect",
    "collect_into",
    "default",
    "downcast",
    "downcast_mut",
    "downcast_ref",
    "from_iter",
    "from_str",
    "into",
    "parse",
    "partition",
    "product",
    "sum",
    "transmute",
    "try_collect",
    "try_from",
    "try_into",
    "unzip",
    "with",
];

/// Tells whether a method's result is of a type that the context chooses.
pub(crate) fn is_chosen_by_context(name: &str) -> bool {
    CHOSEN_BY_CONTEXT.contains(&name)
}

/// Returns the type of the elements that iterating over a value gives.
pub(crate) fn element(ty: &Ty) -> Ty {
    match ty {
        Ty::Std(name, arguments) => match &**name {
            "[]" | "Vec" | "VecDeque" | "HashSet" | "BTreeSet" | "Option" | "Iterator"
            | "BinaryHeap" | "LinkedList" | "Range" => ty.argument(0),
            "HashMap" | "BTreeMap" => Ty::Tuple(vec![ty.argument(0), ty.argument(1)]),
            "Box" | "Rc" | "Arc" => element(&ty.argument(0)),
            _ if arguments.iter().all(Ty::is_closed) => Ty::closed(),
            _ => Ty::Unknown,
        },
        _ => Ty::Unknown,
    }
}

fn option(ty: Ty) -> Ty {
    Ty::std("Option", vec![ty])
}

fn iterator(ty: Ty) -> Ty {
    Ty::std("Iterator", vec![ty])
}

/// Returns what a method of a std type returns. `arguments` are the types of the arguments, and of
/// a closure among them the type of its body.
pub(crate) fn returned(receiver: &Ty, name: &str, arguments: &[Ty]) -> Ty {
    let Ty::Std(head, _) = receiver else { return Ty::Unknown };
    let first = arguments.first().cloned().unwrap_or(Ty::Unknown);
    let known = match &**head {
        "Iterator" => of_iterator(receiver, name, &first, arguments),
        "Option" => of_option(receiver, name, &first),
        "Result" => of_result(receiver, name, &first),
        "Vec" | "[]" | "VecDeque" => of_sequence(receiver, name, &first),
        "HashMap" | "BTreeMap" => of_map(receiver, name),
        "HashSet" | "BTreeSet" | "Range" => match name {
            "iter" | "into_iter" | "drain" => Some(iterator(element(receiver))),
            _ if head == "Range" => {
                of_iterator(&iterator(element(receiver)), name, &first, arguments)
            }
            _ => None,
        },
        "RefCell" => match name {
            "borrow" => Some(Ty::std("Ref", vec![receiver.argument(0)])),
            "borrow_mut" => Some(Ty::std("RefMut", vec![receiver.argument(0)])),
            _ => None,
        },
        "Mutex" if name == "lock" => {
            let guard = Ty::std("MutexGuard", vec![receiver.argument(0)]);
            Some(Ty::std("Result", vec![guard, Ty::Unknown]))
        }
        "Cell" if matches!(name, "get" | "take" | "replace") => Some(receiver.argument(0)),
        _ => None,
    };
    if let Some(known) = known {
        return known;
    }
    match name {
        "clone" | "to_owned" if !Ty::is_pointer(head) => return receiver.clone(),
        "len" | "is_empty" | "capacity" | "contains" | "contains_key" | "to_string" => {
            return Ty::closed();
        }
        _ => {}
    }
    // Nothing of the program goes in, so that nothing of it comes out.
    let is_closed =
        receiver.is_closed() && arguments.iter().all(Ty::is_closed) && !is_chosen_by_context(name);
    if is_closed { Ty::closed() } else { Ty::Unknown }
}

fn of_iterator(receiver: &Ty, name: &str, first: &Ty, arguments: &[Ty]) -> Option<Ty> {
    let item = element(receiver);
    Some(match name {
        "iter" | "into_iter" | "by_ref" | "filter" | "rev" | "skip" | "take" | "step_by"
        | "inspect" | "peekable" | "cloned" | "copied" | "fuse" | "skip_while" | "take_while"
        | "cycle" | "chain" => iterator(item),
        "enumerate" => iterator(Ty::Tuple(vec![Ty::std("usize", Vec::new()), item])),
        "zip" => iterator(Ty::Tuple(vec![item, element(first)])),
        "map" => iterator(first.clone()),
        "filter_map" | "flat_map" | "map_while" => iterator(element(first)),
        "flatten" => iterator(element(&item)),
        "next" | "next_back" | "last" | "nth" | "peek" | "min" | "max" | "min_by" | "max_by"
        | "min_by_key" | "max_by_key" | "find" | "reduce" => option(item),
        "find_map" => first.clone(),
        "count" | "all" | "any" | "position" | "rposition" | "for_each" | "eq" | "size_hint" => {
            Ty::closed()
        }
        "fold" if arguments.len() == 2 => first.clone().join(arguments[1].clone()),
        _ => return None,
    })
}

fn of_option(receiver: &Ty, name: &str, first: &Ty) -> Option<Ty> {
    let inner = receiver.argument(0);
    Some(match name {
        "unwrap" | "expect" | "unwrap_or" | "unwrap_or_else" | "unwrap_or_default"
        | "get_or_insert" | "get_or_insert_with" | "insert" => inner,
        "as_ref" | "as_mut" | "take" | "replace" | "cloned" | "copied" | "filter" | "or"
        | "or_else" | "xor" => option(inner),
        "as_deref" | "as_deref_mut" => match inner {
            Ty::Std(head, _) if Ty::is_pointer(&head) => option(receiver.argument(0).argument(0)),
            _ => return None,
        },
        "map" => option(first.clone()),
        "and_then" | "and" => first.clone(),
        "ok_or" | "ok_or_else" => Ty::std("Result", vec![inner, first.clone()]),
        "iter" | "iter_mut" | "into_iter" => iterator(inner),
        "is_some" | "is_none" | "is_some_and" | "is_none_or" => Ty::closed(),
        _ => return None,
    })
}

fn of_result(receiver: &Ty, name: &str, first: &Ty) -> Option<Ty> {
    let (ok, error) = (receiver.argument(0), receiver.argument(1));
    Some(match name {
        "unwrap" | "expect" | "unwrap_or" | "unwrap_or_else" | "unwrap_or_default" => ok,
        "unwrap_err" | "expect_err" => error,
        "ok" => option(ok),
        "err" => option(error),
        "as_ref" | "as_mut" | "cloned" | "copied" => Ty::std("Result", vec![ok, error]),
        "map" => Ty::std("Result", vec![first.clone(), error]),
        "map_err" => Ty::std("Result", vec![ok, first.clone()]),
        "and_then" => first.clone(),
        "is_ok" | "is_err" | "is_ok_and" | "is_err_and" => Ty::closed(),
        _ => return None,
    })
}

fn of_sequence(receiver: &Ty, name: &str, first: &Ty) -> Option<Ty> {
    let item = element(receiver);
    Some(match name {
        "iter" | "iter_mut" | "into_iter" | "drain" => iterator(item),
        "first" | "last" | "first_mut" | "last_mut" | "pop" | "front" | "back" | "pop_front"
        | "pop_back" => option(item),
        "get" | "get_mut" if is_integer(first) => option(item),
        "remove" | "swap_remove" if matches!(receiver, Ty::Std(head, _) if head == "Vec") => item,
        "to_vec" | "into_vec" => Ty::std("Vec", vec![item]),
        "as_slice" | "as_mut_slice" => Ty::std("[]", vec![item]),
        "windows" | "chunks" | "chunks_exact" => iterator(Ty::std("[]", vec![item])),
        "push" | "clear" | "truncate" | "sort" | "sort_by" | "sort_by_key" | "reverse" | "swap"
        | "extend" | "extend_from_slice" | "retain" | "dedup" | "insert" | "push_back"
        | "push_front" => Ty::closed(),
        _ => return None,
    })
}

fn of_map(receiver: &Ty, name: &str) -> Option<Ty> {
    let (key, value) = (receiver.argument(0), receiver.argument(1));
    Some(match name {
        "get" | "get_mut" | "insert" | "remove" => option(value),
        "iter" | "iter_mut" | "into_iter" | "drain" => iterator(Ty::Tuple(vec![key, value])),
        "keys" | "into_keys" => iterator(key),
        "values" | "values_mut" | "into_values" => iterator(value),
        _ => return None,
    })
}

/// An index is certainly a number and no range.
pub(crate) fn is_integer(ty: &Ty) -> bool {
    matches!(ty, Ty::Std(name, _) if matches!(&**name, "int" | "usize"))
}

/// Returns the types of the parameters that a method gives to a closure.
pub(crate) fn closure_parameters(receiver: &Ty, name: &str, arguments: &[Ty]) -> Vec<Ty> {
    let Ty::Std(head, _) = receiver else { return Vec::new() };
    let item = || element(receiver);
    match (&**head, name) {
        (
            "Iterator" | "Range",
            "map" | "for_each" | "filter" | "any" | "all" | "find" | "position" | "take_while"
            | "skip_while" | "flat_map" | "filter_map" | "inspect" | "partition" | "max_by_key"
            | "min_by_key" | "find_map" | "map_while" | "rposition",
        )
        | (
            "Vec" | "[]" | "VecDeque",
            "retain"
            | "sort_by_key"
            | "sort_unstable_by_key"
            | "binary_search_by"
            | "binary_search_by_key"
            | "partition_point"
            | "dedup_by_key",
        )
        | ("HashSet" | "BTreeSet", "retain") => vec![item()],
        ("Iterator" | "Range", "fold") => {
            vec![arguments.first().cloned().unwrap_or(Ty::Unknown), item()]
        }
        ("Iterator", "max_by" | "min_by" | "reduce")
        | ("Vec" | "[]", "sort_by" | "sort_unstable_by") => vec![item(), item()],
        (
            "Option",
            "map" | "and_then" | "is_some_and" | "is_none_or" | "filter" | "map_or" | "inspect",
        )
        | ("Result", "map" | "and_then" | "is_ok_and" | "inspect") => vec![receiver.argument(0)],
        ("Result", "map_err" | "or_else" | "unwrap_or_else" | "is_err_and") => {
            vec![receiver.argument(1)]
        }
        _ => Vec::new(),
    }
}
