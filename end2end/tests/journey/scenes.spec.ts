// Every page in every state: no barriers, nothing lost when people change how pages look, the same outline for screen readers, nothing that sticks out, no text of another language, a strict policy, and only
// files that exist; and screenshots for people to look at, if SCREENS is set (`make screens`). One test for all of them, because opening a state takes longer than looking at it.

import AxeBuilder from '@axe-core/playwright';
import { type Page } from '@playwright/test';
import { expectAccess } from '../../support/access';
import { forEachScene } from '../../support/gallery';
import { type Scene, plainScenes, scenes } from '../../support/scenes';
import { type People } from '../../support/people';
import { expect, test } from '../../support/test';
import { en, texts } from '../../support/words';

const SIZES = [
  { width: 360, height: 740 },
  { width: 768, height: 1024 },
  { width: 1440, height: 900 },
];
const THEMES = ['light', 'dark'] as const;
/** The language that the texts were written in, another script, and another direction. */
const LOCALES = ['en', 'zh-CN', 'ar'];
/** Two thousand files, which take as long as all else that is looked at here. */
const takesScreens = (process.env.SCREENS ?? '') !== '';

/** All texts of a page, including hidden ones and labels. */
async function saidBy(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const said = [document.title];
    for (const element of document.querySelectorAll('*:not(script, style, noscript)')) {
      for (const node of element.childNodes) if (node.nodeType === Node.TEXT_NODE) said.push(node.textContent ?? '');
      for (const name of ['aria-label', 'alt', 'title', 'placeholder', 'content']) {
        said.push(element.getAttribute(name) ?? '');
      }
    }
    return said.map((text) => text.trim()).filter((text) => text !== '');
  });
}

/** The English words in a text: a whole text, or several consecutive words. */
function englishIn(text: string): string | undefined {
  const parts = texts(en).flatMap((words) => words.split(/\{\{.*?\}\}/).map((part) => part.trim()));
  return parts.find((part) => part !== '' && (text === part || (part.includes(' ') && text.includes(part))));
}

/** The page as rendered for a browser without script, in a browser that can run the checks. */
async function revived(plain: Page, people: People): Promise<Page> {
  const answer = await plain.request.get(plain.url());
  const body = (await answer.text())
    .replaceAll(/<script[\s\S]*?<\/script>|<meta http-equiv[^>]*>/g, '')
    .replaceAll(/<\/?noscript>/g, '');
  const page = await people.desktop({ reducedMotion: 'reduce' });
  await page.route(plain.url(), (route) => route.fulfill({ contentType: 'text/html', body }));
  await page.goto(plain.url());
  return page;
}

async function expectNoBarriers(page: Page): Promise<void> {
  for (const colorScheme of THEMES) {
    await page.emulateMedia({ colorScheme });
    const { violations } = await new AxeBuilder({ page }).analyze();
    const found = violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`));
    expect.soft(found, colorScheme).toEqual([]);
  }
}

/** The URLs of all files that a page refers to. */
async function filesOf(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll('link[href]:not([rel=expect]), script[src], img[src]')].map((element) =>
      new URL(element.getAttribute('href') ?? element.getAttribute('src') ?? '', location.href).toString(),
    ),
  );
}

/** A strict policy with a nonce, and only files that exist. */
async function expectClean(page: Page): Promise<void> {
  const files = await filesOf(page);
  expect(files.length).toBeGreaterThan(0);
  for (const file of files) expect.soft((await page.request.get(file)).status(), file).toBe(200);
  const answer = await page.request.get(page.url(), { headers: { accept: 'text/html' } });
  const policy = answer.headers()['content-security-policy'] ?? '';
  expect.soft(policy).toContain("default-src 'none'");
  expect.soft(policy).not.toMatch(/'unsafe-(inline|eval)'/);
  expect.soft(policy).toMatch(/script-src [^;]*'nonce-[\w-]{16,}'/);
}

async function expectToFit(page: Page, scene: Scene, locale: string): Promise<void> {
  // A page without script refreshes itself; here it must not.
  await page.route('**/*', (route) =>
    route.request().isNavigationRequest() ? route.fulfill({ status: 204 }) : route.fallback(),
  );
  for (const viewport of SIZES) {
    await page.setViewportSize(viewport);
    for (const colorScheme of takesScreens ? THEMES : []) {
      await page.emulateMedia({ colorScheme });
      const name = [locale, colorScheme, viewport.width, scene.name].join('-');
      await page.screenshot({ path: `test-results/screens/${name}.png`, fullPage: true, animations: 'disabled' });
    }
    // Not than the window, which grows with its content on a phone.
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    expect.soft(width, `nothing sticks out at ${viewport.width} in ${locale}`).toBeLessThanOrEqual(viewport.width);
  }
}

// One file, but as many scenes at a time as there are workers.
test.describe.configure({ mode: 'parallel' });

forEachScene(
  [...scenes, ...plainScenes],
  (name) => `${name} has no barriers, fits every width in both themes and languages, and has a strict policy`,
  async (scene, stage) => {
    const isPlain = plainScenes.includes(scene);
    for (const locale of LOCALES) {
      const page = await scene.open({ ...stage, options: { locale, deviceScaleFactor: 1, reducedMotion: 'reduce' } });
      if (locale !== 'en' && !isPlain) {
        await expect(page.locator('html')).toHaveAttribute('lang', locale);
        expect.soft((await saidBy(page)).filter((text) => englishIn(text) !== undefined)).toEqual([]);
        await expectClean(page);
      }
      if (locale === 'en') await expectNoBarriers(isPlain ? await revived(page, stage.people) : page);
      if (locale === 'en' && !isPlain) await expectAccess(page, /^(pc|phone)-/.test(scene.name) ? scene.name : undefined);
      await expectToFit(page, scene, locale);
      await page.close();
    }
  },
);
