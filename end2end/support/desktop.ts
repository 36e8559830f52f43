// Actions and expectations of a person at a PC.

import { type Locator, type Page, expect } from '@playwright/test';
import jsQR from 'jsqr';
import { PNG } from 'pngjs';

export type Phase = 'waiting' | 'scanned' | 'asking' | 'confirmed' | 'cancelled' | 'resting' | 'offline' | 'busy';

/** Opens the sign-in page and waits until it is hydrated. */
export async function openCode(page: Page, address = '/'): Promise<void> {
  await page.goto(address);
  await expect(page.locator('.panel')).toHaveAttribute('data-awake', '');
}

export async function expectPhase(page: Page, phase: Phase): Promise<void> {
  await expect(page.locator('.panel')).toHaveAttribute('data-phase', phase);
}

/** The note over the code. */
export function note(page: Page, phase: Phase): Locator {
  return page.locator(`.note[data-note=${phase}]`);
}

/** Decodes the code as a camera would; `undefined` if it cannot. Inverted codes count as unreadable. */
export async function look(page: Page): Promise<string | undefined> {
  const { data, width, height } = PNG.sync.read(await page.screenshot());
  const read = jsQR(new Uint8ClampedArray(data), width, height, { inversionAttempts: 'dontInvert' })?.data;
  // jsQR detects an empty code in some lines of text.
  return read === '' ? undefined : read;
}

/** The text of the code on the screen, as soon as there is one other than `old`. */
export async function readCode(page: Page, old?: string): Promise<string> {
  let text: string | undefined;
  await expect
    .poll(async () => (text = await look(page)) !== undefined && text !== old, 'a new code is on the screen')
    .toBe(true);
  return text ?? '';
}

/** The ticket id in such a URL: 26 letters and digits, in base32, are the 32 hexadecimal digits of a UUID and two bits. */
export function idOf(address: string): string {
  const { pathname, searchParams } = new URL(address);
  if (!/^\/c\//i.test(pathname)) return searchParams.get('id') ?? '';
  const letters = [...pathname.slice(3).toUpperCase()];
  const value = letters.reduce((sum, letter) => sum * 32n + BigInt('ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter)), 0n);
  const digits = (value >> 2n).toString(16).padStart(32, '0');
  return [0, 8, 12, 16, 20].map((start, at, starts) => digits.slice(start, starts[at + 1])).join('-');
}

/** The URL without its host that the code's short one leads to. */
export function confirmPage(address: string): string {
  return `/confirm?id=${idOf(address)}`;
}

/** The button that confirms to continue as the person who approved. */
export function agreeButton(page: Page): Locator {
  return page.locator('[data-note=asking] [data-command=agree]');
}

/** Waits until the PC is signed in as that person. Tests approve faster than people read, so it may ask for confirmation. */
export async function expectSignedIn(page: Page, name: string): Promise<void> {
  const heading = page.getByRole('heading', { level: 1, name });
  await expect(heading.or(agreeButton(page))).toBeVisible();
  if (await agreeButton(page).isVisible()) await agreeButton(page).click();
  await expect(page).toHaveURL('/account');
  await expect(heading).toBeVisible();
}

/** Waits as long as a person needs to read the request: until the code has two seconds less left. */
export async function takeTime(page: Page, id: string): Promise<void> {
  await outlast(async () => (await (await page.request.get(`/api/qrcode/check?id=${id}`)).json()) as { expires_in: number });
}

/** The same, for a page whose requests only the browser can send. */
export async function outlast(check: () => Promise<{ expires_in: number }>): Promise<void> {
  // Seconds are rounded up.
  const last = (await check()).expires_in - 3;
  await expect.poll(async () => (await check()).expires_in).toBeLessThanOrEqual(last);
}
