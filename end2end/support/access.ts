// What people who change how pages look need from every page: magnified, in their own colours, with more contrast, and
// without motion; and what a screen reader finds in it.

import AxeBuilder from '@axe-core/playwright';
import { type Page, expect } from '@playwright/test';
import { look } from './desktop';

/** 1280 by 1024 pixels at 400 %, and the narrowest phone. */
const NARROW = [
  { width: 320, height: 256 },
  { width: 320, height: 640 },
];

/** All checks of a page that is open. `name` names the outline of its content, if that is kept. */
export async function expectAccess(page: Page, name?: string): Promise<void> {
  if (name) await expect.soft(page.locator('main')).toMatchAriaSnapshot({ name: `${name}.aria.yml` });
  const size = page.viewportSize();
  await expectNothingLost(page);
  await expectOwnColours(page);
  await page.emulateMedia({ contrast: 'more' });
  expect.soft(await unreadable(page), 'readable with more contrast').toEqual([]);
  await page.emulateMedia({ contrast: null });
  expect.soft(await motions(page), 'nothing moves').toEqual([]);
  if (size) await page.setViewportSize(size);
}

/** Magnification hides, cuts and covers nothing. */
async function expectNothingLost(page: Page): Promise<void> {
  const words = async () => (await page.locator('body').innerText()).replaceAll(/\s+/g, ' ');
  await page.setViewportSize({ width: 360, height: 740 });
  const usual = await words();
  for (const viewport of NARROW) {
    await page.setViewportSize(viewport);
    const where = `at ${viewport.width} by ${viewport.height}`;
    expect.soft(await words(), where).toBe(usual);
    const lost = await page.evaluate((width) => {
      const isSeen = (element: Element) => element.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true });
      const all = [...document.querySelectorAll<HTMLElement>('body *')].filter(isSeen);
      // A long name of the site or of a person may end in dots; what is only for screen readers is one pixel wide.
      const isCut = (element: HTMLElement) =>
        !element.matches('.unseen, .brand span, .name, .login, .stage, .login h2, .avatar, .view, .view *, input, svg, svg *') &&
        getComputedStyle(element).overflow !== 'visible' &&
        (element.scrollWidth > element.clientWidth + 1 || element.scrollHeight > element.clientHeight + 1);
      const covers = (element: HTMLElement) =>
        innerHeight < 480 && ['fixed', 'sticky'].includes(getComputedStyle(element).position) && !element.matches('.large');
      const name = (element: HTMLElement) => `${element.localName}.${element.className}`;
      return {
        cut: all.filter(isCut).map(name),
        covering: all.filter(covers).map(name),
        // On a phone the window itself grows with its content.
        excess: document.documentElement.scrollWidth - width,
      };
    }, viewport.width);
    expect.soft(lost, where).toEqual({ cut: [], covering: [], excess: 0 });
    const code = page.locator('[data-phase=waiting] .code svg').first();
    if (await code.isVisible()) {
      expect.soft((await code.boundingBox())?.width, `the code ${where}`).toBeGreaterThanOrEqual(200);
    }
  }
}

/** In the person's own colours, buttons and fields keep an edge, words are readable, and the code can be scanned. */
async function expectOwnColours(page: Page): Promise<void> {
  await page.setViewportSize({ width: 1280, height: 1024 });
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ forcedColors: 'active', colorScheme });
    const edgeless = await page.locator('.button:visible, input:not([type=file], [type=checkbox], [type=range]):visible').evaluateAll((elements) =>
      elements.filter((element) => Number.parseFloat(getComputedStyle(element).borderTopWidth) < 1).map(({ outerHTML }) => outerHTML),
    );
    expect.soft(edgeless, 'without an edge').toEqual([]);
    expect.soft(await unreadable(page), `readable in own colours, ${colorScheme}`).toEqual([]);
    if (await page.locator('[data-phase=waiting] .tile:not(.large) .code').isVisible()) {
      expect.soft(await look(page), 'the code').toMatch(/\/C\//);
    }
  }
  await page.emulateMedia({ forcedColors: null, colorScheme: null });
}

async function unreadable(page: Page): Promise<string[]> {
  // What is behind words in the scanner's view is a video.
  const { violations } = await new AxeBuilder({ page }).withRules('color-contrast').exclude('.view').analyze();
  return violations.flatMap(({ nodes }) => nodes.map(({ target }) => target.join(' ')));
}

/** What moves in spite of the person's wish. The delay after which a button takes the pointer moves nothing. */
async function motions(page: Page): Promise<string[]> {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  return page.evaluate(() =>
    document.getAnimations().map((animation) => (animation instanceof CSSAnimation ? animation.animationName : 'transition')).filter((name) => !name.startsWith('settle')),
  );
}
