import AxeBuilder from '@axe-core/playwright';
import { type Page } from '@playwright/test';
import { forEachScene } from '../../support/gallery';
import { plainScenes, scenes } from '../../support/scenes';
import { type People } from '../../support/people';
import { expect } from '../../support/test';

const options = { reducedMotion: 'reduce' } as const;

async function expectNoBarriers(page: Page): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    const { violations } = await new AxeBuilder({ page }).analyze();
    const found = violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`));
    expect.soft(found, colorScheme).toEqual([]);
  }
}

/** The page as rendered for a browser without script, in a browser that can run the checks. */
async function revived(plain: Page, people: People): Promise<Page> {
  const answer = await plain.request.get(plain.url());
  const body = (await answer.text())
    .replaceAll(/<script[\s\S]*?<\/script>|<meta http-equiv[^>]*>/g, '')
    .replaceAll(/<\/?noscript>/g, '');
  const page = await people.desktop(options);
  await page.route(plain.url(), (route) => route.fulfill({ contentType: 'text/html', body }));
  await page.goto(plain.url());
  return page;
}

forEachScene(
  scenes,
  (name) => `${name} has no barriers, light and dark`,
  async (scene, stage) => expectNoBarriers(await scene.open({ ...stage, options })),
);

forEachScene(
  plainScenes,
  (name) => `${name} has no barriers, light and dark`,
  async (scene, stage) => {
    const plain = await scene.open({ ...stage, options });
    await expectNoBarriers(await revived(plain, stage.people));
  },
);
