//! Sample data, each with a unique id.

use super::backends::Database;
use clock::now;
use domain::account::Profile;
use domain::account::{Account, Began, Device, Session, SessionKind};
use domain::client::Scopes;
use domain::ids::{AccountId, DeviceId, SecretHash};
use domain::ticket::{DeviceRequest, Phone, Requester, RequestingApp, Ticket, TicketState, UserCode};
use domain::time::Timestamp;
use std::time::Duration;
use uuid::Uuid;

pub const MINUTE: Duration = Duration::from_secs(60);

/// A new ticket that lives for an hour.
pub fn ticket() -> Ticket {
    Ticket {
        id: Uuid::new_v4().into(),
        version: 0,
        browser: SecretHash::new([1; 32]),
        requester: Requester { ip: "2001:db8::1".into(), browser: "浏览器 \"'\\".into(), os: String::new() },
        known_accounts: vec![Uuid::new_v4().into()],
        app: Some(app()),
        device: None,
        created_at: now(),
        expires_at: now() + 60 * MINUTE,
        state: TicketState::Pending,
    }
}

/// A new ticket of a device, with a user code that no other has.
pub fn device_ticket() -> Ticket {
    let bytes = Uuid::new_v4().into_bytes().into_iter().cycle().take(64);
    let device = DeviceRequest {
        client: "tv".parse().unwrap(),
        name: "电视".to_owned(),
        logo_url: Some("/logo.svg".to_owned()),
        scopes: Scopes::default_of_clients(),
        nonce: Some("n".to_owned()),
        user_code: UserCode::choose(bytes).unwrap(),
    };
    Ticket { app: None, device: Some(Box::new(device)), ..ticket() }
}

pub fn phone() -> Phone {
    Phone {
        account: Uuid::new_v4().into(),
        device: DeviceId::from(Uuid::new_v4()),
        session: Some(Uuid::new_v4().into()),
        profile: Profile { display_name: "张三".into(), avatar_url: Some("https://a.example/1.png".into()) },
    }
}

/// Returns the ticket after a scan with the confirm token of that number.
pub fn scanned(ticket: &Ticket, token: u8) -> Ticket {
    let state = TicketState::Scanned { phone: phone(), confirm: SecretHash::new([token; 32]), at: now() };
    Ticket { version: ticket.version + 1, state, ..ticket.clone() }
}

/// Returns a name that no account has.
pub fn name(prefix: &str) -> String {
    format!("{prefix}-{}", Uuid::new_v4())
}

pub fn account(username: &str) -> Account {
    Account {
        id: Uuid::new_v4().into(),
        username: username.to_owned(),
        display_name: "O'Brien \"李四\" 🦀".to_owned(),
        email: Some("o'brien+\\list@例子.example".to_owned()),
        email_verified: true,
        groups: vec!["a:b/c@d".to_owned(), "staff".to_owned()],
        avatar_url: Some("https://a.example/1.png".to_owned()),
        disabled: false,
    }
}

/// Adds an account to the database.
pub async fn person(database: &Database) -> Account {
    let account = account(&name("person"));
    database.accounts.add_account(&account, "$hash", now()).await.unwrap();
    account
}

pub fn device(account: AccountId) -> Device {
    Device { id: DeviceId::from(Uuid::new_v4()), account, name: "Safari · iOS".into(), kind: "phone".into() }
}

/// Adds a phone to the database.
pub async fn known_device(database: &Database, account: AccountId) -> Device {
    let device = device(account);
    database.sessions.put_device(&device, now()).await.unwrap();
    device
}

/// Returns a phone's session that began at that time.
pub fn phone_session(device: &Device, at: Timestamp) -> Session {
    Session {
        id: Uuid::new_v4().into(),
        account: device.account,
        kind: SessionKind::Phone,
        device: Some(device.id.clone()),
        device_secret: Some(SecretHash::new([3; 32])),
        began: Began::Password,
        stepped_up_at: None,
        approvals_void_until: None,
        name: device.name.clone(),
        ip: "192.0.2.1".into(),
        created_at: at,
        last_seen_at: at,
        expires_at: None,
        revoked_at: None,
    }
}

/// Returns a PC's session of one hour that began at that time.
pub fn pc_session(account: AccountId, at: Timestamp) -> Session {
    Session {
        id: Uuid::new_v4().into(),
        account,
        kind: SessionKind::Pc,
        device: None,
        device_secret: None,
        began: Began::Code,
        stepped_up_at: None,
        approvals_void_until: None,
        name: "Firefox · Linux".into(),
        ip: "2001:db8::1".into(),
        created_at: at,
        last_seen_at: at,
        expires_at: Some(at + 60 * MINUTE),
        revoked_at: None,
    }
}

/// Adds a PC's session to the database.
pub async fn kept_pc(database: &Database, account: AccountId) -> Session {
    let session = pc_session(account, now());
    database.sessions.put_session(&session).await.unwrap();
    session
}

/// An app that asks for a sign-in.
fn app() -> RequestingApp {
    RequestingApp {
        interaction: Uuid::new_v4().into(),
        client: "grafana".parse().unwrap(),
        name: "Grafana \"'\\ 图表".to_owned(),
        logo_url: None,
        scope: "openid profile".to_owned(),
        login_hint: Some("o'brien".to_owned()),
    }
}
