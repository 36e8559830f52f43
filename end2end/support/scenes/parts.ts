// Building blocks of scenes, independent of the language.

import { resolve } from 'node:path';
import { type BrowserContextOptions, type Page, expect } from '@playwright/test';
import { expectPhase, idOf, openCode, readCode } from '../desktop';
import { Handset } from '../handset';
import { type Account, type People } from '../people';
import { type Server, type Settings } from '../server';

/** A picture without a code. */
export const PICTURE = resolve(__dirname, '../../../public/icon-192.png');

export interface Stage {
  people: People;
  server: Server;
  /** Options of the browser that shows the scene. */
  options: BrowserContextOptions;
}

export interface Scene {
  name: string;
  settings?: Settings;
  /** Errors that the scene expects. */
  troubles?: RegExp;
  open: (stage: Stage) => Promise<Page>;
}

/** A PC with a live code. */
export async function code({ people, options }: Stage): Promise<{ pc: Page; id: string }> {
  const pc = await people.desktop(options);
  await openCode(pc);
  return { pc, id: idOf(await readCode(pc)) };
}

/** A PC whose code an app has scanned. */
export async function scanned(stage: Stage): Promise<{ pc: Page; id: string; app: Handset }> {
  const { pc, id } = await code(stage);
  const app = await Handset.signedIn(stage.server, 'dong');
  await app.scan(id);
  await expectPhase(pc, 'scanned');
  return { pc, id, app };
}

export interface SilentPc {
  pc: Page;
  id: string;
  post: (action: string) => Promise<void>;
}

/** A PC without a page: its code, and what it can do. */
export async function silentPc(people: People): Promise<SilentPc> {
  const pc = await people.desktop();
  const headers = { accept: 'application/json' };
  const issued = await pc.request.post('/api/qrcode/generate', { headers });
  const { id } = (await issued.json()) as { id: string };
  const post = async (action: string): Promise<void> => {
    const answer = await pc.request.post(`/api/qrcode/${action}`, { form: { id }, headers });
    expect(answer.ok(), action).toBe(true);
  };
  return { id, post, pc };
}

export async function phoneAt({ people, options }: Stage, id: string, account?: Account): Promise<Page> {
  const phone = await people.phone({ ...options, account });
  await phone.goto(`/confirm?id=${id}`);
  return phone;
}

/** The same, by a link on another site. */
export async function phoneSentTo({ people, server, options }: Stage, id: string, account?: Account): Promise<Page> {
  const phone = await people.phone({ ...options, account });
  await phone.setContent(`<a href="${server.url}/confirm?id=${id}">Elsewhere</a>`);
  await phone.getByRole('link').click();
  return phone;
}

/** Fills in the sign-in form and submits it. */
export async function signIn(page: Page, password: string): Promise<void> {
  await page.locator('input[name=username]').fill('dong');
  await page.locator('input[name=password]').fill(password);
  await page.locator('.sign-in .button').click();
}

/** A form after a wrong password. */
export async function refused(page: Page): Promise<Page> {
  await signIn(page, 'wrong');
  await expect(page.getByRole('alert')).toBeVisible();
  return page;
}

/** A phone with the decision page, and the requesting PC. */
export async function question(stage: Stage): Promise<{ phone: Page; post: (action: string) => Promise<void> }> {
  const { id, post } = await silentPc(stage.people);
  const phone = await phoneAt(stage, id, 'dong');
  await phone.locator('form.scan .button').click();
  await expect(phone.locator('.ask')).toHaveAttribute('data-phase', 'open');
  return { phone, post };
}

export async function decided(stage: Stage, button: 'confirm' | 'cancel'): Promise<Page> {
  const { phone } = await question(stage);
  await phone.locator(`button.${button}`).click();
  await expect(phone.locator('.outcome').filter({ visible: true })).toBeVisible();
  return phone;
}

/** A code that an app has confirmed, after `pause`, or faster than a person could. */
export async function confirmedByApp(
  { people, server }: Stage,
  pause: (pc: Page, id: string) => Promise<void> = async () => {},
): Promise<SilentPc> {
  const silent = await silentPc(people);
  const app = await Handset.signedIn(server, 'dong');
  await app.scan(silent.id);
  await pause(silent.pc, silent.id);
  await app.confirm(silent.id);
  return silent;
}

export async function at(page: Page, address: string): Promise<Page> {
  await page.goto(address);
  return page;
}
