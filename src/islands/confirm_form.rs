//! The phone's two buttons. A plain form until this island is awake; from then on the answer comes without a new page.

#![allow(missing_docs, reason = "the macro turns each argument into a public field, with the argument's own name")]

use super::page;
use crate::components::icon::Icon;
use crate::components::outcome::{Outcome, OutcomeTexts};
use crate::error::ErrorCode;
use crate::ids::TicketId;
use crate::ticket::api::{cancel, confirm};
use leptos::ev::MouseEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::{Deserialize, Serialize};

/// The words of the form and of its two outcomes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfirmTexts {
    /// Approves.
    pub confirm: String,
    /// Declines.
    pub cancel: String,
    /// While the answer is on its way.
    pub working: String,
    /// When it did not arrive.
    pub offline: String,
    /// After approving.
    pub approved: OutcomeTexts,
    /// After declining.
    pub cancelled: OutcomeTexts,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Decision {
    Confirm,
    Cancel,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Open,
    Working(Decision),
    Offline,
    Done(Decision),
}

/// Who asks (the children), two equal buttons, and then the outcome in their place.
#[island]
pub fn ConfirmForm(
    id: TicketId,
    confirm_token: String,
    expires_in: u64,
    texts: ConfirmTexts,
    children: Children,
) -> impl IntoView {
    let phase = RwSignal::new(Phase::Open);
    let token = StoredValue::new(confirm_token.clone());
    let decide = move |decision| {
        move |event: MouseEvent| {
            event.prevent_default();
            if !matches!(phase.get_untracked(), Phase::Working(_) | Phase::Done(_)) {
                spawn_local(send(decision, id, token.get_value(), phase));
            }
        }
    };
    Effect::new(move |_| {
        let milliseconds = u32::try_from(expires_in).unwrap_or(3600).saturating_mul(1000);
        spawn_local(async move {
            page::pause(milliseconds).await;
            if phase.try_get_untracked() == Some(Phase::Open) {
                page::reload();
            }
        });
    });
    let is_done = move || matches!(phase.get(), Phase::Done(_));
    let is_working = move |decision| phase.get() == Phase::Working(decision);
    let busy = move || matches!(phase.get(), Phase::Working(_));
    let label = move |decision, words: String, working: String| {
        move || if is_working(decision) { working.clone() } else { words.clone() }
    };
    let ConfirmTexts { confirm, cancel, working, offline, approved, cancelled } = texts;
    view! {
        <div class="ask" class:gone=is_done>
            {children()}
            <form class="decide" method="post" action="/api/qrcode/confirm">
                <input type="hidden" name="id" value=id.to_string()/>
                <input type="hidden" name="confirm_token" value=confirm_token/>
                <button
                    class="button secondary"
                    formaction="/api/qrcode/cancel"
                    aria-disabled=move || busy().then_some("true")
                    on:click=decide(Decision::Cancel)
                >
                    {label(Decision::Cancel, cancel, working.clone())}
                </button>
                <button
                    class="button"
                    aria-disabled=move || busy().then_some("true")
                    on:click=decide(Decision::Confirm)
                >
                    {label(Decision::Confirm, confirm, working)}
                </button>
            </form>
        </div>
        <p class="form-error" role="alert">
            {move || (phase.get() == Phase::Offline).then(|| offline.clone())}
        </p>
        <div role="status">
            {move || match phase.get() {
                Phase::Done(Decision::Confirm) => {
                    Some(view! { <Outcome icon=Icon::Check good=true texts=approved.clone()/> })
                }
                Phase::Done(Decision::Cancel) => {
                    Some(view! { <Outcome icon=Icon::Cross good=false texts=cancelled.clone()/> })
                }
                _ => None,
            }}
        </div>
    }
}

async fn send(decision: Decision, id: TicketId, token: String, phase: RwSignal<Phase>) {
    phase.set(Phase::Working(decision));
    let outcome = match decision {
        Decision::Confirm => confirm(id.to_string(), token).await,
        Decision::Cancel => cancel(id.to_string(), token).await,
    };
    match outcome.map_err(|error| error.code) {
        Ok(_) => phase.set(Phase::Done(decision)),
        Err(ErrorCode::Unreachable | ErrorCode::Unavailable) => phase.set(Phase::Offline),
        // Expired, cancelled at the PC, used: the server has the words for it.
        Err(_) => page::reload(),
    }
}
