// Serves this folder. Any web server would do: the app is the files beside this one.
//   npm install
//   ISSUER=https://login.example CLIENT_ID=spa npm start

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';

const { ISSUER: issuer, CLIENT_ID: client_id, PORT = '4001' } = process.env;
const TYPES = { html: 'text/html', js: 'text/javascript', json: 'application/json' };
const FILES = ['index.html', 'app.js', 'manager.js', 'callback.html', 'popup.html'];
const LIBRARY = 'oidc-client-ts.min.js';
const library = new URL(`../browser/${LIBRARY}`, import.meta.resolve('oidc-client-ts'));

async function contentOf(name) {
  if (name === 'settings.json') return JSON.stringify({ issuer, client_id });
  if (name === LIBRARY) return readFile(library);
  return FILES.includes(name) ? readFile(new URL(name, import.meta.url)) : undefined;
}

const server = createServer(async (request, response) => {
  const name = new URL(request.url, 'http://localhost').pathname.slice(1) || 'index.html';
  const content = await contentOf(name);
  if (content === undefined) return response.writeHead(404).end();
  response.writeHead(200, { 'content-type': `${TYPES[name.split('.').pop()]}; charset=utf-8` }).end(content);
});
server.listen(Number(PORT), 'localhost', () => console.log(`ready: http://localhost:${server.address().port}`));
