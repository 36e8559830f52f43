//! What is hydrated in the browser. Each island gets its words as props, for the catalogues stay on the server.

pub mod confirm_form;
pub mod page;
pub mod session_watch;
pub mod ticket_feed;
