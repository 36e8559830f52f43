//! Micro-benchmarks of the functions that every login runs: changing a ticket, drawing the code, signing a token.

#![allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "nothing here depends on the world, and it has no public interface"
)]

use criterion::{Criterion, criterion_group, criterion_main};
use domain::account::Profile;
use domain::account::{Began, Session, SessionKind};
use domain::ids::{DeviceId, SecretHash};
use domain::ticket::{Decision, Event, Phone, Requester, Ticket, TicketState, apply};
use domain::time::Timestamp;
use service::qr;
use service::security::signing_key::{KeySource, SigningKeys};
use service::security::token::Tokens;
use std::hint::black_box;
use std::time::Duration;
use uuid::Uuid;

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);
const CONFIRM: SecretHash = SecretHash::new([2; 32]);

fn phone() -> Phone {
    Phone {
        account: Uuid::from_u128(1).into(),
        device: DeviceId::from(Uuid::from_u128(2)),
        session: Some(Uuid::from_u128(5).into()),
        profile: Profile { display_name: "dong".to_owned(), avatar_url: None },
    }
}

fn ticket(state: TicketState) -> Ticket {
    Ticket {
        id: Uuid::from_u128(3).into(),
        version: 1,
        browser: SecretHash::new([1; 32]),
        requester: Requester { ip: "203.0.113.7".to_owned(), browser: "Firefox".to_owned(), os: "Linux".to_owned() },
        known_accounts: Vec::new(),
        app: None,
        device: None,
        created_at: NOW,
        expires_at: NOW + Duration::from_secs(120),
        state,
    }
}

fn transitions(criterion: &mut Criterion) {
    let pending = ticket(TicketState::Pending);
    let scan = || Event::Scan { phone: phone(), confirm: CONFIRM };
    criterion.bench_function("ticket scan", |bench| {
        bench.iter_with_large_drop(|| apply(black_box(&pending), scan(), NOW).unwrap());
    });
    let scanned = ticket(TicketState::Scanned { phone: phone(), confirm: CONFIRM, at: NOW });
    let owner = phone();
    let confirm = || {
        Event::Confirm(Decision {
            account: owner.account,
            device: owner.device.clone(),
            session: owner.session,
            confirm: CONFIRM,
        })
    };
    criterion.bench_function("ticket confirm", |bench| {
        bench.iter_with_large_drop(|| apply(black_box(&scanned), confirm(), NOW).unwrap());
    });
}

fn pictures(criterion: &mut Criterion) {
    let url = format!("https://login.example.com/confirm?id={}", Uuid::from_u128(3));
    criterion.bench_function("QR code as SVG", |bench| bench.iter(|| qr::svg(black_box(&url)).unwrap()));
}

fn tokens(criterion: &mut Criterion) {
    let tokens =
        Tokens::new("https://login.example.com".to_owned(), &SigningKeys::open(KeySource::Fresh).unwrap()).unwrap();
    let now = clock::now();
    let session = Session {
        id: Uuid::from_u128(4).into(),
        account: Uuid::from_u128(1).into(),
        kind: SessionKind::Pc,
        device: None,
        device_secret: None,
        began: Began::Code,
        stepped_up_at: None,
        approvals_void_until: None,
        name: "Firefox · Linux".to_owned(),
        ip: "203.0.113.7".to_owned(),
        created_at: now,
        last_seen_at: now,
        expires_at: Some(now + Duration::from_secs(43_200)),
        revoked_at: None,
    };
    criterion.bench_function("token sign", |bench| bench.iter(|| tokens.issue(black_box(&session)).unwrap()));
    let token = tokens.issue(&session).unwrap().reveal().to_owned();
    criterion
        .bench_function("token verify", |bench| bench.iter(|| tokens.verify(black_box(&token), clock::now()).unwrap()));
}

criterion_group!(functions, transitions, pictures, tokens);
criterion_main!(functions);
