// Someone who controls a page on a sibling domain, or spoofs one on the victim's network, wants the victim's browser to
// send the attacker's cookies to us: to sign the victim in as the attacker, or to have the victim's phone approve the
// attacker's code. `__Host-` prevents that, unless a server treats `%5F%5FHost-qr_pc` as the same name, which no
// browser does.

import { type Browser, type BrowserContext, type Page, test as base, expect } from '@playwright/test';
import { chromium } from '../../support/chromium';
import { outlast } from '../../support/desktop';
import { Handset } from '../../support/handset';
import { PASSWORDS } from '../../support/people';
import { RESOLVER, Siblings } from '../../support/siblings';

const test = base.extend<{ siblings: Siblings }>({
  siblings: async ({}, use) => {
    const siblings = await Siblings.start();
    await use(siblings);
    await siblings.stop();
  },
});

test.use({ launchOptions: { ...chromium, args: [...chromium.args, RESOLVER] } });

/** What the attacker has: all cookies of their own account, and the codes that they belong to. */
interface Attacker {
  cookies: Map<string, string>;
  /** A code on the attacker's PC that no phone has scanned. */
  open: string;
  /** One that the attacker's phone has scanned. */
  scanned: string;
}

type Fields = Record<string, string>;

async function request(page: Page, path: string, form?: Fields, accept = 'application/json'): Promise<string> {
  return page.evaluate(
    async ([path, form, accept]) => {
      const headers = { accept };
      // A redirect is a response, too; its cookies are stored.
      const init = form ? { method: 'POST', body: new URLSearchParams(form), redirect: 'manual' as const } : {};
      return (await fetch(path, { ...init, headers })).text();
    },
    [path, form, accept] as const,
  );
}

async function json(page: Page, path: string, form?: Fields): Promise<Record<string, unknown>> {
  return JSON.parse(await request(page, path, form)) as Record<string, unknown>;
}

/** A separate browser, on a page of ours that sends no requests. */
async function visit(browser: Browser, siblings: Siblings): Promise<Page> {
  const context = await browser.newContext({ baseURL: siblings.origin, ignoreHTTPSErrors: true, locale: 'en-US' });
  const page = await context.newPage();
  // A page that sets no cookie.
  await page.goto('/nothing-here');
  return page;
}

async function cookiesOf(context: BrowserContext, siblings: Siblings): Promise<Map<string, string>> {
  const cookies = await context.cookies(siblings.origin);
  return new Map(cookies.map(({ name, value }) => [name, value]));
}

/** Goes through a login with the attacker's own account, and stores every cookie on the way. */
async function attack(browser: Browser, siblings: Siblings): Promise<Attacker> {
  const pc = await visit(browser, siblings);
  const phone = await visit(browser, siblings);
  const code = async () => `${(await json(pc, '/api/qrcode/generate', {})).id}`;

  const used = await code();
  const form = { username: 'guang', password: PASSWORDS.guang };
  await request(phone, '/api/login', { ...form, scan: used }, 'text/html');
  const { confirm_token } = await json(phone, '/api/qrcode/scan', { id: used });
  await json(phone, '/api/qrcode/confirm', { id: used, confirm_token: `${confirm_token}` });
  await json(pc, '/api/qrcode/redeem', { id: used });
  await request(pc, '/language', { language: 'zh-CN' }, 'text/html');
  await request(pc, '/api/login', { username: 'guang', password: 'wrong' }, 'text/html');

  const [open, scanned] = [await code(), await code()];
  await json(phone, '/api/qrcode/scan', { id: scanned });
  const cookies = new Map([
    ...(await cookiesOf(phone.context(), siblings)),
    ...(await cookiesOf(pc.context(), siblings)),
  ]);
  cookies.set('__Host-qr_scan', open);
  return { cookies, open, scanned };
}

