// Measures the pages of a server by Lighthouse: `lighthouse.mjs URL`, with the paths of Lighthouse and of Chromium in the
// variables of these names. Prints a line per page, and exits with 1 if one is too slow or has a barrier.
//
// A busy machine only makes a page slower, never faster, so a page may try again: it has to be fast enough once.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const [url] = process.argv.slice(2);
const { default: lighthouse } = await import(join(process.env.LIGHTHOUSE, 'core/index.js'));

const TRIES = 6;
const PHONE =
  'Mozilla/5.0 (Linux; Android 14; Pixel 7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36';
/** The limit of each figure: milliseconds, but for the shift of the layout. */
const LIMITS = {
  'largest-contentful-paint': 1200,
  'total-blocking-time': 50,
  'cumulative-layout-shift': 0,
};
const CATEGORIES = ['performance', 'accessibility', 'best-practices'];

/** Signs a browser in and returns its cookies. */
async function signIn(kind) {
  const response = await fetch(new URL('/api/login', url), {
    method: 'POST',
    headers: { 'user-agent': PHONE },
    body: new URLSearchParams({ username: 'dong', password: '111', device_kind: kind }),
  });
  if (!response.ok) throw new Error(`signing in: ${response.status}`);
  return response.headers.getSetCookie().map((cookie) => cookie.split(';')[0]).join('; ');
}

/** Follows redirects as a browser with those cookies, and returns where they end. */
async function follow(target, cookies) {
  let [address, jar] = [new URL(target, url), cookies];
  for (;;) {
    const response = await fetch(address, { redirect: 'manual', headers: { cookie: jar } });
    jar = [jar, ...response.headers.getSetCookie().map((cookie) => cookie.split(';')[0])].join('; ');
    const location = response.headers.get('location');
    if (!location) return { address: address.toString(), cookies: jar };
    address = new URL(location, address);
  }
}

async function pages() {
  const [phone, pc] = [await signIn('phone'), await signIn('pc')];
  const issued = await fetch(new URL('/api/qrcode/generate', url), { method: 'POST' });
  const { id } = await issued.json();
  const request = new URLSearchParams({
    client_id: 'app',
    redirect_uri: 'https://app.example/callback',
    response_type: 'code',
    scope: 'openid profile email',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
  });
  const consent = await follow(`/oauth/authorize?${request}`, pc);
  return [
    ['sign-in', new URL('/', url).toString(), ''],
    ['confirm', new URL(`/confirm?id=${id}`, url).toString(), phone],
    ['scan', new URL('/scan', url).toString(), phone],
    ['account', new URL('/account', url).toString(), phone],
    ['consent', consent.address, consent.cookies],
  ];
}

let browser;
const end = () => browser && process.kill(-browser.pid, 'SIGKILL');
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
process.once('exit', end);

/** Starts a browser, and returns it and its port for debugging. */
async function open() {
  const child = spawn(
    process.env.CHROMIUM,
    [
      '--headless=new',
      '--no-sandbox',
      '--disable-gpu',
      '--no-first-run',
      '--no-default-browser-check',
      '--disable-background-networking',
      '--disable-component-extensions-with-background-pages',
      '--disable-component-update',
      '--disable-default-apps',
      '--disable-extensions',
      '--disable-sync',
      '--mute-audio',
      '--remote-debugging-port=0',
      `--user-data-dir=${await mkdtemp(join(tmpdir(), 'profile-'))}`,
      'about:blank',
    ],
    // A group of its own, because the program may be a script that starts the browser.
    { stdio: ['ignore', 'ignore', 'pipe'], detached: true },
  );
  browser = child;
  for await (const line of createInterface({ input: child.stderr })) {
    const port = /^DevTools listening on ws:\/\/[^:]*:(\d+)/.exec(line)?.[1];
    if (port) {
      // Discards the rest.
      child.stderr.resume();
      return { child, port: Number(port) };
    }
  }
  throw new Error('Chromium did not start');
}

/** In a browser of its own: in one that has shown another page, Lighthouse at times does not see the page load. */
async function measure(address, cookies) {
  const { child, port } = await open();
  let lhr;
  try {
    ({ lhr } = await lighthouse(address, {
      port,
      logLevel: 'error',
      onlyCategories: CATEGORIES,
      // A page that waits for news from the server is never idle.
      maxWaitForLoad: 10_000,
      extraHeaders: cookies ? { Cookie: cookies } : {},
    }));
  } finally {
    end();
    await once(child, 'close');
    browser = undefined;
  }
  if (lhr.runtimeError) return { excess: [lhr.runtimeError.message], line: '' };
  if (lhr.finalDisplayedUrl !== address) return { excess: [`it leads to ${lhr.finalDisplayedUrl}`], line: '' };
  const scores = CATEGORIES.map((name) => [name, Math.round(lhr.categories[name].score * 100)]);
  const figures = Object.keys(LIMITS).map((name) => [name, lhr.audits[name].numericValue]);
  return {
    excess: [
      ...scores.filter(([, score]) => score < 100).map(([name, score]) => `${name} ${score}`),
      ...figures.filter(([name, value]) => value > LIMITS[name]).map(([name, value]) => `${name} ${Number(value.toFixed(2))}`),
    ],
    line: [...scores.map(([, score]) => score), ...figures.map(([, value]) => Number(value.toFixed(2)))].join('  '),
  };
}

let failed = false;
console.log(`${[...CATEGORIES, ...Object.keys(LIMITS)].join('  ')}`);
for (const [name, address, cookies] of await pages()) {
  let result;
  for (let tries = 0; tries < TRIES && (!result || result.excess.length > 0); tries += 1) {
    result = await measure(address, cookies);
  }
  console.log(`  ${result.line}  ${name}`);
  if (result.excess.length > 0) {
    console.log(`${name}: ${result.excess.join(', ')}`);
    failed = true;
  }
}
process.exitCode = failed ? 1 : 0;
