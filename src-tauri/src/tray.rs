//! The tray: today's takings, and the way to the window. A system without a tray loses nothing else.

use crate::desk::Desk;
use crate::menu::{OPEN, QUIT, go_to};
use crate::money::yuan;
use console::Lang;
use console::view::DayFigures;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use tauri::image::Image;
use tauri::menu::{MenuBuilder, MenuItem, MenuItemBuilder};
use tauri::tray::{TrayIcon, TrayIconBuilder};
use tauri::{AppHandle, Manager as _, Theme, Wry, include_image};

const LIGHT: Image<'static> = include_image!("../icons/tray-light.png");
const DARK: Image<'static> = include_image!("../icons/tray-dark.png");
const MARK: Image<'static> = include_image!("../icons/32x32.png");

/// What of it is written anew.
struct Tray {
    icon: TrayIcon<Wry>,
    takings: MenuItem<Wry>,
    open: MenuItem<Wry>,
    collect: MenuItem<Wry>,
    quit: MenuItem<Wry>,
}

/// What it says.
struct Words {
    takings: String,
    open: String,
    collect: String,
    quit: String,
}

/// Makes it. Not on the main thread.
pub(crate) fn begin(app: &AppHandle) {
    let words = words(app);
    let handle = app.clone();
    let _ = app.run_on_main_thread(move || {
        // The library that draws it may not be on this computer, and says so by a panic.
        if let Some(Ok(tray)) = quietly(|| make(&handle, &words)) {
            handle.manage(tray);
        }
    });
}

/// Writes today's takings and the language anew. Not on the main thread.
pub(crate) fn refresh(app: &AppHandle) {
    let Some(tray) = app.try_state::<Tray>() else { return };
    let words = words(app);
    let _ = tray.icon.set_tooltip(Some(&words.takings));
    let _ = tray.takings.set_text(&words.takings);
    let _ = tray.open.set_text(&words.open);
    let _ = tray.collect.set_text(&words.collect);
    let _ = tray.quit.set_text(&words.quit);
}

/// Follows the system's theme.
pub(crate) fn paint(app: &AppHandle, theme: Theme) {
    if let Some(tray) = app.try_state::<Tray>() {
        let _ = tray.icon.set_icon(Some(image(theme)));
    }
}

fn image(theme: Theme) -> Image<'static> {
    if cfg!(target_os = "linux") {
        // Nothing there tells a program its panel's colour: GNOME's is dark under a light theme, others follow the
        // theme or a taste of their own. The mark brings its own ground, white on green, so any panel shows it.
        MARK
    } else if theme == Theme::Dark {
        DARK
    } else {
        // macOS takes its form alone, and paints that itself. Windows tells the theme of programs, which a person may
        // set apart from the bar's. Not verified on either.
        LIGHT
    }
}

fn make(app: &AppHandle, words: &Words) -> tauri::Result<Tray> {
    let item = |id: &str, text: &str| MenuItemBuilder::with_id(id, text).build(app);
    let takings = item(&go_to("overview"), &words.takings)?;
    let open = item(OPEN, &words.open)?;
    let collect = item(&go_to("collect"), &words.collect)?;
    let quit = item(QUIT, &words.quit)?;
    let menu = MenuBuilder::new(app)
        .item(&takings)
        .separator()
        .item(&open)
        .item(&collect)
        .separator()
        .item(&quit)
        .build()?;
    let theme = app.get_webview_window(crate::window::LABEL).and_then(|window| window.theme().ok());
    let icon = TrayIconBuilder::with_id("paydesk")
        .icon(image(theme.unwrap_or(Theme::Light)))
        .icon_as_template(cfg!(target_os = "macos"))
        .tooltip(&words.takings)
        .menu(&menu)
        .build(app)?;
    Ok(Tray { icon, takings, open, collect, quit })
}

