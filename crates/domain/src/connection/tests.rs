//! Tests of what services may say, and of the steps of an attempt.

use super::*;

const NOW: Timestamp = Timestamp::from_millis(1_000_000);

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn pending() -> Connection {
    Connection {
        id: "00000000-0000-4000-8000-000000000001".parse().unwrap(),
        account: "00000000-0000-4000-8000-000000000002".parse().unwrap(),
        upstream: "forge".to_owned(),
        version: 1,
        state: ConnectionState::Pending,
        prompt: Prompt::checked("ABCD", "https://a.example/device", None),
        label: None,
        sealed: Some("sealed".to_owned()),
        due_at: Some(NOW),
        interval: seconds(5),
        script_key: None,
        created_at: NOW,
        expires_at: Some(NOW + seconds(600)),
        used_at: None,
    }
}

#[test]
fn a_service_that_lies_about_times_is_kept_within_bounds() {
    for (said, expected) in [
        (None, 5),
        (Some(5.0), 5),
        (Some(0.0), 1),
        (Some(-1.0), 5),
        (Some(1e9), 60),
        (Some(f64::NAN), 5),
        (Some(f64::INFINITY), 60),
    ] {
        assert_eq!(interval(said), seconds(expected), "{said:?}");
    }
    for (said, expected) in [
        (None, None),
        (Some(0.0), None),
        (Some(-5.0), None),
        (Some(f64::NAN), None),
        (Some(1.0), Some(30)),
        (Some(600.5), Some(600)),
        (Some(1e300), Some(1800)),
    ] {
        assert_eq!(life(said), expected.map(seconds), "{said:?}");
    }
}

#[test]
fn only_web_addresses_are_shown() {
    let long = format!("https://a.example/{}", "x".repeat(500));
    for bad in [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "data:text/html,x",
        "app.example:/device",
        "http://a.example/device",
        "//a.example/device",
        "/device",
        "https://u@a.example/",
        "https://a.example/\"onclick=",
        "https://a.example/<script>",
        "",
        &long,
    ] {
        assert_eq!(Prompt::checked("ABCD", bad, None), None, "{bad}");
        let prompt = Prompt::checked("ABCD", "https://a.example/device", Some(bad)).unwrap();
        assert_eq!(prompt.address(), "https://a.example/device", "{bad}");
    }
    let complete = "https://a.example/device?user_code=ABCD";
    assert_eq!(Prompt::checked("ABCD", "https://a.example/device", Some(complete)).unwrap().address(), complete);
    // The page shows one address, so that the link and the code lead there.
    for other in ["https://evil.example/device", "https://a.example:444/device", "http://a.example/device"] {
        let prompt = Prompt::checked("ABCD", "https://a.example/device", Some(other)).unwrap();
        assert_eq!(prompt.address(), "https://a.example/device", "{other}");
    }
    Prompt::checked("ABCD", "http://192.168.0.9:3000/device", None).unwrap();
    for bad in ["", "a\nb", "代码", "\u{202e}abc", &"A".repeat(65)] {
        assert_eq!(Prompt::checked(bad, "https://a.example/device", None), None, "{bad:?}");
    }
}

#[test]
fn polls_slow_down_and_never_stop() {
    let attempt = pending();
    let waiting = attempt.waiting(NOW);
    assert_eq!((waiting.due_at, waiting.version), (Some(NOW + seconds(5)), 2));
    let slower = attempt.slower(None, NOW);
    assert_eq!((slower.due_at, slower.interval), (Some(NOW + seconds(10)), seconds(10)));
    assert_eq!(attempt.slower(Some(seconds(30)), NOW).interval, seconds(30));
    assert_eq!(attempt.slower(Some(seconds(3600)), NOW).interval, seconds(60));
    let mut tired = attempt;
    for _ in 0..40 {
        tired = tired.backed_off(NOW);
    }
    assert_eq!((tired.interval, tired.due_at), (seconds(60), Some(NOW + seconds(60))));
}

#[test]
fn what_has_ended_keeps_no_secret() {
    for state in [ConnectionState::Declined, ConnectionState::Expired, ConnectionState::Failed] {
        let ended = pending().ended(state, NOW);
        assert!(ended.sealed.is_none() && ended.prompt.is_none() && ended.due_at.is_none());
        assert_eq!((ended.expires_at, state.came_to_nothing()), (Some(NOW + KEPT), true));
    }
    let connected = pending().connected("tokens".to_owned());
    assert_eq!((connected.expires_at, connected.due_at, connected.prompt.clone()), (None, None, None));
    assert_eq!(connected.lost().sealed, None);
    let claimed = connected.claimed(NOW + seconds(30));
    assert!(claimed.is_claimed_at(NOW) && !claimed.is_claimed_at(NOW + seconds(30)));
    assert!(!connected.is_claimed_at(NOW));
}

#[test]
fn a_state_has_one_name() {
    for state in ConnectionState::ALL {
        assert_eq!(state.as_str().parse(), Ok(state));
    }
    assert!("other".parse::<ConnectionState>().is_err());
}
