//! A province to look at: the simulator's cameras as a configuration.

use std::{net::SocketAddr, path::Path};

use crate::{
    config::{CameraConfig, Config, Http, Ingest, Store},
    domain::{
        camera::{Camera, Importance, Slug, Transport},
        site::Site,
        wall::{Selector, Wall},
    },
};

/// Cameras at one site.
pub const CAMERAS_PER_SITE: u32 = 10;

/// Cameras on the wall for the people on duty: as many as a grid shows in motion.
const ON_DUTY: u32 = 16;

/// Communes and wards of a coastal province; a hundred sites and more repeat them with a number.
const PLACES: [&str; 15] = [
    "Kỳ Anh",
    "Hương Khê",
    "Đức Thọ",
    "Cẩm Xuyên",
    "Thạch Hà",
    "Can Lộc",
    "Nghi Xuân",
    "Hồng Lĩnh",
    "Vũ Quang",
    "Hương Sơn",
    "Lộc Hà",
    "Vũng Áng",
    "Thiên Cầm",
    "Xuân Thành",
    "Đèo Ngang",
];

/// What the cameras of a site look at.
const VIEWS: [&str; 10] = [
    "Ngã ba",
    "Cổng chính",
    "Ngõ chợ",
    "Bờ kè",
    "Quốc lộ 1A",
    "Bãi xe",
    "Trường học",
    "Chốt gác",
    "Cầu",
    "Sân vận động",
];

/// A configuration of `cameras` of the simulator at `sim`, storing under `folder`.
pub fn config(cameras: u32, sim: SocketAddr, listen: SocketAddr, folder: &Path) -> Config {
    let sites = cameras.div_ceil(CAMERAS_PER_SITE);
    Config {
        http: Http { listen, ..Http::default() },
        store: Store::at(folder.join("watchwall.db")),
        // The simulator is on this machine.
        ingest: Ingest { allow_loopback: true, ..Ingest::default() },
        sites: (1..=sites).map(site).collect(),
        cameras: (1..=cameras).map(|n| camera(n, sim)).collect(),
        walls: vec![
            Wall::of(slug("main"), "LED wall", vec![Selector::All]),
            Wall::of(
                slug("duty"),
                format!("Trực ban {ON_DUTY} camera"),
                (1..=cameras.min(ON_DUTY)).map(|n| Selector::Camera(id(n))).collect(),
            ),
        ],
        ..Config::default()
    }
}

fn site(n: u32) -> Site {
    Site { id: slug(&format!("site-{n}")), name: place(n), parent: None }
}

fn camera(n: u32, sim: SocketAddr) -> CameraConfig {
    let site = (n - 1) / CAMERAS_PER_SITE + 1;
    let view = VIEWS[(n - 1) as usize % VIEWS.len()];
    let url = |stream| {
        format!("rtsp://{sim}/cam/{n:03}/{stream}")
            .parse()
            .expect("a URL of digits and plain words")
    };
    let camera = Camera {
        id: id(n),
        number: 100 + n,
        name: format!("{view} {}", place(site)),
        site: Some(slug(&format!("site-{site}"))),
        url: url("sub"),
        main_url: Some(url("main")),
        username: None,
        transport: Transport::Tcp,
        allow_basic: false,
        tags: Vec::new(),
        importance: Importance::default(),
    };
    CameraConfig { camera, password: None }
}

fn id(camera: u32) -> Slug {
    slug(&format!("cam-{camera:03}"))
}

fn place(site: u32) -> String {
    let index = (site - 1) as usize;
    let name = PLACES[index % PLACES.len()];
    match index / PLACES.len() {
        0 => name.to_owned(),
        round => format!("{name} {}", round + 1),
    }
}

fn slug(text: &str) -> Slug {
    Slug::try_from(text).expect("made of letters, digits and '-'")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_thousand_cameras_have_ids_and_numbers_of_their_own_and_sites_that_exist() {
        let config = config(
            1000,
            ([127, 0, 0, 1], 8554).into(),
            ([127, 0, 0, 1], 0).into(),
            Path::new("var"),
        );
        let sites: BTreeSet<_> = config.sites.iter().map(|site| &site.id).collect();
        let ids: BTreeSet<_> =
            config.cameras.iter().map(|c| (&c.camera.id, c.camera.number)).collect();
        assert_eq!((ids.len(), sites.len()), (1000, 100));
        assert!(
            config.cameras.iter().all(|c| c
                .camera
                .site
                .as_ref()
                .is_some_and(|site| sites.contains(site)))
        );
    }

    #[test]
    fn the_wall_on_duty_shows_the_first_sixteen_or_as_many_as_there_are() {
        for (cameras, shown) in [(150, 16), (3, 3)] {
            let here = ([127, 0, 0, 1], 0).into();
            let config = config(cameras, here, here, Path::new("var"));
            let all: Vec<Camera> = config.cameras.iter().map(|c| c.camera.clone()).collect();
            let duty = config.walls.iter().find(|wall| wall.id.as_str() == "duty");
            assert_eq!(duty.expect("it is there").members(&all).len(), shown);
        }
    }
}
