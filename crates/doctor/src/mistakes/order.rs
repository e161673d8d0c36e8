//! In which order fields are signed, and what stands between them.

use super::{Made, Slot};
use crate::cause::Cause;
use crate::recipe::{Join, Order};

const ORDERS: [(Cause, Order); 5] = [
    (Cause::NotSorted, Order::Document),
    (Cause::SortedCaseInsensitively, Order::CaseInsensitive),
    (Cause::SortedNaturally, Order::Natural),
    (Cause::SortedDescending, Order::Descending),
    (Cause::SortedByValue, Order::Value),
];

const JOINS: [(&str, Join); 10] = [
    ("no &", Join { between: "", equals: "=", trailing: "" }),
    (",", Join { between: ",", equals: "=", trailing: "" }),
    (", ", Join { between: ", ", equals: "=", trailing: "" }),
    (";", Join { between: ";", equals: "=", trailing: "" }),
    ("line feed", Join { between: "\n", equals: "=", trailing: "" }),
    ("|", Join { between: "|", equals: "=", trailing: "" }),
    (": for =", Join { between: "&", equals: ":", trailing: "" }),
    ("no =", Join { between: "&", equals: "", trailing: "" }),
    ("no & and no =", Join { between: "", equals: "", trailing: "" }),
    ("& before &key", Join { between: "&", equals: "=", trailing: "&" }),
];

pub(super) fn add(made: &mut Made<'_>) {
    for (cause, order) in ORDERS {
        made.add(cause, Vec::new(), Slot::Order, move |recipe| recipe.order = order);
    }
    for (written, join) in JOINS {
        made.add(Cause::SeparatorsWrong, vec![("written", written.to_owned())], Slot::Join, move |recipe| {
            recipe.join = join;
        });
    }
}
