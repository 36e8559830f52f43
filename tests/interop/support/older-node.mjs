// Lets @modelcontextprotocol/conformance start on Node.js 20, whose `fs` has no `globSync`. The command that these tests
// run does not call it.

import fs from 'node:fs';
import { register } from 'node:module';

const hook = `
export async function resolve(specifier, context, next) {
  const isTheirs = specifier === 'fs' && context.parentURL?.includes('@modelcontextprotocol/conformance');
  if (!isTheirs) return next(specifier, context);
  const source = "export * from 'node:fs'; export const globSync = () => [];";
  return { url: 'data:text/javascript,' + encodeURIComponent(source), shortCircuit: true };
}`;

if (!fs.globSync) register(`data:text/javascript,${encodeURIComponent(hook)}`);
