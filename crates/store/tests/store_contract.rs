//! The contract of every store, regardless of its engine: one suite per trait, run against each engine.
//!
//! A new engine needs one function in `backends` and one line per trait below. An engine may keep its data between
//! tests: every test uses its own ids and names.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    missing_docs,
    unreachable_pub,
    reason = "a test fails by panicking, and has no public interface"
)]

/// Runs the named functions of a suite as tests, each against a new store.
macro_rules! contract {
    ($suite:ident, $backend:ident: $($test:ident)+) => {
        mod $backend {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
                async fn $test() {
                    let backend = crate::store_contract::backends::$backend().await;
                    crate::store_contract::$suite::$test(&backend).await;
                }
            )+
        }
    };
}

mod store_contract {
    mod accounts;
    mod backends;
    mod connections;
    mod forgetting;
    mod grants;
    mod identities;
    mod limits;
    mod nodes;
    mod notices;
    mod people;
    mod samples;
    mod sessions;
    mod sqlite_file;
    mod tickets;

    mod ticket_store {
        super::tickets::contract!(memory);
        super::tickets::contract!(redis);
    }

    mod limit_store {
        super::limits::contract!(memory_limits);
        super::limits::contract!(redis_limits);
    }

    /// For engines without built-in expiry.
    mod ticket_store_sweeping {
        super::tickets::sweeping_contract!(memory);
    }

    mod account_store {
        super::accounts::contract!(sqlite_in_memory);
        super::accounts::contract!(sqlite_in_a_file);
        super::accounts::contract!(postgres);
    }

    mod account_store_people {
        super::people::contract!(sqlite_in_memory);
        super::people::contract!(sqlite_in_a_file);
        super::people::contract!(postgres);
    }

    mod grant_store {
        super::grants::contract!(sqlite_in_memory);
        super::grants::contract!(sqlite_in_a_file);
        super::grants::contract!(postgres);
    }

    mod identity_store {
        super::identities::contract!(sqlite_in_memory);
        super::identities::contract!(sqlite_in_a_file);
        super::identities::contract!(postgres);
    }

    mod connection_store {
        super::connections::contract!(sqlite_in_memory);
        super::connections::contract!(sqlite_in_a_file);
        super::connections::contract!(postgres);
    }

    mod notice_store {
        super::notices::contract!(sqlite_in_memory);
        super::notices::contract!(sqlite_in_a_file);
        super::notices::contract!(postgres);
    }

    mod session_store {
        super::sessions::contract!(sqlite_in_memory);
        super::sessions::contract!(sqlite_in_a_file);
        super::sessions::contract!(postgres);
    }
}
