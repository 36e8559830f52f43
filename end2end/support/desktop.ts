// What a person at a PC sees and does.

import { type Locator, type Page, expect } from '@playwright/test';
import jsQR from 'jsqr';
import { PNG } from 'pngjs';

export type Phase = 'waiting' | 'scanned' | 'confirmed' | 'cancelled' | 'resting' | 'offline' | 'busy';

/** Opens the sign-in page and waits until it lives. */
export async function openCode(page: Page, address = '/'): Promise<void> {
  await page.goto(address);
  await expect(page.locator('.panel')).toHaveAttribute('data-awake', '');
}

export async function expectPhase(page: Page, phase: Phase): Promise<void> {
  await expect(page.locator('.panel')).toHaveAttribute('data-phase', phase);
}

/** The note that lies over the code. */
export function note(page: Page, phase: Phase): Locator {
  return page.locator(`.note[data-note=${phase}]`);
}

/** What a camera reads from the screen: what the code says, or nothing. Inverted codes count as unreadable. */
export async function look(page: Page): Promise<string | undefined> {
  const { data, width, height } = PNG.sync.read(await page.screenshot());
  return jsQR(new Uint8ClampedArray(data), width, height, { inversionAttempts: 'dontInvert' })?.data;
}

/** What the code on the screen says, as soon as there is one, and one other than `old`. */
export async function readCode(page: Page, old?: string): Promise<string> {
  let text: string | undefined;
  await expect
    .poll(async () => (text = await look(page)) !== undefined && text !== old, 'a new code is on the screen')
    .toBe(true);
  return text ?? '';
}

/** The id of the ticket that such an address is about. */
export function idOf(address: string): string {
  return new URL(address).searchParams.get('id') ?? '';
}

/** Waits until the PC is signed in as that person. */
export async function expectSignedIn(page: Page, name: string): Promise<void> {
  await expect(page).toHaveURL('/account');
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
}
