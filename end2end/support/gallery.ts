// One test per scene.

import { type Scene, type Stage } from './scenes';
import { test } from './test';

/** Declares a test per scene, with the scene's settings. */
export function forEachScene(
  scenes: Scene[],
  title: (name: string) => string,
  body: (scene: Scene, stage: Omit<Stage, 'options'>) => Promise<void>,
): void {
  for (const scene of scenes) {
    test.describe(() => {
      test.use({ settings: scene.settings ?? {} });
      test(title(scene.name), async ({ people, server, troubles }) => {
        // A scene is opened more than once, and looked at from all sides.
        test.slow();
        if (scene.troubles) troubles.expect(scene.troubles);
        await body(scene, { people, server });
      });
    });
  }
}
