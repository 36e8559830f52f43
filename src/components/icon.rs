//! The icons: one set of outlines on a 24-unit grid.

#![allow(missing_docs, reason = "the macro turns each argument into a public field, with the argument's own name")]

use leptos::prelude::*;

/// An icon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icon {
    /// Success.
    Check,
    /// Cancelled.
    Cross,
    /// Expired.
    Clock,
    /// A computer.
    Computer,
    /// A phone.
    Phone,
    /// A warning.
    Shield,
    /// No connection.
    Offline,
    /// Show what is hidden.
    Eye,
    /// A code in a viewfinder.
    Scan,
    /// The sharing of iOS: an arrow out of a box.
    Share,
    /// The languages.
    Globe,
}

impl Icon {
    const fn path(self) -> &'static str {
        match self {
            Self::Check => "M5 12.5l4.5 4.5L19 7.5",
            Self::Cross => "M7 7l10 10M17 7L7 17",
            Self::Eye => {
                "M2.500 12C5 7.500 8.200 5.500 12 5.500s7 2 9.500 6.500c-2.500 4.500-5.700 6.500-9.500 6.500S5 16.500 2.500 12M12 9a3 3 0 1 0 0 6a3 3 0 0 0 0-6"
            }
            Self::Globe => "M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0-18M3 12h18M12 3c5 5 5 13 0 18c-5-5-5-13 0-18",
            Self::Clock => "M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0-18M12 7.5V12l3 2",
            Self::Computer => "M4 5h16v11H4zM2.5 19.5h19",
            Self::Phone => "M7 3h10v18H7zM11 18h2",
            Self::Shield => "M12 3l7 3v5.5c0 4.5-3 7.5-7 9.5c-4-2-7-5-7-9.5V6zM12 8.5v4M12 15.6v.1",
            Self::Scan => {
                "M4 8.500V5.500A1.500 1.500 0 0 1 5.500 4h3M15.500 4h3A1.500 1.500 0 0 1 20 5.500v3M20 15.500v3a1.500 1.500 0 0 1-1.500 1.500h-3M8.500 20h-3A1.500 1.500 0 0 1 4 18.500v-3M9 9h2.500v2.500H9zM15 9v.1M15 12v3h-3M9 15v.1"
            }
            Self::Share => "M8 9.500H6V20.500h12V9.500h-2M12 14.500V3.500M8.500 6.500L12 3l3.500 3.500",
            Self::Offline => {
                "M4 4l16 16M8.5 15.5a5 5 0 0 1 5.5-1M5 12a9.5 9.5 0 0 1 5-2.6M19 12a9.500 9.500 0 0 0-4-2.300M12 19v.1"
            }
        }
    }
}

/// Renders an icon in the colour of the surrounding text. Decorative: there is always text beside it.
#[component]
pub fn IconImage(icon: Icon) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true">
            <path d=icon.path()></path>
        </svg>
    }
}
