//! A wall as API and sockets show it: cameras by handle, times in microseconds.

use serde::Serialize;

use crate::domain::{
    alert::AlertId,
    camera::{CameraId, Handle, WallId},
    time::UnixMicros,
    wall::{Layout, PresetId, ScreenId, Shown, ShownCell, ShownScreen, Why},
};

/// A wall as the sockets show it.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct WallView {
    /// Identity.
    #[schema(value_type = String)]
    pub id: WallId,
    /// What people read.
    pub name: String,
    /// Goes up by one with every change.
    pub revision: u64,
    /// How cells are laid out where the screens do not matter; `"grid"` fits all of them to the
    /// screen's shape.
    pub layout: &'static str,
    /// Camera handles in reading order over all screens, each once.
    #[schema(value_type = Vec<u32>)]
    pub cells: Vec<Handle>,
    /// Its screens, row by row.
    pub screens: Vec<WallScreenView>,
    /// What lies between them.
    pub bezel: BezelView,
    /// Arrangements that can be called by name.
    pub presets: Vec<PresetView>,
    /// The one in force; null: none is.
    #[schema(value_type = Option<String>)]
    pub preset: Option<PresetId>,
    /// Cameras that a commander hides.
    #[schema(value_type = Vec<u32>)]
    pub blocked: Vec<Handle>,
}

/// A screen of a wall.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct WallScreenView {
    /// Unique in its wall.
    #[schema(value_type = String)]
    pub id: ScreenId,
    /// What people read.
    pub name: String,
    /// Its place in the wall's grid, from the left.
    pub column: u8,
    /// Its place in the wall's grid, from the top.
    pub row: u8,
    /// `grid`, columns and rows as `4x3`, `1+5` or `1+7`.
    #[schema(value_type = String)]
    pub layout: Layout,
    /// In reading order.
    pub cells: Vec<CellView>,
}

/// A cell of a screen.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct CellView {
    /// The camera; null: it is empty.
    #[schema(value_type = Option<u32>)]
    pub camera: Option<Handle>,
    /// Who or what put it there: `base`, `preset`, `person`, `tour` or `alert`.
    #[schema(value_type = String)]
    pub why: Why,
    /// Whether nothing may take it.
    pub pinned: bool,
    /// The person.
    pub by: Option<String>,
    /// The alert that took it, or that its camera has.
    #[schema(value_type = Option<String>)]
    pub alert: Option<AlertId>,
    /// Until when, Unix microseconds; null: until something else is put there.
    #[schema(value_type = Option<u64>)]
    pub until: Option<UnixMicros>,
}

/// The dark edge between two screens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, utoipa::ToSchema)]
pub struct BezelView {
    /// Of a screen's width.
    pub x: f64,
    /// Of a screen's height.
    pub y: f64,
}

/// A preset by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct PresetView {
    /// Unique in its wall.
    #[schema(value_type = String)]
    pub id: PresetId,
    /// What people read.
    pub name: String,
}

impl WallView {
    /// What a wall shows; cameras that have no handle any more leave their cells empty.
    pub fn of(
        id: WallId,
        revision: u64,
        shown: &Shown,
        handle: impl Fn(&CameraId) -> Option<Handle>,
    ) -> Self {
        let bezel = BezelView { x: shown.bezel.x, y: shown.bezel.y };
        let presets = shown.presets.iter();
        let preset =
            |(id, name): &(PresetId, String)| PresetView { id: id.clone(), name: name.clone() };
        Self {
            id,
            name: shown.name.clone(),
            revision,
            layout: "grid",
            cells: shown.cameras().into_iter().filter_map(&handle).collect(),
            screens: shown
                .screens
                .iter()
                .map(|screen| WallScreenView::of(screen, &handle))
                .collect(),
            bezel,
            presets: presets.map(preset).collect(),
            preset: shown.preset.clone(),
            blocked: shown.blocked.iter().filter_map(&handle).collect(),
        }
    }

    /// A wall of one screen that shows these cameras.
    pub fn grid(id: WallId, name: &str, cells: Vec<Handle>) -> Self {
        let cell = |camera: &Handle| CellView {
            camera: Some(*camera),
            why: Why::Base,
            pinned: false,
            by: None,
            alert: None,
            until: None,
        };
        let screen = WallScreenView {
            id: ScreenId::try_from("all").expect("an id"),
            name: name.to_owned(),
            column: 0,
            row: 0,
            layout: Layout::Grid,
            cells: cells.iter().map(cell).collect(),
        };
        Self {
            id,
            name: name.to_owned(),
            revision: 1,
            layout: "grid",
            cells,
            screens: vec![screen],
            bezel: BezelView::default(),
            presets: Vec::new(),
            preset: None,
            blocked: Vec::new(),
        }
    }
}

impl WallScreenView {
    fn of(screen: &ShownScreen, handle: impl Fn(&CameraId) -> Option<Handle>) -> Self {
        Self {
            id: screen.id.clone(),
            name: screen.name.clone(),
            column: screen.column,
            row: screen.row,
            layout: screen.layout,
            cells: screen.cells.iter().map(|cell| CellView::of(cell, &handle)).collect(),
        }
    }
}

impl CellView {
    fn of(cell: &ShownCell, handle: impl Fn(&CameraId) -> Option<Handle>) -> Self {
        Self {
            camera: cell.camera.as_ref().and_then(handle),
            why: cell.why,
            pinned: cell.pinned,
            by: cell.by.clone(),
            alert: cell.alert,
            until: cell.until,
        }
    }
}
