//! HTTP: the API, the two sockets, probes, metrics and the web assets.
//!
//! [`App`] is all that the handlers know; `service` fills it. Nothing here changes what a camera or
//! a wall is: it reads the desk's [`View`] and the store's past, asks the hub for pictures, hands
//! media connections to the fan-out thread, and what people order to the desk.

mod access;
mod alerts;
mod asked;
mod assets;
mod audit;
mod availability;
mod cameras;
pub mod configuration;
mod consoles;
mod control;
mod coverage;
mod deliveries;
mod delivery_figures;
mod drills;
mod error_pages;
mod events;
mod figures;
mod handover;
mod history;
mod maintenance;
mod media;
mod metrics;
mod notes;
mod origin;
mod pictures;
mod probes;
mod problem;
mod read_back;
mod records;
mod references;
mod roster;
mod screen_figures;
mod screens;
pub mod secret;
mod security;
mod serve;
mod sign_in;
mod sites;
mod snapshot;
mod table;
mod tls;
mod viewers;
mod walls;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, extract::DefaultBodyLimit, http::StatusCode, middleware};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tower_http::{
    catch_panic::CatchPanicLayer, compression::CompressionLayer, timeout::TimeoutLayer,
};
use utoipa::{
    OpenApi,
    openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
};
use utoipa_axum::{router::OpenApiRouter, routes};

pub use self::{
    drills::{Lesson, NotBegun, Trainer},
    metrics::{PastFigures, Pipeline, ReadPipeline, WorkerFigures, Workers},
    notes::{Notes, NotesInbox},
    origin::Origins,
    probes::Readiness,
    problem::Problem,
    read_back::{Painted, ReadBack},
    serve::{REQUESTS, ServeError, serve},
    sign_in::{FirstSignIn, Keeper, NoFirst},
    tls::Certificate,
};
use crate::{
    desk::{command::Commands, feed::AlertFeed, view::View},
    hub::{fanout::FanoutHandle, snapshots::Snapshots},
    store::Store,
};

/// Sockets of both kinds at once, unless [`App::with_sockets`] says otherwise.
const SOCKETS: u32 = 200;
/// A request's body. The largest is a camera list: 1,000 lines of 300 bytes, three times over.
const BODY_MAX: usize = 1 << 20;
/// From a request's head to its answer. A wall's snapshot is the slowest.
const ANSWER_WITHIN: Duration = Duration::from_secs(15);

/// What the handlers know.
#[derive(Clone)]
pub struct App {
    /// Cameras and walls as they are.
    pub view: Arc<View>,
    /// The fan-out thread.
    pub fanout: FanoutHandle,
    /// Single pictures.
    pub snapshots: Arc<dyn Snapshots>,
    /// Whether the service can do its work.
    pub readiness: Arc<Readiness>,
    /// The worker processes in figures.
    pub workers: Arc<Workers>,
    /// What the way from access units to tiles has done so far.
    pub pipeline: Arc<ReadPipeline>,
    /// Who may open sockets from a browser.
    pub origins: Arc<Origins>,
    /// What each screen says it has painted.
    pub read_back: Arc<ReadBack>,
    /// Times of the control socket.
    pub control: ControlPolicy,
    /// The past and what is kept; `None` answers that nothing is.
    pub store: Option<Store>,
    /// Alerts as they are stored; `None` answers that there are none.
    pub alerts: Option<Arc<AlertFeed>>,
    /// The way to the desk; `None` answers that nothing can be ordered here.
    pub commands: Option<Commands>,
    /// Who carries drills out; `None` answers that there are none here.
    pub trainer: Option<Trainer>,
    /// Who changes the configuration file; `None` answers that there is none to change.
    pub editor: Option<configuration::Editor>,
    /// Who tries cameras out; `None` answers that nobody does.
    pub prober: Option<configuration::Prober>,
    /// How writing down the past goes.
    pub past: Arc<PastFigures>,
    /// How delivering goes.
    pub deliveries: Arc<crate::notify::Figures>,
    /// Who writes down what people look at; `None`: nobody.
    pub notes: Option<Arc<Notes>>,
    /// Local time less UTC, minutes: when a month begins, and how tables tell times.
    pub utc_offset_min: i32,
    /// Who is signed in; `None`: nobody has to, and everybody may do everything.
    pub sign_in: Option<Arc<Keeper>>,
    anonymous: Arc<sign_in::Who>,
    trees: Arc<access::Trees>,
    sheets: Arc<handover::Sheets>,
    consoles: Arc<consoles::Consoles>,
    sockets: Arc<Semaphore>,
    sockets_max: u32,
    tls: Option<tls::Tls>,
    closing: CancellationToken,
}

