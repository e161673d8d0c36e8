//! Finds out what this machine lacks, and installs it with the system's own package manager.

use crate::step::Steps;
use crate::workspace;
use std::path::Path;
use std::process::{Command, Stdio};

/// What the machine is to be made ready for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd)]
pub(crate) enum Purpose {
    /// To build and run Paydesk's command line.
    Terminal,
    /// To build and run the window too.
    Run,
    /// To run everything that continuous integration runs.
    Test,
}

/// One thing that may be missing.
struct Need {
    name: &'static str,
    /// Its packages on Debian and Ubuntu.
    packages: &'static [&'static str],
    /// What it is for, as a clause after the name.
    because: &'static str,
    /// The least that needs it.
    from: Purpose,
    present: fn() -> bool,
}

const NEEDS: &[Need] = &[
    Need {
        name: "a C compiler",
        packages: &["build-essential"],
        because: "SQLite and ring are built from source, so that their versions are known",
        from: Purpose::Terminal,
        present: || workspace::on_path("cc"),
    },
    Need {
        name: "WebKitGTK",
        packages: &["libwebkit2gtk-4.1-dev", "pkg-config"],
        because: "the window is drawn by the system's own webview",
        from: Purpose::Run,
        // macOS and Windows have theirs.
        present: || {
            !cfg!(target_os = "linux") || succeeds("pkg-config", &["--exists", "webkit2gtk-4.1 >= 2.40"])
        },
    },
    Need {
        name: "node 20.19 or newer, and npm",
        packages: &["nodejs", "npm"],
        because: "the window's page is built with them",
        from: Purpose::Run,
        present: || succeeds("node", &["-e", NEW_ENOUGH]) && workspace::on_path("npm"),
    },
    Need {
        name: "WebKitWebDriver",
        packages: &["webkit2gtk-driver"],
        because: "the window's tests drive the real window with it",
        from: Purpose::Test,
        present: || workspace::on_path("WebKitWebDriver"),
    },
    Need {
        name: "a Chinese font",
        packages: &["fonts-noto-cjk"],
        because: "the window's tests look at Chinese text",
        from: Purpose::Test,
        present: || {
            !cfg!(target_os = "linux")
                || Path::new("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc").exists()
        },
    },
    Need {
        name: "ImageMagick",
        packages: &["imagemagick"],
        because: "the window's tests take pictures of the screen with it",
        from: Purpose::Test,
        present: || workspace::on_path("import"),
    },
    Need {
        name: "xdotool",
        packages: &["xdotool"],
        because: "once the page's process was killed, the window test goes on with a hand of its own",
        from: Purpose::Test,
        present: || workspace::on_path("xdotool"),
    },
    Need {
        name: "gnome-keyring",
        packages: &["gnome-keyring"],
        because: "the keychain tests need a real keychain",
        from: Purpose::Test,
        present: || workspace::on_path("gnome-keyring-daemon"),
    },
    Need {
        name: "dbus-run-session",
        packages: &["dbus"],
        because: "the keychain tests need a private D-Bus",
        from: Purpose::Test,
        present: || workspace::on_path("dbus-run-session"),
    },
    Need {
        name: "xvfb-run",
        packages: &["xvfb", "xauth"],
        because: "one keychain test needs a display on which a password window waits for nobody",
        from: Purpose::Test,
        present: || workspace::on_path("xvfb-run") && workspace::on_path("xauth"),
    },
    Need {
        name: "strace",
        packages: &["strace"],
        because: "it shows that in simulated mode no internet socket is made",
        from: Purpose::Test,
        present: || workspace::on_path("strace"),
    },
    Need {
        name: "openssl",
        packages: &["openssl"],
        because: "the certificate tests make their .p12 files with it",
        from: Purpose::Test,
        present: || workspace::on_path("openssl"),
    },
    Need {
        name: "python3 with venv",
        packages: &["python3", "python3-venv"],
        because: "the third-party client in Python needs it",
        from: Purpose::Test,
        present: || succeeds("python3", &["-c", "import venv, ensurepip"]),
    },
    Need {
        name: "a Java compiler",
        packages: &["default-jdk-headless"],
        because: LANGUAGE,
        from: Purpose::Test,
        present: || succeeds("javac", &["-version"]) && succeeds("java", &["-version"]),
    },
    Need {
        name: "PHP",
        packages: &["php-cli"],
        because: LANGUAGE,
        from: Purpose::Test,
        present: || succeeds("php", &["-r", "exit(function_exists('hash_hmac') ? 0 : 1);"]),
    },
    Need {
        name: "Go",
        packages: &["golang-go"],
        because: LANGUAGE,
        from: Purpose::Test,
        present: || succeeds("go", &["version"]),
    },
    Need {
        name: "the certificate authorities",
        packages: &["ca-certificates"],
        because: "the pinned versions of the third-party clients come over HTTPS",
        from: Purpose::Test,
        present: || Path::new("/etc/ssl/certs/ca-certificates.crt").exists(),
    },
];

/// What the languages are for in which `verify` makes a failing test.
const LANGUAGE: &str = "the failing tests that `verify` makes are run in each of their languages";

/// Set where every language is known to be here, so that a test in one that is missing fails: a bare `cargo test` only
/// says that it skips it.
pub(crate) const EVERY_LANGUAGE: &str = "PAYDESK_EVERY_LANGUAGE";

