// Screenshots of every page in every state, for people to look at.

import { forEachScene } from '../../support/gallery';
import { plainScenes, scenes } from '../../support/scenes';
import { expect } from '../../support/test';

const SIZES = [
  { width: 360, height: 740 },
  { width: 768, height: 1024 },
  { width: 1440, height: 900 },
];

forEachScene(
  [...scenes, ...plainScenes],
  (name) => `${name} fits every width, in both themes and languages`,
  async (scene, stage) => {
    for (const locale of ['en', 'zh-CN']) {
      const page = await scene.open({ ...stage, options: { locale, deviceScaleFactor: 1, reducedMotion: 'reduce' } });
      // A page without script refreshes itself; here it must not.
      await page.route('**/*', (route) =>
        route.request().isNavigationRequest() ? route.fulfill({ status: 204 }) : route.fallback(),
      );
      for (const viewport of SIZES) {
        await page.setViewportSize(viewport);
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme });
          const name = [locale, colorScheme, viewport.width, scene.name].join('-');
          await page.screenshot({ path: `test-results/screens/${name}.png`, fullPage: true, animations: 'disabled' });
        }
        const excess = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        expect.soft(excess, `nothing sticks out at ${viewport.width} in ${locale}`).toBeLessThanOrEqual(0);
      }
      await page.close();
    }
  },
);
