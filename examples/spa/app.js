// A single-page app where people sign in by scanning a code, in this tab or in a window of its own.

import { manager } from './manager.js';

const element = (id) => document.getElementById(id);

function show(user) {
  element('who').textContent = user ? `Hello, ${user.profile.name}!` : 'Nobody is signed in';
}

async function act(what) {
  element('state').textContent = '';
  try {
    element('state').textContent = (await what()) ?? '';
  } catch (error) {
    element('state').textContent = `Failed: ${error.message}`;
  }
}

element('redirect').onclick = () => act(() => manager.signinRedirect());
element('popup').onclick = () => act(async () => show(await manager.signinPopup()));
// With the refresh token; no frames, no cookies of another site.
element('renew').onclick = () =>
  act(async () => {
    const user = await manager.signinSilent();
    show(user);
    return user ? 'Renewed' : 'Not renewed';
  });
element('logout').onclick = () => act(() => manager.signoutRedirect());

show(await manager.getUser());
