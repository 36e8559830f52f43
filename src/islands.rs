//! What is hydrated in the browser.
//!
//! An island is as small as it can be, for people wait for it: the server renders all markup and all words of every state
//! beside it, a `data-phase` attribute says which state holds, and the style sheet shows that one. So an island carries no
//! text, works the same in every language, and the page is whole before it wakes.

pub mod confirm_form;
mod page;
pub mod pauses;
pub mod session_watch;
pub mod ticket_feed;
