//! In which order fields are signed, and what stands between them.

use super::{Made, Reach, Slot, how};
use crate::cause::Cause;
use crate::recipe::{Join, Order};

const ORDERS: [(Cause, &str, Order); 7] = [
    (Cause::NotSorted, "", Order::Document),
    (Cause::SortedCaseInsensitively, "as small letters", Order::Small),
    (Cause::SortedCaseInsensitively, "as capitals", Order::Capitals),
    (Cause::SortedNaturally, "numbers", Order::Natural),
    (Cause::SortedNaturally, "dictionary", Order::Dictionary),
    (Cause::SortedDescending, "", Order::Descending),
    (Cause::SortedByValue, "", Order::Value),
];

const fn join(between: &'static str, equals: &'static str, key: &'static str) -> Join {
    Join { between, equals, key }
}

const JOINS: [(&str, Join); 21] = [
    ("no &", join("", "=", "&key=")),
    ("no &, nor before key", join("", "=", "key=")),
    (",", join(",", "=", "&key=")),
    (", before key too", join(",", "=", ",key=")),
    (", and a blank", join(", ", "=", "&key=")),
    (", and a blank, before key too", join(", ", "=", ", key=")),
    (";", join(";", "=", "&key=")),
    ("; before key too", join(";", "=", ";key=")),
    ("line feed", join("\n", "=", "&key=")),
    ("line feed, before key too", join("\n", "=", "\nkey=")),
    ("|", join("|", "=", "&key=")),
    ("| before key too", join("|", "=", "|key=")),
    (": for =", join("&", ":", "&key=")),
    (": for =, in key too", join("&", ":", "&key:")),
    ("no =", join("&", "", "&key=")),
    ("no & and no =", join("", "", "&key=")),
    ("no & and no =, nor at key", join("", "", "key")),
    ("& before &key", join("&", "=", "&&key=")),
    ("&amp;", join("&amp;", "=", "&amp;key=")),
    ("&amp;, but for key", join("&amp;", "=", "&key=")),
    ("& between blanks", join(" & ", "=", "&key=")),
];

/// Other orders.
pub(super) fn sorts(made: &mut Made<'_>) {
    for (cause, written, order) in ORDERS {
        let params = if written.is_empty() { Vec::new() } else { how(written) };
        let likely = matches!(order, Order::Document | Order::Capitals | Order::Natural);
        made.add(cause, params, Slot::Order, move |recipe| recipe.order = order).reach = reach(likely);
    }
}

/// Other signs between fields.
pub(super) fn joins(made: &mut Made<'_>) {
    for (written, join) in JOINS {
        let likely = matches!(written, "no &" | "line feed" | "& before &key");
        let rare = matches!(written, "&amp;, but for key" | "& between blanks");
        made.add(Cause::SeparatorsWrong, how(written), Slot::Join, move |recipe| recipe.join = join).reach =
            if rare { Reach::Lone } else { reach(likely) };
    }
}

/// The less likely ones are not tried in threes.
const fn reach(likely: bool) -> Reach {
    if likely { Reach::Whole } else { Reach::Part }
}
