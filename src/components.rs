//! Markup without behaviour: props in, view out.

pub mod avatar;
pub mod icon;
pub mod outcome;
