//! WebKitGTK's DMABUF renderer wants a graphics card. Where there is none it falls to software OpenGL, which costs
//! time at the start and memory after it; there it is switched off. The person's own setting is left alone.

/// WebKitGTK's own switch.
#[cfg(target_os = "linux")]
const SWITCH: &str = "WEBKIT_DISABLE_DMABUF_RENDERER";

/// Starts this program anew with the renderer off, if there is no graphics card. WebKitGTK reads the variable from
/// the environment alone, and only before it starts: setting it in a running program is unsafe by Rust's rules, and
/// putting this process in its own place keeps its number, which a WebDriver watches.
#[cfg(target_os = "linux")]
pub(crate) fn choose() {
    use std::os::unix::process::CommandExt as _;
    if std::env::var_os(SWITCH).is_some() || has_graphics_card(std::path::Path::new("/dev/dri")) {
        return;
    }
    let Ok(program) = std::env::current_exe() else { return };
    let mut again = std::process::Command::new(program);
    again.args(std::env::args_os().skip(1)).env(SWITCH, "1");
    // It only comes back if it could not be started; then it is slow, and works.
    let _ = again.exec();
}

/// Other systems have webviews of their own.
#[cfg(not(target_os = "linux"))]
pub(crate) const fn choose() {}

#[cfg(target_os = "linux")]
fn has_graphics_card(devices: &std::path::Path) -> bool {
    let entries = std::fs::read_dir(devices).into_iter().flatten().flatten();
    entries.into_iter().any(|entry| entry.file_name().to_string_lossy().starts_with("renderD"))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn only_a_render_node_is_a_graphics_card() {
        let folder = std::env::temp_dir().join(format!("paydesk-dri-{}", std::process::id()));
        assert!(!has_graphics_card(&folder), "no folder");
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join("card0"), "").unwrap();
        assert!(!has_graphics_card(&folder), "a screen without a renderer");
        std::fs::write(folder.join("renderD128"), "").unwrap();
        assert!(has_graphics_card(&folder));
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
