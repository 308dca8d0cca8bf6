//! Owns the configuration's files while the service runs: changes them as people order, one order
//! after the other. The text before is kept first, then the file is replaced in one step, then it is
//! in force.

mod draft;
mod files;

use std::{fs, net::IpAddr, path::PathBuf, sync::Arc, time::SystemTime};

use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use self::{draft::Draft, files::version_of};
use super::in_force::InForce;
use crate::{
    config::{
        Environment,
        edit::{self, Section},
        reload::Changes,
    },
    domain::alert::Actor,
    http::configuration::{Edit, Edited, Listed, NotTaken, Order},
    store::{ConfigurationRow, Store},
};

/// The file and those who must know of a change.
pub(super) struct Editing {
    pub(super) file: PathBuf,
    pub(super) environment: Environment,
    pub(super) in_force: InForce,
    pub(super) store: Store,
}

/// Carries orders out until the service stops.
pub(super) async fn edit_all(
    mut orders: mpsc::Receiver<Order>,
    editing: Editing,
    shutdown: CancellationToken,
) {
    let editing = Arc::new(editing);
    while let Some(Some(order)) = shutdown.run_until_cancelled(orders.recv()).await {
        // Who asked may be gone; what is done is done.
        match order {
            Order::Read(section, answer) => _ = answer.send(editing.read(section).await),
            Order::ReadRoster(answer) => {
                let _ = answer.send(editing.aside(|editing| editing.roster()).await);
            }
            Order::TryRoster(sheet, answer) => {
                let _ = answer.send(editing.aside(move |editing| editing.try_roster(&sheet)).await);
            }
            Order::Imagine(camera, answer) => {
                let _ = answer.send(editing.aside(|editing| editing.imagine(camera)).await);
            }
            Order::Change { edit, version, dry_run, by, answer } => {
                let done = editing.change(edit, version, dry_run, by).await;
                let _ = answer.send(done);
            }
        }
    }
}

impl Editing {
    /// Files are read and written where waiting for them keeps nobody.
    async fn aside<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> T + Send + 'static,
    ) -> T {
        let this = self.clone();
        tokio::task::spawn_blocking(move || work(&this)).await.expect("an edit does not panic")
    }

    async fn read(self: &Arc<Self>, section: Section) -> Result<Listed, NotTaken> {
        let read = move |this: &Self| {
            let text = this.text()?;
            let entries = edit::entries(&text, section)?;
            Ok(Listed { version: version_of(&text), entries })
        };
        self.aside(read).await
    }

    async fn change(
        self: &Arc<Self>,
        edit: Edit,
        version: Option<String>,
        dry_run: bool,
        by: (Actor, Option<IpAddr>),
    ) -> Result<Edited, NotTaken> {
        let what = told(&edit);
        let draft = self.aside(move |this| this.draft(edit, version.as_deref(), dry_run)).await?;
        let edited = Edited {
            version: version_of(&draft.text),
            changes: Changes::between(&self.in_force.config.load(), &draft.config),
            warnings: draft.config.warnings.clone(),
        };
        if !dry_run && (draft.text != draft.before || draft.beside.is_some()) {
            self.take_over(draft, what, by).await?;
        }
        Ok(edited)
    }

    async fn take_over(
        self: &Arc<Self>,
        draft: Draft,
        what: Value,
        by: (Actor, Option<IpAddr>),
    ) -> Result<(), NotTaken> {
        if let Err(not_taken) = self.replace(&draft, what, by).await {
            if let Some(beside) = draft.beside {
                beside.put_back();
            }
            return Err(not_taken);
        }
        self.in_force.replace(draft.config).await;
        Ok(())
    }

    /// Keeps what the files said and are to say, and replaces the configuration file.
    async fn replace(
        self: &Arc<Self>,
        draft: &Draft,
        what: Value,
        by: (Actor, Option<IpAddr>),
    ) -> Result<(), NotTaken> {
        let Draft { before, text, beside, .. } = draft;
        let kept = beside.as_ref().and_then(|beside| beside.kept());
        let own =
            (text != before || kept.is_none()).then(|| (None, Some(before.clone()), text.clone()));
        let kept = kept.map(|(file, before, text)| (Some(file.to_owned()), before, text));
        let at = SystemTime::now().into();
        let mut rows = Vec::new();
        for (file, before, text) in kept.into_iter().chain(own) {
            let row = |by: Option<(Actor, Option<IpAddr>)>, what, text: String| {
                let (file, version) = (file.clone(), version_of(&text));
                let (by, address) = by.unzip();
                let address = address.flatten();
                ConfigurationRow { id: 0, file, at, by, address, what, version, text }
            };
            let newest = self.store.configuration_version(file.as_deref()).await;
            let newest = newest.map_err(NotTaken::NotKept)?;
            if let Some(before) = before.filter(|before| newest != Some(version_of(before))) {
                rows.push(row(None, json!({"found": "changed outside"}), before));
            }
            rows.push(row(Some(by.clone()), what.clone(), text));
        }
        self.store.keep_configuration(rows).await.map_err(NotTaken::NotKept)?;
        if text == before {
            return Ok(());
        }
        let text = text.clone();
        let written = self.aside(move |this| files::replace(&this.file, &text)).await;
        written.map_err(|error| {
            NotTaken::File(format!(
                "{} cannot be written: {error}; let the service write it and its folder",
                self.file.display()
            ))
        })
    }

    fn text(&self) -> Result<String, NotTaken> {
        fs::read_to_string(&self.file).map_err(|error| {
            NotTaken::File(format!("{} cannot be read: {error}", self.file.display()))
        })
    }
}

/// What an edit changes, as it is written down; never a password.
fn told(edit: &Edit) -> Value {
    match edit {
        Edit::Put { section, id, fields, password } => {
            let keys: Vec<&String> = fields.keys().collect();
            let mut what = json!({"put": section.name(), "id": id, "keys": keys});
            if password.is_some() {
                what["password"] = "another".into();
            }
            what
        }
        Edit::Remove { section, id } => json!({"remove": section.name(), "id": id}),
        Edit::Cameras { .. } => json!({"import": "camera"}),
        Edit::Roster { restored: None, .. } => json!({"import": "roster"}),
        Edit::Roster { restored: Some(id), .. } | Edit::Restore { id, .. } => {
            json!({"restore": id})
        }
    }
}