/** A response that a browser gets only with that cookie. `beside` are other cookies that it needs. */
const PROBES: Record<string, { beside?: string[]; probe: (page: Page, attacker: Attacker, siblings: Siblings) => Promise<unknown> }> =
  {
    '__Host-qr_pc': { probe: async (page) => (await json(page, '/api/userinfo')).username },
    '__Host-qr_phone': {
      beside: ['__Host-qr_device'],
      probe: async (page) => (await json(page, '/api/userinfo')).username,
    },
    '__Host-qr_device': {
      probe: async (page, { cookies }) => {
        const { device_id } = await json(page, '/api/login', { username: 'dong', password: PASSWORDS.dong });
        return cookies.get('__Host-qr_device')?.startsWith(`${device_id}~`);
      },
    },
    '__Host-qr_browser': { probe: async (page, { open }) => (await json(page, `/api/qrcode/check?id=${open}`)).status },
    '__Host-qr_confirm': {
      beside: ['__Host-qr_phone', '__Host-qr_device'],
      probe: async (page, { scanned }) => {
        const html = await request(page, `/confirm?id=${scanned}`, undefined, 'text/html');
        return html.includes('/api/qrcode/confirm');
      },
    },
    '__Host-qr_known': {
      probe: async (page, _, { server }) => {
        const handset = await Handset.signedIn(server, 'dong');
        const id = `${(await json(page, '/api/qrcode/generate', {})).id}`;
        const check = async () => json(page, `/api/qrcode/check?id=${id}`);
        await handset.scan(id);
        await outlast(async () => (await check()) as { expires_in: number });
        await handset.confirm(id);
        return (await check()).confirm_person;
      },
    },
    '__Host-qr_language': {
      probe: async (page) => {
        await page.goto('/?tab=password');
        return page.locator('html').getAttribute('lang');
      },
    },
    '__Host-qr_typed': {
      probe: async (page) => {
        await page.goto('/?tab=password');
        return page.locator('input[name=username]').inputValue();
      },
    },
    '__Host-qr_scan': {
      beside: ['__Host-qr_phone', '__Host-qr_device'],
      probe: async (page, { open }) => {
        const html = await request(page, `/confirm?id=${open}`, undefined, 'text/html');
        return html.includes('.submit()');
      },
    },
  };

/** A victim's browser that has those of the attacker's cookies as if we had set them. */
async function holding(browser: Browser, siblings: Siblings, attacker: Attacker, names: string[]): Promise<Page> {
  const page = await visit(browser, siblings);
  const url = siblings.origin;
  const cookies = names.map((name) => ({ name, value: attacker.cookies.get(name) ?? '', url, secure: true }));
  if (cookies.length > 0) await page.context().addCookies(cookies);
  return page;
}

test('every one of our cookies is tried', async ({ browser, siblings }) => {
  const { cookies } = await attack(browser, siblings);
  expect([...cookies.keys()].toSorted()).toEqual(Object.keys(PROBES).toSorted());
});

for (const [name, { beside = [], probe }] of Object.entries(PROBES)) {
  test(`a page on a sibling domain cannot plant ${name}`, async ({ browser, siblings }) => {
    const attacker = await attack(browser, siblings);
    const value = attacker.cookies.get(name) ?? '';
    expect(value).not.toBe('');
    const clean = await holding(browser, siblings, attacker, beside);
    const answer = await probe(clean, attacker, siblings);
    const genuine = await holding(browser, siblings, attacker, [...beside, name]);
    expect(await probe(genuine, attacker, siblings), 'the probe sees the cookie').not.toEqual(answer);

    const bare = name.slice('__Host-'.length);
    // Only one alias: a careful server ignores a name that occurs twice, decoded or not.
    const accepted = [`%5F%5FHost-${bare}`, bare];
    siblings.plants = [...accepted, name].map((name) => `${name}=${value}; Domain=example.com; Path=/`);
    const victim = await holding(browser, siblings, attacker, beside);
    await victim.goto(siblings.neighbour);
    const planted = await cookiesOf(victim.context(), siblings);
    for (const name of accepted) expect(planted.get(name), `the browser sends ${name} to us`).toBe(value);
    expect(planted.has(name), 'the browser keeps the prefix for us').toBe(false);

    await victim.goto(`${siblings.origin}/nothing-here`);
    expect(await probe(victim, attacker, siblings), 'and so do we').toEqual(answer);
  });
}