fn words(app: &AppHandle) -> Words {
    let desk = app.state::<Arc<Desk>>();
    let lang = desk.lang();
    let say = |key: &str| lang.say(key, &[]);
    let today = desk.console().ok().and_then(|console| {
        let merchant = console.start().merchant;
        console.overview(&merchant, None).ok().map(|view| view.today)
    });
    Words {
        takings: takings(lang, today.as_ref()),
        open: say("shell.tray.open"),
        collect: say("shell.menu.collect"),
        quit: say("shell.menu.quit"),
    }
}

fn takings(lang: Lang, today: Option<&DayFigures>) -> String {
    match today {
        Some(day) => lang.say("shell.tray.today", &[("net", &yuan(day.net_fen)), ("paid", &day.paid)]),
        None => lang.say("shell.tray.unknown", &[]),
    }
}

/// Does `work`; `None` if it panics, and then nothing is written about it.
fn quietly<T>(work: impl FnOnce() -> T) -> Option<T> {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let done = catch_unwind(AssertUnwindSafe(work));
    std::panic::set_hook(hook);
    done.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_what_today_came_to_or_that_it_is_not_known() {
        let day = DayFigures { net_fen: 602_130, paid: 156, ..DayFigures::default() };
        for lang in [Lang::ZhCn, Lang::En] {
            let text = takings(lang, Some(&day));
            assert!(text.contains("¥6,021.30") && text.contains("156"), "{text}");
            let unknown = takings(lang, None);
            assert!(!unknown.contains('¥') && !unknown.contains("shell."), "{unknown}");
        }
    }

    /// How many neighbours in `icon`, on a panel of one grey, are told apart at a glance: three to one, as WCAG asks
    /// of pictures. A pixel between two is left out, for edges are softened.
    fn edges(icon: &Image<'_>, grey: u32) -> usize {
        // Of 10,000; the square is near enough to the curve of sRGB, and needs no float.
        let light = |pixel: &[u8]| {
            let alpha = u32::from(pixel[3]);
            let on_panel = |colour: u8| (u32::from(colour) * alpha + grey * (255 - alpha)) / 255;
            let [red, green, blue] =
                [pixel[0], pixel[1], pixel[2]].map(on_panel).map(|colour| colour * colour);
            (2126 * red + 7152 * green + 722 * blue) / 65_025
        };
        let width = usize::try_from(icon.width()).unwrap();
        let lights: Vec<u32> = icon.rgba().chunks_exact(4).map(light).collect();
        let apart = |pair: &[u32]| pair[0].max(pair[2]) + 500 >= 3 * (pair[0].min(pair[2]) + 500);
        lights.chunks_exact(width).map(|row| row.windows(3).filter(|pair| apart(pair)).count()).sum()
    }

    #[test]
    fn a_panel_of_any_colour_shows_what_stands_where_the_colour_is_not_told() {
        for grey in 0..=255 {
            assert!(edges(&MARK, grey) >= 60, "on a panel of grey {grey}: {}", edges(&MARK, grey));
        }
        // The two that are for one kind of bar each are lost on the other: so it is seen that this test sees.
        assert_eq!((edges(&DARK, 255), edges(&LIGHT, 20)), (0, 0));
        assert!(edges(&DARK, 20) >= 60 && edges(&LIGHT, 255) >= 60);
    }

    #[test]
    fn only_where_a_theme_tells_the_bars_colour_does_the_picture_follow_it() {
        let same = image(Theme::Light).rgba() == image(Theme::Dark).rgba();
        assert_eq!(same, cfg!(target_os = "linux"));
        if same {
            assert_eq!(image(Theme::Light).rgba(), MARK.rgba());
        }
    }

    #[test]
    fn a_panic_of_the_trays_library_stops_nothing() {
        assert_eq!(quietly(|| 7), Some(7));
        assert_eq!(quietly(|| -> i32 { panic!("no libayatana-appindicator3") }), None);
    }
}
