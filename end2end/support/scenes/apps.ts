// The pages of a sign-in to an app.

import { type Page, expect } from '@playwright/test';
import { openCode } from '../desktop';
import { PASSWORDS } from '../people';
import { NOWHERE, request } from '../relying-party';
import { type Scene, type Stage, at, phoneAt } from './parts';

const settings = { apps: NOWHERE };

/** The id of the ticket that a PC's page shows. */
async function ticketOf(pc: Page): Promise<string> {
  const ticket = (await pc.locator('.panel').getAttribute('data-ticket')) ?? '{}';
  return (JSON.parse(ticket) as { id: string }).id;
}

/** A PC on which somebody is signed in by password. */
async function signedIn({ people, options }: Stage): Promise<Page> {
  const pc = await people.desktop(options);
  const form = { username: 'dong', password: PASSWORDS.dong, device_kind: 'pc' };
  const answer = await pc.request.post('/api/login', { form, headers: { accept: 'application/json' } });
  expect(answer.ok()).toBe(true);
  return pc;
}

/** Connects the app that asks for no consent. The app does not answer. */
async function connect(pc: Page): Promise<void> {
  const path = request(NOWHERE, { client_id: 'trusted' });
  const answer = await pc.request.get(path, { maxRedirects: 0 });
  expect(answer.headers()['location']).toContain('code=');
}

export const appScenes: Scene[] = [
  {
    name: 'app-pc',
    settings,
    open: async ({ people, options }) => {
      const pc = await people.desktop(options);
      await openCode(pc, request(NOWHERE));
      return pc;
    },
  },
  {
    name: 'app-question',
    settings,
    open: async (stage) => {
      const pc = await stage.people.desktop();
      await openCode(pc, request(NOWHERE, { login_hint: 'guang' }));
      const phone = await phoneAt(stage, await ticketOf(pc), 'dong');
      await phone.locator('form.scan .button').click();
      await expect(phone.locator('.shares')).toBeVisible();
      return phone;
    },
  },
  {
    name: 'app-consent',
    settings,
    open: async (stage) => {
      const pc = await signedIn(stage);
      await pc.goto(request(NOWHERE));
      await expect(pc.locator('.consent')).toBeVisible();
      return pc;
    },
  },
  {
    name: 'app-sign-out',
    settings,
    open: async (stage) => {
      const pc = await signedIn(stage);
      await connect(pc);
      await pc.goto('/oauth/logout');
      await expect(pc.locator('.consent')).toBeVisible();
      return pc;
    },
  },
  {
    name: 'app-invalid',
    settings,
    troubles: /400/,
    open: async ({ people, options }) => at(await people.desktop(options), '/oauth/authorize?client_id=unknown'),
  },
  {
    name: 'app-over',
    settings,
    troubles: /400/,
    open: async ({ people, options }) =>
      at(await people.desktop(options), '/oauth/continue?i=00000000-0000-4000-8000-000000000000'),
  },
];
