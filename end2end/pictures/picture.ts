// Where pictures are put, and the sizes of the screens on them.

import { type BrowserContextOptions, type Page } from '@playwright/test';
import { resolve } from 'node:path';

const FOLDER = resolve(__dirname, '../test-results/pictures');

/** The file of a picture. */
export const fileOf = (name: string): string => resolve(FOLDER, name);

export const phoneScreen: BrowserContextOptions = { viewport: { width: 390, height: 780 }, deviceScaleFactor: 2 };
export const pcScreen: BrowserContextOptions = { viewport: { width: 1280, height: 800 }, deviceScaleFactor: 1 };

/** Takes a picture of the screen. */
export async function take(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: fileOf(`${name}.png`), animations: 'disabled' });
}

/** What a camera sees of a PC's screen from a little to the side, as an SVG of 720 by 1280. */
export async function seen(pc: Page): Promise<string> {
  const { x, y, width } = (await pc.locator('.tile').boundingBox()) ?? { x: 0, y: 0, width: 0 };
  const clip = { x: x - 170, y: y - 150, width: width + 340, height: width + 340 };
  const shot = (await pc.screenshot({ clip })).toString('base64');
  return `<svg xmlns="http://www.w3.org/2000/svg" width="720" height="1280" viewBox="0 0 720 1280">
    <rect width="720" height="1280" fill="#3a3d44"/><rect y="1010" width="720" height="270" fill="#6d5a49"/>
    <g transform="translate(-120 230) rotate(-3) skewY(2)"><rect x="-12" y="-12" width="984" height="984" rx="24" fill="#15171c"/>
    <image href="data:image/png;base64,${shot}" width="960" height="960"/></g></svg>`;
}
