//! Attacks, one file per goal of an attacker. The first lines of a file say who attacks and how.
//!
//! Most of them talk to a server over a real socket. Attacks that need a browser are in `end2end/tests/attacks/`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    missing_docs,
    unreachable_pub,
    reason = "a test fails by panicking, and has no public interface"
)]

mod attacks {
    mod app;
    #[allow(dead_code, unused_imports, reason = "shared with the tests of proxies")]
    mod behind_a_proxy;
    mod devices;
    mod flood;
    #[allow(dead_code, reason = "shared with the HTTP tests")]
    #[path = "../http_api/idp.rs"]
    mod idp;
    mod program;
    #[allow(dead_code, reason = "shared with the HTTP tests")]
    #[path = "../http_api/server.rs"]
    mod server;

    mod attack_without_a_trace;
    mod change_the_connections_of_a_visitor;
    mod collect_an_old_approval;
    mod enter_a_site_by_the_cookie_of_another;
    mod exhaust_the_server_by_photos;
    mod feed_a_malicious_picture;
    mod fill_the_disk_with_requests;
    mod fill_the_memory_with_codes;
    mod fill_the_memory_with_uploads;
    mod guess_a_password_in_parallel;
    mod guess_a_user_code;
    mod guess_from_many_devices;
    mod guess_in_the_settings;
    mod guess_under_many_spellings;
    mod hash_and_hang_up;
    mod hide_behind_the_proxy;
    mod hold_connections_open;
    mod keep_an_approval_in_reserve;
    mod lead_a_visitor_away_by_a_sign_in;
    mod learn_who_opened_a_link;
    mod lock_a_person_out;
    mod lock_the_owner_out_from_a_phished_pc;
    mod lose_a_login_on_the_way;
    mod make_cookies_unreadable;
    mod make_the_server_say_it_is_down;
    mod name_the_browser_that_asks;
    mod outlive_a_deleted_account;
    mod outlive_a_new_password;
    mod outlive_a_phished_sign_in_by_a_device;
    mod pass_as_a_pc_by_a_damaged_row;
    mod pin_memory_with_tiny_chunks;
    mod plant_a_cookie_from_a_sibling_domain;
    mod poll_for_another_client;
    mod post_from_another_origin;
    mod put_words_into_a_request;
    mod read_secrets_in_a_log;
    mod read_the_database_as_another_user;
    mod read_the_operations;
    mod read_the_session_off_the_code;
    mod read_the_tokens_of_services;
    mod read_what_was_typed;
    mod reuse_a_binding_secret;
    mod sign_a_visitor_in_to_a_site_as_oneself;
    mod sign_in_as_another_issuers_user;
    mod sign_in_by_a_response_of_somebody_else;
    mod sign_in_with_the_tutorials_password;
    mod sign_in_without_end;
    mod slow_the_stop;
    mod speak_for_the_proxy;
    mod stay_in_a_site_without_a_session;
    mod steal_a_device_code;
    mod stop_all_reads_by_a_full_disk;
    mod strip_tls;
    mod take_over_an_account_from_a_phished_pc;
    mod take_the_phone_cookie_through_the_proxy;
    mod turn_a_page_around_by_a_name;
    mod use_a_stolen_phone_token;
    mod use_up_codes_by_prefetch;
    mod use_up_codes_through_an_app;
    mod use_up_the_descriptors;
    mod wait_without_end;
}
