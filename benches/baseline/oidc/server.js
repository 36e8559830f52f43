// Scan to sign in by OAuth's device flow (RFC 8628) on oidc-provider, whose checks are all on. What a site has to write
// itself is as small and fast as it gets: short pages, records in Maps, and one account for every sign-in.
// It is here to be measured against, not to be used: sign-in takes no password.
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { listen } from './listen.js'
import { Store } from './store.js'

// The site trusts its own client, so consent is not requested twice: the confirmation on the phone is the consent.
async function loadExistingGrant({ oidc: { client, session, provider } }) {
  const id = session.grantIdFor(client.clientId)
  const known = id && (await provider.Grant.find(id))
  if (known) return known
  const grant = new provider.Grant({ accountId: session.accountId, clientId: client.clientId })
  grant.addOIDCScope('openid')
  await grant.save()
  return grant
}

const page = (body) => `<!DOCTYPE html><html lang="en"><title>Sign in</title><body>${body}</body></html>`

const configuration = {
  adapter: Store,
  clients: [
    {
      client_id: 'pc',
      token_endpoint_auth_method: 'none',
      grant_types: ['urn:ietf:params:oauth:grant-type:device_code'],
      response_types: [],
      redirect_uris: [],
      id_token_signed_response_alg: 'Ed25519',
    },
  ],
  cookies: { keys: [randomBytes(32).toString('hex')] },
  // The kind of key that qr-login signs with.
  jwks: { keys: [generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })] },
  // Scripts of its own pages alone.
  clientBasedCORS: (ctx, origin) => origin === ctx.oidc.issuer,
  findAccount: (_ctx, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  loadExistingGrant,
  interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
  ttl: { AccessToken: 3600, DeviceCode: 300, Grant: 86400, IdToken: 3600, Interaction: 3600, Session: 86400 },
  features: {
    devInteractions: { enabled: false },
    deviceFlow: {
      enabled: true,
      userCodeInputSource: (ctx, form) => {
        ctx.body = page(form)
      },
      userCodeConfirmSource: (ctx, form, client, _device, userCode) => {
        const button = '<button form="op.deviceConfirmForm">Sign in</button>'
        ctx.body = page(`<p>${client.clientId} shows ${userCode}</p>${form}${button}`)
      },
      successSource: (ctx) => {
        ctx.body = page('<p>Signed in</p>')
      },
    },
  },
}

listen(configuration)
