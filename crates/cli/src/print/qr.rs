//! A QR code out of half blocks, two modules to a character.

use console::view::QrView;

/// Light modules around the code, as the standard wants.
const QUIET: usize = 4;

/// Black on white whatever colours the terminal has.
const BLACK_ON_WHITE: &str = "\u{1b}[38;5;16;48;5;231m";
const RESET: &str = "\u{1b}[0m";

/// Draws it. Without colours the light modules are drawn and the dark ones left: right on a dark terminal, which is
/// the most that can be done.
pub(crate) fn draw(code: &QrView, colours: bool) -> String {
    let side = code.size + 2 * QUIET;
    let dark = |row: usize, column: usize| {
        let at = |index: usize| index.checked_sub(QUIET).filter(|index| *index < code.size);
        let module = at(row)
            .and_then(|row| code.rows.get(row))
            .zip(at(column))
            .and_then(|(row, column)| row.as_bytes().get(column));
        module == Some(&b'1')
    };
    let mut out = String::new();
    for row in (0..side).step_by(2) {
        out += if colours { BLACK_ON_WHITE } else { "" };
        for column in 0..side {
            let (upper, lower) = (dark(row, column), dark(row + 1, column));
            // The block itself is black in colours and light without.
            let (upper, lower) = if colours { (upper, lower) } else { (!upper, !lower && row + 1 < side) };
            out.push(match (upper, lower) {
                (true, true) => '█',
                (true, false) => '▀',
                (false, true) => '▄',
                (false, false) => ' ',
            });
        }
        out += if colours { RESET } else { "" };
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_show_the_same_modules_with_a_quiet_zone() {
        let code = QrView { size: 3, rows: vec!["101".into(), "010".into(), "111".into()] };
        let read = |text: &str, inverted: bool| {
            let mut rows = Vec::new();
            for line in text.lines() {
                let line = line.trim_start_matches(BLACK_ON_WHITE).trim_end_matches(RESET);
                let half = |upper: bool| -> String {
                    let filled = |c| matches!((c, upper), ('█', _) | ('▀', true) | ('▄', false));
                    line.chars().map(|c| if filled(c) == inverted { '0' } else { '1' }).collect()
                };
                rows.push(half(true));
                rows.push(half(false));
            }
            rows
        };
        for colours in [true, false] {
            let rows = read(&draw(&code, colours), !colours);
            assert!(rows.iter().all(|row| row.chars().count() == 11));
            assert!(rows[..QUIET].iter().all(|row| !row.contains('1')));
            assert!(rows[QUIET + 3..11].iter().all(|row| !row.contains('1')));
            let inner: Vec<_> = rows[QUIET..QUIET + 3].iter().map(|row| &row[QUIET..QUIET + 3]).collect();
            assert_eq!(inner, ["101", "010", "111"]);
            // The half row below the last one is no part of the code.
            assert!(
                rows[..11].iter().all(|row| !row[..QUIET].contains('1') && !row[QUIET + 3..].contains('1'))
            );
        }
    }
}
