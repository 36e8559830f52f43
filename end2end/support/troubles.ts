// What must not happen on any page: console errors, CSP violations, failed requests.

import { type BrowserContext, expect } from '@playwright/test';

// A test that acts before the style sheet has loaded aborts the view transition. People do not.
const OURS = /ViewTransition opt-in disabled/;

export class Troubles {
  private readonly found: string[] = [];
  private readonly expected = [OURS];

  /** Ignores errors of this kind, which the test expects. */
  expect(...patterns: RegExp[]): void {
    this.expected.push(...patterns);
  }

  async watch(context: BrowserContext, hasScript: boolean): Promise<void> {
    await context.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sourceFile }) =>
        console.error(`the policy ${violatedDirective} stopped ${blockedURI} in ${sourceFile}`),
      );
    });
    context.on('console', (message) => {
      if (message.type() === 'error') this.note('console', message.text(), message.location().url);
    });
    context.on('weberror', (error) => this.note('exception', error.error().message, error.page()?.url()));
    context.on('requestfailed', (request) => {
      const reason = request.failure()?.errorText ?? '';
      // Leaving a page aborts its requests; a browser without script does not fetch any.
      const isFine = ['net::ERR_ABORTED', 'NS_BINDING_ABORTED'].includes(reason) || (!hasScript && reason === 'csp');
      if (!isFine) this.note('request', reason, request.url());
    });
  }

  /** Fails the test if there was any error. */
  check(): void {
    const surprises = this.found.filter((trouble) => !this.expected.some((pattern) => pattern.test(trouble)));
    expect(surprises, 'no page has errors').toEqual([]);
  }

  private note(kind: string, text: string, where = ''): void {
    this.found.push(`${kind}: ${text} (${where})`);
  }
}
