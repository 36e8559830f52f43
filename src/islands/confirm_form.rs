//! The phone's two buttons. A plain form until this island is hydrated; after that the response is shown without a page
//! load.

use super::page;
use crate::api::ticket::{cancel, confirm};
use crate::error::ErrorCode;
use domain::ids::Secret;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, EventTarget, HtmlElement, HtmlInputElement, SubmitEvent};

/// The two decisions; also the values of `data-phase` once one was made.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Decision {
    Confirm,
    Cancel,
}

impl Decision {
    /// Derives the decision from the `formaction` of the pressed button.
    fn of(button: Option<HtmlElement>) -> Self {
        let address = button.and_then(|button| button.get_attribute("formaction"));
        if address.is_some_and(|address| address.ends_with("/cancel")) { Self::Cancel } else { Self::Confirm }
    }

    const fn working(self) -> &'static str {
        match self {
            Self::Confirm => "confirming",
            Self::Cancel => "cancelling",
        }
    }

    const fn done(self) -> &'static str {
        match self {
            Self::Confirm => "confirmed",
            Self::Cancel => "cancelled",
        }
    }
}

/// The request details, the form and its two outcomes: `.ask`, rendered by the server. `data-expires-in` is the number
/// of seconds after which the server renders a different page. Changing `data-again` makes the style sheet restart the
/// delay during which the buttons ignore pointer events.
#[island]
pub fn ConfirmForm() -> impl IntoView {
    page::on_hydration(|| {
        let Some(stage) = page::find_in_page(".ask") else { return };
        let asked = stage.clone();
        // Fails only for an invalid attribute name.
        let _ = stage.set_attribute("data-awake", "");
        page::on(&stage, "submit", move |event| {
            let Some(event) = event.dyn_ref::<SubmitEvent>() else { return };
            event.prevent_default();
            let decision = Decision::of(event.submitter());
            let is_settled = page::find(&asked, ".confirm").is_none_or(|button| page::takes_pointer(&button));
            if is_settled && matches!(phase(&asked).as_str(), "open" | "offline") {
                spawn_local(send(decision, asked.clone()));
            }
        });
        // The page became visible again, or was under a window that has just closed: ignore the second half of a double
        // click.
        for (target, event) in [(document().into(), "visibilitychange"), (window().into(), "focus")] {
            let stage = stage.clone();
            let target: EventTarget = target;
            page::on(&target, event, move |_| drop(stage.toggle_attribute("data-again")));
        }
        spawn_local(async move {
            let seconds = page::attribute(&stage, "data-expires-in").parse().unwrap_or(0_u32);
            page::pause(seconds.saturating_mul(1000)).await;
            if phase(&stage) == "open" {
                page::reload();
            }
        });
    });
}

fn phase(stage: &Element) -> String {
    page::attribute(stage, "data-phase")
}

fn set_phase(stage: &Element, phase: &str) {
    // Fails only for an invalid attribute name.
    let _ = stage.set_attribute("data-phase", phase);
}

async fn send(decision: Decision, stage: Element) {
    let field = |name: &str| {
        let found = page::find(&stage, &format!("input[name={name}]"));
        found.and_then(|input| Some(input.dyn_into::<HtmlInputElement>().ok()?.value())).unwrap_or_default()
    };
    let (id, token) = (field("id"), Secret::new(field("confirm_token")));
    set_phase(&stage, decision.working());
    let outcome = match decision {
        Decision::Confirm => confirm(id, token).await,
        Decision::Cancel => cancel(id, token).await,
    };
    match outcome.map_err(|error| error.code) {
        Ok(_) => {
            set_phase(&stage, decision.done());
            page::vibrate(30);
            // Focusing the heading makes screen readers announce it and keyboard navigation continue from there.
            let heading = page::find(&stage, &format!("[data-outcome={}] h1", decision.done()));
            if let Some(heading) = heading.and_then(|heading| heading.dyn_into::<HtmlElement>().ok()) {
                let _ = heading.focus();
            }
        }
        Err(ErrorCode::Unreachable | ErrorCode::Unavailable) => set_phase(&stage, "offline"),
        // Expired, cancelled on the PC, or already used: the server renders the right message.
        Err(_) => page::reload(),
    }
}
