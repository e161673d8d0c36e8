//! Writes what is generated from the console's views: the window's TypeScript, and the snapshots its tests read.

use crate::step::Steps;
use crate::workspace;

/// What the console's tests look for to write instead of compare.
const WRITE: &str = "PAYDESK_WRITE_CONTRACT";

pub(crate) fn write(steps: &mut Steps) -> bool {
    let mut types = workspace::cargo(&["test", "--package", "paydesk-console", "--lib", "contract"]);
    let mut snapshots = workspace::cargo(&["test", "--package", "paydesk-console", "--tests", "wire"]);
    steps.command("codegen: ui/src/ipc/generated.ts", types.env(WRITE, "1"))
        && steps.command("codegen: tests/fixtures/wire", snapshots.env(WRITE, "1"))
}
