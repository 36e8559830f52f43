import { defineConfig, devices } from '@playwright/test';
import { chromium } from './support/chromium';
import { firefox, useFirefox } from './support/firefox';

export default defineConfig({
  testDir: 'tests',
  outputDir: 'test-results/failures',
  workers: 2,
  forbidOnly: true,
  // Retries only distinguish a flaky test from one that always fails; both count as failures.
  retries: process.env.CI ? 2 : 0,
  failOnFlakyTests: true,
  timeout: 60_000,
  // What a screen reader finds in each state of the PC's and the phone's pages: `--update-snapshots` writes it anew.
  expect: { timeout: 15_000, toMatchAriaSnapshot: { pathTemplate: 'aria/{arg}{ext}' } },
  reporter: [['list'], ['json', { outputFile: 'test-results/report.json' }]],
  projects: [
    { name: 'chromium', testIgnore: 'firefox/**', use: { ...devices['Desktop Chrome'], launchOptions: chromium } },
    ...(firefox ? [{ name: 'firefox', testMatch: 'firefox/**', use: useFirefox }] : []),
  ],
  use: {
    locale: 'en-US',
    // Recording every test would take a quarter of the time. To look at one: --trace on.
    trace: 'on-first-retry',
  },
});