/// Times of the control socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ControlPolicy {
    /// Between two heartbeats.
    pub heartbeat: Duration,
    /// For one message to be taken by the client's side; then close 4008.
    pub write_within: Duration,
}

impl Default for ControlPolicy {
    fn default() -> Self {
        Self { heartbeat: Duration::from_secs(5), write_within: Duration::from_secs(30) }
    }
}

impl App {
    /// An application that reads `view` and serves `fanout`'s media, allowing sockets from the
    /// pages of `listen` and of `origins`.
    pub fn new(
        view: Arc<View>,
        fanout: FanoutHandle,
        snapshots: Arc<dyn Snapshots>,
        listen: SocketAddr,
        origins: &[String],
    ) -> Self {
        Self {
            view,
            fanout,
            snapshots,
            readiness: Arc::default(),
            workers: Arc::default(),
            pipeline: Arc::new(Pipeline::default),
            origins: Arc::new(Origins::new(listen, origins)),
            read_back: Arc::default(),
            control: ControlPolicy::default(),
            store: None,
            alerts: None,
            commands: None,
            trainer: None,
            editor: None,
            prober: None,
            past: Arc::default(),
            deliveries: Arc::default(),
            notes: None,
            // Asia/Ho_Chi_Minh, which has no summer time.
            utc_offset_min: 7 * 60,
            sign_in: None,
            anonymous: sign_in::Who::anonymous(),
            trees: Arc::default(),
            sheets: Arc::default(),
            consoles: Arc::default(),
            sockets: Arc::new(Semaphore::new(SOCKETS as usize)),
            sockets_max: SOCKETS,
            tls: None,
            closing: CancellationToken::new(),
        }
    }

    /// Allows this many sockets of both kinds at once.
    #[must_use]
    pub fn with_sockets(mut self, sockets: u32) -> Self {
        self.sockets_max = sockets;
        self.sockets = Arc::new(Semaphore::new(sockets as usize));
        self
    }

    /// Serves over TLS, and nothing in clear: pages of the listening address are `https` then.
    #[must_use]
    pub fn with_tls(mut self, server: Arc<rustls::ServerConfig>) -> Self {
        self.origins = Arc::new(self.origins.over_tls());
        self.tls = Some(tls::Tls::new(server));
        self
    }

    /// What HTTPS is served with, to renew it; `None` in clear.
    pub fn certificate(&self) -> Option<Certificate> {
        self.tls.as_ref().map(|tls| tls.certificate().clone())
    }

    fn store(&self) -> Result<&Store, Problem> {
        self.store.as_ref().ok_or_else(|| {
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, "This service keeps no history.")
        })
    }

    fn alerts(&self) -> Result<&Arc<AlertFeed>, Problem> {
        self.alerts.as_ref().ok_or_else(|| {
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, "This service keeps no alerts.")
        })
    }

    fn commands(&self) -> Result<&Commands, Problem> {
        self.commands.as_ref().ok_or_else(|| {
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, "This service takes no orders.")
        })
    }

    /// Sockets of both kinds that are open now.
    pub fn sockets_in_use(&self) -> usize {
        self.sockets_max as usize - self.sockets.available_permits()
    }
}

#[derive(OpenApi)]
#[openapi(modifiers(&SignInSchemes), security(("cookie" = []), ("bearer" = [])), info(
    title = "watchwall",
    description = "Cameras, sites, walls, snapshots, and what happened. Errors are RFC 9457 problem documents. \
                   The two sockets are described in docs/protocol.md."
))]
struct Description;

/// How a request says whose it is.
struct SignInSchemes;

impl utoipa::Modify for SignInSchemes {
    fn modify(&self, description: &mut utoipa::openapi::OpenApi) {
        let components = description.components.get_or_insert_default();
        let cookie = ApiKey::Cookie(ApiKeyValue::with_description(
            "__Host-watchwall",
            "From POST /api/v1/session. In clear, on loopback, its name is watchwall-PORT.",
        ));
        components.add_security_scheme("cookie", SecurityScheme::ApiKey(cookie));
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    }
}

