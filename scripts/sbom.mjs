// The crates in the released binary and in its WASM, as CycloneDX 1.5 on standard output: `node scripts/sbom.mjs TARGET`.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

const target = process.argv[2] ?? 'x86_64-unknown-linux-musl'
const tree = (...args) => execFileSync('cargo', ['tree', '--locked', '--edges', 'normal', '--prefix', 'none',
  '--format', '{p}|{l}', ...args], { encoding: 'utf8' })
const lines = tree('--features', 'ssr', '--target', target) +
  tree('--no-default-features', '--features', 'hydrate', '--target', 'wasm32-unknown-unknown')

const hashes = new Map([...readFileSync('Cargo.lock', 'utf8')
  .matchAll(/name = "(.*)"\nversion = "(.*)"\nsource = .*\nchecksum = "(.*)"/g)].map(([, name, version, hash]) => [`${name}@${version}`, hash]))
const crates = new Map()
for (const line of lines.split('\n').filter(Boolean)) {
  const [, name, version, licence] = /^(\S+) v(\S+)[^|]*\|(.*?)(?: \(\*\))?$/.exec(line)
  crates.set(`${name}@${version}`, { name, version, licence: licence.trim() })
}
const component = ({ name, version, licence }, type = 'library') => {
  const hash = hashes.get(`${name}@${version}`)
  return {
    type,
    'bom-ref': `pkg:cargo/${name}@${version}`,
    name,
    version,
    purl: `pkg:cargo/${name}@${version}`,
    ...(licence && { licenses: [{ expression: licence.replace(/\s*\/\s*/g, ' OR ') }] }),
    ...(hash && { hashes: [{ alg: 'SHA-256', content: hash }] }),
  }
}
const { name, version } = JSON.parse(execFileSync('cargo', ['metadata', '--format-version=1', '--no-deps', '--locked'])).packages[0]
const itself = crates.get(`${name}@${version}`)
crates.delete(`${name}@${version}`)
console.log(JSON.stringify({
  bomFormat: 'CycloneDX',
  specVersion: '1.5',
  version: 1,
  metadata: { component: component(itself, 'application'), properties: [{ name: 'target', value: target }] },
  components: [...crates.values()].sort((a, b) => (a.name < b.name ? -1 : 1)).map((crate) => component(crate)),
}, null, 2))
