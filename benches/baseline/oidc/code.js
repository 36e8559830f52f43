// The code flow of an app on oidc-provider: RS256, PKCE, claims in the ID token, rotated refresh tokens, as qr-login does it.
// It is here to be measured against, not to be used: sign-in takes no password.
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { listen } from './listen.js'
import { Store } from './store.js'

// The app is trusted: nobody is asked for consent.
async function loadExistingGrant({ oidc: { client, session, provider } }) {
  const id = session.grantIdFor(client.clientId)
  const known = id && (await provider.Grant.find(id))
  if (known) return known
  const grant = new provider.Grant({ accountId: session.accountId, clientId: client.clientId })
  grant.addOIDCScope('openid profile email offline_access')
  await grant.save()
  return grant
}

const claims = (id) => ({
  sub: id,
  name: id,
  preferred_username: id,
  email: `${id}@example.com`,
  email_verified: true,
})

listen({
  adapter: Store,
  clients: [
    {
      client_id: 'app',
      client_secret: 'benchmark-benchmark-benchmark-benchmark-123',
      redirect_uris: ['https://app.example/callback'],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
    },
  ],
  claims: { openid: ['sub'], profile: ['name', 'preferred_username'], email: ['email', 'email_verified'] },
  conformIdTokenClaims: false,
  cookies: { keys: [randomBytes(32).toString('hex')] },
  jwks: { keys: [generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' })] },
  findAccount: (_ctx, id) => ({ accountId: id, claims: () => claims(id) }),
  issueRefreshToken: () => true,
  rotateRefreshToken: () => true,
  loadExistingGrant,
  interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
  ttl: { AccessToken: 900, Grant: 86400, IdToken: 900, Interaction: 900, RefreshToken: 86400, Session: 86400 },
  features: { devInteractions: { enabled: false }, introspection: { enabled: true } },
})