/// Everything that is served.
pub fn router(app: App) -> Router {
    let (api, description) = OpenApiRouter::with_openapi(Description::openapi())
        .routes(routes!(probes::alive))
        .routes(routes!(probes::ready))
        .routes(routes!(metrics::metrics))
        .routes(routes!(cameras::list))
        .routes(routes!(cameras::one))
        .routes(routes!(snapshot::camera))
        .routes(routes!(history::camera))
        .routes(routes!(figures::figures))
        .routes(routes!(pictures::list))
        .routes(routes!(pictures::one))
        .routes(routes!(references::command))
        .routes(routes!(configuration::import::cameras))
        .routes(routes!(sites::list))
        .routes(routes!(history::site))
        .routes(routes!(availability::availability))
        .routes(routes!(maintenance::list, maintenance::order))
        .routes(routes!(maintenance::end))
        .routes(routes!(alerts::list::list))
        .routes(routes!(alerts::figures::figures))
        .routes(routes!(alerts::one::one))
        .routes(routes!(alerts::act::act))
        .routes(routes!(alerts::list::shelf))
        .routes(routes!(events::take))
        .routes(routes!(drills::list, drills::order))
        .routes(routes!(drills::one))
        .routes(routes!(deliveries::list))
        .routes(routes!(deliveries::resend))
        .routes(routes!(records::list))
        .routes(routes!(records::picture))
        .routes(routes!(roster::roster))
        .routes(routes!(roster::sheet, roster::import))
        .routes(routes!(handover::sheet, handover::write))
        .routes(routes!(consoles::list, consoles::hand))
        .routes(routes!(audit::list))
        .routes(routes!(configuration::history::list))
        .routes(routes!(configuration::history::one))
        .routes(routes!(configuration::history::restore))
        .routes(routes!(configuration::read))
        .routes(routes!(configuration::probe::probe))
        .routes(routes!(configuration::put, configuration::remove))
        .routes(routes!(walls::list))
        .routes(routes!(walls::one))
        .routes(routes!(walls::drive::drive))
        .routes(routes!(walls::history::history))
        .routes(routes!(snapshot::wall))
        .routes(routes!(sign_in::session::enter, sign_in::session::me, sign_in::session::leave))
        .routes(routes!(sign_in::preferences::kept, sign_in::preferences::keep))
        .routes(routes!(sign_in::sessions::list))
        .routes(routes!(sign_in::sessions::end))
        .routes(routes!(sign_in::users::list, sign_in::users::add))
        .routes(routes!(sign_in::users::change))
        .routes(routes!(sign_in::users::password))
        .routes(routes!(sign_in::users::unlock))
        .routes(routes!(sign_in::tokens::list, sign_in::tokens::create))
        .routes(routes!(sign_in::tokens::revoke))
        .routes(routes!(screens::list))
        .routes(routes!(coverage::coverage))
        .routes(routes!(control::connect))
        .routes(routes!(media::connect))
        .split_for_parts();
    let description: axum::body::Bytes =
        description.to_json().expect("the description is plain data").into();
    api.route(
        "/api/v1/openapi.json",
        axum::routing::get(move || {
            let json = [(axum::http::header::CONTENT_TYPE, "application/json")];
            std::future::ready((json, description.clone()))
        }),
    )
    .route("/", axum::routing::get(walls::first))
    .route("/wall/{id}", axum::routing::get(assets::wall))
    .route("/wall/{id}/history", axum::routing::get(assets::wall_history))
    .route("/health", axum::routing::get(assets::health))
    .route("/health/{id}", axum::routing::get(assets::camera_health))
    .route("/duty", axum::routing::get(assets::duty))
    .route("/duty-worker.js", axum::routing::get(assets::duty_worker))
    .route("/alerts", axum::routing::get(assets::alerts))
    .route("/alerts/{tab}", axum::routing::get(assets::alerts))
    .route("/admin", axum::routing::get(assets::admin))
    .route("/admin/{tab}", axum::routing::get(assets::admin))
    .route("/console", axum::routing::get(assets::console))
    .route("/sign-in", axum::routing::get(assets::sign_in))
    .route("/assets/{*path}", axum::routing::get(assets::asset))
    .fallback(error_pages::unknown_path)
    .layer(DefaultBodyLimit::max(BODY_MAX))
    .layer(TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, ANSWER_WITHIN))
    .layer(CatchPanicLayer::custom(error_pages::panicked))
    .layer(middleware::from_fn(error_pages::as_problems))
    .layer(middleware::from_fn_with_state(app.clone(), origin::own_pages))
    .layer(middleware::from_fn_with_state(app.clone(), origin::known_host))
    .layer(CompressionLayer::new().compress_when(security::worth_compressing))
    .layer(middleware::from_fn_with_state(app.tls.is_some(), security::headers))
    .with_state(app)
}
