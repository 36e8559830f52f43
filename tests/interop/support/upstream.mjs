// An oidc-provider that offers the device grant and the code flow to one client, with short access tokens and rotated refresh
// tokens: one that is used twice ends the grant. Everybody who comes is `dong`.

import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

const { PORT, SECRET, CALLER } = process.env;
const issuer = `http://127.0.0.1:${PORT}`;
const page = (body) => `<!DOCTYPE html><html lang="en"><title>Upstream</title><body>${body}</body></html>`;

async function loadExistingGrant({ oidc: { client, session, provider } }) {
  const grant = new provider.Grant({ accountId: session.accountId, clientId: client.clientId });
  grant.addOIDCScope('openid profile email offline_access');
  await grant.save();
  return grant;
}

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: 'qr-login',
      client_secret: SECRET,
      redirect_uris: [`${CALLER}/sign-in/upstream/callback`],
      grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
      response_types: ['code'],
    },
  ],
  claims: { openid: ['sub'], profile: ['name', 'preferred_username'], email: ['email', 'email_verified'] },
  conformIdTokenClaims: false,
  cookies: { keys: [randomBytes(32).toString('hex')] },
  jwks: { keys: [generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' })] },
  findAccount: (_ctx, sub) => ({
    accountId: sub,
    claims: () => ({ sub, name: 'Dong', preferred_username: sub, email: 'dong@upstream.example', email_verified: true }),
  }),
  issueRefreshToken: () => true,
  rotateRefreshToken: () => true,
  loadExistingGrant,
  interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
  ttl: { AccessToken: 2, DeviceCode: 300, Grant: 3600, IdToken: 300, Interaction: 300, RefreshToken: 3600, Session: 3600 },
  features: {
    devInteractions: { enabled: false },
    revocation: { enabled: true },
    deviceFlow: {
      enabled: true,
      userCodeInputSource: (ctx, form) => {
        ctx.body = page(form);
      },
      userCodeConfirmSource: (ctx, form) => {
        ctx.body = page(form);
      },
      successSource: (ctx) => {
        ctx.body = page('<p>Approved</p>');
      },
    },
  },
});

const answer = provider.callback();
const server = createServer((req, res) => {
  if (!req.url.startsWith('/interaction/')) return answer(req, res);
  provider.interactionFinished(req, res, { login: { accountId: 'dong' } }).catch((error) => {
    console.error(error);
    res.writeHead(400).end();
  });
});
server.listen(Number(PORT), '127.0.0.1', () => console.log(issuer));