/// Ends with 0 if this node can run what builds the page.
const NEW_ENOUGH: &str = "const [major, minor] = process.versions.node.split('.').map(Number); \
     process.exit(major > 20 || (major === 20 && minor >= 19) ? 0 : 1)";

/// Makes the machine ready for `purpose`. Prints each thing that it installs, and why. Does nothing where nothing
/// is missing. True if all is there in the end.
pub(crate) fn setup(steps: &mut Steps, purpose: Purpose) -> bool {
    let missing: Vec<&Need> = missing(purpose, |need| (need.present)());
    if purpose == Purpose::Test {
        components(steps);
    }
    if missing.is_empty() {
        return steps.check("setup", || Ok("everything that is needed is on this machine".into()));
    }
    let packages: Vec<&str> = missing.iter().flat_map(|need| need.packages).copied().collect();
    if !workspace::on_path("apt-get") {
        return steps.check("setup", || Err(by_hand(&missing)));
    }
    for need in &missing {
        println!("→ installing {} (apt-get): {}", need.packages.join(" "), need.because);
    }
    let Some(prefix) = superuser() else {
        return steps.check("setup", || {
            Err(vec![format!("run this as root, then again: apt-get install -y {}", packages.join(" "))])
        });
    };
    let mut update = prefix.clone();
    update.extend(["apt-get", "-o", "DPkg::Lock::Timeout=300", "update", "-q"]);
    let mut install = prefix;
    install.extend([
        "apt-get",
        "-o",
        "DPkg::Lock::Timeout=300",
        "install",
        "-q",
        "-y",
        "--no-install-recommends",
    ]);
    install.extend(&packages);
    steps.command("setup: list of packages", &mut workspace::command(update[0], &update[1..]))
        && steps.command("setup: install", &mut workspace::command(install[0], &install[1..]))
        // An older system's packages may be too old.
        && steps.check("setup", || {
            let left = self::missing(purpose, |need| (need.present)());
            if left.is_empty() { Ok("all is there now".into()) } else { Err(by_hand(&left)) }
        })
}

fn missing(purpose: Purpose, present: impl Fn(&Need) -> bool) -> Vec<&'static Need> {
    NEEDS.iter().filter(|need| need.from <= purpose && !present(need)).collect()
}

/// The words before `apt-get` that give it the right to install, or `None` if there is no such right.
fn superuser() -> Option<Vec<&'static str>> {
    let environment = ["env", "DEBIAN_FRONTEND=noninteractive"];
    let root = Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0");
    match (root, workspace::on_path("sudo")) {
        (true, _) => Some(environment.to_vec()),
        (false, true) => Some(["sudo"].into_iter().chain(environment).collect()),
        (false, false) => None,
    }
}

/// What a person has to install where there is no apt-get.
fn by_hand(missing: &[&Need]) -> Vec<String> {
    let lines = missing.iter().map(|need| {
        let packages = need.packages.join(" ");
        format!("please install {} ({packages} on Debian), then run this again: {}", need.name, need.because)
    });
    lines.collect()
}

/// rustfmt and clippy, which a minimal Rust lacks.
fn components(steps: &mut Steps) {
    let cargo = |tool: &str| {
        let mut command = workspace::cargo(&[tool, "--version"]);
        command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
    };
    if !(cargo("fmt") && cargo("clippy")) {
        println!("→ installing rustfmt and clippy (rustup): format and lints are part of the tests");
        steps.command(
            "setup: rustfmt, clippy",
            &mut workspace::command("rustup", &["component", "add", "rustfmt", "clippy"]),
        );
    }
}

fn succeeds(program: &str, arguments: &[&str]) -> bool {
    let mut command = workspace::command(program, arguments);
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn running_needs_less_than_testing() {
        let names = |purpose| missing(purpose, |_| false).iter().map(|need| need.name).collect::<Vec<_>>();
        assert_eq!(names(Purpose::Terminal), ["a C compiler"]);
        assert_eq!(names(Purpose::Run), ["a C compiler", "WebKitGTK", "node 20.19 or newer, and npm"]);
        assert_eq!(names(Purpose::Test).len(), NEEDS.len());
        assert!(missing(Purpose::Test, |_| true).is_empty());
    }

    /// Node comes with `run`, Rust with whoever runs this.
    #[test]
    fn the_languages_of_the_failing_tests_are_installed_and_then_demanded() {
        let packages: Vec<&str> =
            missing(Purpose::Test, |_| false).iter().flat_map(|need| need.packages).copied().collect();
        for package in ["nodejs", "python3", "default-jdk-headless", "php-cli", "golang-go"] {
            assert!(packages.contains(&package), "{package}");
        }
        let tests = include_str!("../../crates/doctor/tests/reproduce_run.rs");
        assert!(tests.contains(&format!("\"{EVERY_LANGUAGE}\"")), "nobody looks at {EVERY_LANGUAGE}");
    }

    #[test]
    fn by_hand_says_what_and_why() {
        let lines = by_hand(&missing(Purpose::Terminal, |_| false));
        assert!(lines[0].contains("build-essential on Debian") && lines[0].contains("SQLite"), "{lines:?}");
    }
}
