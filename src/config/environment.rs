//! The environment as data, so that a test brings its own.

use std::{collections::BTreeMap, env};

/// Variables by name.
#[derive(Clone, Debug, Default)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// This process's own. A variable that is not Unicode cannot name a setting and is left out.
    pub fn of_process() -> Self {
        env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect()
    }

    /// The value of one variable.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The settings it overrides: `WATCHWALL_HTTP__LISTEN` is `("…", "http", "listen", value)`.
    /// Two underscores stand between section and key; `WATCHWALL_LOG` and the like have none and
    /// are not settings of the file.
    pub(super) fn overrides(&self) -> impl Iterator<Item = Override<'_>> {
        self.0.iter().filter_map(|(variable, value)| {
            let (section, key) = variable.strip_prefix("WATCHWALL_")?.split_once("__")?;
            Some(Override {
                variable,
                section: section.to_ascii_lowercase(),
                key: key.to_ascii_lowercase(),
                value,
            })
        })
    }
}

impl FromIterator<(String, String)> for Environment {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(variables: I) -> Self {
        Self(variables.into_iter().collect())
    }
}

/// One setting from the environment.
pub(super) struct Override<'a> {
    pub(super) variable: &'a str,
    pub(super) section: String,
    pub(super) key: String,
    pub(super) value: &'a str,
}
