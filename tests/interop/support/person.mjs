// A person: a browser on a PC, which keeps cookies and follows links, and a phone that approves what it is shown.
// Both use the server as pages and apps do, over HTTP.

import { once } from 'node:events';
import http from 'node:http';
import { buffer } from 'node:stream/consumers';

/** A phone that has signed in. */
export class Phone {
  constructor(issuer, { token, deviceId }) {
    this.issuer = issuer;
    this.headers = { authorization: `Bearer ${token}`, 'x-device-id': deviceId };
  }

  /** Signs in by password. */
  static async signIn(issuer, username, password) {
    const body = new URLSearchParams({ username, password, device_name: 'Phone', device_kind: 'native' });
    const { token, device_id: deviceId } = await json(await fetch(`${issuer}/api/login`, { method: 'POST', body }));
    return { token, deviceId };
  }

  async post(path, fields) {
    return json(
      await fetch(this.issuer + path, { method: 'POST', headers: this.headers, body: new URLSearchParams(fields) }),
    );
  }

  /** Scans a code and approves; returns what the phone showed. */
  async approve(id) {
    const scanned = await this.post('/api/qrcode/scan', { id });
    await this.post('/api/qrcode/confirm', { id, confirm_token: scanned.confirm_token });
    return scanned.requester;
  }
}

async function json(response) {
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.url}: ${response.status}: ${text}`);
  return JSON.parse(text);
}

/** A browser without script. It signs in and consents wherever our pages ask for it. */
export class Browser {
  #cookies = new Map();

  constructor(issuer, phone) {
    this.issuer = issuer;
    this.phone = phone;
    /** What the phone showed before it approved, newest last. */
    this.shown = [];
    /** How often the person has answered the consent page. */
    this.consents = 0;
  }

  async #fetch(url, { form, origin, accept = 'text/html,application/xhtml+xml' } = {}) {
    const headers = { accept, cookie: this.#cookiesFor(new URL(url)), 'sec-fetch-mode': 'navigate' };
    if (form) headers.origin = origin ?? new URL(url).origin;
    const response = await request(url, headers, form && `${new URLSearchParams(form)}`);
    for (const line of response.headers.getSetCookie()) this.#store(new URL(url), line);
    return response;
  }

  /** Cookies are shared by the ports of a host, as in every browser. */
  #cookiesFor({ hostname, pathname }) {
    return [...this.#cookies.values()]
      .filter((cookie) => cookie.host === hostname && (pathname + '/').startsWith(cookie.path.replace(/\/?$/, '/')))
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ');
  }

  #store({ hostname: host }, line) {
    const [pair, ...attributes] = line.split(';').map((part) => part.trim());
    const name = pair.slice(0, pair.indexOf('='));
    const value = pair.slice(pair.indexOf('=') + 1);
    const attribute = (wanted) =>
      attributes.find((a) => a.toLowerCase().startsWith(`${wanted}=`))?.slice(wanted.length + 1);
    const path = attribute('path') ?? '/';
    const isOver = attribute('max-age') === '0' || new Date(attribute('expires') ?? Infinity) < new Date();
    const key = `${host} ${path} ${name}`;
    if (isOver) this.#cookies.delete(key);
    else this.#cookies.set(key, { host, path, name, value });
  }

  /** Forgets all cookies of a host, as a person does who clears them. */
  forget(host) {
    for (const [key, cookie] of this.#cookies) if (cookie.host === host) this.#cookies.delete(key);
  }

  /**
   * Opens a URL and follows redirects, forms that submit themselves, and our pages. Stops at a URL for which `until` is
   * true, which is not opened, or at a page of an app.
   */
  async open(url, until = () => false, form = undefined) {
    let next = { url: new URL(url).href, form };
    for (let steps = 0; steps < 40; steps += 1) {
      if (until(next.url)) return next;
      const response = await this.#fetch(next.url, next);
      const here = next.url;
      const location = response.headers.get('location');
      if (response.status >= 300 && response.status < 400 && location) {
        const to = new URL(location, here);
        // A browser keeps the fragment.
        const keepsForm = [307, 308].includes(response.status);
        next = { url: to.href, form: keepsForm ? next.form : undefined, origin: next.origin };
        continue;
      }
      const body = await response.text();
      const step = await this.#answer(here, body);
      if (!step) return { url: here, status: response.status, body, headers: response.headers };
      next = step;
    }
    throw new Error(`more than 40 steps from ${url}`);
  }

  /** Returns where a page leads by itself, or by what the person does on it. */
  async #answer(here, body) {
    const refresh = /http-equiv="refresh" content="0; ?url=([^"]*)"/i.exec(body);
    if (refresh) return { url: new URL(unescape(refresh[1]), here).href };
    const { origin } = new URL(here);
    const posts = /<form method="post" action="(https?:[^"]*)">/.exec(body);
    if (posts && body.includes('.submit()')) return { url: unescape(posts[1]), form: fields(body), origin };
    if (origin !== this.issuer) return undefined;
    if (body.includes('action="/oauth/consent"')) {
      this.consents += 1;
      return { url: `${origin}/oauth/consent`, form: { ...fields(body), answer: 'allow' }, origin };
    }
    if (body.includes('data-ticket="')) {
      const { id } = JSON.parse(unescape(/data-ticket="([^"]*)"/.exec(body)[1]));
      this.shown.push(await this.phone.approve(id));
      await json(await this.#fetch(`${origin}/api/qrcode/redeem`, { form: { id }, origin, accept: 'application/json' }));
      return { url: new URL(new URL(here).searchParams.get('next') ?? '/account', origin).href };
    }
    if (body.includes('action="/oauth/logout"')) {
      return { url: `${origin}/oauth/logout`, form: { ...fields(body), confirm: '1' }, origin };
    }
    return undefined;
  }
}

/** Sends a request as a browser does when a person opens a page. `fetch` would say that a script has sent it. */
async function request(url, headers, body) {
  if (body !== undefined) headers['content-type'] = 'application/x-www-form-urlencoded';
  const sent = http.request(url, { method: body === undefined ? 'GET' : 'POST', headers, agent: false });
  sent.end(body);
  const [response] = await once(sent, 'response');
  const received = new Headers();
  for (const [name, values] of Object.entries(response.headersDistinct)) {
    for (const value of values) received.append(name, value);
  }
  const content = await buffer(response);
  return new Response(content.length ? content : null, { status: response.statusCode, headers: received });
}

/** The hidden fields of a page's form. */
function fields(body) {
  const inputs = [...body.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)];
  return Object.fromEntries(inputs.map(([, name, value]) => [name, unescape(value)]));
}

function unescape(text) {
  return text
    .replace(/&quot;/g, '"')
    .replace(/&#(?:39|x27);/g, "'")
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&amp;/g, '&');
}
