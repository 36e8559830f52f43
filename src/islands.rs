//! The parts of a page that are hydrated in the browser.
//!
//! Islands are kept small, because their download delays the page becoming interactive: the server renders the markup
//! and texts of every state, a `data-phase` attribute selects the current state, and the style sheet shows only that
//! one. So an island contains no text, works the same in every language, and the page is complete before hydration.

pub mod confirm_form;
mod page;
pub mod pauses;
pub mod session_watch;
pub mod ticket_feed;
