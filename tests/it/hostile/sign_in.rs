//! A wrong password: three attempts in half an hour, whatever happens to the service meanwhile.

use serde_json::Value;
use watchwall::sim::FaultKind;

use crate::served::{self, Premises, Served, now_us};

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_tried_three_times_even_across_a_restart_and_a_kill() {
    let sim = served::simulator(2).await;
    sim.faults().set(2, FaultKind::Auth, None).expect("there is a camera 2");
    let mut premises = Premises::new();
    premises.cameras_of(&sim, 1..=2);
    premises.write("");
    let rejected = || sim.stats().cameras[1].sign_in_rejected;
    let held = |camera: &Value| {
        let reason = camera["reason"].as_str().unwrap_or_default();
        camera["state"] == "offline"
            && camera["conditions"][0] == "credentials-rejected"
            && reason.contains("no further try for")
    };

    for end in ["KILL", "TERM", "TERM"] {
        let mut served = Served::start(&premises.config()).await;
        let camera = served.until(2, "was told as held", held).await;
        println!("{}", camera["reason"]);
        // Long enough for another try, if there were one: a picture of the other camera passed.
        served.until_pictures(now_us(), &[1]).await;
        assert_eq!(rejected(), 3);
        served.signal(end);
        served.ended().await;
    }
    sim.shutdown().await;
}
