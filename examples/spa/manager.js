// The settings of oidc-client-ts, for all pages. A public client: there is no secret, PKCE protects the code.

const { UserManager, WebStorageStateStore } = globalThis.oidc;

const { issuer, client_id } = await (await fetch('./settings.json')).json();
const here = new URL('./', location.href).href;

export const manager = new UserManager({
  authority: issuer,
  client_id,
  redirect_uri: `${here}callback.html`,
  popup_redirect_uri: `${here}popup.html`,
  post_logout_redirect_uri: here,
  scope: 'openid profile email offline_access',
  loadUserInfo: true,
  // For this tab only. In localStorage, tokens would outlive it.
  userStore: new WebStorageStateStore({ store: sessionStorage }),
});
