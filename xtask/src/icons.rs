//! The mark as the three systems want it, rendered from its SVG, and the check that what is in the tree is current.

use crate::page;
use crate::step::Steps;
use crate::workspace;
use std::fs;
use std::path::Path;

const FOLDER: &str = "icons";
/// A line for each source and each rendered file: what it was when it was rendered.
const RECORD: &str = "icons/rendered.txt";

/// A drawing, and what becomes of it.
struct Drawing {
    source: &'static str,
    /// Only this size, in pixels; all that a program's icon needs if absent.
    size: Option<&'static str>,
    /// The renderer's name for a file, and ours.
    files: &'static [(&'static str, &'static str)],
}

const DRAWINGS: &[Drawing] = &[
    Drawing {
        source: "paydesk.svg",
        size: None,
        files: &[
            ("32x32.png", "32x32.png"),
            ("128x128.png", "128x128.png"),
            ("128x128@2x.png", "128x128@2x.png"),
            ("icon.png", "icon.png"),
            ("icon.ico", "icon.ico"),
            ("icon.icns", "icon.icns"),
        ],
    },
    Drawing { source: "tray-light.svg", size: Some("32"), files: &[("32x32.png", "tray-light.png")] },
    Drawing { source: "tray-dark.svg", size: Some("32"), files: &[("32x32.png", "tray-dark.png")] },
];

/// Renders every drawing with Tauri's own tool, and writes down of what.
pub(crate) fn render(steps: &mut Steps) -> bool {
    if !page::install(steps) {
        return false;
    }
    for drawing in DRAWINGS {
        let source = format!("{FOLDER}/{}", drawing.source);
        let out = format!("target/icons/{}", drawing.source);
        let mut words = vec!["icon", source.as_str(), "--output", out.as_str()];
        words.extend(drawing.size.into_iter().flat_map(|size| ["--png", size]));
        if !steps.command(&format!("icons: {}", drawing.source), &mut page::tauri(&words)) {
            return false;
        }
        for (theirs, ours) in drawing.files {
            let (from, to) =
                (workspace::root().join(&out).join(theirs), workspace::root().join(FOLDER).join(ours));
            if let Err(error) = fs::copy(&from, &to) {
                return steps.check("icons", || Err(vec![format!("{}: {error}", from.display())]));
            }
        }
    }
    steps.check("icons", || {
        let record = record(&workspace::root())?;
        fs::write(workspace::root().join(RECORD), &record)
            .map_err(|error| vec![format!("{RECORD}: {error}")])?;
        Ok(format!("{} files in {RECORD}", record.lines().count()))
    })
}

/// Whether what is in the tree was rendered from what is in the tree.
pub(crate) fn check() -> Result<String, Vec<String>> {
    let now = record(&workspace::root())?;
    let then = fs::read_to_string(workspace::root().join(RECORD)).unwrap_or_default();
    let found = differences(&then, &now);
    if found.is_empty() { Ok(format!("{} files are current", now.lines().count())) } else { Err(found) }
}

fn differences(then: &str, now: &str) -> Vec<String> {
    let changed = now.lines().filter(|line| !then.lines().any(|known| known == *line));
    let names = changed.map(|line| line.rsplit(' ').next().unwrap_or(line));
    names.map(|name| format!("{FOLDER}/{name} is not what was rendered: run `cargo xtask icons`")).collect()
}

fn record(root: &Path) -> Result<String, Vec<String>> {
    let mut lines = String::new();
    for drawing in DRAWINGS {
        let files = drawing.files.iter().map(|(_, ours)| *ours);
        for name in std::iter::once(drawing.source).chain(files) {
            let bytes = fs::read(root.join(FOLDER).join(name))
                .map_err(|error| vec![format!("{FOLDER}/{name}: {error}")])?;
            lines.push_str(&format!("{:016x} {name}\n", fnv(&bytes)));
        }
    }
    Ok(lines)
}

/// FNV-1a: enough to notice a change, and no library.
fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_changed_by_hand_is_named() {
        let then = "01 a.svg\n02 a.png\n";
        assert!(differences(then, then).is_empty());
        let found = differences(then, "01 a.svg\n03 a.png\n");
        assert_eq!(found, ["icons/a.png is not what was rendered: run `cargo xtask icons`"]);
        assert_eq!(differences("", then).len(), 2);
        // From the published test vectors of FNV-1a.
        assert_eq!(fnv(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv(b"foobar"), 0x8594_4171_f739_67e8);
    }
}
