// An Express app where people sign in by scanning a code. Everything that is specific to sign-in is in this file.
//   npm install
//   ISSUER=https://login.example CLIENT_ID=express CLIENT_SECRET=… npm start

import { randomBytes } from 'node:crypto';
import express from 'express';
import * as client from 'openid-client';

const { ISSUER, CLIENT_ID, CLIENT_SECRET, PORT = '4000' } = process.env;
const APP_URL = process.env.APP_URL ?? `http://localhost:${PORT}`;
const REDIRECT_URI = `${APP_URL}/callback`;

const issuer = new URL(ISSUER);
// Plain HTTP only while qr-login runs on this computer.
const isLocal = issuer.protocol === 'http:' && ['127.0.0.1', 'localhost'].includes(issuer.hostname);
const config = await client.discovery(issuer, CLIENT_ID, CLIENT_SECRET, undefined, {
  execute: isLocal ? [client.allowInsecureRequests] : [],
});

// Who is signed in, by the value of a cookie. Your app has a session store of its own.
const sessions = new Map();
const cookie = { httpOnly: true, sameSite: 'lax', secure: APP_URL.startsWith('https:'), path: '/' };

const app = express();
app.use((request, response, next) => {
  const [, id] = /(?:^|; )session=([^;]*)/.exec(request.headers.cookie ?? '') ?? [];
  request.session = sessions.get(id);
  request.newSession = (session) => {
    sessions.delete(id);
    const fresh = randomBytes(32).toString('base64url');
    sessions.set(fresh, session);
    response.cookie('session', fresh, cookie);
  };
  request.endSession = () => {
    sessions.delete(id);
    response.clearCookie('session', cookie);
  };
  next();
});

app.get('/', (request, response) => {
  const name = request.session?.person?.name;
  response.type('text').send(name ? `Hello, ${name}!` : 'Nobody is signed in. Go to /login');
});

// 1. Send the browser to qr-login, and remember what to check when it returns.
app.get('/login', async (request, response) => {
  const verifier = client.randomPKCECodeVerifier();
  const checks = { pkceCodeVerifier: verifier, expectedState: client.randomState(), expectedNonce: client.randomNonce() };
  request.newSession({ checks });
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: REDIRECT_URI,
    scope: 'openid profile email',
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state: checks.expectedState,
    nonce: checks.expectedNonce,
  });
  response.redirect(url.href);
});

// 2. It returns with a code. The library checks state, issuer, signature and nonce.
app.get('/callback', async (request, response) => {
  const checks = request.session?.checks;
  if (!checks) return response.redirect('/login');
  const tokens = await client
    .authorizationCodeGrant(config, new URL(request.originalUrl, APP_URL), { ...checks, idTokenExpected: true })
    .catch((error) => error);
  if (tokens instanceof Error) {
    request.endSession();
    return response.status(400).type('text').send(`Not signed in: ${tokens.error ?? tokens.code}`);
  }
  // `sub` identifies the person, for ever. Names and e-mail addresses change.
  const { sub, name, email } = tokens.claims();
  request.newSession({ person: { sub, name, email }, idToken: tokens.id_token });
  response.redirect('/');
});

// 3. Sign out here and at qr-login. Production apps do this by POST.
app.get('/logout', (request, response) => {
  const hint = request.session?.idToken;
  request.endSession();
  const url = client.buildEndSessionUrl(config, {
    post_logout_redirect_uri: `${APP_URL}/`,
    ...(hint && { id_token_hint: hint }),
  });
  response.redirect(url.href);
});

const listener = app.listen(Number(PORT), 'localhost', () => console.log(`ready: http://localhost:${listener.address().port}`));
