// A person who only uses the keyboard.

import { type Page, expect } from '@playwright/test';

/** The elements that each press of Tab reaches, in order, from the top of the page. The focus must be visible on each. */
export async function tabThrough(page: Page, stops: number): Promise<string[]> {
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  const names: string[] = [];
  for (let stop = 0; stop < stops; stop++) {
    await page.keyboard.press('Tab');
    const focus = page.locator(':focus');
    const name = await focus.evaluate((element) => {
      const label = element instanceof HTMLInputElement ? element.labels?.[0] : undefined;
      return element.getAttribute('aria-label') ?? (label ?? (element as HTMLElement)).innerText.trim();
    });
    await expect(focus, `${name} is on the screen`).toBeInViewport();
    const outline = await focus.evaluate((element) => {
      const { outlineStyle, outlineWidth } = getComputedStyle(element);
      return outlineStyle === 'none' ? 0 : Number.parseFloat(outlineWidth);
    });
    expect(outline, `${name} shows the focus`).toBeGreaterThanOrEqual(2);
    names.push(name);
  }
  return names;
}
