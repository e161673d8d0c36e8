//! One seed, one history: a shop, its customers and a troubled network, played in process against a reference
//! model.
//!
//! Everything that could differ from one run to the next (time, numbers, trouble, the order of what happens)
//! follows from the seed, so a failure is replayed by its number.

mod acts;
mod model;
mod notices;
mod rules;
mod stage;

use stage::Stage;
use std::path::Path;

/// About how many steps a history has.
const STEPS: usize = 40;

/// How a history went.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// Its seed.
    pub seed: u64,
    /// What happened, step by step.
    pub steps: Vec<String>,
    /// The first rule that was broken, if one was.
    pub broken: Option<String>,
    /// Requests and notices that went wrong as planned.
    pub troubles: usize,
    /// How often an outcome was unknown at first.
    pub unknown: usize,
    /// Payments and refunds that happened.
    pub moved: usize,
}

/// Plays the history of one seed in an empty folder.
#[must_use]
pub fn tell(seed: u64, folder: &Path) -> Told {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_time().build() {
        Ok(runtime) => runtime,
        Err(error) => return Told { seed, broken: Some(error.to_string()), ..Told::default() },
    };
    runtime.block_on(async {
        let mut stage = match Stage::open(seed, folder) {
            Ok(stage) => stage,
            Err(error) => return Told { seed, broken: Some(error), ..Told::default() },
        };
        let mut broken = None;
        for _ in 0..STEPS {
            if let Err(rule) = stage.step().await {
                broken = Some(rule);
                break;
            }
        }
        if broken.is_none() {
            broken = stage.finish().await.err();
        }
        stage.told(seed, broken)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_tells_the_same_story_twice() {
        for seed in 1..=8 {
            let folders = [(), ()].map(|()| tempfile::tempdir().unwrap());
            let [one, other] = folders.map(|folder| tell(seed, folder.path()));
            assert_eq!(one.broken, None, "seed {seed}: {:#?}", one.steps);
            assert_eq!(one.steps, other.steps);
            assert!(one.steps.len() > STEPS / 2, "{:#?}", one.steps);
        }
    }
}
